/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_run_namespaces.c - goal: each namespace is new, joined or the caller's,
 * as asked for, and nothing outlives a sandbox in any of these ways
 *
 * Method: real sandboxes as root and as an ordinary user; the inodes in
 * /proc/self/ns inside are compared with the host's.  Whether anything is
 * left says the common output pipe: it ends with the last that holds it.
 */
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "tests/support/live.h"

#define SHELL(script) { "/bin/sh", "-c", script }

static const char leave_some[] =
	"setsid sleep 1000 & (setsid sleep 1000 &); (sleep 1000 & setsid sh -c "
	"'sleep 1000 & sleep 1000' &) & echo ready; ";

static const struct {
	enum ns_kind kind;
	const char *file;
} kinds[] = {
	{ NS_USER, "user" }, { NS_MOUNT, "mnt" },     { NS_PID, "pid" },
	{ NS_NET, "net" },   { NS_IPC, "ipc" },	      { NS_UTS, "uts" },
	{ NS_TIME, "time" }, { NS_CGROUP, "cgroup" },
};

static void host_id(const char *file, char id[64])
{
	char path[64];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", file);
	len = readlink(path, id, 63);
	id[len < 0 ? 0 : len] = '\0';
}

/* Each in turn is the caller's, and each alone beside user is new. */
static void check_set(enum live_who who, unsigned set)
{
	struct sandbox box = {
		.present = true,
		.ns_without = NS_DEFAULT & ~set,
		.ns_with = set & ~(unsigned)NS_DEFAULT,
	};
	struct live_case c = { .who = who,
			       .box = &box,
			       .argv = SHELL("cd /proc/self/ns; for n in user "
					     "mnt pid net ipc uts time cgroup; "
					     "do readlink $n; done; id -u") };
	struct live_run r;

	live_run(&r, &c);
	live_expect(&r, 0, NULL);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		char id[64], what[96];
		bool is_new = set & kinds[i].kind;

		host_id(kinds[i].file, id);
		snprintf(what, sizeof(what), "set %x: %s is %s", set,
			 kinds[i].file, is_new ? "new" : "the caller's");
		live_check(live_has(&r, id) != is_new, what, r.text);
	}
	live_check(!live_has(&r, "\n0\n"), "not root", r.text);
}

static void test_sets(enum live_who who)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (kinds[i].kind == NS_USER && who == LIVE_USER)
			continue;
		check_set(who, NS_ALL & ~(unsigned)kinds[i].kind);
		check_set(who, kinds[i].kind | (who == LIVE_USER ? NS_USER : 0));
	}
	check_set(who, NS_USER);
	if (who == LIVE_ROOT)
		check_set(who, 0);
}

static void test_refused(enum live_who who)
{
	struct sandbox box = { .present = true, .ns_without = NS_USER };
	struct live_case c = { .who = who, .box = &box, .argv = { "true" } };
	struct live_run r;

	live_run(&r, &c);
	if (who == LIVE_ROOT)
		live_expect(&r, 0, NULL);
	else
		live_expect(&r, 125, "E0879");
}

/* --- without a pid namespace --- */

static struct sandbox adopting(void)
{
	return (struct sandbox){ .present = true, .ns_without = NS_PID };
}

static void test_leftovers(enum live_who who)
{
	struct sandbox box = adopting();
	char script[512];
	struct live_case c = { .who = who,
			       .box = &box,
			       .argv = SHELL(script) };
	struct live_run r;

	snprintf(script, sizeof(script), "%sexit 4", leave_some);
	live_run(&r, &c);
	live_expect(&r, 4, "ready");
}

static void kill_init(const struct live_run *r)
{
	char path[64], line[256];
	FILE *f;
	int pid;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
		 (int)r->runner, (int)r->runner);
	f = fopen(path, "re");
	while (f && fscanf(f, "%d", &pid) == 1) {
		FILE *comm;

		snprintf(path, sizeof(path), "/proc/%d/comm", pid);
		comm = fopen(path, "re");
		if (comm && fgets(line, sizeof(line), comm) &&
		    !strcmp(line, "callgate-init\n"))
			kill(pid, SIGKILL);
		if (comm)
			fclose(comm);
	}
	if (f)
		fclose(f);
}

