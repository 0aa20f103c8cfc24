/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.c - what is known about a refused call, and from where
 *
 * Who the caller of the runner is, the judge, says the rule and the line
 * that would allow the call; here stands what happened to which process.
 */
#include "runtime/explain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "runtime/probe.h"
#include "runtime/steps.h"

static bool lacks(const struct host *host, unsigned feature,
		  struct diag_sink *diags)
{
	if (host->features & feature)
		return false;
	diag_add(diags, E0804, span_none,
		 "this kernel has no %s, which --explain needs",
		 host_feature_name((enum host_feature)feature));
	return true;
}

static bool may_follow(const struct run_request *req, struct diag_sink *diags)
{
	struct diag *d;

	if (req->keeper) {
		d = diag_add(diags, E0885, span_none,
			     "a sandbox with a name, or detached, can't be "
			     "followed for --explain");
		diag_note(d, "others may start processes in it, which are "
			     "not the runner's");
		return false;
	}
	if (!req->gives_ptrace)
		return true;
	d = diag_add(diags, E0885, span_none,
		     "cannot follow the command for --explain: the profile "
		     "lets it trace");
	diag_note(d, "%s", req->gives_ptrace);
	diag_help(d, "a process has one tracer only: run it without "
		     "--explain, or without that line");
	return false;
}

bool plan_explaining(struct sandbox_plan *p, const struct host *host,
		     struct diag_sink *diags)
{
	const struct run_request *req = p->req;

	if (req->report)
		p->kind |= PLAN_REPORT;
	if (req->explain == EXPLAIN_RECORD) {
		/* A plain command is a child: its id is known. */
		if (req->judge && p->filter_kills &&
		    !(p->kind & PLAN_PLAIN))
			p->kind |= PLAN_ANNOUNCE;
		return true;
	}
	if (lacks(host, HOST_FOLLOW, diags) || !may_follow(req, diags))
		return false;
	p->kind |= PLAN_FOLLOW;
	if (req->explain == EXPLAIN_DEATHS)
		return true;
	p->kind |= PLAN_DENIALS;
	return !lacks(host, HOST_NOTIFY, diags);
}

/* The caller's to end. */
static struct str described(const struct run *run, const struct call *call,
			    bool has_args)
{
	const struct judge *judge = run->plan->req->judge;
	struct str text = { 0 };

	judge->describe(judge->arg, call, has_args, &text);
	return text;
}

static void judge_call(const struct run *run, const struct call *call,
		       bool has_args, struct diag *d)
{
	const struct judge *judge = run->plan->req->judge;

	judge->explain(judge->arg, call, has_args, d);
}

static void add_call(const struct run *run, const struct call *call,
		     bool has_args, struct diag *d)
{
	struct str text = described(run, call, has_args);

	diag_note(d, "%s", str_text(&text));
	str_fini(&text);
	judge_call(run, call, has_args, d);
}

/* The registers as they were: all six, whatever the call takes. */
static void add_registers(struct diag *d, const struct call *call)
{
	diag_note(d,
		  "registers %#" PRIx64 ", %#" PRIx64 ", %#" PRIx64
		  ", %#" PRIx64 ", %#" PRIx64 ", %#" PRIx64
		  "; instruction pointer %#" PRIx64,
		  call->args[0], call->args[1], call->args[2], call->args[3],
		  call->args[4], call->args[5], call->ip);
}

static void explain_followed(struct run *run, struct diag *d)
{
	if (!run->has_last_death) {
		diag_note(d, "it was not seen in which call; a signal of "
			     "that number, sent by a program, ends it too");
		return;
	}
	run->death_told = true;
	add_call(run, &run->last_death, true, d);
	add_registers(d, &run->last_death);
}

/* Why there is no record, as far as that is known. */
static void explain_no_record(const struct run *run, struct diag *d)
{
	const struct record *r = &run->record;

	if (r->foreign_pids)
		diag_note(d, "the kernel's record of it can't be told from "
			     "others: it has the process ids of the machine, "
			     "and this is a pid namespace of its own");
	else if (!r->audit && !r->kmsg)
		diag_note(d, "the kernel's record of it can't be read: that "
			     "needs CAP_AUDIT_READ, or /dev/kmsg");
	else
		diag_note(d, "the kernel made no record of it, or it was "
			     "lost: kernel.seccomp.actions_logged says which "
			     "are made%s",
			  r->lost ? "; more came than could be read"
			  : r->audit ? ""
				     : ", and the kernel log is limited to "
				       "a few a second");
	diag_help(d, "run it again with --explain, which tells the call, its "
		     "arguments and the rule");
}

