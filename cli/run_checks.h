/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_checks.h - what must hold between a policy and the run it is for
 */
#ifndef CLI_RUN_CHECKS_H
#define CLI_RUN_CHECKS_H

#include <stdbool.h>

#include "compiler/policy.h"
#include "compiler/unit.h"

/*
 * `notify` needs a supervisor and `trace` a tracer; without one the kernel
 * answers ENOSYS, so a policy that reaches either is refused (E0890).
 */
bool run_check_answers(struct unit *u, const struct policy *policy);

/* As root: nobody else may be able to write what was read (E0891). */
bool run_check_sources(struct unit *u);

/*
 * Whether execve passes with any pointers; the proof engine answers.
 * Where not, *reason says which rule does what to it (arena).
 */
bool run_allows_exec(struct unit *u, const struct policy *policy,
		     const struct abi *abi, const char **reason);

/*
 * Whether no ABI lets ptrace, process_vm_readv, process_vm_writev or
 * pidfd_getfd pass.
 */
bool run_denies_tracing(struct unit *u, const struct policy *policy);

#endif
