/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_terminal.h - whether the command gets a terminal of its own
 */
#ifndef RUNTIME_PLAN_TERMINAL_H
#define RUNTIME_PLAN_TERMINAL_H

#include <stdbool.h>

struct diag_sink;
struct host;
struct sandbox_plan;

/*
 * After ids and mounts: it adds to the kinds that those set.  False with a
 * diagnostic where there can be none.
 */
bool plan_terminal(struct sandbox_plan *p, const struct host *host,
		   struct diag_sink *diags);

#endif
