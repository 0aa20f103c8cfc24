/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_plan_mount.c - goal: lines about mounts become the right mounts, in
 * the right order, or an error, whatever the host is
 *
 * Method: plan_decide() with invented facts; the described plan is text.
 */
#include <check.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "runtime/plan.h"
#include "runtime/probe.h"

enum { LINES_MAX_TESTED = 80 };

static const struct sock_filter insns[] = {
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static char *argv[] = { (char *)"tool", NULL };
static char *env[] = { NULL };

/* Plans and gives the text of plan and diagnostics; the caller frees it. */
static char *plan_text(const struct sandbox *box, struct host *host)
{
	const struct run_request req = {
		.sandbox = box,
		.insns = insns,
		.ninsns = 1,
		.filter_allows_exec = true,
		.argv = argv,
		.env = env,
	};
	struct arena *arena = arena_new();
	struct sources sources;
	struct diag_sink *diags;
	struct sandbox_plan *plan;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int code;

	sources_init(&sources, arena);
	diags = diag_sink_new(arena, &sources);
	plan = plan_decide(&req, host, arena_new(), diags, &code);
	if (plan)
		plan_describe(plan, out);
	diag_print(diags, DIAG_TEXT, out);
	fclose(out);
	plan_free(plan);
	arena_free(arena);
	return text;
}

static void expect(const struct sandbox_mount *mounts, size_t n,
		   enum root_kind root, const char *want)
{
	static struct host_mount facts[LINES_MAX_TESTED];
	const struct sandbox box = {
		.present = true,
		.root = root,
		.root_path = "/srv/r",
		.mounts = mounts,
		.nmounts = n,
	};
	struct host host = {
		.features = HOST_SECCOMP | HOST_USERNS | HOST_MOUNT_API |
			    HOST_CLOSE_RANGE,
		.uid = 1001,
		.gid = 1001,
		.lease_first = 1,
		.dirs = { "/tmp", "/var/tmp", "/run" },
		.cwd = { .path = "/srv", .real = "/srv" },
		.command = { "/usr/bin/tool", "/usr/bin/tool", "/usr/bin/tool",
			     0, NULL },
		.mounts = { .root = { .path = "/srv/r", .is_dir = true },
			    .root_has_proc = true,
			    .lines = facts },
	};
	char *text;

	for (size_t i = 0; i < n; i++)
		facts[i] = (struct host_mount){
			.target = mounts[i].target,
			.source = { .path = mounts[i].source
						    ? mounts[i].source
						    : mounts[i].target,
				    .is_dir = true,
				    .uid = 1001,
				    .gid = 1001 },
		};
	text = plan_text(&box, &host);
	ck_assert_msg(strstr(text, want), "'%s' is not in:\n%s", want, text);
	free(text);
}

START_TEST(order)
{
	static const struct sandbox_mount m[] = {
		{ .kind = MOUNT_WRITE, .target = "/srv/a/b" },
		{ .kind = MOUNT_READONLY, .target = "/srv/a" },
		{ .kind = MOUNT_TMPFS, .target = "/opt" },
		{ .kind = MOUNT_HIDE, .target = "/proc/kcore" },
	};

	expect(m, 4, ROOT_HOST,
	       "mounts        tmpfs '/opt' (writable, noexec), readonly "
	       "'/srv/a', write '/srv/a/b' (writable, noexec)\n");
	expect(m, 4, ROOT_HOST, "shields       hide '/proc/kcore'\n");
	expect(m, 1, ROOT_HOST,
	       "rules         none: this kernel has no Landlock; the mounts "
	       "alone decide\n");
}
END_TEST

START_TEST(merged)
{
	static const struct sandbox_mount m[] = {
		{ .kind = MOUNT_WRITE, .target = "/srv/a" },
		{ .kind = MOUNT_EXEC, .target = "/srv/a" },
		{ .kind = MOUNT_TMPFS, .target = "/srv/a" },
		{ .kind = MOUNT_BIND, .target = "/srv/b", .source = "/x" },
		{ .kind = MOUNT_BIND, .target = "/srv/b", .source = "/y" },
	};

	expect(m, 2, ROOT_HOST, "write '/srv/a' (writable)\n");
	expect(m + 1, 2, ROOT_HOST, "tmpfs '/srv/a' (writable)\n");
	expect(m + 3, 2, ROOT_HOST, "error[E0820]: two lines mount");
}
END_TEST

START_TEST(roots)
{
	static const struct sandbox_mount m[] = {
		{ .kind = MOUNT_READ, .target = "/usr" },
	};

	expect(m, 1, ROOT_EMPTY, "mounts        read '/usr' (read-only)\n");
	expect(m, 0, ROOT_EMPTY, "exec '/usr/bin/tool' (read-only)\n");
	expect(m, 0, ROOT_PATH, "root          '/srv/r', recursively");
	expect(m, 0, ROOT_PATH, "dev           none: the chosen root");
	expect(m, 1, ROOT_PATH, "error[E0827]");
	expect(m, 1, ROOT_HOST, "error[E0827]");
}
END_TEST

START_TEST(too_many)
{
	static struct sandbox_mount m[LINES_MAX_TESTED];
	static char names[LINES_MAX_TESTED][16];

	for (size_t i = 0; i < LINES_MAX_TESTED; i++) {
		snprintf(names[i], sizeof(names[i]), "/srv/%zu", i);
		m[i] = (struct sandbox_mount){ .kind = MOUNT_TMPFS,
					       .target = names[i] };
	}
	expect(m, MOUNTS_MAX, ROOT_HOST, "tmpfs '/srv/63'");
	expect(m, MOUNTS_MAX + 1, ROOT_HOST, "error[E0820]: '/srv/64' is one");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_mount");
	TCase *tests = tcase_create("plan_mount");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, order);
	tcase_add_test(tests, merged);
	tcase_add_test(tests, roots);
	tcase_add_test(tests, too_many);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
