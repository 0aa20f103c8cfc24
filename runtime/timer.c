/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timer.c - the time that a sandbox has, kept by the runner
 *
 * Outside the sandbox, where nothing inside can stop the clock.  It starts
 * when pid 1 is let go, and when it is over pid 1 is killed, which ends
 * every process of the sandbox.  CPU time is read when it can be used up at
 * the earliest, with all processors busy: no regular polling.
 */
#include "runtime/timer.h"

#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "runtime/apply.h"

#define MS UINT64_C(1000000)

enum { CPU_STEP_MS = 10 };

static uint64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 * MS + (uint64_t)t.tv_nsec;
}

/* What is left of the CPU time; unreadable counters count as used up. */
static uint64_t cpu_left(const struct run *run)
{
	uint64_t all = run->plan->req->sandbox->timeout_cpu_ms * MS, used;

	if (!cgroup_cpu_time(run, &used) || used >= all)
		return 0;
	return all - used;
}

/* When to look next, at an absolute time; 0 is never, as in no timeout. */
static uint64_t next_look(const struct run *run)
{
	uint64_t at = run->deadline_ns, wait;

	if (!run->plan->req->sandbox->timeout_cpu_ms)
		return at;
	wait = cpu_left(run) / run->plan->cgroup.ncpus;
	if (wait < CPU_STEP_MS * MS)
		wait = CPU_STEP_MS * MS;
	wait += clock_ns();
	return at && at < wait ? at : wait;
}

static bool arm(const struct run *run)
{
	uint64_t at = next_look(run);
	const struct itimerspec when = {
		.it_value = {(time_t)(at / (1000 * MS)),
			      (long)(at % (1000 * MS))},
	};

	return timerfd_settime(run->timer_fd, TFD_TIMER_ABSTIME, &when, NULL) ==
	       0;
}

int timer_open(const struct sandbox_plan *plan, struct run *run)
{
	uint32_t ms = plan->req->sandbox->timeout_ms;

	if (ms)
		run->deadline_ns = clock_ns() + ms * MS;
	run->timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (run->timer_fd < 0 || !arm(run))
		return step_failed(run, NULL);
	return 0;
}

static uint32_t amount(uint32_t ms, const char **unit)
{
	*unit = ms % 1000 ? "ms" : "s";
	return ms % 1000 ? ms : ms / 1000;
}

void timer_open_describe(const struct sandbox_plan *plan, FILE *out)
{
	const struct sandbox *box = plan->req->sandbox;
	const char *unit;
	uint32_t n;

	fputs("SIGKILL to everything inside after ", out);
	if (box->timeout_ms) {
		n = amount(box->timeout_ms, &unit);
		fprintf(out, "%u%s%s", n, unit,
			box->timeout_cpu_ms ? " or " : "");
	}
	if (box->timeout_cpu_ms) {
		n = amount(box->timeout_cpu_ms, &unit);
		fprintf(out, "%u%s of CPU time", n, unit);
	}
}

bool timer_expired(struct run *run)
{
	uint64_t count;

	if (read(run->timer_fd, &count, sizeof(count)) != sizeof(count))
		return false;
	if (run->deadline_ns && clock_ns() >= run->deadline_ns)
		return true;
	run->cpu_over =
		run->plan->req->sandbox->timeout_cpu_ms && !cpu_left(run);
	return run->cpu_over || !arm(run);
}

int timer_report(const struct run *run, struct diag_sink *diags)
{
	const struct sandbox *box = run->plan->req->sandbox;
	const char *unit;
	uint32_t n =
		amount(run->cpu_over ? box->timeout_cpu_ms : box->timeout_ms,
		       &unit);

	diag_add(diags, E0843, span_none,
		 "the sandbox was ended: its timeout of %u%s%s is over", n,
		 unit, run->cpu_over ? " of CPU time" : "");
	return RUN_TIMED_OUT;
}
