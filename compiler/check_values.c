/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_values.c - the right side of a comparison: typed, per ABI
 *
 * A value knows whether it was written with '-' or built by '~', because
 * only then may bits above the operand's width be set.  A constant of the
 * kernel must be of the operand's family; constants that the profile
 * defines are judged by their parts.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "compiler/check_state.h"

struct diag *value_error(const struct value_context *v, enum diag_code code,
			 struct span at, const char *text)
{
	struct diag *d;

	d = diag_add(v->scope->u->diags, code,
		     span_is_none(v->use) ? at : v->use, "%s", text);
	if (!span_is_none(v->use))
		diag_label(d, at, "defined here");
	return d;
}

/* ---- names ---- */

static void report_unknown_constant(const struct value_context *v,
				    const struct ast_value *ast)
{
	family_id family = v->operand ? v->operand->family : FAMILY_NONE;
	struct unit *u = v->scope->u;
	struct nearest near;
	struct diag *d;

	d = diag_add(u->diags, E0305, ast->word.span, "unknown constant '%s'",
		     ast->word.text);
	if (diag_errors(u->diags) > DIAG_MAX)
		return;
	nearest_init(&near, ast->word.text, ast->word.len);
	for (size_t i = 0; i < constant_count(); i++)
		if (family == FAMILY_NONE ||
		    constant_in_family(constant_at(i), family))
			nearest_try(&near, constant_name(constant_at(i)));
	for (size_t i = 0; i < v->scope->consts.len && i < 1000; i++)
		nearest_try(&near,
			    arena_strndup(u->arena,
					  v->scope->consts.entries[i].text,
					  v->scope->consts.entries[i].len));
	if (near.n || family == FAMILY_NONE)
		help_nearest(d, &near);
	else
		help_examples(d, v);
}

static bool kernel_constant(const struct value_context *v,
			    const struct ast_value *ast,
			    const struct constant *c, struct value *out)
{
	struct diag *d;

	if (!value_check_family(v, ast, c))
		return false;
	if (!constant_value(c, v->abi, &out->bits)) {
		/* A definition need not suit every ABI until it is used. */
		if (!v->operand) {
			*out = (struct value){ 0, VALUE_PLAIN };
			return true;
		}
		d = value_error(v, E0310, ast->span,
				arena_printf(v->scope->u->arena,
					     "'%s' has no value on %s",
					     constant_name(c), v->abi->name));
		diag_help(d, "write the rule in an 'on' block of the ABIs "
			     "that have it");
		return false;
	}
	out->sign = out->bits >> 63 ? VALUE_OPEN : VALUE_PLAIN;
	return true;
}

static bool definition_enter(struct value_context *v,
			     const struct ast_value *ast,
			     struct const_def *def)
{
	struct unit *u = v->scope->u;

	if (def->bad)
		return false;
	if (def->active) {
		def->bad = true;
		diag_add(u->diags, E0319, ast->span, "'%s' is defined by itself",
			 def->name.text);
		return false;
	}
	if (v->scope->depth == DEFINITION_DEPTH_MAX) {
		def->bad = true;
		diag_add(u->diags, E0513, ast->span,
			 "more than %d definitions inside one another",
			 DEFINITION_DEPTH_MAX);
		return false;
	}
	def->active = true;
	v->scope->depth++;
	return true;
}

static void definition_leave(struct value_context *v, struct const_def *def)
{
	def->active = false;
	v->scope->depth--;
}

/*
 * Evaluates a definition as if its value stood where its name is.  The
 * built-in masks serve several calls: CLONE_NEWTIME is no flag of clone,
 * but CLONE_NEW_FLAGS may be used there.
 */
static struct value_context definition_context(const struct value_context *v,
					       const struct ast_value *ast,
					       const struct const_def *def)
{
	struct value_context inner = *v;

	if (v->operand && span_is_none(v->use))
		inner.use = ast->span;
	if (v->operand && def->builtin)
		inner.any_family = value_has_part_of(def->value, v->operand->family);
	return inner;
}

static bool profile_constant(struct value_context *v,
			     const struct ast_value *ast,
			     struct const_def *def, struct value *out)
{
	struct value_context inner = definition_context(v, ast, def);
	bool ok;

	if (!definition_enter(v, ast, def))
		return false;
	ok = value_single(&inner, def->value, out);
	definition_leave(v, def);
	if (!ok && !v->operand)
		def->bad = true;
	return ok;
}

static struct const_def *find_definition(const struct value_context *v,
					 const struct ast_value *ast,
					 const struct constant **kernel)
{
	*kernel = constant_find(ast->word.text, ast->word.len);
	return *kernel ? NULL
		       : scope_const(v->scope, ast->word.text, ast->word.len);
}

static bool value_of_name(struct value_context *v, const struct ast_value *ast,
			  struct value *out)
{
	const struct constant *c;
	struct const_def *def = find_definition(v, ast, &c);
	struct diag *d;

