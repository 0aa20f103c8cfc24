/* SPDX-License-Identifier: Apache-2.0 */
/*
 * elf.h - what starts a program: its interpreter, machine and C library
 *
 * The file is hostile input, read in pieces through a function: nothing is
 * mapped, every count and size has a bound, and what is past one is as if
 * it were not there.
 */
#ifndef BASE_ELF_H
#define BASE_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROGRAM_INTERP_MAX = 4096 };

/* Up to len bytes from an offset; how many there were. */
struct program_file {
	size_t (*read)(void *arg, uint64_t at, void *to, size_t len);
	void *arg;
};

enum program_kind {
	PROGRAM_OTHER, /* neither of the others, or damaged */
	PROGRAM_SCRIPT,
	PROGRAM_ELF,
};

enum program_libc {
	LIBC_UNKNOWN, /* another's, or none at all */
	LIBC_GLIBC,
	LIBC_GLIBC_STATIC,
	LIBC_MUSL,
};

struct program {
	enum program_kind kind;
	uint16_t machine; /* EM_* */
	bool is_64_bit, is_big_endian;
	enum program_libc libc;
	/* Of an ELF file PT_INTERP, of a script the first word of `#!`. */
	char interp[PROGRAM_INTERP_MAX]; /* "": none */
};

void program_read(const struct program_file *file, struct program *out);

#endif
