/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ast.c - the tree as text
 *
 * Recursion is bounded: the parser builds nothing deeper than
 * AST_DEPTH_MAX, chains being balanced.
 */
#include "compiler/ast.h"

#include <inttypes.h>

#include "base/bug.h"
#include "base/str.h"
#include "compiler/policy.h"

_Static_assert((int)AST_DEPTH_MAX == (int)COND_DEPTH_MAX,
	       "a condition that parses is not too deep for the policy");

static void dump_value(const struct ast_value *v, struct str *out);

static void dump_text(const struct ast_word *word, struct str *out)
{
	str_addc(out, '"');
	for (uint32_t i = 0; i < word->len; i++) {
		unsigned char c = (unsigned char)word->text[i];

		if (c == '"' || c == '\\' || c < 0x20 || c >= 0x7f)
			str_addf(out, "\\x%02x", c);
		else
			str_addc(out, (char)c);
	}
	str_addc(out, '"');
}

static void dump_values(const char *head, const struct ast_value *v,
			struct str *out)
{
	str_addf(out, "(%s", head);
	for (; v; v = v->next) {
		str_addc(out, ' ');
		if (v->comma)
			str_add(out, ", ");
		dump_value(v, out);
	}
	str_addc(out, ')');
}

static void dump_pair(const char *head, const struct ast_value *v,
		      struct str *out)
{
	str_addf(out, "(%s ", head);
	dump_value(v->left, out);
	if (v->right) {
		str_addc(out, ' ');
		dump_value(v->right, out);
	}
	str_addc(out, ')');
}

static void dump_number(const struct ast_value *v, struct str *out)
{
	switch (v->base) {
	case 2: case 8:
		str_addf(out, "%u:", v->base);
		break;
	case 16:
		str_addf(out, "0x%" PRIx64, v->number);
		return;
	default:
		break;
	}
	str_addf(out, "%" PRIu64, v->number);
	if (v->word.len)
		str_add(out, v->word.text);
}

static void dump_value(const struct ast_value *v, struct str *out)
{
	switch (v->kind) {
	case VAL_NUMBER:
		dump_number(v, out);
		return;
	case VAL_NAME:
		str_add(out, v->word.text);
		return;
	case VAL_STRING:
		dump_text(&v->word, out);
		return;
	case VAL_WILDCARD:
		str_addc(out, '_');
		return;
	case VAL_NOT:
		dump_pair("~", v, out);
		return;
	case VAL_NEGATE:
		dump_pair("-", v, out);
		return;
	case VAL_OR:
		dump_pair("|", v, out);
		return;
	case VAL_AND:
		dump_pair("&", v, out);
		return;
	case VAL_SHIFT:
		dump_pair("<<", v, out);
		return;
	case VAL_RANGE:
		dump_pair("..", v, out);
		return;
	case VAL_SET:
		dump_values("set", v->items, out);
		if (v->except)
			dump_values("except", v->except, out);
		return;
	}
	BUG("value kind %d", v->kind);
}

const char *ast_op_text(enum ast_op op)
{
	static const char *const text[] = {
		[OP_EQ] = "==",	  [OP_NE] = "!=",     [OP_LT] = "<",
		[OP_LE] = "<=",	  [OP_GT] = ">",      [OP_GE] = ">=",
		[OP_HAS] = "has", [OP_ANY] = "any",   [OP_ONLY] = "only",
		[OP_IN] = "in",
	};

	return text[op];
}

static void dump_cond(const struct ast_cond *c, struct str *out)
{
	switch (c->kind) {
	case AST_COND_COMPARE:
		str_addf(out, "(%s %s", ast_op_text(c->op), c->arg.text);
		if (c->mask) {
			str_add(out, " & ");
			dump_value(c->mask, out);
		}
		str_addc(out, ' ');
		dump_value(c->value, out);
		str_addc(out, ')');
		return;
	case AST_COND_NOT:
		str_add(out, "(not ");
		dump_cond(c->left, out);
		str_addc(out, ')');
		return;
	case AST_COND_AND:
	case AST_COND_OR:
		str_add(out, c->kind == AST_COND_AND ? "(and " : "(or ");
		dump_cond(c->left, out);
		str_addc(out, ' ');
		dump_cond(c->right, out);
		str_addc(out, ')');
		return;
	}
	BUG("condition kind %d", c->kind);
}

static void dump_action(const struct ast_action *a, struct str *out)
{
	str_add(out, a->word.text);
	if (a->data) {
		str_addc(out, '(');
		dump_value(a->data, out);
		str_addc(out, ')');
	}
}

static void dump_abis(const struct ast_word *abis, size_t n, struct str *out)
{
	for (size_t i = 0; i < n; i++)
		str_addf(out, " %s", abis[i].text);
}