static void explain_recorded(struct run *run, struct diag *d)
{
	struct seccomp_record found;
	struct call call = { 0 };

	if (!record_find(&run->record, meet_pid(run), &found)) {
		explain_no_record(run, d);
		return;
	}
	call.arch = found.arch;
	call.nr = found.nr;
	call.ip = found.ip;
	add_call(run, &call, false, d);
	diag_note(d, "from the kernel's record, which has no arguments; "
		     "--explain tells them");
}

void explain_death(struct run *run, struct diag_sink *diags)
{
	const char *name = run->plan->req->argv[0];
	struct diag *d;

	if (!run->plan->filter_kills) {
		diag_add(diags, E0813, span_none,
			 "'%s' was ended by SIGSYS, which its filter does "
			 "not send",
			 name);
		return;
	}
	d = diag_add(diags, E0813, span_none,
		     "'%s' was killed by its filter (SIGSYS)", name);
	if (run->plan->kind & PLAN_FOLLOW)
		explain_followed(run, d);
	else if (run->plan->req->judge)
		explain_recorded(run, d);
}

/* What E0813 has told is not told again. */
static bool is_told(const struct run *run, const struct refusal *r)
{
	return run->death_told && r->process == run->meet.pid &&
	       r->count == 1 && !memcmp(&r->call, &run->last_death,
					sizeof(r->call));
}

static void add_times(char text[32], uint64_t count)
{
	text[0] = '\0';
	if (count > 1)
		snprintf(text, 32, ", %" PRIu64 " times", count);
}

/* The call in the head: two records with one head would be one. */
static void report_death(const struct run *run, const struct refusal *r,
			 struct diag_sink *diags)
{
	struct str call = described(run, &r->call, true);
	char times[32];
	struct diag *d;

	add_times(times, r->count);
	d = diag_add(diags, W0886, span_none,
		     "%s'%s' (process %d) was %s by its filter%s: %s",
		     r->action == ACT_KILL_THREAD ? "a thread of " : "",
		     r->program, (int)r->process,
		     r->action == ACT_KILL_THREAD ? "ended" : "killed", times,
		     str_text(&call));
	str_fini(&call);
	judge_call(run, &r->call, true, d);
	add_registers(d, &r->call);
}

static void report_deaths(const struct run *run, struct diag_sink *diags)
{
	const struct refusals *list = &run->deaths;
	uint64_t shown = 0, more = list->others;

	for (size_t i = 0; i < list->len; i++) {
		const struct refusal *r = &list->at[i];

		if (is_told(run, r))
			continue;
		if (shown++ < REFUSALS_SHOWN_MAX)
			report_death(run, r, diags);
		else
			more += r->count;
	}
	if (more)
		diag_add(diags, W0886, span_none,
			 "%" PRIu64 " more deaths by filter are not shown",
			 more);
}

static void report_denial(const struct run *run, const struct refusal *r,
			  struct diag_sink *diags)
{
	struct str call = described(run, &r->call, true);
	char times[32];
	struct diag *d;

	add_times(times, r->count);
	d = diag_add(diags, W0887, span_none, "'%s' was denied a call%s: %s",
		     r->program, times, str_text(&call));
	str_fini(&call);
	judge_call(run, &r->call, true, d);
}

static void report_denials(const struct run *run, struct diag_sink *diags)
{
	const struct refusals *list = &run->denials.seen;

	for (size_t i = 0; i < list->len; i++)
		report_denial(run, &list->at[i], diags);
	if (list->others)
		diag_add(diags, W0887, span_none,
			 "%" PRIu64 " more denied calls are not shown: a run "
			 "keeps %d kinds",
			 list->others, REFUSALS_DISTINCT_MAX);
}

void explain_others(struct run *run, struct diag_sink *diags)
{
	if (run->plan->kind & PLAN_FOLLOW)
		report_deaths(run, diags);
	if (run->plan->kind & PLAN_DENIALS)
		report_denials(run, diags);
}

int explain_failure(const struct run *run, struct diag_sink *diags)
{
	const long yama = host_sysctl("/proc/sys/kernel/yama/ptrace_scope");
	struct diag *d;

	d = diag_add(diags, E0885, span_none,
		     "cannot follow the command for --explain: '%s': %s",
		     run->meet.object, strerror(run->meet.err));
	if (run->meet.err == EPERM && yama > 1)
		diag_note(d, "kernel.yama.ptrace_scope is %ld", yama);
	else if (run->meet.err == EPERM &&
		 prctl(PR_GET_SECCOMP, 0, 0, 0, 0) > 0)
		diag_note(d, "the caller runs behind a seccomp filter, as in "
			     "a container; it may refuse ptrace and "
			     "pidfd_getfd");
	else if (run->meet.err == EPERM)
		diag_note(d, "a security module refuses it, or somebody "
			     "traces the runner with its children");
	diag_help(d, "run it without --explain");
	diag_note(d, "the command was not started");
	return RUN_NOT_BUILT;
}
