/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_sandbox_ns.c - namespaces and identity: which, whose, who inside
 */
#include <string.h>

#include "base/bug.h"
#include "compiler/sandbox_lines.h"

const char *const ns_names[] = {
	"user", "mount", "pid", "net", "ipc", "uts", "cgroup", "time", NULL,
};

/* ---- which are new ---- */

/* One more word of `namespaces`; *set gathers the kinds. */
static bool add_kind(struct sandbox_reader *r, unsigned *set)
{
	const struct ast_value *v = operand_item(r, "a namespace");
	int bit;

	if (!v)
		return false;
	bit = value_choice(r, v, "namespace", ns_names);
	if (bit < 0)
		return false;
	if (*set & 1u << bit)
		return operand_wrong(r, v, "each namespace once");
	*set |= 1u << bit;
	return true;
}

static bool kinds_until_except(struct sandbox_reader *r, unsigned *set)
{
	while (operand_more(r) && !operand_word(r, "except"))
		if (!add_kind(r, set))
			return false;
	return true;
}

/* `all [, time] [except A, B]`, `none [except A, B]` or `A, B`. */
bool set_namespaces(struct sandbox_reader *r)
{
	const bool all = operand_word(r, "all");
	const bool none = !all && operand_word(r, "none");
	unsigned named = 0, except = 0, set;
	const struct ast_value *from = r->next;

	if (!all && !none && !from)
		return operand_item(r, "a namespace");
	if (!kinds_until_except(r, &named))
		return false;
	if (none && named)
		return operand_wrong(r, from, "nothing but 'except' after 'none'");
	while (operand_more(r))
		if (!add_kind(r, &except))
			return false;
	if (except && !all && !none)
		return operand_wrong(r, from, "'except' only after 'all' or 'none'");
	set = all ? (NS_DEFAULT | named) & ~except : none ? except : named;
	r->ns_named = all ? named & ~except : set;
	r->out->ns_without = NS_DEFAULT & ~set;
	r->out->ns_with = set & ~(unsigned)NS_DEFAULT;
	return true;
}

/* ---- existing ones ---- */

/* Options come after the profile and take the place of its lines. */
static bool is_earlier(const struct sandbox_reader *r, struct span span)
{
	return span.source != r->line->span.source;
}

static bool push_join(struct sandbox_reader *r, const struct sandbox_join *join)
{
	for (size_t i = 0; i < r->joins.len; i++) {
		struct sandbox_join *old = &r->joins.data[i];

		if (old->kind != join->kind || !old->path != !join->path)
			continue;
		if (!is_earlier(r, old->span))
			return said_twice(r, join->span, old->span,
					  "the namespace");
		*old = *join;
		return true;
	}
	if (!room_for(r, r->joins.len, SANDBOX_ENTRIES_MAX, "'join' lines"))
		return false;
	vec_push(r->u->arena, &r->joins, *join);
	return true;
}

bool set_join(struct sandbox_reader *r)
{
	struct sandbox_join join = { .span = r->line->span };
	int bit = operand_choice(r, "namespace", ns_names);
	const struct ast_value *v;
	uint64_t pid;

	if (bit < 0)
		return false;
	join.kind = (enum ns_kind)(1 << bit);
	v = operand_next(r, "a path");
	if (!v)
		return false;
	if (v->kind == VAL_STRING)
		return value_path(r, v, &join.path) && push_join(r, &join);
	if (join.kind != NS_PID) {
		return operand_wrong(r, v, "a path in quotes (a process has "
					   "\"/proc/4711/ns/net\")");
	}
	if (!value_number(r, v, 1, SANDBOX_PIDS_MAX, &pid))
		return false;
	join.pid = (int32_t)pid;
	return push_join(r, &join);
}

bool set_pin(struct sandbox_reader *r)
{
	struct sandbox_pin pin = { .span = r->line->span };
	int bit = operand_choice(r, "namespace", ns_names);

	if (bit < 0 || !operand_path(r, &pin.path))
		return false;
	pin.kind = (enum ns_kind)(1 << bit);
	for (size_t i = 0; i < r->pins.len; i++)
		if (!strcmp(r->pins.data[i].path, pin.path))
			return said_twice(r, pin.span, r->pins.data[i].span,
					  "the file");
	if (!room_for(r, r->pins.len, SANDBOX_ENTRIES_MAX, "'pin' lines"))
		return false;
	vec_push(r->u->arena, &r->pins, pin);
	return true;
}

