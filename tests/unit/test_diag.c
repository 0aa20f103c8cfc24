/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagnostics: text and JSON to the letter, order, repeats, caps, and lines
 * that are long, cut or not UTF-8.  Method: print to memory and compare.
 */
#include <check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"

static struct arena *arena;
static struct sources sources;
static struct diag_sink *sink;
static char *printed;

static void setup(void)
{
	arena = arena_new();
	sources_init(&sources, arena);
	sink = diag_sink_new(arena, &sources);
	printed = NULL;
}

static void teardown(void)
{
	free(printed);
	arena_free(arena);
}

static uint32_t add_text(const char *text)
{
	return sources_add(&sources, "t.gate", text, strlen(text), span_none);
}

static const char *print(enum diag_format format)
{
	size_t len;
	FILE *f;

	free(printed);
	f = open_memstream(&printed, &len);
	diag_print(sink, format, f);
	fclose(f);
	return printed;
}

static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	while ((text = strstr(text, word)))
		n++, text++;
	return n;
}

START_TEST(text_shows_line_and_marks)
{
	uint32_t s = add_text("default kill;\nallow reed, write;\n");
	struct diag *d = diag_add(sink, E0501, (struct span){ s, 20, 24 },
				  "no call '%s'", "reed");

	diag_label(d, (struct span){ s, 0, 7 }, "this decides");
	diag_note(d, "note %d", 1);
	diag_help(d, "did you mean 'read'?");
	ck_assert_str_eq(print(DIAG_TEXT),
			 "t.gate:2:7: error[E0501]: no call 'reed'\n"
			 "    2 | allow reed, write;\n"
			 "      |       ^^^^\n"
			 "    1 | default kill;\n"
			 "      | ~~~~~~~ this decides\n"
			 "      = note: note 1\n"
			 "      = help: did you mean 'read'?\n");
	ck_assert_uint_eq(diag_errors(sink), 1);
	ck_assert_uint_eq(diag_warnings(sink), 0);
}
END_TEST

START_TEST(no_place_is_the_program)
{
	diag_add(sink, E0501, span_none, "cannot read '%s'", "x\x1b[0m");
	ck_assert_str_eq(print(DIAG_TEXT),
			 "callgate: error[E0501]: cannot read 'x\\x1b[0m'\n");
}
END_TEST

START_TEST(json_is_escaped)
{
	uint32_t s = add_text("ab\ncd");
	struct diag *d = diag_add(sink, E0502, (struct span){ s, 3, 5 },
				  "a \"b\" \\ \n \xff");

	diag_help(d, "h");
	ck_assert_str_eq(
		print(DIAG_JSON),
		"[{\"code\": \"E0502\", \"severity\": \"error\", "
		"\"message\": \"a \\\"b\\\" \\\\ \\u000a \\ufffd\", "
		"\"at\": {\"file\": \"t.gate\", \"line\": 2, \"column\": 1, "
		"\"end_line\": 2, \"end_column\": 3}, \"labels\": [], "
		"\"notes\": [{\"kind\": \"help\", \"message\": \"h\"}]}]\n");
}
END_TEST

START_TEST(json_without_records_is_an_empty_array)
{
	ck_assert_str_eq(print(DIAG_JSON), "[]\n");
}
END_TEST

START_TEST(order_is_by_place_and_repeats_drop)
{
	uint32_t s = add_text("a b c d");
	const char *text;

	diag_add(sink, E0501, (struct span){ s, 4, 5 }, "third");
	diag_add(sink, E0501, (struct span){ s, 0, 1 }, "first");
	diag_add(sink, E0501, (struct span){ s, 2, 3 }, "second");
	diag_add(sink, E0501, (struct span){ s, 2, 3 }, "second");
	diag_add(sink, E0501, (struct span){ s, 2, 3 }, "other");
	text = print(DIAG_TEXT);
	ck_assert(strstr(text, "first") < strstr(text, "second"));
	ck_assert(strstr(text, "second") < strstr(text, "other"));
	ck_assert(strstr(text, "other") < strstr(text, "third"));
	ck_assert_uint_eq(count(text, "second"), 1);
}
END_TEST