	if (c)
		return kernel_constant(v, ast, c, out);
	if (def)
		return profile_constant(v, ast, def, out);
	if (word_is(&ast->word, "NULL")) {
		d = value_error(v, E0309, ast->span,
				"NULL is a pointer, not a number");
		diag_help(d, "write 0");
		return false;
	}
	report_unknown_constant(v, ast);
	return false;
}

/* ---- arithmetic ---- */

static bool overflow(const struct value_context *v, const struct ast_value *ast)
{
	value_error(v, E0325, ast->span, "the value needs more than 64 bits");
	return false;
}

static bool value_negate(const struct value_context *v,
			 const struct ast_value *ast, struct value *x)
{
	if (x->sign == VALUE_PLAIN && x->bits > (uint64_t)1 << 63)
		return overflow(v, ast);
	x->bits = 0 - x->bits;
	x->sign = x->bits >> 63 ? VALUE_NEGATIVE : VALUE_PLAIN;
	return true;
}

static void value_complement(struct value *x)
{
	x->sign = x->sign == VALUE_PLAIN ? VALUE_OPEN : VALUE_PLAIN;
	x->bits = ~x->bits;
}

static bool value_shift(const struct value_context *v,
			const struct ast_value *ast, struct value *x,
			const struct value *by)
{
	uint64_t shifted;

	if (by->bits > 63)
		return overflow(v, ast);
	shifted = x->bits << by->bits;
	if (x->sign == VALUE_PLAIN && shifted >> by->bits != x->bits)
		return overflow(v, ast);
	x->bits = shifted;
	return true;
}

static void value_or(struct value *x, const struct value *y)
{
	x->bits |= y->bits;
	if (x->sign == VALUE_PLAIN || y->sign == VALUE_OPEN)
		x->sign = y->sign;
}

static void value_and(struct value *x, const struct value *y)
{
	x->bits &= y->bits;
	if (x->sign == VALUE_PLAIN || y->sign == VALUE_PLAIN)
		x->sign = VALUE_PLAIN;
	else if (y->sign == VALUE_OPEN)
		x->sign = VALUE_OPEN;
}

static bool value_binary(struct value_context *v, const struct ast_value *ast,
			 struct value *x, const struct value *y)
{
	if (ast->kind == VAL_SHIFT)
		return value_shift(v, ast, x, y);
	if (ast->kind == VAL_OR)
		value_or(x, y);
	else
		value_and(x, y);
	return true;
}

static bool value_pair(struct value_context *v, const struct ast_value *ast,
		       struct value *out)
{
	struct value right;

	return value_single(v, ast->left, out) &&
	       value_single(v, ast->right, &right) &&
	       value_binary(v, ast, out, &right);
}

static bool not_single(const struct value_context *v,
		       const struct ast_value *ast)
{
	struct diag *d;

	if (ast->kind == VAL_STRING) {
		d = value_error(v, E0309, ast->span,
				"a string where a number is expected");
		diag_note(d, "a filter sees registers, not the memory that "
			     "they point to");
		return false;
	}
	if (ast->kind == VAL_WILDCARD) {
		d = value_error(v, E0309, ast->span,
				"'_' where a number is expected");
		diag_note(d, "'_' is any value, in the calls of tests");
		return false;
	}
	d = value_error(v, E0309, ast->span,
			ast->kind == VAL_SET
				? "a set where one value is expected"
				: "a range where one value is expected");
	if (v->operand)
		diag_help(d, "use 'in' for sets and ranges");
	return false;
}

static bool value_of_kind(struct value_context *v, const struct ast_value *ast,
			  struct value *out)
{
	switch (ast->kind) {
	case VAL_NUMBER:
		*out = (struct value){ ast->number, VALUE_PLAIN };
		return true;
	case VAL_NAME:
		return value_of_name(v, ast, out);
	case VAL_NOT:
		if (!value_single(v, ast->left, out))
			return false;
		value_complement(out);
		return true;
	case VAL_NEGATE:
		return value_single(v, ast->left, out) &&
		       value_negate(v, ast, out);
	case VAL_OR:
	case VAL_AND:
	case VAL_SHIFT:
		return value_pair(v, ast, out);
	case VAL_STRING:
	case VAL_WILDCARD:
	case VAL_RANGE:
	case VAL_SET:
		return not_single(v, ast);
	}
	BUG("value kind %d", (int)ast->kind);
}

/* Recursion: AST_DEPTH_MAX within each of DEFINITION_DEPTH_MAX definitions. */
bool value_single(struct value_context *v, const struct ast_value *ast,
		  struct value *out)
{
	return scope_spend(v->scope, 1, ast->span) &&
	       value_of_kind(v, ast, out);
}

/* ---- sets ---- */

static bool backwards(const struct value_context *v,
		      const struct ast_value *ast)
{
	value_error(v, E0320, ast->span,
		    "the range ends before it begins");
	return false;
}

