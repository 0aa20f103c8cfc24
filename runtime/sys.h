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
