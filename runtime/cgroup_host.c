/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroup_host.c - which hierarchies there are, and where the caller is
 *
 * From two texts of /proc and, for v2, the files of the caller's group and
 * of those above it.  Nothing is changed.
 */
#include "runtime/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "abi/sandbox.h"
#include "base/arena.h"
#include "base/bug.h"

enum { TEXT_MAX = 1 << 20, MOUNT_FIELDS = 5 };

static const char *const names[CG_CONTROLLERS] = {
	"memory", "pids", "cpu", "cpuacct", "cpuset", "io", "freezer",
};

const char *cgroup_controller_name(unsigned controller)
{
	for (size_t i = 0; i < CG_CONTROLLERS; i++)
		if (controller == 1U << i)
			return names[i];
	BUG("controller %#x", controller);
}

unsigned cgroup_controller_of(const char *name, size_t len)
{
	for (size_t i = 0; i < CG_CONTROLLERS; i++)
		if (strlen(names[i]) == len && !memcmp(names[i], name, len))
			return 1U << i;
	/* As v1 calls it. */
	return len == 5 && !memcmp(name, "blkio", 5) ? CG_IO : 0;
}

bool cgroup_wanted(const struct sandbox *box)
{
	const struct sandbox_limits *l = &box->limits;

	return l->memory_max || l->memory_high || l->has_swap || l->pids ||
	       l->cpu_percent || l->cpu_weight || l->cpus || box->nios ||
	       box->timeout_cpu_ms;
}

/* A set from names separated by any of `seps`; unknown ones are left out. */
static unsigned read_set(const char *text, const char *seps)
{
	unsigned set = 0;

	for (;;) {
		size_t len;

		text += strspn(text, seps);
		len = strcspn(text, seps);
		if (!len)
			return set;
		set |= cgroup_controller_of(text, len);
		text += len;
	}
}

/* mountinfo writes blanks and backslashes as \ooo. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' &&
		    text[2] >= '0' && text[2] <= '7' && text[3] >= '0' &&
		    text[3] <= '7') {
			*to++ = (char)((text[1] - '0') << 6 |
				       (text[2] - '0') << 3 | (text[3] - '0'));
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

/* The path of `own` ("4:memory:/a/b") for a tree; NULL: not listed. */
static const char *own_path(const char *own, const struct cg_tree *tree,
			    struct arena *arena)
{
	while (*own) {
		size_t len = strcspn(own, "\n");
		char *line = arena_strndup(arena, own, len);
		char *list = strchr(line, ':');
		char *path = list ? strchr(list + 1, ':') : NULL;

		own += len + (own[len] == '\n');
		if (!path)
			continue;
		*path++ = '\0';
		list++;
		if (tree->v2 ? !strncmp(line, "0:", 2) && !*list
			     : read_set(list, ",") & tree->controllers)
			return path;
	}
	return NULL;
}

/* The mount shows the hierarchy from `root` on: the caller may be outside. */
static const char *visible_dir(const char *top, const char *root,
			       const char *path, struct arena *arena)
{
	size_t len = strcmp(root, "/") ? strlen(root) : 0;

	if (!path || strstr(path, "/..") || strncmp(path, root, len) ||
	    (path[len] && path[len] != '/'))
		return NULL;
	path += len;
	if (!strcmp(path, "/"))
		path = "";
	return arena_printf(arena, "%s%s", top, path);
}

static bool is_known(const struct cg_host *h, const struct cg_tree *tree)
{
	for (size_t i = 0; i < h->ntrees; i++)
		if (h->trees[i].v2 == tree->v2 &&
		    h->trees[i].controllers == tree->controllers &&
		    h->trees[i].dir)
			return true;
	return false;
}

/* Fields: id parent device root point options [more...] - type source super */
static void parse_mount(char *line, const char *own, struct arena *arena,
			struct cg_host *out)
{
	char *tail = strstr(line, " - "), *field[MOUNT_FIELDS], *save = NULL;
	char type[16], super[512];
	struct cg_tree tree = { 0 };

	if (!tail || out->ntrees == CG_TREES_MAX ||
	    sscanf(tail + 3, "%15s %*s %511s", type, super) != 2)
		return;
	tree.v2 = !strcmp(type, "cgroup2");
	if (!tree.v2 && strcmp(type, "cgroup") != 0)
		return;
	if (!tree.v2)
		tree.controllers = read_set(super, ",");
	if (!tree.v2 && !tree.controllers)
		return;
	*tail = '\0';
	for (size_t i = 0; i < MOUNT_FIELDS; i++) {
		field[i] = strtok_r(i ? NULL : line, " ", &save);
		if (!field[i])
			return;
	}
	unescape(field[3]);
	unescape(field[4]);
	tree.top = field[4];
	tree.dir = visible_dir(field[4], field[3], own_path(own, &tree, arena),
			       arena);
	if (!is_known(out, &tree))
		out->trees[out->ntrees++] = tree;
}

void cgroup_parse(const char *mountinfo, const char *own, struct arena *arena,
		  struct cg_host *out)
{
	while (*mountinfo) {
		size_t len = strcspn(mountinfo, "\n");

		parse_mount(arena_strndup(arena, mountinfo, len), own, arena,
			    out);
		mountinfo += len + (mountinfo[len] == '\n');
	}
}

