/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: what the doors of grammar/, include.c and fmt.c promise to their
 * callers: spans, single calls, contextual keywords, balanced chains, the
 * built-in groups, and that fmt keeps the tree.
 * Method: small texts; for fmt every profile of the tree that parses.
 */
#include <check.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "compiler/parse.h"
#include "grammar/parser.h"

static struct unit *u;

static void setup(void)
{
	u = unit_new();
}

static void teardown(void)
{
	unit_free(u);
}

static struct ast_file *parse(const char *text)
{
	return parse_source(u, sources_add(&u->sources, "<t>", text,
					   strlen(text), span_none));
}

static struct ast_call *call(const char *text, bool *bare)
{
	return parse_call(u,
			  sources_add(&u->sources, "<t>", text, strlen(text),
				      span_none),
			  bare);
}

START_TEST(spans_cover_the_text)
{
	const char *text = "# c\ndefault kill;\n  allow read if a == 1;\n"
			   "on i386 { deny x; }";
	struct ast_file *f = parse(text);
	const struct ast_item *i = f->items;

	ck_assert_uint_eq(diag_errors(u->diags), 0);
	ck_assert_uint_eq(f->ncomments, 1);
	ck_assert_int_eq(i->kind, ITEM_DEFAULT);
	ck_assert_int_eq(i->span.start, 4);
	ck_assert_int_eq(text[i->span.end - 1], ';');
	i = i->next;
	ck_assert(!strncmp(text + i->span.start, "allow read", 10));
	ck_assert(!strncmp(text + i->cond->span.start, "a == 1;", 7));
	ck_assert(!strncmp(text + i->cond->op_span.start, "== 1", 4));
	ck_assert_int_eq(text[i->cond->span.end], ';');
	ck_assert(!strncmp(text + i->names.items->word.span.start, "read", 4));
	i = i->next;
	ck_assert_int_eq(i->kind, ITEM_ON);
	ck_assert_int_eq(text[i->span.end - 1], '}');
	ck_assert_ptr_null(i->next);
}
END_TEST

START_TEST(calls)
{
	bool bare;
	struct ast_call *c = call("socket(AF_INET, _, 0x1|2, \"s\")", &bare);

	ck_assert_ptr_nonnull(c);
	ck_assert(!bare);
	ck_assert_str_eq(c->name.text, "socket");
	ck_assert_int_eq(c->args->kind, VAL_NAME);
	ck_assert_int_eq(c->args->next->kind, VAL_WILDCARD);
	ck_assert_int_eq(c->args->next->next->kind, VAL_OR);
	ck_assert_int_eq(c->args->next->next->next->kind, VAL_STRING);
	c = call("mkdir", &bare);
	ck_assert(bare);
	ck_assert_str_eq(c->name.text, "mkdir");
	c = call("getpid()", &bare);
	ck_assert(!bare);
	ck_assert_ptr_null(c->args);
	c = call("600", &bare);
	ck_assert(bare);
	ck_assert_str_eq(c->name.text, "600");
	c = call("0x40000001(1)", &bare);
	ck_assert_str_eq(c->name.text, "0x40000001");
	ck_assert_uint_eq(diag_errors(u->diags), 0);
}
END_TEST

START_TEST(bad_calls)
{
	static const char *const bad[] = { "",	       "x(",   "x(1",
					   "x(1,)",    "x y",  "x(1) y",
					   "\"x\"",    "x;",   "(1)",
					   "x(a b)",   "@a",   "x(1" };
	bool bare;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		size_t before = diag_errors(u->diags);

		ck_assert_ptr_null(call(bad[i], &bare));
		ck_assert_uint_gt(diag_errors(u->diags), before);
	}
}
END_TEST

START_TEST(keywords_are_sorted_and_names)
{
	char text[128];

	for (size_t i = 0; keyword_at(i); i++) {
		const struct keyword *k = keyword_at(i);
		size_t before = diag_errors(u->diags);

		if (i)
			ck_assert_int_lt(strcmp(keyword_at(i - 1)->text,
						k->text), 0);
		ck_assert_uint_eq(strlen(k->text), k->len);
		ck_assert_ptr_eq(keyword_of(k->kind), k);
		snprintf(text, sizeof(text), "kill %s if %s == %s;", k->text,
			 k->text, k->text);
		parse(text);
		ck_assert_int_eq(diag_errors(u->diags) > before,
				 k->class == KEYWORD_RESERVED);
	}
	ck_assert_ptr_null(keyword_of('('));
}
END_TEST

static unsigned depth(const struct ast_cond *c)
{
	unsigned l, r;

	if (c->kind != AST_COND_OR)
		return 1;
	l = depth(c->left);
	r = depth(c->right);
	return 1 + (l > r ? l : r);
}

