/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: observations add up, keep their caps, and their text is exact.
 * Method: stores are filled, written, read again and merged in every order;
 * each must give the same bytes.  Wrong texts are refused with their line.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/observe.h"
#include "abi/syscalls.h"
#include "base/bug.h"
#include "base/str.h"

static uint32_t nr_of(const char *name)
{
	return syscall_by_name(abi_get(ABI_X86_64),
			       sysname_find(name, strlen(name)))
		->nr;
}

static uint32_t begin(struct observations *o, uint64_t id)
{
	const struct observe_run run = {
		.id = id,
		.source = OBSERVE_NOTIFY,
		.began = 1764064486,
		.kernel = "6.1.0",
		.command = "sh -c \"x\\y\" \xff",
	};

	return observe_add_run(o, &run);
}

static void see(struct observations *o, uint32_t run, const char *program,
		const char *call, uint64_t arg, uint64_t count)
{
	const struct observe_args args = {
		.known = 4, .args = {0, 0, arg}
	};

	ck_assert(observe_add(o, run,
			      observe_program(o, program, strlen(program)),
			      ABI_X86_64, nr_of(call), &args, count));
}

static char *write_down(struct observations *o)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	ck_assert(observe_write(o, f));
	fclose(f);
	return text;
}

static struct observations *read_back(const char *text)
{
	struct observe_error error;
	struct observations *o = observe_read(text, strlen(text), &error);

	ck_assert_msg(o != NULL, "line %zu: %s", error.line, error.why);
	return o;
}

/* Two runs of different stores; the second has a program more. */
static struct observations *sample(int which)
{
	struct observations *o = observe_new();
	uint32_t run = begin(o, which ? 0xb : 0xa);

	if (which)
		see(o, run, "/bin/b\n", "read", 1, 1);
	see(o, run, "/bin/a", "openat", 0x80000, 2);
	see(o, run, "/bin/a", "openat", 0x80000, 1);
	see(o, run, "/bin/a", "openat", which ? 1 : 2, 1);
	return o;
}

START_TEST(text_is_exact)
{
	struct observations *o = sample(1), *again;
	char *text = write_down(o), *second;

	ck_assert_str_eq(
		text,
		"callgate-observations 1\n"
		"run 000000000000000b notify began 1764064486 lost 0 "
		"kernel \"6.1.0\" command \"sh -c \\\"x\\\\y\\\" \\xff\"\n"
		"program \"/bin/a\"\n"
		"call x86_64 openat count 4 runs 1\n"
		"args - - 0x1 - - - count 1 runs 1\n"
		"args - - 0x80000 - - - count 3 runs 1\n"
		"program \"/bin/b\\x0a\"\n"
		"call x86_64 read count 1 runs 1\n"
		"args - - 0x1 - - - count 1 runs 1\n");
	again = read_back(text);
	second = write_down(again);
	ck_assert_str_eq(text, second);
	free(text);
	free(second);
	observe_free(again);
	observe_free(o);
}
END_TEST

/* Runs stand in the order of merging; all else must not depend on it. */
static const char *after_runs(const char *text)
{
	return strstr(text, "\nprogram ");
}

START_TEST(merging_is_addition)
{
	struct observations *ab = sample(0), *ba = sample(1);
	struct observations *a = sample(0), *b = sample(1);
	uint64_t twice;
	char *x, *y;

	ck_assert(observe_merge(ab, b, &twice));
	ck_assert(observe_merge(ba, a, &twice));
	x = write_down(ab);
	y = write_down(ba);
	ck_assert_str_eq(after_runs(x), after_runs(y));
	ck_assert_ptr_nonnull(strstr(x, "openat count 8 runs 2\n"));
	ck_assert_ptr_nonnull(strstr(x, "0x80000 - - - count 6 runs 2\n"));
	ck_assert(!observe_merge(ab, b, &twice));
	ck_assert_uint_eq(twice, 0xb);
	free(x);
	x = write_down(ab);
	ck_assert_ptr_nonnull(strstr(x, "openat count 8 runs 2\n"));
	free(x);
	free(y);
	observe_free(a);
	observe_free(b);
	observe_free(ab);
	observe_free(ba);
}
END_TEST

START_TEST(caps_are_kept)
{
	struct observations *o = observe_new(), *again;
	uint32_t run = begin(o, 1);
	char name[32], *text;

	for (unsigned i = 0; i < OBSERVE_TUPLES_MAX + 100; i++)
		see(o, run, "/bin/a", "openat", i, 1);
	ck_assert_uint_eq(observe_call_at(o, 0)->count,
			  OBSERVE_TUPLES_MAX + 100);
	ck_assert_uint_eq(observe_call_at(o, 0)->ntuples, OBSERVE_TUPLES_MAX);
	ck_assert_uint_eq(observe_call_at(o, 0)->dropped, 100);
	for (unsigned i = 0; i < OBSERVE_PROGRAMS_MAX + 10; i++) {
		snprintf(name, sizeof(name), "/bin/%u", i);
		see(o, run, name, "read", 0, 1);
	}
	ck_assert_uint_eq(observe_nprograms(o), OBSERVE_PROGRAMS_MAX);
	text = write_down(o);
	ck_assert_ptr_nonnull(strstr(text, "\nprogram \"" OBSERVE_OTHERS "\""));
	ck_assert_ptr_nonnull(strstr(text, " dropped 100\n"));
	again = read_back(text);
	free(text);
	observe_free(again);
	observe_free(o);
}
END_TEST

