/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ids.c - who the sandbox is: leased host ids, id maps, becoming the id
 *
 * A lease is a lock on one byte of a file, the byte whose offset is the
 * id.  It belongs to the runner's open file, so it ends with the runner
 * however that ends.  The sandbox's last processes may die a moment after
 * that, hence an id that any process still has is passed over.
 */
#include "runtime/apply.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char lease_dir[] = "/run/callgate";
static const char lease_file[] = "host-ids";

enum { LEASES_MAX = 4096 };

/* A folder that others could write would let them break the locks. */
static int open_lease_dir(struct run *run)
{
	struct stat st;
	int fd;

	if (mkdir(lease_dir, 0700) < 0 && errno != EEXIST)
		return -1;
	fd = open(lease_dir, O_DIRECTORY | O_NOFOLLOW | O_RDONLY | O_CLOEXEC);
	run->object = lease_dir;
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
	    !(st.st_mode & 077))
		return fd;
	close(fd);
	errno = EPERM;
	return -1;
}

static int open_lease_file(struct run *run)
{
	int dir = open_lease_dir(run), fd, err;

	if (dir < 0)
		return -1;
	fd = openat(dir, lease_file, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	err = errno;
	close(dir);
	errno = err;
	return fd;
}

static bool id_in_use(uint32_t id)
{
	errno = 0;
	return getpriority(PRIO_USER, id) != -1 || errno != ESRCH;
}

static int set_lock(int fd, short type, uint32_t id)
{
	struct flock lock = {
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = id,
		.l_len = 1,
	};

	return fcntl(fd, F_OFD_SETLK, &lock);
}

int ids_lease(const struct sandbox_plan *plan, struct run *run)
{
	uint32_t id = plan->lease_first;

	run->lease_fd = open_lease_file(run);
	if (run->lease_fd < 0)
		return step_failed(run, lease_dir);
	for (int i = 0; i < LEASES_MAX && id <= plan->lease_last; i++, id++) {
		if (set_lock(run->lease_fd, F_WRLCK, id) < 0) {
			if (errno == EAGAIN || errno == EACCES)
				continue;
			return step_failed(run, lease_dir);
		}
		if (!id_in_use(id)) {
			run->host_id = id;
			return 0;
		}
		set_lock(run->lease_fd, F_UNLCK, id);
	}
	errno = EUSERS;
	return step_failed(run, lease_dir);
}

void ids_lease_describe(const struct sandbox_plan *plan, FILE *out)
{
	fprintf(out, "a host id of its own from %u..%u, locked in %s",
		plan->lease_first, plan->lease_last, lease_dir);
}

static int write_proc(struct run *run, const char *name, const char *text)
{
	char path[64];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)run->child, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return step_failed(run, name);
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		err = step_failed(run, name);
	close(fd);
	return err;
}

int ids_deny_setgroups(const struct sandbox_plan *plan, struct run *run)
{
	(void)plan;
	return write_proc(run, "setgroups", "deny");
}

void ids_deny_setgroups_describe(const struct sandbox_plan *plan, FILE *out)
{
	fputs("deny setgroups", out);
	if (plan->ngroups)
		fprintf(out,
			"; the caller's %zu supplementary groups stay: "
			"giving them up needs privileges",
			plan->ngroups);
}

int ids_write_maps(const struct sandbox_plan *plan, struct run *run)
{
	bool leased = plan->kind & PLAN_LEASED;
	char map[64];
	int err;

	snprintf(map, sizeof(map), "%u %u 1\n", plan->uid,
		 leased ? run->host_id : plan->caller_uid);
	err = write_proc(run, "uid_map", map);
	if (err)
		return err;
	snprintf(map, sizeof(map), "%u %u 1\n", plan->gid,
		 leased ? run->host_id : plan->caller_gid);
	return write_proc(run, "gid_map", map);
}

void ids_write_maps_describe(const struct sandbox_plan *plan, FILE *out)
{
	if (plan->kind & PLAN_LEASED)
		fprintf(out,
			"uid %u and gid %u inside are the leased id outside",
			plan->uid, plan->gid);
	else
		fprintf(out,
			"uid %u inside is %u outside, gid %u inside is %u "
			"outside",
			plan->uid, plan->caller_uid, plan->gid,
			plan->caller_gid);
}

/* Raw calls: the C library's would look for threads to take along. */
int ids_become(const struct sandbox_plan *plan, struct run *run)
{
	if ((plan->kind & PLAN_LEASED) && syscall(SYS_setgroups, 0, NULL) < 0)
		return step_failed(run, "the supplementary groups");
	if (syscall(SYS_setresgid, plan->gid, plan->gid, plan->gid) < 0)
		return step_failed(run, "the group");
	if (syscall(SYS_setresuid, plan->uid, plan->uid, plan->uid) < 0)
		return step_failed(run, "the user");
	return 0;
}

void ids_become_describe(const struct sandbox_plan *plan, FILE *out)
{
	fprintf(out, "become uid %u, gid %u%s", plan->uid, plan->gid,
		plan->kind & PLAN_LEASED ? ", no supplementary groups" : "");
}
