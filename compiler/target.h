/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target.h - for whom a policy is compiled
 *
 * The compiler never asks the host: ABIs, kernel and capabilities arrive
 * here.  Same target and same bytes in, same bytes out.
 */
#ifndef COMPILER_TARGET_H
#define COMPILER_TARGET_H

#include <stdint.h>

#include "abi/abi.h"

struct target {
	enum abi_id machine; /* whose native ABI is the default of `arch` */
	/*
	 * Only these of the listed ABIs are built.  compile: those of one
	 * machine; check: all.
	 */
	abi_set abis;
	uint64_t caps;	       /* capabilities held, bit 1 << CAP_*; for Docker JSON */
	uint32_t kernel_major; /* for Docker's minKernel */
	uint32_t kernel_minor;
};

#endif
