/* SPDX-License-Identifier: Apache-2.0 */
/*
 * readback.c - stopping the command where it can be read, and the report
 *
 * The two steps are the command's, the rest is the runner's.  The command
 * says who it is with a byte on a socket: the kernel adds its process id
 * as the runner's namespace has it.
 */
#include "runtime/readback.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bug.h"
#include "runtime/apply.h"

int readback_announce(const struct sandbox_plan *plan, struct run *run)
{
	/*
	 * Forgotten at exec.  The change of ids has cleared it, and without
	 * it the runner may not look at its own command.
	 */
	if ((plan->kind & PLAN_SANDBOX) &&
	    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return step_failed(run, "PR_SET_DUMPABLE");
	if (write(run->readback.socket[1], "", 1) != 1)
		return step_failed(run, "the runner");
	return 0;
}

void readback_announce_describe(const struct sandbox_plan *plan, FILE *out)
{
	(void)plan;
	fputs("tell the runner the command's process id", out);
}

int readback_await(const struct sandbox_plan *plan, struct run *run)
{
	(void)plan;
	atomic_store(&run->shared->readback_waits, 1);
	while (!atomic_load(&run->shared->readback_done))
		continue;
	return 0;
}

void readback_await_describe(const struct sandbox_plan *plan, FILE *out)
{
	(void)plan;
	fputs("wait, without a call, until the runner has come to read the "
	      "state back",
	      out);
}

bool readback_prepare(struct run *run)
{
	struct readback *rb = &run->readback;
	const int on = 1;

	rb->socket[0] = rb->socket[1] = -1;
	rb->wanted = run->plan->req->report != NULL;
	if (!rb->wanted)
		return true;
	clock_gettime(CLOCK_REALTIME, &rb->started);
	getrusage(RUSAGE_CHILDREN, &rb->before);
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, rb->socket) ==
		       0 &&
	       setsockopt(rb->socket[0], SOL_SOCKET, SO_PASSCRED, &on,
			  sizeof(on)) == 0;
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

void readback_lost(struct readback *rb, const char *what)
{
	if (*rb->lost)
		return;
	rb->lost_err = errno;
	snprintf(rb->lost, sizeof(rb->lost), "%s", what);
}

/*
 * True at the stop right after exec; false when the command ended before.
 * Its end is left to be found by whoever waits for it.
 */
static bool reach_exec(struct run *run)
{
	const pid_t pid = run->readback.pid;

	for (;;) {
		siginfo_t info = { 0 };
		int status, sig;

		if (waitid(P_PID, (id_t)pid, &info,
			   WEXITED | WSTOPPED | WNOWAIT | __WALL) < 0) {
			readback_lost(&run->readback, "the stop at exec");
			return false;
		}
		if (info.si_code != CLD_TRAPPED &&
		    info.si_code != CLD_STOPPED) {
			if (pid != run->child)
				waitpid(pid, NULL, __WALL);
			return false;
		}
		if (waitpid(pid, &status, __WALL) < 0) {
			readback_lost(&run->readback, "the stop at exec");
			return false;
		}
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8))
			return true;
		sig = status >> 16 ? 0 : WSTOPSIG(status);
		if (ptrace(PTRACE_CONT, pid, NULL, (void *)(uintptr_t)sig) < 0)
			readback_lost(&run->readback, "the stop at exec");
		if (*run->readback.lost)
			return false;
	}
}

static bool is_pending(const struct run *run)
{
	return run->readback.wanted && !run->readback.taken;
}

int readback_patience(const struct run *run)
{
	return is_pending(run) ? POLL_WHILE_PENDING_MS : -1;
}

void readback_status(struct run *run, int status)
{
	run->readback.has_status = true;
	run->readback.status = status;
}

/* It has not run an instruction of its own, and never will. */
static void end_unread(struct run *run)
{
	const pid_t pid = run->readback.pid;
	int status = 0;

	kill(run->child, SIGKILL);
	if (!pid || pid == run->child)
		return;
	/* Pid 1 can't end before its tracer has seen the command's end. */
	while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status))
		continue;
}

static void read_after_exec(struct run *run)
{
	struct readback *rb = &run->readback;

	atomic_store(&run->shared->readback_done, 1);
	rb->after_exec = reach_exec(run);
	if (!rb->after_exec)
		return;
	readback_read(run);
	if (!*rb->lost &&
	    ptrace(PTRACE_DETACH, rb->pid, NULL, NULL) < 0 && errno != ESRCH)
		readback_lost(rb, "the command's way on");
}

