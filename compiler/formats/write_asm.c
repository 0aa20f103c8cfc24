/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write_asm.c - the listing of bpf_list() as an output format
 */
#include "compiler/format.h"

void asm_write(struct unit *u, const struct compiled *c, struct str *out)
{
	bpf_list(c->prog, &u->sources, out);
}
