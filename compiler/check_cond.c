/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_cond.c - conditions: operators become interval sets
 *
 * A comparison is built anew for each call and ABI of its rule, because
 * register, width, sign and constants' values are theirs.  What is said
 * about a comparison as such (never true, always true) is said once, after
 * all of them were seen.
 */
#include <inttypes.h>
#include <string.h>

#include "base/bug.h"
#include "compiler/check_state.h"

/* ---- the comparisons of a condition ---- */

typedef VEC(struct leaf) leaf_vec;

/* AST_DEPTH_MAX bounds the recursion. */
static void collect(struct arena *a, const struct ast_cond *c, bool inverted,
		    leaf_vec *list)
{
	switch (c->kind) {
	case AST_COND_COMPARE:
		vec_push(a, list,
			 (struct leaf){ .ast = c, .inverted = inverted });
		return;
	case AST_COND_NOT:
		collect(a, c->left, !inverted, list);
		return;
	case AST_COND_AND:
	case AST_COND_OR:
		collect(a, c->left, inverted, list);
		collect(a, c->right, inverted, list);
		return;
	}
	BUG("condition kind %d", (int)c->kind);
}

void leaves_collect(struct unit *u, const struct ast_cond *cond,
		    struct leaves *out)
{
	leaf_vec list = { 0 };

	collect(u->arena, cond, false, &list);
	out->list = list.data;
	out->n = list.len;
}

/* ---- what is compared ---- */

int register_of(const struct ast_word *name)
{
	if (name->len != 4 || memcmp(name->text, "reg", 3) ||
	    name->text[3] < '0' || name->text[3] >= '0' + ARGS_MAX)
		return -1;
	return name->text[3] - '0';
}

static enum operand_state operand_register(const struct abi *abi, int reg,
					   const struct ast_word *name,
					   struct operand *out)
{
	*out = (struct operand){
		.name = name->text,
		.at = abi_reg_words(abi, (unsigned)reg),
		.mask = UINT64_MAX >> (64 - abi->word_bits),
		.bits = abi->word_bits,
	};
	if (abi->word_bits <= 32)
		out->at.hi = ARG_NO_WORD;
	return OPERAND_OK;
}

enum operand_state operand_find(const struct abi *abi,
				const struct syscall_desc *call,
				const struct ast_word *name,
				struct operand *out)
{
	const struct sig_arg *arg;
	int reg = register_of(name);

	if (reg >= 0)
		return operand_register(abi, reg, name, out);
	arg = syscall_arg(call, name->text, name->len);
	if (!arg)
		return OPERAND_NO_ARGUMENT;
	if (arg->reg == ARG_NO_REG)
		return OPERAND_NO_REGISTER;
	*out = (struct operand){
		.name = name->text,
		.call = sysname_text(call->name),
		.desc = call,
		.at = sig_arg_words(abi, arg),
		.mask = sig_arg_mask(arg),
		.bits = arg->bits,
		.is_signed = arg->is_signed,
		.is_pointer = arg->kind == ARG_POINTER,
		.family = arg->family,
	};
	return OPERAND_OK;
}

void note_arguments(struct diag *d, const struct syscall_desc *call,
		    const struct abi *abi)
{
	struct str text = { 0 };

	for (unsigned i = 0; i < call->nargs; i++)
		str_addf(&text, "%s%s", i ? ", " : "",
			 sig_arg_name(&syscall_args(call)[i]));
	diag_note(d, "%s%s%s%s takes %s", abi ? "on " : "",
		  abi ? abi->name : "", abi ? ", " : "",
		  sysname_text(call->name), call->nargs ? text.text : "no arguments");
	str_fini(&text);
}

/* ---- comparisons ---- */

struct compare {
	struct check_scope *scope;
	const struct abi *abi;
	const struct ast_cond *ast;
	struct leaf *leaf;
	struct operand operand;
	struct value_context values;
	uint64_t mask; /* the operand's bits that are looked at */
};

static struct arena *arena_of(const struct compare *k)
{
	return k->scope->u->arena;
}

static const struct cond *in_set(const struct compare *k, uint64_t mask,
				 const interval_vec *set)
{
	return cond_in(arena_of(k), k->ast->span, k->operand.at, mask,
		       (uint32_t)set->len, set->data);
}

