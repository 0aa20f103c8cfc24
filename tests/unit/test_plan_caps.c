/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_plan_caps.c - goal: capabilities that can't be given, or that would
 * undo the sandbox, are refused or said; and sets are written in words
 *
 * Method: plan_decide() with invented callers and kernels; the plan or the
 * diagnostics are compared as text.
 */
#include <check.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/constants.h"
#include "base/arena.h"
#include "base/bug.h"
#include "runtime/caps.h"
#include "runtime/plan.h"
#include "runtime/plan_caps.h"
#include "runtime/probe.h"

#define BIT(cap) (UINT64_C(1) << (cap))
#define NO_USER (NS_DEFAULT & ~(unsigned)NS_USER)

static const struct sock_filter insns[] = {
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static char *argv[] = { (char *)"tool", NULL };
static char *env[] = { NULL };

struct row {
	uint64_t keep;
	unsigned cap_last;
	bool open, init_off, denies_tracing, no_keyrings, host_keyring;
	int exit_code;
	const char *has; /* in the plan or the diagnostics */
	const char *lacks; /* NULL: nothing to look for */
};

static const struct row rows[] = {
	{ .cap_last = 40, .has = "empty the bounding, ambient, inheritable, "
				 "permitted and effective sets; lock the "
				 "securebits\n" },
	{ .cap_last = 40, .open = true,
	  .has = "effective sets; the securebits stay open\n" },
	{ .keep = BIT(CAP_CHOWN) | BIT(CAP_NET_BIND_SERVICE), .cap_last = 40,
	  .has = "permitted, effective, inheritable, bounding and ambient: "
		 "chown, net_bind_service; lock the securebits\n",
	  .lacks = "W0884" },
	{ .keep = BIT(CAP_CHOWN), .cap_last = 40, .open = true,
	  .has = "ambient: chown; the securebits stay open\n" },
	/* The last that the kernel has, and the one after it. */
	{ .keep = BIT(CAP_BPF), .cap_last = CAP_BPF, .has = "ambient: bpf;" },
	{ .keep = BIT(CAP_CHECKPOINT_RESTORE), .cap_last = CAP_BPF,
	  .exit_code = 125,
	  .has = "error[E0880]: this kernel has no capability "
		 "'checkpoint_restore': its last is 'bpf'\n" },
	{ .keep = BIT(63), .cap_last = 62, .exit_code = 125,
	  .has = "no capability '63': its last is '62'" },
	/* Tracing: each way out, and none. */
	{ .keep = BIT(CAP_SYS_PTRACE), .cap_last = 40, .exit_code = 125,
	  .has = "help: deny ptrace, process_vm_readv, process_vm_writev and "
		 "pidfd_getfd" },
	{ .keep = BIT(CAP_SYS_PTRACE), .cap_last = 40, .denies_tracing = true,
	  .has = "ambient: sys_ptrace;" },
	{ .keep = BIT(CAP_SYS_PTRACE), .cap_last = 40, .init_off = true,
	  .has = "ambient: sys_ptrace;" },
	{ .keep = BIT(CAP_SYS_ADMIN), .cap_last = 40,
	  .has = "warning[W0884]: the capability 'sys_admin' gives" },
	{ .keep = BIT(CAP_SYS_ADMIN), .cap_last = 40,
	  .has = "init     lock          copy all mounts" },
	{ .keep = BIT(41) - 1 - BIT(CAP_SYS_ADMIN) - BIT(CAP_SYS_PTRACE),
	  .cap_last = 40, .has = "ambient: all but sys_ptrace, sys_admin;",
	  .lacks = "init     lock" },
	/* Of no use to a process of its own user namespace. */
	{ .keep = BIT(CAP_SYS_MODULE), .cap_last = 40, .lacks = "W0884",
	  .has = "ambient: sys_module;" },
	{ .cap_last = 40, .has = "command  keyring       a new session" },
	{ .cap_last = 40, .host_keyring = true, .has = "capabilities",
	  .lacks = "keyring" },
	{ .cap_last = 40, .no_keyrings = true, .has = "capabilities",
	  .lacks = "keyring" },
};

struct world {
	struct arena *arena;
	struct sources sources;
	struct diag_sink *diags;
	struct sandbox box;
	struct host host;
	struct run_request req;
	int exit_code;
};

static void world_init(struct world *w, const struct row *row)
{
	*w = (struct world){
		.arena = arena_new(),
		.box = { .present = true, .caps_keep = row->keep,
			 .securebits_open = row->open,
			 .init_off = row->init_off,
			 .keyring_host = row->host_keyring },
		.host = { .features = HOST_SECCOMP | HOST_USERNS |
				      HOST_MOUNT_API | HOST_CLOSE_RANGE,
			  .uid = 1001, .gid = 1001, .lease_first = 1,
			  .cap_last = row->cap_last,
			  .keyrings = !row->no_keyrings,
			  .dirs = { "/tmp" },
			  .cwd = { .path = "/srv", .real = "/srv" },
			  .command = { "/bin/x", "/bin/x", "/bin/x", 0,
				       NULL } },
		.req = { .insns = insns, .ninsns = 1,
			 .filter_allows_exec = true,
			 .filter_denies_tracing = row->denies_tracing,
			 .argv = argv, .env = env },
	};
	w->req.sandbox = &w->box;
	sources_init(&w->sources, w->arena);
	w->diags = diag_sink_new(w->arena, &w->sources);
}

static char *world_text(struct world *w, struct sandbox_plan *plan)
{
	size_t len;
	char *text;
	FILE *out = open_memstream(&text, &len);

	if (plan)
		plan_describe(plan, out);
	diag_print(w->diags, DIAG_TEXT, out);
	fclose(out);
	return text;
}

START_TEST(decisions)
{
	const struct row *row = &rows[_i];
	struct world w;
	struct sandbox_plan *plan;
	char *text;

	world_init(&w, row);
	plan = plan_decide(&w.req, &w.host, arena_new(), w.diags,
			   &w.exit_code);
	text = world_text(&w, plan);
	ck_assert_msg(strstr(text, row->has), "'%s' is not in:\n%s", row->has,
		      text);
	if (row->lacks)
		ck_assert_msg(!strstr(text, row->lacks), "'%s' is in:\n%s",
			      row->lacks, text);
	ck_assert_int_eq(w.exit_code, row->exit_code);
	ck_assert_int_eq(plan == NULL, row->exit_code != 0);
	if (plan)
		ck_assert_uint_eq(plan->caps, row->keep);
	plan_free(plan);
	free(text);
	arena_free(w.arena);
}
END_TEST

/* Without a user namespace: the host's own, so the caller must hold them. */
static const struct {
	uint64_t keep, permitted, bounding;
	bool denies_tracing;
	const char *has;
	bool ok;
} host_rows[] = {
	{ BIT(CAP_CHOWN), BIT(CAP_CHOWN) | BIT(CAP_SETPCAP),
	  BIT(CAP_CHOWN) | BIT(CAP_SETPCAP), false, "", true },
	{ BIT(CAP_CHOWN), BIT(CAP_SETPCAP), UINT64_MAX, false,
	  "error[E0881]: cannot keep the capability 'chown'", false },
	{ BIT(CAP_CHOWN), UINT64_MAX, BIT(CAP_SETPCAP), false,
	  "error[E0881]: cannot keep the capability 'chown'", false },
	{ 0, BIT(CAP_CHOWN), UINT64_MAX, false,
	  "error[E0881]: cannot empty the bounding set", false },
	{ BIT(CAP_SYS_PTRACE), UINT64_MAX, UINT64_MAX, true,
	  "error[E0882]: cannot keep the capability 'sys_ptrace'", false },
	{ BIT(CAP_SYS_MODULE), UINT64_MAX, UINT64_MAX, false,
	  "warning[W0884]: the capability 'sys_module' gives the command code "
	  "in the kernel", true },
};

START_TEST(host_capabilities)
{
	const struct row row = { .keep = host_rows[_i].keep, .cap_last = 40,
				 .denies_tracing =
					 host_rows[_i].denies_tracing };
	struct sandbox_plan plan = { .new_ns = NO_USER };
	struct world w;
	bool ok;
	char *text;

	world_init(&w, &row);
	w.host.caps_permitted = host_rows[_i].permitted;
	w.host.caps_bounding = host_rows[_i].bounding;
	plan.arena = w.arena;
	plan.req = &w.req;
	ok = plan_caps(&plan, &w.host, w.diags);
	text = world_text(&w, NULL);
	ck_assert_msg(strstr(text, host_rows[_i].has), "'%s' is not in:\n%s",
		      host_rows[_i].has, text);
	ck_assert_int_eq(ok, host_rows[_i].ok);
	free(text);
	arena_free(w.arena);
}
END_TEST

START_TEST(words)
{
	static const struct {
		uint64_t set;
		unsigned last;
		const char *text;
	} sets[] = {
		{ 0, 40, "none" },
		{ BIT(41) - 1, 40, "all" },
		{ UINT64_MAX, 63, "all" },
		{ BIT(40), 40, "checkpoint_restore" },
		{ BIT(40) - 1, 40, "all but checkpoint_restore" },
		{ BIT(1) | BIT(2), 2, "all but chown" },
		{ BIT(1), 1, "dac_override" },
		{ (BIT(41) - 1) & ~UINT64_C(0xff), 40,
		  "all but chown, dac_override, dac_read_search, fowner, "
		  "fsetid, kill, setgid, setuid" },
		{ BIT(63) | 1, 40, "chown, 63" },
		{ 0xa80425fb, 40,
		  "chown, dac_override, fowner, fsetid, kill, setgid, setuid, "
		  "setpcap, net_bind_service, net_raw, sys_chroot, mknod, "
		  "audit_write, setfcap" },
	};

	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		struct str text = { 0 };

		caps_text(sets[i].set, sets[i].last, &text);
		ck_assert_str_eq(str_text(&text), sets[i].text);
		str_fini(&text);
	}
	ck_assert_uint_eq(caps_docker(), 0xa80425fb);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_caps");
	TCase *tests = tcase_create("plan_caps");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, decisions, 0, ARRAY_LEN(rows));
	tcase_add_loop_test(tests, host_capabilities, 0, ARRAY_LEN(host_rows));
	tcase_add_test(tests, words);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
