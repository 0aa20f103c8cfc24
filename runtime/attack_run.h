/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack_run.h - `callgate doctor --attack`: the half that stands outside
 *
 * It plants what a careless caller leaves around, starts the program of
 * runtime/attack/ in the sandbox, several times, and reads what that says.
 */
#ifndef RUNTIME_ATTACK_RUN_H
#define RUNTIME_ATTACK_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/attack/table.h"

struct diag_sink;

struct attack_request {
	/*
	 * A shell command that runs the words behind it in a sandbox; NULL:
	 * `callgate run`.  Then the rest is about that run.
	 */
	const char *under;
	const char *profile;
	/* The command is not in the sandbox's tree, or not executable there. */
	bool add_exec;
	const char *root; /* a chosen one; NULL: none */
	uint64_t memory; /* limits of the profile; 0: none */
	uint32_t pids;
};

struct attack_info {
	const char *name, *tried, *remedy;
};

struct attack_result {
	enum attack_state state; /* never STATE_NONE */
	char why[WHY_MAX + 32];
};

extern const struct attack_info attack_infos[ATTACK_COUNT];

/* False with diagnostics when there are no results. */
bool attack_run(const struct attack_request *req,
		struct attack_result results[ATTACK_COUNT],
		struct diag_sink *diags);

#endif