static const struct cond *in_range(const struct compare *k, uint64_t mask,
				   uint64_t lo, uint64_t hi)
{
	struct interval one = { lo, hi };

	return cond_in(arena_of(k), k->ast->span, k->operand.at, mask, 1, &one);
}

static const struct cond *failed(struct compare *k)
{
	k->leaf->seen |= SEEN_ERROR;
	return cond_true(arena_of(k), k->ast->span);
}

/* Why pointers are not compared: the thing itself is out of sight. */
static const struct cond *pointer_error(struct compare *k)
{
	struct diag *d = diag_add(
		k->scope->u->diags, E0307, k->ast->span,
		"'%s' of %s is a pointer: it can only be compared with NULL",
		k->operand.name, k->operand.call);

	diag_note(d, "a filter sees the address; the kernel reads the memory "
		     "after the filter ran, and another thread may change it "
		     "in between");
	if (k->ast->value->kind == VAL_STRING)
		diag_help(d, "to choose files by their path, use 'read' and "
			     "'write' in the sandbox block");
	else if (k->ast->value->kind == VAL_NUMBER && !k->ast->value->number &&
		 !k->ast->mask)
		diag_help(d, "write NULL");
	else
		diag_help(d, "allow or deny the call as a whole, or limit "
			     "files with 'read' and 'write' in the sandbox "
			     "block");
	return failed(k);
}

static const struct cond *compare_pointer(struct compare *k)
{
	const struct ast_value *value = k->ast->value;
	const struct cond *null;

	if (k->ast->mask || value->kind != VAL_NAME ||
	    !word_is(&value->word, "NULL") ||
	    (k->ast->op != OP_EQ && k->ast->op != OP_NE))
		return pointer_error(k);
	null = in_range(k, k->operand.mask, 0, 0);
	return k->ast->op == OP_EQ ? null
				   : cond_not(arena_of(k), k->ast->span, null);
}

static bool single(struct compare *k, const struct ast_value *ast,
		   uint64_t *out)
{
	struct value value;

	return value_single(&k->values, ast, &value) &&
	       value_fit(&k->values, ast, &value, out);
}

static const struct cond *compare_equal(struct compare *k)
{
	uint64_t value;

	if (!single(k, k->ast->value, &value))
		return failed(k);
	k->leaf->why = "the mask removes bits that the value has";
	return in_range(k, k->mask, value, value);
}

static const char one_sided[] =
	"all that the argument can hold lies on one side of it";

static const struct cond *order_signed(struct compare *k)
{
	const struct operand *o = &k->operand;
	int64_t least = INT64_MIN >> (64 - o->bits), v;
	interval_vec set = { 0 };
	struct value value;

	if (!value_single(&k->values, k->ast->value, &value) ||
	    !value_fit_signed(&k->values, k->ast->value, &value, &v))
		return failed(k);
	k->leaf->why = one_sided;
	if (k->ast->op == OP_LT && v > least)
		push_signed(arena_of(k), &set, o, least, v - 1);
	else if (k->ast->op == OP_LE)
		push_signed(arena_of(k), &set, o, least, v);
	else if (k->ast->op == OP_GT && v < ~least)
		push_signed(arena_of(k), &set, o, v + 1, ~least);
	else if (k->ast->op == OP_GE)
		push_signed(arena_of(k), &set, o, v, ~least);
	return in_set(k, k->mask, &set);
}

static const struct cond *order_unsigned(struct compare *k)
{
	interval_vec set = { 0 };
	uint64_t v;

	if (!single(k, k->ast->value, &v))
		return failed(k);
	k->leaf->why = v ? one_sided : "the argument is unsigned";
	if (k->ast->op == OP_LT && v)
		vec_push(arena_of(k), &set, (struct interval){ 0, v - 1 });
	else if (k->ast->op == OP_LE)
		vec_push(arena_of(k), &set, (struct interval){ 0, v });
	else if (k->ast->op == OP_GT && v < UINT64_MAX)
		vec_push(arena_of(k), &set,
			 (struct interval){ v + 1, UINT64_MAX });
	else if (k->ast->op == OP_GE)
		vec_push(arena_of(k), &set, (struct interval){ v, UINT64_MAX });
	return in_set(k, k->mask, &set);
}

