/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_process.h - what the command's process gets: environment,
 * descriptors, limits, priorities
 */
#ifndef RUNTIME_PLAN_PROCESS_H
#define RUNTIME_PLAN_PROCESS_H

#include <stdbool.h>

struct diag_sink;
struct host;
struct sandbox_plan;

/* Decides all of it; false with diagnostics when the run must not be. */
bool plan_process(struct sandbox_plan *plan, const struct host *host,
		  struct diag_sink *diags);

/* "nofile" for RLIMIT_NOFILE. */
const char *rlimit_name(int resource);

#endif
