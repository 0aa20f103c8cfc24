/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_run_failures.c - goal: what can't be built or started is refused with its
 * exit status, its code and its cause, and the command never runs
 *
 * Method: callers that take something away (namespaces, a descriptor, a
 * right) and filters that refuse; each command would print "IT-RAN".
 */
#include <endian.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "tests/support/live.h"

#define ECHO { "/bin/sh", "-c", "echo IT-RAN" }

static void expect_refused(const struct live_case *c, int code,
			   const char *text)
{
	struct live_run r;

	live_run(&r, c);
	live_expect(&r, code, text);
	live_check(!live_has(&r, "IT-RAN\n"), "the command ran", r.text);
	live_check(!live_has(&r, "bug at"), "a bug", r.text);
}

static void test_not_found(enum live_who who)
{
	for (int plain = 0; plain < 2; plain++) {
		struct live_case c = { .who = who,
				       .plain = plain,
				       .argv = { "no-such-command" } };

		expect_refused(&c, 127, "E0801");
		c.argv[0] = "/no/such/command";
		expect_refused(&c, 127, "E0801");
		c.argv[0] = "";
		expect_refused(&c, 127, "E0801");
	}
}

/* A file of our own in a folder that everybody may enter. */
static void write_file(char *dir, char *path, size_t size, const char *text,
		       mode_t mode)
{
	FILE *f;

	live_check(mkdtemp(dir) && chmod(dir, 0755) == 0, "mkdtemp", NULL);
	snprintf(path, size, "%s/f", dir);
	f = fopen(path, "we");
	live_check(f && fputs(text, f) >= 0 && fclose(f) == 0 &&
			   chmod(path, mode) == 0,
		   "write", NULL);
}

static void test_not_executable(enum live_who who)
{
	static const struct {
		const char *text;
		mode_t mode;
		int code;
		const char *want;
	} rows[] = {
		{ "#!/bin/sh\necho IT-RAN\n", 0644, 126, "E0802" },
		{ "neither program nor script\n", 0755, 126, "E0802" },
		{ "#!/no/such/interpreter\n", 0755, 127, "E0801" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows) * 2; i++) {
		char dir[] = "/tmp/callgate-live.XXXXXX", path[64];
		struct live_case c = { .who = who,
				       .plain = i % 2,
				       .argv = { path } };

		write_file(dir, path, sizeof(path), rows[i / 2].text,
			   rows[i / 2].mode);
		expect_refused(&c, rows[i / 2].code, rows[i / 2].want);
		c.argv[0] = dir;
		expect_refused(&c, 126, "E0802");
		unlink(path);
		rmdir(dir);
	}
}

/* Root may; the leased id of its sandbox may not, and is told so. */
static void test_closed_command(enum live_who who)
{
	char dir[] = "/tmp/callgate-live.XXXXXX", path[64];
	struct live_case c = { .who = who, .argv = { path } };

	if (who != LIVE_ROOT)
		return;
	write_file(dir, path, sizeof(path), "#!/bin/sh\necho IT-RAN\n", 0700);
	expect_refused(&c, 126, "closed to others");
	chmod(path, 0755);
	chmod(dir, 0700);
	expect_refused(&c, 126, dir);
	c.argv[0] = "/bin/true";
	c.workdir = dir;
	expect_refused(&c, 125, "E0812");
	unlink(path);
	rmdir(dir);
}

static void test_exec_refused(enum live_who who)
{
	for (int plain = 0; plain < 2; plain++) {
		struct live_case c = { .who = who,
				       .plain = plain,
				       .exec_refused = true,
				       .argv = ECHO };

		expect_refused(&c, 125, "E0803");
	}
}

#define LOAD_NR                                                                \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))
#define ON(nr, ret)                                                            \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 1),                       \
		BPF_STMT(BPF_RET | BPF_K, (ret))

