/* SPDX-License-Identifier: Apache-2.0 */
/*
 * leaves.h - a copy of a program that says which return it reached
 *
 * Return i of the copy answers ERRNO(i + 1), so the running kernel tells
 * which leaf a call reaches and executes none.  runtime/probe_leaf.h asks.
 */
#ifndef COMPILER_LEAVES_H
#define COMPILER_LEAVES_H

#include <stddef.h>
#include <stdint.h>

#include "compiler/bpf.h"

struct leaf {
	uint32_t at;  /* instruction, the same in both programs */
	uint32_t ret; /* what the program returns there */
};

struct leaves {
	struct bpf_prog *prog;
	size_t len;
	struct leaf *list; /* list[errno - 1] */
};

/*
 * The caller's; NULL when a return takes its value from a register or
 * there are more returns than errno values.
 */
struct leaves *leaves_new(const struct bpf_prog *prog);
void leaves_free(struct leaves *l);

#endif