START_TEST(errors_shown_are_capped)
{
	uint32_t s = add_text("0123456789012345678901234567890");

	for (uint32_t i = 0; i < DIAG_ERRORS_SHOWN + 5; i++)
		diag_add(sink, E0501, (struct span){ s, i, i + 1 }, "e%u", i);
	print(DIAG_TEXT);
	ck_assert_uint_eq(count(printed, "error["), DIAG_ERRORS_SHOWN);
	ck_assert_ptr_ne(strstr(printed, "5 more messages"), NULL);
	ck_assert_uint_eq(count(print(DIAG_JSON), "E0501"),
			  DIAG_ERRORS_SHOWN + 5);
}
END_TEST

START_TEST(records_are_capped_but_counted)
{
	uint32_t s = add_text("x");

	for (unsigned i = 0; i < DIAG_MAX + 50; i++) {
		struct diag *d = diag_add(sink, E0501,
					  (struct span){ s, 0, 1 }, "e%u", i);

		for (unsigned j = 0; j < DIAG_NOTES_MAX + 2; j++)
			diag_note(d, "n%u", j);
		for (unsigned j = 0; j < DIAG_LABELS_MAX + 2; j++)
			diag_label(d, (struct span){ s, 0, 1 }, "l%u", j);
	}
	ck_assert_uint_eq(diag_errors(sink), DIAG_MAX + 50);
	ck_assert_uint_eq(count(print(DIAG_JSON), "E0501"), DIAG_MAX);
	ck_assert_uint_eq(count(printed, "\"note\""),
			  DIAG_MAX * DIAG_NOTES_MAX);
	print(DIAG_TEXT);
	ck_assert_ptr_ne(strstr(printed, "230 more messages"), NULL);
}
END_TEST

/* A span deep in a long line, and one that runs past its end. */
START_TEST(long_lines_are_cut)
{
	char text[5001];
	uint32_t s;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	text[4000] = 'Y';
	s = add_text(text);
	diag_add(sink, E0501, (struct span){ s, 4000, 4001 }, "here");
	diag_add(sink, E0501, (struct span){ s, 100, 5000 }, "wide");
	print(DIAG_TEXT);
	for (const char *line = printed; *line;) {
		const char *end = strchr(line, '\n');

		ck_assert_int_lt(end - line, 200);
		line = end + 1;
	}
	ck_assert_ptr_ne(strchr(printed, 'Y'), NULL);
}
END_TEST

/* The caret stands under the bytes as they are shown, not as they are. */
START_TEST(marks_follow_what_is_shown)
{
	uint32_t s = add_text("\x01\xc3\xbc Z");

	diag_add(sink, E0501, (struct span){ s, 4, 5 }, "z");
	print(DIAG_TEXT);
	ck_assert_ptr_ne(strstr(printed, "    1 | \\x01\xc3\xbc Z\n"
					 "      |       ^\n"), NULL);
}
END_TEST

START_TEST(every_code_has_a_name_and_title)
{
	for (unsigned code = 0; code < DIAG_CODES; code++) {
		const char *name = diag_code_name(code);
		enum severity severity = diag_code_severity(code);

		ck_assert_uint_eq(strlen(name), 5);
		ck_assert_uint_gt(strlen(diag_code_title(code)), 5);
		ck_assert_int_eq(name[0], severity == SEV_ERROR ? 'E' : 'W');
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("diag");
	TCase *tc = tcase_create("diag");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, text_shows_line_and_marks);
	tcase_add_test(tc, no_place_is_the_program);
	tcase_add_test(tc, json_is_escaped);
	tcase_add_test(tc, json_without_records_is_an_empty_array);
	tcase_add_test(tc, order_is_by_place_and_repeats_drop);
	tcase_add_test(tc, errors_shown_are_capped);
	tcase_add_test(tc, records_are_capped_but_counted);
	tcase_add_test(tc, long_lines_are_cut);
	tcase_add_test(tc, marks_follow_what_is_shown);
	tcase_add_test(tc, every_code_has_a_name_and_title);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