/* The record of a failed exec needs no call that the filter could refuse. */
static void test_silent_child(enum live_who who)
{
	static const struct sock_filter insns[] = {
		LOAD_NR,
		ON(SYS_write, SECCOMP_RET_KILL_PROCESS),
		ON(SYS_exit_group, SECCOMP_RET_ERRNO | EPERM),
		ON(SYS_exit, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	for (int plain = 0; plain < 2; plain++) {
		char dir[] = "/tmp/callgate-live.XXXXXX", path[64];
		struct live_case c = { .who = who,
				       .plain = plain,
				       .insns = insns,
				       .ninsns = ARRAY_LEN(insns),
				       .argv = { path } };

		write_file(dir, path, sizeof(path), "no program\n", 0755);
		expect_refused(&c, 126, "E0802");
		unlink(path);
		rmdir(dir);
	}
}

static void test_bad_program(enum live_who who)
{
	static const struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 3), /* not aligned */
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	for (int plain = 0; plain < 2; plain++) {
		struct live_case c = { .who = who,
				       .plain = plain,
				       .insns = insns,
				       .ninsns = ARRAY_LEN(insns),
				       .argv = ECHO };

		expect_refused(&c, 125, "E0810");
	}
}

static void test_death_by_filter(enum live_who who)
{
	static const struct sock_filter kills[] = {
		LOAD_NR,
#ifdef SYS_mkdir
		ON(SYS_mkdir, SECCOMP_RET_KILL_PROCESS),
#endif
		ON(SYS_mkdirat, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	for (int plain = 0; plain < 2; plain++) {
		struct live_case c = { .who = who,
				       .plain = plain,
				       .insns = kills,
				       .ninsns = ARRAY_LEN(kills),
				       .argv = { "mkdir", "/tmp/x" } };
		struct live_run r;

		live_run(&r, &c);
		live_expect(&r, 128 + SIGSYS, "error[E0813]: 'mkdir' was "
					      "killed by its filter (SIGSYS)");
		c.insns = NULL;
		c.argv[0] = "/bin/sh";
		c.argv[1] = "-c";
		c.argv[2] = "kill -SYS $$";
		live_run(&r, &c);
		live_expect(&r, 128 + SIGSYS, "its filter does not send");
	}
}

static void open_directory_as_input(void)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY);

	if (fd < 0 || dup2(fd, 0) < 0)
		_exit(98);
}

static void close_standard(void)
{
	close(0);
	close(2);
}

static void test_standard_descriptors(enum live_who who)
{
	struct live_case c = { .who = who,
			       .prepare = open_directory_as_input,
			       .argv = ECHO };
	struct live_run r;

	expect_refused(&c, 125, "E0811");
	/* What is closed becomes /dev/null: no file of ours lands there. */
	c.prepare = close_standard;
	c.argv[2] = "readlink /proc/self/fd/0 /proc/self/fd/2; echo IT-RAN";
	live_run(&r, &c);
	live_expect(&r, 0, "/dev/null\n/dev/null\nIT-RAN\n");
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		_exit(97);
	close(fd);
}

/* An outer user namespace, whose limit is its own. */
static void enter_namespace(const char *name, const char *inside)
{
	char map[64];
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (unshare(CLONE_NEWUSER))
		_exit(98);
	write_text("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "%s %u 1", inside, uid);
	write_text("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "%s %u 1", inside, gid);
	write_text("/proc/self/gid_map", map);
	if (name)
		write_text(name, "0");
}

static void no_more_users(void)
{
	enter_namespace("/proc/sys/user/max_user_namespaces", "12345");
}

static void no_more_networks(void)
{
	enter_namespace("/proc/sys/user/max_net_namespaces", "12345");
}

static void become_mapped_root(void)
{
	enter_namespace(NULL, "0");
}

static void test_limits(enum live_who who)
{
	struct live_case c = { .who = who,
			       .prepare = no_more_users,
			       .argv = ECHO };

	if (who == LIVE_ROOT)
		return;
	expect_refused(&c, 125, "E0805");
	expect_refused(&c, 125, "user.max_user_namespaces is 0");
	c.prepare = no_more_networks;
	expect_refused(&c, 125, "E0805");
	/* A root that has no other id to give. */
	c.prepare = become_mapped_root;
	expect_refused(&c, 125, "E0807");
}

/* A caller that may not make its maps: E0806. */
static void become_undumpable(void)
{
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static void test_maps(enum live_who who)
{
	struct live_case c = { .who = who,
			       .prepare = become_undumpable,
			       .argv = ECHO };

	if (who == LIVE_ROOT)
		return;
	expect_refused(&c, 125, "E0806");
	expect_refused(&c, 125, "not dumpable");
}

/* The caller is in a filter of its own that has no such call: E0808, E0809. */
static void refuse_call(int nr)
{
	struct sock_filter insns[] = {
		LOAD_NR,
		ON((unsigned)nr, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_LEN(insns), insns };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog))
		_exit(98);
}

/* Only those where the low half of an argument is, or isn't, the value. */
static void refuse_argument(unsigned nr, unsigned arg, unsigned value, bool is)
{
	struct sock_filter insns[] = {
		LOAD_NR,
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args) + 8 * arg +
				 (__BYTE_ORDER == __BIG_ENDIAN ? 4 : 0)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, is ? 0 : 1,
			 is ? 1 : 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_LEN(insns), insns };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog))
		_exit(98);
}

