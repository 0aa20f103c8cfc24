/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pasta.c - the program that gives a rootless sandbox a network
 *
 * pasta moves packets between an interface inside and sockets outside.  It
 * doesn't notice the end of a sandbox, and entering our user namespace
 * clears its parent-death signal.  So a guard, a fork of the runner, waits
 * for the end of a pipe whose other end only the runner holds, and then
 * ends pasta: also when the runner was killed.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bug.h"
#include "runtime/apply.h"
#include "runtime/network.h"
#include "runtime/sys.h"

enum { PATIENCE_MS = 10 * 1000, GUARD_HOLD_FD = 3 };
enum { GUARD_TOLD = 0, GUARD_PASTA_ENDED = 1 };

/* Descriptors on their way to the children. */
struct start {
	int hold[2];  /* read by the guard: its end is the runner's word */
	int ready[2]; /* pasta writes its pid there when all is set up */
	int said;     /* its standard error, a file in memory */
};

/*
 * Nothing is forwarded in or out by itself, and the gateway's address does
 * not lead to the host's loopback: pasta's defaults would open both.
 */
static _Noreturn void exec_pasta(const struct sandbox_plan *plan,
				 const struct run *run, const struct start *s)
{
	char ready[32], pid[16];
	const char *const argv[] = {
		"pasta",       "--foreground", "--quiet",     "--config-net",
		"--tcp-ports", "none",	       "--udp-ports", "none",
		"--tcp-ns",    "none",	       "--udp-ns",    "none",
		"--no-map-gw", "--pid",	       ready,	      pid,
		NULL,
	};
	static const char *const env[] = { "PATH=/usr/bin:/bin", NULL };
	sigset_t none;

	snprintf(ready, sizeof(ready), "/proc/self/fd/%d", s->ready[1]);
	snprintf(pid, sizeof(pid), "%d", (int)run->child);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	fcntl(s->ready[1], F_SETFD, 0);
	dup2(s->said, STDERR_FILENO);
	dup2(open("/dev/null", O_RDWR | O_CLOEXEC), STDIN_FILENO);
	dup2(STDIN_FILENO, STDOUT_FILENO);
	execve(plan->pasta, (char *const *)(uintptr_t)argv,
	       (char *const *)(uintptr_t)env);
	dprintf(STDERR_FILENO, "%s\n", strerror(errno));
	_exit(RUN_NOT_EXECUTABLE);
}

/* True at the end of the runner's pipe, false at pasta's. */
static bool told_to_stop(pid_t pasta)
{
	struct pollfd fds[2] = {
		{.fd = GUARD_HOLD_FD, .events = POLLIN},
		{ .fd = (int)syscall(SYS_pidfd_open, pasta,			    0),
		  .events = POLLIN },
	};

	if (fds[1].fd < 0)
		return true;
	while (poll(fds, 2, -1) < 0)
		continue;
	return fds[0].revents != 0;
}

static _Noreturn void guard_main(const struct sandbox_plan *plan,
				 const struct run *run, const struct start *s)
{
	pid_t pasta = sys_fork(0);
	bool told = false;

	if (pasta == 0)
		exec_pasta(plan, run, s);
	prctl(PR_SET_NAME, "callgate-pasta", 0, 0, 0);
	/* Whose end is a message must not be held open here. */
	if (pasta > 0 && dup2(s->hold[0], GUARD_HOLD_FD) >= 0 &&
	    close_range(GUARD_HOLD_FD + 1, ~0U, 0) == 0)
		told = told_to_stop(pasta);
	if (pasta > 0) {
		kill(pasta, SIGKILL);
		waitpid(pasta, NULL, 0);
	}
	_exit(told ? GUARD_TOLD : GUARD_PASTA_ENDED);
}

/* The last line that it wrote: the one that says why it gave up. */
static void keep_message(struct run *run, int said)
{
	char text[4096], *line;
	ssize_t len = pread(said, text, sizeof(text) - 1, 0);

	while (len > 0 && text[len - 1] == '\n')
		len--;
	if (len <= 0)
		return;
	text[len] = '\0';
	line = strrchr(text, '\n');
	snprintf(run->pasta_said, sizeof(run->pasta_said), "%.*s",
		 (int)sizeof(run->pasta_said) - 1, line ? line + 1 : text);
}

static int await_pasta(struct run *run, const struct start *s)
{
	struct pollfd p = { .fd = s->ready[0], .events = POLLIN };
	char byte;
	int n;

	do
		n = poll(&p, 1, PATIENCE_MS);
	while (n < 0 && errno == EINTR);
	if (n > 0 && read(s->ready[0], &byte, 1) == 1)
		return 0;
	errno = n == 0 ? ETIMEDOUT : ECHILD;
	keep_message(run, s->said);
	return errno;
}

static void close_start(struct start *s)
{
	const int fds[] = { s->hold[0], s->ready[0], s->ready[1], s->said };

	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

int pasta_start(const struct sandbox_plan *plan, struct run *run)
{
	struct start s = {
		{-1,  -1},
		    { -1, -1},
		-1
	};
	int err = 0;

	run->object = plan->pasta;
	s.said = memfd_create("pasta", MFD_CLOEXEC);
	if (s.said < 0 || pipe2(s.hold, O_CLOEXEC) < 0 ||
	    pipe2(s.ready, O_CLOEXEC) < 0)
		err = errno;
	run->pasta_hold = s.hold[1];
	if (!err) {
		run->pasta_guard = sys_fork(0);
		if (run->pasta_guard == 0)
			guard_main(plan, run, &s);
		err = run->pasta_guard < 0 ? errno : 0;
	}
	if (s.ready[1] >= 0)
		close(s.ready[1]);
	s.ready[1] = -1;
	if (!err)
		err = await_pasta(run, &s);
	close_start(&s);
	return err;
}

void pasta_start_describe(const struct sandbox_plan *plan, FILE *out)
{
	fprintf(out,
		"'%s' moves packets between the sandbox and the caller's "
		"network; nothing is forwarded in, nor to the host's loopback",
		plan->pasta);
}

bool pasta_stop(struct run *run)
{
	int status = 0;

	if (run->pasta_hold >= 0)
		close(run->pasta_hold);
	run->pasta_hold = -1;
	if (run->pasta_guard <= 0)
		return true;
	while (!run->pasta_reaped &&
	       waitpid(run->pasta_guard, &status, 0) < 0 && errno == EINTR)
		continue;
	if (run->pasta_reaped)
		status = run->pasta_status;
	run->pasta_guard = 0;
	return WIFEXITED(status) && WEXITSTATUS(status) == GUARD_TOLD;
}
