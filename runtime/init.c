/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init.c - the children of the runner
 *
 * Pid 1 builds the sandbox, forks the command's process, and then locks
 * itself up: no capability, not dumpable, two descriptors, a filter of its
 * own.  Only then is the command released.  From there on it reaps and
 * forwards signals.  Nothing in this file allocates or prints.
 */
#include "runtime/init.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/apply.h"
#include "runtime/caps.h"
#include "runtime/signals.h"
#include "runtime/sys.h"

/* The filter may deny exit_group too; an undefined instruction can't be. */
static _Noreturn void give_up(void)
{
	syscall(SYS_exit_group, RUN_NOT_BUILT);
	for (;;)
		__builtin_trap();
}

_Noreturn void command_main(struct run *run)
{
	struct fail *fail = &run->shared->command;

	if (run->plan->kind & PLAN_SANDBOX) {
		close(run->guard[1]);
		close(run->status[1]);
	} else {
		close(run->go[1]);
		close(run->alive[0]);
	}
	if (steps_apply(run, PHASE_COMMAND, fail))
		steps_apply(run, PHASE_LAST, fail);
	give_up();
}

int init_fork(const struct sandbox_plan *plan, struct run *run)
{
	/* Where it is not pid 1, the kernel has to be told who adopts. */
	if ((plan->kind & PLAN_ADOPT) &&
	    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return step_failed(run, "PR_SET_CHILD_SUBREAPER");
	run->command = sys_fork(0);
	if (run->command == 0)
		command_main(run);
	return run->command < 0 ? step_failed(run, NULL) : 0;
}

void init_fork_describe(const struct sandbox_plan *plan, FILE *out)
{
	fputs(plan->kind & PLAN_ADOPT
		      ? "fork the command's process; whatever it leaves "
			"becomes init's child"
		      : "fork the command's process as pid 2",
	      out);
}

static int load_own_filter(struct run *run)
{
	struct sock_filter insns[INIT_FILTER_MAX];
	struct sock_fprog prog = { .filter = insns };

	prog.len = (unsigned short)init_filter(insns, run->command);
	if (sys_seccomp(SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
		return step_failed(run, "init's filter");
	return 0;
}

int init_guard(const struct sandbox_plan *plan, struct run *run)
{
	int err = caps_drop(plan, run);

	if (err)
		return err;
	/*
	 * After the last change of ids or capabilities: those reset both.
	 * Without a pid namespace to end with it, init must outlive the runner.
	 */
	err = plan->kind & PLAN_ADOPT ? 0 : process_tie(plan, run);
	if (err)
		return err;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return step_failed(run, "PR_SET_DUMPABLE");
	prctl(PR_SET_NAME, "callgate-init", 0, 0, 0);
	if (dup3(run->status[1], INIT_STATUS_FD, 0) < 0 ||
	    dup3(run->guard[1], INIT_GUARD_FD, 0) < 0 ||
	    close_range(INIT_FDS, ~0U, 0) < 0)
		return step_failed(run, "init's descriptors");
	err = load_own_filter(run);
	if (err)
		return err;
	if (syscall(SYS_write, INIT_GUARD_FD, "", 1) != 1)
		return step_failed(run, "the command's process");
	return 0;
}

void init_guard_describe(const struct sandbox_plan *plan, FILE *out)
{
	fprintf(out,
		"lock %s: no capabilities, not dumpable, %sa filter of its own",
		plan->kind & PLAN_ADOPT ? "init" : "pid 1",
		plan->kind & PLAN_ADOPT ? ""
					: "SIGKILL when the runner dies, ");
}

int init_await_guard(const struct sandbox_plan *plan, struct run *run)
{
	char byte;

	(void)plan;
	if (read(run->guard[0], &byte, 1) != 1) {
		errno = ECANCELED;
		return step_failed(run, "init");
	}
	return 0;
}

void init_await_guard_describe(const struct sandbox_plan *plan, FILE *out)
{
	fprintf(out, "wait until %s is locked",
		plan->kind & PLAN_ADOPT ? "init" : "pid 1");
}

/*
 * Takes every child that has ended; the command's end is the sandbox's.
 * True when it has ended and others have not: as pid 1 init would end them
 * by its own end, else the runner does, and init goes last.
 */
static bool reap(pid_t command, bool adopts)
{
	bool ended = false;
	int status;
	long pid;

	while ((pid = syscall(SYS_wait4, -1, &status, WNOHANG, NULL)) > 0) {
		if (pid != command)
			continue;
		syscall(SYS_write, INIT_STATUS_FD, &status, sizeof(status));
		ended = true;
		if (!adopts)
			give_up();
	}
	return ended;
}

/* Nothing is forwarded any more: the number may be somebody else's. */
static _Noreturn void reap_the_rest(void)
{
	while (syscall(SYS_wait4, -1, NULL, 0, NULL) > 0 || errno == EINTR)
		continue;
	give_up();
}

static _Noreturn void reap_and_forward(pid_t command, bool adopts)
{
	sigset_t wanted;

	signals_to_forward(&wanted);
	sigaddset(&wanted, SIGCHLD);
	for (;;) {
		long sig = syscall(SYS_rt_sigtimedwait, &wanted, NULL, NULL,
				   (size_t)8);

		if (sig == SIGCHLD && reap(command, adopts))
			reap_the_rest();
		else if (sig > 0 && sig != SIGCHLD)
			syscall(SYS_kill, command, sig);
	}
}

_Noreturn void init_main(struct run *run)
{
	struct fail *fail = &run->shared->init;
	ssize_t n;
	char byte;

	close(run->go[1]);
	close(run->alive[0]);
	close(run->status[0]);
	umask(0);
	do
		n = read(run->go[0], &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		fail_record(fail, run->step, errno, "the runner's word");
	/* End of file: the runner died, or could not write the maps. */
	if (n != 1)
		give_up();
	if (!steps_apply(run, PHASE_INIT, fail))
		give_up();
	if (run->plan->kind & PLAN_ALONE)
		command_main(run);
	if (!steps_apply(run, PHASE_GUARD, fail))
		give_up();
	reap_and_forward(run->command, run->plan->kind & PLAN_ADOPT);
}
