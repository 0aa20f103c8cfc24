/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit.h - one compilation: its arena, sources, diagnostics and options
 *
 * Everything made while compiling lives in the unit's arena and ends with
 * unit_free().  Results that outlive it (struct bpf_prog) are heap objects.
 */
#ifndef COMPILER_UNIT_H
#define COMPILER_UNIT_H

#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/source.h"
#include "base/vec.h"
#include "compiler/target.h"

struct includes;
struct check_scope;

/* What a search for a file on disk found, in the order of the searches. */
struct file_lookup {
	const char *name;
	uint32_t source; /* its number; 0: there was no such file */
};

struct unit {
	struct arena *arena;
	struct sources sources;
	struct diag_sink *diags;
	struct target target;
	/* Folders of -I, in order; borrowed from the caller. */
	const char *const *include_dirs;
	size_t ninclude_dirs;
	struct includes *includes; /* include.c's; NULL until it is asked */
	/* The outcome of all these is what a compilation depends on. */
	VEC(struct file_lookup) lookups;
	/*
	 * The names that the profile defines, for check.c alone: set by
	 * check_profile() and used again by check_call().  NULL before.
	 */
	struct check_scope *scope;
};

/* On success the caller's, with default target x86_64 and no folders. */
struct unit *unit_new(void);
void unit_free(struct unit *u);

/*
 * Reads an operand ("-" is standard input) into the unit.  0 and a
 * diagnostic (E0501, E0502) when it can't be read.
 */
uint32_t unit_read(struct unit *u, const char *path);

#endif
