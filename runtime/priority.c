/* SPDX-License-Identifier: Apache-2.0 */
/*
 * priority.c - niceness, scheduling policy, OOM score, raised limits
 *
 * The runner sets them on pid 1 while that waits, and the command inherits
 * them: inside the user namespace nobody could raise any of them.
 */
#include "runtime/apply.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/plan_process.h"
#include "runtime/probe.h"

int priority_nice(const struct sandbox_plan *plan, struct run *run)
{
	if (setpriority(PRIO_PROCESS, (id_t)run->child,
			plan->req->sandbox->nice) < 0)
		return step_failed(run, NULL);
	return 0;
}

void priority_nice_describe(const struct sandbox_plan *plan, FILE *out)
{
	fprintf(out, "niceness %d", plan->req->sandbox->nice);
}

int priority_oom(const struct sandbox_plan *plan, struct run *run)
{
	char path[64], score[16];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)run->child);
	snprintf(score, sizeof(score), "%d", plan->req->sandbox->oom);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return step_failed(run, "oom_score_adj");
	if (write(fd, score, strlen(score)) != (ssize_t)strlen(score))
		err = step_failed(run, "oom_score_adj");
	close(fd);
	return err;
}

void priority_oom_describe(const struct sandbox_plan *plan, FILE *out)
{
	fprintf(out, "oom_score_adj %d", plan->req->sandbox->oom);
}

static const struct {
	int policy;
	const char *name;
} policies[] = {
	[SCHED_KIND_OTHER] = {SCHED_OTHER,  "SCHED_OTHER"},
	[SCHED_KIND_BATCH] = { SCHED_BATCH, "SCHED_BATCH"},
	[SCHED_KIND_IDLE] = { SCHED_IDLE,  "SCHED_IDLE" },
};

int priority_sched(const struct sandbox_plan *plan, struct run *run)
{
	const struct sched_param none = { 0 };
	enum sched_kind kind = plan->req->sandbox->sched;

	if (sched_setscheduler(run->child, policies[kind].policy, &none) < 0)
		return step_failed(run, policies[kind].name);
	return 0;
}

void priority_sched_describe(const struct sandbox_plan *plan, FILE *out)
{
	fputs(policies[plan->req->sandbox->sched].name, out);
}

/* Only what is above the caller's: lower ones could hinder pid 1. */
int priority_raise(const struct sandbox_plan *plan, struct run *run)
{
	const struct sandbox *box = plan->req->sandbox;

	for (size_t i = 0; i < box->nrlimits; i++) {
		const struct sandbox_rlimit *r = &box->rlimits[i];
		struct rlimit64 now, want = { r->soft, r->hard };

		if (prlimit64(run->child, (unsigned)r->resource, NULL, &now) <
		    0)
			return step_failed(run, rlimit_name(r->resource));
		if (r->hard > now.rlim_max &&
		    prlimit64(run->child, (unsigned)r->resource, &want, NULL) <
			    0)
			return step_failed(run, rlimit_name(r->resource));
	}
	return 0;
}

void priority_raise_describe(const struct sandbox_plan *plan, FILE *out)
{
	(void)plan;
	fputs("raise the limits that are above the caller's", out);
}