/* A range with a negative end is one of signed numbers. */
static bool value_range(struct value_context *v, const struct ast_value *ast,
			interval_vec *out)
{
	struct arena *a = v->scope->u->arena;
	struct value from, to;
	uint64_t lo, hi;
	int64_t slo, shi;

	if (!value_single(v, ast->left, &from) ||
	    !value_single(v, ast->right, &to))
		return false;
	if (!v->operand)
		return true;
	if (v->operand->is_signed &&
	    (from.sign != VALUE_PLAIN || to.sign != VALUE_PLAIN)) {
		if (!value_fit_signed(v, ast->left, &from, &slo) ||
		    !value_fit_signed(v, ast->right, &to, &shi))
			return false;
		if (slo > shi)
			return backwards(v, ast);
		push_signed(a, out, v->operand, slo, shi);
		return true;
	}
	if (!value_fit(v, ast->left, &from, &lo) ||
	    !value_fit(v, ast->right, &to, &hi))
		return false;
	if (lo > hi)
		return backwards(v, ast);
	/* 1..0xffffffff: no order of signed numbers holds that. */
	if (v->operand->is_signed &&
	    (lo ^ hi) > v->operand->mask >> 1)
		return value_fit_signed(v, ast->right, &to, &shi);
	vec_push(a, out, (struct interval){ lo, hi });
	return true;
}

static bool value_element(struct value_context *v, const struct ast_value *ast,
			  interval_vec *out)
{
	struct value value;
	uint64_t bits;

	if (!value_single(v, ast, &value))
		return false;
	if (!v->operand)
		return true;
	if (!value_fit(v, ast, &value, &bits))
		return false;
	vec_push(v->scope->u->arena, out, (struct interval){ bits, bits });
	return true;
}

static bool value_items(struct value_context *v, const struct ast_value *items,
			interval_vec *out)
{
	for (const struct ast_value *i = items; i; i = i->next)
		if (!value_set(v, i, out))
			return false;
	return true;
}

static int by_lo(const void *a, const void *b)
{
	const struct interval *x = a, *y = b;

	return (x->lo > y->lo) - (x->lo < y->lo);
}

/* What is left of each interval when the sorted holes are taken out. */
static void subtract(struct arena *a, const interval_vec *from,
		     const interval_vec *holes, interval_vec *out)
{
	if (holes->len)
		qsort(holes->data, holes->len, sizeof(*holes->data), by_lo);
	for (size_t i = 0; i < from->len; i++) {
		struct interval left = from->data[i];
		bool gone = false;

		for (size_t h = 0; h < holes->len && !gone; h++) {
			const struct interval *hole = &holes->data[h];

			if (hole->hi < left.lo || hole->lo > left.hi)
				continue;
			if (hole->lo > left.lo)
				vec_push(a, out, (struct interval){
							 left.lo,
							 hole->lo - 1 });
			gone = hole->hi >= left.hi;
			left.lo = hole->hi + 1;
		}
		if (!gone)
			vec_push(a, out, left);
	}
}

static bool value_braces(struct value_context *v, const struct ast_value *ast,
			 interval_vec *out)
{
	struct arena *a = v->scope->u->arena;
	interval_vec from = { 0 }, holes = { 0 };
	uint64_t work;

	if (!ast->except)
		return value_items(v, ast->items, out);
	if (!value_items(v, ast->items, &from) ||
	    !value_items(v, ast->except, &holes))
		return false;
	work = (uint64_t)from.len * holes.len / 16;
	if (!scope_spend(v->scope, work > UINT32_MAX ? UINT32_MAX
						     : (uint32_t)work,
			 ast->span))
		return false;
	subtract(a, &from, &holes, out);
	return true;
}

static bool set_of_name(struct value_context *v, const struct ast_value *ast,
			struct const_def *def, interval_vec *out)
{
	struct value_context inner = definition_context(v, ast, def);
	bool ok;

	if (!definition_enter(v, ast, def))
		return false;
	ok = value_set(&inner, def->value, out);
	definition_leave(v, def);
	if (!ok && !v->operand)
		def->bad = true;
	return ok;
}

static bool set_of_kind(struct value_context *v, const struct ast_value *ast,
			interval_vec *out)
{
	const struct constant *kernel;
	struct const_def *def;

	if (ast->kind == VAL_SET)
		return value_braces(v, ast, out);
	if (ast->kind == VAL_RANGE)
		return value_range(v, ast, out);
	if (ast->kind != VAL_NAME)
		return value_element(v, ast, out);
	def = find_definition(v, ast, &kernel);
	return def ? set_of_name(v, ast, def, out)
		   : value_element(v, ast, out);
}

bool value_set(struct value_context *v, const struct ast_value *ast,
	       interval_vec *out)
{
	return scope_spend(v->scope, 1, ast->span) && set_of_kind(v, ast, out);
}

void scope_check_consts(struct check_scope *s, const struct abi *abi)
{
	for (size_t i = 0; i < s->consts.len; i++) {
		struct const_def *def = s->consts.entries[i].value;
		struct value_context v = { .scope = s, .abi = abi };
		interval_vec ignored = { 0 };

		if (def->bad)
			continue;
		def->active = true;
		s->depth++;
		if (!value_set(&v, def->value, &ignored))
			def->bad = true;
		s->depth--;
		def->active = false;
	}
}
