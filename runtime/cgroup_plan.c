/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroup_plan.c - from the limits to groups and what is written into them
 *
 * Pure but for the diagnostics.  A controller that v1 has is used there;
 * the others share one group of v2, in the nearest place that has or can
 * get all of them.  A line without a place is an error that says why.
 */
#include "runtime/cgroup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/diag.h"
#include "runtime/plan.h"

enum { PERIOD_US = 100000, SETTINGS_MAX = 16, ASKS_MAX = 12 };

/* A line of the profile and what it needs. */
struct ask {
	unsigned controller;
	const char *line;
};

struct asking {
	struct sandbox_plan *plan;
	const struct cg_host *host;
	struct diag_sink *diags;
	struct ask asks[ASKS_MAX];
	size_t nasks;
	bool ok;
};

static const char *size_text(struct arena *arena, uint64_t bytes)
{
	static const char units[] = "\0KMGT";
	size_t unit = 0;

	while (bytes && bytes % 1024 == 0 && unit < 4) {
		bytes /= 1024;
		unit++;
	}
	return arena_printf(arena, "%ju%.1s", (uintmax_t)bytes, units + unit);
}

static void ask(struct asking *a, unsigned controller, const char *line)
{
	a->asks[a->nasks++] = (struct ask){ controller, line };
}

static void collect_asks(struct asking *a)
{
	struct arena *arena = a->plan->arena;
	const struct sandbox *box = a->plan->req->sandbox;
	const struct sandbox_limits *l = &box->limits;

	if (l->memory_max)
		ask(a, CG_MEMORY,
		    arena_printf(arena, "memory %s",
				 size_text(arena, l->memory_max)));
	if (l->memory_high)
		ask(a, CG_MEMORY,
		    arena_printf(arena, "memory high %s",
				 size_text(arena, l->memory_high)));
	if (l->has_swap)
		ask(a, CG_MEMORY,
		    arena_printf(arena, "memory swap %s",
				 size_text(arena, l->swap_max)));
	if (l->pids)
		ask(a, CG_PIDS, arena_printf(arena, "pids %u", l->pids));
	if (l->cpu_percent)
		ask(a, CG_CPU, arena_printf(arena, "cpu %u%%", l->cpu_percent));
	if (l->cpu_weight)
		ask(a, CG_CPU,
		    arena_printf(arena, "cpu weight %u", l->cpu_weight));
	if (l->cpus)
		ask(a, CG_CPUSET, arena_printf(arena, "cpus %s", l->cpus));
	if (box->nios)
		ask(a, CG_IO, "io");
	if (box->timeout_cpu_ms)
		ask(a, CG_CPUACCT, "timeout cpu");
}

static const struct cg_tree *tree_v1(const struct cg_host *h,
				     unsigned controller)
{
	for (size_t i = 0; i < h->ntrees; i++)
		if (!h->trees[i].v2 && (h->trees[i].controllers & controller))
			return &h->trees[i];
	return NULL;
}

static const char *level_trouble(const struct cg_level *level, unsigned need,
				 struct arena *arena)
{
	unsigned missing = need & ~level->available;

	if (missing)
		return arena_printf(arena,
				    "cgroup.controllers of '%s' does not list "
				    "'%s': it is not delegated",
				    level->dir,
				    cgroup_controller_name(missing & -missing));
	if (!level->writable)
		return arena_printf(arena, "the caller can't write to '%s'",
				    level->dir);
	if (level->busy && !level->alone && (need & ~level->enabled))
		return arena_printf(arena,
				    "'%s' has processes besides the caller, "
				    "and the kernel enables no controller "
				    "below such a group",
				    level->dir);
	return NULL;
}

/*
 * The nearest level that can have all of need; NULL and why the first not.
 * Where systemd runs, what it has not given away is not for root either.
 */
