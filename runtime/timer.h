/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timer.h - the time that a sandbox has, kept by the runner
 */
#ifndef RUNTIME_TIMER_H
#define RUNTIME_TIMER_H

#include <stdbool.h>

struct diag_sink;
struct run;

/* When timer_fd is readable: whether the sandbox must end now. */
bool timer_expired(struct run *run);

/* Says which timeout it was; the exit status that it means. */
int timer_report(const struct run *run, struct diag_sink *diags);

#endif
