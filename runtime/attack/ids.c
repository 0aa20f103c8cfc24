/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ids.c - attacks by what a process inherits: identity, keys, signals
 */
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/attack/attack.h"
#include "runtime/attack/words.h"

#define CAP_BIT(cap) (1ULL << (cap))

enum { GROUPS_MAX = 256, CORE_BYTES = 64 * 1024 };

void attack_signals(struct verdict *v, const struct planted *p)
{
	static const char *const sets[] = { "SigIgn:", "SigBlk:" };
	uint64_t set;

	(void)p;
	for (size_t i = 0; i < 2; i++) {
		if (!status_hex(sets[i], &set))
			say_not(v, "/proc/self/status can't be read");
		else if (set)
			say_open(v, "%s %#llx is inherited", sets[i],
				 (unsigned long long)set);
		else
			say_blocked(v, "all are at their defaults");
	}
}

void attack_arguments(struct verdict *v, const struct planted *p)
{
	if (p->arguments_intact)
		say_blocked(v, "all arguments arrive as they were given");
	else
		say_open(v, "arguments arrive changed");
}

void attack_environment(struct verdict *v, const struct planted *p)
{
	(void)p;
	if (getenv(ATTACK_VARIABLE))
		say_open(v, "%s is set", ATTACK_VARIABLE);
	else if (getenv("LD_LIBRARY_PATH"))
		say_open(v, "LD_LIBRARY_PATH is set");
	else
		say_blocked(v, "the caller's variables are not there");
}

static long read_key(long ring, const char *name)
{
	char text[64];
	long id = syscall(SYS_keyctl, KEYCTL_SEARCH, ring, "user", name, 0);

	if (id < 0)
		return -1;
	return syscall(SYS_keyctl, KEYCTL_READ, id, text, sizeof(text), 0);
}

void attack_keyring(struct verdict *v, const struct planted *p)
{
	if (!p->key) {
		say_not(v, "the caller could make no key");
		return;
	}
	TRY(v, read_key(KEY_SPEC_SESSION_KEYRING, p->key),
	    "keyctl(SEARCH) in the session's keyring");
	TRY(v, read_key(KEY_SPEC_USER_KEYRING, p->key),
	    "keyctl(SEARCH) in the user's keyring");
	TRY(v, read_key(KEY_SPEC_USER_SESSION_KEYRING, p->key),
	    "keyctl(SEARCH) in the user's session keyring");
}

void attack_capabilities(struct verdict *v, const struct planted *p)
{
	static const char *const sets[] = { "CapEff:", "CapPrm:", "CapInh:",
					    "CapBnd:" };
	const uint64_t strong =
		CAP_BIT(CAP_SYS_ADMIN) | CAP_BIT(CAP_SYS_PTRACE) |
		CAP_BIT(CAP_SYS_MODULE) | CAP_BIT(CAP_SYS_RAWIO) |
		CAP_BIT(CAP_SYS_BOOT) | CAP_BIT(CAP_SYS_TIME) |
		CAP_BIT(CAP_DAC_READ_SEARCH) | CAP_BIT(CAP_SYSLOG) |
		CAP_BIT(CAP_PERFMON) | CAP_BIT(CAP_BPF);
	uint64_t set, inheritable, ambient;

	(void)p;
	if (!status_hex("CapInh:", &inheritable) ||
	    !status_hex("CapAmb:", &ambient)) {
		say_not(v, "/proc/self/status can't be read");
		return;
	}
	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++)
		if (status_hex(sets[i], &set) && (set & strong))
			say_open(v, "%s %#llx", sets[i],
				 (unsigned long long)set);
	if (inheritable & ~ambient)
		say_open(v, "CapInh: %#llx",
			 (unsigned long long)inheritable);
	say_blocked(v, "no set holds what reaches the host");
}

