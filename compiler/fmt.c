/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fmt.c - the canonical layout of a profile
 *
 * Four spaces, 80 columns, one line for an item where it fits.  What the
 * tree says is printed, so the result parses to the same tree, and printing
 * that again changes nothing.
 */
#include "compiler/fmt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "compiler/parse.h"

static void print_value(struct filler *f, const struct ast_value *v,
			unsigned least);

static void print_word(struct filler *f, const struct ast_word *word)
{
	fill_at(f, word->span.start);
	fill_bytes(f, word->text, word->len);
}

static void print_string(struct filler *f, const char *text, size_t len)
{
	fill_text(f, "\"");
	while (len) {
		unsigned code = 0;
		size_t n = utf8_next(text, len, &code);
		char escaped[8];

		if (n && (code == '"' || code == '\\'))
			snprintf(escaped, sizeof(escaped), "\\%c", (int)code);
		else if (code == '\n' || code == '\t')
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

enum { BIND_RANGE, BIND_OR, BIND_AND, BIND_SHIFT, BIND_UNARY, BIND_PRIMARY };

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

static void print_list(struct filler *f, const struct ast_value *v)
{
	for (; v; v = v->next) {
		print_value(f, v, BIND_RANGE);
		if (v->next) {
			fill_text(f, ",");
			fill_gap(f, GAP_SPACE);
		}
	}
}

static void print_except(struct filler *f, const struct ast_value *except)
{
	if (!except)
		return;
	fill_gap(f, GAP_SPACE);
	fill_text(f, "except");
	fill_gap(f, GAP_SPACE);
	if (except->kind == VAL_NAME && !except->next) {
		print_value(f, except, BIND_RANGE);
		return;
	}
	fill_text(f, "{");
	fill_gap(f, GAP_SPACE);
	print_list(f, except);
	fill_gap(f, GAP_SPACE);
	fill_text(f, "}");
}

static void print_pair(struct filler *f, const struct ast_value *v,
		       const char *op, unsigned least)
{
	print_value(f, v->left, least);
	fill_text(f, op);
	fill_gap(f, GAP_SOFT);
	print_value(f, v->right, least);
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
		print_string(f, v->word.text, v->word.len);
		return;
	case VAL_WILDCARD:
		fill_text(f, "_");
		return;
	case VAL_NOT:
	case VAL_NEGATE:
		fill_text(f, v->kind == VAL_NOT ? "~" : "-");
		print_value(f, v->left, BIND_UNARY);
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
		fill_text(f, "{");
		fill_gap(f, GAP_SPACE);
		print_list(f, v->items);
		fill_gap(f, GAP_SPACE);
		fill_text(f, "}");
		print_except(f, v->except);
		return;
	}
	BUG("value kind %d", v->kind);
}

static void print_value(struct filler *f, const struct ast_value *v,
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
	print_word(f, &c->arg);
	if (c->mask) {
		fill_gap(f, GAP_SPACE);
		fill_text(f, "& ");
		print_value(f, c->mask, BIND_SHIFT);
	}
	if (c->mask_parens)
		fill_text(f, ")");
	fill_gap(f, GAP_SPACE);
	fill_at(f, c->op_span.start);
	fill_text(f, ast_op_text(c->op));
	fill_gap(f, GAP_SPACE);
	print_value(f, c->value, BIND_RANGE);
}

static void print_cond(struct filler *f, const struct ast_cond *c,
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
		fill_gap(f, GAP_SPACE);
		print_cond(f, c->left, 2);
		break;
	case AST_COND_AND:
	case AST_COND_OR:
		print_cond(f, c->left, cond_binding(c));
		fill_gap(f, GAP_SPACE);
		fill_text(f, c->kind == AST_COND_AND ? "and" : "or");
		fill_gap(f, GAP_SPACE);
		print_cond(f, c->right, cond_binding(c));
		break;
	}
	if (parens)
		fill_text(f, ")");
}

/* ---- rules and lists of names ---- */

static void print_action(struct filler *f, const struct ast_action *a)
{
	print_word(f, &a->word);
	if (!a->data)
		return;
	fill_text(f, "(");
	print_value(f, a->data, BIND_RANGE);
	fill_text(f, ")");
}

static void print_name_list(struct filler *f, const struct ast_name *n)
{
	for (; n; n = n->next) {
		print_word(f, &n->word);
		if (n->next) {
			fill_text(f, ",");
			fill_gap(f, GAP_SPACE);
		}
	}
}

static void print_names(struct filler *f, const struct ast_names *names)
{
	print_name_list(f, names->items);
	if (!names->except)
		return;
	fill_gap(f, GAP_SPACE);
	fill_text(f, "except");
	fill_gap(f, GAP_SPACE);
	print_name_list(f, names->except);
}

static void print_rule(struct filler *f, const void *node)
{
	const struct ast_item *item = node;

	f->hang = f->indent + FMT_INDENT;
	print_action(f, &item->action);
	fill_gap(f, GAP_SPACE);
	print_names(f, &item->names);
	if (item->cond) {
		fill_gap(f, GAP_LINE);
		fill_text(f, "if");
		fill_gap(f, GAP_SPACE);
		f->hang = f->indent + 2 * FMT_INDENT;
		print_cond(f, item->cond, 0);
	}
	fill_text(f, ";");
}

