/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: bpf_validate() accepts exactly the programs that the running kernel
 * accepts as seccomp filters, and vm_run() computes what the kernel does.
 * Method: random, corrupted and boundary programs are offered to
 * seccomp(2).  A refusal leaves the child as it was, so it offers the next
 * one; after an acceptance it only reports through shared memory and is
 * killed.  Random valid programs are then asked leaf by leaf.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler/leaves.h"
#include "compiler/validate.h"
#include "compiler/vm.h"
#include "runtime/probe_leaf.h"
#include "tests/support/calls.h"
#include "tests/support/programs.h"

enum { PROGRAMS = 2000, LEAF_PROGRAMS = 120, CALLS = 60, TIMEOUT_MS = 20000 };

struct board {
	_Atomic int next;     /* program to offer */
	_Atomic int accepted; /* the last one was */
	_Atomic int odd;      /* an errno that is no verdict */
	_Atomic bool verdict[PROGRAMS];
};

static struct bpf_prog *programs[PROGRAMS];

/* Lengths at the kernel's limits, and scratch words read too early. */
static struct bpf_prog *boundary(unsigned i)
{
	static const size_t lens[] = { 0, 1, 4096, 4097, 65535 };
	struct bpf_prog *p = bpf_prog_new(false);

	for (size_t n = 1; n < lens[i]; n++)
		bpf_prog_push(p, (struct sock_filter){ BPF_LD, 0, 0, 1 },
			      span_none);
	if (lens[i])
		bpf_prog_push(p, (struct sock_filter){ BPF_RET, 0, 0, 0 },
			      span_none);
	return p;
}

static struct bpf_prog *program_make(unsigned i, struct entropy *e)
{
	struct bpf_prog *p;

	if (i < 5)
		return boundary(i);
	if (i % 2)
		return program_noise(e);
	p = program_random(e, PROGRAM_END_RETURNS);
	for (unsigned n = entropy_below(e, 4); n-- > 0;)
		program_corrupt(p, e);
	return p;
}

static _Noreturn void offer_all(struct board *b)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		_exit(1);
	for (int i = b->next; i < PROGRAMS; i++) {
		const struct sock_fprog prog = {
			(unsigned short)programs[i]->len, programs[i]->insns
		};
		const long r =
			syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog);

		if (r && errno != EINVAL)
			b->odd = errno;
		b->verdict[i] = r == 0;
		b->next = i + 1;
		b->accepted = r == 0;
		while (r == 0)
			__asm__ volatile("" ::: "memory");
	}
	_exit(0);
}

static bool offer(struct board *b)
{
	while (b->next < PROGRAMS) {
		pid_t child;
		int status = 0;

		b->accepted = 0;
		child = fork();
		if (child < 0)
			return false;
		if (child == 0)
			offer_all(b);
		while (!b->accepted &&
		       waitpid(child, &status, WNOHANG) != child)
			sched_yield();
		if (b->accepted) {
			kill(child, SIGKILL);
			waitpid(child, NULL, 0);
		} else if (status) {
			return false;
		}
	}
	return true;
}

static unsigned compare(const struct board *b)
{
	unsigned wrong = 0, accepted = 0;

	for (unsigned i = 0; i < PROGRAMS; i++) {
		struct validate_error why = { 0, "nothing" };
		const bool ours = bpf_validate(programs[i], &why);

		accepted += b->verdict[i];
		if (ours == b->verdict[i])
			continue;
		wrong++;
		printf("program %u of %zu instructions: the kernel %s it, we "
		       "%s (%zu: %s)\n",
		       i, programs[i]->len, b->verdict[i] ? "takes" : "refuses",
		       ours ? "take it" : "refuse", why.at, why.what);
	}
	printf("%d programs, the kernel takes %u\n", PROGRAMS, accepted);
	return wrong;
}

static unsigned judge_validation(struct entropy *e)
{
	struct board *b = mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned wrong = 1;

	if (b == MAP_FAILED)
		return wrong;
	for (unsigned i = 0; i < PROGRAMS; i++)
		programs[i] = program_make(i, e);
	if (!offer(b) || b->odd)
		printf("the programs could not be offered: %s\n",
		       strerror(b->odd));
	else
		wrong = compare(b);
	for (unsigned i = 0; i < PROGRAMS; i++)
		bpf_prog_free(programs[i]);
	munmap(b, sizeof(*b));
	return wrong;
}

/* One random program, the vm against the kernel. */
static unsigned judge_vm(struct entropy *e)
{
	struct bpf_prog *p = program_random(e, PROGRAM_END_RETURNS);
	struct leaves *l = leaves_new(p);
	struct call_pool *pool = call_pool_new(NULL, p);
	struct call calls[CALLS];
	int answers[CALLS];
	unsigned wrong = 0;
	const char *step;

	for (unsigned i = 0; i < CALLS; i++) {
		calls[i] = call_pool_draw(pool, e);
		calls[i].arch = leaf_native()->audit_arch;
	}
	if (probe_leaves(l->prog->insns, l->prog->len, calls, CALLS, TIMEOUT_MS,
			 answers, &step)) {
		printf("cannot %s\n", step);
		wrong++;
	} else {
		for (unsigned i = 0; i < CALLS; i++)
			wrong += answers[i] != LEAF_SKIPPED &&
				 l->list[answers[i] - 1].at !=
					 vm_run(p, &calls[i], NULL).last;
	}
	call_pool_free(pool);
	leaves_free(l);
	bpf_prog_free(p);
	return wrong;
}

int main(void)
{
	struct entropy e = { .seed = 11 };
	unsigned wrong, wrong_vm = 0;

	if (!leaf_native()) {
		printf("skip: no raw calls are made on this machine\n");
		return 77;
	}
	wrong = judge_validation(&e);
	for (unsigned i = 0; i < LEAF_PROGRAMS; i++)
		wrong_vm += judge_vm(&e);
	printf("%d random programs run by vm and kernel, %u calls differ\n",
	       LEAF_PROGRAMS, wrong_vm);
	printf("%d passed, %d failed\n", !wrong + !wrong_vm,
	       !!wrong + !!wrong_vm);
	return wrong || wrong_vm;
}
