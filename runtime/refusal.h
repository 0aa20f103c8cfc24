/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refusal.h - calls that the filter refused, and who knows the policy
 *
 * The runner sees calls; what the policy does to them, and how to say it,
 * is asked of the caller through struct judge.
 */
#ifndef RUNTIME_REFUSAL_H
#define RUNTIME_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "abi/action.h"
#include "abi/call.h"

struct diag;
struct str;

/* Of the caller: the policy, in the questions that a run has. */
struct judge {
	void *arg;
	/* What the filter does. */
	struct action (*decide)(void *arg, const struct call *call);
	/* Clears what only this one call has: pointers, sizes, offsets. */
	void (*generalise)(void *arg, struct call *call);
	/* "mkdir(ptr, 0o755) on x86_64: kill"; without arguments the name. */
	void (*describe)(void *arg, const struct call *call, bool has_args,
			 struct str *out);
	/* Adds the rule and the line that would allow the call to d. */
	void (*explain)(void *arg, const struct call *call, bool has_args,
			struct diag *d);
};

enum {
	REFUSALS_DISTINCT_MAX = 64,
	REFUSALS_SHOWN_MAX = 20,
	PROGRAM_NAME_MAX = 256,
};

struct refusal {
	struct call call; /* the first of its kind */
	struct call kind; /* generalised: two with the same are one */
	pid_t process, thread; /* as the runner sees them */
	uint16_t action; /* enum action_kind */
	uint16_t err;	 /* answered, for ACT_ERRNO */
	uint64_t count;
	char program[PROGRAM_NAME_MAX];
};

struct refusals {
	struct refusal *at; /* REFUSALS_DISTINCT_MAX of them; NULL: unused */
	size_t len;
	uint64_t others; /* that did not fit */
};

/* Allocates; bug-free zero is an empty list that keeps nothing. */
void refusals_init(struct refusals *list);
void refusals_fini(struct refusals *list);
/*
 * Counts one more; true when it is the first of its kind, and *out the
 * place to fill in process and program.
 */
bool refusals_add(struct refusals *list, const struct judge *judge,
		  const struct call *call, struct action action,
		  struct refusal **out);
/* Of a process of the runner's machine: its program, "?" when unknown. */
void refusal_program(char out[PROGRAM_NAME_MAX], pid_t pid);

#endif
