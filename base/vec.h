/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vec.h - typed arrays that grow inside an arena
 *
 *	VEC(struct rule) rules = { 0 };
 *	vec_push(arena, &rules, rule);
 *	rules.data[0], rules.len
 *
 * Growth copies into a new block; the old one stays until the arena goes,
 * so pointers into `data` read stale items after a push.  Keep indices.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stddef.h>

#include "base/arena.h"

#define VEC(type)                                                              \
	struct {                                                               \
		type *data;                                                    \
		size_t len, cap;                                               \
	}

#define vec_push(arena, v, ...)                                                \
	do {                                                                   \
		if ((v)->len == (v)->cap)                                      \
			(v)->data = vec_grow((arena), (v)->data, (v)->len,     \
					     &(v)->cap, sizeof(*(v)->data));   \
		(v)->data[(v)->len++] = (__VA_ARGS__);                         \
	} while (0)

void *vec_grow(struct arena *arena, const void *data, size_t len, size_t *cap,
	       size_t item);

#endif
