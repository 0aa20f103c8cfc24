/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_terminal.h - whether the command gets a terminal of its own
 */
#ifndef RUNTIME_PLAN_TERMINAL_H
#define RUNTIME_PLAN_TERMINAL_H

struct host;
struct sandbox_plan;

/* After the ids: it adds to the kinds that those set. */
void plan_terminal(struct sandbox_plan *p, const struct host *host);

#endif
