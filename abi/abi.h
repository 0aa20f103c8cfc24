/* SPDX-License-Identifier: Apache-2.0 */
/*
 * abi.h - what distinguishes one system-call ABI from another
 *
 * An ABI is an AUDIT_ARCH_* value plus a number space: x86_64 and x32
 * share the value, the x32 bit parts their numbers.  A machine is a kernel
 * that can run the calls of several ABIs.  Only this table knows byte
 * order and register width.
 */
#ifndef ABI_ABI_H
#define ABI_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum abi_id {
	ABI_X86_64,
	ABI_I386,
	ABI_X32,
	ABI_AARCH64,
	ABI_ARM,
	ABI_RISCV64,
	ABI_S390X,
	ABI_PPC64LE,
	ABI_COUNT
};

enum { X32_BIT = 0x40000000, ARGS_MAX = 6 };

struct abi {
	enum abi_id id;
	const char *name; /* as written after `arch` */
	uint32_t audit_arch;
	/* The ABI that a 64-bit kernel of this family calls its own. */
	enum abi_id machine;
	bool big_endian;
	uint8_t word_bits; /* of a register as the handlers see it */
	uint32_t nr_bit;   /* X32_BIT for x32, otherwise 0 */
	/* Other spellings: "amd64", Docker's "SCMP_ARCH_X86_64", uname's. */
	const char *const *aliases; /* NULL at the end */
};

/* ABIs as a set, bit 1 << enum abi_id. */
typedef uint32_t abi_set;

#define ABI_BIT(id) ((abi_set)1 << (id))

const struct abi *abi_get(enum abi_id id);
/* By name or alias; NULL when there is none. */
const struct abi *abi_find(const char *name, size_t len);
/* All ABIs that one kernel of the machine can produce. */
abi_set abi_set_of_machine(enum abi_id machine);
/* By uname's machine field ("x86_64", "aarch64", ...); NULL when unknown. */
const struct abi *abi_of_uname(const char *machine);

/*
 * Where a value sits in struct seccomp_data: byte offsets of its low and
 * high 32 bits.  `hi` is ARG_NO_WORD when the value has 32 bits or fewer.
 */
struct arg_words {
	uint8_t lo, hi;
};

enum { ARG_NO_WORD = 0xff };

enum { DATA_NR = 0, DATA_ARCH = 4, DATA_IP = 8, DATA_ARGS = 16 };

/* Both halves of register reg (0 to 5). */
struct arg_words abi_reg_words(const struct abi *abi, unsigned reg);

#endif
