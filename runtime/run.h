/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run.h - the door of runtime/: ask for a run, look at its plan, do it
 *
 *	plan = plan_new(&request, diags, &exit_code);
 *	if (!plan)
 *		return exit_code;		(diagnostics say why)
 *	diag_print(...);			(warnings, before it starts)
 *	exit_code = plan_run(plan, later);	(or plan_describe(plan, stdout))
 *	plan_free(plan);
 *
 * Everything is decided by plan_new(): plan_run() only acts.  The request
 * and what it points to must live as long as the plan.
 */
#ifndef RUNTIME_RUN_H
#define RUNTIME_RUN_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "abi/sandbox.h"
#include "base/diag.h"

enum run_exit {
	RUN_TIMED_OUT = 124, /* as timeout(1) has it */
	RUN_NOT_BUILT = 125, /* the command was never started */
	RUN_NOT_EXECUTABLE = 126,
	RUN_NOT_FOUND = 127,
	RUN_SIGNALLED = 128, /* plus the number of the signal */
};

struct str;
struct keeper;
struct judge;

/* `--explain`: how refused calls are learnt of. */
enum run_explain {
	EXPLAIN_RECORD, /* from the kernel's record, where it can be read */
	EXPLAIN_DEATHS, /* by following the workload */
	/* And by a listener: insns then says notify where the policy denies. */
	EXPLAIN_DENIALS,
};

struct run_request {
	const struct sandbox *sandbox;	 /* !present: load the filter only */
	const struct sock_filter *insns; /* finished, in the host's order */
	size_t ninsns;
	bool log_denials; /* `option log` */
	struct str *report; /* plan_run() adds its JSON; NULL: none */
	/*
	 * Whether the filter lets execve pass with any pointers: the one call
	 * that follows its loading.  Where not, exec_reason says what happens
	 * to it ("line 4: kill execve").
	 */
	bool filter_allows_exec;
	const char *exec_reason;
	/* No way to ptrace, process_vm_* or pidfd_getfd on any ABI. */
	bool filter_denies_tracing;
	char *const *argv; /* the command; argv[0] is looked up in PATH */
	char *const *env;  /* the caller's */
	/* Who knows the policy (refusal.h); NULL: deaths stay unexplained. */
	const struct judge *judge;
	enum run_explain explain; /* beyond the first it needs a judge */
	/* The profile lets the workload trace: it would find itself traced. */
	const char *gives_ptrace; /* by what; NULL: it doesn't */
	struct keeper *keeper; /* of a named sandbox; NULL: it has no name */
};

struct sandbox_plan;

/*
 * Probes the host and decides.  NULL with diagnostics and the exit status
 * (125, 126 or 127) when the run can't be planned.  No privileges needed.
 */
struct sandbox_plan *plan_new(const struct run_request *req,
			      struct diag_sink *diags, int *exit_code);
void plan_free(struct sandbox_plan *plan);

/*
 * The file that will be started, where the caller's paths lead to it too:
 * NULL under a root of the profile's own.
 */
const char *plan_program(const struct sandbox_plan *plan);

/* `--dry-run`: the steps in their order, one a line. */
void plan_describe(const struct sandbox_plan *plan, FILE *out);

/*
 * Runs the command and waits for it.  Returns the exit status of
 * `callgate run`; set-up failures and a death by filter are diagnostics.
 * Blocks signals meanwhile and restores them; needs a single thread.
 */
int plan_run(const struct sandbox_plan *plan, struct diag_sink *diags);

#endif
