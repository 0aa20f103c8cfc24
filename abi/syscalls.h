/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syscalls.h - names, numbers and signatures of system calls
 *
 * A signature belongs to (ABI, number, handler): position and type come
 * from the kernel's prototype, names from our table.  All of it is
 * constant data generated from abi/syscalls.csv and abi/signatures.csv.
 * It holds no pointers, which would cost every start of the program.
 */
#ifndef ABI_SYSCALLS_H
#define ABI_SYSCALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/abi.h"
#include "abi/constants.h"

/* Index of a name in the sorted table of all names on all ABIs. */
typedef uint16_t sysname;

#define SYSNAME_NONE ((sysname)0xffff)

enum arg_kind {
	ARG_INTEGER,
	ARG_POINTER, /* compares with NULL only */
};

enum { ARG_NO_REG = 0xff };

struct sig_arg {
	uint16_t names; /* for sig_arg_name() and sig_arg_alias() */
	uint8_t kind; /* enum arg_kind */
	/* Effective width: the bits that the handler uses (8, 16, 32, 64). */
	uint8_t bits;
	bool is_signed;
	uint8_t reg;	/* 0 to 5; the low half when there are two */
	uint8_t reg_hi; /* ARG_NO_REG unless a 64-bit value is split */
	family_id family; /* FAMILY_NONE when any number will do */
};

struct syscall_desc {
	sysname name;
	uint32_t nr; /* as in seccomp_data: with the x32 bit */
	uint8_t nargs;
	/*
	 * The kernel answers it with ENOSYS or has it only as a reserved
	 * number; still a known name.
	 */
	bool not_implemented;
	/* Runs without asking any filter (x86_64 uretprobe and uprobe). */
	bool bypasses_filter;
	/* A compat handler on this ABI: pointers and longs are 32 bits. */
	bool is_compat;
	uint16_t first_arg; /* for syscall_args() */
};

size_t sysname_count(void);
/* SYSNAME_NONE when no ABI has the name. */
sysname sysname_find(const char *name, size_t len);
const char *sysname_text(sysname name);

/* NULL when the ABI lacks the call. */
const struct syscall_desc *syscall_by_name(const struct abi *abi, sysname name);
/* NULL when the number is unknown on that ABI (gaps included). */
const struct syscall_desc *syscall_by_nr(const struct abi *abi, uint32_t nr);
/* The ABI's calls in ascending order of number. */
size_t syscall_count(const struct abi *abi);
const struct syscall_desc *syscall_at(const struct abi *abi, size_t i);

/* The call's nargs arguments. */
const struct sig_arg *syscall_args(const struct syscall_desc *call);
/* The man page's, frozen once published. */
const char *sig_arg_name(const struct sig_arg *arg);
/* Names from the kernel and elsewhere; NULL past the last. */
const char *sig_arg_alias(const struct sig_arg *arg, size_t i);

/* By name or alias; NULL when the call has no such argument. */
const struct sig_arg *syscall_arg(const struct syscall_desc *call,
				  const char *name, size_t len);
/* Where the argument's effective bits sit, and the mask of those bits. */
struct arg_words sig_arg_words(const struct abi *abi, const struct sig_arg *arg);
uint64_t sig_arg_mask(const struct sig_arg *arg);

/*
 * Other calls that reach the same effect (setuid/setuid32, open/openat/
 * openat2/creat, ...), from abi/twins.csv.  Writes up to max names, gives
 * how many there are.
 */
size_t sysname_twins(sysname name, sysname *out, size_t max);

/* The newest kernel that the tables know, "6.17" or later. */
const char *syscalls_kernel_version(void);

#endif
