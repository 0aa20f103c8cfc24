/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox_saved.c - the table of struct sandbox, and the walk along it
 *
 * Numbers that code elsewhere takes as an index or switches over have the
 * most that they can be; what is above is refused.
 */
#include "abi/sandbox_saved.h"

#include <string.h>

#include "base/arena.h"
#include "base/bug.h"

enum { ITEMS_MAX = 1 << 14, RESOURCE_MAX = 15 };

enum saved_kind {
	SAVED_FLAG,
	SAVED_NUMBER,
	SAVED_SPAN,
	SAVED_TEXT,
	SAVED_LIST,
};

struct saved_record;

struct saved_field {
	enum saved_kind kind;
	size_t at, size;
	uint64_t most;			/* of a number */
	size_t count_at;		/* of a list: its length, a size_t */
	const struct saved_record *item; /* of a list */
};

struct saved_record {
	const struct saved_field *fields;
	size_t nfields, size;
};

#define MEMBER_SIZE(type, member) sizeof(((type *)0)->member)
#define FLAG(type, member) { SAVED_FLAG, offsetof(type, member), 1, 0, 0, NULL }
#define UP_TO(type, member, most)                                              \
	{ SAVED_NUMBER, offsetof(type, member), MEMBER_SIZE(type, member),     \
	  most, 0, NULL }
#define NUMBER(type, member) UP_TO(type, member, UINT64_MAX)
#define TEXT(type, member)                                                     \
	{ SAVED_TEXT, offsetof(type, member), sizeof(char *), 0, 0, NULL }
#define LIST(member, count, record)                                            \
	{ SAVED_LIST, offsetof(struct sandbox, member), sizeof(void *), 0,     \
	  offsetof(struct sandbox, count), record }
#define SPAN(type, member)                                                     \
	{ SAVED_SPAN, offsetof(type, member), sizeof(struct span), 0, 0, NULL }
#define RECORD(type, fields) { fields, ARRAY_LEN(fields), sizeof(type) }

static const struct saved_field join_fields[] = {
	UP_TO(struct sandbox_join, kind, NS_ALL),
	TEXT(struct sandbox_join, path),
	NUMBER(struct sandbox_join, pid),
	SPAN(struct sandbox_join, span),
};
static const struct saved_field pin_fields[] = {
	UP_TO(struct sandbox_pin, kind, NS_ALL),
	TEXT(struct sandbox_pin, path),
	SPAN(struct sandbox_pin, span),
};
static const struct saved_field map_fields[] = {
	FLAG(struct sandbox_map, is_gid),
	NUMBER(struct sandbox_map, inside),
	NUMBER(struct sandbox_map, outside),
	NUMBER(struct sandbox_map, count),
	SPAN(struct sandbox_map, span),
};
static const struct saved_field mount_fields[] = {
	UP_TO(struct sandbox_mount, kind, MOUNT_DEVICE),
	FLAG(struct sandbox_mount, loader),
	FLAG(struct sandbox_mount, rw),
	FLAG(struct sandbox_mount, exec),
	FLAG(struct sandbox_mount, idmap),
	NUMBER(struct sandbox_mount, size),
	TEXT(struct sandbox_mount, target),
	TEXT(struct sandbox_mount, source),
	TEXT(struct sandbox_mount, upper),
	TEXT(struct sandbox_mount, work),
	SPAN(struct sandbox_mount, span),
};
static const struct saved_field io_fields[] = {
	TEXT(struct sandbox_io, device),
	NUMBER(struct sandbox_io, read_bps),
	NUMBER(struct sandbox_io, write_bps),
	NUMBER(struct sandbox_io, read_iops),
	NUMBER(struct sandbox_io, write_iops),
	SPAN(struct sandbox_io, span),
};
static const struct saved_field rlimit_fields[] = {
	UP_TO(struct sandbox_rlimit, resource, RESOURCE_MAX),
	NUMBER(struct sandbox_rlimit, soft),
	NUMBER(struct sandbox_rlimit, hard),
	SPAN(struct sandbox_rlimit, span),
};
static const struct saved_field env_fields[] = {
	TEXT(struct sandbox_env, name),
	TEXT(struct sandbox_env, value),
};
static const struct saved_field fd_fields[] = {
	{ SAVED_NUMBER, 0, sizeof(int), INT32_MAX, 0, NULL },
};

