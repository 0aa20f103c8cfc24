/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "Did you mean": distances, limits and order of candidates.  Method: words
 * with known edits against small lists.
 */
#include <check.h>

#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "base/nearest.h"
#include "base/str.h"

static const char *text_for(const char *word, const char *const *list,
			    size_t n)
{
	static char text[200];
	struct nearest nearest;
	struct str out = { 0 };

	nearest_init(&nearest, word, strlen(word));
	for (size_t i = 0; i < n; i++)
		nearest_try(&nearest, list[i]);
	nearest_text(&nearest, &out);
	snprintf(text, sizeof(text), "%s", str_text(&out));
	str_fini(&out);
	return text;
}

static const char *one(const char *word, const char *candidate)
{
	return text_for(word, &candidate, 1);
}

START_TEST(one_edit_is_near)
{
	ck_assert_str_eq(one("mkdri", "mkdir"), "'mkdir'"); /* swapped */
	ck_assert_str_eq(one("mkdr", "mkdir"), "'mkdir'");
	ck_assert_str_eq(one("mkdirr", "mkdir"), "'mkdir'");
	ck_assert_str_eq(one("mkdor", "mkdir"), "'mkdir'");
	ck_assert_str_eq(one("af_inet", "AF_INET"), "'AF_INET'");
}
END_TEST

START_TEST(far_words_are_not_offered)
{
	ck_assert_str_eq(one("frobnicate", "openat"), "");
	ck_assert_str_eq(one("abc", "xyz"), "");
	ck_assert_str_eq(one("", "a"), "");
	/* Two edits are too many for three letters. */
	ck_assert_str_eq(one("dpu", "dup"), "'dup'");
	ck_assert_str_eq(one("dqv", "dup"), "");
}
END_TEST

START_TEST(best_comes_first)
{
	static const char *const list[] = { "openat2", "open", "openat" };

	ck_assert_str_eq(text_for("openatt", list, ARRAY_LEN(list)),
			 "'openat2' or 'openat'");
	ck_assert_str_eq(text_for("opena", list, ARRAY_LEN(list)),
			 "'open', 'openat' or 'openat2'");
}
END_TEST

START_TEST(repeats_are_one)
{
	static const char *const list[] = { "read", "read" };

	ck_assert_str_eq(text_for("raed", list, ARRAY_LEN(list)), "'read'");
}
END_TEST

START_TEST(only_the_best_three_are_kept)
{
	static const char *const list[] = { "aaaabb", "aaaaab", "aaaac",
					    "aaaad", "aaaaa" };
	const char *text = text_for("aaaaa", list, ARRAY_LEN(list));

	ck_assert_ptr_eq(strstr(text, "'aaaaa'"), text);
	ck_assert_ptr_eq(strstr(text, "aaaabb"), NULL);
}
END_TEST

START_TEST(long_words_are_left_alone)
{
	char word[200];

	memset(word, 'a', sizeof(word));
	word[sizeof(word) - 1] = '\0';
	ck_assert_str_eq(one(word, "a"), "");
	ck_assert_str_eq(one("a", word), "");
	ck_assert_str_eq(one(word, word), "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("nearest");
	TCase *tc = tcase_create("nearest");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, one_edit_is_near);
	tcase_add_test(tc, far_words_are_not_offered);
	tcase_add_test(tc, best_comes_first);
	tcase_add_test(tc, repeats_are_one);
	tcase_add_test(tc, only_the_best_three_are_kept);
	tcase_add_test(tc, long_words_are_left_alone);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