static void test_killed(enum live_who who)
{
	for (int init = 0; init < 2; init++) {
		struct sandbox box = adopting();
		char script[512];
		struct live_case c = { .who = who,
				       .box = &box,
				       .argv = SHELL(script) };
		struct live_run r;

		snprintf(script, sizeof(script), "%sread x", leave_some);
		live_start(&r, &c);
		live_check(live_read(&r, "ready\n"), "start", r.text);
		if (init)
			kill_init(&r);
		else
			kill(r.runner, SIGKILL);
		live_finish(&r);
		live_expect(&r, init ? 128 + SIGKILL : 1000 + SIGKILL,
			    init ? "E0814" : NULL);
	}
}

static void test_timeout(enum live_who who)
{
	struct sandbox box = adopting();
	char script[512];
	struct live_case c = { .who = who,
			       .box = &box,
			       .argv = SHELL(script) };
	struct live_run r;

	box.timeout_ms = 500;
	snprintf(script, sizeof(script), "%skill -STOP $$", leave_some);
	live_run(&r, &c);
	live_expect(&r, 124, "E0843");
}

static long landlock_version(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0,
		       LANDLOCK_CREATE_RULESET_VERSION);
}

static void test_signals(enum live_who who)
{
	struct sandbox box = adopting();
	struct live_case c = {
		.who = who,
		.box = &box,
		.argv = SHELL("trap 'echo got; exit 7' TERM; setsid sleep 1000 "
			      "& echo ready; wait")
	};
	struct live_run r;

	live_start(&r, &c);
	live_check(live_read(&r, "ready\n"), "start", r.text);
	kill(r.runner, SIGTERM);
	live_finish(&r);
	live_expect(&r, 7, "got\n");
	/* Nothing outside is reached, not even its own init. */
	c.argv[2] = "(sleep 1000 & kill $!; wait $!; echo $?); "
		    "(: >/proc/self/oom_score_adj); kill -0 $PPID";
	live_run(&r, &c);
	live_check(live_has(&r, "143\n"), "its own are reached", r.text);
	live_check(live_has(&r, "Read-only file system"), "/proc", r.text);
	if (landlock_version() < 6)
		live_skip("this kernel's Landlock has no scope for signals");
	else
		live_check(live_has(&r, "not permitted"), "EPERM", r.text);
}

/* --- the command as pid 1 --- */

static void test_alone(enum live_who who)
{
	struct sandbox box = { .present = true, .init_off = true };
	struct live_case c = { .who = who,
			       .box = &box,
			       .argv = SHELL("echo pid $$; cd /proc; echo "
					     "[0-9]*; setsid sleep 1000 & "
					     "exit 6") };
	struct live_run r;

	live_run(&r, &c);
	live_expect(&r, 6, "pid 1\n1\n");
	c.argv[2] = "kill -SEGV $$; echo ignored; exec /no/such";
	live_run(&r, &c);
	live_expect(&r, 127, "ignored\n");
	c.argv[2] = "setsid sleep 1000 & echo ready; read x";
	live_start(&r, &c);
	live_check(live_read(&r, "ready\n"), "start", r.text);
	kill(r.runner, SIGKILL);
	live_finish(&r);
	live_expect(&r, 1000 + SIGKILL, NULL);
	box.terminal = TERMINAL_OWN;
	c.argv[2] = "tty; ps -o pid=,sid=,tty= -p 1";
	live_run(&r, &c);
	live_expect(&r, 0, "/dev/pts/0\r\n");
	live_check(live_has(&r, "      1       1 pts/0"), "leader", r.text);
}

/* --- joining --- */

