/* SPDX-License-Identifier: Apache-2.0 */
/*
 * join.c - entering namespaces that exist
 *
 * The runner opens them and stays where it is.  A fork of it enters them
 * and clones the sandbox's first process as a child of the runner: a pid
 * namespace takes in only the children of who entered it.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/apply.h"
#include "runtime/init.h"
#include "runtime/namespaces.h"
#include "runtime/sys.h"

/* What planning saw may have been replaced since. */
static int open_one(const char *path, const struct ns_row *row)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct statfs fs;

	if (fd < 0)
		return -1;
	if (fstatfs(fd, &fs) == 0 && fs.f_type == NSFS_MAGIC &&
	    ioctl(fd, NS_GET_NSTYPE) == (int)row->flag)
		return fd;
	close(fd);
	errno = ESTALE;
	return -1;
}

int join_open(const struct sandbox_plan *plan, struct run *run)
{
	for (size_t i = 0; i < NS_COUNT; i++) {
		if (!plan->joins[i])
			continue;
		run->joins[i] = open_one(plan->joins[i], &ns_rows[i]);
		if (run->joins[i] < 0)
			return step_failed(run, plan->joins[i]);
	}
	return 0;
}

void join_open_describe(const struct sandbox_plan *plan, FILE *out)
{
	const char *comma = "open ";

	for (size_t i = 0; i < NS_COUNT; i++) {
		if (!plan->joins[i])
			continue;
		fprintf(out, "%s%s '%s'", comma, ns_rows[i].name,
			plan->joins[i]);
		comma = ", ";
	}
	fputs(", to enter instead of new ones", out);
}

bool ns_owned_by(int fd, ino_t user)
{
	int at = ioctl(fd, NS_GET_USERNS);
	bool found = false;

	while (at >= 0 && !found) {
		struct stat st = { 0 };
		int above = ioctl(at, NS_GET_PARENT);

		found = fstat(at, &st) == 0 && st.st_ino == user;
		close(at);
		at = above;
	}
	if (at >= 0)
		close(at);
	return found;
}

/*
 * What the user namespace among them owns takes rights that only being in
 * it gives; all else takes rights that are lost by entering it.
 */
int ns_enter(const int fds[NS_COUNT], size_t *at)
{
	int turn[NS_COUNT] = { 0 };
	struct stat user = { 0 };

	if (fds[NS_USER_ROW] >= 0 && fstat(fds[NS_USER_ROW], &user) < 0)
		return errno;
	for (size_t i = 0; i < NS_COUNT; i++)
		if (fds[i] >= 0 && user.st_ino && i != NS_USER_ROW)
			turn[i] = ns_owned_by(fds[i], user.st_ino) ? 2 : 0;
	turn[NS_USER_ROW] = 1;
	for (int now = 0; now < 3; now++) {
		for (size_t i = 0; i < NS_COUNT; i++) {
			*at = i;
			if (fds[i] >= 0 && turn[i] == now &&
			    setns(fds[i], (int)ns_rows[i].flag) < 0)
				return errno;
		}
	}
	return 0;
}

static _Noreturn void join_main(const struct sandbox_plan *plan,
				struct run *run, unsigned long flags)
{
	struct fail *fail = &run->shared->init;
	size_t at = 0;
	int err = 0;
	pid_t pid;

	/* In there nobody could: the groups are the caller's. */
	if ((plan->joined_ns & NS_USER) && !plan->caller_uid &&
	    !plan->ids.denied && syscall(SYS_setgroups, 0, NULL) < 0)
		err = errno;
	if (!err)
		err = ns_enter(run->joins, &at);
	if (err) {
		fail_record(fail, run->step, err, plan->joins[at]);
		_exit(RUN_NOT_BUILT);
	}
	pid = cgroup_clone(plan, run, flags | CLONE_PARENT);
	if (pid == 0)
		init_main(run);
	if (pid < 0)
		fail_record(fail, run->step, errno, NULL);
	run->shared->born = run->cgroup.born;
	run->shared->own_cgroup_ns = run->cgroup.own_ns;
	run->shared->child = pid;
	_exit(0);
}

int join_and_clone(const struct sandbox_plan *plan, struct run *run,
		   unsigned long flags)
{
	struct fail *fail = &run->shared->init;
	pid_t pid = sys_fork(0);

	if (pid == 0)
		join_main(plan, run, flags);
	if (pid < 0)
		return step_failed(run, NULL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	run->child = run->shared->child;
	run->cgroup.born = run->shared->born;
	run->cgroup.own_ns = run->shared->own_cgroup_ns;
	if (run->child > 0)
		return 0;
	run->object = *fail->object ? fail->object : NULL;
	return fail->err ? fail->err : ECHILD;
}

void join_explain(struct diag *d, const struct run *run,
		  const struct fail *fail)
{
	const struct sandbox_plan *plan = run->plan;

	switch (fail->err) {
	case EPERM:
		diag_note(d, "entering takes CAP_SYS_ADMIN here and in the "
			     "user namespace that owns it%s",
			  plan->joined_ns & NS_USER
				  ? "; a user namespace is entered by who "
				    "made it, or by root"
				  : "");
		break;
	case EINVAL:
		diag_note(d, "a pid namespace must be below the caller's, and "
			     "a user namespace another one than it is in");
		break;
	case ENOENT:
	case EACCES:
	case ESTALE:
		diag_note(d, "it was there, and of that kind, when the plan "
			     "was made");
		break;
	case ENOMEM:
		diag_note(d, "the first process of that pid namespace has "
			     "ended: nobody can be added to it");
		break;
	}
}
