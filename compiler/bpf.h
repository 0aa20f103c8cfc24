/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf.h - a classic BPF program with the rule that each instruction serves
 *
 * A plain heap object: it outlives the compilation.  origins[i] belongs to
 * insns[i]; its span is valid while the unit lives.
 */
#ifndef COMPILER_BPF_H
#define COMPILER_BPF_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "base/source.h"

enum { BPF_INSNS_MAX = 4096 };

struct bpf_prog {
	struct sock_filter *insns;
	struct span *origins;
	size_t len, cap;
	bool big_endian; /* of the target: how words lie in seccomp_data */
};

struct bpf_prog *bpf_prog_new(bool big_endian);
void bpf_prog_free(struct bpf_prog *p);
void bpf_prog_push(struct bpf_prog *p, struct sock_filter insn,
		   struct span origin);
/* The instructions in reverse order; jumps are not changed. */
void bpf_prog_reverse(struct bpf_prog *p);

struct str;
struct sources;

/*
 * Listing with addresses, names of calls and actions, and origins where
 * `sources` is not NULL.
 */
void bpf_list(const struct bpf_prog *p, const struct sources *sources,
	      struct str *out);

#endif
