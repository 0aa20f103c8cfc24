/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/bpf.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "compiler/passes.h"

struct bpf_prog *bpf_prog_new(bool big_endian)
{
	struct bpf_prog *p = calloc(1, sizeof(*p));

	if (!p)
		oom();
	p->big_endian = big_endian;
	return p;
}

void bpf_prog_free(struct bpf_prog *p)
{
	if (!p)
		return;
	free(p->insns);
	free(p->origins);
	free(p);
}

static void grow(struct bpf_prog *p)
{
	p->cap = p->cap ? p->cap * 2 : 128;
	p->insns = reallocarray(p->insns, p->cap, sizeof(*p->insns));
	p->origins = reallocarray(p->origins, p->cap, sizeof(*p->origins));
	if (!p->insns || !p->origins)
		oom();
}

void bpf_prog_push(struct bpf_prog *p, struct sock_filter insn,
		   struct span origin)
{
	if (p->len == p->cap)
		grow(p);
	p->insns[p->len] = insn;
	p->origins[p->len++] = origin;
}

void bpf_prog_reverse(struct bpf_prog *p)
{
	for (size_t i = 0, j = p->len; i + 1 < j; i++) {
		struct sock_filter insn = p->insns[i];
		struct span origin = p->origins[i];

		j--;
		p->insns[i] = p->insns[j];
		p->origins[i] = p->origins[j];
		p->insns[j] = insn;
		p->origins[j] = origin;
	}
}

/* Back to front: what follows an instruction is known when it is looked at. */
uint32_t bpf_longest_path(const struct bpf_prog *p)
{
	uint32_t *from = calloc(p->len ? p->len : 1, sizeof(*from));
	uint32_t longest;

	if (!from)
		oom();
	for (size_t i = p->len; i-- > 0;) {
		const struct sock_filter *insn = &p->insns[i];
		uint32_t next = i + 1 < p->len ? from[i + 1] : 0;

		if (BPF_CLASS(insn->code) == BPF_RET) {
			next = 0;
		} else if (insn->code == (BPF_JMP | BPF_JA)) {
			next = from[i + 1 + insn->k];
		} else if (BPF_CLASS(insn->code) == BPF_JMP) {
			uint32_t yes = from[i + 1 + insn->jt];
			uint32_t no = from[i + 1 + insn->jf];

			next = yes > no ? yes : no;
		}
		from[i] = next + 1;
	}
	longest = from[0];
	free(from);
	return longest;
}
