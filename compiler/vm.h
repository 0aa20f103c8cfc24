/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vm.h - what a program answers to one call, as the kernel would run it
 */
#ifndef COMPILER_VM_H
#define COMPILER_VM_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/call.h"
#include "compiler/bpf.h"

struct vm_result {
	uint32_t ret;	/* the raw return value */
	uint32_t steps; /* instructions executed, the return included */
	uint32_t last;	/* index of the return instruction */
};

/*
 * The program must have passed bpf_validate().  `trace`, if not NULL, has
 * room for p->len indices and gets those executed, in order.
 */
struct vm_result vm_run(const struct bpf_prog *p, const struct call *call,
			uint32_t *trace);

/*
 * True when the kernel's constant-action emulator (kernel/seccomp.c,
 * seccomp_is_const_allow, since 5.11) would put this call number into its
 * always-allow bitmap: the program reaches RET ALLOW having loaded only nr
 * and arch, with the instructions that emulator knows.
 */
bool vm_is_cached(const struct bpf_prog *p, uint32_t arch, uint32_t nr);

#endif
