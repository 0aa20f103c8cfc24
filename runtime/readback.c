/* SPDX-License-Identifier: Apache-2.0 */
/*
 * readback.c - the report: what was asked for, what came of it, and how it
 * ended
 */
#include "runtime/readback.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/bug.h"
#include "runtime/apply.h"

void readback_prepare(struct run *run)
{
	struct readback *rb = &run->readback;

	rb->wanted = run->plan->req->report != NULL;
	if (!rb->wanted)
		return;
	clock_gettime(CLOCK_REALTIME, &rb->started);
	getrusage(RUSAGE_CHILDREN, &rb->before);
}

void readback_status(struct run *run, int status)
{
	run->readback.has_status = true;
	run->readback.status = status;
}

void readback_lost(struct readback *rb, const char *what)
{
	if (*rb->lost)
		return;
	rb->lost_err = errno;
	snprintf(rb->lost, sizeof(rb->lost), "%s", what);
}

int readback_refused(const struct run *run, struct diag_sink *diags)
{
	const struct readback *rb = &run->readback;
	struct diag *d = diag_add(diags, E0899, span_none,
				  "cannot read the sandbox back: %s: %s",
				  rb->lost, strerror(rb->lost_err));

	diag_note(d, "--report needs it; the command was ended before its "
		     "first instruction");
	return RUN_NOT_BUILT;
}

static void add_command(struct str *out, char *const *argv)
{
	str_add(out, "  \"command\": [");
	for (char *const *arg = argv; *arg; arg++) {
		str_add(out, arg == argv ? "" : ", ");
		str_add_json(out, *arg);
	}
	str_add(out, "],\n");
}

/* The plan, as --dry-run prints it. */
static void add_plan(struct str *out, const struct sandbox_plan *plan)
{
	char *text, *line, *rest;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	const char *comma = "";

	if (!f)
		oom();
	plan_describe(plan, f);
	if (fclose(f))
		oom();
	str_add(out, "  \"plan\": [");
	for (rest = text; (line = strsep(&rest, "\n")) && *line;) {
		str_addf(out, "%s\n    ", comma);
		str_add_json(out, line);
		comma = ",";
	}
	str_add(out, "\n  ],\n");
	free(text);
}

static double milliseconds(struct timeval now, struct timeval before)
{
	return (double)(now.tv_sec - before.tv_sec) * 1e3 +
	       (double)(now.tv_usec - before.tv_usec) / 1e3;
}

static void add_times(struct str *out, const struct readback *rb)
{
	struct timespec now;
	struct rusage after;
	struct tm utc;
	char text[32];

	clock_gettime(CLOCK_REALTIME, &now);
	getrusage(RUSAGE_CHILDREN, &after);
	gmtime_r(&rb->started.tv_sec, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
	str_addf(out, "  \"started\": \"%s.%03ldZ\",\n", text,
		 rb->started.tv_nsec / 1000000);
	str_addf(out, "  \"milliseconds\": {\"total\": %.3f, ",
		 (double)(now.tv_sec - rb->started.tv_sec) * 1e3 +
			 (double)(now.tv_nsec - rb->started.tv_nsec) / 1e6);
	str_addf(out, "\"user\": %.3f, \"system\": %.3f},\n",
		 milliseconds(after.ru_utime, rb->before.ru_utime),
		 milliseconds(after.ru_stime, rb->before.ru_stime));
}

static void add_end(struct str *out, const struct run *run, int exit_code)
{
	const struct readback *rb = &run->readback;

	str_addf(out, "  \"exit_status\": %d,\n", exit_code);
	if (rb->has_status && WIFSIGNALED(rb->status))
		str_addf(out, "  \"signal\": %d,\n", WTERMSIG(rb->status));
	else
		str_add(out, "  \"signal\": null,\n");
	if (run->meet.pid)
		str_addf(out, "  \"pid\": %d,\n", (int)run->meet.pid);
	else
		str_add(out, "  \"pid\": null,\n");
}

void readback_finish(struct run *run, int exit_code)
{
	struct readback *rb = &run->readback;
	struct str *out = run->plan->req->report;
	const bool is_read = rb->applied.len && !*rb->lost;

	if (!rb->wanted)
		return;
	str_add(out, "{\n");
	add_command(out, run->plan->req->argv);
	add_plan(out, run->plan);
	add_end(out, run, exit_code);
	add_times(out, rb);
	str_addf(out, "  \"taken\": \"%s\",\n",
		 !is_read ? "never: the command was not started"
		 : rb->after_exec ? "after exec, before its first instruction"
				  : "after the filter, before exec");
	str_addf(out, "  \"checks\": [%s\n  ],\n",
		 is_read ? str_text(&rb->checks) : "");
	str_addf(out, "  \"applied\": %s\n}\n",
		 is_read ? rb->applied.text : "null");
	str_fini(&rb->checks);
	str_fini(&rb->applied);
}
