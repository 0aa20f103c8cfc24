/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe_ns.c - facts about namespaces: the kernel's, and those of a profile
 *
 * Each that is to be joined is opened as the run will open it, and closed
 * again: what it is and whose it is can be said before anything is made.
 */
#include "runtime/namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/arena.h"
#include "runtime/mounts.h"

static uint64_t inode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_ino : 0;
}

static uint64_t owner_of(int fd)
{
	int owner = ioctl(fd, NS_GET_USERNS);
	struct stat st = { 0 };

	if (owner < 0)
		return 0;
	if (fstat(owner, &st) < 0)
		st.st_ino = 0;
	close(owner);
	return st.st_ino;
}

static unsigned kind_of(int fd)
{
	int flag = ioctl(fd, NS_GET_NSTYPE);

	for (size_t i = 0; i < NS_COUNT; i++)
		if (flag > 0 && (unsigned long)flag == ns_rows[i].flag)
			return ns_rows[i].kind;
	return 0;
}

/* A fifo would wait for its other end. */
static void probe_file(struct host_ns *ns, uint64_t user)
{
	int fd = open(ns->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct statfs fs;
	struct stat st;

	if (fd < 0 || fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0) {
		ns->err = errno;
	} else if (fs.f_type == NSFS_MAGIC) {
		ns->is_ns = true;
		ns->kind = kind_of(fd);
		ns->id = st.st_ino;
		ns->owner = owner_of(fd);
		ns->of_user = user && ns_owned_by(fd, user);
	}
	if (fd >= 0)
		close(fd);
}

static void probe_join(struct host_ns *ns, const struct ns_row *row,
		       uint64_t user, struct arena *arena)
{
	probe_file(ns, user);
	ns->same = ns->is_ns && ns->kind == row->kind &&
		   ns->id == inode_of(arena_printf(arena, "/proc/self/ns/%s",
						   row->file));
}

/* The line about one kind goes before the one about a whole process. */
static void probe_joins(struct host_namespaces *h, const struct sandbox *box,
			struct arena *arena)
{
	for (size_t i = 0; i < box->njoins; i++) {
		const struct sandbox_join *line = &box->joins[i];

		for (size_t k = 0; k < NS_COUNT; k++) {
			struct host_ns *ns = &h->joins[k];

			if (line->path ? line->kind != ns_rows[k].kind
				       : ns->path != NULL ||
						 (h->missing & ns_rows[k].kind))
				continue;
			ns->span = line->span;
			ns->path = line->path ? line->path
					      : arena_printf(arena,
							     "/proc/%d/ns/%s",
							     (int)line->pid,
							     ns_rows[k].file);
		}
	}
	for (size_t k = 0; k < NS_COUNT; k++)
		if (h->joins[k].path)
			probe_join(&h->joins[k], &ns_rows[k],
				   h->joins[NS_USER_ROW].id, arena);
}

/* `outside` as the process's map has it. */
static bool map_id(pid_t pid, const char *map, unsigned long outside,
		   uid_t *inside)
{
	char path[64];
	unsigned long in, out, count;
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, map);
	f = fopen(path, "re");
	while (f && !found &&
	       fscanf(f, "%lu %lu %lu", &in, &out, &count) == 3) {
		if (outside < out || outside - out >= count)
			continue;
		*inside = (uid_t)(in + (outside - out));
		found = true;
	}
	if (f)
		fclose(f);
	return found;
}

/* The effective ids of a process. */
static int read_ids(pid_t pid, uid_t *uid, gid_t *gid)
{
	char path[64], line[256];
	int found = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return errno;
	while (fgets(line, sizeof(line), f))
		found += sscanf(line, "Uid: %*u %u", uid) == 1 ||
			 sscanf(line, "Gid: %*u %u", gid) == 1;
	fclose(f);
	return found == 2 ? 0 : ESRCH;
}

static void probe_process(struct host_process *p, const char *path)
{
	gid_t gid = 0;

	if (sscanf(path, "/proc/%d/ns/user", &p->pid) != 1 || p->pid <= 0)
		return;
	p->err = read_ids(p->pid, &p->uid, &gid);
	if (p->err)
		return;
	p->mapped = map_id(p->pid, "uid_map", p->uid, &p->inside_uid) &&
		    map_id(p->pid, "gid_map", gid, &p->inside_gid);
	p->caller_mapped =
		map_id(p->pid, "uid_map", geteuid(), &p->caller_uid) &&
		map_id(p->pid, "gid_map", getegid(), &p->caller_gid);
}

/* What keeps a file from being made there safely; NULL: nothing. */
static const char *pin_trouble(const char *path, struct arena *arena,
			       const char **dir)
{
	const char *slash = strrchr(path, '/');
	struct host_file folder;
	struct stat st;

	if (!slash || !slash[1])
		return "it names no file";
	lookup_trusted(slash == path ? "/"
				     : arena_strndup(arena, path,
						     (size_t)(slash - path)),
		       arena, &folder);
	if (folder.err)
		return arena_printf(arena, "its folder: %s",
				    folder.err == ELOOP
					    ? "a link that others made"
					    : strerror(folder.err));
	*dir = folder.path;
	if (!folder.is_dir)
		return "its folder is none";
	if ((folder.mode & 022) && !(folder.mode & S_ISVTX))
		return "others can write to its folder";
	if (lstat(path, &st) == 0)
		return "it exists";
	return NULL;
}

static void probe_pins(struct host_namespaces *h, const struct sandbox *box,
		       struct arena *arena)
{
	h->pin_dirs = arena_array(arena, box->npins + 1, sizeof(*h->pin_dirs));
	h->pin_troubles =
		arena_array(arena, box->npins + 1, sizeof(*h->pin_troubles));
	for (size_t i = 0; i < box->npins; i++)
		h->pin_troubles[i] = pin_trouble(box->pins[i].path, arena,
						 &h->pin_dirs[i]);
}

void probe_namespaces(struct host_namespaces *h, const struct sandbox *box,
		      struct arena *arena)
{
	/* Each of these files costs time, which a default start has not. */
	if (!box->ns_without && !box->ns_with && !box->njoins && !box->npins)
		return;
	for (size_t i = 0; i < NS_COUNT; i++)
		if (!inode_of(arena_printf(arena, "/proc/self/ns/%s",
					   ns_rows[i].file)))
			h->missing |= ns_rows[i].kind;
	h->own_user = inode_of("/proc/self/ns/user");
	h->no_children_list =
		access(arena_printf(arena, "/proc/self/task/%d/children",
				    (int)getpid()),
		       R_OK) != 0;
	probe_joins(h, box, arena);
	if (h->joins[NS_USER_ROW].path && !h->joins[NS_USER_ROW].same)
		probe_process(&h->process, h->joins[NS_USER_ROW].path);
	probe_pins(h, box, arena);
}
