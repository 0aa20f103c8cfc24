/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bytes.h - numbers and texts as bytes, for files that callgate keeps
 *
 * In the byte order of the machine: such files never leave it.  A reader
 * that meets its end, or a text that is none, turns bad and stays so; what
 * it gives from then on is zero or NULL, so one test at the end is enough.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct bytes {
	const unsigned char *at;
	size_t left;
	bool bad;
};

/* NULL, and bad, where n are not left. */
const void *bytes_take(struct bytes *b, size_t n);
uint32_t bytes_u32(struct bytes *b);
uint64_t bytes_u64(struct bytes *b);
/* NULL where NULL was put; NUL-terminated, in the reader's own bytes. */
const char *bytes_text(struct bytes *b, size_t *len);
/* How many items follow, each of at least one byte. */
uint32_t bytes_count(struct bytes *b);

void bytes_put_u32(struct str *out, uint32_t value);
void bytes_put_u64(struct str *out, uint64_t value);
void bytes_put_text(struct str *out, const char *text);
/* May hold any byte; bytes_text() gives its length. */
void bytes_put_block(struct str *out, const void *block, size_t len);

/* Differs for sure where one byte does; no secret, and none against one. */
uint64_t bytes_sum(const void *block, size_t len);

#endif