static void print_words(struct filler *f, const struct ast_word *words,
			size_t n)
{
	for (size_t i = 0; i < n; i++) {
		print_word(f, &words[i]);
		if (i + 1 < n) {
			fill_text(f, ",");
			fill_gap(f, GAP_SPACE);
		}
	}
}

/* "{", then what `end` closes on lines of its own, then "}". */
static void open_braces(struct filler *f)
{
	fill_text(f, "{");
	f->hang = f->indent + FMT_INDENT;
	fill_gap(f, GAP_LINE);
}

static void close_braces(struct filler *f, uint32_t end)
{
	fill_at(f, end);
	fill_flush(f);
	f->hang = f->indent;
	fill_gap(f, GAP_LINE);
	fill_text(f, "}");
}

static void print_group(struct filler *f, const void *node)
{
	const struct ast_item *item = node;

	f->hang = f->indent + FMT_INDENT;
	fill_text(f, "group ");
	print_word(f, &item->word);
	fill_text(f, " = ");
	open_braces(f);
	print_name_list(f, item->names.items);
	if (item->names.except) {
		fill_gap(f, GAP_LINE);
		fill_text(f, "except");
		fill_gap(f, GAP_SPACE);
		print_name_list(f, item->names.except);
	}
	close_braces(f, item->names.span.end - 1);
	fill_text(f, ";");
}

static void print_const(struct filler *f, const void *node)
{
	const struct ast_item *item = node;
	const struct ast_value *v = item->value;

	f->hang = f->indent + FMT_INDENT;
	fill_text(f, "const ");
	print_word(f, &item->word);
	fill_text(f, " =");
	fill_gap(f, GAP_SPACE);
	if (v->kind != VAL_SET) {
		print_value(f, v, BIND_RANGE);
	} else {
		fill_at(f, v->span.start);
		open_braces(f);
		print_list(f, v->items);
		fill_flush(f);
		f->hang = f->indent;
		fill_gap(f, GAP_LINE);
		fill_text(f, "}");
		f->hang = f->indent + FMT_INDENT;
		print_except(f, v->except);
	}
	fill_text(f, ";");
}

/* include, arch, default, unknown, foreign, option */
static void print_short(struct filler *f, const void *node)
{
	const struct ast_item *item = node;
	const struct span *key = &item->keyword;

	f->hang = f->indent + FMT_INDENT;
	fill_bytes(f, f->text + key->start, key->end - key->start);
	fill_gap(f, GAP_SPACE);
	if (item->kind == ITEM_INCLUDE) {
		fill_at(f, item->word.span.start);
		print_string(f, item->word.text, item->word.len);
	} else if (item->kind == ITEM_ARCH) {
		print_words(f, item->abis, item->nabis);
	} else if (item->kind == ITEM_OPTION) {
		print_word(f, &item->word);
	} else {
		print_action(f, &item->action);
	}
	fill_text(f, ";");
}

/* ---- blocks ---- */

/* What follows, up to close_block(), is one level further in. */
static void open_block(struct filler *f)
{
	fill_text(f, "{");
	fill_flush(f);
	f->indent += FMT_INDENT;
	f->hang = f->indent;
	f->first = true;
}

static void block_line(struct filler *f, uint32_t at)
{
	if (f->flat)
		fill_gap(f, GAP_SPACE);
	else
		fill_line(f, at);
}

static void close_block(struct filler *f, uint32_t end, bool empty)
{
	size_t comments = f->comment;

	fill_end(f, end);
	f->indent -= FMT_INDENT;
	f->first = true;
	if (f->flat || (empty && f->comment == comments))
		fill_gap(f, GAP_SPACE);
	else
		fill_line(f, end);
	fill_text(f, "}");
	f->first = false;
}

static void print_on(struct filler *f, const void *node)
{
	const struct ast_item *item = node;

	f->hang = f->indent + FMT_INDENT;
	fill_text(f, "on ");
	print_words(f, item->abis, item->nabis);
	fill_gap(f, GAP_SPACE);
	open_block(f);
	for (const struct ast_item *i = item->items; i; i = i->next) {
		block_line(f, i->span.start);
		fill_fitting(f, print_rule, i);
		f->seen = i->span.end;
	}
	close_block(f, item->span.end - 1, !item->items);
}

static void print_settings(struct filler *f, const struct ast_setting *s);

static void print_setting(struct filler *f, const void *node)
{
	const struct ast_setting *s = node;

	f->hang = f->indent + FMT_INDENT;
	print_word(f, &s->word);
	for (const struct ast_value *v = s->operands; v; v = v->next) {
		if (v->comma)
			fill_text(f, ",");
		fill_gap(f, GAP_SPACE);
		print_value(f, v, BIND_RANGE);
	}
	if (s->has_block) {
		fill_gap(f, GAP_SPACE);
		open_block(f);
		print_settings(f, s->block);
		close_block(f, s->span.end - 1, !s->block);
	}
	fill_text(f, ";");
}

