/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: base/json reads exactly RFC 8259, knows every place, and loses no
 * bit of a 64-bit integer.
 * Method: small texts; the tree, the spans and the codes of the messages.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/json.h"

static struct arena *arena;
static struct sources sources;
static struct diag_sink *sink;

static void set_up(void)
{
	arena = arena_new();
	sources_init(&sources, arena);
	sink = diag_sink_new(arena, &sources);
}

static void tear_down(void)
{
	arena_free(arena);
}

static const struct json *parse_bytes(const char *text, size_t len)
{
	return json_parse(arena, &sources, sink,
			  sources_add(&sources, "t", text, len, span_none));
}

static const struct json *parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

/* All that the sink would print, for a look at codes and places. */
static char *printed(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	diag_print(sink, DIAG_TEXT, out);
	fclose(out);
	return text;
}

START_TEST(tree)
{
	const struct json *v = parse(" {\"a\": [1, true, null], \"b\": \"x\"}\n");
	const struct json *a;

	ck_assert_ptr_nonnull(v);
	ck_assert_int_eq(v->kind, JSON_OBJECT);
	ck_assert_uint_eq(v->n, 2);
	ck_assert_uint_eq(v->span.start, 1);
	a = json_get(v, "a");
	ck_assert_int_eq(a->kind, JSON_ARRAY);
	ck_assert_uint_eq(a->n, 3);
	ck_assert_uint_eq(a->span.start, 7);
	ck_assert_uint_eq(a->span.end, 22);
	ck_assert_int_eq(a->items[1].kind, JSON_BOOL);
	ck_assert(a->items[1].truth);
	ck_assert_int_eq(a->items[2].kind, JSON_NULL);
	ck_assert_uint_eq(v->members[1].key_span.start, 24);
	ck_assert_uint_eq(v->members[1].key_span.end, 27);
	ck_assert_str_eq(json_get(v, "b")->text, "x");
	ck_assert_ptr_null(json_get(v, "c"));
	ck_assert_ptr_null(json_get(a, "a"));
}
END_TEST

START_TEST(escapes)
{
	const struct json *v = parse("\"\\ud83d\\ude00\\u00e9\\n\\/\\\"\\\\\"");

	ck_assert_str_eq(v->text, "\xf0\x9f\x98\x80\xc3\xa9\n/\"\\");
	ck_assert_uint_eq(v->len, strlen(v->text));
	ck_assert_uint_eq(v->span.end, 28);
}
END_TEST

START_TEST(integers_are_exact)
{
	const struct json *v = parse("[18446744073709551615, 0, -0,"
				     " 9223372036854775807,"
				     " -9223372036854775808]");
	uint64_t u;
	int64_t i;

	ck_assert(json_uint(sink, &v->items[0], "'v'", &u));
	ck_assert(u == UINT64_MAX);
	ck_assert(json_uint(sink, &v->items[1], "'v'", &u));
	ck_assert(u == 0);
	ck_assert(json_uint(sink, &v->items[2], "'v'", &u));
	ck_assert(u == 0);
	ck_assert(json_int(sink, &v->items[3], "'v'", &i));
	ck_assert(i == INT64_MAX);
	ck_assert(json_int(sink, &v->items[4], "'v'", &i));
	ck_assert(i == INT64_MIN);
	ck_assert_uint_eq(diag_errors(sink), 0);
	ck_assert(!json_int(sink, &v->items[0], "'v'", &i));
	ck_assert(!json_uint(sink, &v->items[4], "'v'", &u));
	ck_assert_uint_eq(diag_errors(sink), 2);
}
END_TEST

START_TEST(numbers_that_are_no_integers)
{
	static const char *const texts[] = {
		"18446744073709551616", "-18446744073709551616",
		"184467440737095516150", "1.0", "1e3", "1E-3", "-9e99999",
	};
	uint64_t u;
	int64_t i;

	for (size_t n = 0; n < sizeof(texts) / sizeof(*texts); n++) {
		const struct json *v = parse(texts[n]);

		ck_assert_ptr_nonnull(v);
		ck_assert_str_eq(v->text, texts[n]);
		ck_assert(!json_uint(sink, v, "'v'", &u));
		ck_assert(!json_int(sink, v, "'v'", &i));
	}
	ck_assert_uint_eq(diag_errors(sink), 14);
}
END_TEST

START_TEST(wrong_type)
{
	const struct json *v = parse("{\"index\": \"0\"}");
	uint64_t u;
	char *text;

	ck_assert(!json_uint(sink, json_get(v, "index"), "'index'", &u));
	text = printed();
	ck_assert_ptr_nonnull(strstr(text, "t:1:11: error[E0606]: 'index' must "
					   "be a number, not a string\n"));
	free(text);
}
END_TEST

struct refusal {
	const char *text;
	const char *message; /* the start of the first line */
};

