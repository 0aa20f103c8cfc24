/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor_ns.c - namespaces and id maps, tried by making them
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"
#include "runtime/doctor_rows.h"
#include "runtime/lookup.h"
#include "runtime/probe.h"
#include "runtime/sys.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

enum { NEW_ALL = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC |
		 CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWCGROUP };

/* What a trial sandbox does first, by the exit status of its pid 1. */
static const char *const trial_steps[] = {
	"all is well",	     "its id maps",	 "private propagation",
	"a tmpfs of its own", "a clone of the tree", "a /proc of its own",
};

static int make_and_end(unsigned long flags)
{
	pid_t pid = sys_fork(flags);

	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return errno;
	waitpid(pid, NULL, 0);
	return 0;
}

static const char *user_cause(struct exam *e, int err)
{
	if (host_sysctl("/proc/sys/user/max_user_namespaces") == 0)
		return "user.max_user_namespaces is 0: raise it with sysctl";
	if (host_sysctl("/proc/sys/kernel/unprivileged_userns_clone") == 0)
		return "kernel.unprivileged_userns_clone is 0: set it to 1 "
		       "with sysctl";
	if (host_sysctl("/proc/sys/kernel/"
			"apparmor_restrict_unprivileged_userns") == 1)
		return "kernel.apparmor_restrict_unprivileged_userns is 1: "
		       "set it to 0, or give callgate an AppArmor profile "
		       "with 'userns,'";
	if (err == ENOSPC)
		return "user.max_user_namespaces is reached, here or in a "
		       "namespace above: raise it with sysctl";
	if (err == EUSERS)
		return "namespaces are nested too deep";
	if (err == EINVAL || err == ENOSYS)
		return "a kernel with CONFIG_USER_NS";
	if (err == EPERM)
		return "a container's filter or a chroot forbids it: start it "
		       "with --security-opt seccomp=unconfined, or outside";
	(void)e;
	return "see user_namespaces(7)";
}

static bool user_namespace(struct exam *e)
{
	struct fact fact = { "user namespaces", "every sandbox", NULL };
	long limit = host_sysctl("/proc/sys/user/max_user_namespaces");
	int err = make_and_end(CLONE_NEWUSER);

	if (err)
		fact.remedy = user_cause(e, err);
	if (err)
		fact_need(e, &fact, false, "clone: %s", strerror(err));
	else
		fact_need(e, &fact, true, "made one; at most %ld", limit);
	return !err;
}

static void other_namespaces(struct exam *e, bool user)
{
	static const struct {
		unsigned long flag;
		bool needed;
		const char *limit;
		struct fact fact;
	} list[] = {
#define LIMIT(name) "/proc/sys/user/max_" name "_namespaces"
#define RAISE(name) "raise user.max_" name "_namespaces with sysctl"
		{ CLONE_NEWNS, true, LIMIT("mnt"),
		  { "mount namespaces", "every sandbox", RAISE("mnt") } },
		{ CLONE_NEWPID, true, LIMIT("pid"),
		  { "pid namespaces", "every sandbox", RAISE("pid") } },
		{ CLONE_NEWIPC, true, LIMIT("ipc"),
		  { "ipc namespaces", "every sandbox", RAISE("ipc") } },
		{ CLONE_NEWUTS, true, LIMIT("uts"),
		  { "uts namespaces", "every sandbox", RAISE("uts") } },
		{ CLONE_NEWNET, true, LIMIT("net"),
		  { "net namespaces", "every sandbox", RAISE("net") } },
		{ CLONE_NEWCGROUP, true, LIMIT("cgroup"),
		  { "cgroup namespaces", "every sandbox", RAISE("cgroup") } },
		{ CLONE_NEWTIME, false, LIMIT("time"),
		  { "time namespaces", "'namespaces time'",
		    "Linux 5.6 with CONFIG_TIME_NS" } },
#undef LIMIT
#undef RAISE
	};

	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		const struct fact *f = &list[i].fact;
		bool timed = list[i].flag == CLONE_NEWTIME;
		int err;

		/* clone() has the bit for its signal: only a limit to see. */
		if (timed)
			err = access(list[i].limit, F_OK) ? ENOSYS : 0;
		else
			err = make_and_end(list[i].flag |
					   (user ? CLONE_NEWUSER : 0));
		if (list[i].needed)
			e->can &= !err;
		if (err)
			fact_row(e, f, DOCTOR_NO, "%s", strerror(err));
		else
			fact_row(e, f, DOCTOR_YES, "%s; at most %ld",
				 timed ? "there" : "made one",
				 host_sysctl(list[i].limit));
	}
}

/* --- a sandbox in small ------------------------------------------------------ */

