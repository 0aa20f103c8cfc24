/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe.c - asks the kernel what it can do, by calls without effect
 */
#include "runtime/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"
#include "runtime/caps.h"
#include "runtime/denials.h"
#include "runtime/lookup.h"
#include "runtime/network.h"
#include "runtime/sys.h"
#include "runtime/trace.h"

/* systemd's range for containers: no user has an id from it. */
enum { LEASE_FIRST = 524288, LEASE_LAST = 1879048191 };

const char *const host_dir_names[DIR_COUNT] = {
	[DIR_TMP] = "/tmp",   [DIR_VAR_TMP] = "/var/tmp",
	[DIR_RUN] = "/run",   [DIR_VAR_RUN] = "/var/run",
	[DIR_HOME] = "/home", [DIR_ROOT] = "/root",
};

const char *host_feature_name(enum host_feature feature)
{
	switch (feature) {
	case HOST_SECCOMP:
		return "seccomp filters (CONFIG_SECCOMP_FILTER)";
	case HOST_USERNS:
		return "user namespaces (CONFIG_USER_NS)";
	case HOST_MOUNT_API:
		return "mount_setattr (Linux 5.12)";
	case HOST_CLOSE_RANGE:
		return "close_range with CLOSE_RANGE_CLOEXEC (Linux 5.11)";
	case HOST_FOLLOW:
		return "registers that this program can read (x86_64, "
		       "aarch64)";
	case HOST_NOTIFY:
		return "user notification and pidfd_getfd (Linux 5.6)";
	}
	BUG("host feature %d", (int)feature);
}

long host_sysctl(const char *path)
{
	char text[32], *end;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;
	long value;

	if (fd < 0)
		return -1;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return -1;
	text[len] = '\0';
	value = strtol(text, &end, 10);
	return end == text ? -1 : value;
}

/* Calls that fail on purpose: only ENOSYS or EINVAL tells them apart. */
static unsigned probe_features(enum run_explain explain)
{
	uint32_t action = SECCOMP_RET_ERRNO;
	unsigned have = 0;

	if (sys_seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0)
		have |= HOST_SECCOMP;
	if (access("/proc/self/ns/user", F_OK) == 0)
		have |= HOST_USERNS;
	if (mount_setattr(-1, "", 0, NULL, 0) == 0 || errno != ENOSYS)
		have |= HOST_MOUNT_API;
	if (close_range(~0U, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		have |= HOST_CLOSE_RANGE;
	if (trace_is_possible())
		have |= HOST_FOLLOW;
	if (explain == EXPLAIN_DENIALS && denials_are_possible())
		have |= HOST_NOTIFY;
	return have;
}

void host_unknown(struct host_trouble *trouble, const char *what)
{
	if (!trouble->what)
		*trouble = (struct host_trouble){ what, errno };
}

static bool has_caps(struct host *h, uint64_t want)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (sys_capget(&head, data) < 0) {
		host_unknown(&h->trouble, "the caller's capabilities");
		return false;
	}
	return ((data[0].effective | (uint64_t)data[1].effective << 32) &
		want) == want;
}

/* Narrows first..last to the part that one line of an id map covers. */
static bool narrow(const char *map, uint32_t *first, uint32_t *last)
{
	FILE *f = fopen(map, "re");
	unsigned long inside, outside, count;
	bool found = false;

	if (!f)
		return false;
	while (!found &&
	       fscanf(f, "%lu %lu %lu", &inside, &outside, &count) == 3) {
		unsigned long end = inside + count - 1;

		if (!count || end < *first || inside > *last)
			continue;
		if (inside > *first)
			*first = (uint32_t)inside;
		if (end < *last)
			*last = (uint32_t)end;
		found = true;
	}
	fclose(f);
	return found;
}

static void probe_lease(struct host *h)
{
	h->lease_first = LEASE_FIRST;
	h->lease_last = LEASE_LAST;
	if (h->may_map &&
	    narrow("/proc/self/uid_map", &h->lease_first, &h->lease_last) &&
	    narrow("/proc/self/gid_map", &h->lease_first, &h->lease_last))
		return;
	h->lease_first = 1;
	h->lease_last = 0;
}

unsigned host_cap_last(void)
{
	unsigned known = 0, unknown = CAP_NUMBER_MAX + 1;

	while (unknown - known > 1) {
		const unsigned cap = (known + unknown) / 2;

		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0)
			known = cap;
		else
			unknown = cap;
	}
	return known;
}

static void probe_caps(struct host *h)
{
	h->cap_last = host_cap_last();
	if (h->cap_last < CAP_NUMBER_MAX && errno != EINVAL)
		host_unknown(&h->trouble, "the last capability");
	for (unsigned cap = 0; cap <= h->cap_last; cap++)
		switch (prctl(PR_CAPBSET_READ, cap, 0, 0, 0)) {
		case 1:
			h->caps_bounding |= UINT64_C(1) << cap;
			break;
		case -1:
			host_unknown(&h->trouble, "the bounding set");
			break;
		}
	if (!caps_permitted(&h->caps_permitted)) {
		host_unknown(&h->trouble, "the caller's capabilities");
		h->caps_permitted = 0;
	}
	h->keyrings = keyring_answers();
}

static bool is_absent(int err)
{
	return err == ENOENT || err == ENOTDIR || err == EACCES;
}

