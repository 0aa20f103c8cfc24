/* SPDX-License-Identifier: Apache-2.0 */
/*
 * adopt.c - ending what no pid namespace ends
 *
 * A process of init's list is killed through a pidfd that was opened while
 * the list still had it: its number may be somebody else's a moment later.
 */
#include "runtime/adopt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/apply.h"
#include "runtime/instance.h"
#include "runtime/sys.h"

enum { LIST_MAX = 4096, SWEEP_PIDS = 128 };
enum { GUARD_HOLD_FD, GUARD_LIST_FD, GUARD_INIT_FD, GUARD_FDS };

void adopt_init(struct adopt *a)
{
	a->children = a->hold = -1;
}

int adopt_list(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid,
		 (int)pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* As many as fit: the others come when these are gone. */
static size_t read_list(int list, pid_t pids[SWEEP_PIDS])
{
	char text[LIST_MAX];
	ssize_t len = pread(list, text, sizeof(text) - 1, 0);
	size_t n = 0;
	pid_t pid = 0;

	for (ssize_t i = 0; i < len && n < SWEEP_PIDS; i++) {
		if (text[i] >= '0' && text[i] <= '9') {
			pid = pid * 10 + (text[i] - '0');
		} else if (pid) {
			pids[n++] = pid;
			pid = 0;
		}
	}
	return n;
}

static bool has(const pid_t *pids, size_t n, pid_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

void adopt_sweep(int list)
{
	pid_t pids[SWEEP_PIDS], again[SWEEP_PIDS];
	int fds[SWEEP_PIDS];
	size_t n = read_list(list, pids), m;

	for (size_t i = 0; i < n; i++)
		fds[i] = pidfd_open(pids[i], 0);
	m = read_list(list, again);
	for (size_t i = 0; i < n; i++) {
		if (fds[i] < 0)
			continue;
		if (has(again, m, pids[i]))
			pidfd_send_signal(fds[i], SIGKILL, NULL, 0);
		close(fds[i]);
	}
}

bool adopt_begin(struct run *run)
{
	struct adopt *a = &run->adopt;
	pid_t pids[SWEEP_PIDS];
	int list, was = 0;

	if (!(run->plan->kind & PLAN_ADOPT))
		return true;
	list = adopt_list(getpid());
	if (list < 0)
		return false;
	a->nknown = read_list(list, pids);
	close(list);
	if (a->nknown > ADOPT_KNOWN_MAX) {
		errno = E2BIG;
		return false;
	}
	memcpy(a->known, pids, a->nknown * sizeof(pids[0]));
	if (prctl(PR_GET_CHILD_SUBREAPER, &was, 0, 0, 0) < 0 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return false;
	a->was_subreaper = was;
	return true;
}

/* A child of the runner; the sandbox has nothing that it could use. */
static _Noreturn void guard_main(int hold, int list, int init)
{
	struct pollfd fds[2] = {
		{.fd = GUARD_HOLD_FD,  .events = POLLIN},
		{ .fd = GUARD_INIT_FD, .events = POLLIN},
	};
	int patience = -1;

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_NAME, "callgate-guard", 0, 0, 0);
	/* Upwards first: none of them may be one of the targets. */
	hold = fcntl(hold, F_DUPFD, GUARD_FDS);
	list = fcntl(list, F_DUPFD, GUARD_FDS);
	init = fcntl(init, F_DUPFD, GUARD_FDS);
	if (dup2(hold, GUARD_HOLD_FD) < 0 || dup2(list, GUARD_LIST_FD) < 0 ||
	    dup2(init, GUARD_INIT_FD) < 0 || close_range(GUARD_FDS, ~0U, 0) < 0)
		_exit(1);
	for (;;) {
		if (poll(fds, 2, patience) < 0)
			continue;
		if (fds[1].revents)
			_exit(0);
		if (fds[0].revents) {
			fds[0].fd = -1;
			patience = ADOPT_PAUSE_MS;
		}
		if (patience < 0)
			continue;
		pidfd_send_signal(GUARD_INIT_FD, SIGCONT, NULL, 0);
		adopt_sweep(GUARD_LIST_FD);
	}
}

int adopt_guard(const struct sandbox_plan *plan, struct run *run)
{
	struct adopt *a = &run->adopt;
	int init = pidfd_open(run->child, 0), hold[2] = { -1, -1 }, err = 0;

	(void)plan;
	a->children = adopt_list(run->child);
	if (init < 0 || a->children < 0 || pipe2(hold, O_CLOEXEC) < 0)
		err = errno;
	a->hold = hold[1];
	if (!err) {
		a->guard = sys_fork(0);
		if (a->guard == 0)
			guard_main(hold[0], a->children, init);
		err = a->guard < 0 ? errno : 0;
	}
	if (init >= 0)
		close(init);
	if (hold[0] >= 0)
		close(hold[0]);
	run->object = "the guard";
	return err;
}

void adopt_guard_describe(const struct sandbox_plan *plan, FILE *out)
{
	fputs("no pid namespace of its own: a guard kills what is left when "
	      "the runner dies",
	      out);
	if (!plan->mounts.scoped)
		fputs("; this kernel's Landlock can't keep signals inside: the "
		      "command may signal other processes of its user",
		      out);
}

void sandbox_kill(struct run *run)
{
	/* Until its exec the command ends with init, and there is no other. */
	if (run->adopt.children < 0 || !run->started)
		kill(run->child, SIGKILL);
	run->adopt.sweeping = true;
	adopt_turn(run);
}

int adopt_patience(const struct run *run)
{
	return run->adopt.sweeping && run->adopt.children >= 0 ? ADOPT_PAUSE_MS
							       : -1;
}

void adopt_turn(struct run *run)
{
	if (!run->adopt.sweeping || run->adopt.children < 0)
		return;
	/* A stopped init reaps nothing. */
	kill(run->child, SIGCONT);
	adopt_sweep(run->adopt.children);
}

static bool is_ours(const struct run *run, pid_t pid)
{
	const struct keeper *keeper = run->plan->req->keeper;

	return pid == run->adopt.guard || pid == run->pasta_guard ||
	       has(run->adopt.known, run->adopt.nknown, pid) ||
	       (keeper && keeper_is_helper(keeper, pid));
}

/* Init is not meant to end before them, but a signal may have ended it. */
static void sweep_orphans(const struct run *run)
{
	int list = adopt_list(getpid());
	bool found = list >= 0;

	while (found) {
		pid_t pids[SWEEP_PIDS];
		size_t n = read_list(list, pids);

		found = false;
		for (size_t i = 0; i < n; i++) {
			if (is_ours(run, pids[i]))
				continue;
			found = true;
			kill(pids[i], SIGKILL);
			waitpid(pids[i], NULL, __WALL);
		}
	}
	if (list >= 0)
		close(list);
}

void adopt_finish(struct run *run)
{
	struct adopt *a = &run->adopt;

	if (!(run->plan->kind & PLAN_ADOPT))
		return;
	if (run->child > 0)
		sweep_orphans(run);
	if (a->hold >= 0)
		close(a->hold);
	if (a->guard > 0)
		waitpid(a->guard, NULL, 0);
	if (a->children >= 0)
		close(a->children);
	adopt_init(a);
	if (!a->was_subreaper)
		prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}