static _Noreturn void trial_child(int go)
{
	char byte;

	if (read(go, &byte, 1) != 1)
		_exit(1);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		_exit(2);
	if (mount("none", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, NULL))
		_exit(3);
	if (open_tree(AT_FDCWD, "/",
		      OPEN_TREE_CLONE | AT_RECURSIVE | OPEN_TREE_CLOEXEC) < 0)
		_exit(4);
	if (mount("proc", "/proc", "proc",
		  MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		_exit(5);
	_exit(0);
}

static bool write_map(pid_t pid, const char *file, const char *text)
{
	char path[64];
	bool ok;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return ok;
}

static bool write_maps(pid_t pid)
{
	char map[64];

	snprintf(map, sizeof(map), "1000 %u 1\n", (unsigned)geteuid());
	if (!write_map(pid, "setgroups", "deny") ||
	    !write_map(pid, "uid_map", map))
		return false;
	snprintf(map, sizeof(map), "1000 %u 1\n", (unsigned)getegid());
	return write_map(pid, "gid_map", map);
}

static int trial(int *step)
{
	int pair[2], status = 0;
	pid_t pid;

	*step = 0;
	if (pipe2(pair, O_CLOEXEC))
		return errno;
	pid = sys_fork(NEW_ALL);
	if (pid == 0) {
		close(pair[1]);
		trial_child(pair[0]);
	}
	if (pid < 0) {
		status = errno;
		close(pair[0]);
		close(pair[1]);
		return status;
	}
	close(pair[0]);
	if (write_maps(pid) && write(pair[1], "", 1) != 1)
		*step = 1;
	close(pair[1]);
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status))
		*step = WEXITSTATUS(status);
	return *step ? EPERM : 0;
}

static void sandbox(struct exam *e)
{
	static const struct fact fact = {
		"all of these at once", "every sandbox",
		"inside a container, one whose /proc has nothing mounted over "
		"it: --security-opt systempaths=unconfined"
	};
	int step, err = trial(&step);

	if (!err)
		fact_need(e, &fact, true,
			  "id maps, mounts and a new /proc were tried");
	else if (step > 0 && (size_t)step < ARRAY_LEN(trial_steps))
		fact_need(e, &fact, false, "%s is refused", trial_steps[step]);
	else
		fact_need(e, &fact, false, "clone: %s", strerror(err));
}

/* --- ids ------------------------------------------------------------------------ */

static bool may_gain(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 &&
	       ((st.st_mode & S_ISUID) ||
		getxattr(path, "security.capability", NULL, 0) > 0);
}

static void map_helper(struct exam *e, const char *name)
{
	const struct fact fact = { name, "'map' with subordinate ids",
				   "install the package uidmap" };
	struct host_path found;
	const char *path = getenv("PATH");

	lookup_command(name, path, e->arena, &found);
	if (found.err)
		fact_row(e, &fact, DOCTOR_NO, "not installed");
	else if (!may_gain(found.path))
		fact_row(e, &fact, DOCTOR_PARTLY,
			 "'%s' is neither setuid nor has it capabilities",
			 found.path);
	else
		fact_row(e, &fact, DOCTOR_YES, "%s", found.path);
}

/* "NAME:FIRST:COUNT" for the user's name or number. */
static bool subordinate(const char *file, const char *name, uid_t uid,
			unsigned long *count)
{
	char line[256], owner[128];
	unsigned long first;
	FILE *f = fopen(file, "re");

	*count = 0;
	while (f && fgets(line, sizeof(line), f)) {
		unsigned long n;
		char *end;

		if (sscanf(line, "%127[^:]:%lu:%lu", owner, &first, &n) != 3)
			continue;
		if (strcmp(owner, name) &&
		    (strtoul(owner, &end, 10) != uid || *end))
			continue;
		*count += n;
	}
	if (f)
		fclose(f);
	return *count > 0;
}

/* From the file alone: a static program can't load what NSS names. */
static const char *own_name(struct exam *e)
{
	FILE *f = fopen("/etc/passwd", "re");
	const char *name = "";
	struct passwd *pw;

	while (f && !*name && (pw = fgetpwent(f)))
		if (pw->pw_uid == getuid())
			name = arena_strndup(e->arena, pw->pw_name,
					     strlen(pw->pw_name));
	if (f)
		fclose(f);
	return name;
}

static void subordinate_ids(struct exam *e, const char *file)
{
	const char *name = own_name(e);
	const struct fact fact = {
		file, "'map' with subordinate ids",
		arena_printf(e->arena,
			     "as root, usermod --add-%ss 100000-165535 %s",
			     strrchr(file, '/') + 1, *name ? name : "USER")
	};
	unsigned long count;

	if (subordinate(file, name, getuid(), &count))
		fact_row(e, &fact, DOCTOR_YES, "%lu ids for %s", count,
			 *name ? name : "this user");
	else if (geteuid() == 0)
		fact_row(e, &fact, DOCTOR_INFO,
			 "no entry for root, who leases ids without one");
	else
		fact_row(e, &fact, DOCTOR_NO, "no entry for %s",
			 *name ? name : "this user");
}

static void groups(struct exam *e)
{
	static const struct fact fact = {
		"supplementary groups", "a sandbox without the caller's groups",
		"start as root, or after setpriv --clear-groups: the kernel "
		"lets no one else drop them"
	};
	int n = getgroups(0, NULL);

	if (n <= 0)
		fact_row(e, &fact, DOCTOR_YES, "there are none");
	else if (exam_has_cap(CAP_SETGID))
		fact_row(e, &fact, DOCTOR_YES, "%d, and they can be dropped",
			 n);
	else
		fact_row(e, &fact, DOCTOR_PARTLY,
			 "%d, which stay with the sandbox", n);
}

void doctor_namespaces(struct exam *e)
{
	bool user = user_namespace(e);

	other_namespaces(e, user);
	sandbox(e);
	map_helper(e, "newuidmap");
	map_helper(e, "newgidmap");
	subordinate_ids(e, "/etc/subuid");
	subordinate_ids(e, "/etc/subgid");
	groups(e);
}
