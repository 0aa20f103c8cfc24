/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own_arch.h - the AUDIT_ARCH_* value of this program's own calls
 */
#ifndef RUNTIME_OWN_ARCH_H
#define RUNTIME_OWN_ARCH_H

#include <endian.h>
#include <linux/audit.h>

#if defined(__x86_64__)
#define OWN_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define OWN_ARCH AUDIT_ARCH_RISCV64
#elif defined(__s390x__)
#define OWN_ARCH AUDIT_ARCH_S390X
#elif defined(__powerpc64__) && __BYTE_ORDER == __LITTLE_ENDIAN
#define OWN_ARCH AUDIT_ARCH_PPC64LE
#else
#error "the runner's own filters do not know this architecture"
#endif

#endif
