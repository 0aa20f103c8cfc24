/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_run_roots.c - goal: a chosen or empty root shows only what it should,
 * Landlock holds where mounts would not, and no hostile tree leads outside
 *
 * Method: roots of our own with a static busybox, run as root and as an
 * ordinary user; a second process exchanges folders for links meanwhile; a
 * filter around the caller takes Landlock away half-way.
 */
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "tests/support/live.h"

enum { SWAP_RUNS = 40 };

static char top[64];

static const char *at(const char *name)
{
	static char paths[8][160];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", top, name);
	return path;
}

static void sh(const char *script)
{
	char command[600];

	snprintf(command, sizeof(command), "cd %s && { %s; }", top, script);
	live_check(system(command) == 0, command, NULL);
}

static void begin(void)
{
	strcpy(top, "/var/tmp/callgate-live.XXXXXX");
	live_check(mkdtemp(top) && chmod(top, 0755) == 0, "mkdtemp", NULL);
}

static void clean(void)
{
	sh("rm -rf ./*");
	rmdir(top);
}

static void run_box(struct live_run *r, enum live_who who,
		    const struct sandbox *asked, void (*prepare)(void),
		    const char *const *argv)
{
	struct sandbox box = *asked;
	struct live_case c = { .who = who, .box = &box, .prepare = prepare };

	box.present = true;
	for (size_t i = 0; argv[i]; i++)
		c.argv[i] = argv[i];
	live_run(r, &c);
}

static void run_sh(struct live_run *r, enum live_who who,
		   const struct sandbox *asked, const char *script)
{
	const char *argv[] = { "/bin/sh", "-c", script, NULL };

	run_box(r, who, asked, NULL, argv);
}

static bool busybox_root(void)
{
	if (access("/bin/busybox", X_OK) && access("/usr/bin/busybox", X_OK)) {
		live_skip("no static busybox (package busybox-static)");
		return false;
	}
	begin();
	sh("mkdir -p r/bin r/proc r/tmp r/data r/etc; "
	   "cp $(command -v busybox) r/bin/busybox; "
	   "ln -s /bin/busybox r/bin/sh; ln -s /etc r/evil; echo in >r/etc/id; "
	   "chmod -R go+rX r");
	return true;
}

static void test_chosen(enum live_who who)
{
	struct sandbox_mount m = { .kind = MOUNT_WRITE, .target = "/data" };
	struct sandbox box = { .root = ROOT_PATH, .mounts = &m };
	struct live_run r;

	if (!busybox_root())
		return;
	if (geteuid() == 0)
		sh("chown 12345:12345 r/data");
	box.root_path = at("r");
	run_sh(&r, who, &box,
	       "b=/bin/busybox; echo /*; $b cat /etc/id; $b touch /x; "
	       "$b touch /tmp/y && echo tmp; $b ls /proc/1/root; "
	       "$b grep ^Pid: /proc/self/status; pwd");
	live_expect(&r, 0, "/bin /data /etc /evil /proc /tmp\nin\n");
	live_check(live_has(&r, "touch: /x: Read-only file system") &&
			   live_has(&r, "\ntmp\n") && live_has(&r, "Pid:\t"),
		   "tree", r.text);
	live_check(live_has(&r, "/proc/1/root: Permission denied"), "root",
		   r.text);
	box.nmounts = 1;
	run_sh(&r, who, &box, "echo x >/data/new; echo x >/etc/new");
	live_expect(&r, 1, "/etc/new");
	live_check(access(at("r/data/new"), F_OK) == 0, "write", r.text);
	/* A link in the tree is not followed, whoever made it. */
	m.target = "/evil";
	run_sh(&r, who, &box, "echo IT-RAN");
	live_expect(&r, 125, "E0821");
	m = (struct sandbox_mount){ .kind = MOUNT_TMPFS, .target = "/evil" };
	run_sh(&r, who, &box, "echo IT-RAN");
	live_expect(&r, 125, "E0822");
	live_check(live_has(&r, "symbolic link"), "explained", r.text);
	box.nmounts = 0;
	run_box(&r, who, &box, NULL, (const char *[]){ "nosuch", NULL });
	live_expect(&r, 127, "E0801");
	sh("rmdir r/proc");
	run_sh(&r, who, &box, "echo IT-RAN");
	live_expect(&r, 125, "E0828");
	box.root_path = at("none");
	run_sh(&r, who, &box, "echo IT-RAN");
	live_expect(&r, 125, "E0821");
	clean();
}

/* `read` is not `exec`; the mount alone would let it pass. */
static void test_landlock(enum live_who who)
{
	static const struct sandbox_mount m[] = {
		{ .kind = MOUNT_READ, .loader = true },
		{ .kind = MOUNT_READ, .target = "/usr/bin" },
		{ .kind = MOUNT_EXEC, .target = "/usr/bin" },
	};
	struct sandbox box = {
		.root = ROOT_EMPTY,
		.mounts = m,
		.nmounts = 2,
	};
	struct live_run r;

	if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 1) {
		live_skip("this kernel has no Landlock");
		return;
	}
	run_sh(&r, who, &box,
	       "/usr/bin/true; echo st $?; read x </usr/bin/true && echo read");
	live_expect(&r, 0, "st 126\nread\n");
	box.nmounts = 3;
	run_sh(&r, who, &box, "/usr/bin/true; echo st $?");
	live_expect(&r, 0, "st 0\n");
}

