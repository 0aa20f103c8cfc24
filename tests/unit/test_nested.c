/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_nested.c - goal: the filter against user namespaces stops just those
 *
 * Method: the program of a plan is run by the interpreter on every call of
 * every ABI that this machine's kernel has, with and without CLONE_NEWUSER
 * in each bit's company; what it lets through must be cached by the kernel.
 */
#include <check.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "abi/syscalls.h"
#include "base/arena.h"
#include "base/bug.h"
#include "compiler/vm.h"
#include "runtime/nested.h"
#include "runtime/own_arch.h"

static struct sandbox_plan *plan_new_filter(void)
{
	static const struct sandbox box = { .present = true,
					    .ns_without = NS_USER };
	static const struct run_request req = { .sandbox = &box };
	struct arena *arena = arena_new();
	struct sandbox_plan *plan = arena_new_of(arena, struct sandbox_plan);

	plan->arena = arena;
	plan->req = &req;
	plan->new_ns = NS_DEFAULT & ~NS_USER;
	nested_decide(plan);
	ck_assert(plan->kind & PLAN_FILTER_USERS);
	ck_assert_uint_gt(plan->nnested, 0);
	return plan;
}

static uint32_t answer(const struct bpf_prog *p, uint32_t arch, uint32_t nr,
		       unsigned reg, uint64_t value)
{
	struct call call = { .arch = arch, .nr = nr };

	call.args[reg] = value;
	return vm_run(p, &call, NULL).ret;
}

static void check_flags(const struct bpf_prog *p, const struct abi *abi,
			const struct syscall_desc *call)
{
	unsigned reg = syscall_arg(call, "flags", 5)->reg;

	for (int bit = 0; bit < 64; bit++) {
		uint64_t flag = UINT64_C(1) << bit;
		bool user = flag == CLONE_NEWUSER;

		ck_assert_uint_eq(answer(p, abi->audit_arch, call->nr, reg,
					 flag),
				  user ? SECCOMP_RET_ERRNO | EPERM
				       : SECCOMP_RET_ALLOW);
		ck_assert_uint_eq(answer(p, abi->audit_arch, call->nr, reg,
					 flag | CLONE_NEWUSER),
				  SECCOMP_RET_ERRNO | EPERM);
	}
}

static void check_call(const struct bpf_prog *p, const struct abi *abi,
		       const struct syscall_desc *call)
{
	const char *name = sysname_text(call->name);

	if (!strcmp(name, "clone") || !strcmp(name, "unshare")) {
		check_flags(p, abi, call);
		return;
	}
	if (!strcmp(name, "clone3")) {
		ck_assert_uint_eq(answer(p, abi->audit_arch, call->nr, 0, 0),
				  SECCOMP_RET_ERRNO | ENOSYS);
		return;
	}
	ck_assert_msg(answer(p, abi->audit_arch, call->nr, 0, CLONE_NEWUSER) ==
			      SECCOMP_RET_ALLOW,
		      "%s on %s", name, abi->name);
	/* The kernel's bitmap has no place for x32. */
	ck_assert_msg(abi->nr_bit || vm_is_cached(p, abi->audit_arch, call->nr),
		      "%s on %s is not cached", name, abi->name);
}

START_TEST(every_call)
{
	struct sandbox_plan *plan = plan_new_filter();
	const struct bpf_prog p = {
		.insns = (struct sock_filter *)(uintptr_t)plan->nested,
		.len = plan->nnested,
	};
	abi_set ours = 0;

	for (int id = 0; id < ABI_COUNT; id++)
		if (abi_get((enum abi_id)id)->audit_arch == OWN_ARCH)
			ours = abi_set_of_machine(
				abi_get((enum abi_id)id)->machine);
	for (int id = 0; id < ABI_COUNT; id++) {
		const struct abi *abi = abi_get((enum abi_id)id);

		for (size_t i = 0; i < syscall_count(abi); i++) {
			if (ours & ABI_BIT(id))
				check_call(&p, abi, syscall_at(abi, i));
			else
				ck_assert_uint_eq(
					answer(&p, abi->audit_arch,
					       syscall_at(abi, i)->nr, 0, 0),
					SECCOMP_RET_ERRNO | ENOSYS);
		}
	}
	arena_free(plan->arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("nested");
	TCase *tests = tcase_create("nested");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, every_call);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
