/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe_mount.c - what the paths of a sandbox block are on this host
 *
 * Looks with the caller's rights and changes nothing.
 */
#include "runtime/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "runtime/probe.h"
#include "runtime/sys.h"

enum { LINKS_MAX = 40 };

const char *path_clean(const char *path, struct arena *arena)
{
	size_t len = strlen(path), n = 0;
	char *out;

	if (path[0] != '/')
		return NULL;
	out = arena_alloc(arena, len + 1);
	for (const char *p = path; *p;) {
		size_t part;

		p += strspn(p, "/");
		part = strcspn(p, "/");
		if (part == 2 && p[0] == '.' && p[1] == '.')
			return NULL;
		if (part && !(part == 1 && p[0] == '.')) {
			out[n++] = '/';
			memcpy(out + n, p, part);
			n += part;
		}
		p += part;
	}
	if (!n)
		out[n++] = '/';
	out[n] = '\0';
	return out;
}

/* State of a walk: `done` is resolved, `rest` is still to do. */
struct walk {
	char done[PATH_MAX], rest[PATH_MAX];
	int links;
};

static bool is_ours(const char *path, bool is_link)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return false;
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return false;
	/* In a sticky folder others can't rename ours. */
	return is_link || !(st.st_mode & 022) || (st.st_mode & S_ISVTX);
}

/* Replaces the last part of done, a link, by what it says. */
static int follow(struct walk *w)
{
	char text[PATH_MAX], *slash = strrchr(w->done, '/');
	size_t rest = strlen(w->rest);
	ssize_t len = readlink(w->done, text, sizeof(text) - 1);
	bool ours;

	if (len < 0)
		return errno;
	text[len] = '\0';
	ours = is_ours(w->done, true);
	*slash = '\0';
	ours &= is_ours(*w->done ? w->done : "/", false);
	*slash = '/';
	if (!ours || ++w->links > LINKS_MAX)
		return ELOOP;
	if ((size_t)len + rest + 2 > sizeof(w->rest))
		return ENAMETOOLONG;
	*slash = '\0';
	if (text[0] == '/')
		w->done[0] = '\0';
	memmove(w->rest + len + 1, w->rest, rest + 1);
	memcpy(w->rest, text, (size_t)len);
	w->rest[len] = '/';
	return 0;
}

/* Takes one part from rest. */
static int step(struct walk *w)
{
	size_t skip = strspn(w->rest, "/"), done = strlen(w->done);
	size_t part = strcspn(w->rest + skip, "/");
	const char *name = w->rest + skip;
	struct stat st;

	if (part == 2 && name[0] == '.' && name[1] == '.') {
		char *slash = strrchr(w->done, '/');

		if (slash)
			*slash = '\0';
	} else if (part && !(part == 1 && name[0] == '.')) {
		if (done + part + 2 > sizeof(w->done))
			return ENAMETOOLONG;
		w->done[done] = '/';
		memcpy(w->done + done + 1, name, part);
		w->done[done + part + 1] = '\0';
	}
	memmove(w->rest, name + part, strlen(name + part) + 1);
	if (lstat(*w->done ? w->done : "/", &st) < 0)
		return errno;
	return S_ISLNK(st.st_mode) ? follow(w) : 0;
}

static void fill(struct host_file *out)
{
	struct stat st;

	if (stat(out->path, &st) < 0) {
		out->err = errno;
		return;
	}
	out->is_dir = S_ISDIR(st.st_mode);
	out->is_device = S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode);
	out->uid = st.st_uid;
	out->gid = st.st_gid;
	out->mode = st.st_mode;
}

void lookup_trusted(const char *path, struct arena *arena,
		    struct host_file *out)
{
	struct walk *w = arena_new_of(arena, struct walk);

	*out = (struct host_file){ .path = path };
	if (path[0] != '/')
		out->err = EINVAL;
	else if (strlen(path) >= sizeof(w->rest))
		out->err = ENAMETOOLONG;
	if (out->err)
		return;
	memcpy(w->rest, path, strlen(path) + 1);
	while (w->rest[strspn(w->rest, "/")] && !out->err)
		out->err = step(w);
	if (out->err) {
		out->link = out->err == ELOOP ? w->done : NULL;
		return;
	}
	out->path = *w->done ? w->done : "/";
	fill(out);
}

