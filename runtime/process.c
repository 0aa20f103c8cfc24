/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.c - what the command's process would inherit otherwise
 */
#include "runtime/apply.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/plan_process.h"

enum { KERNEL_NSIG = 64 };

int process_tie(const struct sandbox_plan *plan, struct run *run)
{
	struct pollfd runner = { .fd = run->go[0] };

	(void)plan;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return step_failed(run, NULL);
	/* A runner that died before the line above sends no signal. */
	if (poll(&runner, 1, 0) < 0)
		return step_failed(run, NULL);
	if (runner.revents & POLLHUP) {
		errno = ECANCELED;
		return step_failed(run, "the runner");
	}
	return 0;
}

void process_tie_describe(const struct sandbox_plan *plan, FILE *out)
{
	fprintf(out, "SIGKILL when %s dies",
		plan->kind & PLAN_ADOPT ? "init" : "the runner");
}

int process_session(const struct sandbox_plan *plan, struct run *run)
{
	/* As pid 1 it may lead one already, from before its terminal. */
	if ((plan->kind & PLAN_ALONE) && getsid(0) == getpid())
		return 0;
	if (setsid() < 0)
		return step_failed(run, NULL);
	return 0;
}

void process_session_describe(const struct sandbox_plan *plan, FILE *out)
{
	fputs(plan->kind & PLAN_TERMINAL
		      ? "a session of its own"
		      : "a session of its own; the terminal, if any, is not "
			"its controlling one, so it can't push input into it",
	      out);
}

int process_workdir(const struct sandbox_plan *plan, struct run *run)
{
	if (chdir(plan->workdir) < 0)
		return step_failed(run, plan->workdir);
	return 0;
}

void process_workdir_describe(const struct sandbox_plan *plan, FILE *out)
{
	fprintf(out, "start in '%s'", plan->workdir);
}

int process_umask(const struct sandbox_plan *plan, struct run *run)
{
	umask(plan->umask);
	/* The call has no way to fail; a filter around the caller has. */
	if (umask(plan->umask) != plan->umask) {
		errno = EPERM;
		return step_failed(run, "the mask of new files");
	}
	return 0;
}

void process_umask_describe(const struct sandbox_plan *plan, FILE *out)
{
	fprintf(out, "umask %03o", plan->umask);
}

int process_rlimits(const struct sandbox_plan *plan, struct run *run)
{
	const struct sandbox *box = plan->req->sandbox;
	const struct rlimit64 none = { 0, 0 };
	bool core = false;

	for (size_t i = 0; i < box->nrlimits; i++) {
		const struct sandbox_rlimit *r = &box->rlimits[i];
		const struct rlimit64 want = { r->soft, r->hard };

		core |= r->resource == RLIMIT_CORE;
		if (setrlimit64((__rlimit_resource_t)r->resource, &want) < 0)
			return step_failed(run, rlimit_name(r->resource));
	}
	/* A core file may hold what the command read. */
	if (!core && setrlimit64(RLIMIT_CORE, &none) < 0)
		return step_failed(run, "core");
	return 0;
}

static void describe_amount(uint64_t amount, FILE *out)
{
	if (amount == UINT64_MAX)
		fputs("unlimited", out);
	else
		fprintf(out, "%ju", (uintmax_t)amount);
}

void process_rlimits_describe(const struct sandbox_plan *plan, FILE *out)
{
	const struct sandbox *box = plan->req->sandbox;
	bool core = false;

	for (size_t i = 0; i < box->nrlimits; i++) {
		const struct sandbox_rlimit *r = &box->rlimits[i];

		core |= r->resource == RLIMIT_CORE;
		fprintf(out, "%s%s ", i ? ", " : "", rlimit_name(r->resource));
		describe_amount(r->soft, out);
		if (r->hard == r->soft)
			continue;
		fputs(" to ", out);
		describe_amount(r->hard, out);
	}
	if (!core)
		fprintf(out, "%sno core dumps", box->nrlimits ? ", " : "");
}

/* All 64 to their default; the C library hides two of them. */
static int reset_dispositions(struct run *run)
{
	const struct {
		void *handler;
		unsigned long flags;
		void *restorer;
		uint64_t mask;
	} dfl = { 0 };

	for (int sig = 1; sig <= KERNEL_NSIG; sig++)
		if (syscall(SYS_rt_sigaction, sig, &dfl, NULL,
			    sizeof(dfl.mask)) < 0 &&
		    sig != SIGKILL && sig != SIGSTOP)
			return step_failed(run, "a disposition");
	return 0;
}

int process_signals(const struct sandbox_plan *plan, struct run *run)
{
	sigset_t none;
	int err = 0;

	if (plan->kind & PLAN_SANDBOX) {
		err = reset_dispositions(run);
		sigemptyset(&none);
	} else {
		none = run->old_mask;
		if (sigaction(SIGCHLD, &run->old_chld, NULL) < 0)
			return step_failed(run, "a disposition");
	}
	if (err)
		return err;
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return step_failed(run, "the mask");
	return 0;
}

void process_signals_describe(const struct sandbox_plan *plan, FILE *out)
{
	fputs(plan->kind & PLAN_SANDBOX
		      ? "every disposition to its default, nothing blocked"
		      : "dispositions and mask as the caller left them",
	      out);
}

int process_exec(const struct sandbox_plan *plan, struct run *run)
{
	atomic_store(&run->shared->at_exec, 1);
	execve(plan->command, plan->req->argv, plan->env);
	return step_failed(run, plan->command);
}

void process_exec_describe(const struct sandbox_plan *plan, FILE *out)
{
	fprintf(out, "'%s'; environment: ", plan->command);
	if (plan->kind & PLAN_PLAIN) {
		fputs("the caller's", out);
		return;
	}
	for (char *const *e = plan->env; *e; e++)
		fprintf(out, "%s%s", e == plan->env ? "" : " ", *e);
}
