/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_sandbox_network.c - the network of a sandbox and its addresses
 */
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "compiler/sandbox_lines.h"

enum { ADDRESS_BYTES_MAX = 16, NO_GAP = ADDRESS_BYTES_MAX + 1 };

struct address {
	unsigned char bytes[ADDRESS_BYTES_MAX];
	unsigned len; /* 4 or 16 */
};

/* A decimal below 1000 without a leading zero, up to 3 digits. */
static const char *small_number(const char *at, unsigned *out)
{
	const char *from = at;

	for (*out = 0; *at >= '0' && *at <= '9' && at - from < 3; at++)
		*out = *out * 10 + (unsigned)(*at - '0');
	return at == from || (*from == '0' && at - from > 1) ? NULL : at;
}

static bool read_v4(const char *at, const char *end, unsigned char *out)
{
	for (int i = 0; i < 4; i++) {
		unsigned byte;

		if (i && *at++ != '.')
			return false;
		at = small_number(at, &byte);
		if (!at || byte > 255)
			return false;
		out[i] = (unsigned char)byte;
	}
	return at == end;
}

static const char *hex_group(const char *at, unsigned *out)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *from = at, *digit;

	for (*out = 0; *at && at - from < 4; at++) {
		digit = strchr(digits, *at);
		if (!digit)
			break;
		*out = *out * 16 + (unsigned)(digit - digits) % 16;
	}
	return at == from ? NULL : at;
}

/* Groups of hex digits, one "::" for zeroes; no IPv4 at the end. */
static bool read_v6(const char *at, const char *end, unsigned char *out)
{
	unsigned char bytes[ADDRESS_BYTES_MAX];
	size_t n = 0, gap = NO_GAP;

	if (end - at >= 2 && at[0] == ':' && at[1] == ':') {
		gap = 0;
		at += 2;
	}
	while (at < end) {
		unsigned group;

		at = n < sizeof(bytes) ? hex_group(at, &group) : NULL;
		if (!at || at > end)
			return false;
		bytes[n++] = (unsigned char)(group >> 8);
		bytes[n++] = (unsigned char)group;
		if (at == end)
			break;
		if (*at++ != ':' || at == end)
			return false;
		if (*at == ':' && gap == NO_GAP) {
			gap = n;
			at++;
		}
	}
	/* A gap stands for at least one group. */
	if (gap == NO_GAP ? n < sizeof(bytes) : n == sizeof(bytes))
		return false;
	if (gap == NO_GAP)
		gap = n;
	memset(out, 0, sizeof(bytes));
	memcpy(out, bytes, gap);
	memcpy(out + sizeof(bytes) - (n - gap), bytes + gap, n - gap);
	return true;
}

static bool read_address(const char *text, const char *end,
			 struct address *out)
{
	out->len = 4;
	if (read_v4(text, end, out->bytes))
		return true;
	out->len = 16;
	return read_v6(text, end, out->bytes);
}

static bool bad_address(struct sandbox_reader *r, const struct ast_value *v,
			const char *expected, const char *sample)
{
	diag_help(diag_add(r->u->diags, E0323, v->span, "this is not %s",
			   expected),
		  "write it as \"%s\"", sample);
	return false;
}

/* ---- the lines of `network veth { ... }` ---- */

struct veth {
	struct address address, gateway;
	unsigned prefix;
	const struct ast_setting *lines[3]; /* in the order of the names */
};

static const char *const veth_names[] = { "bridge", "address", "gateway",
					  NULL };

static bool set_bridge(struct sandbox_reader *r, const struct ast_value *v)
{
	const char *name = v->word.text;

	if (v->word.len <= SANDBOX_INTERFACE_MAX && !strpbrk(name, "/: \t\n") &&
	    strcmp(name, ".") && strcmp(name, "..")) {
		r->out->network.bridge = name;
		return true;
	}
	diag_note(diag_add(r->u->diags, E0323, v->span,
			   "no interface can have this name"),
		  "it has at most %d bytes, without '/', ':' and spaces",
		  SANDBOX_INTERFACE_MAX);
	return false;
}

static bool set_address(struct sandbox_reader *r, const struct ast_value *v,
			struct veth *veth)
{
	const char *slash = strchr(v->word.text, '/'), *end;

	if (!slash || !read_address(v->word.text, slash, &veth->address))
		return bad_address(r, v, "an address with its prefix",
				   "10.1.0.2/24");
	end = small_number(slash + 1, &veth->prefix);
	if (!end || *end || veth->prefix > veth->address.len * 8)
		return bad_address(r, v, "an address with its prefix",
				   "10.1.0.2/24");
	r->out->network.address = v->word.text;
	return true;
}

static bool set_gateway(struct sandbox_reader *r, const struct ast_value *v,
			struct veth *veth)
{
	const char *end = v->word.text + v->word.len;

	if (!read_address(v->word.text, end, &veth->gateway))
		return bad_address(r, v, "an address", "10.1.0.1");
	r->out->network.gateway = v->word.text;
	return true;
}

static bool veth_line(struct sandbox_reader *r, const struct ast_setting *s,
		      struct veth *veth)
{
	const struct ast_value word = { .kind = VAL_NAME,
					.span = s->word.span,
					.word = s->word };
	const struct ast_value *v = s->operands;
	const char *text;
	int which = value_choice(r, &word, "word of 'network veth'",
				 veth_names);

	if (which < 0)
		return false;
	if (veth->lines[which])
		return said_twice(r, s->span, veth->lines[which]->span,
				  "the line");
	veth->lines[which] = s;
	if (!v || v->next || s->has_block) {
		help_line(r, diag_add(r->u->diags, E0323, s->span,
				      "'%s' takes one text", s->word.text));
		return false;
	}
	if (!value_text(r, v, &text))
		return false;
	if (which == 0)
		return set_bridge(r, v);
	return which == 1 ? set_address(r, v, veth) : set_gateway(r, v, veth);
}

/* A gateway is only reached through the address's own network. */
static bool check_gateway(struct sandbox_reader *r, const struct veth *veth)
{
	const struct ast_setting *gateway = veth->lines[2];
	struct diag *d;
	bool same = veth->address.len == veth->gateway.len;

	if (!gateway)
		return true;
	if (!veth->lines[1]) {
		diag_help(diag_add(r->u->diags, E0330, gateway->span,
				   "a gateway needs an address"),
			  "add address \"10.1.0.2/24\"; with your own");
		return false;
	}
	for (unsigned bit = 0; same && bit < veth->prefix; bit++)
		same = !((veth->address.bytes[bit / 8] ^
			  veth->gateway.bytes[bit / 8]) &
			 (0x80 >> bit % 8));
	if (same)
		return true;
	d = diag_add(r->u->diags, E0330, gateway->span,
		     "the gateway is not in the address's network");
	diag_label(d, veth->lines[1]->span, "the address");
	return false;
}

bool set_network(struct sandbox_reader *r)
{
	static const char *const kinds[] = {
		[NETWORK_NONE] = "none", [NETWORK_HOST] = "host",
		[NETWORK_VETH] = "veth", [NETWORK_PASTA] = "pasta", NULL,
	};
	int kind = operand_choice(r, "network", kinds);
	struct veth veth = { .prefix = 0 };
	bool ok = true;

	if (kind < 0)
		return false;
	r->out->network = (struct sandbox_network){
		.kind = (enum network_kind)kind, .span = r->line->span
	};
	if (kind != NETWORK_VETH)
		return true;
	r->block_taken = true;
	for (const struct ast_setting *s = r->line->block; s; s = s->next)
		ok &= veth_line(r, s, &veth);
	return ok && check_gateway(r, &veth);
}