static void print_settings(struct filler *f, const struct ast_setting *s)
{
	for (; s; s = s->next) {
		block_line(f, s->span.start);
		if (s->has_block)
			print_setting(f, s);
		else
			fill_fitting(f, print_setting, s);
		fill_flush(f);
		f->seen = s->span.end;
	}
}

static void print_sandbox(struct filler *f, const struct ast_item *item)
{
	fill_text(f, "sandbox ");
	open_block(f);
	print_settings(f, item->settings);
	close_block(f, item->span.end - 1, !item->settings);
}

/* ---- tests ---- */

static void print_expects(struct filler *f, const struct ast_expect *e)
{
	static const char *const text[] = {
		[EXPECT_EXIT] = "exit ",
		[EXPECT_SIGNAL] = "signal ",
		[EXPECT_STDOUT_HAS] = "stdout has ",
		[EXPECT_STDERR_HAS] = "stderr has ",
	};

	for (; e; e = e->next) {
		fill_at(f, e->span.start);
		fill_text(f, text[e->kind]);
		print_value(f, e->value, BIND_RANGE);
		if (e->next) {
			fill_text(f, ",");
			fill_gap(f, GAP_SPACE);
		}
	}
}

static void print_test_line(struct filler *f, const void *node)
{
	const struct ast_test_line *l = node;

	f->hang = f->indent + FMT_INDENT;
	if (l->kind == TEST_CALL) {
		print_word(f, &l->call.name);
		fill_text(f, "(");
		print_list(f, l->call.args);
		fill_text(f, ")");
	} else {
		fill_text(f, "run");
		fill_gap(f, GAP_SPACE);
		print_list(f, l->command);
	}
	fill_gap(f, GAP_SPACE);
	fill_text(f, "=> ");
	if (l->kind == TEST_CALL)
		print_action(f, &l->action);
	else
		print_expects(f, l->expects);
	fill_text(f, ";");
}

static void print_test_on(struct filler *f, const void *node)
{
	const struct ast_test_line *on = node;

	f->hang = f->indent + FMT_INDENT;
	fill_text(f, "on ");
	print_words(f, on->abis, on->nabis);
	fill_gap(f, GAP_SPACE);
	open_block(f);
	for (const struct ast_test_line *l = on->lines; l; l = l->next) {
		block_line(f, l->span.start);
		fill_fitting(f, print_test_line, l);
		f->seen = l->span.end;
	}
	close_block(f, on->span.end - 1, !on->lines);
}

/* On one line when there is one line in it. */
static void print_test_lines(struct filler *f, const struct ast_test_line *l)
{
	for (; l; l = l->next) {
		block_line(f, l->span.start);
		if (l->kind != TEST_ON)
			fill_fitting(f, print_test_line, l);
		else if (l->lines && !l->lines->next)
			fill_fitting(f, print_test_on, l);
		else
			print_test_on(f, l);
		fill_flush(f);
		f->seen = l->span.end;
	}
}

static void print_test(struct filler *f, const struct ast_item *item)
{
	fill_text(f, "test ");
	fill_at(f, item->title_span.start);
	print_string(f, item->title, strlen(item->title));
	fill_text(f, " ");
	open_block(f);
	print_test_lines(f, item->lines);
	close_block(f, item->span.end - 1, !item->lines);
}

/* ---- the file ---- */

static void print_item(struct filler *f, const struct ast_item *item)
{
	switch (item->kind) {
	case ITEM_INCLUDE:
	case ITEM_ARCH:
	case ITEM_DEFAULT:
	case ITEM_UNKNOWN:
	case ITEM_FOREIGN:
	case ITEM_OPTION:
		fill_fitting(f, print_short, item);
		return;
	case ITEM_CONST:
		fill_fitting(f, print_const, item);
		return;
	case ITEM_GROUP:
		fill_fitting(f, print_group, item);
		return;
	case ITEM_RULE:
		fill_fitting(f, print_rule, item);
		return;
	case ITEM_ON:
		if (item->items && !item->items->next)
			fill_fitting(f, print_on, item);
		else
			print_on(f, item);
		return;
	case ITEM_SANDBOX:
		print_sandbox(f, item);
		return;
	case ITEM_TEST:
		print_test(f, item);
		return;
	}
	BUG("item kind %d", item->kind);
}

void fmt_file(struct unit *u, const struct ast_file *file, struct str *out)
{
	const struct source *src = sources_get(&u->sources, file->source);
	struct str text = { 0 }, chunk = { 0 };
	struct filler f = { .file = file,
			    .text = src->text,
			    .out = &text,
			    .chunk = &chunk,
			    .first = true };

	for (const struct ast_item *i = file->items; i; i = i->next) {
		fill_line(&f, i->span.start);
		print_item(&f, i);
		fill_flush(&f);
		f.seen = i->span.end;
	}
	fill_end(&f, src->len);
	if (text.len)
		str_addc(&text, '\n');
	str_add_bytes(out, str_text(&text), text.len);
	str_fini(&text);
	str_fini(&chunk);
}
