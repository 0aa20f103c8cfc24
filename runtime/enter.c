/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enter.c - one more process in a running sandbox, no freer than the first
 *
 * A fork of the keeper joins the namespaces and forks again; that child
 * does the same steps as the sandbox's command did, from the same table.
 * Neither is dumpable until exec, so nobody inside can take it over.
 */
#include "runtime/enter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bug.h"
#include "runtime/adopt.h"
#include "runtime/apply.h"
#include "runtime/caps.h"
#include "runtime/freezer.h"
#include "runtime/instance_wire.h"
#include "runtime/namespaces.h"
#include "runtime/sys.h"

static bool same_file(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 &&
	       a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

int enter_hold(int ns[NS_COUNT], pid_t child)
{
	for (size_t i = 0; i < NS_COUNT; i++) {
		char path[64], own[32];

		snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)child,
			 ns_rows[i].file);
		snprintf(own, sizeof(own), "/proc/self/ns/%s",
			 ns_rows[i].file);
		ns[i] = open(path, O_RDONLY | O_CLOEXEC);
		if (ns[i] < 0 && errno != ENOENT)
			return errno;
		if (ns[i] < 0 || !same_file(ns[i], own))
			continue;
		close(ns[i]);
		ns[i] = -1;
	}
	return 0;
}

void enter_replace(int ns[NS_COUNT], const char *name, int fd)
{
	for (size_t i = 0; i < NS_COUNT; i++) {
		if (strcmp(ns_rows[i].file, name))
			continue;
		if (ns[i] >= 0)
			close(ns[i]);
		ns[i] = fd;
	}
}

/* Without a pid namespace of its own: -1 otherwise. */
struct adopted {
	int init; /* pidfd */
	int list; /* of this process's children */
};

/* While /proc is the keeper's. */
static int adopt(const struct run *run, struct adopted *a)
{
	*a = (struct adopted){ -1, -1 };
	if (!(run->plan->kind & PLAN_ADOPT))
		return 0;
	/* Its closing tells the guard that the keeper is gone. */
	close(run->adopt.hold);
	a->list = adopt_list(getpid());
	a->init = pidfd_open(run->child, 0);
	if (a->list < 0 || a->init < 0 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return errno;
	return 0;
}

typedef int (*apply_fn)(const struct sandbox_plan *plan, struct run *run);

static bool is_one_of(apply_fn fn, const apply_fn *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == fn)
			return true;
	return false;
}

static bool apply_one(struct run *run, int i)
{
	int err;

	run->step = i;
	run->object = NULL;
	err = steps[i].apply(run->plan, run);
	if (err)
		fail_record(&run->shared->command, i, err, run->object);
	return !err;
}

/* The rows of `list`, in the table's order. */
static bool apply_listed(struct run *run, const apply_fn *list, size_t n)
{
	for (int i = 0; i < steps_len; i++)
		if ((steps[i].when & run->plan->kind) &&
		    is_one_of(steps[i].apply, list, n) && !apply_one(run, i))
			return false;
	return true;
}

/* All that the command's own process did, but for what init had to do. */
static bool apply_command(struct run *run)
{
	/* Nobody comes to this one, and pid 1 is locked long since. */
	static const apply_fn not_again[] = { init_await_guard, meet_announce,
					      meet_await, process_exec };

	for (int i = 0; i < steps_len; i++) {
		if (steps[i].phase != PHASE_COMMAND &&
		    steps[i].phase != PHASE_LAST)
			continue;
		if (!(steps[i].when & run->plan->kind) ||
		    is_one_of(steps[i].apply, not_again,
			      ARRAY_LEN(not_again)))
			continue;
		if (!apply_one(run, i))
			return false;
	}
	return true;
}

static int step_of(apply_fn fn)
{
	for (int i = 0; i < steps_len; i++)
		if (steps[i].apply == fn)
			return i;
	return 0;
}

static bool open_terminal(const struct entry *e, struct run *run)
{
	struct wire w = { .kind = SAY_MASTER };
	int master, err;

	if (!e->terminal)
		return true;
	err = pty_pair(&run->pty, &master, &run->pty.slave);
	if (!err && !wire_send(e->sock, &w, &master, 1))
		err = errno;
	if (err)
		fail_record(&run->shared->command, step_of(pty_open), err,
			    "/dev/pts/ptmx");
	return !err;
}

static void exec_first(const struct entry *e, struct run *run)
{
	int err = ENOENT;

	for (char *const *path = e->paths; *path; path++) {
		execve(*path, e->argv, run->plan->env);
		if (errno != ENOENT && errno != ENOTDIR)
			err = errno;
	}
	fail_record(&run->shared->command, step_of(process_exec), err,
		    e->argv[0]);
}

static _Noreturn void give_up(void)
{
	syscall(SYS_exit_group, RUN_NOT_BUILT);
	for (;;)
		__builtin_trap();
}