void attack_groups(struct verdict *v, const struct planted *p)
{
	gid_t list[GROUPS_MAX];
	int n = getgroups(GROUPS_MAX, list);

	(void)p;
	if (n < 0)
		say_blocked(v, "getgroups: %s", strerrorname_np(errno));
	for (int i = 0; i < n; i++)
		if (list[i] != getegid())
			say_open(v, "group %u is one of %d", list[i], n);
	say_blocked(v, "there are none");
}

void attack_setgroups(struct verdict *v, const struct planted *p)
{
	(void)p;
	TRY(v, syscall(SYS_setgroups, 0, NULL), "setgroups(0)");
}

static long nested_clone(void)
{
	const unsigned long flags = CLONE_NEWUSER | SIGCHLD;
#if defined(__s390__)
	long pid = syscall(SYS_clone, NULL, flags, NULL, NULL, NULL);
#else
	long pid = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
#endif

	if (pid == 0)
		_exit(0);
	return pid;
}

static long nested_clone3(void)
{
	struct clone_args args = {
		.flags = CLONE_NEWUSER,
		.exit_signal = SIGCHLD,
	};
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		_exit(0);
	return pid;
}

void attack_nested_users(struct verdict *v, const struct planted *p)
{
	(void)p;
	TRY(v, unshare(CLONE_NEWUSER), "unshare(CLONE_NEWUSER)");
	TRY(v, nested_clone(), "clone(CLONE_NEWUSER)");
	TRY(v, nested_clone3(), "clone3(CLONE_NEWUSER)");
}

static const char *const ns_names[] = { "user", "mnt",	"pid",	  "net",
					"ipc",	"uts",	"cgroup", "time" };

enum { NS_COUNT = sizeof(ns_names) / sizeof(*ns_names) };

/* One that differs from our own: entering that one is no escape. */
static void try_enter(struct verdict *v, int pid)
{
	char path[256], own[64] = "", other[64] = "";
	ssize_t n, m;

	for (size_t i = 0; i < NS_COUNT; i++) {
		path_of(path, "/proc/self/ns/%s", ns_names[i]);
		n = readlink(path, own, sizeof(own) - 1);
		path_of(path, "/proc/%d/ns/%s", pid, ns_names[i]);
		m = readlink(path, other, sizeof(other) - 1);
		if (n > 0 && n == m && !memcmp(own, other, (size_t)n))
			continue;
		TRY(v, setns(open(path, O_RDONLY), 0), "setns(%s)", path);
	}
}

static long parent_of(const char *path)
{
	int fd = open(path, O_RDONLY);

	return fd < 0 ? -1 : ioctl(fd, NS_GET_PARENT);
}

void attack_other_namespaces(struct verdict *v, const struct planted *p)
{
	(void)p;
	TRY(v, parent_of("/proc/self/ns/user"), "NS_GET_PARENT(user)");
	TRY(v, parent_of("/proc/self/ns/pid"), "NS_GET_PARENT(pid)");
	each_process(v, try_enter);
}

void attack_core_dump(struct verdict *v, const struct planted *p)
{
	struct rlimit lim;
	int status = 0;
	pid_t pid;

	if (getrlimit(RLIMIT_CORE, &lim))
		lim.rlim_max = 0;
	pid = fork();
	if (pid == 0) {
		char path[256];

		/* As much as may be, but little: a file may be left. */
		lim.rlim_cur = lim.rlim_max < CORE_BYTES ? lim.rlim_max
							 : CORE_BYTES;
		setrlimit(RLIMIT_CORE, &lim);
		if (p->dir && chdir(path_of(path, "%s/in", p->dir)))
			_exit(0);
		raise(SIGSEGV);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		say_not(v, "fork: %s", strerrorname_np(errno));
	} else if (WIFSIGNALED(status) && WCOREDUMP(status)) {
		say_open(v, "the kernel dumped a crash of signal %d",
			 WTERMSIG(status));
	} else {
		say_blocked(v, "a crash is not dumped (limit %lu)",
			    (unsigned long)lim.rlim_max);
	}
}
