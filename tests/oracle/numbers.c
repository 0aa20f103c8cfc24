/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: every system call number is the kernel's.
 * Method: each name of our tables is resolved by libseccomp on each ABI and
 * must have the same number there, or be unknown to both; numbers that
 * the library's version does not know are counted, not judged.  The
 * __NR_ macros of the installed headers, of this machine's ABIs and of the
 * cross packages, are read with the preprocessor and must be ours.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/scmp.h"
#include "abi/syscalls.h"

enum { CALLS_MIN = 280 }; /* of any ABI's headers since 5.10 */

static int passed, failed;

static void judge(bool good, const struct abi *abi, const char *name,
		  const char *who, uint32_t its, uint32_t ours)
{
	if (good) {
		passed++;
		return;
	}
	failed++;
	printf("%s %s: %s says %u, the tables %u\n", abi->name, name, who, its,
	       ours);
}

static size_t against_library(const struct abi *abi)
{
	size_t unknown = 0;

	for (size_t i = 0; i < sysname_count(); i++) {
		const char *name = sysname_text((sysname)i);
		const struct syscall_desc *call;
		uint32_t nr;

		call = syscall_by_name(abi, (sysname)i);
		if (!scmp_resolve(abi, name, &nr)) {
			unknown += call != NULL;
			continue;
		}
		judge(call && call->nr == nr, abi, name, "libseccomp", nr,
		      call ? call->nr : 0);
	}
	return unknown;
}

/* Prints "name number" for each __NR_ macro that has a number. */
static const char script[] =
	"printf '#include <asm/unistd.h>\\n' |"
	" %s -E -dM %s - 2>/dev/null |"
	" sed -n 's/^#define \\(__NR_[a-z_0-9]*\\) .*/\\1/p' |"
	" sed 's/.*/NUMBER & &/' |"
	" sed 's/NUMBER __NR_/NUMBER /' |"
	" { printf '#include <asm/unistd.h>\\n'; cat; } |"
	" %s -E -P %s - 2>/dev/null";

static bool read_number(char *line, char **name, uint32_t *nr)
{
	char *value, *end, *bit;

	if (strncmp(line, "NUMBER ", 7))
		return false;
	*name = line + 7;
	value = strchr(*name, ' ');
	if (!value)
		return false;
	*value++ = '\0';
	while (*value == '(' || *value == ' ')
		value++;
	*nr = (uint32_t)strtoul(value, &end, 0);
	if (end == value)
		return false;
	/* "(0x40000000 + 12)" and "(0x0f0000 +1)" */
	bit = strchr(end, '+');
	if (bit)
		*nr += (uint32_t)strtoul(bit + 1, NULL, 0);
	return true;
}

/*
 * Macros that are no calls; sync_file_range2 is ARM's second name for
 * arm_sync_file_range, which is the kernel table's.
 */
static bool is_no_call(const char *name)
{
	static const char *const words[] = { "syscalls", "SYSCALL_BASE",
					     "OABI_SYSCALL_BASE",
					     "arch_specific_syscall",
					     "sync_file_range2" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(words[i], name))
			return true;
	return false;
}

static size_t against_headers(const struct abi *abi, const char *flags)
{
	char command[1024], line[512], *name;
	size_t n = 0;
	uint32_t nr;
	FILE *out;

	snprintf(command, sizeof(command), script, "cc", flags, "cc", flags);
	out = popen(command, "r");
	if (!out)
		return 0;
	while (fgets(line, sizeof(line), out)) {
		const struct syscall_desc *call;
		sysname found;

		if (!read_number(line, &name, &nr) || is_no_call(name))
			continue;
		found = sysname_find(name, strlen(name));
		call = found == SYSNAME_NONE ? NULL
					     : syscall_by_name(abi, found);
		judge(call && call->nr == nr, abi, name, "the header", nr,
		      call ? call->nr : 0);
		n++;
	}
	pclose(out);
	return n;
}

static const struct {
	enum abi_id abi;
	const char *flags;
} headers[] = {
#if defined(__x86_64__)
	{ ABI_X86_64, "-m64" },
	{ ABI_X32, "-D__ILP32__" },
#endif
	{ ABI_I386, "-nostdinc -U__x86_64__ -D__i386__"
		    " -isystem /usr/i686-linux-gnu/include" },
	{ ABI_AARCH64, "-nostdinc -isystem /usr/aarch64-linux-gnu/include" },
	{ ABI_ARM, "-nostdinc -D__ARM_EABI__ -U__x86_64__"
		   " -isystem /usr/arm-linux-gnueabihf/include" },
	{ ABI_RISCV64, "-nostdinc -D__riscv_xlen=64"
		       " -isystem /usr/riscv64-linux-gnu/include" },
	{ ABI_S390X, "-nostdinc -D__s390x__"
		     " -isystem /usr/s390x-linux-gnu/include" },
	{ ABI_PPC64LE, "-nostdinc -D__powerpc64__"
		       " -isystem /usr/powerpc64le-linux-gnu/include" },
};

int main(void)
{
	int skipped = 0;

	for (int a = 0; a < ABI_COUNT; a++) {
		const struct abi *abi = abi_get((enum abi_id)a);

		if (scmp_has_abi(abi)) {
			printf("%s: %zu names are newer than the library\n",
			       abi->name, against_library(abi));
			continue;
		}
		skipped++;
		printf("skip: this libseccomp does not know %s\n", abi->name);
	}
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
		const struct abi *abi = abi_get(headers[i].abi);

		size_t n = against_headers(abi, headers[i].flags);

		if (n) {
			judge(n >= CALLS_MIN, abi, "(all)", "the header",
			      (uint32_t)n, CALLS_MIN);
			continue;
		}
		skipped++;
		printf("skip: no kernel headers of %s here\n", abi->name);
	}
	printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
	return failed != 0;
}