static const struct cg_level *find_level(const struct cg_host *h, unsigned need,
					 struct arena *arena,
					 const char **trouble)
{
	*trouble = NULL;
	for (size_t i = 0; i < h->nlevels; i++) {
		if (h->systemd && !h->levels[i].delegated)
			break;
		const char *bad = level_trouble(&h->levels[i], need, arena);

		if (!bad)
			return &h->levels[i];
		if (!*trouble || h->levels[i].writable)
			*trouble = bad;
	}
	return NULL;
}

static void refuse_ask(struct asking *a, const struct ask *q,
		       const char *trouble)
{
	struct diag *d =
		diag_add(a->diags, E0844, span_none,
			 "cannot apply '%s': no cgroup with the "
			 "controller '%s' can be made",
			 q->line, cgroup_controller_name(q->controller));

	a->ok = false;
	diag_note(d, "%s", trouble);
	if (a->plan->caller_uid)
		diag_help(d, "start callgate in a delegated subtree "
			     "(systemd-run --user --scope -p Delegate=yes), "
			     "or as root");
}

static size_t add_group(struct cg_plan *cg, const struct cg_group *group)
{
	for (size_t i = 0; i < cg->ngroups; i++)
		if (cg->groups[i].parent &&
		    !strcmp(cg->groups[i].parent, group->parent)) {
			cg->groups[i].controllers |= group->controllers;
			return i;
		}
	cg->groups[cg->ngroups] = *group;
	return cg->ngroups++;
}

static void settle(struct cg_plan *cg, size_t group, unsigned controllers)
{
	for (size_t i = 0; i < CG_CONTROLLERS; i++)
		if (controllers & 1U << i)
			cg->group_of[i] = (int)group;
}

static void place_v1(struct asking *a, const struct ask *q,
		     const struct cg_tree *tree)
{
	const struct cg_group group = { .parent = tree->dir,
					.controllers = q->controller };
	struct arena *arena = a->plan->arena;

	if (!tree->dir)
		refuse_ask(a, q,
			   arena_printf(arena,
					"the caller's group is outside of what "
					"'%s' shows",
					tree->top));
	else if (!tree->writable)
		refuse_ask(a, q,
			   arena_printf(arena, "the caller can't write to '%s'",
					tree->dir));
	else
		settle(&a->plan->cgroup, add_group(&a->plan->cgroup, &group),
		       q->controller);
}

static const char *top_v2(const struct cg_host *h)
{
	for (size_t i = 0; i < h->ntrees; i++)
		if (h->trees[i].v2 && h->trees[i].dir)
			return h->trees[i].top;
	return NULL;
}

/* systemd is asked for a group of our own when the run begins. */
static void place_scope(struct asking *a, unsigned wanted)
{
	const struct cg_group group = {
		.v2 = true,
		.aside = true,
		.controllers = wanted | CG_UNASKED_V2,
		.enable = wanted & ~(unsigned)CG_UNASKED_V2,
	};
	struct cg_plan *cg = &a->plan->cgroup;

	a->plan->kind |= PLAN_SCOPE;
	cg->scope_top = top_v2(a->host);
	cg->groups[cg->ngroups] = group;
	settle(cg, cg->ngroups++, group.controllers);
}

static void place_v2(struct asking *a, unsigned wanted)
{
	unsigned need = wanted & ~(unsigned)CG_UNASKED_V2;
	const char *trouble;
	const struct cg_level *level =
		find_level(a->host, need, a->plan->arena, &trouble);
	struct cg_group group;

	if (level) {
		group = (struct cg_group){
			.parent = level->dir,
			.v2 = true,
			.controllers = wanted | CG_UNASKED_V2,
			.enable = need & ~level->enabled,
			.aside = level->alone && (need & ~level->enabled),
		};
		settle(&a->plan->cgroup, add_group(&a->plan->cgroup, &group),
		       group.controllers);
		return;
	}
	if (a->host->systemd && !trouble && top_v2(a->host)) {
		place_scope(a, wanted);
		return;
	}
	for (size_t i = 0; i < a->nasks; i++)
		if (!tree_v1(a->host, a->asks[i].controller))
			refuse_ask(a, &a->asks[i],
				   trouble ? trouble
					   : "no mounted hierarchy has it");
}

