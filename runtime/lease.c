/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lease.c - host ids that no other sandbox has
 *
 * A lease is a lock on bytes of a file, those whose offsets are the ids.
 * It belongs to the runner's open file, so it ends with the runner however
 * that ends.  The sandbox's last processes may die a moment after that,
 * hence ids that any process still has are passed over.
 */
#include "runtime/apply.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char lease_dir[] = "/run/callgate";
static const char lease_file[] = "host-ids";
static const char named_ids[] = "the host ids that 'map' or 'user' names";

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

/* The ids of /proc/PID/status: real, effective, saved, file system. */
static bool process_has(const char *pid, uint32_t first, uint32_t count)
{
	char path[32 + NAME_MAX], line[256];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	f = fopen(path, "re");
	if (!f)
		return errno != ENOENT && errno != ESRCH; /* or just gone */
	while (fgets(line, sizeof(line), f)) {
		unsigned long id[4];

		if (sscanf(line, "Uid: %lu %lu %lu %lu", &id[0], &id[1],
			   &id[2], &id[3]) != 4)
			continue;
		for (int i = 0; i < 4; i++)
			found |= id[i] >= first && id[i] - first < count;
	}
	fclose(f);
	return found;
}

/* Asking the kernel about each of a whole block would take seconds. */
static bool ids_in_use(uint32_t first, uint32_t count)
{
	struct dirent *e;
	bool found = false;
	DIR *proc;

	if (count == 1) {
		errno = 0;
		return getpriority(PRIO_USER, first) != -1 || errno != ESRCH;
	}
	proc = opendir("/proc");
	if (!proc)
		return true;
	while (!found && (e = readdir(proc)))
		found = e->d_name[0] >= '1' && e->d_name[0] <= '9' &&
			process_has(e->d_name, first, count);
	closedir(proc);
	return found;
}

/*
 * Past a range that the file gives to a user, who may do anything to the
 * processes with ids from it.  0, or an errno: no file is an answer, one
 * that can't be read is none.
 */
static int past_given(const char *path, uint64_t first, uint32_t count,
		      uint64_t *past)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	int err = f || errno == ENOENT ? 0 : errno;

	while (f && getline(&line, &room, f) > 0) {
		struct id_range r;
		const char *owner;
		uint64_t end;

		if (!subid_parse(line, &owner, &r))
			continue;
		end = (uint64_t)r.outside + r.count;
		if (first < end && r.outside < first + count && end > *past)
			*past = end;
	}
	if (f && ferror(f))
		err = EIO;
	free(line);
	if (f)
		fclose(f);
	return err;
}

static int lock_call(int fd, int op, short type, uint32_t first, uint32_t count,
		     struct flock *lock)
{
	*lock = (struct flock){
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = first,
		.l_len = count,
	};
	return fcntl(fd, op, lock);
}

static bool is_taken(int err)
{
	return err == EAGAIN || err == EACCES;
}

/* Past someone's lock. */
static uint64_t past_lock(int fd, uint64_t first, uint32_t count)
{
	struct flock lock;

	if (lock_call(fd, F_OFD_GETLK, F_WRLCK, (uint32_t)first, count, &lock) <
		    0 ||
	    lock.l_type == F_UNLCK)
		return first;
	return (uint64_t)lock.l_start + (uint64_t)lock.l_len;
}

/* Whole blocks are aligned. */
static uint64_t next_block(uint64_t id, uint32_t count)
{
	return (id + count - 1) / count * count;
}

/* 0 with the ids locked, EAGAIN with where to look next, or an errno. */
static int try_lease(int fd, uint64_t *id, uint32_t count)
{
	const uint32_t first = (uint32_t)*id;
	struct flock lock;
	uint64_t past = 0;
	int err;

	if (lock_call(fd, F_OFD_SETLK, F_WRLCK, first, count, &lock) < 0) {
		if (!is_taken(errno))
			return errno;
		*id = past_lock(fd, first, count);
		return EAGAIN;
	}
	err = past_given("/etc/subuid", first, count, &past);
	if (!err)
		err = past_given("/etc/subgid", first, count, &past);
	if (err)
		return err == EAGAIN ? EIO : err;
	if (!past && !ids_in_use(first, count))
		return 0;
	lock_call(fd, F_OFD_SETLK, F_UNLCK, first, count, &lock);
	*id = past ? past : (uint64_t)first + count;
	return EAGAIN;
}

static int lease(const struct plan_ids *ids, struct run *run)
{
	const uint32_t count = ids->lease_count;
	uint64_t id = ids->lease_first;

	for (int i = 0; i < LEASES_MAX && id + count - 1 <= ids->lease_last;
	     i++) {
		int err = try_lease(run->lease_fd, &id, count);

		if (err == EAGAIN) {
			id = next_block(id, count);
			continue;
		}
		run->leased = (uint32_t)id;
		return err;
	}
	return EUSERS;
}

static int claim(struct run *run, uint32_t first, uint32_t count)
{
	struct flock lock;

	if (lock_call(run->lease_fd, F_OFD_SETLK, F_WRLCK, first, count,
		      &lock) == 0)
		return 0;
	return is_taken(errno) ? EBUSY : errno;
}

static int claim_map(struct run *run, const struct id_map *map)
{
	int err = 0;

	for (size_t i = 0; i < map->n && !map->leased && !err; i++)
		err = claim(run, map->at[i].outside, map->at[i].count);
	return err;
}

static int claim_all(const struct sandbox_plan *plan, struct run *run)
{
	int err;

	if (plan->kind & PLAN_NEW_USER) {
		err = claim_map(run, &plan->ids.uids);
		return err ? err : claim_map(run, &plan->ids.gids);
	}
	err = claim(run, plan->uid, 1);
	return err ? err : claim(run, plan->gid, 1);
}

int ids_lease(const struct sandbox_plan *plan, struct run *run)
{
	int err = 0;

	run->lease_fd = open_lease_file(run);
	if (run->lease_fd < 0)
		return step_failed(run, lease_dir);
	if (plan->kind & PLAN_CLAIM) {
		run->object = named_ids;
		err = claim_all(plan, run);
	}
	if (err || !(plan->kind & PLAN_LEASED))
		return err;
	run->object = lease_dir;
	return lease(&plan->ids, run);
}

void ids_lease_describe(const struct sandbox_plan *plan, FILE *out)
{
	const struct plan_ids *ids = &plan->ids;

	if (plan->kind & PLAN_CLAIM)
		fprintf(out, "%s%s", named_ids,
			plan->kind & PLAN_LEASED ? ", and " : "");
	if ((plan->kind & PLAN_LEASED) && ids->lease_count == 1)
		fprintf(out, "a host id of its own from %u..%u",
			ids->lease_first, ids->lease_last);
	else if (plan->kind & PLAN_LEASED)
		fprintf(out, "%u host ids of its own from %u..%u",
			ids->lease_count, ids->lease_first, ids->lease_last);
	fprintf(out, ", locked in %s", lease_dir);
}
