/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_plan_ns.c - goal: every choice of namespaces gives the steps that it needs
 *
 * Method: plan_decide() gets invented facts about namespaces, processes and
 * files; each plan is searched for the lines that must and must not be in
 * it, each refusal for its code, its cause and its remedy.
 */
#include <check.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bug.h"
#include "runtime/plan.h"
#include "runtime/probe.h"

enum { OWN_USER = 100, OTHER_USER = 200, TEXTS_MAX = 10 };
enum { ROW_USER, ROW_MOUNT, ROW_PID, ROW_IPC, ROW_UTS, ROW_NET };

static const struct sock_filter insns[] = {
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static char *argv[] = { (char *)"tool", NULL };
static char *env[] = { NULL };

struct world {
	struct sandbox box;
	struct run_request req;
	struct host host;
	struct arena *arena;
	struct sources sources;
	struct diag_sink *diags;
	int exit_code;
	char *text;
};

static void world_init(struct world *w, bool root)
{
	*w = (struct world){
		.box = { .present = true },
		.arena = arena_new(),
		.host = {
			.features = HOST_SECCOMP | HOST_USERNS |
				    HOST_MOUNT_API | HOST_CLOSE_RANGE,
			.uid = root ? 0 : 1001,
			.gid = root ? 0 : 1002,
			.may_map = root,
			.lease_first = root ? 524288 : 1,
			.lease_last = root ? 1879048191 : 0,
			.cap_last = 40,
			.caps_permitted = root ? (1ULL << 41) - 1 : 0,
			.caps_bounding = (1ULL << 41) - 1,
			.dirs = { "/tmp", "/var/tmp", "/run", "/run", "/home",
				  "/root" },
			.cwd = { .path = "/srv", .real = "/srv" },
			.command = { "/usr/bin/tool", "/usr/bin/tool",
				     "/usr/bin/tool", 0, NULL },
			.mounts = { .may_mount = root, .landlock = 7 },
			.namespaces = { .own_user = OWN_USER },
		},
	};
	w->req = (struct run_request){
		.sandbox = &w->box,
		.insns = insns,
		.ninsns = 1,
		.filter_allows_exec = true,
		.argv = argv,
		.env = env,
	};
	sources_init(&w->sources, w->arena);
	w->diags = diag_sink_new(w->arena, &w->sources);
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

/* A text after '!' must not be there. */
static void expect(struct world *w, int exit_code, const char *const *texts)
{
	world_plan(w);
	ck_assert_msg(w->exit_code == exit_code, "exit %d, not %d:\n%s",
		      w->exit_code, exit_code, w->text);
	for (; *texts; texts++) {
		bool want = **texts != '!';
		const char *text = *texts + !want;

		ck_assert_msg((strstr(w->text, text) != NULL) == want,
			      "'%s' is %sin:\n%s", text, want ? "not " : "",
			      w->text);
	}
	free(w->text);
	arena_free(w->arena);
}

#define EXPECT(w, code, ...)                                                   \
	expect((w), (code), (const char *const[]){ __VA_ARGS__, NULL })

static const struct {
	unsigned without, with;
	const char *texts[TEXTS_MAX];
} choices[] = {
	{ 0, 0,
	  { "new: user mount pid ipc uts net cgroup\n", "a new /proc",
	    "!guard ", "!seal-proc", "fork the command's process as pid 2",
	    "SIGKILL when the runner dies, a filter" } },
	{ 0, NS_TIME, { "new: user mount pid ipc uts net cgroup time\n" } },
	{ NS_UTS | NS_IPC, 0,
	  { "new: user mount pid net cgroup; the host's System V IPC; the "
	    "host's name\n",
	    "!hostname" } },
	{ NS_NET, 0, { "; the host's network\n", "!loopback" } },
	{ NS_CGROUP, 0, { "; the host's cgroup paths\n" } },
	{ NS_MOUNT, 0,
	  { "; the host's files as they are, every path is the host's\n",
	    "!propagation", "!pivot", "!covers", "!/proc of", "hostname",
	    "start in '/srv'" } },
	{ NS_PID, 0,
	  { "; the host's processes are seen\n", "runner   guard ",
	    "the host's /proc: without a pid namespace", "init     seal-proc",
	    "Landlock keeps signals and tracing inside\n",
	    "tie           SIGKILL when init dies\n",
	    "wait until init is locked", "!pid 1" } },
	{ NS_PID | NS_MOUNT, 0,
	  { "runner   guard ", "!seal-proc", "!pivot",
	    "Landlock keeps signals" } },
};

START_TEST(chosen)
{
	for (int root = 0; root < 2; root++) {
		struct world w;

		world_init(&w, root);
		w.box.ns_without = choices[_i].without;
		w.box.ns_with = choices[_i].with;
		expect(&w, 0, choices[_i].texts);
	}
}
END_TEST

/* Only root makes namespaces without one that gives the rights. */
START_TEST(without_user)
{
	struct world w;

	world_init(&w, true);
	w.box.ns_without = NS_USER;
	EXPECT(&w, 0, "new: mount pid ipc uts net cgroup; the caller's user "
		      "namespace\n", "!id-maps");
	world_init(&w, false);
	w.box.ns_without = NS_USER;
	EXPECT(&w, 125, "error[E0879]", "CAP_SYS_ADMIN",
	       "leave user among the namespaces, or start it as root");
	world_init(&w, true);
	w.box.ns_without = NS_DEFAULT;
	EXPECT(&w, 0, "namespaces    none is new; the caller's user namespace",
	       "runner   guard ");
}
END_TEST

START_TEST(old_kernels)
{
	struct world w;

	world_init(&w, false);
	w.host.namespaces.missing = NS_TIME | NS_CGROUP;
	w.box.ns_with = NS_TIME;
	EXPECT(&w, 125, "error[E0870]: this kernel has no cgroup and time "
			"namespaces\n",
	       "leave cgroup and time out of 'namespaces'");
	world_init(&w, false);
	w.host.namespaces.no_children_list = true;
	w.box.ns_without = NS_PID;
	EXPECT(&w, 125, "error[E0870]", "CONFIG_PROC_CHILDREN",
	       "keep pid among the namespaces");
	world_init(&w, false);
	w.host.mounts.landlock = 5;
	w.box.ns_without = NS_PID;
	EXPECT(&w, 0, "may signal other processes of its user", "!rules");
}
END_TEST

START_TEST(alone)
{
	struct world w;

	world_init(&w, false);
	w.box.init_off = true;
	EXPECT(&w, 0, "tie           SIGKILL when the runner dies\n",
	       "!fork the command", "!await-init", "!lock pid 1");
	world_init(&w, false);
	w.box.init_off = true;
	w.box.ns_without = NS_PID;
	EXPECT(&w, 125, "error[E0870]: 'init off' makes the command pid 1");
}
END_TEST

static struct host_ns *joins(struct world *w, size_t row, const char *path)
{
	struct host_ns *ns = &w->host.namespaces.joins[row];

	*ns = (struct host_ns){ .path = path,
				.is_ns = true,
				.kind = ns_rows[row].kind,
				.id = 300 + row,
				.owner = OWN_USER };
	return ns;
}

START_TEST(joined)
{
	struct world w;

	world_init(&w, true);
	joins(&w, ROW_NET, "/run/netns/web");
	EXPECT(&w, 0, "join          open net '/run/netns/web', to enter",
	       "new: user mount pid ipc uts cgroup\n", "!loopback");
	world_init(&w, true);
	joins(&w, ROW_PID, "/run/p");
	EXPECT(&w, 0, "runner   guard ", "init     seal-proc",
	       "!processes are seen");
	world_init(&w, true);
	joins(&w, ROW_MOUNT, "/run/m");
	EXPECT(&w, 0, "!pivot", "!host's files", "start in '/'");
	/* It is there already. */
	world_init(&w, false);
	joins(&w, ROW_NET, "/proc/self/ns/net")->same = true;
	EXPECT(&w, 0, "!join", "the host's network\n");
}
END_TEST

START_TEST(joins_refused)
{
	struct world w;

	world_init(&w, true);
	joins(&w, ROW_NET, "/run/netns/web")->err = ENOENT;
	EXPECT(&w, 125,
	       "error[E0871]: cannot join the net namespace "
	       "'/run/netns/web': No such file or directory\n",
	       "ip netns add web\n");
	world_init(&w, true);
	joins(&w, ROW_NET, "/etc/passwd")->is_ns = false;
	EXPECT(&w, 125, "'/etc/passwd': it is no namespace\n");
	world_init(&w, true);
	joins(&w, ROW_UTS, "/run/x")->kind = NS_IPC;
	EXPECT(&w, 125, "cannot join the uts namespace '/run/x': it is one of "
			"another kind\n",
	       "its kind is ipc\n");
	world_init(&w, false);
	joins(&w, ROW_NET, "/run/netns/web");
	EXPECT(&w, 125, "it takes CAP_SYS_ADMIN, which the caller lacks",
	       "start it as root");
	world_init(&w, false);
	joins(&w, ROW_NET, "/proc/7/ns/net")->owner = OTHER_USER;
	EXPECT(&w, 125, "which the caller lacks", "join pid NUMBER;");
	world_init(&w, false);
	joins(&w, ROW_NET, "/proc/7/ns/net")->err = EACCES;
	EXPECT(&w, 125, "the caller may not trace the process");
}
END_TEST

/* A user's own sandbox, entered by the user and by root. */
static void join_sandbox(struct world *w, uid_t uid)
{
	joins(w, ROW_USER, "/proc/7/ns/user")->id = OTHER_USER;
	joins(w, ROW_UTS, "/proc/7/ns/uts")->of_user = true;
	w->host.namespaces.process = (struct host_process){
		.pid = 7,
		.uid = uid,
		.mapped = true,
		.inside_uid = 1000,
		.inside_gid = 1000,
		.caller_mapped = true,
		.caller_uid = 0,
		.caller_gid = 0,
	};
}

START_TEST(joined_user)
{
	struct world w;

	world_init(&w, false);
	join_sandbox(&w, 1001);
	EXPECT(&w, 0, "open user '/proc/7/ns/user', uts '/proc/7/ns/uts'",
	       "new: mount pid ipc net cgroup\n", "become uid 0, gid 0",
	       "!id-maps", "!lease");
	world_init(&w, true);
	join_sandbox(&w, 524288);
	EXPECT(&w, 0, "become uid 1000, gid 1000", "!id-maps", "!lease");
	world_init(&w, true);
	join_sandbox(&w, 0);
	EXPECT(&w, 125, "error[E0871]", "its process is root on the host");
	world_init(&w, true);
	join_sandbox(&w, 524288);
	w.host.namespaces.process.pid = 0;
	EXPECT(&w, 125, "no process tells who one is in it",
	       "join pid NUMBER;");
	world_init(&w, false);
	join_sandbox(&w, 1001);
	w.host.namespaces.process.caller_mapped = false;
	EXPECT(&w, 125, "the ids are not mapped in it");
}
END_TEST

START_TEST(pinned)
{
	static const struct sandbox_pin pin = { .kind = NS_UTS,
						.path = "/run/web" };
	const char *dir = "/run", *trouble = NULL;

	for (int i = 0; i < 3; i++) {
		struct world w;

		world_init(&w, i != 1);
		w.box.pins = &pin;
		w.box.npins = 1;
		w.host.namespaces.pin_dirs = &dir;
		w.host.namespaces.pin_troubles = &trouble;
		trouble = i == 2 ? "it exists" : NULL;
		if (i == 0)
			EXPECT(&w, 0, "pin           keep uts '/run/web', until "
				      "'callgate release'\n");
		else if (i == 1)
			EXPECT(&w, 125, "error[E0872]", "CAP_SYS_ADMIN",
			       "join pid NUMBER;");
		else
			EXPECT(&w, 125,
			       "error[E0872]: cannot pin a namespace to "
			       "'/run/web': it exists\n",
			       "callgate release '/run/web'");
	}
}
END_TEST

START_TEST(terminals)
{
	struct world w;

	world_init(&w, false);
	w.box.terminal = TERMINAL_OWN;
	w.box.ns_without = NS_MOUNT;
	EXPECT(&w, 0, "a new terminal in the host's /dev/pts");
	world_init(&w, false);
	w.box.terminal = TERMINAL_OWN;
	w.box.root = ROOT_PATH;
	w.box.root_path = "/srv/root";
	w.host.mounts.root = (struct host_file){ .path = "/srv/root",
						 .is_dir = true };
	w.host.mounts.root_has_proc = true;
	EXPECT(&w, 125, "error[E0860]", "no directory /dev",
	       "make one there, or say terminal none;");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_ns");
	TCase *tests = tcase_create("plan_ns");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, chosen, 0, ARRAY_LEN(choices));
	tcase_add_test(tests, without_user);
	tcase_add_test(tests, old_kernels);
	tcase_add_test(tests, alone);
	tcase_add_test(tests, joined);
	tcase_add_test(tests, joins_refused);
	tcase_add_test(tests, joined_user);
	tcase_add_test(tests, pinned);
	tcase_add_test(tests, terminals);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
