/* SPDX-License-Identifier: Apache-2.0 */
/*
 * validate.h - would the kernel accept this program as a seccomp filter
 *
 * Mirrors bpf_check_classic() and seccomp_check_filter() (net/core/filter.c
 * and kernel/seccomp.c, Linux 6.1 to 6.18): length, opcodes, forward jumps
 * within the program, aligned loads within struct seccomp_data, no division
 * by zero, shifts below 32, no read of unset scratch memory, a return at
 * the end.
 */
#ifndef COMPILER_VALIDATE_H
#define COMPILER_VALIDATE_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler/bpf.h"

struct validate_error {
	size_t at;	  /* instruction */
	const char *what; /* static text */
};

bool bpf_validate(const struct bpf_prog *p, struct validate_error *error);

#endif
