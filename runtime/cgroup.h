/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroup.h - limits of the whole sandbox: v1, v2 and both side by side
 *
 * Facts (cgroup_host.c), decision (cgroup_plan.c), action (cgroup.c) and
 * what is said afterwards (cgroup_report.c).  A sandbox with limits has a
 * directory of its own in each hierarchy it needs, below the caller's,
 * locked by its runner; an unlocked one is a dead runner's and is removed.
 */
#ifndef RUNTIME_CGROUP_H
#define RUNTIME_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;
struct diag_sink;
struct host;
struct run;
struct sandbox;
struct sandbox_plan;

enum {
	CG_MEMORY = 1 << 0,
	CG_PIDS = 1 << 1,
	CG_CPU = 1 << 2,
	CG_CPUACCT = 1 << 3, /* v2 counts CPU time without a controller */
	CG_CPUSET = 1 << 4,
	CG_IO = 1 << 5,
	CG_FREEZER = 1 << 6, /* part of every group of v2 */
	CG_ALL = (1 << 7) - 1,
	CG_CONTROLLERS = 7,
	CG_UNASKED_V2 = CG_CPUACCT | CG_FREEZER,
};

enum {
	CG_TREES_MAX = 8,
	CG_LEVELS_MAX = 32,
	CG_NAME_MAX = 48,
	CG_PATH_MAX = 1024,
};

/* A mounted hierarchy. */
struct cg_tree {
	bool v2;
	unsigned controllers; /* of v1 */
	const char *top;      /* where it is mounted */
	const char *dir;      /* the caller's group; NULL: out of sight */
	bool writable;
};

/* A group of v2, the caller's or one above it. */
struct cg_level {
	const char *dir;
	unsigned available, enabled; /* here; for groups below */
	bool writable;
	bool busy; /* has processes: then nothing can be enabled */
	bool alone; /* the caller is the only one: it can step aside */
	bool delegated; /* systemd leaves it, and all below, to its owner */
};

struct cg_device {
	int err; /* 0: it is a block device */
	unsigned major, minor;
};

struct cg_host {
	struct cg_tree trees[CG_TREES_MAX];
	size_t ntrees;
	struct cg_level levels[CG_LEVELS_MAX]; /* upwards */
	size_t nlevels;
	const struct cg_device *devices; /* one for each of sandbox.ios */
	unsigned ncpus;
	int unknown; /* errno: neither writable nor not */
	bool systemd; /* runs, and owns what it has not delegated */
};

struct cg_group {
	const char *parent; /* NULL: of the scope */
	bool v2;
	bool aside; /* the runner leaves parent for a group below it */
	unsigned controllers;
	unsigned enable; /* v2: to be enabled in the parent */
};

struct cg_setting {
	size_t group;
	const char *file;
	const char *value; /* NULL: as in the parent */
	const char *what;  /* for a failure: file, value and line */
};

enum { CG_NO_GROUP = -1 };

struct cg_plan {
	struct cg_group groups[CG_TREES_MAX];
	size_t ngroups;
	struct cg_setting *settings;
	size_t nsettings;
	int group_of[CG_CONTROLLERS]; /* by bit number */
	unsigned ncpus;
	const char *scope_top; /* where v2 is mounted; with PLAN_SCOPE */
};

/* In struct run: the groups that exist. */
struct cg_run {
	char name[CG_NAME_MAX];
	int parents[CG_TREES_MAX], dirs[CG_TREES_MAX]; /* -1: none */
	bool born;   /* the child began its life in it */
	bool own_ns; /* the child has yet to make its cgroup namespace */
	char what[CG_NAME_MAX]; /* of a failure */
	int aside; /* the runner's own group, -1: where it was */
	char scope[CG_PATH_MAX]; /* the group of the scope */
};

/* What the kernel counted. */
struct cg_figures {
	bool has_memory, has_pids, has_cpu;
	uint64_t memory_peak, oom_kills;
	uint64_t pids_refused;
	uint64_t cpu_ns;
};

const char *cgroup_controller_name(unsigned controller);
unsigned cgroup_controller_of(const char *name, size_t len);

/* Whether the sandbox has a line that needs a group. */
bool cgroup_wanted(const struct sandbox *box);
/* Pure: the hierarchies, from the text of mountinfo and /proc/self/cgroup. */
void cgroup_parse(const char *mountinfo, const char *own, struct arena *arena,
		  struct cg_host *out);
void cgroup_probe(struct cg_host *out, const struct sandbox *box,
		  struct arena *arena);
/* False with diagnostics when a line can't be applied. */
bool cgroup_decide(struct sandbox_plan *plan, const struct cg_host *host,
		   struct diag_sink *diags);

/* Before anything else of it is used. */
void cgroup_run_init(struct cg_run *cg);
/* clone with CLONE_NEW* flags, into the group where that is possible. */
pid_t cgroup_clone(const struct sandbox_plan *plan, struct run *run,
		   unsigned long flags);
/* Removes the groups in dir that no runner holds any more. */
void cgroup_sweep(int dir);
/* Before SIGKILL: a frozen process would not end. */
void cgroup_thaw(const struct run *run);
/* After the last process has ended. */
void cgroup_remove(struct run *run);
/* The file that freezes and thaws, below dirs[*group]; NULL: none. */
const char *cgroup_freezer(const struct sandbox_plan *plan, int *group);

void cgroup_read_figures(const struct run *run, struct cg_figures *out);
bool cgroup_cpu_time(const struct run *run, uint64_t *ns);
/* Names the limits that ended or refused something. */
void cgroup_report(const struct run *run, struct diag_sink *diags);

#endif
