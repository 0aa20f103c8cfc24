/* SPDX-License-Identifier: Apache-2.0 */
/*
 * meet.c - the command waits, and the runner comes
 *
 * The two steps are the command's, the rest is the runner's.  The kernel
 * adds to the byte the sender's process id as the runner's namespace has it.
 */
#include "runtime/meet.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/apply.h"
#include "runtime/denials.h"
#include "runtime/trace.h"

int meet_announce(const struct sandbox_plan *plan, struct run *run)
{
	/*
	 * Forgotten at exec.  The change of ids has cleared it, and without
	 * it the runner may not look at its own command.
	 */
	if ((plan->kind & PLAN_SANDBOX) && (plan->kind & PLAN_MEET) &&
	    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return step_failed(run, "PR_SET_DUMPABLE");
	if (write(run->meet.socket[1], "", 1) != 1)
		return step_failed(run, "the runner");
	return 0;
}

void meet_announce_describe(const struct sandbox_plan *plan, FILE *out)
{
	(void)plan;
	fputs("tell the runner the command's process id", out);
}

int meet_await(const struct sandbox_plan *plan, struct run *run)
{
	(void)plan;
	atomic_store(&run->shared->waits, 1);
	while (!atomic_load(&run->shared->released))
		continue;
	return 0;
}

void meet_await_describe(const struct sandbox_plan *plan, FILE *out)
{
	const char *comma = "";

	fputs("wait, without a call, until the runner has come to ", out);
	if (plan->kind & PLAN_REPORT) {
		fputs("read the state back", out);
		comma = ", ";
	}
	if (plan->kind & PLAN_DENIALS) {
		fprintf(out, "%stake the filter's listener", comma);
		comma = ", ";
	}
	if (plan->kind & PLAN_FOLLOW)
		fprintf(out, "%sfollow the command", comma);
}

bool meet_prepare(struct run *run)
{
	struct meet *m = &run->meet;
	const int on = 1;

	m->socket[0] = m->socket[1] = -1;
	if (!(run->plan->kind & (PLAN_MEET | PLAN_ANNOUNCE)))
		return true;
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, m->socket) ==
		       0 &&
	       setsockopt(m->socket[0], SOL_SOCKET, SO_PASSCRED, &on,
			  sizeof(on)) == 0;
}

void meet_release(struct run *run)
{
	for (int i = 0; i < 2; i++)
		if (run->meet.socket[i] >= 0)
			close(run->meet.socket[i]);
	run->meet.socket[0] = run->meet.socket[1] = -1;
}

static pid_t announced(int sock)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	char byte;
	struct iovec io = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &io,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	const struct cmsghdr *head;
	struct ucred who;

	if (recvmsg(sock, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != 1)
		return 0;
	head = CMSG_FIRSTHDR(&msg);
	if (!head || head->cmsg_type != SCM_CREDENTIALS)
		return 0;
	memcpy(&who, CMSG_DATA(head), sizeof(who));
	return who.pid;
}

pid_t meet_pid(struct run *run)
{
	if (run->plan->kind & PLAN_PLAIN)
		return run->child;
	if (!run->meet.pid && run->meet.socket[0] >= 0)
		run->meet.pid = announced(run->meet.socket[0]);
	return run->meet.pid;
}

/*
 * True at the stop right after exec; false when the command ended before.
 * Its end is left to be found by whoever waits for it.
 */
static bool reach_exec(struct run *run, pid_t pid)
{
	struct readback *rb = &run->readback;

	for (;;) {
		siginfo_t info = { 0 };
		int status, sig;

		if (waitid(P_PID, (id_t)pid, &info,
			   WEXITED | WSTOPPED | WNOWAIT | __WALL) < 0) {
			readback_lost(rb, "the stop at exec");
			return false;
		}
		if (info.si_code != CLD_TRAPPED &&
		    info.si_code != CLD_STOPPED) {
			if (pid != run->child)
				waitpid(pid, NULL, __WALL);
			return false;
		}
		if (waitpid(pid, &status, __WALL) < 0) {
			readback_lost(rb, "the stop at exec");
			return false;
		}
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8))
			return true;
		sig = status >> 16 ? 0 : WSTOPSIG(status);
		if (ptrace(PTRACE_CONT, pid, NULL, (void *)(uintptr_t)sig) < 0)
			readback_lost(rb, "the stop at exec");
		if (*rb->lost)
			return false;
	}
}

static bool is_pending(const struct run *run)
{
	return (run->plan->kind & PLAN_MEET) && !run->meet.done;
}

int meet_patience(const struct run *run)
{
	return is_pending(run) ? POLL_WHILE_PENDING_MS : -1;
}

/* What was asked for can't be done: the command must not start. */
static void give_up(struct run *run, int err, const char *object)
{
	run->meet.err = err ? err : ESRCH;
	run->meet.object = object;
	kill(run->child, SIGKILL);
}

/* It has not run an instruction of its own, and never will. */
static void end_unread(struct run *run)
{
	const pid_t pid = run->meet.pid;
	int status = 0;

	kill(run->child, SIGKILL);
	if (!pid || pid == run->child)
		return;
	/* Pid 1 can't end before its tracer has seen the command's end. */
	while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status))
		continue;
}

static void go_along(struct run *run, pid_t pid)
{
	const bool follow = run->plan->kind & PLAN_FOLLOW;
	struct readback *rb = &run->readback;

	atomic_store(&run->shared->released, 1);
	rb->after_exec = reach_exec(run, pid);
	if (!rb->after_exec)
		return;
	if (rb->wanted)
		readback_read(run);
	if (!*rb->lost &&
	    ptrace(follow ? PTRACE_CONT : PTRACE_DETACH, pid, NULL, NULL) < 0 &&
	    errno != ESRCH)
		readback_lost(rb, "the command's way on");
}

static bool seize(const struct run *run, pid_t pid)
{
	const unsigned options = run->plan->kind & PLAN_FOLLOW
					 ? TRACE_OPTIONS
					 : PTRACE_O_TRACEEXEC;

	return ptrace(PTRACE_SEIZE, pid, NULL, (void *)(uintptr_t)options) == 0;
}

void meet_poll(struct run *run)
{
	struct readback *rb = &run->readback;
	pid_t pid;

	if (!is_pending(run) || !atomic_load(&run->shared->waits))
		return;
	run->meet.done = true;
	pid = run->meet.pid = announced(run->meet.socket[0]);
	if ((run->plan->kind & PLAN_DENIALS) &&
	    !denials_take(&run->denials, pid, run->shared->listener)) {
		give_up(run, errno, "the listener");
		return;
	}
	if (!pid)
		readback_lost(rb, "the command's process id");
	else if (seize(run, pid))
		go_along(run, pid);
	else if (run->plan->kind & PLAN_FOLLOW)
		give_up(run, errno, "the command");
	else
		readback_read(run);
	if (*rb->lost)
		end_unread(run);
	else if (!run->meet.err)
		atomic_store(&run->shared->released, 1);
}
