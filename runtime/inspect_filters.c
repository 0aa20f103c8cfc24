/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect_filters.c - the sizes of a process's seccomp programs
 *
 * The kernel gives them to a tracer with CAP_SYS_ADMIN that is not behind a
 * filter itself, of a process that stands still.  Stopping one is not for
 * free: a sleep goes on by restart_syscall, which its filter may refuse.  So
 * it is done when asked for, and only where the caller could succeed.
 */
#include "runtime/inspect.h"

#include <errno.h>
#include <poll.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/caps.h"

enum { STOP_PATIENCE_MS = 1000 };

/* Frozen processes never stop: the wait has an end. */
static bool wait_stopped(pid_t pid)
{
	int status;

	for (int ms = 0; ms < STOP_PATIENCE_MS; ms++) {
		pid_t got = waitpid(pid, &status, WNOHANG | __WALL);

		if (got == pid)
			return WIFSTOPPED(status);
		if (got < 0)
			return false;
		poll(NULL, 0, 1);
	}
	return false;
}

static const char *why(int err)
{
	switch (err) {
	case EPERM:
		return "it is traced already, or may not be traced by this "
		       "user";
	case EACCES:
		return "it takes CAP_SYS_ADMIN on the host, and a reader "
		       "without a filter of its own";
	case EIO:
		return "the kernel lacks CONFIG_CHECKPOINT_RESTORE";
	case ETIMEDOUT:
		return "the process is frozen or waits for a device, and "
		       "does not stop to be read";
	default:
		return "the process has ended";
	}
}

static int read_sizes(struct inspection *in, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		/* The newest is number 0. */
		long n = ptrace(PTRACE_SECCOMP_GET_FILTER, in->pid,
				(void *)(uintptr_t)i, NULL);

		if (n < 0)
			return errno;
		inspect_add(in, "privileges",
			    arena_printf(in->arena, "filter-%u", i + 1),
			    arena_printf(in->arena, "%ld instructions", n));
	}
	return 0;
}

void inspect_filters(struct inspection *in, unsigned count)
{
	uint64_t held;
	int err;

	if (!in->filters) {
		inspect_lacks(in, "privileges", "programs",
			      "the process would be stopped for an instant; "
			      "--filters does it");
		return;
	}
	if (in->pid == getpid())
		err = EPERM;
	else if (!caps_permitted(&held) || !(held >> CAP_SYS_ADMIN & 1) ||
		 prctl(PR_GET_SECCOMP) != 0)
		err = EACCES;
	else if (ptrace(PTRACE_SEIZE, in->pid, NULL, NULL) < 0)
		err = errno;
	else if (ptrace(PTRACE_INTERRUPT, in->pid, NULL, NULL) < 0 ||
		 !wait_stopped(in->pid))
		err = ETIMEDOUT;
	else
		err = read_sizes(in, count);
	/* Without effect where it is not stopped: our end lets it go. */
	if (in->pid != getpid())
		ptrace(PTRACE_DETACH, in->pid, NULL, NULL);
	if (err)
		inspect_lacks(in, "privileges", "programs",
			      in->pid == getpid()
				      ? "a process cannot read its own"
				      : why(err));
}