static pid_t command_of(pid_t runner)
{
	pid_t pid = runner;

	for (int depth = 0; depth < 2; depth++) {
		char path[64];
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
			 (int)pid, (int)pid);
		f = fopen(path, "re");
		if (!f || fscanf(f, "%d", &pid) != 1)
			pid = 0;
		if (f)
			fclose(f);
	}
	return pid;
}

/* With CAP_SYS_ADMIN inside, its mounts belong to one more namespace. */
static void join_process(enum live_who who, uint64_t caps)
{
	const struct sandbox owner = { .present = true, .caps_keep = caps };
	struct sandbox_join join = { .kind = NS_PID };
	struct sandbox box = { .present = true, .joins = &join, .njoins = 1 };
	char script[512];
	struct live_case first = { .who = who,
				   .box = &owner,
				   .hostname = "first",
				   .argv = SHELL("echo in >/tmp/f; echo ready; "
						 "read x; exit 3") };
	struct live_case c = { .who = who,
			       .box = &box,
			       .argv = SHELL(script) };
	struct live_run a, b;

	live_start(&a, &first);
	live_check(live_read(&a, "ready\n"), "start", a.text);
	join.pid = command_of(a.runner);
	live_check(join.pid > 0, "the command's pid", a.text);
	snprintf(script, sizeof(script),
		 "%scat /tmp/f; hostname; cat /proc/[2-9]/comm | head -n 1; grep Cap "
		 "/proc/self/status | grep -c 0000000000000000; id -u; exit 9",
		 leave_some);
	live_run(&b, &c);
	live_expect(&b, 9, "in\nfirst\nsh\n5\n");
	live_check(!live_has(&b, "\n0\n"), "not root", b.text);
	/* Its runner killed: the first sandbox goes on. */
	snprintf(script, sizeof(script), "%sread x", leave_some);
	live_start(&b, &c);
	live_check(live_read(&b, "ready\n"), "start", b.text);
	kill(b.runner, SIGKILL);
	live_finish(&b);
	live_expect(&b, 1000 + SIGKILL, NULL);
	live_finish(&a);
	live_expect(&a, 3, NULL);
	/* It is gone. */
	live_run(&b, &c);
	live_expect(&b, 125, "E0871");
}

static void test_join_process(enum live_who who)
{
	join_process(who, 0);
	join_process(who, 1ULL << CAP_SYS_ADMIN);
}

/* Its user namespace alone: all others are new, and belong to that one. */
static void test_join_user(enum live_who who)
{
	char path[64];
	struct sandbox_join join = { .kind = NS_USER, .path = path };
	struct sandbox box = { .present = true,
			       .joins = &join,
			       .njoins = 1 };
	struct live_case first = { .who = who,
				   .argv = SHELL("echo ready; read x") };
	struct live_case c = {
		.who = who,
		.hostname = "second",
		.box = &box,
		.argv = SHELL("readlink /proc/self/ns/user; echo $$; hostname; "
			      "id -u; unshare -U true || echo refused; "
			      "grep -c 0000000000000000 /proc/self/status")
	};
	char theirs[64], link[64];
	struct live_run a, b;
	ssize_t len;

	live_start(&a, &first);
	live_check(live_read(&a, "ready\n"), "start", a.text);
	snprintf(path, sizeof(path), "/proc/%d/ns/user",
		 (int)command_of(a.runner));
	snprintf(link, sizeof(link), "%s", path);
	len = readlink(link, theirs, sizeof(theirs) - 1);
	theirs[len < 0 ? 0 : len] = '\0';
	live_run(&b, &c);
	live_expect(&b, 0, theirs);
	live_check(live_has(&b, "\n2\nsecond\n"), "others are new", b.text);
	live_check(live_has(&b, "refused"), "nested ones", b.text);
	live_check(!live_has(&b, "\n0\n"), "not root", b.text);
	/* And nothing else is new. */
	box.ns_without = NS_DEFAULT & ~NS_USER;
	live_run(&b, &c);
	live_expect(&b, 0, theirs);
	live_finish(&a);
}

