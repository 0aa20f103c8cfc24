/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe.h - what this host offers to one run
 *
 * Facts only, gathered once and without privileges; plan_decide() turns
 * them into decisions and can be tested with invented ones.
 */
#ifndef RUNTIME_PROBE_H
#define RUNTIME_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/cgroup.h"
#include "runtime/ids.h"
#include "runtime/mounts.h"
#include "runtime/namespaces.h"
#include "runtime/run.h"

struct arena;

enum host_feature {
	HOST_SECCOMP = 1 << 0,
	HOST_USERNS = 1 << 1,
	HOST_MOUNT_API = 1 << 2,   /* mount_setattr: Linux 5.12 */
	HOST_CLOSE_RANGE = 1 << 3, /* CLOSE_RANGE_CLOEXEC: Linux 5.11 */
	/* Looked for only when asked for: */
	HOST_FOLLOW = 1 << 4, /* registers that we know */
	HOST_NOTIFY = 1 << 5, /* a listener, and pidfd_getfd: Linux 5.6 */
};

/* The directories that a sandbox covers, in the order of attaching. */
enum host_dir {
	DIR_TMP,
	DIR_VAR_TMP,
	DIR_RUN,
	DIR_VAR_RUN,
	DIR_HOME,
	DIR_ROOT,
	DIR_COUNT
};

/* A file or directory as the runner sees it. */
struct host_path {
	const char *found; /* as PATH and the name gave it */
	const char *path;  /* absolute, directories resolved */
	const char *real;  /* symbolic links resolved too */
	int err;	   /* not 0: the above are not set */
	/* First part that users without any relation to it can't pass. */
	const char *closed_at;
};

/* What a descriptor that is to be kept is in the caller. */
enum host_fd {
	HOST_FD_CLOSED,
	HOST_FD_OPEN,
	HOST_FD_DIR,
};

enum { HOST_RLIMITS = 16 };

/* A question that the kernel answered with neither yes nor no. */
struct host_trouble {
	const char *what; /* NULL: none; the first one counts */
	int err;
};

struct host {
	unsigned features; /* set of enum host_feature */
	struct host_trouble trouble;
	uid_t uid;
	gid_t gid;
	size_t ngroups;
	bool may_map; /* CAP_SETUID and CAP_SETGID */
	struct host_ids ids;
	/* Host ids that may be leased here; first > last when none may. */
	uint32_t lease_first, lease_last;
	unsigned cap_last;
	uint64_t caps_permitted, caps_bounding;
	bool keyrings; /* keyctl answers */
	bool fd_is_dir[3], fd_is_tty[3];
	const enum host_fd *kept; /* one for each of the sandbox's fds */
	uint64_t rlimit_hard[HOST_RLIMITS];
	bool may_raise; /* CAP_SYS_RESOURCE */
	int nice_floor; /* the lowest that the caller may ask for */
	struct cg_host cgroup; /* probed only when a limit asks for it */
	bool autogroup; /* niceness weighs within a session only */
	const char *dirs[DIR_COUNT]; /* resolved; NULL: absent */
	bool may_net_admin, has_bridge; /* asked for network veth only */
	const char *pasta;		/* and for network pasta */
	struct host_path cwd;	     /* or what the profile named */
	struct host_path command;
	struct host_mounts mounts;
	struct host_namespaces namespaces;
};

extern const char *const host_dir_names[DIR_COUNT];

void host_probe(struct host *host, const struct run_request *req,
		struct arena *arena);

/* Notes errno, unless something went wrong before. */
void host_unknown(struct host_trouble *trouble, const char *what);

/* The first of the table's words that the kernel lacks ("mount_setattr"). */
const char *host_feature_name(enum host_feature feature);

/* The number of this kernel's last capability. */
unsigned host_cap_last(void);

/* The value of a sysctl, -1 when it does not exist or can't be read. */
long host_sysctl(const char *path);

#endif
