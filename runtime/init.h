/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init.h - the children: pid 1 of a sandbox, and the command's process
 */
#ifndef RUNTIME_INIT_H
#define RUNTIME_INIT_H

#include <linux/filter.h>
#include <stddef.h>
#include <sys/types.h>

struct run;

/* Both start right after clone and never return. */
_Noreturn void init_main(struct run *run);
_Noreturn void command_main(struct run *run);

/* Pid 1 has these two descriptors and no other. */
enum { INIT_STATUS_FD, INIT_GUARD_FD, INIT_FDS };

enum { INIT_FILTER_MAX = 32 };

/*
 * Pid 1's own filter: it may wait, signal `command`, write to its
 * two pipes and exit; everything else kills it, and the sandbox with it.
 * Returns the number of instructions.
 */
size_t init_filter(struct sock_filter insns[INIT_FILTER_MAX], pid_t command);

#endif
