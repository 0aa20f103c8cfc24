/* SPDX-License-Identifier: Apache-2.0 */
#include "base/vec.h"

#include <string.h>

void *vec_grow(struct arena *arena, const void *data, size_t len, size_t *cap,
	       size_t item)
{
	size_t want = *cap ? *cap * 2 : 8;
	void *bigger = arena_array(arena, want, item);

	if (len)
		memcpy(bigger, data, len * item);
	*cap = want;
	return bigger;
}
