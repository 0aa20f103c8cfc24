/* SPDX-License-Identifier: Apache-2.0 */
/*
 * String builder and UTF-8: growth, formats, and that no byte string can
 * reach a terminal unseen.  Method: known texts, then every two-byte pair.
 */
#include <check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static void check_visible(const char *text, size_t len, const char *want)
{
	struct str s = { 0 };

	str_add_visible(&s, text, len);
	ck_assert_str_eq(str_text(&s), want);
	str_fini(&s);
}

START_TEST(empty_is_a_string)
{
	struct str s = { 0 };

	ck_assert_str_eq(str_text(&s), "");
	str_fini(&s);
	str_add(&s, "");
	ck_assert_str_eq(str_text(&s), "");
	ck_assert_uint_eq(s.len, 0);
	str_fini(&s);
	ck_assert_ptr_eq(s.text, NULL);
}
END_TEST

START_TEST(pieces_are_joined)
{
	struct str s = { 0 };

	str_add(&s, "one");
	str_addc(&s, ' ');
	str_addf(&s, "%d %s", 2, "three");
	str_add_bytes(&s, "\0x", 2);
	ck_assert_uint_eq(s.len, 13);
	ck_assert_int_eq(memcmp(s.text, "one 2 three\0x", 14), 0);
	str_fini(&s);
}
END_TEST

START_TEST(long_text_grows)
{
	struct str s = { 0 };

	for (unsigned i = 0; i < 20000; i++)
		str_addf(&s, "%05u", i);
	ck_assert_uint_eq(s.len, 100000);
	for (unsigned i = 0; i < 20000; i++) {
		char want[6];

		snprintf(want, sizeof(want), "%05u", i);
		ck_assert_int_eq(memcmp(s.text + i * 5, want, 5), 0);
	}
	str_fini(&s);
}
END_TEST

START_TEST(utf8_takes_shortest_forms_only)
{
	static const struct {
		const char *bytes;
		size_t len;
		unsigned code;
	} good[] = {
		{ "a", 1, 'a' },
		{ "\xc2\x80", 2, 0x80 },
		{ "\xdf\xbf", 2, 0x7ff },
		{ "\xe0\xa0\x80", 3, 0x800 },
		{ "\xef\xbf\xbd", 3, 0xfffd },
		{ "\xf0\x90\x80\x80", 4, 0x10000 },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
	};
	static const char *const bad[] = {
		"\x80",			/* continuation first */
		"\xc1\xbf",		/* 0x7f in two bytes */
		"\xe0\x9f\xbf",		/* 0x7ff in three */
		"\xf0\x8f\xbf\xbf",	/* 0xffff in four */
		"\xed\xa0\x80",		/* surrogate */
		"\xf4\x90\x80\x80",	/* past 0x10ffff */
		"\xc3(",		/* no continuation */
		"\xff",
	};
	unsigned code = 0;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		size_t len = strlen(good[i].bytes);

		ck_assert_uint_eq(utf8_next(good[i].bytes, len, &code),
				  good[i].len);
		ck_assert_uint_eq(code, good[i].code);
		/* Cut short it is none. */
		ck_assert_uint_eq(utf8_next(good[i].bytes, len - 1, &code), 0);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_uint_eq(utf8_next(bad[i], strlen(bad[i]), &code), 0);
}
END_TEST

START_TEST(hidden_bytes_are_shown)
{
	check_visible("plain", 5, "plain");
	check_visible("a\tb", 3, "a b");
	check_visible("\x1b[31m", 5, "\\x1b[31m");
	check_visible("\0\n\r\x7f", 4, "\\x00\\x0a\\x0d\\x7f");
	check_visible("\xff\xc3", 2, "\\xff\\xc3");
	check_visible("gr\xc3\xbc\xc3\x9f", 6, "gr\xc3\xbc\xc3\x9f");
	/* Right-to-left override, zero width space, C1 control. */
	check_visible("\xe2\x80\xae", 3, "\\u{202e}");
	check_visible("\xe2\x80\x8b", 3, "\\u{200b}");
	check_visible("\xc2\x9b", 2, "\\u{009b}");
}
END_TEST

/* Whatever comes in, what goes out is UTF-8 without control bytes. */
START_TEST(every_pair_of_bytes_is_safe)
{
	for (unsigned pair = 0; pair < 65536; pair++) {
		const char text[] = { (char)(pair >> 8), (char)pair };
		struct str s = { 0 };
		size_t at = 0;

		str_add_visible(&s, text, 2);
		while (at < s.len) {
			unsigned code;
			size_t n = utf8_next(s.text + at, s.len - at, &code);

			ck_assert_uint_gt(n, 0);
			ck_assert(code >= 0x20 && code != 0x7f &&
				  (code < 0x80 || code >= 0xa0));
			at += n;
		}
		str_fini(&s);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("str");
	TCase *tc = tcase_create("str");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, empty_is_a_string);
	tcase_add_test(tc, pieces_are_joined);
	tcase_add_test(tc, long_text_grows);
	tcase_add_test(tc, utf8_takes_shortest_forms_only);
	tcase_add_test(tc, hidden_bytes_are_shown);
	tcase_add_test(tc, every_pair_of_bytes_is_safe);
	tcase_set_timeout(tc, 30);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
