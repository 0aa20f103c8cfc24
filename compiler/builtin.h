/* SPDX-License-Identifier: Apache-2.0 */
/*
 * builtin.h - the profiles that are part of the program
 *
 * builtin.awk makes the table from profiles/groups when the program is
 * built; it is sorted by name.
 */
#ifndef COMPILER_BUILTIN_H
#define COMPILER_BUILTIN_H

#include <stddef.h>

struct builtin_file {
	const char *path;  /* "groups/file-system.gate" */
	const char *group; /* "@file-system" */
	const char *text;
	size_t len;
};

extern const struct builtin_file builtin_files[];
extern const size_t builtin_files_len;

#endif
