/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name_table.h - words to pointers: a hash table inside an arena
 *
 * Keys are borrowed and must live as long as the table.  Entries keep the
 * order in which they were added; nothing is ever removed.
 */
#ifndef COMPILER_NAME_TABLE_H
#define COMPILER_NAME_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct arena;

struct name_entry {
	const char *text;
	size_t len;
	uint32_t hash;
	void *value;
};

struct name_table {
	struct name_entry *entries; /* in the order of adding */
	size_t len, cap;
	uint32_t *slots; /* index + 1; 0 is empty; a power of two of them */
	size_t nslots;
};

/* NULL when there is none. */
void *name_table_find(const struct name_table *t, const char *text,
		      size_t len);
/* The key must not be in the table yet. */
void name_table_add(struct arena *a, struct name_table *t, const char *text,
		    size_t len, void *value);

#endif
