/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fmt_value.c - words, values and conditions in the canonical layout
 *
 * Parentheses stand where they were written or are needed.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/bug.h"
#include "compiler/fmt.h"

void fmt_word(struct filler *f, const struct ast_word *word)
{
	fill_at(f, word->span.start);
	fill_bytes(f, word->text, word->len);
}

void fmt_string(struct filler *f, const char *text, size_t len)
{
	fill_text(f, "\"");
	while (len) {
		unsigned code = 0;
		size_t n = utf8_next(text, len, &code);
		char escaped[8];

		if (n && (code == '"' || code == '\\'))
			snprintf(escaped, sizeof(escaped), "\\%c", (int)code);
		else if (n && (code == '\n' || code == '\t'))
			snprintf(escaped, sizeof(escaped), "\\%c",
				 code == '\n' ? 'n' : 't');
		else
			snprintf(escaped, sizeof(escaped), "\\x%02x",
				 (unsigned char)*text);
		if (n && code >= 0x20 && code != 0x7f && code != '"' &&
		    code != '\\')
			fill_bytes(f, text, n);
		else
			fill_text(f, escaped);
		text += n ? n : 1;
		len -= n ? n : 1;
	}
	fill_text(f, "\"");
}

/* ---- values ---- */

static unsigned binding(const struct ast_value *v)
{
	switch (v->kind) {
	case VAL_RANGE:
		return BIND_RANGE;
	case VAL_OR:
		return BIND_OR;
	case VAL_AND:
		return BIND_AND;
	case VAL_SHIFT:
		return BIND_SHIFT;
	case VAL_NOT:
	case VAL_NEGATE:
		return BIND_UNARY;
	case VAL_NUMBER:
	case VAL_NAME:
	case VAL_STRING:
	case VAL_WILDCARD:
	case VAL_SET:
		return BIND_PRIMARY;
	}
	BUG("value kind %d", v->kind);
}

static void print_number(struct filler *f, const struct ast_value *v)
{
	char text[72];
	size_t n = sizeof(text);

	text[--n] = '\0';
	if (v->base == 2 || v->base == 8) {
		uint64_t left = v->number;

		do
			text[--n] = (char)('0' + left % v->base);
		while (left /= v->base);
		text[--n] = v->base == 2 ? 'b' : 'o';
		text[--n] = '0';
		fill_text(f, text + n);
		return;
	}
	snprintf(text, sizeof(text), v->base == 16 ? "0x%" PRIx64 : "%" PRIu64,
		 v->number);
	fill_text(f, text);
	fill_bytes(f, v->word.text ? v->word.text : "", v->word.len);
}

void fmt_list(struct filler *f, const struct ast_value *v)
{
	for (; v; v = v->next) {
		fmt_value(f, v, BIND_RANGE);
		if (v->next) {
			fill_text(f, ",");
			fill_gap(f, GAP_SPACE);
		}
	}
}

void fmt_except(struct filler *f, const struct ast_value *except)
{
	if (!except)
		return;
	fill_gap(f, GAP_SPACE);
	fill_text(f, "except");
	fill_space(f);
	if (except->kind == VAL_NAME && !except->next) {
		fmt_value(f, except, BIND_RANGE);
		return;
	}
	fill_text(f, "{ ");
	fmt_list(f, except);
	fill_text(f, " }");
}

static void print_pair(struct filler *f, const struct ast_value *v,
		       const char *op, unsigned least)
{
	fmt_value(f, v->left, least);
	fill_text(f, op);
	fill_gap(f, GAP_SOFT);
	fmt_value(f, v->right, least);
}

static void print_bare(struct filler *f, const struct ast_value *v)
{
	switch (v->kind) {
	case VAL_NUMBER:
		print_number(f, v);
		return;
	case VAL_NAME:
		fill_text(f, v->word.text);
		return;
	case VAL_STRING:
		fmt_string(f, v->word.text, v->word.len);
		return;
	case VAL_WILDCARD:
		fill_text(f, "_");
		return;
	case VAL_NOT:
	case VAL_NEGATE:
		fill_text(f, v->kind == VAL_NOT ? "~" : "-");
		fmt_value(f, v->left, BIND_UNARY);
		return;
	case VAL_OR:
		print_pair(f, v, "|", BIND_OR);
		return;
	case VAL_AND:
		print_pair(f, v, "&", BIND_AND);
		return;
	case VAL_SHIFT:
		print_pair(f, v, "<<", BIND_UNARY);
		return;
	case VAL_RANGE:
		print_pair(f, v, "..", BIND_OR);
		return;
	case VAL_SET:
		fill_text(f, "{ ");
		fmt_list(f, v->items);
		fill_text(f, " }");
		fmt_except(f, v->except);
		return;
	}
	BUG("value kind %d", v->kind);
}

void fmt_value(struct filler *f, const struct ast_value *v,
			unsigned least)
{
	bool parens = v->parens || binding(v) < least;

	fill_at(f, v->span.start);
	if (parens)
		fill_text(f, "(");
	print_bare(f, v);
	if (parens)
		fill_text(f, ")");
}

/* ---- conditions ---- */

static unsigned cond_binding(const struct ast_cond *c)
{
	switch (c->kind) {
	case AST_COND_OR:
		return 0;
	case AST_COND_AND:
		return 1;
	case AST_COND_NOT:
	case AST_COND_COMPARE:
		return 2;
	}
	BUG("condition kind %d", c->kind);
}

static void print_compare(struct filler *f, const struct ast_cond *c)
{
	if (c->mask_parens)
		fill_text(f, "(");
	fmt_word(f, &c->arg);
	if (c->mask) {
		fill_text(f, " & ");
		fmt_value(f, c->mask, BIND_SHIFT);
	}
	if (c->mask_parens)
		fill_text(f, ")");
	fill_space(f);
	fill_at(f, c->op_span.start);
	fill_text(f, ast_op_text(c->op));
	fill_space(f);
	fmt_value(f, c->value, BIND_RANGE);
}

void fmt_cond(struct filler *f, const struct ast_cond *c,
		       unsigned least)
{
	bool parens = c->parens || cond_binding(c) < least;

	fill_at(f, c->span.start);
	if (parens)
		fill_text(f, "(");
	switch (c->kind) {
	case AST_COND_COMPARE:
		print_compare(f, c);
		break;
	case AST_COND_NOT:
		fill_text(f, "not");
		fill_space(f);
		fmt_cond(f, c->left, 2);
		break;
	case AST_COND_AND:
	case AST_COND_OR:
		fmt_cond(f, c->left, cond_binding(c));
		fill_gap(f, GAP_SPACE);
		fill_text(f, c->kind == AST_COND_AND ? "and" : "or");
		fill_space(f);
		fmt_cond(f, c->right, cond_binding(c));
		break;
	}
	if (parens)
		fill_text(f, ")");
}
