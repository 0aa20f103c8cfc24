/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.h - everything decided, nothing done
 *
 * A plan is a constant once plan_decide() returns: the runner and its
 * children only read it, so the child needs no memory of its own after
 * clone.  Strings live in the plan's arena or in the request.
 */
#ifndef RUNTIME_PLAN_H
#define RUNTIME_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/cgroup.h"
#include "runtime/ids.h"
#include "runtime/mounts.h"
#include "runtime/namespaces.h"
#include "runtime/network.h"
#include "runtime/run.h"

struct arena;
struct host;

/* Which steps apply: struct step.when is a set of these. */
enum plan_kind {
	PLAN_PLAIN = 1 << 0, /* the filter only */
	PLAN_SANDBOX = 1 << 1,
	PLAN_LEASED = 1 << 2, /* a sandbox with a host id of its own */
	/* What its limits ask for. */
	PLAN_NICE = 1 << 16,
	PLAN_OOM = 1 << 17,
	PLAN_SCHED = 1 << 18,
	PLAN_RAISE = 1 << 19, /* limits above the caller's */
	PLAN_TIMEOUT = 1 << 20,
	PLAN_CGROUP = 1 << 21,
	/* Mounts of the profile; taken by the runner, where it may, or init. */
	PLAN_MOUNTS = 1 << 27,
	PLAN_EARLY = 1 << 28,
	PLAN_LATE = 1 << 29,
	PLAN_OVERLAY = 1 << 30,
	PLAN_LANDLOCK = 1 << 7,
	PLAN_SHIELDS = 1 << 4, /* hide and readonly below /proc */
	PLAN_NAMED = 1 << 13, /* later commands can reach it */
	PLAN_TERMINAL = 1 << 12, /* a sandbox with a terminal of its own */
	PLAN_NET = 1 << 14, /* a new network namespace */
	PLAN_VETH = 1 << 5,
	PLAN_PASTA = 1 << 6,
	PLAN_REPORT = 1 << 22, /* of either sort, with a report */
	/* Which namespaces are new, where steps depend on it; PLAN_NET too. */
	PLAN_NEW_USER = 1ULL << 32,
	PLAN_NEW_MOUNT = 1ULL << 33,
	PLAN_NEW_PID = 1ULL << 34,
	PLAN_NEW_UTS = 1ULL << 35,
	PLAN_INIT = 1ULL << 36,	 /* a process beside the command that reaps */
	PLAN_ADOPT = 1ULL << 37, /* its pid namespace is not the sandbox's */
	PLAN_JOIN = 1ULL << 38,
	PLAN_PIN = 1ULL << 39,
	PLAN_ALONE = 1 << 8,	 /* the command is pid 1 itself */
	PLAN_HOST_PROC = 1 << 9, /* a new tree with the host's /proc in it */
	PLAN_CLAIM = 1ULL << 40,       /* host ids that root names */
	PLAN_DENY_GROUPS = 1ULL << 41, /* no setgroups inside, ever */
	/* Nested user namespaces: refused by a limit, by a filter. */
	PLAN_LIMIT_USERS = 1ULL << 42,
	PLAN_FILTER_USERS = 1ULL << 43,
	PLAN_KEYRING = 1ULL << 44, /* a session keyring of its own */
	PLAN_LOCK = 1ULL << 45, /* mounts that sys_admin can't undo */
	/* How refused calls are learnt of. */
	PLAN_ANNOUNCE = 1ULL << 48, /* the kernel's record needs the pid */
	PLAN_FOLLOW = 1ULL << 49,
	PLAN_DENIALS = 1ULL << 50,
	PLAN_SCOPE = 1ULL << 54, /* a group that systemd has to make */
};

/* The command waits, before exec, for the runner to come. */
#define PLAN_MEET ((uint64_t)PLAN_REPORT | PLAN_FOLLOW | PLAN_DENIALS)

enum {
	COVERS_MAX = 8,
	BACKS_MAX = 3, /* working directory, command as named, command itself */
};

/* A directory of the host that an empty file system hides. */
struct cover {
	const char *path; /* resolved */
	const char *slot; /* its directory in the scratch file system */
	bool writable;
};

/* A hidden path that the command needs: bound over the cover again. */
struct back {
	const char *path;
	const char *place; /* in the scratch file system, under a slot */
	bool is_file;
};

struct sandbox_plan {
	struct arena *arena;
	uint64_t kind; /* set of enum plan_kind */
	/* Sets of enum ns_kind; 0 in a plain run. */
	unsigned new_ns, joined_ns;
	const char *joins[NS_COUNT]; /* what is entered; NULL: nothing */
	const char **pin_dirs; /* one for each pin */
	const struct run_request *req;

	const char *command; /* what execve gets */
	char *const *env;
	bool filter_kills; /* some return value ends the process */

	uid_t uid, caller_uid; /* inside; ids_uid() where there is a run */
	gid_t gid, caller_gid;
	struct plan_ids ids;
	size_t ngroups; /* supplementary, of the caller */
	const struct sock_filter *nested; /* with PLAN_FILTER_USERS */
	size_t nnested;
	const char *hostname;
	const char *workdir;
	unsigned terminal_fds; /* bit 1 << fd: the own terminal is there */
	unsigned cap_last;
	uint64_t caps; /* in all five sets of the command */
	bool securebits_open;
	struct cg_plan cgroup; /* with PLAN_CGROUP */
	uint32_t umask;
	const int *fds; /* kept besides 0, 1 and 2; ascending */
	size_t nfds;
	struct cover covers[COVERS_MAX];
	size_t ncovers;
	struct back backs[BACKS_MAX];
	size_t nbacks;
	struct plan_mounts mounts;
	struct net_address net_address, net_gateway; /* len 0: none */
	const char *pasta;
};

/* From facts only: NULL and *exit_code as plan_new().  Takes the arena. */
struct sandbox_plan *plan_decide(const struct run_request *req,
				 const struct host *host, struct arena *arena,
				 struct diag_sink *diags, int *exit_code);

#endif
