/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/name_table.h"

#include <string.h>

#include "base/vec.h"

/* FNV-1a. */
static uint32_t hash_of(const char *text, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * 16777619u;
	return h;
}

static void place(struct name_table *t, uint32_t index)
{
	size_t at = t->entries[index].hash & (t->nslots - 1);

	while (t->slots[at])
		at = (at + 1) & (t->nslots - 1);
	t->slots[at] = index + 1;
}

static void grow(struct arena *a, struct name_table *t)
{
	t->nslots = t->nslots ? t->nslots * 2 : 32;
	t->slots = arena_array(a, t->nslots, sizeof(*t->slots));
	for (size_t i = 0; i < t->len; i++)
		place(t, (uint32_t)i);
}

void *name_table_find(const struct name_table *t, const char *text, size_t len)
{
	uint32_t hash;

	if (!t->nslots)
		return NULL;
	hash = hash_of(text, len);
	for (size_t at = hash & (t->nslots - 1); t->slots[at];
	     at = (at + 1) & (t->nslots - 1)) {
		const struct name_entry *e = &t->entries[t->slots[at] - 1];

		if (e->hash == hash && e->len == len &&
		    !memcmp(e->text, text, len))
			return e->value;
	}
	return NULL;
}

void name_table_add(struct arena *a, struct name_table *t, const char *text,
		    size_t len, void *value)
{
	struct name_entry e = { text, len, hash_of(text, len), value };

	if (t->len == t->cap)
		t->entries = vec_grow(a, t->entries, t->len, &t->cap,
				      sizeof(*t->entries));
	t->entries[t->len++] = e;
	if (2 * t->len > t->nslots)
		grow(a, t);
	else
		place(t, (uint32_t)t->len - 1);
}