static void test_terminal(enum live_who who)
{
	struct sandbox box = { .present = true,
			       .ns_without = NS_MOUNT,
			       .terminal = TERMINAL_OWN };
	struct live_case c = { .who = who,
			       .box = &box,
			       .argv = SHELL("tty; test -t 0 && test -t 2") };
	struct live_run r;

	live_run(&r, &c);
	live_expect(&r, 0, "/dev/pts/");
	box.terminal = TERMINAL_NONE;
	live_run(&r, &c);
	live_expect(&r, 1, "not a tty");
}

static void test_join_file(enum live_who who)
{
	struct sandbox_join join = { .kind = NS_UTS, .path = "/etc/passwd" };
	struct sandbox box = { .present = true, .joins = &join, .njoins = 1 };
	struct live_case c = { .who = who, .box = &box, .argv = { "true" } };
	struct live_run r;

	live_run(&r, &c);
	live_expect(&r, 125, "it is no namespace");
	join.path = "/proc/self/ns/net";
	live_run(&r, &c);
	live_expect(&r, 125, "it is one of another kind");
	join.path = "/proc/self/ns/uts";
	c.argv[0] = "hostname";
	live_run(&r, &c);
	live_expect(&r, 0, NULL);
	live_check(!live_has(&r, "sandbox"), "the caller's name", r.text);
}

/* --- pinning --- */

static void test_pin(enum live_who who)
{
	char dir[] = "/run/callgate-live.XXXXXX", path[64];
	struct sandbox_pin pin = { .kind = NS_UTS, .path = path };
	struct sandbox box = { .present = true, .pins = &pin, .npins = 1 };
	struct live_case c = { .who = who,
			       .box = &box,
			       .argv = { "/etc/passwd" } };
	struct stat st;
	struct live_run r;

	if (who == LIVE_USER) {
		snprintf(path, sizeof(path), "/tmp/callgate-live-pin");
		live_run(&r, &c);
		live_expect(&r, 126, NULL);
		c.argv[0] = "true";
		live_run(&r, &c);
		live_expect(&r, 125, "E0872");
		return;
	}
	live_check(mkdtemp(dir) != NULL, "mkdtemp", NULL);
	snprintf(path, sizeof(path), "%s/uts", dir);
	/* Nothing is left of a run that does not come about. */
	live_run(&r, &c);
	live_expect(&r, 126, NULL);
	c.argv[0] = "/bin/true";
	box.hostname = "kept";
	for (int other = 0; other < 3; other++) {
		if (other == 0)
			live_check(symlink("/etc", path) == 0, "link", NULL);
		else if (other == 1)
			live_check(unlink(path) == 0 && chmod(dir, 0777) == 0,
				   "chmod", NULL);
		else
			live_check(chmod(dir, 0755) == 0, "chmod", NULL);
		live_run(&r, &c);
		live_expect(&r, other == 2 ? 0 : 125,
			    other == 2 ? NULL : "E0872");
	}
	/* Still there, and let go of. */
	live_check(stat(path, &st) == 0, "pinned", NULL);
	live_check(umount2(path, MNT_DETACH) == 0 && unlink(path) == 0 &&
			   rmdir(dir) == 0,
		   "it is one mount over one file", NULL);
}

int main(void)
{
	static const struct live_test tests[] = {
		{ "sets",	  test_sets	    },
		{ "refused",	  test_refused	    },
		{ "leftovers",	  test_leftovers    },
		{ "killed",	  test_killed	    },
		{ "timeout",	  test_timeout	    },
		{ "signals",	  test_signals	    },
		{ "alone",	  test_alone	    },
		{ "join process", test_join_process },
		{ "join user",	  test_join_user    },
		{ "join file",	  test_join_file    },
		{ "terminal",	  test_terminal	    },
		{ "pin",	  test_pin	    },
	};

	return live_main(tests, ARRAY_LEN(tests));
}