static void refuse_interface_up(void)
{
	refuse_argument(SYS_ioctl, 1, SIOCSIFFLAGS, true);
}

static void refuse_new_limit(void)
{
	refuse_argument(SYS_prlimit64, 2, 0, false);
}

#define REFUSE(name)                                                           \
	static void refuse_##name(void)                                        \
	{                                                                      \
		refuse_call(SYS_##name);                                       \
	}

REFUSE(clone)
REFUSE(mount)
REFUSE(open_tree)
REFUSE(openat2)
REFUSE(move_mount)
REFUSE(fsopen)
REFUSE(fsmount)
REFUSE(pivot_root)
REFUSE(umount2)
REFUSE(sethostname)
REFUSE(ioctl)
REFUSE(setsid)
REFUSE(prlimit64)
REFUSE(capset)
REFUSE(dup3)
REFUSE(setresuid)

/* Every part of the machinery, refused in turn, stops the run. */
static void test_each_step(enum live_who who)
{
	static const struct {
		void (*refuse)(void);
		const char *code;
	} rows[] = {
		{ refuse_clone,	      "E0805" }, { refuse_mount,      "E0808" },
		{ refuse_open_tree,   "E0808" }, { refuse_openat2,    "E0808" },
		{ refuse_move_mount,  "E0808" }, { refuse_fsopen,     "E0808" },
		{ refuse_fsmount,     "E0808" }, { refuse_pivot_root, "E0808" },
		{ refuse_umount2,     "E0808" }, { refuse_sethostname, "E0809" },
		{ refuse_ioctl,	      "E0898" }, { refuse_setsid,     "E0809" },
		{ refuse_prlimit64,   "E0898" }, { refuse_capset,     "E0809" },
		{ refuse_interface_up, "E0809" }, { refuse_new_limit, "E0840" },
		{ refuse_dup3,	      "E0809" }, { refuse_setresuid,  "E0809" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct live_case c = { .who = who,
				       .prepare = rows[i].refuse,
				       .argv = ECHO };

		expect_refused(&c, 125, rows[i].code);
	}
}

static void refuse_mount_setattr(void)
{
	struct sock_filter insns[] = {
		LOAD_NR,
		ON(SYS_mount_setattr, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_LEN(insns), insns };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog))
		_exit(98);
}

static void test_old_kernel(enum live_who who)
{
	struct live_case c = { .who = who,
			       .prepare = refuse_mount_setattr,
			       .argv = ECHO };

	expect_refused(&c, 125, "E0804");
	expect_refused(&c, 125, "Linux 5.12");
}

static void enter_closed(void)
{
	if (chdir("/root"))
		_exit(98);
}

/* Said before the command starts, not in silence. */
static void test_workdir_warning(enum live_who who)
{
	struct live_case c = { .who = who,
			       .prepare = enter_closed,
			       .argv = { "pwd" } };
	struct stat st;
	struct live_run r;

	if (who != LIVE_ROOT || stat("/root", &st) || (st.st_mode & S_IXOTH))
		return;
	live_run(&r, &c);
	live_expect(&r, 0, "W0816");
	live_check(live_has(&r, "\n/\n"), "starts in /", r.text);
}

int main(void)
{
	static const struct live_test tests[] = {
		{ "not found",		  test_not_found	    },
		{ "not executable",	  test_not_executable	    },
		{ "closed command",	  test_closed_command	    },
		{ "exec refused",	  test_exec_refused	    },
		{ "silent child",	  test_silent_child	    },
		{ "bad program",	  test_bad_program	    },
		{ "death by filter",	  test_death_by_filter	    },
		{ "standard descriptors", test_standard_descriptors },
		{ "limits",		  test_limits		    },
		{ "maps",		  test_maps		    },
		{ "each step",		  test_each_step	    },
		{ "old kernel",		  test_old_kernel	    },
		{ "working directory",	  test_workdir_warning	    },
	};

	return live_main(tests, ARRAY_LEN(tests));
}
