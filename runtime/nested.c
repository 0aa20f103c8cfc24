/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nested.c - no user namespaces inside: they give capabilities to anyone
 *
 * In the sandbox's own user namespace a limit does it.  Without one the
 * limit would be the host's, and CAP_SYS_RESOURCE could raise it: there a
 * filter does, below the profile's.  Joining one is left alone: it takes
 * one that belongs to the sandbox's id, and none is there but lock.c's.
 */
#include "runtime/nested.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <string.h>
#include <unistd.h>

#include "abi/syscalls.h"
#include "base/bug.h"
#include "base/vec.h"
#include "runtime/apply.h"
#include "runtime/own_arch.h"
#include "runtime/sys.h"

static const char limit_path[] = "/proc/sys/user/max_user_namespaces";

struct program {
	VEC(struct sock_filter) insns;
	struct arena *arena;
};

#define ADD(p, ...)                                                            \
	vec_push((p)->arena, &(p)->insns, (struct sock_filter)__VA_ARGS__)
#define LOAD(p, off)	    ADD(p, BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (off)))
#define RET(p, k)	    ADD(p, BPF_STMT(BPF_RET | BPF_K, (k)))
#define TEST(p, op, k, t, f) ADD(p, BPF_JUMP(BPF_JMP | (op) | BPF_K, k, t, f))

static const struct syscall_desc *call_of(const struct abi *abi,
					  const char *name)
{
	const struct syscall_desc *call =
		syscall_by_name(abi, sysname_find(name, strlen(name)));

	if (!call)
		BUG("%s has no %s", abi->name, name);
	return call;
}

/* Its flags are in a register, and only their low half means anything. */
static void add_flags_test(struct program *p, const struct abi *abi,
			   const char *name)
{
	const struct syscall_desc *call = call_of(abi, name);
	const struct sig_arg *flags = syscall_arg(call, "flags", 5);

	if (!flags)
		BUG("%s of %s has no flags", name, abi->name);
	TEST(p, BPF_JEQ, call->nr, 0, 4);
	LOAD(p, sig_arg_words(abi, flags).lo);
	TEST(p, BPF_JSET, CLONE_NEWUSER, 0, 1);
	RET(p, SECCOMP_RET_ERRNO | EPERM);
	RET(p, SECCOMP_RET_ALLOW);
}

static void add_abi(struct program *p, const struct abi *abi)
{
	add_flags_test(p, abi, "clone");
	add_flags_test(p, abi, "unshare");
	/* Its flags are in memory; libc uses clone then. */
	TEST(p, BPF_JEQ, call_of(abi, "clone3")->nr, 0, 1);
	RET(p, SECCOMP_RET_ERRNO | ENOSYS);
}

/* x86_64 and x32 share the value, and part by number. */
static void add_arch(struct program *p, uint32_t arch)
{
	size_t at = p->insns.len;

	TEST(p, BPF_JEQ, arch, 0, 0);
	LOAD(p, DATA_NR);
	for (int id = 0; id < ABI_COUNT; id++) {
		const struct abi *abi = abi_get((enum abi_id)id);

		if (abi->audit_arch == arch)
			add_abi(p, abi);
	}
	RET(p, SECCOMP_RET_ALLOW);
	p->insns.data[at].jf = (uint8_t)(p->insns.len - at - 1);
}

static enum abi_id own_machine(void)
{
	for (int id = 0; id < ABI_COUNT; id++)
		if (abi_get((enum abi_id)id)->audit_arch == OWN_ARCH)
			return abi_get((enum abi_id)id)->machine;
	BUG("no table for the own ABI");
}

static void make_filter(struct sandbox_plan *plan)
{
	const abi_set ours = abi_set_of_machine(own_machine());
	struct program p = { .arena = plan->arena };

	LOAD(&p, DATA_ARCH);
	for (int id = 0; id < ABI_COUNT; id++) {
		const struct abi *abi = abi_get((enum abi_id)id);

		if ((ours & ABI_BIT(id)) && !abi->nr_bit)
			add_arch(&p, abi->audit_arch);
	}
	/* An ABI without a table: nothing is known of its calls. */
	RET(&p, SECCOMP_RET_ERRNO | ENOSYS);
	plan->nested = p.insns.data;
	plan->nnested = p.insns.len;
}

void nested_decide(struct sandbox_plan *plan)
{
	const struct sandbox *box = plan->req->sandbox;
	bool own = plan->new_ns & NS_USER;

	if (box->nested_users)
		return;
	if (own)
		plan->kind |= PLAN_LIMIT_USERS;
	if (own && !(box->caps_keep & 1ULL << CAP_SYS_RESOURCE))
		return;
	plan->kind |= PLAN_FILTER_USERS;
	make_filter(plan);
}

int nested_limit(const struct sandbox_plan *plan, struct run *run)
{
	int fd = open(limit_path, O_WRONLY | O_CLOEXEC), err = 0;

	(void)plan;
	if (fd < 0)
		return step_failed(run, limit_path);
	if (write(fd, "0", 1) != 1)
		err = step_failed(run, limit_path);
	close(fd);
	return err;
}

void nested_limit_describe(const struct sandbox_plan *plan, FILE *out)
{
	(void)plan;
	fputs("user.max_user_namespaces = 0 inside", out);
}

int nested_filter(const struct sandbox_plan *plan, struct run *run)
{
	struct sock_fprog prog = {
		.len = (unsigned short)plan->nnested,
		/* The kernel copies it and writes nothing. */
		.filter = (struct sock_filter *)(uintptr_t)plan->nested,
	};

	if (sys_seccomp(SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
		return step_failed(run, "the filter against user namespaces");
	return 0;
}

void nested_filter_describe(const struct sandbox_plan *plan, FILE *out)
{
	fprintf(out,
		"a filter of %zu instructions: clone and unshare make no user "
		"namespace, clone3 is unknown",
		plan->nnested);
}
