/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write_bpf.c - raw struct sock_filter[], as seccomp(2) takes it
 *
 * In the target's byte order, whatever machine this runs on.
 */
#include "base/str.h"
#include "compiler/format.h"

static void add_u16(struct str *out, uint16_t v, bool big_endian)
{
	const uint8_t hi = (uint8_t)(v >> 8), lo = (uint8_t)v;
	const uint8_t bytes[] = { big_endian ? hi : lo, big_endian ? lo : hi };

	str_add_bytes(out, bytes, sizeof(bytes));
}

static void add_u32(struct str *out, uint32_t v, bool big_endian)
{
	const uint16_t hi = (uint16_t)(v >> 16), lo = (uint16_t)v;

	add_u16(out, big_endian ? hi : lo, big_endian);
	add_u16(out, big_endian ? lo : hi, big_endian);
}

void bpf_write(struct unit *u, const struct compiled *c, struct str *out)
{
	const struct bpf_prog *p = c->prog;

	(void)u;
	for (size_t i = 0; i < p->len; i++) {
		const uint8_t jumps[] = { p->insns[i].jt, p->insns[i].jf };

		add_u16(out, p->insns[i].code, p->big_endian);
		str_add_bytes(out, jumps, sizeof(jumps));
		add_u32(out, p->insns[i].k, p->big_endian);
	}
}
