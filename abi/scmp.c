/* SPDX-License-Identifier: Apache-2.0 */
#include "abi/scmp.h"

#include <endian.h>
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bug.h"

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

bool scmp_knows(const struct abi *abi, uint32_t nr)
{
	char *name = seccomp_syscall_resolve_num_arch(arch_of(abi), (int)nr);
	bool known = name;

	free(name);
	return known;
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

/* ---- filters ---- */

struct scmp_filter {
	scmp_filter_ctx ctx;
	const struct abi *abi;
};

static uint32_t action_of(struct action a)
{
	switch (a.kind) {
	case ACT_KILL_PROCESS:
		return SCMP_ACT_KILL_PROCESS;
	case ACT_KILL_THREAD:
		return SCMP_ACT_KILL_THREAD;
	case ACT_TRAP:
		return SCMP_ACT_TRAP;
	case ACT_ERRNO:
		return SCMP_ACT_ERRNO(a.data);
	case ACT_NOTIFY:
		return SCMP_ACT_NOTIFY;
	case ACT_TRACE:
		return SCMP_ACT_TRACE(a.data);
	case ACT_LOG:
		return SCMP_ACT_LOG;
	case ACT_ALLOW:
		return SCMP_ACT_ALLOW;
	case ACT_COUNT:
		break;
	}
	BUG("action kind %d", a.kind);
}

/* The library starts with the machine's own ABI; only ours shall be left. */
static bool set_only_abi(scmp_filter_ctx ctx, uint32_t arch)
{
	const uint32_t own = seccomp_arch_native();

	if (arch == own)
		return true;
	return !seccomp_arch_remove(ctx, own) && !seccomp_arch_add(ctx, arch);
}

struct scmp_filter *scmp_filter_new(const struct abi *abi,
				    struct action fallback,
				    struct action foreign)
{
	struct scmp_filter *f = calloc(1, sizeof(*f));

	if (!f)
		oom();
	f->abi = abi;
	f->ctx = seccomp_init(action_of(fallback));
	if (f->ctx && set_only_abi(f->ctx, arch_of(abi)) &&
	    !seccomp_attr_set(f->ctx, SCMP_FLTATR_ACT_BADARCH,
			      action_of(foreign)))
		return f;
	scmp_filter_free(f);
	return NULL;
}

void scmp_filter_free(struct scmp_filter *f)
{
	if (!f)
		return;
	if (f->ctx)
		seccomp_release(f->ctx);
	free(f);
}

static struct scmp_arg_cmp compare_of(const struct scmp_arg *arg)
{
	static const enum scmp_compare ops[] = {
		[SCMP_TEST_NE] = SCMP_CMP_NE,
		[SCMP_TEST_LT] = SCMP_CMP_LT,
		[SCMP_TEST_LE] = SCMP_CMP_LE,
		[SCMP_TEST_EQ] = SCMP_CMP_EQ,
		[SCMP_TEST_GE] = SCMP_CMP_GE,
		[SCMP_TEST_GT] = SCMP_CMP_GT,
		[SCMP_TEST_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
	};

	return (struct scmp_arg_cmp){ arg->reg, ops[arg->test], arg->value,
				      arg->masked };
}

bool scmp_filter_add(struct scmp_filter *f, struct action action,
		     const char *name, unsigned nargs,
		     const struct scmp_arg *args)
{
	/* The library takes this machine's number and translates it. */
	const int nr = seccomp_syscall_resolve_name(name);
	struct scmp_arg_cmp list[ARGS_MAX];

	if (nr == __NR_SCMP_ERROR || nargs > ARGS_MAX)
		return false;
	for (unsigned i = 0; i < nargs; i++)
		list[i] = compare_of(&args[i]);
	return !seccomp_rule_add_exact_array(f->ctx, action_of(action), nr,
					     nargs, list);
}

int scmp_filter_adapt(struct scmp_filter *f, struct action action,
		      const char *name, unsigned nargs,
		      const struct scmp_arg *args)
{
	const int nr = seccomp_syscall_resolve_name(name);
	struct scmp_arg_cmp list[ARGS_MAX];

	if (nr == __NR_SCMP_ERROR || nargs > ARGS_MAX)
		return ENOSYS;
	for (unsigned i = 0; i < nargs; i++)
		list[i] = compare_of(&args[i]);
	return -seccomp_rule_add_array(f->ctx, action_of(action), nr, nargs,
				       list);
}

/* The library writes the target's byte order. */
static void to_host_order(struct sock_filter *insns, size_t len,
			  bool big_endian)
{
	for (size_t i = 0; i < len && big_endian; i++) {
		insns[i].code = be16toh(insns[i].code);
		insns[i].k = be32toh(insns[i].k);
	}
}

static struct sock_filter *read_program(FILE *file, size_t *len)
{
	struct sock_filter *insns;
	long size;

	if (fseek(file, 0, SEEK_END) || (size = ftell(file)) <= 0)
		return NULL;
	rewind(file);
	*len = (size_t)size / sizeof(*insns);
	insns = malloc((size_t)size);
	if (!insns)
		oom();
	if (fread(insns, sizeof(*insns), *len, file) == *len)
		return insns;
	free(insns);
	return NULL;
}

struct sock_filter *scmp_filter_program(const struct scmp_filter *f,
					size_t *len)
{
	FILE *file = tmpfile();
	struct sock_filter *insns = NULL;

	if (!file)
		return NULL;
	if (!seccomp_export_bpf(f->ctx, fileno(file)))
		insns = read_program(file, len);
	fclose(file);
	if (insns)
		to_host_order(insns, *len, f->abi->big_endian);
	return insns;
}
