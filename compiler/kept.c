/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kept.c - the layout of what is kept, and what makes it true again
 *
 * Magic, sum of the rest, key, sources, searches, then the result: the
 * sandbox, the program, and what the policy means in the proof's own form.
 * A reader believes nothing: what does not fit is no entry.
 */
#include "compiler/kept.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/sandbox_saved.h"
#include "base/bytes.h"
#include "compiler/equiv.h"
#include "compiler/validate.h"

static const char magic[16] = "callgate-cache1";

/* ---- out ---- */

static void put_span(struct span s, struct str *out)
{
	bytes_put_u32(out, s.source);
	bytes_put_u32(out, s.start);
	bytes_put_u32(out, s.end);
}

static void put_sources(const struct unit *u, struct str *out)
{
	bytes_put_u32(out, u->sources.len);
	for (uint32_t i = 1; i <= u->sources.len; i++) {
		const struct source *src = sources_get(&u->sources, i);

		bytes_put_text(out, src->name);
		bytes_put_block(out, src->text, src->len);
		put_span(src->included_from, out);
	}
}

static void put_lookups(const struct unit *u, struct str *out)
{
	bytes_put_u32(out, (uint32_t)u->lookups.len);
	for (size_t i = 0; i < u->lookups.len; i++) {
		bytes_put_text(out, u->lookups.data[i].name);
		bytes_put_u32(out, u->lookups.data[i].source);
	}
}

void kept_write(const struct str *key, const struct unit *u,
		const struct policy *policy, const struct kept *run,
		struct str *out)
{
	const size_t sum_at = sizeof(magic), rest = sum_at + sizeof(uint64_t);
	uint64_t sum = 0;

	str_add_bytes(out, magic, sizeof(magic));
	bytes_put_u64(out, sum);
	bytes_put_block(out, key->text, key->len);
	put_sources(u, out);
	put_lookups(u, out);
	bytes_put_u32(out, run->log_denials);
	bytes_put_u32(out, run->denies_tracing);
	bytes_put_u32(out, run->starts);
	sandbox_save(&run->box, out);
	bytes_put_u32(out, run->prog->big_endian);
	bytes_put_block(out, run->prog->insns,
			run->prog->len * sizeof(*run->prog->insns));
	equiv_save(policy, run->prog->big_endian, out);
	sum = bytes_sum(out->text + rest, out->len - rest);
	memcpy(out->text + sum_at, &sum, sizeof(sum));
}

/* ---- in ---- */

struct saved_source {
	const char *name, *text;
	size_t len;
	struct span from;
	struct file_id id; /* once it was looked at */
	bool seen;
};

struct reading {
	struct bytes in;
	struct arena *arena;
	struct saved_source *sources;
	uint32_t *lengths;
	uint32_t nsources;
};

static bool read_head(struct reading *r, const struct str *key)
{
	const char *head = bytes_take(&r->in, sizeof(magic));
	const uint64_t sum = bytes_u64(&r->in);
	const char *own;
	size_t len;

	if (!head || memcmp(head, magic, sizeof(magic)) ||
	    sum != bytes_sum(r->in.at, r->in.left))
		return false;
	own = bytes_text(&r->in, &len);
	return own && len == key->len && !memcmp(own, key->text, len);
}

static bool read_sources(struct reading *r)
{
	const uint32_t n = bytes_count(&r->in);

	if (n > KEPT_MAX / 16)
		return false;
	r->sources = arena_array(r->arena, n, sizeof(*r->sources));
	r->lengths = arena_array(r->arena, n, sizeof(*r->lengths));
	r->nsources = n;
	for (uint32_t i = 0; i < n; i++) {
		struct saved_source *s = &r->sources[i];
		size_t len;

		s->name = bytes_text(&r->in, &len);
		s->text = bytes_text(&r->in, &s->len);
		if (!s->name || strlen(s->name) != len || !s->text)
			return false;
		r->lengths[i] = (uint32_t)s->len;
		/* Only an earlier file can include it. */
		s->from = saved_span(&r->in, r->lengths, i);
	}
	return n && !r->in.bad;
}

