/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock.c - covers and read-only mounts that CAP_SYS_ADMIN can't undo
 *
 * The kernel locks mounts to each other, and their flags, when a mount
 * namespace is copied for another user namespace.  So an empty user
 * namespace is made first, and everything that was mounted is copied once
 * more into a mount namespace of its.  Helpers share init's descriptors:
 * what they open is init's.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/apply.h"
#include "runtime/sys.h"

static const char net_limit[] = "/proc/sys/user/max_net_namespaces";

/* In a helper: opens a namespace of its own, for init. */
static _Noreturn void hand_over(struct run *run, const char *path)
{
	run->shared->lock_fd = open(path, O_RDONLY | O_CLOEXEC);
	run->shared->lock_err = run->shared->lock_fd < 0 ? errno : 0;
	syscall(SYS_exit_group, 0);
	for (;;)
		__builtin_trap();
}

static _Noreturn void copy_mounts(struct run *run)
{
	if (setns(run->lock_owner, CLONE_NEWUSER) == 0 &&
	    unshare(CLONE_NEWNS) == 0)
		hand_over(run, "/proc/self/ns/mnt");
	run->shared->lock_err = errno;
	syscall(SYS_exit_group, 0);
	for (;;)
		__builtin_trap();
}

/* The descriptor that the helper opened, or -1 and errno. */
static int take_over(struct run *run, pid_t helper)
{
	if (helper < 0)
		return -1;
	while (waitpid(helper, NULL, 0) < 0)
		if (errno != EINTR)
			return -1;
	errno = run->shared->lock_err;
	return errno ? -1 : run->shared->lock_fd;
}

/*
 * Who holds CAP_SYS_ADMIN could join that user namespace and have every
 * capability there.  It owns nothing but locked mounts; a network of its
 * own is what it must not get.
 */
static int refuse_networks(struct run *run)
{
	int fd = open(net_limit, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return step_failed(run, net_limit);
	if (write(fd, "0", 1) != 1)
		err = step_failed(run, net_limit);
	close(fd);
	return err;
}

int lock_owner(const struct sandbox_plan *plan, struct run *run)
{
	pid_t helper;

	run->shared->lock_err = ECHILD;
	helper = sys_fork(CLONE_NEWUSER | CLONE_FILES);
	if (helper == 0)
		hand_over(run, "/proc/self/ns/user");
	run->lock_owner = take_over(run, helper);
	if (run->lock_owner < 0)
		return step_failed(run, "a user namespace");
	if (!(plan->kind & PLAN_NEW_USER) ||
	    plan->req->sandbox->nested_users)
		return 0;
	return refuse_networks(run);
}

void lock_owner_describe(const struct sandbox_plan *plan, FILE *out)
{
	fputs("a user namespace without ids, to own the mounts", out);
	if ((plan->kind & PLAN_NEW_USER) && !plan->req->sandbox->nested_users)
		fputs("; user.max_net_namespaces = 0 inside", out);
}

int lock_mounts(const struct sandbox_plan *plan, struct run *run)
{
	pid_t helper;
	int fd, err = 0;

	(void)plan;
	run->shared->lock_err = ECHILD;
	helper = sys_fork(CLONE_FILES);
	if (helper == 0)
		copy_mounts(run);
	fd = take_over(run, helper);
	close(run->lock_owner);
	if (fd < 0)
		return step_failed(run, "a mount namespace");
	if (setns(fd, CLONE_NEWNS) < 0)
		err = step_failed(run, "a mount namespace");
	else if (run->lock_pair[1] >= 0 && !pty_send(run->lock_pair[1], fd))
		err = step_failed(run, "the runner");
	close(fd);
	return err;
}

void lock_mounts_describe(const struct sandbox_plan *plan, FILE *out)
{
	(void)plan;
	fputs("copy all mounts for that user namespace: sys_admin can "
	      "neither unmount them nor change their flags",
	      out);
}
