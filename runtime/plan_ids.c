/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_ids.c - decides who the sandbox is, inside and outside
 *
 * Outside it is never root and never nobody.  What the kernel or newuidmap
 * would refuse is refused here, with the line that would allow it.
 */
#include "runtime/plan.h"

#include "base/arena.h"
#include "base/bug.h"
#include "base/vec.h"
#include "runtime/probe.h"

struct build {
	struct sandbox_plan *plan;
	struct plan_ids *ids;
	const struct host *host;
	const struct sandbox *box;
	struct diag_sink *diags;
};

/* What differs between users and groups. */
struct kind {
	bool is_gid;
	const char *word, *file, *helper, *helper_name;
	uint32_t caller;
	const struct host_subids *subs;
	struct id_map *map;
	uint32_t *inside;
};

static struct kind kind_of(struct build *b, bool is_gid)
{
	const struct host *h = b->host;

	if (is_gid)
		return (struct kind){ true,
				      "gid",
				      "/etc/subgid",
				      h->ids.newgidmap,
				      "newgidmap",
				      h->gid,
				      &h->ids.gids,
				      &b->ids->gids,
				      &b->plan->gid };
	return (struct kind){ false,
			      "uid",
			      "/etc/subuid",
			      h->ids.newuidmap,
			      "newuidmap",
			      h->uid,
			      &h->ids.uids,
			      &b->ids->uids,
			      &b->plan->uid };
}

/* ---- which maps ---- */

static struct span span_of(const struct build *b, bool is_gid)
{
	for (size_t i = 0; i < b->box->nmaps; i++)
		if (b->box->maps[i].is_gid == is_gid)
			return b->box->maps[i].span;
	return span_none;
}

static void one_id(struct build *b, const struct kind *k)
{
	struct id_range *one = arena_new_of(b->plan->arena, struct id_range);

	k->map->leased = b->host->uid == 0;
	*one = (struct id_range){ *k->inside, k->map->leased ? 0 : k->caller,
				  1 };
	k->map->at = one;
	k->map->n = 1;
}

/* Without `user` it is the default id, or the first that the lines map. */
static void lines(struct build *b, const struct kind *k)
{
	struct id_range *at = arena_array(b->plan->arena, b->box->nmaps,
					  sizeof(*at));
	uint32_t outside;
	size_t n = 0;

	for (size_t i = 0; i < b->box->nmaps; i++) {
		const struct sandbox_map *m = &b->box->maps[i];

		if (m->is_gid == k->is_gid)
			at[n++] = (struct id_range){ m->inside, m->outside,
						     m->count };
	}
	k->map->at = at;
	k->map->n = n;
	if (!n)
		one_id(b, k);
	else if (!b->box->has_user &&
		 !id_map_find(k->map, *k->inside, &outside))
		*k->inside = at[0].inside;
}

/* Root: a block of its own, called 0 and up inside. */
static void block(struct build *b, const struct kind *k)
{
	struct id_range *all = arena_new_of(b->plan->arena, struct id_range);

	*all = (struct id_range){ 0, 0, IDS_BLOCK };
	k->map->at = all;
	k->map->n = 1;
	k->map->leased = true;
	b->ids->lease_count = IDS_BLOCK;
}

/* The caller is the user inside; 0 and up, without that, are the others. */
static void subordinate(struct build *b, const struct kind *k)
{
	VEC(struct id_range) out = { 0 };
	const uint32_t own = *k->inside;
	struct arena *arena = b->plan->arena;
	uint64_t next = 0;

	vec_push(arena, &out, (struct id_range){ own, k->caller, 1 });
	for (size_t i = 0; i < k->subs->n; i++) {
		uint32_t from = k->subs->at[i].outside;
		uint64_t left = k->subs->at[i].count;

		while (left) {
			uint64_t n;

			next += next == own;
			n = (next < own ? own : UINT32_MAX) - next;
			n = n > left ? left : n;
			if (!n)
				break;
			vec_push(arena, &out,
				 (struct id_range){ (uint32_t)next, from,
						    (uint32_t)n });
			next += n;
			from += (uint32_t)n;
			left -= n;
		}
	}
	k->map->at = out.data;
	k->map->n = out.len;
}

static void choose_map(struct build *b, const struct kind *k)
{
	if (!b->box->map_auto)
		lines(b, k);
	else if (b->host->uid == 0 && b->host->may_map)
		block(b, k);
	else
		subordinate(b, k);
}

/* ---- whether they may be ---- */

static bool holds(const struct id_range *r, uint32_t id)
{
	return id >= r->outside && id - r->outside < r->count;
}