/* The second name of a file, or another file under the second name? */
static bool is_that_file(const struct reading *r, const struct saved_source *s,
			 const struct file_id *id)
{
	for (uint32_t i = 0; i < r->nsources; i++) {
		const struct saved_source *o = &r->sources[i];
		const bool same = o->id.inode == id->inode &&
				  o->id.device == id->device;

		if (o->seen && same != (o == s))
			return false;
	}
	return true;
}

static bool has_same_bytes(const char *name, const struct saved_source *s)
{
	char *text = NULL;
	size_t len = 0;
	bool same;

	if (file_read(name, SOURCE_MAX_BYTES, &text, &len))
		return false;
	same = len == s->len && !memcmp(text, s->text, len);
	free(text);
	return same;
}

/* What a search of the compiler would find now is what it found then. */
static bool lookup_holds(struct reading *r, const char *name, uint32_t source)
{
	struct saved_source *s;
	struct file_id id;
	const int err = file_identify(name, &id);

	if (!source)
		return err == ENOENT || err == ENOTDIR;
	if (err || !id.regular || source > r->nsources)
		return false;
	s = &r->sources[source - 1];
	if (!is_that_file(r, s, &id) || (!s->seen && !has_same_bytes(name, s)))
		return false;
	s->id = id;
	s->seen = true;
	return true;
}

static bool lookups_hold(struct reading *r)
{
	const uint32_t n = bytes_count(&r->in);

	for (uint32_t i = 0; i < n; i++) {
		size_t len;
		const char *name = bytes_text(&r->in, &len);
		const uint32_t source = bytes_u32(&r->in);

		if (!name || strlen(name) != len ||
		    !lookup_holds(r, name, source))
			return false;
	}
	/* The operand is always looked up, so an entry without is none. */
	return n && !r->in.bad;
}

/* Every file on disk must have been compared with what it is now. */
static bool all_compared(const struct reading *r)
{
	for (uint32_t i = 0; i < r->nsources; i++)
		if (!r->sources[i].seen && r->sources[i].name[0] != '<')
			return false;
	return true;
}

static bool read_program(struct reading *r, struct kept *out)
{
	const uint32_t big_endian = bytes_u32(&r->in);
	struct validate_error why;
	struct sock_filter insn;
	size_t len;
	const char *insns = bytes_text(&r->in, &len);

	if (!insns || big_endian > 1 || len % sizeof(insn) ||
	    len / sizeof(insn) > BPF_INSNS_MAX)
		return false;
	out->prog = bpf_prog_new(big_endian);
	for (size_t at = 0; at < len; at += sizeof(insn)) {
		memcpy(&insn, insns + at, sizeof(insn));
		bpf_prog_push(out->prog, insn, span_none);
	}
	return bpf_validate(out->prog, &why) &&
	       equiv_saved(&r->in, out->prog) && !r->in.left;
}

static bool read_result(struct reading *r, struct kept *out)
{
	const uint32_t log_denials = bytes_u32(&r->in);
	const uint32_t denies_tracing = bytes_u32(&r->in);

	out->log_denials = log_denials;
	out->denies_tracing = denies_tracing;
	out->starts = bytes_u32(&r->in);
	if (log_denials > 1 || denies_tracing > 1 ||
	    !sandbox_restore(&r->in, r->arena, r->lengths, r->nsources,
			     &out->box))
		return false;
	if (read_program(r, out))
		return true;
	bpf_prog_free(out->prog);
	out->prog = NULL;
	return false;
}

bool kept_read(const struct str *key, const void *bytes, size_t len,
	       struct unit *u, struct kept *out)
{
	struct reading r = {
		.in = { .at = bytes, .left = len },
		.arena = u->arena,
	};

	*out = (struct kept){ 0 };
	if (!read_head(&r, key) || !read_sources(&r) || !lookups_hold(&r) ||
	    !all_compared(&r) || !read_result(&r, out))
		return false;
	for (uint32_t i = 0; i < r.nsources; i++)
		sources_add(&u->sources, r.sources[i].name, r.sources[i].text,
			    r.sources[i].len, r.sources[i].from);
	return true;
}