/* To freeze it; without such a group signals have to do. */
static void place_freezer(struct asking *a)
{
	struct cg_plan *cg = &a->plan->cgroup;
	const struct cg_tree *tree = tree_v1(a->host, CG_FREEZER);
	struct cg_group group = { .controllers = CG_FREEZER };
	int *place = &cg->group_of[__builtin_ctz(CG_FREEZER)];

	if (*place != CG_NO_GROUP || !tree || !tree->dir || !tree->writable)
		return;
	group.parent = tree->dir;
	*place = (int)add_group(cg, &group);
}

static bool place_groups(struct asking *a)
{
	unsigned v2 = 0;

	for (size_t i = 0; i < CG_CONTROLLERS; i++)
		a->plan->cgroup.group_of[i] = CG_NO_GROUP;
	for (size_t i = 0; i < a->nasks; i++) {
		const struct ask *q = &a->asks[i];
		const struct cg_tree *tree = tree_v1(a->host, q->controller);

		if (tree)
			place_v1(a, q, tree);
		else
			v2 |= q->controller;
	}
	if (v2)
		place_v2(a, v2);
	place_freezer(a);
	return a->ok;
}

/* The place of a controller, and whether it is one of v2. */
static bool in_v2(const struct cg_plan *cg, unsigned controller)
{
	return cg->groups[cg->group_of[__builtin_ctz(controller)]].v2;
}

static void set(struct asking *a, unsigned controller, const char *file,
		const char *value)
{
	struct cg_plan *cg = &a->plan->cgroup;
	struct cg_setting *s = &cg->settings[cg->nsettings++];

	s->group = (size_t)cg->group_of[__builtin_ctz(controller)];
	s->file = file;
	s->value = value;
	s->what = arena_printf(a->plan->arena, "%s = %s", file,
			       value ? value : "as above it");
}

static void set_number(struct asking *a, unsigned controller, const char *file,
		       uint64_t value)
{
	set(a, controller, file,
	    arena_printf(a->plan->arena, "%ju", (uintmax_t)value));
}

static void refuse_v1(struct asking *a, const char *line, const char *why)
{
	struct diag *d = diag_add(a->diags, E0844, span_none,
				  "cannot apply '%s' with cgroup v1", line);

	diag_note(d, "%s", why);
	a->ok = false;
}

static void set_memory(struct asking *a)
{
	const struct sandbox_limits *l = &a->plan->req->sandbox->limits;
	bool v2 = in_v2(&a->plan->cgroup, CG_MEMORY);

	if (l->memory_max)
		set_number(a, CG_MEMORY,
			   v2 ? "memory.max" : "memory.limit_in_bytes",
			   l->memory_max);
	if (l->memory_high && v2)
		set_number(a, CG_MEMORY, "memory.high", l->memory_high);
	else if (l->memory_high)
		refuse_v1(a, "memory high",
			  "the host has the controller 'memory' there, and it "
			  "has no such limit");
	if (l->has_swap && v2)
		set_number(a, CG_MEMORY, "memory.swap.max", l->swap_max);
	else if (l->has_swap && l->memory_max)
		set_number(a, CG_MEMORY, "memory.memsw.limit_in_bytes",
			   l->memory_max + l->swap_max);
	else if (l->has_swap)
		refuse_v1(a, "memory swap",
			  "it limits memory and swap together there: the "
			  "memory limit must be given too");
}

