/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_loader.h - the filter against the start of the command's program
 */
#ifndef CLI_RUN_LOADER_H
#define CLI_RUN_LOADER_H

#include <stdbool.h>

#include "cli/run_explain.h"

/*
 * Reads the program at `path` and what it names as its interpreter.  Calls
 * that its C library makes before main, and the filter refuses, are W0889,
 * or E0888 and false where the filter kills for them for certain.  Nothing
 * is said about programs that can't be read or that the table lacks.
 */
bool run_check_loader(struct explainer *e, const char *path);

/*
 * The C libraries, 1 << enum program_libc, whose programs of that ABI have
 * nothing refused before main: what run_check_loader() need not ask.
 */
uint32_t run_starts(struct unit *u, const struct policy *policy,
		    const struct abi *abi);

#endif
