/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sys.h - system calls without a wrapper in the C library
 *
 * Also those whose wrapper does more than the call: fork() runs handlers
 * and takes the allocator's locks, which a child here must not need.
 */
#ifndef RUNTIME_SYS_H
#define RUNTIME_SYS_H

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* fork() with namespace flags: s390 has the first two arguments swapped. */
static inline pid_t sys_fork(unsigned long flags)
{
	flags |= SIGCHLD;
#if defined(__s390__)
	return (pid_t)syscall(SYS_clone, NULL, flags, NULL, NULL, NULL);
#else
	return (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
#endif
}

/*
 * The same through clone3: the only way to a time namespace, and to a
 * cgroup (-1: none).  A child of the parent ends as its siblings do.
 */
static inline pid_t sys_clone3(unsigned long flags, int cgroup)
{
	struct clone_args args = {
		.flags = flags | (cgroup >= 0 ? CLONE_INTO_CGROUP : 0),
		.exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD,
		.cgroup = cgroup >= 0 ? (unsigned)cgroup : 0,
	};

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

/* With the call that has room for these flags. */
static inline pid_t sys_fork_into(unsigned long flags)
{
	return flags & CLONE_NEWTIME ? sys_clone3(flags, -1) : sys_fork(flags);
}

static inline int sys_pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(SYS_pivot_root, new_root, put_old);
}

static inline int sys_openat2(int dir, const char *path, struct open_how *how)
{
	return (int)syscall(SYS_openat2, dir, path, how, sizeof(*how));
}

static inline int sys_seccomp(unsigned op, unsigned flags, void *args)
{
	return (int)syscall(SYS_seccomp, op, flags, args);
}

static inline int sys_capget(struct __user_cap_header_struct *head,
			     struct __user_cap_data_struct *data)
{
	return (int)syscall(SYS_capget, head, data);
}

static inline int sys_capset(struct __user_cap_header_struct *head,
			     const struct __user_cap_data_struct *data)
{
	return (int)syscall(SYS_capset, head, data);
}

#endif