static const struct cond *no_bits(struct compare *k)
{
	struct diag *d;

	d = diag_add(k->scope->u->diags, E0405, k->ast->value->span,
		     "'%s' needs at least one bit, this is 0",
		     k->ast->op == OP_HAS ? "has" : "any");
	diag_help(d, "write '%s == 0' for no bits at all, or use 'only'",
		  k->ast->arg.text);
	return failed(k);
}

/* open and openat set O_LARGEFILE by themselves on 64-bit kernels. */
static uint64_t ignored_by_only(const struct compare *k)
{
	const struct constant *c;
	uint64_t value;

	if (!k->operand.call || (strcmp(k->operand.call, "open") &&
				 strcmp(k->operand.call, "openat")))
		return 0;
	c = constant_find("O_LARGEFILE", strlen("O_LARGEFILE"));
	if (!c || !constant_in_family(c, k->operand.family) ||
	    !constant_value(c, k->abi, &value))
		return 0;
	return value;
}

static const struct cond *compare_bits(struct compare *k)
{
	uint64_t v, others;

	if (!single(k, k->ast->value, &v))
		return failed(k);
	if (k->ast->op == OP_ONLY) {
		others = k->mask & ~v & ~ignored_by_only(k);
		k->leaf->why = "no bit is left that it forbids";
		return in_range(k, others, 0, 0);
	}
	if (!v)
		return no_bits(k);
	k->leaf->why = "the mask removes the bits that are asked for";
	if (k->ast->op == OP_HAS)
		return in_range(k, v & k->mask, v, v);
	return cond_not(arena_of(k), k->ast->span,
			in_range(k, v & k->mask, 0, 0));
}

/* `x & 1 in { 1, 2 }`: the 2 would be dropped in silence. */
static bool elements_fit_mask(struct compare *k, const interval_vec *set)
{
	for (size_t i = 0; i < set->len; i++) {
		uint64_t v = set->data[i].lo;

		if (v != set->data[i].hi || !(v & ~k->mask))
			continue;
		diag_add(k->scope->u->diags, E0404, k->ast->value->span,
			 "the set's %#" PRIx64
			 " can never be equal: the mask is %#" PRIx64,
			 v, k->mask);
		return false;
	}
	return true;
}

static const struct cond *compare_in(struct compare *k)
{
	interval_vec set = { 0 };

	if (!value_set(&k->values, k->ast->value, &set) ||
	    !elements_fit_mask(k, &set))
		return failed(k);
	k->leaf->why = set.len ? "the set holds every value"
			       : "the set is empty";
	return in_set(k, k->mask, &set);
}

static const struct cond *compare_op(struct compare *k)
{
	switch (k->ast->op) {
	case OP_EQ:
		return compare_equal(k);
	case OP_NE:
		return cond_not(arena_of(k), k->ast->span, compare_equal(k));
	case OP_LT:
	case OP_LE:
	case OP_GT:
	case OP_GE:
		return k->operand.is_signed ? order_signed(k)
					    : order_unsigned(k);
	case OP_HAS:
	case OP_ANY:
	case OP_ONLY:
		return compare_bits(k);
	case OP_IN:
		return compare_in(k);
	}
	BUG("operator %d", (int)k->ast->op);
}

static bool compare_mask(struct compare *k)
{
	uint64_t mask;

	k->mask = k->operand.mask;
	if (!k->ast->mask)
		return true;
	if (!single(k, k->ast->mask, &mask))
		return false;
	k->mask &= mask;
	if (k->mask)
		return true;
	diag_add(k->scope->u->diags, E0405, k->ast->mask->span,
		 "the mask is 0: nothing is left to compare");
	return false;
}

static bool family_is_flags(const struct operand *o)
{
	return o->family != FAMILY_NONE && family_get(o->family)->is_flags;
}

static void note_verdict(struct leaf *leaf, const struct cond *c)
{
	leaf->seen |= cond_is_true(c)	 ? SEEN_TRUE
		      : cond_is_false(c) ? SEEN_FALSE
					 : SEEN_OTHER;
}

static const struct cond *compare_build(struct compare *k)
{
	const struct cond *c;

	if (k->leaf->seen & SEEN_ERROR ||
	    !scope_spend(k->scope, 1, k->ast->span))
		return failed(k);
	k->values = (struct value_context){ .scope = k->scope,
					    .abi = k->abi,
					    .operand = &k->operand };
	if (k->operand.is_pointer)
		return compare_pointer(k);
	if (!compare_mask(k))
		return failed(k);
	k->leaf->is_flags |= family_is_flags(&k->operand);
	c = compare_op(k);
	note_verdict(k->leaf, c);
	return c;
}

