/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fmt.c - the canonical layout of a profile
 *
 * Four spaces, 80 columns, one line for an item where it fits.  What the
 * tree says is printed, so the result parses to the same tree, and printing
 * that again changes nothing.
 */
#include "compiler/fmt.h"

#include <string.h>

#include "base/bug.h"
#include "compiler/parse.h"

/* ---- rules and lists of names ---- */

static void print_action(struct filler *f, const struct ast_action *a)
{
	fmt_word(f, &a->word);
	if (!a->data)
		return;
	fill_text(f, "(");
	fmt_value(f, a->data, BIND_RANGE);
	fill_text(f, ")");
}

static void print_name_list(struct filler *f, const struct ast_name *n)
{
	for (; n; n = n->next) {
		fmt_word(f, &n->word);
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
	fill_space(f);
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
		fill_space(f);
		f->hang = f->indent + 2 * FMT_INDENT;
		fmt_cond(f, item->cond, 0);
	}
	fill_text(f, ";");
}

static void print_words(struct filler *f, const struct ast_word *words,
			size_t n)
{
	for (size_t i = 0; i < n; i++) {
		fmt_word(f, &words[i]);
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
	f->hang = f->indent;
	fill_gap(f, GAP_LINE);
	fill_text(f, "}");
}

static void print_group(struct filler *f, const void *node)
{
	const struct ast_item *item = node;

	f->hang = f->indent + FMT_INDENT;
	fill_text(f, "group ");
	fmt_word(f, &item->word);
	fill_text(f, " = ");
	open_braces(f);
	print_name_list(f, item->names.items);
	if (item->names.except) {
		fill_gap(f, GAP_LINE);
		fill_text(f, "except");
		fill_space(f);
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
	fmt_word(f, &item->word);
	fill_text(f, " =");
	fill_gap(f, GAP_SPACE);
	if (v->kind != VAL_SET) {
		fmt_value(f, v, BIND_RANGE);
	} else {
		fill_at(f, v->span.start);
		open_braces(f);
		fmt_list(f, v->items);
		f->hang = f->indent;
		fill_gap(f, GAP_LINE);
		fill_text(f, "}");
		f->hang = f->indent + FMT_INDENT;
		fmt_except(f, v->except);
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
		fmt_string(f, item->word.text, item->word.len);
	} else if (item->kind == ITEM_ARCH) {
		print_words(f, item->abis, item->nabis);
	} else if (item->kind == ITEM_OPTION) {
		fmt_word(f, &item->word);
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
	fmt_word(f, &s->word);
	for (const struct ast_value *v = s->operands; v; v = v->next) {
		if (v->comma)
			fill_text(f, ",");
		fill_gap(f, GAP_SPACE);
		fmt_value(f, v, BIND_RANGE);
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
		fmt_value(f, e->value, BIND_RANGE);
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
		fmt_word(f, &l->call.name);
		fill_text(f, "(");
		fmt_list(f, l->call.args);
		fill_text(f, ")");
	} else {
		fill_text(f, "run");
		fill_gap(f, GAP_SPACE);
		fmt_list(f, l->command);
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
	fmt_string(f, item->title, strlen(item->title));
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
