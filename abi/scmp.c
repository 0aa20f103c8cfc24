/* SPDX-License-Identifier: Apache-2.0 */
#include "abi/scmp.h"

#include <seccomp.h>

static uint32_t arch_of(const struct abi *abi)
{
	switch (abi->id) {
	case ABI_X86_64:
		return SCMP_ARCH_X86_64;
	case ABI_I386:
		return SCMP_ARCH_X86;
	case ABI_X32:
		return SCMP_ARCH_X32;
	case ABI_AARCH64:
		return SCMP_ARCH_AARCH64;
	case ABI_ARM:
		return SCMP_ARCH_ARM;
	case ABI_RISCV64:
		return SCMP_ARCH_RISCV64;
	case ABI_S390X:
		return SCMP_ARCH_S390X;
	case ABI_PPC64LE:
		return SCMP_ARCH_PPC64LE;
	case ABI_COUNT:
		break;
	}
	return 0;
}

/* Negative numbers are the library's own, for calls that an ABI lacks. */
bool scmp_resolve(const struct abi *abi, const char *name, uint32_t *nr)
{
	int found = seccomp_syscall_resolve_name_arch(arch_of(abi), name);

	if (found < 0)
		return false;
	*nr = (uint32_t)found;
	return true;
}

bool scmp_has_abi(const struct abi *abi)
{
	uint32_t nr;

	return scmp_resolve(abi, "read", &nr);
}

unsigned scmp_library_version(void)
{
	const struct scmp_version *v = seccomp_version();

	return v->major * 10000 + v->minor * 100 + v->micro;
}