/* The whole file, "" when it can't be read. */
static const char *read_text(const char *path, struct arena *arena)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0, size = 4096;
	char *text = arena_alloc(arena, size);
	ssize_t n = 1;

	while (fd >= 0 && n > 0 && size < TEXT_MAX) {
		n = read(fd, text + len, size - 1 - len);
		if (n > 0)
			len += (size_t)n;
		if (len + 1 == size) {
			char *more = arena_alloc(arena, 2 * size);

			memcpy(more, text, len);
			text = more;
			size *= 2;
		}
	}
	if (fd >= 0)
		close(fd);
	text[len] = '\0';
	return text;
}

static const char *read_file(const char *dir, const char *name,
			     struct arena *arena)
{
	return read_text(arena_printf(arena, "%s/%s", dir, name), arena);
}

/* To put a process into a group, the common ancestor must be writable too. */
static bool may_make_groups(struct cg_host *h, const char *dir,
			    struct arena *arena)
{
	const char *procs = arena_printf(arena, "%s/cgroup.procs", dir);

	if (faccessat(AT_FDCWD, dir, W_OK, AT_EACCESS) == 0 &&
	    faccessat(AT_FDCWD, procs, W_OK, AT_EACCESS) == 0)
		return true;
	if (errno != EACCES && errno != EROFS && errno != ENOENT)
		h->unknown = errno;
	return false;
}

/* systemd marks what it gave away; a user's systemd is no better owner. */
static bool is_marked(const char *dir)
{
	char mark[4];

	if (!strncmp(strrchr(dir, '/') + 1, "user@", 5))
		return false;
	return (getxattr(dir, "user.delegate", mark, sizeof(mark)) == 1 ||
		getxattr(dir, "trusted.delegate", mark, sizeof(mark)) == 1) &&
	       mark[0] == '1';
}

static bool is_only(const char *procs)
{
	return strtol(procs, NULL, 10) == getpid() &&
	       strchr(procs, '\n') == procs + strlen(procs) - 1;
}

static void probe_level(struct cg_host *h, const char *dir,
			struct arena *arena)
{
	struct cg_level *level = &h->levels[h->nlevels++];
	/* The root of the hierarchy may have processes and controllers. */
	bool is_root =
		access(arena_printf(arena, "%s/cgroup.type", dir), F_OK) != 0;
	const char *procs = read_file(dir, "cgroup.procs", arena);

	level->dir = dir;
	level->available =
		read_set(read_file(dir, "cgroup.controllers", arena), " \n");
	level->enabled =
		read_set(read_file(dir, "cgroup.subtree_control", arena),
			 " \n");
	level->writable = may_make_groups(h, dir, arena);
	level->busy = !is_root && *procs;
	level->alone = !is_root && is_only(procs);
	level->delegated = is_marked(dir);
}

static void probe_levels(struct cg_host *h, const struct cg_tree *tree,
			 struct arena *arena)
{
	const char *dir = tree->dir;

	while (dir && h->nlevels < CG_LEVELS_MAX) {
		probe_level(h, dir, arena);
		if (strlen(dir) <= strlen(tree->top))
			break;
		dir = arena_strndup(arena, dir,
				    (size_t)(strrchr(dir, '/') - dir));
	}
	/* The mark is on the top of what was given away. */
	for (size_t i = h->nlevels; i-- > 1;)
		h->levels[i - 1].delegated |= h->levels[i].delegated;
	/* Up to 252 the mark is for root's eyes: a scope that we fill is ours. */
	if (h->nlevels && geteuid() != 0)
		h->levels[0].delegated |=
			h->levels[0].alone && h->levels[0].writable;
}

static void probe_devices(struct cg_host *h, const struct sandbox *box,
			  struct arena *arena)
{
	struct cg_device *list =
		arena_alloc(arena, (box->nios + 1) * sizeof(*list));

	for (size_t i = 0; i < box->nios; i++) {
		struct stat st;

		list[i] = (struct cg_device){ 0 };
		if (stat(box->ios[i].device, &st) < 0) {
			list[i].err = errno;
		} else if (!S_ISBLK(st.st_mode)) {
			list[i].err = ENOTBLK;
		} else {
			list[i].major = major(st.st_rdev);
			list[i].minor = minor(st.st_rdev);
		}
	}
	h->devices = list;
}

void cgroup_probe(struct cg_host *h, const struct sandbox *box,
		  struct arena *arena)
{
	long ncpus = sysconf(_SC_NPROCESSORS_ONLN);

	*h = (struct cg_host){
		.ncpus = ncpus > 0 ? (unsigned)ncpus : 1,
		.systemd = access("/run/systemd/system", F_OK) == 0,
	};
	cgroup_parse(read_text("/proc/self/mountinfo", arena),
		     read_text("/proc/self/cgroup", arena), arena, h);
	for (size_t i = 0; i < h->ntrees; i++) {
		struct cg_tree *t = &h->trees[i];

		if (!t->dir)
			continue;
		if (t->v2)
			probe_levels(h, t, arena);
		else
			t->writable = may_make_groups(h, t->dir, arena);
	}
	probe_devices(h, box, arena);
}
