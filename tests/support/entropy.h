/* SPDX-License-Identifier: Apache-2.0 */
/*
 * entropy.h - choices for tests: from a seed, or from a fuzzer's bytes
 *
 * The same seed or bytes give the same choices everywhere.  Bytes that run
 * out read as 0, the simplest choice.
 */
#ifndef TESTS_SUPPORT_ENTROPY_H
#define TESTS_SUPPORT_ENTROPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct entropy {
	const uint8_t *bytes; /* NULL: from the seed */
	size_t left;
	uint64_t seed;
};

static inline uint64_t entropy_word(struct entropy *e)
{
	uint64_t v = 0;

	if (e->bytes) {
		for (unsigned i = 0; i < 8 && e->left; i++, e->left--)
			v |= (uint64_t)*e->bytes++ << 8 * i;
		return v;
	}
	e->seed += UINT64_C(0x9e3779b97f4a7c15);
	v = e->seed;
	v = (v ^ v >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	v = (v ^ v >> 27) * UINT64_C(0x94d049bb133111eb);
	return v ^ v >> 31;
}

/* 0 to n - 1. */
static inline uint32_t entropy_below(struct entropy *e, uint32_t n)
{
	if (!e->bytes)
		return (uint32_t)((entropy_word(e) >> 32) * n >> 32);
	if (!e->left)
		return 0;
	if (n <= 256) {
		e->left--;
		return *e->bytes++ % n;
	}
	return (uint32_t)entropy_word(e) % n;
}

static inline bool entropy_one_in(struct entropy *e, uint32_t n)
{
	return entropy_below(e, n) == n - 1;
}

#endif