static void set_cpu(struct asking *a)
{
	const struct sandbox_limits *l = &a->plan->req->sandbox->limits;
	uint64_t quota = (uint64_t)l->cpu_percent * PERIOD_US / 100;
	uint64_t shares = (uint64_t)l->cpu_weight * 1024 / 100;
	bool v2 = in_v2(&a->plan->cgroup, CG_CPU);

	if (l->cpu_percent && v2) {
		set(a, CG_CPU, "cpu.max",
		    arena_printf(a->plan->arena, "%ju %d", (uintmax_t)quota,
				 PERIOD_US));
	} else if (l->cpu_percent) {
		set_number(a, CG_CPU, "cpu.cfs_period_us", PERIOD_US);
		set_number(a, CG_CPU, "cpu.cfs_quota_us", quota);
	}
	/* Both have a default, 100 and 1024; only the ratio counts. */
	if (l->cpu_weight && v2)
		set_number(a, CG_CPU, "cpu.weight", l->cpu_weight);
	else if (l->cpu_weight)
		set_number(a, CG_CPU, "cpu.shares", shares < 2 ? 2 : shares);
}

static void set_cpus(struct asking *a)
{
	/* Before a process can be in a v1 group, both must be set. */
	if (!in_v2(&a->plan->cgroup, CG_CPUSET))
		set(a, CG_CPUSET, "cpuset.mems", NULL);
	set(a, CG_CPUSET, "cpuset.cpus", a->plan->req->sandbox->limits.cpus);
}

static void set_io_v1(struct asking *a, const struct cg_device *dev,
		      const char *file, uint64_t value)
{
	if (value)
		set(a, CG_IO, file,
		    arena_printf(a->plan->arena, "%u:%u %ju", dev->major,
				 dev->minor, (uintmax_t)value));
}

static const char *io_key(struct arena *arena, const char *key, uint64_t value)
{
	return value ? arena_printf(arena, " %s=%ju", key, (uintmax_t)value)
		     : "";
}

static void set_io(struct asking *a, const struct sandbox_io *io,
		   const struct cg_device *dev)
{
	struct arena *arena = a->plan->arena;

	if (dev->err) {
		diag_add(a->diags, E0844, span_none,
			 "cannot apply 'io \"%s\"': %s", io->device,
			 strerror(dev->err));
		a->ok = false;
	} else if (in_v2(&a->plan->cgroup, CG_IO)) {
		set(a, CG_IO, "io.max",
		    arena_printf(arena, "%u:%u%s%s%s%s", dev->major, dev->minor,
				 io_key(arena, "rbps", io->read_bps),
				 io_key(arena, "wbps", io->write_bps),
				 io_key(arena, "riops", io->read_iops),
				 io_key(arena, "wiops", io->write_iops)));
	} else {
		set_io_v1(a, dev, "blkio.throttle.read_bps_device",
			  io->read_bps);
		set_io_v1(a, dev, "blkio.throttle.write_bps_device",
			  io->write_bps);
		set_io_v1(a, dev, "blkio.throttle.read_iops_device",
			  io->read_iops);
		set_io_v1(a, dev, "blkio.throttle.write_iops_device",
			  io->write_iops);
	}
}

static void make_settings(struct asking *a)
{
	const struct sandbox *box = a->plan->req->sandbox;
	const struct sandbox_limits *l = &box->limits;

	if (l->memory_max || l->memory_high || l->has_swap)
		set_memory(a);
	if (l->pids)
		set_number(a, CG_PIDS, "pids.max", l->pids);
	if (l->cpu_percent || l->cpu_weight)
		set_cpu(a);
	if (l->cpus)
		set_cpus(a);
	for (size_t i = 0; i < box->nios; i++)
		set_io(a, &box->ios[i], &a->host->devices[i]);
}

bool cgroup_decide(struct sandbox_plan *p, const struct cg_host *h,
		   struct diag_sink *diags)
{
	const struct sandbox *box = p->req->sandbox;
	struct asking a = { .plan = p, .host = h, .diags = diags, .ok = true };

	if (!cgroup_wanted(box))
		return true;
	p->kind |= PLAN_CGROUP;
	p->cgroup.ncpus = h->ncpus;
	p->cgroup.settings =
		arena_alloc(p->arena, (SETTINGS_MAX + 4 * box->nios) *
					      sizeof(*p->cgroup.settings));
	collect_asks(&a);
	if (place_groups(&a))
		make_settings(&a);
	return a.ok;
}
