/* SPDX-License-Identifier: Apache-2.0 */
#include "abi/abi.h"

#include <linux/audit.h>
#include <string.h>
#include <strings.h>

#include "base/bug.h"

#define ALIASES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* 32-bit registers on i386 and arm; on x32 the registers are 64 bits wide. */
static const struct abi abis[ABI_COUNT] = {
	[ABI_X86_64] = { ABI_X86_64, "x86_64", AUDIT_ARCH_X86_64, ABI_X86_64,
			 false, 64, 0,
			 ALIASES("SCMP_ARCH_X86_64", "amd64", "x86-64") },
	[ABI_I386] = { ABI_I386, "i386", AUDIT_ARCH_I386, ABI_X86_64, false, 32,
		       0, ALIASES("SCMP_ARCH_X86", "x86", "i486", "i586",
				  "i686") },
	[ABI_X32] = { ABI_X32, "x32", AUDIT_ARCH_X86_64, ABI_X86_64, false, 64,
		      X32_BIT, ALIASES("SCMP_ARCH_X32") },
	[ABI_AARCH64] = { ABI_AARCH64, "aarch64", AUDIT_ARCH_AARCH64,
			  ABI_AARCH64, false, 64, 0,
			  ALIASES("SCMP_ARCH_AARCH64", "arm64") },
	[ABI_ARM] = { ABI_ARM, "arm", AUDIT_ARCH_ARM, ABI_AARCH64, false, 32, 0,
		      ALIASES("SCMP_ARCH_ARM", "armhf", "armv7l", "armv8l") },
	[ABI_RISCV64] = { ABI_RISCV64, "riscv64", AUDIT_ARCH_RISCV64,
			  ABI_RISCV64, false, 64, 0,
			  ALIASES("SCMP_ARCH_RISCV64") },
	[ABI_S390X] = { ABI_S390X, "s390x", AUDIT_ARCH_S390X, ABI_S390X, true,
			64, 0, ALIASES("SCMP_ARCH_S390X") },
	[ABI_PPC64LE] = { ABI_PPC64LE, "ppc64le", AUDIT_ARCH_PPC64LE,
			  ABI_PPC64LE, false, 64, 0,
			  ALIASES("SCMP_ARCH_PPC64LE", "ppc64el") },
};

const struct abi *abi_get(enum abi_id id)
{
	if ((unsigned)id >= ABI_COUNT)
		BUG("abi %d", id);
	return &abis[id];
}

static bool same_word(const char *a, const char *b, size_t len)
{
	return strlen(a) == len && !strncasecmp(a, b, len);
}

const struct abi *abi_find(const char *name, size_t len)
{
	for (size_t i = 0; i < ABI_COUNT; i++) {
		if (same_word(abis[i].name, name, len))
			return &abis[i];
		for (const char *const *a = abis[i].aliases; *a; a++)
			if (same_word(*a, name, len))
				return &abis[i];
	}
	return NULL;
}

abi_set abi_set_of_machine(enum abi_id machine)
{
	abi_set set = 0;

	for (size_t i = 0; i < ABI_COUNT; i++)
		if (abis[i].machine == machine)
			set |= ABI_BIT(i);
	return set;
}

const struct abi *abi_of_uname(const char *machine)
{
	const struct abi *abi = abi_find(machine, strlen(machine));

	return abi ? abi_get(abi->machine) : NULL;
}

struct arg_words abi_reg_words(const struct abi *abi, unsigned reg)
{
	uint8_t at = (uint8_t)(DATA_ARGS + 8 * reg);

	if (reg >= ARGS_MAX)
		BUG("register %u", reg);
	if (abi->big_endian)
		return (struct arg_words){ (uint8_t)(at + 4), at };
	return (struct arg_words){ at, (uint8_t)(at + 4) };
}