/* In a chosen root no link is followed at all: its owner may be hostile. */
static void lookup_inside(const struct host_file *root, const char *path,
			  struct arena *arena, struct host_file *out)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	*out = (struct host_file){ .path = path, .err = root->err };
	if (out->err)
		return;
	out->path =
		arena_printf(arena, "%s%s",
			     strcmp(root->path, "/") ? root->path : "", path);
	fd = sys_openat2(AT_FDCWD, out->path, &how);
	if (fd < 0) {
		out->err = errno;
		out->link = errno == ELOOP ? out->path : NULL;
		return;
	}
	close(fd);
	fill(out);
}

static bool root_has(struct host *h, const char *name, struct arena *arena)
{
	const struct host_file *root = &h->mounts.root;
	struct host_file f;

	lookup_inside(root, name, arena, &f);
	errno = f.err;
	if (!root->err && f.err && f.err != ENOENT && f.err != ENOTDIR &&
	    f.err != ELOOP && f.err != EACCES)
		host_unknown(&h->trouble, name);
	return !f.err && f.is_dir;
}

static void probe_layers(struct host_mount *m, const char *list,
			 struct arena *arena)
{
	while (list && *list) {
		size_t len = strcspn(list, ":");

		if (m->nlayers < LAYERS_MAX)
			lookup_trusted(arena_strndup(arena, list, len), arena,
				       &m->layers[m->nlayers]);
		if (m->nlayers++ == LAYERS_MAX)
			return;
		list += len + (list[len] == ':');
	}
}

static void probe_line(struct host_mount *m, const struct sandbox *box,
		       const struct sandbox_mount *line,
		       const struct host_file *root, struct arena *arena)
{
	const char *source = line->source ? line->source : line->target;
	struct host_file target;

	if (line->loader || !line->target)
		return;
	m->target = path_clean(line->target, arena);
	if (line->kind == MOUNT_OVERLAY)
		probe_layers(m, line->source, arena);
	else if (box->root == ROOT_PATH && line->kind != MOUNT_BIND &&
		 line->kind != MOUNT_DEVICE && m->target)
		lookup_inside(root, m->target, arena, &m->source);
	else
		lookup_trusted(source, arena, &m->source);
	if (line->upper)
		lookup_trusted(line->upper, arena, &m->upper);
	if (line->work)
		lookup_trusted(line->work, arena, &m->work);
	if (box->root != ROOT_HOST || !m->target)
		return;
	lookup_trusted(m->target, arena, &target);
	if (!target.err)
		m->target = target.path;
}

/* Not built in, or switched off at boot: else it is there. */
static int probe_landlock(struct host *h)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_CREATE_RULESET_VERSION);

	if (version < 0 && errno != ENOSYS && errno != EOPNOTSUPP)
		host_unknown(&h->trouble, "Landlock's version");
	return version > 0 ? (int)version : 0;
}

static bool has_sys_admin(struct host *h)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (sys_capget(&head, data) == 0)
		return data[0].effective & 1U << CAP_SYS_ADMIN;
	host_unknown(&h->trouble, "the caller's capabilities");
	return false;
}

void probe_mounts(struct host *host, const struct sandbox *box,
		  const char *command, struct arena *arena)
{
	struct host_mounts *facts = &host->mounts;
	bool loader = false;

	facts->may_mount = has_sys_admin(host);
	facts->landlock = probe_landlock(host);
	if (box->root == ROOT_PATH) {
		lookup_trusted(box->root_path, arena, &facts->root);
		facts->root_has_proc = root_has(host, "/proc", arena);
		facts->root_has_dev = root_has(host, "/dev", arena);
		facts->root_has_tmp = root_has(host, "/tmp", arena);
		facts->root_has_var_tmp =
			root_has(host, "/var/tmp", arena);
	}
	facts->lines =
		arena_array(arena, box->nmounts, sizeof(facts->lines[0]));
	for (size_t i = 0; i < box->nmounts; i++) {
		facts->lines[i] = (struct host_mount){ 0 };
		probe_line(&facts->lines[i], box, &box->mounts[i], &facts->root,
			   arena);
		loader |= box->mounts[i].loader;
	}
	if (loader && command)
		probe_loader(facts, command, arena);
}
