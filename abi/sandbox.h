/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox.h - what the sandbox block of a profile says, as plain data
 *
 * The compiler fills it, options of the command line change it, the runtime
 * plans from it.  Strings and lists are borrowed from the compilation's
 * arena; lists keep source order.  An empty block is all zeroes but
 * `present`: every field's zero is the safe default of the runner.
 */
#ifndef ABI_SANDBOX_H
#define ABI_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/source.h"

/* As in CLONE_NEW*; a set of these is unsigned. */
enum ns_kind {
	NS_USER = 1 << 0,
	NS_MOUNT = 1 << 1,
	NS_PID = 1 << 2,
	NS_NET = 1 << 3,
	NS_IPC = 1 << 4,
	NS_UTS = 1 << 5,
	NS_CGROUP = 1 << 6,
	NS_TIME = 1 << 7,
	NS_DEFAULT = NS_USER | NS_MOUNT | NS_PID | NS_NET | NS_IPC | NS_UTS |
		     NS_CGROUP,
	NS_ALL = NS_DEFAULT | NS_TIME,
};

/* `join net "/run/netns/web";` or `join pid 4711;` (then path is NULL). */
struct sandbox_join {
	enum ns_kind kind; /* joined by pid: every kind of that process */
	const char *path;
	int32_t pid;
	struct span span;
};

/* `pin uts "/run/web-uts";` */
struct sandbox_pin {
	enum ns_kind kind;
	const char *path;
	struct span span;
};

/* `map uid 0 100000 65536;`: ids inside, ids outside, how many. */
struct sandbox_map {
	bool is_gid;
	uint32_t inside, outside, count;
	struct span span;
};

enum root_kind {
	ROOT_HOST, /* the host's tree, read-only */
	ROOT_PATH, /* sandbox.root_path, read-only */
	ROOT_EMPTY,
};

enum mount_kind {
	MOUNT_READ,	/* read "/usr"; with `loader` set: read @loader */
	MOUNT_WRITE,	/* write "/var/log/web" */
	MOUNT_EXEC,	/* exec "/opt/x": readable and executable */
	MOUNT_BIND,	/* bind "/source" "/target" [rw] [idmap] */
	MOUNT_TMPFS,	/* tmpfs "/tmp" [size 64M] [exec] */
	MOUNT_OVERLAY,	/* overlay "/target" lower "/a" [upper "/b" work "/c"] */
	MOUNT_HIDE,	/* hide "/proc/kcore" */
	MOUNT_READONLY, /* readonly "/proc/sys" */
	MOUNT_DEVICE,	/* device "/dev/fuse" */
};

struct sandbox_mount {
	enum mount_kind kind;
	bool loader;	    /* @loader in place of a path */
	bool rw, exec, idmap;
	uint64_t size;	    /* tmpfs, bytes; 0: the kernel's default */
	const char *target; /* inside */
	const char *source; /* bind: outside; overlay: the lower directory */
	const char *upper, *work; /* overlay; both NULL: read-only */
	struct span span;
};

enum propagation_kind {
	PROPAGATION_PRIVATE,
	PROPAGATION_SLAVE,
};

/* Zero is "not said" in all of these. */
struct sandbox_limits {
	uint64_t memory_max, memory_high; /* bytes */
	bool has_swap;
	uint64_t swap_max; /* bytes, meaningful with has_swap */
	uint32_t pids;
	uint32_t cpu_percent; /* of one core: 250 is two and a half */
	uint32_t cpu_weight;  /* 1 to 10000 */
	const char *cpus;     /* "0-1,3" */
};

struct sandbox_io {
	const char *device;
	uint64_t read_bps, write_bps; /* 0: no limit */
	uint64_t read_iops, write_iops;
	struct span span;
};

struct sandbox_rlimit {
	int resource; /* RLIMIT_* */
	uint64_t soft, hard; /* UINT64_MAX: unlimited */
	struct span span;
};

enum sched_kind {
	SCHED_KIND_KEEP,
	SCHED_KIND_OTHER,
	SCHED_KIND_BATCH,
	SCHED_KIND_IDLE,
};

enum network_kind {
	NETWORK_NONE, /* loopback only */
	NETWORK_HOST,
	NETWORK_VETH,
	NETWORK_PASTA,
};

struct sandbox_network {
	enum network_kind kind;
	const char *bridge;  /* veth; NULL: a pair without a bridge */
	const char *address; /* "10.1.0.2/24"; NULL: none */
	const char *gateway; /* NULL: no default route */
	struct span span;
};

/* `env keep LANG;` (value NULL) or `env set HOME "/";` */
struct sandbox_env {
	const char *name;
	const char *value;
};

enum terminal_kind {
	TERMINAL_AUTO, /* a PTY of its own when the caller has a terminal */
	TERMINAL_OWN,
	TERMINAL_NONE,
};

struct sandbox {
	bool present;
	const char *hostname; /* NULL: "sandbox" */
	const char *workdir;  /* NULL: the caller's, where it is visible */

	/* What `namespaces` takes away from or adds to NS_DEFAULT. */
	unsigned ns_without, ns_with; /* sets of enum ns_kind */
	const struct sandbox_join *joins;
	const struct sandbox_pin *pins;
	size_t njoins, npins;

	bool has_user; /* `user 1000:1000;` */
	uint32_t uid, gid;
	const struct sandbox_map *maps;
	size_t nmaps;
	bool map_auto; /* subordinate ids, through newuidmap */

	enum root_kind root;
	const char *root_path;
	const struct sandbox_mount *mounts;
	size_t nmounts;
	enum propagation_kind propagation;

	uint64_t caps_keep; /* bit 1 << CAP_*; after keep and drop */
	bool securebits_open; /* `securebits open;`, default locked */

	struct sandbox_limits limits;
	const struct sandbox_io *ios;
	size_t nios;
	const struct sandbox_rlimit *rlimits;
	size_t nrlimits;
	uint32_t timeout_ms;	 /* wall clock of the whole sandbox; 0: none */
	uint32_t timeout_cpu_ms; /* CPU time of the whole sandbox; 0: none */
	bool has_nice, has_umask, has_oom;
	int nice;	/* -20 to 19 */
	uint32_t umask; /* 0 to 0777 */
	int oom;	/* -1000 to 1000 */
	enum sched_kind sched;

	struct sandbox_network network;

	const struct sandbox_env *env;
	size_t nenv;
	const int *fds; /* kept besides 0, 1 and 2 */
	size_t nfds;

	enum terminal_kind terminal;
	bool init_off;	    /* the workload is pid 1 itself */
	bool keyring_host;  /* default: a new session keyring */
	bool nested_users;  /* nested user namespaces are allowed */
};

#endif
