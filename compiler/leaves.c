/* SPDX-License-Identifier: Apache-2.0 */
/*
 * leaves.c - numbering the returns of a program
 *
 * Invariant: the copy has no return but ERRNO with a number from 1 on, so
 * no call that reaches it is ever executed.
 */
#include "compiler/leaves.h"

#include <linux/seccomp.h>
#include <stdlib.h>

#include "abi/action.h"
#include "base/bug.h"

static bool add_leaf(struct leaves *l, uint32_t at, struct sock_filter *insn)
{
	if (BPF_RVAL(insn->code) == BPF_A || l->len == ACT_ERRNO_MAX)
		return false;
	l->list[l->len++] = (struct leaf){ at, insn->k };
	insn->k = SECCOMP_RET_ERRNO | (uint32_t)l->len;
	return true;
}

struct leaves *leaves_new(const struct bpf_prog *prog)
{
	struct leaves *l = calloc(1, sizeof(*l));

	if (!l)
		oom();
	l->prog = bpf_prog_new(prog->big_endian);
	l->list = calloc(prog->len + 1, sizeof(*l->list));
	if (!l->list)
		oom();
	for (size_t i = 0; i < prog->len; i++) {
		struct sock_filter insn = prog->insns[i];

		if (BPF_CLASS(insn.code) == BPF_RET &&
		    !add_leaf(l, (uint32_t)i, &insn)) {
			leaves_free(l);
			return NULL;
		}
		bpf_prog_push(l->prog, insn,
			      prog->origins ? prog->origins[i] : span_none);
	}
	return l;
}

void leaves_free(struct leaves *l)
{
	if (!l)
		return;
	bpf_prog_free(l->prog);
	free(l->list);
	free(l);
}
