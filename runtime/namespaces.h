/* SPDX-License-Identifier: Apache-2.0 */
/*
 * namespaces.h - which namespaces are new, joined, pinned or the caller's
 *
 * Facts and decisions; the steps are in ns.c, join.c, adopt.c and pin.c.
 * Arrays of NS_COUNT are parallel to ns_rows.
 */
#ifndef RUNTIME_NAMESPACES_H
#define RUNTIME_NAMESPACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "abi/sandbox.h"

struct arena;
struct diag;
struct diag_sink;
struct fail;
struct host;
struct run;
struct run_request;
struct sandbox_plan;

enum { NS_COUNT = 8, NS_USER_ROW = 0 };

/* In the order in which they are named to people. */
struct ns_row {
	enum ns_kind kind;
	unsigned long flag;
	const char *name, *file; /* of the language; in /proc/PID/ns */
};

extern const struct ns_row ns_rows[NS_COUNT];

/* "user, mount and pid" of a set. */
const char *ns_list(unsigned kinds, struct arena *arena);

/* A namespace that a profile wants to join. */
struct host_ns {
	const char *path; /* NULL: no line asks for it */
	int err;
	bool is_ns, same; /* as the caller's: nothing is to be done */
	bool of_user;	  /* owned by the user namespace that is joined */
	unsigned kind;	  /* what it really is; 0: one that we don't know */
	uint64_t id, owner; /* inodes: it, its user namespace (0: not told) */
	struct span span;
};

/* Who the process is whose user namespace is joined. */
struct host_process {
	pid_t pid; /* 0: not known from the path */
	int err;
	uid_t uid; /* as the caller sees it */
	/* What its ids and the caller's are called in there. */
	bool mapped, caller_mapped;
	uid_t inside_uid, caller_uid;
	gid_t inside_gid, caller_gid;
};

struct host_namespaces {
	unsigned missing;      /* set of enum ns_kind */
	bool no_children_list; /* CONFIG_PROC_CHILDREN */
	uint64_t own_user;     /* inode of the caller's user namespace */
	struct host_ns joins[NS_COUNT];
	struct host_process process;
	/* One for each pin: its folder without links, and what is wrong. */
	const char **pin_dirs, **pin_troubles;
};

void probe_namespaces(struct host_namespaces *facts,
		      const struct sandbox *box, struct arena *arena);

/*
 * Sets new_ns and joined_ns; false with a diagnostic where the caller can't
 * have them.  Before all other decisions.
 */
bool plan_namespaces(struct sandbox_plan *plan, const struct host *host,
		     struct diag_sink *diags);
/* Who the sandbox is in a joined user namespace. */
bool plan_joined_ids(struct sandbox_plan *plan, const struct host *host,
		     struct diag_sink *diags);
/* Adds to the kinds what depends on the namespaces. */
void plan_namespace_steps(struct sandbox_plan *plan);

/* By the user namespace with that inode, or by one inside it. */
bool ns_owned_by(int fd, ino_t user);

/*
 * Enters all that are not -1, in an order in which the rights reach.  0, or
 * an errno with the row in *at.  Async-signal-safe.
 */
int ns_enter(const int fds[NS_COUNT], size_t *at);

/* The likely cause of a failed step. */
void join_explain(struct diag *d, const struct run *run,
		  const struct fail *fail);
void pin_explain(struct diag *d, int err);

/* The pinned namespaces are let go again: the run did not come about. */
void pins_undo(struct run *run);
/* `callgate release`; false with a diagnostic. */
bool pin_release(const char *path, struct diag_sink *diags);

#endif