START_TEST(unknown_numbers_have_a_cap)
{
	const struct observe_args none = { 0 };
	struct observations *o = observe_new();
	uint32_t run = begin(o, 1), program = observe_program(o, "/a", 2);

	for (uint32_t i = 0; i < OBSERVE_CALLS_MAX; i++)
		ck_assert(observe_add(o, run, program, ABI_X86_64, 100000 + i,
				      &none, 1));
	ck_assert(!observe_add(o, run, program, ABI_X86_64, 1, &none, 1));
	ck_assert(observe_add(o, run, program, ABI_X86_64, 100000, &none, 1));
	observe_free(o);
}
END_TEST

#define FIRST "callgate-observations 1\n"
#define RUN                                                                    \
	"run 000000000000000b notify began 0 lost 0 kernel \"\" command \"\"\n"
#define PROGRAM FIRST RUN "program \"a\"\n"

/* Text, line, and a part of the reason; of three each. */
static const char *const refused[][3] = {
	{ "", "1", "empty" },
	{ "callgate-observations 2\n", "1", "begin" },
	{ FIRST "run", "2", "no end" },
	{ FIRST "run 1 notify\n", "2", "16 hexadecimal" },
	{ FIRST "fun\n", "2", "unknown word" },
	{ FIRST "args - - 0x1 - - - count 1 runs 1\n", "2", "before their" },
	{ FIRST "call x86_64 read count 1 runs 1\n", "2", "before its" },
	{ FIRST "program \"a\n", "2", "does not end" },
	{ FIRST "program \"\\x0\"\n", "2", "escape" },
	{ FIRST "program \"\\x00\"\n", "2", "escape" },
	{ FIRST "program \"a\" b\n", "2", "too long" },
	{ PROGRAM "call x86_64 raed count 1 runs 1\n", "4", "unknown on" },
	{ PROGRAM "call x86_64 read count 1 runs 2\n", "4", "out of range" },
	{ PROGRAM "call x86_64 read count 1 runs 1\n"
		  "call x86_64 read count 1 runs 1\n", "5", "twice" },
	{ FIRST RUN RUN, "3", "twice" },
	{ FIRST "run 000000000000000b notify began 0 lost 99999999999999999999 "
		"kernel \"\" command \"\"\n", "2", "out of range" },
};

START_TEST(wrong_texts)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct observe_error error = { 0 };

		ck_assert_msg(!observe_read(refused[i][0],
					    strlen(refused[i][0]), &error),
			      "%zu was read", i);
		ck_assert_uint_eq(error.line, strtoul(refused[i][1], NULL, 10));
		ck_assert_msg(strstr(error.why, refused[i][2]) != NULL,
			      "%zu: %s", i, error.why);
	}
}
END_TEST

static struct observe_args reduced(const char *call, enum observe_level level)
{
	struct observe_args args = {
		.known = 0x3f,
		.args = {UINT64_C(0xf00000002), UINT64_C(0xffffffff80001), 3,
			  4, 5, 6},
	};

	observe_reduce(&args, ABI_X86_64, nr_of(call), level);
	return args;
}

START_TEST(reducing_keeps_what_selects)
{
	struct observe_args a = reduced("socket", OBSERVE_SELECTORS);

	ck_assert_uint_eq(a.known, 7);
	/* 32 bits count. */
	ck_assert_uint_eq(a.args[0], 2);
	ck_assert_uint_eq(a.args[1], 0xfff80001);
	a = reduced("socket", OBSERVE_NAMES);
	ck_assert_uint_eq(a.known, 0);
	/* fd, buf, count: nothing selects; no pointer is ever kept. */
	a = reduced("read", OBSERVE_SELECTORS);
	ck_assert_uint_eq(a.known, 0);
	a = reduced("read", OBSERVE_VALUES);
	ck_assert_uint_eq(a.known, 5);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("observe");
	TCase *tc = tcase_create("observe");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, text_is_exact);
	tcase_add_test(tc, merging_is_addition);
	tcase_add_test(tc, caps_are_kept);
	tcase_add_test(tc, unknown_numbers_have_a_cap);
	tcase_add_test(tc, wrong_texts);
	tcase_add_test(tc, reducing_keeps_what_selects);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