static const struct refusal refusals[] = {
	{ "", "t:1:1: error[E0605]" },
	{ " \n\t", "t:1:1: error[E0605]" },
	{ "\xef\xbb\xbf{}", "t:1:1: error[E0602]" },
	{ "{\"a\": \"\xff\"}", "t:1:8: error[E0602]" },
	{ "{\"a\": \"\xed\xa0\x80\"}", "t:1:8: error[E0602]" },
	{ "{\"a\":1,}", "t:1:8: error[E0601]" },
	{ "[1,\n2,\n]", "t:3:1: error[E0601]" },
	{ "{\"a\":1 // x\n}", "t:1:8: error[E0604]" },
	{ "/* x */ {}", "t:1:1: error[E0604]" },
	{ "# x\n{}", "t:1:1: error[E0604]" },
	{ "{} // x", "t:1:4: error[E0604]" },
	{ "{\"a\":1,\"\\u0061\":2}", "t:1:8: error[E0603]" },
	{ "[{\"a\":1,\"b\":2,\"a\":3}]", "t:1:15: error[E0603]" },
	{ "\"\\ud83d\"", "t:1:2: error[E0601]" },
	{ "\"\\ude00\\ud83d\"", "t:1:2: error[E0601]" },
	{ "\"\\u0000\"", "t:1:4: error[E0601]" },
	{ "\"\\u12g4\"", "t:1:4: error[E0601]" },
	{ "\"\\x\"", "t:1:3: error[E0601]" },
	{ "\"a\tb\"", "t:1:3: error[E0601]" },
	{ "\"a\nb\"", "t:1:3: error[E0601]" },
	{ "{'a':1}", "t:1:2: error[E0601]" },
	{ "[007]", "t:1:2: error[E0601]" },
	{ "[1.]", "t:1:4: error[E0601]" },
	{ "[.5]", "t:1:2: error[E0601]" },
	{ "[1e]", "t:1:4: error[E0601]" },
	{ "[-]", "t:1:3: error[E0601]" },
	{ "[+1]", "t:1:2: error[E0601]" },
	{ "[0x10]", "t:1:3: error[E0601]" },
	{ "[NaN]", "t:1:2: error[E0601]" },
	{ "[nan]", "t:1:2: error[E0601]" },
	{ "[Infinity]", "t:1:2: error[E0601]" },
	{ "[-Infinity]", "t:1:3: error[E0601]" },
	{ "[True]", "t:1:2: error[E0601]" },
	{ "[nul]", "t:1:2: error[E0601]" },
	{ "[nullx]", "t:1:6: error[E0601]" },
	{ "{} {}", "t:1:4: error[E0601]" },
	{ "[1 2]", "t:1:4: error[E0601]" },
	{ "{\"a\" 1}", "t:1:6: error[E0601]" },
	{ "{\"a\":1 \"b\":2}", "t:1:8: error[E0601]" },
	{ "{1:2}", "t:1:2: error[E0601]" },
	{ "{", "t:1:2: error[E0601]" },
	{ "{\"a", "t:1:4: error[E0601]" },
	{ "{\"a\":", "t:1:6: error[E0601]" },
	{ "\"a\\", "t:1:4: error[E0601]" },
	{ "]", "t:1:1: error[E0601]" },
};

START_TEST(refused_with_place)
{
	const struct refusal *r = &refusals[_i];
	char *text;

	ck_assert_ptr_null(parse(r->text));
	text = printed();
	ck_assert_msg(!strncmp(text, r->message, strlen(r->message)),
		      "<%s> gives: %s", r->text, text);
	ck_assert_uint_eq(diag_errors(sink), 1);
	free(text);
}
END_TEST

START_TEST(nul_byte_is_no_text)
{
	ck_assert_ptr_null(parse_bytes("{}\0", 3));
	ck_assert_ptr_null(parse_bytes("\"a\0b\"", 5));
	ck_assert_uint_eq(diag_errors(sink), 2);
}
END_TEST

START_TEST(line_ends)
{
	const struct json *v = parse("{\r\n\"a\": 1,\r\n\"b\": x}");
	char *text;

	ck_assert_ptr_null(v);
	text = printed();
	ck_assert_ptr_nonnull(strstr(text, "t:3:6: error[E0601]"));
	free(text);
}
END_TEST

/* n times the bracket, then n times its end. */
static const struct json *nested(unsigned n)
{
	char text[300] = "";

	memset(text, '[', n);
	memset(text + n, ']', n);
	return parse(text);
}

START_TEST(depth_limit)
{
	char *text;

	ck_assert_ptr_nonnull(nested(JSON_DEPTH_MAX));
	ck_assert_uint_eq(diag_errors(sink), 0);
	ck_assert_ptr_null(nested(JSON_DEPTH_MAX + 1));
	text = printed();
	ck_assert_ptr_nonnull(strstr(text, "t:1:65: error[E0550]"));
	free(text);
}
END_TEST

static const struct json *many(size_t values)
{
	size_t len = 2 * values + 1;
	char *text = malloc(len);
	const struct json *v;

	for (size_t i = 0; i < values; i++) {
		text[2 * i] = i ? ',' : '[';
		text[2 * i + 1] = '0';
	}
	text[len - 1] = ']';
	v = parse_bytes(text, len);
	free(text);
	return v;
}

START_TEST(value_limit)
{
	char *text;

	/* The list itself is a value too. */
	ck_assert_ptr_nonnull(many(JSON_VALUES_MAX - 1));
	ck_assert_ptr_null(many(JSON_VALUES_MAX));
	text = printed();
	ck_assert_ptr_nonnull(strstr(text, "error[E0551]"));
	free(text);
}
END_TEST

/* Brackets and commas in strings are no structure. */
START_TEST(survey_reads_strings)
{
	char text[400] = "[\"\\\"";

	memset(text + 4, '[', 300);
	strcpy(text + 304, "\\\\\", {}]");
	ck_assert_ptr_nonnull(parse(text));
	ck_assert_uint_eq(diag_errors(sink), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("json");
	TCase *c = tcase_create("json");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, tree);
	tcase_add_test(c, escapes);
	tcase_add_test(c, integers_are_exact);
	tcase_add_test(c, numbers_that_are_no_integers);
	tcase_add_test(c, wrong_type);
	tcase_add_loop_test(c, refused_with_place, 0,
			    (int)(sizeof(refusals) / sizeof(*refusals)));
	tcase_add_test(c, nul_byte_is_no_text);
	tcase_add_test(c, line_ends);
	tcase_add_test(c, depth_limit);
	tcase_add_test(c, value_limit);
	tcase_add_test(c, survey_reads_strings);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
