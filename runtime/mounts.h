/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mounts.h - the mounts that a profile asks for: facts and decisions
 *
 * Facts say what each path is on the host (probe_mount.c), decisions what
 * is mounted where and in which order (plan_mount.c); mounts.c does it.
 * Strings are the plan's arena's.
 */
#ifndef RUNTIME_MOUNTS_H
#define RUNTIME_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "abi/sandbox.h"

struct arena;
struct host;
struct sandbox_plan;
struct diag_sink;

enum {
	MOUNTS_MAX = 64, /* with those that @loader and the command bring */
	LAYERS_MAX = 8,	 /* of an overlay, the lower ones */
	LOADER_MAX = 32, /* what one program's loader needs */
	RULES_MAX = 2 * MOUNTS_MAX,
	OVERLAYS_MAX = 8,
	LAYER_FDS_MAX = OVERLAYS_MAX * (LAYERS_MAX + 2),
};

/* A path outside; links in it are resolved. */
struct host_file {
	const char *path;
	int err;	  /* not 0: the rest is not set */
	const char *link; /* with ELOOP: the link that isn't followed */
	bool is_dir, is_device;
	uid_t uid;
	gid_t gid;
	mode_t mode;
};

/* What one line of the profile names. */
struct host_mount {
	struct host_file source;
	const char *target; /* inside; resolved where the root is the host's */
	struct host_file layers[LAYERS_MAX], upper, work;
	size_t nlayers; /* LAYERS_MAX + 1: too many */
};

/* A file or directory that the ELF loader looks for under `name`. */
struct host_need {
	const char *name;
	struct host_file file;
	bool exec; /* it is started, not only read */
};

struct host_mounts {
	struct host_file root;	 /* of ROOT_PATH */
	bool root_has_proc;	 /* directories there, not links */
	bool root_has_dev, root_has_tmp, root_has_var_tmp;
	struct host_mount *lines; /* parallel to sandbox.mounts */
	struct host_need loader[LOADER_MAX];
	size_t nloader;
	const char *loader_trouble; /* NULL: the above is all */
	bool may_mount;		    /* CAP_SYS_ADMIN here */
	int landlock;		    /* version of its interface, 0: none */
};

/* Where the place comes from on which something is mounted. */
enum mount_base {
	BASE_TREE,    /* it must exist */
	BASE_SCRATCH, /* made in the scratch file system */
	BASE_ROOT,    /* made in the empty root */
	BASE_TMPFS,   /* made in a tmpfs that the profile asked for */
};

struct plan_mount {
	enum mount_kind kind;
	const char *target, *source;
	uint64_t attrs;
	uint64_t size;
	bool is_file, idmap;
	bool late; /* a shield below /proc: the runner writes there first */
	uid_t owner; /* of the source: who the sandbox is there, with idmap */
	gid_t group;
	enum mount_base base;
	size_t tmpfs;	   /* BASE_TMPFS: its index */
	const char *place; /* below the base */
	const char *layers[LAYERS_MAX], *upper, *work;
	size_t nlayers;
};

/* What a rule gives; landlock.c spells it out for the kernel. */
enum {
	LANDLOCK_READ = 1 << 0,
	LANDLOCK_EXEC = 1 << 1,
	LANDLOCK_WRITE = 1 << 2, /* everything that changes a tree */
	LANDLOCK_USE = 1 << 3,	 /* write to files that are there */
	LANDLOCK_LIST = 1 << 4,	 /* list directories */
};

/* One Landlock rule: what may be done below a path of the new tree. */
struct plan_rule {
	const char *path;
	unsigned access; /* set of LANDLOCK_* */
};

struct plan_mounts {
	enum root_kind root;
	const char *root_path;
	unsigned long propagation; /* MS_PRIVATE or MS_SLAVE */
	bool has_dev;
	struct plan_mount *at;
	size_t n;
	struct plan_rule *rules;
	size_t nrules;
	uint64_t handled; /* accesses that need a rule; 0: no Landlock */
	bool wants_landlock;
	uint64_t scoped; /* what Landlock keeps inside besides files */
};

/* Absolute, without "." and "//"; NULL for other paths and for "..". */
const char *path_clean(const char *path, struct arena *arena);

/*
 * Resolves links as realpath() does, but follows only those that root or
 * the caller put into a folder of theirs: a link of somebody else could
 * lead a privileged caller anywhere, at any time.
 */
void lookup_trusted(const char *path, struct arena *arena,
		    struct host_file *out);

/* probe_mount.c; `command` is its resolved path, or NULL. */
void probe_mounts(struct host *host, const struct sandbox *box,
		  const char *command, struct arena *arena);

/* probe_loader.c: what the loader of this ELF file, if any, looks for. */
void probe_loader(struct host_mounts *facts, const char *command,
		  struct arena *arena);

/* landlock.c: fills rules and handled from the mounts. */
void landlock_decide(struct sandbox_plan *plan, int version);
/* Where no pid namespace keeps its signals inside, Landlock does. */
void landlock_scope(struct sandbox_plan *plan, int version);

#endif