static const struct saved_record joins = RECORD(struct sandbox_join,
						join_fields);
static const struct saved_record pins = RECORD(struct sandbox_pin, pin_fields);
static const struct saved_record maps = RECORD(struct sandbox_map, map_fields);
static const struct saved_record mounts = RECORD(struct sandbox_mount,
						 mount_fields);
static const struct saved_record ios = RECORD(struct sandbox_io, io_fields);
static const struct saved_record rlimits = RECORD(struct sandbox_rlimit,
						  rlimit_fields);
static const struct saved_record envs = RECORD(struct sandbox_env, env_fields);
static const struct saved_record fds = RECORD(int, fd_fields);

static const struct saved_field box_fields[] = {
	FLAG(struct sandbox, present),
	TEXT(struct sandbox, hostname),
	TEXT(struct sandbox, workdir),
	NUMBER(struct sandbox, ns_without),
	NUMBER(struct sandbox, ns_with),
	LIST(joins, njoins, &joins),
	LIST(pins, npins, &pins),
	FLAG(struct sandbox, has_user),
	NUMBER(struct sandbox, uid),
	NUMBER(struct sandbox, gid),
	LIST(maps, nmaps, &maps),
	FLAG(struct sandbox, map_auto),
	UP_TO(struct sandbox, root, ROOT_EMPTY),
	TEXT(struct sandbox, root_path),
	LIST(mounts, nmounts, &mounts),
	UP_TO(struct sandbox, propagation, PROPAGATION_SLAVE),
	NUMBER(struct sandbox, caps_keep),
	FLAG(struct sandbox, securebits_open),
	NUMBER(struct sandbox, limits.memory_max),
	NUMBER(struct sandbox, limits.memory_high),
	FLAG(struct sandbox, limits.has_swap),
	NUMBER(struct sandbox, limits.swap_max),
	NUMBER(struct sandbox, limits.pids),
	NUMBER(struct sandbox, limits.cpu_percent),
	NUMBER(struct sandbox, limits.cpu_weight),
	TEXT(struct sandbox, limits.cpus),
	LIST(ios, nios, &ios),
	LIST(rlimits, nrlimits, &rlimits),
	NUMBER(struct sandbox, timeout_ms),
	NUMBER(struct sandbox, timeout_cpu_ms),
	FLAG(struct sandbox, has_nice),
	FLAG(struct sandbox, has_umask),
	FLAG(struct sandbox, has_oom),
	NUMBER(struct sandbox, nice),
	NUMBER(struct sandbox, umask),
	NUMBER(struct sandbox, oom),
	UP_TO(struct sandbox, sched, SCHED_KIND_IDLE),
	UP_TO(struct sandbox, network.kind, NETWORK_PASTA),
	TEXT(struct sandbox, network.bridge),
	TEXT(struct sandbox, network.address),
	TEXT(struct sandbox, network.gateway),
	SPAN(struct sandbox, network.span),
	LIST(env, nenv, &envs),
	LIST(fds, nfds, &fds),
	UP_TO(struct sandbox, terminal, TERMINAL_NONE),
	FLAG(struct sandbox, init_off),
	FLAG(struct sandbox, keyring_host),
	FLAG(struct sandbox, nested_users),
};

static const struct saved_record whole = RECORD(struct sandbox, box_fields);

/* ---- out ---- */

static void put_record(const struct saved_record *r, const char *from,
		       struct str *out);

static void put_list(const struct saved_field *f, const char *from,
		     struct str *out)
{
	const char *items;
	size_t n;