void readback_poll(struct run *run)
{
	struct readback *rb = &run->readback;

	if (!is_pending(run) || !atomic_load(&run->shared->readback_waits))
		return;
	rb->taken = true;
	rb->pid = announced(rb->socket[0]);
	if (!rb->pid)
		readback_lost(rb, "the command's process id");
	else if (ptrace(PTRACE_SEIZE, rb->pid, NULL,
			(void *)PTRACE_O_TRACEEXEC) == 0)
		read_after_exec(run);
	else
		readback_read(run);
	if (*rb->lost)
		end_unread(run);
	else
		atomic_store(&run->shared->readback_done, 1);
}

int readback_refused(const struct run *run, struct diag_sink *diags)
{
	const struct readback *rb = &run->readback;
	struct diag *d = diag_add(diags, E0899, span_none,
				  "cannot read the sandbox back: %s: %s",
				  rb->lost, strerror(rb->lost_err));

	diag_note(d, "--report needs it; the command was ended before its "
		     "first instruction");
	return RUN_NOT_BUILT;
}

static void add_command(struct str *out, char *const *argv)
{
	str_add(out, "  \"command\": [");
	for (char *const *arg = argv; *arg; arg++) {
		str_add(out, arg == argv ? "" : ", ");
		str_add_json(out, *arg);
	}
	str_add(out, "],\n");
}

/* The plan, as --dry-run prints it. */
static void add_plan(struct str *out, const struct sandbox_plan *plan)
{
	char *text, *line, *rest;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	const char *comma = "";

	if (!f)
		oom();
	plan_describe(plan, f);
	if (fclose(f))
		oom();
	str_add(out, "  \"plan\": [");
	for (rest = text; (line = strsep(&rest, "\n")) && *line;) {
		str_addf(out, "%s\n    ", comma);
		str_add_json(out, line);
		comma = ",";
	}
	str_add(out, "\n  ],\n");
	free(text);
}

static double milliseconds(struct timeval now, struct timeval before)
{
	return (double)(now.tv_sec - before.tv_sec) * 1e3 +
	       (double)(now.tv_usec - before.tv_usec) / 1e3;
}

static void add_times(struct str *out, const struct readback *rb)
{
	struct timespec now;
	struct rusage after;
	struct tm utc;
	char text[32];

	clock_gettime(CLOCK_REALTIME, &now);
	getrusage(RUSAGE_CHILDREN, &after);
	gmtime_r(&rb->started.tv_sec, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
	str_addf(out, "  \"started\": \"%s.%03ldZ\",\n", text,
		 rb->started.tv_nsec / 1000000);
	str_addf(out, "  \"milliseconds\": {\"total\": %.3f, ",
		 (double)(now.tv_sec - rb->started.tv_sec) * 1e3 +
			 (double)(now.tv_nsec - rb->started.tv_nsec) / 1e6);
	str_addf(out, "\"user\": %.3f, \"system\": %.3f},\n",
		 milliseconds(after.ru_utime, rb->before.ru_utime),
		 milliseconds(after.ru_stime, rb->before.ru_stime));
}

static void add_end(struct str *out, const struct readback *rb, int exit_code)
{
	str_addf(out, "  \"exit_status\": %d,\n", exit_code);
	if (rb->has_status && WIFSIGNALED(rb->status))
		str_addf(out, "  \"signal\": %d,\n", WTERMSIG(rb->status));
	else
		str_add(out, "  \"signal\": null,\n");
	if (rb->pid)
		str_addf(out, "  \"pid\": %d,\n", (int)rb->pid);
	else
		str_add(out, "  \"pid\": null,\n");
}

void readback_finish(struct run *run, int exit_code)
{
	struct readback *rb = &run->readback;
	struct str *out = run->plan->req->report;
	const bool is_read = rb->applied.len && !*rb->lost;

	for (int i = 0; i < 2; i++)
		if (rb->wanted && rb->socket[i] >= 0)
			close(rb->socket[i]);
	if (!rb->wanted)
		return;
	str_add(out, "{\n");
	add_command(out, run->plan->req->argv);
	add_plan(out, run->plan);
	add_end(out, rb, exit_code);
	add_times(out, rb);
	str_addf(out, "  \"taken\": \"%s\",\n",
		 !is_read ? "never: the command was not started"
		 : rb->after_exec ? "after exec, before its first instruction"
				  : "after the filter, before exec");
	str_addf(out, "  \"checks\": [%s\n  ],\n",
		 is_read ? str_text(&rb->checks) : "");
	str_addf(out, "  \"applied\": %s\n}\n",
		 is_read ? rb->applied.text : "null");
	str_fini(&rb->checks);
	str_fini(&rb->applied);
}