static bool refuse_outside(struct build *b, struct span at, const char *word,
			   uint32_t id)
{
	struct diag *d = diag_add(b->diags, E0876, at,
				  "a sandbox never has the host's %s %u", word,
				  id);

	diag_note(d, "%s",
		  id ? "files and processes of many sandboxes and services are "
		       "shown as that one's"
		     : "it owns the host: one mistake inside would be one "
		       "outside");
	diag_help(d, "map other ids; 'map auto' finds some");
	return false;
}

/* What an ordinary caller is anyway gives its sandbox nothing. */
static bool may_have(const struct build *b, const struct kind *k, uint32_t id)
{
	return b->host->uid != 0 && id == k->caller;
}

static bool check_outside(struct build *b, const struct kind *k)
{
	static const uint32_t never[] = { 0, IDS_NOBODY };

	for (size_t i = 0; i < k->map->n && !k->map->leased; i++)
		for (size_t n = 0; n < ARRAY_LEN(never); n++)
			if (holds(&k->map->at[i], never[n]) &&
			    !may_have(b, k, never[n]))
				return refuse_outside(b, span_of(b, k->is_gid),
						      k->word, never[n]);
	return true;
}

static bool check_inside(struct build *b, const struct kind *k)
{
	uint32_t outside;
	struct diag *d;

	if (id_map_find(k->map, *k->inside, &outside))
		return true;
	d = diag_add(b->diags, E0875, span_of(b, k->is_gid),
		     "the command would be %s %u, which no map has", k->word,
		     *k->inside);
	diag_help(d, "add it to the maps, or name another 'user'");
	return false;
}

/* Lines of the file may meet within the range. */
static bool is_subordinate(const struct kind *k, const struct id_range *r)
{
	uint64_t at = r->outside, end = at + r->count;
	bool found = true;

	if (r->count == 1 && r->outside == k->caller)
		return true;
	while (found && at < end) {
		found = false;
		for (size_t i = 0; i < k->subs->n && !found; i++) {
			const struct id_range *sub = &k->subs->at[i];

			found = holds(sub, (uint32_t)at);
			if (found)
				at = (uint64_t)sub->outside + sub->count;
		}
	}
	return found;
}

static bool refuse_subordinate(struct build *b, const struct kind *k,
			       const struct id_range *r)
{
	const char *name = b->host->ids.name;
	struct diag *d;

	if (r && r->count == 1)
		d = diag_add(b->diags, E0877, span_of(b, k->is_gid),
			     "%s %u is not the caller's to map", k->word,
			     r->outside);
	else if (r)
		d = diag_add(b->diags, E0877, span_of(b, k->is_gid),
			     "%ss %u to %u are not the caller's to map",
			     k->word, r->outside, r->outside + r->count - 1);
	else
		d = diag_add(b->diags, E0877, span_none,
			     "'map auto' finds no subordinate %ss of the "
			     "caller in '%s'",
			     k->word, k->file);
	if (!name)
		diag_note(d,
			  "uid %u has no name in /etc/passwd, and %s serves "
			  "nobody without one",
			  b->host->uid, k->helper_name);
	diag_help(d, "add a line to '%s': %s:%u:%u", k->file,
		  name ? name : "NAME", r ? r->outside : k->subs->free,
		  r ? r->count : (uint32_t)IDS_BLOCK);
	return false;
}

static bool check_helper(struct build *b, const struct kind *k)
{
	struct diag *d;

	if (b->box->map_auto && !k->subs->n)
		return refuse_subordinate(b, k, NULL);
	for (size_t i = 0; i < k->map->n && !b->host->ids.elsewhere; i++)
		if (!is_subordinate(k, &k->map->at[i]))
			return refuse_subordinate(b, k, &k->map->at[i]);
	k->map->helper = k->helper;
	if (k->helper)
		return true;
	d = diag_add(b->diags, E0878, span_of(b, k->is_gid),
		     "mapping more than the caller's own %s needs '%s', which "
		     "is not installed",
		     k->word, k->helper_name);
	diag_help(d, "install the package uidmap, or start it as root");
	return false;
}

/* The kernel lets anyone map the one id that is the caller's own. */
static bool is_own(const struct build *b, const struct kind *k)
{
	return !b->box->map_auto && k->map->n == 1 && k->map->at[0].count == 1 &&
	       k->map->at[0].outside == k->caller;
}

static bool decide_map(struct build *b, bool is_gid)
{
	const struct kind k = kind_of(b, is_gid);

	choose_map(b, &k);
	if (!check_inside(b, &k) || !check_outside(b, &k))
		return false;
	return b->host->may_map || k.map->leased || is_own(b, &k) ||
	       check_helper(b, &k);
}

/* ---- the sandbox as a whole ---- */