/* ---- identity ---- */

static bool bad_id(struct sandbox_reader *r, const struct ast_value *v)
{
	diag_note(diag_add(r->u->diags, E0327, v->span,
			   "an id of '%s' is out of range", r->row->word),
		  "ids are 0 to 4294967294");
	return false;
}

/* `1000`, `1000:1000` or `1000 1000`; one id stands for both. */
bool set_user(struct sandbox_reader *r)
{
	const struct ast_value *v = operand_next(r, "an id");
	uint64_t uid, gid;

	if (!v)
		return false;
	if (v->kind == VAL_NAME) {
		if (!strchr(v->word.text, ':') ||
		    !word_pair(&v->word, &uid, &gid))
			return operand_wrong(r, v, "ids as numbers (1000:1000)");
		if (uid > SANDBOX_ID_MAX || gid > SANDBOX_ID_MAX)
			return bad_id(r, v);
	} else {
		if (!value_number(r, v, 0, SANDBOX_ID_MAX, &uid))
			return false;
		gid = uid;
		if (operand_more(r) &&
		    !operand_number(r, "an id", 0, SANDBOX_ID_MAX, &gid))
			return false;
	}
	r->out->has_user = true;
	r->out->uid = (uint32_t)uid;
	r->out->gid = (uint32_t)gid;
	return true;
}

static bool overlap(uint32_t a, uint32_t b, const struct sandbox_map *x,
		    const struct sandbox_map *y)
{
	return (uint64_t)a < (uint64_t)b + y->count &&
	       (uint64_t)b < (uint64_t)a + x->count;
}

static bool check_overlap(struct sandbox_reader *r,
			  const struct sandbox_map *map,
			  const struct sandbox_map *old)
{
	const bool inside = overlap(map->inside, old->inside, map, old);

	if (old->is_gid != map->is_gid ||
	    (!inside && !overlap(map->outside, old->outside, map, old)))
		return true;
	diag_label(diag_add(r->u->diags, E0333, map->span,
			    "the ids %s overlap those of another map",
			    inside ? "inside" : "outside"),
		   old->span, "mapped here");
	return false;
}

static bool push_map(struct sandbox_reader *r, const struct sandbox_map *map)
{
	size_t same = 0;

	for (size_t i = 0; i < r->maps.len; i++) {
		if (!check_overlap(r, map, &r->maps.data[i]))
			return false;
		same += r->maps.data[i].is_gid == map->is_gid;
	}
	if (!room_for(r, same, SANDBOX_MAPS_MAX, "'map' lines"))
		return false;
	vec_push(r->u->arena, &r->maps, *map);
	return true;
}

bool set_map(struct sandbox_reader *r)
{
	static const char *const kinds[] = { "uid", "gid", "auto", NULL };
	struct sandbox_map map = { .span = r->line->span };
	const struct ast_value *v;
	uint64_t inside, outside, count;
	int kind = operand_choice(r, "map", kinds);

	if (kind < 0)
		return false;
	if (kind == 2)
		return r->out->map_auto = true;
	if (!operand_number(r, "the first id inside", 0, SANDBOX_ID_MAX,
			    &inside) ||
	    !operand_number(r, "the first id outside", 0, SANDBOX_ID_MAX,
			    &outside))
		return false;
	v = operand_next(r, "a count");
	if (!v || !value_number(r, v, 1, SANDBOX_ID_MAX + 1, &count))
		return false;
	if (count > SANDBOX_ID_MAX + 1 - inside ||
	    count > SANDBOX_ID_MAX + 1 - outside)
		return bad_id(r, v);
	map.is_gid = kind == 1;
	map.inside = (uint32_t)inside;
	map.outside = (uint32_t)outside;
	map.count = (uint32_t)count;
	return push_map(r, &map);
}