/* The question for the version passes, making a ruleset does not. */
static void deny_ruleset(void)
{
	static struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_landlock_create_ruleset,
			 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOMEM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_LEN(insns), insns };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
		_exit(98);
}

static void test_landlock_fails(enum live_who who)
{
	static const struct sandbox_mount m[] = {
		{ .kind = MOUNT_EXEC, .target = "/usr" },
	};
	const struct sandbox box = { .mounts = m, .nmounts = 1 };
	const char *argv[] = { "/bin/echo", "IT-RAN", NULL };
	struct live_run r;

	if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 1) {
		live_skip("this kernel has no Landlock");
		return;
	}
	run_box(&r, who, &box, deny_ruleset, argv);
	live_expect(&r, 125, "E0826");
	live_check(!live_has(&r, "IT-RAN"), "it ran", r.text);
}

static void test_loader(enum live_who who)
{
	static const struct sandbox_mount m[] = {
		{ .kind = MOUNT_READ, .loader = true },
	};
	const struct sandbox box = {
		.root = ROOT_EMPTY,
		.mounts = m,
		.nmounts = 1,
	};
	const struct sandbox bare = { .root = ROOT_EMPTY };
	const char *argv[2] = { "/bin/true", NULL };
	struct live_run r;

	run_box(&r, who, &box, NULL, argv);
	live_expect(&r, 0, NULL);
	run_box(&r, who, &bare, NULL, argv);
	live_expect(&r, 127, "exec @loader;");
	begin();
	sh("for i in 1 2 3 4 5; do echo \"#!$PWD/s$((i+1))\" >s$i; "
	   "chmod 755 s$i; done; printf '#!/bin/sh\\necho script\\n' >ok; "
	   "chmod 755 ok");
	argv[0] = at("ok");
	run_box(&r, who, &box, NULL, argv);
	live_expect(&r, 0, "script\n");
	argv[0] = at("s1");
	run_box(&r, who, &box, NULL, argv);
	live_expect(&r, 125, "E0825");
	clean();
}

/* What root's sandbox makes in root's folder is root's: it says so. */
static void test_roots_own(enum live_who who)
{
	struct sandbox_mount m = { .kind = MOUNT_WRITE };
	struct sandbox box = { .mounts = &m, .nmounts = 1 };
	struct live_run r;
	struct stat st;
	char script[120];

	if (who != LIVE_ROOT)
		return;
	begin();
	sh("mkdir d");
	m.target = at("d");
	snprintf(script, sizeof(script), "touch %s/f", at("d"));
	run_sh(&r, who, &box, script);
	live_expect(&r, 0, "W0829");
	live_check(stat(at("d/f"), &st) == 0 && st.st_uid == 0, "owner", NULL);
	clean();
}

/* Exchanges t/d and t/link as fast as it can, until it is killed. */
static pid_t start_swapping(void)
{
	char a[160], b[160];
	pid_t pid;

	snprintf(a, sizeof(a), "%s", at("t/d"));
	snprintf(b, sizeof(b), "%s", at("t/link"));
	fflush(NULL);
	pid = fork();
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (geteuid() == 0 && (setresgid(LIVE_UID, LIVE_UID, LIVE_UID) ||
			       setresuid(LIVE_UID, LIVE_UID, LIVE_UID)))
		_exit(1);
	for (;;)
		syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 2);
}

/* Root is never led to /etc by a user's link; the user's own run may be. */
static void test_swap(enum live_who who)
{
	struct sandbox_mount m = { .kind = MOUNT_WRITE };
	struct sandbox box = { .mounts = &m, .nmounts = 1 };
	struct live_run r;
	char script[200];
	int ran = 0, refused = 0;
	pid_t pid;

	if (who != LIVE_ROOT)
		return;
	begin();
	sh("mkdir -p t/d; echo marker >t/d/marker; ln -s /etc t/link; "
	   "chown -hR 12345:12345 t");
	m.target = at("t/d");
	snprintf(script, sizeof(script), "cat %s/marker; ls %s/passwd",
		 at("t/d"), at("t/d"));
	pid = start_swapping();
	for (int i = 0; i < SWAP_RUNS; i++) {
		run_sh(&r, who, &box, script);
		live_check(!live_has(&r, "/passwd\n"), "led to /etc", r.text);
		ran += live_has(&r, "marker\n");
		refused += r.code == 125;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	live_check(ran + refused == SWAP_RUNS, "ran or refused", r.text);
	live_check(refused > 0, "never refused: no race was met", NULL);
	clean();
}

int main(void)
{
	static const struct live_test tests[] = {
		{ "chosen root",    test_chosen		},
		{ "landlock",	    test_landlock	},
		{ "landlock fails", test_landlock_fails },
		{ "loader",	    test_loader		},
		{ "root's own",	    test_roots_own	},
		{ "swap",	    test_swap		},
	};

	return live_main(tests, ARRAY_LEN(tests));
}
