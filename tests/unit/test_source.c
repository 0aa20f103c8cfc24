/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources: line maps, columns in characters, and reading files that are not
 * what they seem.  Method: small texts at their edges; files in a fresh
 * folder, among them a FIFO that nobody writes to.
 */
#include <check.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/source.h"

static struct arena *arena;
static struct sources sources;

static void setup(void)
{
	arena = arena_new();
	sources_init(&sources, arena);
}

static void teardown(void)
{
	arena_free(arena);
}

static const struct source *add(const char *text)
{
	return sources_get(&sources,
			   sources_add(&sources, "t.gate", text, strlen(text),
				       span_none));
}

static void check_place(const struct source *src, uint32_t offset,
			uint32_t line, uint32_t column)
{
	struct place place = source_place(src, offset);

	ck_assert_uint_eq(place.line, line);
	ck_assert_uint_eq(place.column, column);
}

static void check_line(const struct source *src, uint32_t line,
		       const char *want)
{
	size_t len;
	const char *text = source_line(src, line, &len);

	ck_assert_uint_eq(len, strlen(want));
	ck_assert_int_eq(memcmp(text, want, len), 0);
}

START_TEST(places_at_the_edges)
{
	const struct source *src = add("ab\ncd\n\nx");

	check_place(src, 0, 1, 1);
	check_place(src, 1, 1, 2);
	check_place(src, 2, 1, 3); /* the newline itself */
	check_place(src, 3, 2, 1);
	check_place(src, 6, 3, 1);
	check_place(src, 7, 4, 1);
	check_place(src, 8, 4, 2); /* end of text */
	check_place(src, 99, 4, 2); /* past it */
	ck_assert_uint_eq(src->nlines, 4);
}
END_TEST

START_TEST(empty_text_has_one_line)
{
	const struct source *src = add("");

	ck_assert_uint_eq(src->nlines, 1);
	check_place(src, 0, 1, 1);
	check_line(src, 1, "");
}
END_TEST

START_TEST(columns_count_characters)
{
	const struct source *src = add("\xc3\xbc\xff x");

	check_place(src, 2, 1, 2);
	check_place(src, 3, 1, 3); /* a byte that is no UTF-8 is one */
	check_place(src, 4, 1, 4);
}
END_TEST

START_TEST(lines_lose_their_ends)
{
	const struct source *src = add("unix\ndos\r\n\r\nlast");

	check_line(src, 1, "unix");
	check_line(src, 2, "dos");
	check_line(src, 3, "");
	check_line(src, 4, "last");
}
END_TEST

START_TEST(many_sources_keep_their_numbers)
{
	for (uint32_t i = 1; i <= 100; i++) {
		char name[16];

		snprintf(name, sizeof(name), "f%u", i);
		ck_assert_uint_eq(sources_add(&sources, name, name,
					      strlen(name), span_none), i);
	}
	ck_assert_str_eq(sources_get(&sources, 1)->name, "f1");
	ck_assert_str_eq(sources_get(&sources, 100)->text, "f100");
	ck_assert_str_eq(sources_where(&sources, (struct span){ 7, 0, 1 }),
			 "f7:1");
	ck_assert_str_eq(sources_where(&sources, span_none), "(built in)");
}
END_TEST

START_TEST(spans_join)
{
	struct span a = { 1, 3, 5 }, b = { 1, 9, 12 };
	struct span both = span_join(a, b);

	ck_assert_uint_eq(both.start, 3);
	ck_assert_uint_eq(both.end, 12);
	ck_assert(span_is_none(span_none) && !span_is_none(both));
}
END_TEST

static void write_file(const char *path, size_t size)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_ne(f, NULL);
	for (size_t i = 0; i < size; i++)
		fputc('a' + (int)(i % 26), f);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(files_are_read_whole_or_refused)
{
	char folder[] = "/tmp/callgate-test-XXXXXX";
	char *text = NULL;
	size_t len = 0;

	ck_assert_ptr_ne(mkdtemp(folder), NULL);
	ck_assert_int_eq(chdir(folder), 0);
	write_file("f", 200000);
	ck_assert_int_eq(file_read("f", 200000, &text, &len), 0);
	ck_assert_uint_eq(len, 200000);
	ck_assert_int_eq(text[199999], 'a' + 199999 % 26);
	ck_assert_int_eq(text[len], '\0');
	free(text);
	ck_assert_int_eq(file_read("f", 199999, &text, &len), EFBIG);
	ck_assert_int_eq(file_read(".", 1000, &text, &len), EISDIR);
	ck_assert_int_eq(file_read("none", 1000, &text, &len), ENOENT);
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	ck_assert_int_eq(file_read("fifo", 1000, &text, &len), 0);
	ck_assert_uint_eq(len, 0);
	free(text);
	/* Has no size to look at beforehand and never ends. */
	ck_assert_int_eq(file_read("/dev/zero", 1 << 20, &text, &len), EFBIG);
	ck_assert_int_eq(unlink("f"), 0);
	ck_assert_int_eq(unlink("fifo"), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("source");
	TCase *tc = tcase_create("source");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, places_at_the_edges);
	tcase_add_test(tc, empty_text_has_one_line);
	tcase_add_test(tc, columns_count_characters);
	tcase_add_test(tc, lines_lose_their_ends);
	tcase_add_test(tc, many_sources_keep_their_numbers);
	tcase_add_test(tc, spans_join);
	tcase_add_test(tc, files_are_read_whole_or_refused);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
