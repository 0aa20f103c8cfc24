/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.h - deaths by filter and denied calls, as diagnostics
 */
#ifndef RUNTIME_EXPLAIN_H
#define RUNTIME_EXPLAIN_H

#include <stdbool.h>

#include "base/diag.h"

struct host;
struct run;
struct sandbox_plan;

/* How it will be learnt of; false with diagnostics. */
bool plan_explaining(struct sandbox_plan *p, const struct host *host,
		     struct diag_sink *diags);

/* The command itself was ended by SIGSYS. */
void explain_death(struct run *run, struct diag_sink *diags);
/* Other processes and threads, and calls refused with an errno. */
void explain_others(struct run *run, struct diag_sink *diags);
/* The runner could not follow or supervise; the exit status. */
int explain_failure(const struct run *run, struct diag_sink *diags);

#endif
