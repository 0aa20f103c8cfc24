/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: every row of the start-up table is a call of its ABI, and only what
 * no argument would get through a policy counts as refused.
 * Method: policies that refuse all, some or none of a row's calls.
 */
#include <check.h>
#include <string.h>

#include "base/bug.h"
#include "base/str.h"
#include "compiler/format.h"
#include "compiler/startup.h"

static const struct {
	const char *policy;
	enum program_libc libc;
	size_t refused;
	const char *first;
	bool kills, certain;
} rows[] = {
	{ "default allow;", LIBC_GLIBC, 0, NULL, false, false },
	{ "default log;", LIBC_GLIBC, 0, NULL, false, false },
	{ "default kill;", LIBC_UNKNOWN, 0, NULL, false, false },
	{ "default allow; kill rseq;", LIBC_GLIBC, 1, "rseq", true, false },
	/* The library does without. */
	{ "default allow; deny(ENOSYS) rseq, set_robust_list, access;",
	  LIBC_GLIBC, 0, NULL, false, false },
	{ "default allow; deny mmap if prot has PROT_EXEC;", LIBC_GLIBC, 1,
	  "mmap", false, true },
	{ "default allow; kill mmap if prot has PROT_EXEC;", LIBC_GLIBC, 1,
	  "mmap", true, true },
	{ "default allow; kill mmap if prot has PROT_EXEC;",
	  LIBC_GLIBC_STATIC, 0, NULL, false, false },
	/* Sizes that it may well keep under. */
	{ "default allow; kill mmap if length > 0x100000;", LIBC_GLIBC, 0,
	  NULL, false, false },
	/* One of two that do the same is enough. */
	{ "default allow; kill fstat;", LIBC_GLIBC, 0, NULL, false, false },
	{ "default allow; kill newfstatat;", LIBC_GLIBC, 0, NULL, false, false },
	{ "default allow; kill fstat, newfstatat;", LIBC_GLIBC, 1,
	  "newfstatat", true, true },
	{ "default allow; kill arch_prctl if code == ARCH_SET_GS;",
	  LIBC_MUSL, 0, NULL, false, false },
	{ "default allow; trap arch_prctl if code == ARCH_SET_FS;",
	  LIBC_MUSL, 1, "arch_prctl", true, true },
};

static size_t refusals(struct unit *u, const char *text,
		       enum program_libc libc, struct startup_refusal *out)
{
	uint32_t number = sources_add(&u->sources, "<text>", text,
				      strlen(text), span_none);
	const struct policy *policy;

	u->target.abis = ABI_BIT(ABI_X86_64);
	policy = gate_read(u, number);
	ck_assert_ptr_nonnull(policy);
	return startup_refusals(u, policy, abi_get(ABI_X86_64), libc, out);
}

START_TEST(one)
{
	struct startup_refusal got[STARTUP_CALLS_MAX];
	struct unit *u = unit_new();
	size_t n = refusals(u, rows[_i].policy, rows[_i].libc, got);

	ck_assert_msg(n == rows[_i].refused, "%s: %zu", rows[_i].policy, n);
	if (n) {
		ck_assert_str_eq(sysname_text(got[0].name), rows[_i].first);
		ck_assert_int_eq(got[0].kills, rows[_i].kills);
		ck_assert_int_eq(got[0].certain, rows[_i].certain);
	}
	unit_free(u);
}
END_TEST

/* All of a table, each row a call that can be asked about. */
START_TEST(all)
{
	static const enum program_libc libcs[] = { LIBC_GLIBC,
						   LIBC_GLIBC_STATIC,
						   LIBC_MUSL };

	for (size_t i = 0; i < ARRAY_LEN(libcs); i++) {
		struct startup_refusal got[STARTUP_CALLS_MAX];
		struct unit *u = unit_new();
		struct startup_row row;
		size_t n = 0;

		while (startup_row(n, libcs[i], &row))
			n++;
		ck_assert_uint_gt(n, 3);
		ck_assert_uint_eq(refusals(u, "default kill;", libcs[i], got),
				  n);
		unit_free(u);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("startup");
	TCase *tests = tcase_create("startup");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, one, 0, ARRAY_LEN(rows));
	tcase_add_test(tests, all);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
