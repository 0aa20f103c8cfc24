/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ids.h - who a sandbox is: facts about ids, the decision, its use
 *
 * Facts come from probe_ids.c, plan_ids.c decides, lease.c and ids.c act.
 * Lists are the plan's arena's.
 */
#ifndef RUNTIME_IDS_H
#define RUNTIME_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/run.h"

struct arena;
struct host;
struct run;
struct sandbox_plan;

enum {
	INSIDE_ID = 1000, /* what a leased id is called inside */
	GROUP_TTY = 5, /* the same on every Linux system */
	IDS_NOBODY = 65534, /* what ids without a name are shown as */
	IDS_BLOCK = 65536,  /* of `map auto` started by root */
	ID_RANGES_MAX = 340, /* the kernel's */
};

/* One line of an id map. */
struct id_range {
	uint32_t inside, outside, count;
};

struct id_map {
	const struct id_range *at;
	size_t n;
	bool leased; /* `outside` counts from the first leased id */
	const char *helper; /* newuidmap or newgidmap; NULL: our own write */
};

/* The subordinate ids of the caller, of one kind. */
struct host_subids {
	struct id_range *at; /* `inside` is not used */
	size_t n;
	uint32_t free; /* the first id that no line of the file gives away */
};

/* All but the first looked up for maps that the caller may not write. */
struct host_ids {
	bool denied; /* setgroups, by a user namespace around the caller */
	const char *name; /* of the caller; NULL: the uid has none */
	const char *newuidmap, *newgidmap; /* NULL: not installed */
	struct host_subids uids, gids;
	bool elsewhere; /* the system keeps them outside of the files, too */
};

struct plan_ids {
	struct id_map uids, gids; /* empty without a user namespace */
	uint32_t lease_first, lease_last, lease_count;
	bool denied;	   /* setgroups, from outside */
	bool stranger;	   /* its host id is not the caller's */
	bool clear_groups; /* the supplementary groups can be given up */
};

/* "alice:100000:65536" of /etc/subuid: name or number of the owner. */
bool subid_parse(char *line, const char **owner, struct id_range *range);

void probe_ids(struct host *host, const struct run_request *req,
	       struct arena *arena);

/* Sets plan->kind anew; false with diagnostics. */
bool plan_ids(struct sandbox_plan *plan, const struct host *host,
	      struct diag_sink *diags);

/* False when no range has it. */
bool id_map_find(const struct id_map *map, uint32_t inside, uint32_t *outside);

/* Whether a file's owner and group have a name in the sandbox. */
bool ids_have_owner(const struct sandbox_plan *plan, uid_t uid, gid_t gid);

/* Whether a group of that number exists inside. */
bool ids_know_group(const struct sandbox_plan *plan, gid_t gid);

/* The command's, inside and outside; a lease is known only in the run. */
uint32_t ids_uid(const struct sandbox_plan *plan, const struct run *run);
uint32_t ids_gid(const struct sandbox_plan *plan, const struct run *run);
uint32_t ids_host_uid(const struct sandbox_plan *plan, const struct run *run);
uint32_t ids_host_gid(const struct sandbox_plan *plan, const struct run *run);

#endif
