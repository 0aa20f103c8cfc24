/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timer.c - the time that a sandbox has, kept by the runner
 *
 * Outside the sandbox, where nothing inside can stop the clock.  It starts
 * when pid 1 is let go, and when it is over pid 1 is killed, which ends
 * every process of the sandbox.
 */
#include "runtime/timer.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include "runtime/apply.h"

int timer_open(const struct sandbox_plan *plan, struct run *run)
{
	uint32_t ms = plan->req->sandbox->timeout_ms;
	const struct itimerspec when = {
		.it_value = {ms / 1000, ms % 1000 * 1000000L},
	};

	run->timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (run->timer_fd < 0 ||
	    timerfd_settime(run->timer_fd, 0, &when, NULL) < 0)
		return step_failed(run, NULL);
	return 0;
}

static void say_time(uint32_t ms, FILE *out)
{
	if (ms % 1000)
		fprintf(out, "%ums", ms);
	else
		fprintf(out, "%us", ms / 1000);
}

void timer_open_describe(const struct sandbox_plan *plan, FILE *out)
{
	fputs("SIGKILL to everything inside after ", out);
	say_time(plan->req->sandbox->timeout_ms, out);
}

bool timer_expired(struct run *run)
{
	uint64_t count;

	return read(run->timer_fd, &count, sizeof(count)) == sizeof(count);
}

int timer_report(const struct run *run, struct diag_sink *diags)
{
	uint32_t ms = run->plan->req->sandbox->timeout_ms;

	diag_add(diags, E0843, span_none,
		 "the sandbox was ended: its timeout of %u%s is over",
		 ms % 1000 ? ms : ms / 1000, ms % 1000 ? "ms" : "s");
	return RUN_TIMED_OUT;
}
