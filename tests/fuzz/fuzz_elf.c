/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: no file crashes the reader of program headers, it reads nothing
 * past the file, and what it says is within its own rules.
 * Method: libFuzzer; the file is the input, read through a function.
 */
#include <stdlib.h>
#include <string.h>

#include "base/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bytes {
	const uint8_t *data;
	size_t size;
};

static size_t read_bytes(void *arg, uint64_t at, void *to, size_t len)
{
	const struct bytes *b = arg;

	if (at >= b->size)
		return 0;
	if (len > b->size - at)
		len = b->size - (size_t)at;
	memcpy(to, b->data + at, len);
	return len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes bytes = { data, size };
	const struct program_file file = { read_bytes, &bytes };
	struct program p;

	program_read(&file, &p);
	if (!memchr(p.interp, '\0', sizeof(p.interp)))
		abort();
	if (p.kind == PROGRAM_ELF && p.interp[0] && p.interp[0] != '/')
		abort();
	if (p.kind != PROGRAM_ELF && p.libc != LIBC_UNKNOWN)
		abort();
	return 0;
}
