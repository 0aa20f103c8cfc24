/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the running kernel reaches the leaf that vm_run() reaches, for
 * calls of every ABI that this build can make (x86_64, x32 and i386, or
 * aarch64), and executes none of them.
 * Method: programs of random policies and of a Docker-like one with their
 * leaves numbered; calls drawn from the bounds of policy and program, among
 * them ones that would end the child if they ran.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/compile.h"
#include "compiler/leaves.h"
#include "compiler/vm.h"
#include "runtime/probe_leaf.h"
#include "tests/support/calls.h"
#include "tests/support/policies.h"

enum { POLICIES = 40, CALLS = 400, TIMEOUT_MS = 20000 };

struct score {
	unsigned asked, skipped, failed;
};

/* Only the low halves exist when a 32-bit call is made. */
static struct call draw(const struct call_pool *pool, struct entropy *e)
{
	struct call call;

	do {
		call = call_pool_draw(pool, e);
	} while (!leaf_can_ask(call_abi(&call)));
	if (call.arch == abi_get(ABI_I386)->audit_arch)
		for (unsigned i = 0; i < ARGS_MAX; i++)
			call.args[i] = (uint32_t)call.args[i];
	return call;
}

static void compare(struct score *score, const struct leaves *l,
		    const struct call *call, int answer)
{
	const struct vm_result want = vm_run(l->prog, call, NULL);

	if (answer == LEAF_SKIPPED) {
		score->skipped++;
		return;
	}
	score->asked++;
	if (answer > 0 && (size_t)answer <= l->len &&
	    l->list[answer - 1].at == want.last)
		return;
	score->failed++;
	printf("arch %#x nr %#x: the kernel says %d, the vm instruction %u\n",
	       call->arch, call->nr, answer, want.last);
}

static void ask_about(struct score *score, const struct policy *p,
		      const struct bpf_prog *prog, struct entropy *e)
{
	struct call_pool *pool = call_pool_new(p, prog);
	struct leaves *l = leaves_new(prog);
	struct call calls[CALLS];
	int answers[CALLS];
	const char *step;
	int err;

	for (size_t i = 0; i < CALLS; i++)
		calls[i] = draw(pool, e);
	err = probe_leaves(l->prog->insns, l->prog->len, calls, CALLS,
			   TIMEOUT_MS, answers, &step);
	if (err) {
		printf("cannot %s: %s\n", step, strerror(err));
		score->failed++;
	}
	for (size_t i = 0; i < CALLS && !err; i++)
		compare(score, l, &calls[i], answers[i]);
	leaves_free(l);
	call_pool_free(pool);
}

static void ask_policy(struct score *score, struct unit *u,
		       const struct policy *p, struct entropy *e)
{
	const struct compile_options options = { 0 };
	struct bpf_prog *prog = compile_generate(u, p, &options, NULL);

	if (prog)
		ask_about(score, p, prog, e);
	else
		score->failed++;
	bpf_prog_free(prog);
}

/* A filter that lets anything run must never be loaded. */
static void refuse_other_returns(struct score *score)
{
	const struct sock_filter allow = { BPF_RET | BPF_K, 0, 0, 0x7fff0000 };
	const struct sock_filter zero = { BPF_RET | BPF_K, 0, 0, 0x00050000 };
	const struct sock_filter by_a = { BPF_RET | BPF_A, 0, 0, 0 };
	const struct call call = { .arch = 0 };
	const char *step;
	int answer;

	if (probe_leaves(&allow, 1, &call, 1, 1, &answer, &step) != EINVAL ||
	    probe_leaves(&zero, 1, &call, 1, 1, &answer, &step) != EINVAL ||
	    probe_leaves(&by_a, 1, &call, 1, 1, &answer, &step) != EINVAL) {
		printf("a filter with other returns was not refused\n");
		score->failed++;
	}
}

int main(void)
{
	struct policy_shape shape = { ABI_X86_64, 12, 4, 3 };
	struct entropy e = { .seed = 3 };
	struct score score = { 0 };

	if (!leaf_native()) {
		printf("skip: no raw calls are made on this machine\n");
		return 77;
	}
	shape.machine = leaf_native()->id;
	refuse_other_returns(&score);
	for (unsigned i = 0; i <= POLICIES; i++) {
		struct unit *u = unit_new();

		ask_policy(&score, u,
			   i ? policy_random(u->arena, &e, &shape)
			     : policy_like_docker(u->arena),
			   &e);
		unit_free(u);
	}
	printf("%u calls asked, %u without a filter\n", score.asked,
	       score.skipped);
	printf("%d passed, %u failed\n", POLICIES + 2, score.failed);
	return score.failed != 0;
}