START_TEST(chains_are_balanced)
{
	struct str text = { 0 };
	struct ast_file *f;

	str_add(&text, "allow x if a == 0");
	for (int i = 1; i < 50000; i++)
		str_addf(&text, " or a == %d", i);
	str_add(&text, ";");
	f = parse(str_text(&text));
	str_fini(&text);
	ck_assert_uint_eq(diag_errors(u->diags), 0);
	ck_assert_uint_le(depth(f->items->cond), 17);
	ck_assert_uint_eq(f->items->cond->depth, 2);
}
END_TEST

START_TEST(errors_leave_the_rest)
{
	struct ast_file *f = parse("allow a\nallow b;\nalow c;\nallow d;\n"
				   "on i386 { deny e; alow f; deny g; }\n"
				   "const X = { 1 2 };\nallow h;");
	struct str text = { 0 };

	ck_assert_uint_eq(diag_errors(u->diags), 4);
	ast_dump(f, &text);
	ck_assert_str_eq(str_text(&text), "rule allow b\nrule allow d\n"
					  "on i386\n  rule deny e\n"
					  "  rule deny g\nrule allow h\n");
	str_fini(&text);
}
END_TEST

START_TEST(builtin_groups)
{
	const char *name;
	size_t n = 0;

	for (; (name = builtin_group_name(n)); n++) {
		struct ast_file *f =
			include_builtin_group(u, name, strlen(name));
		const struct ast_item *i;

		if (n)
			ck_assert_int_lt(strcmp(builtin_group_name(n - 1),
						name), 0);
		ck_assert_ptr_nonnull(f);
		ck_assert_ptr_eq(f, include_builtin_group(u, name,
							  strlen(name)));
		for (i = f->items; i && (i->kind != ITEM_GROUP ||
					 strcmp(i->word.text, name) != 0);)
			i = i->next;
		ck_assert_msg(i != NULL, "%s is not in its file", name);
	}
	ck_assert_uint_gt(n, 20);
	ck_assert_uint_eq(diag_errors(u->diags), 0);
	ck_assert_ptr_null(include_builtin_group(u, "@none", 5));
	ck_assert_ptr_null(include_builtin_group(u, "@constants", 10));
	ck_assert_ptr_nonnull(include_builtin_constants(u));
	ck_assert_ptr_eq(include_builtin_constants(u),
			 include_builtin_constants(u));
}
END_TEST

START_TEST(a_file_counts_once)
{
	struct ast_file *f = parse("include \"groups/basic-io.gate\";"
				   "include \"groups/basic-io.gate\";");

	include_resolve(u, f);
	ck_assert_uint_eq(diag_errors(u->diags), 0);
	ck_assert_ptr_nonnull(f->items->included);
	ck_assert_ptr_null(f->items->next->included);
	ck_assert_ptr_eq(f->items->included,
			 include_builtin_group(u, "@basic-io", 9));
}
END_TEST

/* The tree's text and the canonical print; false when it has errors. */
static bool print(const char *text, size_t len, struct str *tree,
		  struct str *canonical)
{
	struct unit *own = unit_new();
	struct ast_file *f = parse_source(
		own,
		sources_add(&own->sources, "<t>", text, len, span_none));
	bool good = !diag_errors(own->diags);

	if (good) {
		ast_dump(f, tree);
		fmt_file(own, f, canonical);
	}
	unit_free(own);
	return good;
}

static bool keeps_the_tree(const char *path)
{
	struct str tree = { 0 }, text = { 0 }, tree2 = { 0 }, text2 = { 0 };
	char *bytes;
	size_t len;
	bool good;

	ck_assert_int_eq(file_read(path, SOURCE_MAX_BYTES, &bytes, &len), 0);
	good = print(bytes, len, &tree, &text);
	free(bytes);
	if (good) {
		ck_assert_msg(print(str_text(&text), text.len, &tree2, &text2),
			      "%s: the print has errors", path);
		ck_assert_str_eq(str_text(&tree), str_text(&tree2));
		ck_assert_str_eq(str_text(&text), str_text(&text2));
	}
	str_fini(&tree);
	str_fini(&text);
	str_fini(&tree2);
	str_fini(&text2);
	return good;
}

START_TEST(fmt_keeps_the_tree)
{
	glob_t found = { 0 };
	size_t good = 0;

	ck_assert_int_eq(glob("tests/golden/*/*.gate", 0, NULL, &found), 0);
	glob("tests/golden/*/*.fmt", GLOB_APPEND, NULL, &found);
	glob("profiles/*/*.gate", GLOB_APPEND, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc; i++)
		good += keeps_the_tree(found.gl_pathv[i]);
	globfree(&found);
	ck_assert_uint_gt(good, 40);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("parse");
	TCase *t = tcase_create("parse");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, spans_cover_the_text);
	tcase_add_test(t, calls);
	tcase_add_test(t, bad_calls);
	tcase_add_test(t, keywords_are_sorted_and_names);
	tcase_add_test(t, chains_are_balanced);
	tcase_add_test(t, errors_leave_the_rest);
	tcase_add_test(t, builtin_groups);
	tcase_add_test(t, a_file_counts_once);
	tcase_add_test(t, fmt_keeps_the_tree);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
