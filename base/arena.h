/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h - memory that lives as long as one compilation
 *
 * Nothing in an arena is freed singly.  Objects in it hold neither heap
 * pointers nor descriptors, so arena_free() is the only clean-up there is.
 * Allocation never returns NULL: without memory the process ends (oom()).
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a);

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size)
	__attribute__((malloc, alloc_size(2), returns_nonnull));
/* n * size with the multiplication checked. */
void *arena_array(struct arena *a, size_t n, size_t size)
	__attribute__((malloc, alloc_size(2, 3), returns_nonnull));
void *arena_dup(struct arena *a, const void *p, size_t size);
/* Copies len bytes and adds a NUL. */
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Bytes handed out so far; for limits and statistics. */
size_t arena_used(const struct arena *a);

#define arena_new_of(a, type) ((type *)arena_alloc((a), sizeof(type)))

#endif