	memcpy(&items, from + f->at, sizeof(items));
	memcpy(&n, from + f->count_at, sizeof(n));
	bytes_put_u32(out, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		put_record(f->item, items + i * f->item->size, out);
}

static void put_record(const struct saved_record *r, const char *from,
		       struct str *out)
{
	for (size_t i = 0; i < r->nfields; i++) {
		const struct saved_field *f = &r->fields[i];
		const char *text;

		switch (f->kind) {
		case SAVED_FLAG:
		case SAVED_NUMBER:
		case SAVED_SPAN:
			str_add_bytes(out, from + f->at, f->size);
			break;
		case SAVED_TEXT:
			memcpy(&text, from + f->at, sizeof(text));
			bytes_put_text(out, text);
			break;
		case SAVED_LIST:
			put_list(f, from, out);
			break;
		}
	}
}

void sandbox_save(const struct sandbox *box, struct str *out)
{
	put_record(&whole, (const char *)box, out);
}

/* ---- in ---- */

struct taking {
	struct bytes *in;
	struct arena *arena;
	const uint32_t *lengths; /* of the sources that spans lie in */
	uint32_t nsources;
};

static void take_record(const struct taking *t, const struct saved_record *r,
			char *to);

static void take_list(const struct taking *t, const struct saved_field *f,
		      char *to)
{
	const size_t said = bytes_count(t->in), n = said <= ITEMS_MAX ? said : 0;
	char *items = n ? arena_array(t->arena, n, f->item->size) : NULL;

	t->in->bad |= n != said;
	for (size_t i = 0; i < n; i++)
		take_record(t, f->item, items + i * f->item->size);
	memcpy(to + f->at, &items, sizeof(items));
	memcpy(to + f->count_at, &n, sizeof(n));
}

static uint64_t number_at(const void *p, size_t size)
{
	unsigned char byte;
	uint32_t word;
	uint64_t value;

	switch (size) {
	case 1:
		memcpy(&byte, p, 1);
		return byte;
	case 4:
		memcpy(&word, p, 4);
		return word;
	default:
		memcpy(&value, p, 8);
		return value;
	}
}

static void take_number(struct bytes *in, const struct saved_field *f, char *to)
{
	const uint64_t most = f->kind == SAVED_FLAG ? 1 : f->most;
	const void *p = bytes_take(in, f->size);

	if (!p || number_at(p, f->size) > most)
		in->bad = true;
	else
		memcpy(to + f->at, p, f->size);
}

struct span saved_span(struct bytes *in, const uint32_t *lengths, uint32_t n)
{
	const struct span none = span_none;
	struct span s = { .source = bytes_u32(in) };

	s.start = bytes_u32(in);
	s.end = bytes_u32(in);
	if (!s.source)
		return none;
	in->bad |= s.source > n || s.start > s.end ||
		   s.end > lengths[s.source - 1];
	return in->bad ? none : s;
}

/* Two levels deep at most: an item holds no list. */
static void take_record(const struct taking *t, const struct saved_record *r,
			char *to)
{
	for (size_t i = 0; i < r->nfields && !t->in->bad; i++) {
		const struct saved_field *f = &r->fields[i];
		const char *text;
		struct span span;
		size_t len;

		switch (f->kind) {
		case SAVED_FLAG:
		case SAVED_NUMBER:
			take_number(t->in, f, to);
			break;
		case SAVED_SPAN:
			span = saved_span(t->in, t->lengths, t->nsources);
			memcpy(to + f->at, &span, sizeof(span));
			break;
		case SAVED_TEXT:
			text = bytes_text(t->in, &len);
			t->in->bad |= text && strlen(text) != len;
			memcpy(to + f->at, &text, sizeof(text));
			break;
		case SAVED_LIST:
			take_list(t, f, to);
			break;
		}
	}
}

bool sandbox_restore(struct bytes *in, struct arena *arena,
		     const uint32_t *lengths, uint32_t nsources,
		     struct sandbox *box)
{
	const struct taking t = { in, arena, lengths, nsources };

	*box = (struct sandbox){ 0 };
	take_record(&t, &whole, (char *)box);
	return !in->bad;
}

/* ---- for the test of the table ---- */

static void mark(const struct saved_record *r, char *to)
{
	for (size_t i = 0; i < r->nfields; i++) {
		const struct saved_field *f = &r->fields[i];

		memset(to + f->at, 0xff, f->size);
		if (f->kind == SAVED_LIST)
			memset(to + f->count_at, 0xff, sizeof(size_t));
	}
}

void sandbox_saved_mark(struct sandbox *box)
{
	mark(&whole, (char *)box);
}

size_t sandbox_saved_mark_item(size_t list, void *item, size_t size)
{
	for (size_t i = 0; i < whole.nfields; i++) {
		const struct saved_field *f = &whole.fields[i];

		if (f->kind != SAVED_LIST || f->at != list)
			continue;
		if (f->item->size == size)
			mark(f->item, item);
		return f->item->size;
	}
	return 0;
}