/* ---- whole conditions ---- */

struct build {
	struct check_scope *scope;
	const struct abi *abi;
	const struct syscall_desc *call;
	struct leaf *next;
};

static const struct cond *build(struct build *b, const struct ast_cond *ast);

static const struct cond *build_compare(struct build *b,
					const struct ast_cond *ast)
{
	struct compare k = { .scope = b->scope,
			     .abi = b->abi,
			     .ast = ast,
			     .leaf = b->next++ };

	if (operand_find(b->abi, b->call, &ast->arg, &k.operand) != OPERAND_OK)
		return failed(&k);
	if (!k.operand.call)
		k.operand.call = sysname_text(b->call->name);
	return compare_build(&k);
}

typedef VEC(const struct cond *) cond_vec;

/* The parts of a chain of one operator, left to right. */
static void build_parts(struct build *b, const struct ast_cond *ast,
			enum ast_cond_kind chain, cond_vec *parts)
{
	if (ast->kind != chain) {
		vec_push(b->scope->u->arena, parts, build(b, ast));
		return;
	}
	build_parts(b, ast->left, chain, parts);
	build_parts(b, ast->right, chain, parts);
}

static const struct cond *build(struct build *b, const struct ast_cond *ast)
{
	struct arena *a = b->scope->u->arena;
	cond_vec parts = { 0 };

	switch (ast->kind) {
	case AST_COND_COMPARE:
		return build_compare(b, ast);
	case AST_COND_NOT:
		return cond_not(a, ast->span, build(b, ast->left));
	case AST_COND_AND:
		build_parts(b, ast, AST_COND_AND, &parts);
		return cond_and(a, ast->span, (uint32_t)parts.len, parts.data);
	case AST_COND_OR:
		build_parts(b, ast, AST_COND_OR, &parts);
		return cond_or(a, ast->span, (uint32_t)parts.len, parts.data);
	}
	BUG("condition kind %d", (int)ast->kind);
}

const struct cond *cond_build(struct check_scope *s, const struct ast_cond *ast,
			      const struct abi *abi,
			      const struct syscall_desc *call,
			      struct leaves *leaves)
{
	struct build b = { s, abi, call, leaves->list };

	return build(&b, ast);
}

/* ---- what was seen ---- */

static void report_never(struct unit *u, const struct leaf *leaf)
{
	struct diag *d = diag_add(u->diags, E0404, leaf->ast->span,
				  "the comparison can never be true");

	if (leaf->why)
		diag_note(d, "%s", leaf->why);
}

static void report_always(struct unit *u, const struct leaf *leaf)
{
	struct diag *d = diag_add(u->diags, W0404, leaf->ast->span,
				  "the comparison is always true");

	if (leaf->why)
		diag_note(d, "%s", leaf->why);
}

/*
 * A rule that denies one exact combination of bits is evaded by setting
 * any other bit; so is one that allows all but that combination.
 */
static void report_exact_flags(struct unit *u, const struct leaf *leaf,
			       struct action action)
{
	const struct ast_cond *ast = leaf->ast;
	bool equal = ast->op == OP_EQ || ast->op == OP_IN;
	struct diag *d;

	if (!leaf->is_flags || ast->mask || (!equal && ast->op != OP_NE) ||
	    (ast->value->kind == VAL_NUMBER && !ast->value->number))
		return;
	if ((equal != leaf->inverted) == action_may_execute(action))
		return;
	d = diag_add(u->diags, W0411, ast->span,
		     "'%s' holds bits: the call with one more bit set evades "
		     "this rule",
		     ast->arg.text);
	diag_help(d, "use 'has' (all of these bits) or 'any' (at least one)");
}

void leaves_report(struct unit *u, const struct leaves *leaves,
		   struct action action)
{
	for (size_t i = 0; i < leaves->n; i++) {
		const struct leaf *leaf = &leaves->list[i];

		if (leaf->seen & SEEN_ERROR)
			continue;
		if (leaf->seen == SEEN_FALSE) {
			report_never(u, leaf);
			continue;
		}
		if (leaf->seen == SEEN_TRUE)
			report_always(u, leaf);
		report_exact_flags(u, leaf, action);
	}
}
