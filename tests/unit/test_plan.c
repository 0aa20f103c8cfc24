/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_plan.c - goal: the plan is right for every kind of caller and host
 *
 * Method: plan_decide() gets invented facts, so that one machine can stand
 * for all; the described plan is compared as text, refusals by their code.
 */
#include <check.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/str.h"
#include "runtime/plan.h"
#include "runtime/probe.h"

static const struct sock_filter insns[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 83, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static char *argv[] = { (char *)"tool", NULL };
static char *env[] = { (char *)"SECRET=1", NULL };

struct world {
	struct sandbox box;
	struct run_request req;
	struct host host;
	struct arena *arena; /* of the diagnostics */
	struct sources sources;
	struct diag_sink *diags;
	int exit_code;
	char *text; /* the plan, or the diagnostics where there is none */
};

static const struct host ordinary = {
	.features = HOST_SECCOMP | HOST_USERNS | HOST_MOUNT_API |
		    HOST_CLOSE_RANGE,
	.uid = 1001,
	.gid = 1002,
	.ngroups = 3,
	.lease_first = 1,
	.lease_last = 0,
	.cap_last = 40,
	.dirs = { "/tmp", "/var/tmp", "/run", "/run", "/home", "/root" },
	.cwd = { .path = "/srv", .real = "/srv" },
	.command = { "/usr/bin/tool", "/usr/bin/tool", "/usr/bin/tool", 0,
		     NULL },
};

static void world_init(struct world *w)
{
	*w = (struct world){
		.box = { .present = true },
		.host = ordinary,
		.arena = arena_new(),
	};
	w->req = (struct run_request){
		.sandbox = &w->box,
		.insns = insns,
		.ninsns = 4,
		.filter_allows_exec = true,
		.argv = argv,
		.env = env,
	};
	sources_init(&w->sources, w->arena);
	w->diags = diag_sink_new(w->arena, &w->sources);
}

static void world_be_root(struct world *w)
{
	w->host.uid = w->host.gid = 0;
	w->host.may_map = true;
	w->host.lease_first = 524288;
	w->host.lease_last = 1879048191;
}

static void world_plan(struct world *w)
{
	size_t len;
	FILE *out = open_memstream(&w->text, &len);
	struct sandbox_plan *plan = plan_decide(
		&w->req, &w->host, arena_new(), w->diags, &w->exit_code);

	if (plan)
		plan_describe(plan, out);
	diag_print(w->diags, DIAG_TEXT, out);
	fclose(out);
	plan_free(plan);
}

static void world_fini(struct world *w)
{
	free(w->text);
	arena_free(w->arena);
}

static void expect_text(struct world *w, const char *text)
{
	world_plan(w);
	ck_assert_msg(strstr(w->text, text), "'%s' is not in:\n%s", text,
		      w->text);
	ck_assert_int_eq(w->exit_code, 0);
	world_fini(w);
}

static void expect_refusal(struct world *w, int exit_code, const char *text)
{
	world_plan(w);
	ck_assert_msg(strstr(w->text, text), "'%s' is not in:\n%s", text,
		      w->text);
	ck_assert_int_eq(w->exit_code, exit_code);
	ck_assert(diag_errors(w->diags) > 0);
	world_fini(w);
}

static const char plain_text[] =
	"runner   process       fork, to wait for the command and forward "
	"signals to it\n"
	"command  tie           SIGKILL when the runner dies\n"
	"command  no-new-privs  no_new_privs: exec never gains privileges\n"
	"command  signals       dispositions and mask as the caller left "
	"them\n"
	"command  filter        load the seccomp filter, 4 instructions, "
	"denials recorded\n"
	"command  exec          'tool'; environment: the caller's\n";

START_TEST(plain)
{
	struct world w;

	world_init(&w);
	w.box.present = false;
	w.req.log_denials = true;
	w.host.command.found = "tool";
	/* Facts that only a sandbox asks for. */
	w.host.features = HOST_SECCOMP;
	world_plan(&w);
	ck_assert_str_eq(w.text, plain_text);
	world_fini(&w);
}
END_TEST

START_TEST(terminal)
{
	static const struct {
		enum terminal_kind kind;
		bool tty[3];
		const char *want; /* NULL: none of its own */
	} rows[] = {
		{ TERMINAL_AUTO, { true, true, true }, "descriptor 0 1 2\n" },
		{ TERMINAL_AUTO, { true, true, false }, "descriptor 0 1\n" },
		{ TERMINAL_AUTO, { true, false, true }, NULL },
		{ TERMINAL_AUTO, { false, true, true }, NULL },
		{ TERMINAL_NONE, { true, true, true }, NULL },
		{ TERMINAL_OWN, { false, false, false }, "descriptor 0 1 2\n" },
	};
	struct world w;

	world_init(&w);
	w.box.terminal = rows[_i].kind;
	memcpy(w.host.fd_is_tty, rows[_i].tty, sizeof(rows[_i].tty));
	expect_text(&w, rows[_i].want ? rows[_i].want
				      : "the terminal, if any, is not its "
					"controlling one");
}
END_TEST

static const char root_text[] =
	"runner   lease         a host id of its own from "
	"524288..1879048191, locked in /run/callgate\n"
	"runner   namespaces    new: user mount pid ipc uts net cgroup\n"
	"runner   id-maps       uid 1000 and gid 1000 inside are the leased "
	"id outside\n"
	"init     no-new-privs  no_new_privs: exec never gains privileges\n"
	"init     identity      become uid 1000, gid 1000, no supplementary "
	"groups\n"
	"init     propagation   private: no mount passes between host and "
	"sandbox\n"
	"init     sources       hold /dev/null /dev/zero /dev/full "
	"/dev/random /dev/urandom /dev/tty\n"
	"init     root          the host's tree, recursively read-only, "
	"nosuid, nodev\n"
	"init     scratch       one new tmpfs, nosuid, nodev, noexec, for all "
	"that follows\n"
	"init     covers        empty over /tmp (writable) /var/tmp "
	"(writable) /run (read-only) /home (read-only) /root (read-only)\n"
	"init     dev           a new /dev: null zero full random urandom "
	"tty fd stdin stdout stderr ptmx pts (a new devpts) shm (writable)\n"
	"init     proc          a new /proc of the new pid namespace\n"
	"init     bind-back     nothing: working directory and command are "
	"visible\n"
	"init     pivot         enter the new root, detach the old one\n"
	"init     hostname      'sandbox'\n"
	"init     loopback      bring up lo, the only interface\n"
	"init     nested-users  user.max_user_namespaces = 0 inside\n"
	"init     process       fork the command's process as pid 2\n"
	"command  session       a session of its own; the terminal, if any, "
	"is not its controlling one, so it can't push input into it\n"
	"command  workdir       start in '/srv'\n"
	"command  umask         umask 022\n"
	"command  rlimits       no core dumps\n"
	"command  signals       every disposition to its default, nothing "
	"blocked\n"
	"command  capabilities  empty the bounding, ambient, inheritable, "
	"permitted and effective sets; lock the securebits\n"
	"command  descriptors   close every descriptor except 0, 1 and 2\n"
	"init     init          lock pid 1: no capabilities, not dumpable, "
	"SIGKILL when the runner dies, a filter of its own\n"
	"command  await-init    wait until pid 1 is locked\n"
	"command  filter        load the seccomp filter, 4 instructions\n"
	"command  exec          '/usr/bin/tool'; environment: "
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "
	"HOME=/tmp TERM=xterm LANG=C.UTF-8\n";

START_TEST(root)
{
	struct world w;

	world_init(&w);
	world_be_root(&w);
	world_plan(&w);
	ck_assert_str_eq(w.text, root_text);
	world_fini(&w);
}
END_TEST

START_TEST(process_lines)
{
	static const struct sandbox_rlimit limits[] = {
		{ RLIMIT_NOFILE, 10, 20, { 0 } },
		{ RLIMIT_CORE, UINT64_MAX, UINT64_MAX, { 0 } },
	};
	static const struct sandbox_env env_lines[] = {
		{ "SECRET", NULL }, { "HOME", "/srv" }, { "GONE", NULL },
	};
	static const int fds[] = { 9, 4 };
	static const enum host_fd kept[] = { HOST_FD_OPEN, HOST_FD_OPEN };
	const char *const lines[] = {
		"runner   nice          niceness 5\n",
		"runner   sched         SCHED_IDLE\n",
		"runner   oom           oom_score_adj 100\n",
		"runner   timeout       SIGKILL to everything inside after 30s\n",
		"umask 077\n",
		"rlimits       nofile 10 to 20, core unlimited\n",
		"except 0, 1, 2, 4 and 9\n",
		"HOME=/srv TERM=xterm LANG=C.UTF-8 SECRET=1\n",
		"W0842",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct world w;

		world_init(&w);
		w.box.has_nice = w.box.has_oom = w.box.has_umask = true;
		w.box.nice = 5;
		w.box.oom = 100;
		w.box.umask = 077;
		w.box.sched = SCHED_KIND_IDLE;
		w.box.timeout_ms = 30000;
		w.box.rlimits = limits;
		w.box.nrlimits = 2;
		w.box.env = env_lines;
		w.box.nenv = 3;
		w.box.fds = fds;
		w.box.nfds = 2;
		w.host.kept = kept;
		w.host.autogroup = true;
		w.host.rlimit_hard[RLIMIT_NOFILE] = 20;
		w.host.rlimit_hard[RLIMIT_CORE] = UINT64_MAX;
		expect_text(&w, lines[i]);
	}
}
END_TEST

/* Each privilege, missing and there. */
START_TEST(process_refusals)
{
	static const struct sandbox_rlimit over = { RLIMIT_NOFILE, 10, 21,
						    { 0 } };
	static const int fd = 7;
	enum host_fd kept = HOST_FD_CLOSED;
	struct world w;

	world_init(&w);
	w.box.rlimits = &over;
	w.box.nrlimits = 1;
	w.host.rlimit_hard[RLIMIT_NOFILE] = 20;
	expect_refusal(&w, 125, "error[E0840]: cannot apply 'rlimit nofile': "
				"the hard limit asked for is 21, the caller's "
				"is 20\n");
	world_init(&w);
	w.box.rlimits = &over;
	w.box.nrlimits = 1;
	w.host.rlimit_hard[RLIMIT_NOFILE] = 20;
	w.host.may_raise = true;
	expect_text(&w, "runner   raise         raise the limits");
	world_init(&w);
	w.box.has_nice = true;
	w.box.nice = -1;
	expect_refusal(&w, 125, "error[E0840]: cannot apply 'nice -1'");
	world_init(&w);
	w.box.has_nice = true;
	w.box.nice = -1;
	w.host.nice_floor = -20;
	expect_text(&w, "niceness -1\n");
	world_init(&w);
	w.box.fds = &fd;
	w.box.nfds = 1;
	w.host.kept = &kept;
	expect_refusal(&w, 125, "error[E0841]: cannot keep descriptor 7");
	kept = HOST_FD_DIR;
	world_init(&w);
	w.box.fds = &fd;
	w.box.nfds = 1;
	w.host.kept = &kept;
	expect_refusal(&w, 125, "error[E0811]: descriptor 7 is a directory");
}
END_TEST

START_TEST(caller)
{
	struct world w;

	world_init(&w);
	expect_text(&w, "id-maps       uid 1001 inside is 1001 outside, gid "
			"1002 inside is 1002 outside\n");
	world_init(&w);
	expect_text(&w, "deny setgroups; the caller's 3 supplementary groups "
			"stay");
	world_init(&w);
	w.host.ngroups = 0;
	expect_text(&w, "deny setgroups\n");
	world_init(&w);
	w.box.hostname = "web";
	expect_text(&w, "hostname      'web'\n");
}
END_TEST

static void set_command(struct world *w, const char *path, const char *real)
{
	w->host.command = (struct host_path){ path, path, real, 0, NULL };
}

static void set_cwd(struct world *w, const char *path)
{
	w->host.cwd = (struct host_path){ NULL, path, path, 0, NULL };
}

START_TEST(backs)
{
	static const struct {
		const char *cwd, *command, *real, *want;
	} rows[] = {
		{ "/home/u/p", "/usr/bin/x", "/usr/bin/x", ": '/home/u/p'\n" },
		{ "/home/u/p", "/home/u/p/bin/x", "/home/u/p/bin/x",
		  ": '/home/u/p'\n" },
		{ "/home/u/p/q", "/home/u/p/x", "/home/u/p/x",
		  ": '/home/u/p'\n" },
		{ "/home/u/p", "/home/u/pq/x", "/home/u/pq/x",
		  ": '/home/u/p' '/home/u/pq'\n" },
		{ "/srv", "/home/u/bin/x", "/home/u/src/x",
		  ": '/home/u/bin' '/home/u/src'\n" },
		/* The cover itself stays a cover; the file alone comes. */
		{ "/srv", "/tmp/x", "/tmp/x", ": '/tmp/x'\n" },
		{ "/dev/shm/d", "/dev/shm/x", "/dev/shm/x",
		  ": '/dev/shm/d' '/dev/shm/x'\n" },
		{ "/", "/usr/bin/x", "/usr/bin/x", "nothing" },
		{ "/homes/u", "/usr/bin/x", "/usr/bin/x", "nothing" },
		{ "/run/user/1", "/usr/bin/x", "/usr/bin/x",
		  ": '/run/user/1'\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world w;

		world_init(&w);
		set_cwd(&w, rows[i].cwd);
		set_command(&w, rows[i].command, rows[i].real);
		expect_text(&w, rows[i].want);
	}
}
END_TEST

START_TEST(covers)
{
	struct world w;

	/* One place by two names is covered once, an absent one not at all. */
	world_init(&w);
	w.host.dirs[DIR_HOME] = "/usr/home";
	w.host.dirs[DIR_ROOT] = NULL;
	w.host.dirs[DIR_VAR_RUN] = "/var/run";
	expect_text(&w, "empty over /tmp (writable) /var/tmp (writable) /run "
			"(read-only) /var/run (read-only) /usr/home "
			"(read-only)\n");
	world_init(&w);
	w.host.dirs[DIR_TMP] = NULL;
	expect_refusal(&w, 125, "error[E0808]");
}
END_TEST

START_TEST(working_directory)
{
	struct world w;

	world_init(&w);
	set_cwd(&w, "/tmp");
	expect_text(&w, "warning[W0816]: the working directory '/tmp' is "
			"empty in the sandbox");
	world_init(&w);
	w.host.cwd = (struct host_path){ .err = ENOENT };
	expect_text(&w, "warning[W0816]");
	world_init(&w);
	world_be_root(&w);
	set_cwd(&w, "/home/x");
	w.host.cwd.closed_at = "/home";
	expect_text(&w, "workdir       start in '/'\n");
	/* Closed to others means nothing to a caller with its own id. */
	world_init(&w);
	set_cwd(&w, "/home/u");
	w.host.cwd.closed_at = "/home/u";
	expect_text(&w, "workdir       start in '/home/u'\n");
	world_init(&w);
	w.box.workdir = "relative";
	expect_refusal(&w, 125, "error[E0812]");
	world_init(&w);
	w.box.workdir = "/none";
	w.host.cwd = (struct host_path){ .err = ENOENT };
	expect_refusal(&w, 125, "error[E0812]");
}
END_TEST

START_TEST(refusals)
{
	struct world w;

	world_init(&w);
	w.host.command = (struct host_path){ .err = ENOENT };
	expect_refusal(&w, 127, "error[E0801]: cannot find the command "
				"'tool'");
	world_init(&w);
	w.host.command = (struct host_path){ .err = EACCES };
	expect_refusal(&w, 126, "error[E0802]: cannot execute 'tool': "
				"Permission denied");
	world_init(&w);
	world_be_root(&w);
	w.host.command.closed_at = "/root";
	expect_refusal(&w, 126, "'/root' is closed to others");
	world_init(&w);
	w.req.filter_allows_exec = false;
	w.req.exec_reason = "web.gate:4: kill execve";
	expect_refusal(&w, 125, "note: web.gate:4: kill execve");
	world_init(&w);
	w.host.features &= ~(unsigned)HOST_USERNS;
	expect_refusal(&w, 125, "error[E0804]: this kernel has no user "
				"namespaces");
	world_init(&w);
	w.host.fd_is_dir[1] = true;
	expect_refusal(&w, 125, "error[E0811]: descriptor 1");
}
END_TEST

/* Root without an id to give never falls back to its own. */
START_TEST(no_lease)
{
	struct world w;

	world_init(&w);
	w.host.uid = 0;
	expect_refusal(&w, 125, "lacks CAP_SETUID");
	world_init(&w);
	world_be_root(&w);
	w.host.lease_first = 1;
	w.host.lease_last = 0;
	expect_refusal(&w, 125, "error[E0807]");
}
END_TEST

struct net_row {
	struct sandbox_network net;
	bool root;
	int exit_code;
	const char *text;
};

#define BAD_ADDRESS(text)                                                      \
	{ { .kind = NETWORK_VETH, .address = (text) }, true, 125, "E0850" }

static const struct net_row net_rows[] = {
	{ { .kind = NETWORK_HOST }, false, 0,
	  "new: user mount pid ipc uts cgroup; the host's network\n" },
	{ { .kind = NETWORK_VETH, .bridge = "br0", .address = "10.1.0.2/24",
	    .gateway = "10.1.0.1" },
	  true, 0,
	  "runner   network       a veth pair: eth0 inside, its other end in "
	  "the bridge 'br0'\n" },
	{ { .kind = NETWORK_VETH, .bridge = "br0", .address = "fd00::2/64",
	    .gateway = "fd00::1" },
	  true, 0,
	  "init     address       eth0: fd00::2/64, default route through "
	  "fd00::1\n" },
	{ { .kind = NETWORK_VETH }, true, 0, "its other end in no bridge\n" },
	{ { .kind = NETWORK_VETH }, false, 125, "E0850" },
	{ { .kind = NETWORK_VETH, .bridge = "br1" }, true, 125, "E0850" },
	BAD_ADDRESS("10.1.0.2"),
	BAD_ADDRESS("10.1.0.2/33"),
	BAD_ADDRESS("10.1.0.2/8x"),
	BAD_ADDRESS("10.1.0/24"),
	{ { .kind = NETWORK_VETH, .address = "10.1.0.2/24",
	    .gateway = "10.1.0.1/24" },
	  true, 125, "E0850" },
	{ { .kind = NETWORK_VETH, .address = "10.1.0.2/24",
	    .gateway = "fd00::1" },
	  true, 125, "same family" },
	{ { .kind = NETWORK_PASTA }, false, 0,
	  "runner   pasta         '/usr/bin/pasta' moves packets" },
	{ { .kind = NETWORK_PASTA }, true, 125, "ordinary users" },
};

START_TEST(networks)
{
	const struct net_row *row = &net_rows[_i];
	struct world w;

	world_init(&w);
	if (row->root)
		world_be_root(&w);
	w.host.may_net_admin = row->root;
	w.host.has_bridge = row->net.bridge && row->net.bridge[2] == '0';
	w.host.pasta = "/usr/bin/pasta";
	w.box.network = row->net;
	if (row->exit_code)
		expect_refusal(&w, row->exit_code, row->text);
	else
		expect_text(&w, row->text);
}
END_TEST

START_TEST(report)
{
	struct str text = { 0 };

	for (int box = 0; box < 2; box++) {
		struct world w;

		world_init(&w);
		w.box.present = box;
		w.req.report = &text;
		expect_text(&w, "command  await-runner  wait, without a call");
	}
}
END_TEST

START_TEST(no_pasta)
{
	struct world w;

	world_init(&w);
	w.box.network.kind = NETWORK_PASTA;
	expect_refusal(&w, 125, "E0852");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan");
	TCase *tests = tcase_create("plan");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, plain);
	tcase_add_loop_test(tests, terminal, 0, 6);
	tcase_add_test(tests, root);
	tcase_add_test(tests, process_lines);
	tcase_add_test(tests, process_refusals);
	tcase_add_test(tests, caller);
	tcase_add_test(tests, backs);
	tcase_add_test(tests, covers);
	tcase_add_test(tests, working_directory);
	tcase_add_test(tests, refusals);
	tcase_add_test(tests, no_lease);
	tcase_add_loop_test(tests, networks, 0, ARRAY_LEN(net_rows));
	tcase_add_test(tests, no_pasta);
	tcase_add_test(tests, report);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
