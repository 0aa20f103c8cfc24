/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_caps.h - which capabilities the command holds, and what they undo
 */
#ifndef RUNTIME_PLAN_CAPS_H
#define RUNTIME_PLAN_CAPS_H

#include <stdbool.h>

struct diag_sink;
struct host;
struct sandbox_plan;

/*
 * After the namespaces: whose capabilities they are depends on them.
 * False with diagnostics when the run must not be.
 */
bool plan_caps(struct sandbox_plan *plan, const struct host *host,
	       struct diag_sink *diags);

#endif
