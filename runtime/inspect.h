/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect.h - a process as the kernel shows it, beside another one
 *
 * Reading makes a list of rows from /proc and ptrace; writing lays two such
 * lists over each other.  What can't be read is a row that says why.
 */
#ifndef RUNTIME_INSPECT_H
#define RUNTIME_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/diag.h"
#include "base/str.h"
#include "base/vec.h"

struct inspect_row {
	const char *section; /* the rows of one stand together */
	const char *key;
	const char *value; /* NULL: it could not be read, and `why` says why */
	const char *why;
	uint64_t set;
	bool is_set;  /* of capabilities; `value` has them in words */
	bool is_name; /* differs between any two processes */
};

struct inspection {
	struct arena *arena;
	int dir; /* /proc/PID: stays this process's when the number is reused */
	pid_t pid;
	bool itself; /* callgate, which stands for the shell it came from */
	bool filters;
	unsigned cap_last;
	VEC(struct inspect_row) rows;
};

struct inspect_request {
	pid_t pid;
	pid_t other; /* to compare with; 0: callgate itself, as its shell */
	bool json;
	bool filters; /* stop the processes to read their programs */
};

/* False with E0883 when a process is not there. */
bool inspect_process(const struct inspect_request *req, struct arena *arena,
		     struct str *out, struct diag_sink *diags);
/* A set of capabilities in words. */
void inspect_set(uint64_t set, bool json, struct str *out);

/* --- between the files inspect*.c --- */

void inspect_add(struct inspection *in, const char *section, const char *key,
		 const char *value);
void inspect_lacks(struct inspection *in, const char *section,
		   const char *key, const char *why);
/* inspect_filters.c: the programs, where the caller may read them. */
void inspect_filters(struct inspection *in, unsigned count);
/* inspect_write.c */
void inspect_write(const struct inspection *in,
		   const struct inspection *other, bool json,
		   struct str *out);

#endif