static _Noreturn void enter_command(const struct entry *e, struct run *run)
{
	static const apply_fn first[] = { cgroup_namespace, caps_no_new_privs,
					  ids_become };
	static const apply_fn rules[] = { landlock_build };
	bool ok = apply_listed(run, first, ARRAY_LEN(first));

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	for (int fd = 0; ok && fd < 3; fd++)
		ok = dup2(e->fds[fd], fd) == fd;
	if (ok && apply_listed(run, rules, ARRAY_LEN(rules)) &&
	    open_terminal(e, run) && apply_command(run))
		exec_first(e, run);
	give_up();
}

static bool join_all(const struct entry *e, struct run *run)
{
	size_t at = 0;
	int err = ns_enter(e->ns, &at);

	if (err)
		fail_record(&run->shared->command, step_of(ns_clone), err,
			    ns_rows[at].name);
	return !err;
}

/* What was asked for the process: a signal, or nobody is there any more. */
static void hear(const struct entry *e, struct pollfd *sock, pid_t child)
{
	int got[WIRE_DESCRIPTORS];
	struct wire w;
	size_t n;

	if (!wire_receive(e->sock, &w, got, &n)) {
		kill(child, SIGHUP);
		sock->fd = -1;
		return;
	}
	if (w.kind == SAY_SIGNAL)
		kill(child, w.a);
	while (n)
		close(got[--n]);
}

/* The kernel ends nothing there: what it left is ended with it. */
static void end_the_rest(int list)
{
	do
		adopt_sweep(list);
	while (waitpid(-1, NULL, 0) > 0 || errno != ECHILD);
}

/* Until it ends, or, where no pid namespace ends it, the sandbox does. */
static int wait_for(const struct entry *e, const struct adopted *a,
		    pid_t child)
{
	struct pollfd fds[3] = {
		{.fd = e->sock,	.events = POLLIN},
		{ .fd = pidfd_open(child, 0), .events = POLLIN},
		{ .fd = a->init,	    .events = POLLIN},
	};
	int status = 0;

	while (poll(fds, 3, -1) < 0 || !fds[1].revents) {
		if (fds[0].revents)
			hear(e, &fds[0], child);
		if (fds[2].revents)
			kill(child, SIGKILL);
	}
	waitpid(child, &status, 0);
	if (a->list >= 0)
		end_the_rest(a->list);
	return status;
}

/* Started by root, it is not the command's user, and yet signals it. */
static void keep_kill(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (sys_capget(&head, data) < 0)
		_exit(RUN_NOT_BUILT);
	data[0].permitted &= 1U << CAP_KILL;
	data[0].effective = data[0].permitted;
	data[1] = (struct __user_cap_data_struct){ 0 };
	data[0].inheritable = 0;
	if (sys_capset(&head, data) < 0)
		_exit(RUN_NOT_BUILT);
}

static void answer(const struct entry *e, const struct fail *fail, int status)
{
	struct wire w = { .kind = SAY_EXIT };

	w.a = WIFEXITED(status) ? WEXITSTATUS(status)
				: RUN_SIGNALLED + WTERMSIG(status);
	if (fail->err) {
		w.kind = SAY_FAILED;
		w.a = fail->err;
		w.b = (int32_t)steps[fail->step].code;
		w.len = (uint32_t)snprintf(
			w.data, sizeof(w.data), "step '%s'%s%s%s",
			steps[fail->step].name, *fail->object ? ", '" : "",
			fail->object, *fail->object ? "'" : "");
	}
	wire_send(e->sock, &w, NULL, 0);
}

_Noreturn void enter_main(const struct entry *e)
{
	static const apply_fn outside[] = { priority_nice, priority_sched,
					    priority_oom, priority_raise,
					    cgroup_join };
	struct sandbox_plan plan = *e->run->plan;
	struct run run = *e->run;
	struct adopted adopted;
	sigset_t all;
	int status = 0, err;
	pid_t child = -1;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	plan.kind &= ~(uint64_t)PLAN_TERMINAL;
	if (e->terminal)
		plan.kind |= PLAN_TERMINAL;
	plan.terminal_fds = e->terminal;
	run.plan = &plan;
	run.child = getpid();
	run.cgroup.born = false;
	run.pty = (struct pty){ .pair = { -1, -1 },
				.slave = -1,
				.of_host = !(plan.kind & PLAN_NEW_MOUNT) };
	run.shared = mmap(NULL, sizeof(*run.shared), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (run.shared == MAP_FAILED)
		give_up();
	err = adopt(e->run, &adopted);
	if (!err)
		err = freezer_join(e->freezer, run.child);
	if (err)
		fail_record(&run.shared->command, step_of(ns_clone), err,
			    "cgroup");
	else if (apply_listed(&run, outside, ARRAY_LEN(outside)) &&
		 join_all(e, &run))
		child = sys_fork(0);
	if (child == 0)
		enter_command(e, &run);
	if (child > 0) {
		keep_kill();
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
		status = wait_for(e, &adopted, child);
	} else if (!run.shared->command.err) {
		fail_record(&run.shared->command, step_of(ns_clone), errno,
			    "fork");
	}
	answer(e, &run.shared->command, status);
	_exit(0);
}
