/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nearest.h - "did you mean": the candidates closest to a misspelt word
 *
 * Distance counts insertions, deletions, changed letters and swapped
 * neighbours (optimal string alignment); letter case costs nothing.
 * Feed candidates one by one; what is too far to help is not kept.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

enum { NEAREST_MAX = 3 };

struct nearest {
	const char *word;
	size_t len;
	size_t n;
	/* Borrowed, best first. */
	const char *name[NEAREST_MAX];
	unsigned distance[NEAREST_MAX];
};

struct str;

void nearest_init(struct nearest *n, const char *word, size_t len);
void nearest_try(struct nearest *n, const char *candidate);
/* Appends "'open' or 'openat'"; nothing when there is no candidate. */
void nearest_text(const struct nearest *n, struct str *out);

#endif