static void dump_names(const struct ast_names *names, struct str *out)
{
	for (const struct ast_name *n = names->items; n; n = n->next)
		str_addf(out, " %s", n->word.text);
	if (names->except)
		str_add(out, " except");
	for (const struct ast_name *n = names->except; n; n = n->next)
		str_addf(out, " %s", n->word.text);
}

static void dump_indent(unsigned depth, struct str *out)
{
	for (unsigned i = 0; i < depth; i++)
		str_add(out, "  ");
}

static void dump_settings(const struct ast_setting *s, unsigned depth,
			  struct str *out)
{
	for (; s; s = s->next) {
		dump_indent(depth, out);
		dump_values(s->word.text, s->operands, out);
		str_add(out, s->has_block ? " block\n" : "\n");
		dump_settings(s->block, depth + 1, out);
	}
}

static void dump_expects(const struct ast_expect *e, struct str *out)
{
	static const char *const text[] = {
		[EXPECT_EXIT] = "exit",
		[EXPECT_SIGNAL] = "signal",
		[EXPECT_STDOUT_HAS] = "stdout",
		[EXPECT_STDERR_HAS] = "stderr",
	};

	for (; e; e = e->next) {
		str_addf(out, " %s ", text[e->kind]);
		dump_value(e->value, out);
	}
}

static void dump_lines(const struct ast_test_line *l, unsigned depth,
		       struct str *out)
{
	for (; l; l = l->next) {
		dump_indent(depth, out);
		switch (l->kind) {
		case TEST_CALL:
			dump_values(l->call.name.text, l->call.args, out);
			str_add(out, " => ");
			dump_action(&l->action, out);
			break;
		case TEST_RUN:
			dump_values("run", l->command, out);
			str_add(out, " =>");
			dump_expects(l->expects, out);
			break;
		case TEST_ON:
			str_add(out, "on");
			dump_abis(l->abis, l->nabis, out);
			break;
		}
		str_addc(out, '\n');
		dump_lines(l->lines, depth + 1, out);
	}
}

static void dump_rule(const struct ast_item *item, struct str *out)
{
	str_add(out, "rule ");
	dump_action(&item->action, out);
	dump_names(&item->names, out);
	if (item->cond) {
		str_add(out, " if ");
		dump_cond(item->cond, out);
	}
}

static const char *item_text(enum ast_item_kind kind)
{
	static const char *const text[] = {
		[ITEM_INCLUDE] = "include", [ITEM_ARCH] = "arch",
		[ITEM_DEFAULT] = "default", [ITEM_UNKNOWN] = "unknown",
		[ITEM_FOREIGN] = "foreign", [ITEM_OPTION] = "option",
		[ITEM_CONST] = "const",	    [ITEM_GROUP] = "group",
		[ITEM_RULE] = "rule",	    [ITEM_ON] = "on",
		[ITEM_SANDBOX] = "sandbox", [ITEM_TEST] = "test",
	};

	return text[kind];
}

static void dump_items(const struct ast_item *item, unsigned depth,
		       struct str *out);

static void dump_body(const struct ast_item *item, unsigned depth,
		      struct str *out)
{
	dump_items(item->items, depth, out);
	dump_settings(item->settings, depth, out);
	dump_lines(item->lines, depth, out);
	if (item->included)
		dump_items(item->included->items, depth, out);
}

static void dump_head(const struct ast_item *item, struct str *out)
{
	switch (item->kind) {
	case ITEM_INCLUDE:
		str_addc(out, ' ');
		dump_text(&item->word, out);
		return;
	case ITEM_DEFAULT:
	case ITEM_UNKNOWN:
	case ITEM_FOREIGN:
		str_addc(out, ' ');
		dump_action(&item->action, out);
		return;
	case ITEM_CONST:
		str_addf(out, " %s ", item->word.text);
		dump_value(item->value, out);
		return;
	case ITEM_OPTION:
	case ITEM_GROUP:
		str_addf(out, " %s", item->word.text);
		dump_names(&item->names, out);
		return;
	case ITEM_ARCH:
	case ITEM_ON:
		dump_abis(item->abis, item->nabis, out);
		return;
	case ITEM_TEST:
		str_addf(out, " %s", item->title);
		return;
	case ITEM_RULE:
	case ITEM_SANDBOX:
		return;
	}
	BUG("item kind %d", item->kind);
}

static void dump_items(const struct ast_item *item, unsigned depth,
		       struct str *out)
{
	for (; item; item = item->next) {
		dump_indent(depth, out);
		if (item->kind == ITEM_RULE)
			dump_rule(item, out);
		else
			str_add(out, item_text(item->kind));
		dump_head(item, out);
		str_addc(out, '\n');
		dump_body(item, depth + 1, out);
	}
}

void ast_dump(const struct ast_file *file, struct str *out)
{
	dump_items(file->items, 0, out);
}
