/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace.h - `--explain`: the runner follows the workload to see its deaths
 *
 * Every process and thread stops once as it ends; one that ends by SIGSYS
 * still has the call in its registers.  The real parent is pid 1 of the
 * sandbox, or the runner.  Job control works as without a tracer.
 */
#ifndef RUNTIME_TRACE_H
#define RUNTIME_TRACE_H

#include <stdbool.h>
#include <sys/ptrace.h>
#include <sys/types.h>

struct run;

/* Children are followed from their first instruction on. */
#define TRACE_OPTIONS                                                          \
	(PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_TRACEFORK |        \
	 PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE)

/* Whether registers can be read on this machine. */
bool trace_is_possible(void);
/* A wait status that says "stopped": notes a death, lets it go on. */
void trace_stopped(struct run *run, pid_t thread, int status);

#endif
