/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a seccomp record of the kernel is read exactly, and nothing that a
 * workload can put into one, its names, is taken for a field.
 * Method: records as kernels write them, and texts that are not.
 */
#include <check.h>
#include <string.h>

#include "base/bug.h"
#include "runtime/record.h"

static const struct {
	const char *text;
	bool ok;
	struct seccomp_record want;
} rows[] = {
	{ "audit(1795600691.375:2010): auid=4294967295 uid=12345 gid=12345 "
	  "ses=4294967295 pid=29383 comm=\"mkdir\" exe=\"/usr/bin/mkdir\" "
	  "sig=31 arch=c000003e syscall=83 compat=0 ip=0x7f7eda5fcf37 "
	  "code=0x80000000",
	  true,
	  { 29383, 0xc000003e, 83, 0x80000000, 0x7f7eda5fcf37 } },
	/* A name with a space or a quote is in hex. */
	{ "pid=7 comm=7069643D3920 exe=\"/x\" sig=31 arch=40000003 "
	  "syscall=39 compat=1 ip=0xf7 code=0x0\n",
	  true,
	  { 7, 0x40000003, 39, 0, 0xf7 } },
	/* -1 as the kernel writes it, and a number of x32. */
	{ "pid=7 arch=c000003e syscall=1073741907 ip=0x0 code=0x30000", true,
	  { 7, 0xc000003e, 0x40000053, 0x30000, 0 } },
	{ "pid=7 comm=\"pid=9\" arch=c000003e syscall=83 ip=0x1 code=0x0", true,
	  { 7, 0xc000003e, 83, 0, 1 } },
	/* Twice, cut, or not numbers. */
	{ "pid=7 pid=9 arch=c000003e syscall=83 ip=0x1 code=0x0", false, {0} },
	{ "pid=7 arch=c000003e syscall=83 ip=0x1", false, {0} },
	{ "pid=7 arch=c000003e syscall=83 ip=0x1 code=", false, {0} },
	{ "pid=x arch=c000003e syscall=83 ip=0x1 code=0x0", false, {0} },
	{ "pid=-7 arch=c000003e syscall=83 ip=0x1 code=0x0", false, {0} },
	{ "pid=4294967296 arch=c000003e syscall=83 ip=0x1 code=0x0", false,
	  {0} },
	{ "pid=7 arch=fffffffff syscall=83 ip=0x1 code=0x0", false, {0} },
	{ "pid=7\narch=c000003e syscall=83 ip=0x1 code=0x0", false, {0} },
	{ "", false, {0} },
};

START_TEST(one)
{
	const struct seccomp_record *want = &rows[_i].want;
	struct seccomp_record got;
	bool ok = record_parse(rows[_i].text, strlen(rows[_i].text), &got);

	ck_assert_msg(ok == rows[_i].ok, "%s", rows[_i].text);
	if (!ok)
		return;
	ck_assert_int_eq(got.pid, want->pid);
	ck_assert_uint_eq(got.arch, want->arch);
	ck_assert_uint_eq(got.nr, want->nr);
	ck_assert_uint_eq(got.code, want->code);
	ck_assert_uint_eq(got.ip, want->ip);
}
END_TEST

/* Every beginning of a record is refused, and read within its length. */
START_TEST(cut)
{
	const char *text = rows[0].text;
	struct seccomp_record got;

	/* Its last word is one number, which has shorter ones in it. */
	for (size_t len = 0; len <= strlen(text) - strlen("0x80000000"); len++)
		ck_assert(!record_parse(text, len, &got));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("record");
	TCase *tests = tcase_create("record");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, one, 0, ARRAY_LEN(rows));
	tcase_add_test(tests, cut);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