static bool check_lease(struct build *b)
{
	struct plan_ids *ids = b->ids;
	struct diag *d;

	ids->lease_first = b->host->lease_first;
	ids->lease_last = b->host->lease_last;
	if (ids->lease_count > 1)
		ids->lease_first += -ids->lease_first % ids->lease_count;
	if (ids->lease_first <= ids->lease_last &&
	    ids->lease_last - ids->lease_first >= ids->lease_count - 1)
		return true;
	d = diag_add(b->diags, E0807, span_none,
		     "cannot lease %s: started as root, a sandbox runs under "
		     "an id that nobody else has",
		     ids->lease_count > 1 ? "65536 host ids" : "a host id");
	diag_note(d, "%s",
		  b->host->may_map
			  ? "this user namespace maps too few of the ids "
			    "524288 to 1879048191"
			  : "the caller lacks CAP_SETUID or CAP_SETGID");
	diag_help(d, "start it as an ordinary user, or as root of the host");
	return false;
}

static bool decide_maps(struct build *b)
{
	struct plan_ids *ids = b->ids;
	struct sandbox_plan *p = b->plan;
	uint32_t outside;

	if (!decide_map(b, false) || !decide_map(b, true))
		return false;
	ids->stranger = ids->uids.leased ||
			!id_map_find(&ids->uids, p->uid, &outside) ||
			outside != p->caller_uid;
	/* The kernel takes a group map of one's own only after the denial. */
	if (!b->host->may_map && !ids->gids.helper)
		p->kind |= PLAN_DENY_GROUPS;
	ids->clear_groups = !ids->denied && !(p->kind & PLAN_DENY_GROUPS);
	if (b->host->uid == 0 && b->box->nmaps)
		p->kind |= PLAN_CLAIM;
	if (!ids->uids.leased && !ids->gids.leased)
		return true;
	p->kind |= PLAN_LEASED;
	return check_lease(b);
}

static bool own_user_namespace(const struct sandbox *box)
{
	for (size_t i = 0; i < box->njoins; i++)
		if (box->joins[i].kind == NS_USER || !box->joins[i].path)
			return false;
	return !(box->ns_without & NS_USER);
}

static bool refuse_bare(struct build *b, const char *need, const char *why)
{
	struct diag *d = diag_add(b->diags, E0879, span_none,
				  "without a user namespace of its own, the "
				  "sandbox needs %s, which the caller lacks",
				  need);

	diag_note(d, "%s", why);
	diag_help(d, "leave user among the namespaces, or start it as root");
	return false;
}

static bool check_bare(struct build *b, bool is_gid, uint32_t id)
{
	const struct kind k = kind_of(b, is_gid);

	if ((id != 0 && id != IDS_NOBODY) || may_have(b, &k, id))
		return true;
	return refuse_outside(b, span_none, k.word, id);
}

/* The ids inside are the host's: a lease, or what `user` names. */
static bool decide_bare(struct build *b)
{
	const struct host *h = b->host;
	const struct sandbox *box = b->box;
	struct sandbox_plan *p = b->plan;

	b->ids->clear_groups = h->may_map && !h->ids.denied;
	if ((p->new_ns || p->joined_ns) && !h->mounts.may_mount)
		return refuse_bare(b, "CAP_SYS_ADMIN",
				   "the other namespaces are then made with the "
				   "caller's own privileges");
	if (box->has_user && !h->may_map &&
	    (p->uid != h->uid || p->gid != h->gid))
		return refuse_bare(b, "CAP_SETUID and CAP_SETGID",
				   "'user' then names ids of the host");
	b->ids->stranger = h->uid == 0 || p->uid != h->uid;
	if (!box->has_user && h->uid == 0) {
		p->kind |= PLAN_LEASED;
		return check_lease(b);
	}
	if (h->uid == 0)
		p->kind |= PLAN_CLAIM;
	return check_bare(b, false, p->uid) && check_bare(b, true, p->gid);
}

bool plan_ids(struct sandbox_plan *p, const struct host *h,
	      struct diag_sink *diags)
{
	const struct sandbox *box = p->req->sandbox;
	struct build b = { p, &p->ids, h, box, diags };

	p->kind = PLAN_SANDBOX;
	p->caller_uid = h->uid;
	p->caller_gid = h->gid;
	p->ngroups = h->ngroups;
	p->ids.lease_count = 1;
	p->ids.denied = h->ids.denied;
	p->uid = box->has_user ? box->uid : h->uid ? h->uid : INSIDE_ID;
	p->gid = box->has_user ? box->gid : h->uid ? h->gid : INSIDE_ID;
	return own_user_namespace(box) ? decide_maps(&b) : decide_bare(&b);
}