/* Only one that isn't there, or that the caller can't reach, stays bare. */
static void probe_dirs(struct host *h, struct arena *arena)
{
	for (size_t i = 0; i < DIR_COUNT; i++) {
		struct host_path p;

		lookup_dir(host_dir_names[i], arena, &p);
		h->dirs[i] = p.err ? NULL : p.real;
		errno = p.err;
		if (p.err && !is_absent(p.err))
			host_unknown(&h->trouble, host_dir_names[i]);
	}
}

/* What no terminal answers to the question for its modes. */
static bool is_no_tty(int err)
{
	return err == ENOTTY || err == EBADF || err == EINVAL || err == EIO ||
	       err == ENODEV || err == ENOSYS || err == EOPNOTSUPP;
}

static void probe_standard(struct host *h)
{
	for (int fd = 0; fd < 3; fd++) {
		struct stat st;
		bool open = fstat(fd, &st) == 0;

		if (!open && errno != EBADF)
			host_unknown(&h->trouble, "a standard descriptor");
		h->fd_is_dir[fd] = open && S_ISDIR(st.st_mode);
		h->fd_is_tty[fd] = isatty(fd) == 1;
		if (!h->fd_is_tty[fd] && !is_no_tty(errno))
			host_unknown(&h->trouble, "the terminal");
	}
}

/* One that closes on exec is callgate's own, not the caller's. */
static void probe_kept(struct host *h, const struct sandbox *box,
		       struct arena *arena)
{
	enum host_fd *kept =
		arena_alloc(arena, (box->nfds + 1) * sizeof(*kept));

	for (size_t i = 0; i < box->nfds; i++) {
		int flags = fcntl(box->fds[i], F_GETFD);
		struct stat st;

		kept[i] = HOST_FD_CLOSED;
		if (flags < 0 || (flags & FD_CLOEXEC) ||
		    fstat(box->fds[i], &st) < 0)
			continue;
		kept[i] = S_ISDIR(st.st_mode) ? HOST_FD_DIR : HOST_FD_OPEN;
	}
	h->kept = kept;
}

static void probe_limits(struct host *h, const struct sandbox *box)
{
	struct rlimit64 lim;
	int now = getpriority(PRIO_PROCESS, 0);

	for (int i = 0; i < HOST_RLIMITS; i++)
		if (getrlimit64((__rlimit_resource_t)i, &lim) == 0)
			h->rlimit_hard[i] = lim.rlim_max;
		else
			host_unknown(&h->trouble, "the caller's limits");
	h->may_raise = has_caps(h, 1ULL << CAP_SYS_RESOURCE);
	h->nice_floor = now;
	if (has_caps(h, 1ULL << CAP_SYS_NICE))
		h->nice_floor = -20;
	else if (getrlimit64(RLIMIT_NICE, &lim) == 0 &&
		 20 - (int)(lim.rlim_cur > 40 ? 40 : lim.rlim_cur) < now)
		h->nice_floor =
			20 - (int)(lim.rlim_cur > 40 ? 40 : lim.rlim_cur);
	h->autogroup =
		box->has_nice &&
		host_sysctl("/proc/sys/kernel/sched_autogroup_enabled") == 1;
}

static const char *env_get(char *const *env, const char *name)
{
	size_t len = strlen(name);

	for (; *env; env++)
		if (!strncmp(*env, name, len) && (*env)[len] == '=')
			return *env + len + 1;
	return NULL;
}

/* geteuid() has no way to say that a filter around the caller refused it. */
static void probe_caller(struct host *h)
{
	uid_t uid, saved_uid;
	gid_t gid, saved_gid;

	if (getresuid(&uid, &h->uid, &saved_uid) < 0 ||
	    getresgid(&gid, &h->gid, &saved_gid) < 0)
		host_unknown(&h->trouble, "the caller's ids");
}

void host_probe(struct host *h, const struct run_request *req,
		struct arena *arena)
{
	int groups;

	*h = (struct host){ 0 };
	h->features = probe_features(req->explain);
	probe_caller(h);
	lookup_command(req->argv[0], env_get(req->env, "PATH"), arena,
		       &h->command);
	if (!req->sandbox->present)
		return;
	groups = getgroups(0, NULL);
	if (groups < 0)
		host_unknown(&h->trouble, "the supplementary groups");
	h->ngroups = groups > 0 ? (size_t)groups : 0;
	h->may_map = has_caps(h, 1U << CAP_SETUID | 1U << CAP_SETGID);
	probe_lease(h);
	probe_ids(h, req, arena);
	probe_caps(h);
	probe_standard(h);
	probe_kept(h, req->sandbox, arena);
	probe_limits(h, req->sandbox);
	if (cgroup_wanted(req->sandbox))
		cgroup_probe(&h->cgroup, req->sandbox, arena);
	errno = h->cgroup.unknown;
	if (h->cgroup.unknown)
		host_unknown(&h->trouble, "the caller's cgroups");
	probe_dirs(h, arena);
	lookup_dir(req->sandbox->workdir, arena, &h->cwd);
	errno = h->cwd.err;
	if (h->cwd.err && !is_absent(h->cwd.err))
		host_unknown(&h->trouble, "the working directory");
	probe_mounts(h, req->sandbox,
		     h->command.err ? NULL : h->command.real, arena);
	if (req->sandbox->root == ROOT_PATH && !h->mounts.root.err)
		lookup_command_in(h->mounts.root.path, req->argv[0],
				  env_get(req->env, "PATH"), arena,
				  &h->command);
	probe_network(h, req, arena);
	probe_namespaces(&h->namespaces, req->sandbox, arena);
}
