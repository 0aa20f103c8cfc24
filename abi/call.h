/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call.h - one system call as a filter sees it (struct seccomp_data)
 */
#ifndef ABI_CALL_H
#define ABI_CALL_H

#include <stdint.h>

#include "abi/abi.h"

struct call {
	uint32_t arch; /* AUDIT_ARCH_* */
	uint32_t nr;   /* with the x32 bit */
	uint64_t ip;
	uint64_t args[ARGS_MAX];
};

enum { CALL_BYTES = 64 };

/*
 * The 32-bit word at a byte offset (a multiple of 4, below CALL_BYTES) as
 * a kernel of that byte order would load it.
 */
uint32_t call_word(const struct call *call, unsigned off, bool big_endian);
/* Sets that word; used to build witnesses. */
void call_set_word(struct call *call, unsigned off, bool big_endian,
		   uint32_t value);
/* The value at the words, high half 0 when there is none. */
uint64_t call_value(const struct call *call, struct arg_words at,
		    bool big_endian);

/*
 * The ABI whose number space the call falls in, NULL when no ABI of the
 * table has that arch.  0xffffffff belongs to the ABI without nr_bit.
 */
const struct abi *call_abi(const struct call *call);

#endif
