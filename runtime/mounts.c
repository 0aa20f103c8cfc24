/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mounts.c - the mounts that the profile asks for
 *
 * Sources become detached trees while the process still has the caller's
 * rights; nobody else sees them, and no later change of a path matters.
 * They are attached inside the new root, against its descriptor.
 */
#include "runtime/apply.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "runtime/idmap.h"
#include "runtime/mount_calls.h"
#include "runtime/sys.h"

enum { OPTION_MAX = LAYERS_MAX * 32 };

static const char hidden_dir[] = "hidden", hidden_file[] = "hidden-file";

/* Its owner is the sandbox's user inside; nobody else's ids are known. */
static int take_mapped(struct run *run, const struct plan_mount *m,
		       struct tree_how *how)
{
	const struct idmap map = {
		.uid = m->owner,
		.gid = m->group,
		.as_uid = ids_host_uid(run->plan, run),
		.as_gid = ids_host_gid(run->plan, run),
	};
	int fd;

	how->userns = idmap_open(&map);
	if (how->userns < 0)
		return -1;
	fd = tree_clone_unlinked(m->source, how);
	close(how->userns);
	return fd;
}

int mounts_take(const struct sandbox_plan *plan, struct run *run)
{
	const struct plan_mounts *all = &plan->mounts;

	for (size_t i = 0; i < all->n; i++) {
		const struct plan_mount *m = &all->at[i];
		struct tree_how how = { m->attrs, all->propagation, -1 };

		if (!m->source)
			continue;
		run->trees[i] = m->idmap ? take_mapped(run, m, &how)
					 : tree_clone_unlinked(m->source, &how);
		if (run->trees[i] < 0)
			return step_failed(run, m->source);
	}
	if (all->root == ROOT_PATH) {
		const struct tree_how how = { ATTR_TREE, all->propagation, -1 };

		run->root_fd = tree_clone_unlinked(all->root_path, &how);
		if (run->root_fd < 0)
			return step_failed(run, all->root_path);
	}
	return 0;
}

void mounts_take_describe(const struct sandbox_plan *plan, FILE *out)
{
	const struct plan_mounts *all = &plan->mounts;

	fputs("hold", out);
	if (all->root == ROOT_PATH)
		fprintf(out, " '%s'", all->root_path);
	for (size_t i = 0; i < all->n; i++)
		if (all->at[i].source)
			fprintf(out, " '%s'%s", all->at[i].source,
				all->at[i].idmap ? " (ids mapped)" : "");
}

static int take_layer(struct run *run, const char *path, int **fd)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	**fd = sys_openat2(AT_FDCWD, path, &how);
	if (*(*fd)++ < 0)
		return step_failed(run, path);
	return 0;
}

static bool is_overlay(const struct plan_mount *m)
{
	return m->kind == MOUNT_OVERLAY && !m->source;
}

int mounts_take_layers(const struct sandbox_plan *plan, struct run *run)
{
	int *fd = run->layers, err = 0;

	for (size_t i = 0; i < plan->mounts.n; i++) {
		const struct plan_mount *m = &plan->mounts.at[i];

		for (size_t k = 0; k < m->nlayers && is_overlay(m) && !err; k++)
			err = take_layer(run, m->layers[k], &fd);
		if (!err && m->upper)
			err = take_layer(run, m->upper, &fd);
		if (!err && m->work)
			err = take_layer(run, m->work, &fd);
	}
	return err;
}

void mounts_take_layers_describe(const struct sandbox_plan *plan, FILE *out)
{
	fputs("hold", out);
	for (size_t i = 0; i < plan->mounts.n; i++) {
		const struct plan_mount *m = &plan->mounts.at[i];

		for (size_t k = 0; k < m->nlayers && is_overlay(m); k++)
			fprintf(out, " '%s'", m->layers[k]);
		if (m->upper)
			fprintf(out, " '%s' '%s'", m->upper, m->work);
	}
}

/* Where init's own descriptors are paths, as an overlay wants its layers. */
static int set_layer(int fs, const char *key, const int *fds, size_t n)
{
	char text[OPTION_MAX];
	size_t len = 0;

	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%s/proc/self/fd/%d", i ? ":" : "",
					fds[i]);
	return fsconfig(fs, FSCONFIG_SET_STRING, key, text, 0);
}

static int configure_overlay(int fs, const struct plan_mount *m, const int *fds)
{
	if (set_layer(fs, "lowerdir", fds, m->nlayers) < 0)
		return -1;
	fds += m->nlayers;
	if (m->upper && (set_layer(fs, "upperdir", fds, 1) < 0 ||
			 set_layer(fs, "workdir", fds + 1, 1) < 0))
		return -1;
	/* Without privileges on the host, "trusted" attributes are refused. */
	if (fsconfig(fs, FSCONFIG_SET_FLAG, "userxattr", NULL, 0) < 0)
		return -1;
	return fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

static int make_overlay(const struct plan_mount *m, const int *fds)
{
	int fs = fsopen("overlay", FSOPEN_CLOEXEC), mount = -1, err;

	if (fs < 0)
		return -1;
	if (configure_overlay(fs, m, fds) == 0)
		mount = fsmount(fs, FSMOUNT_CLOEXEC, (unsigned)m->attrs);
	err = errno;
	close(fs);
	errno = err;
	return mount;
}

static int make_tmpfs(const struct plan_mount *m)
{
	int fs = fsopen("tmpfs", FSOPEN_CLOEXEC), mount = -1, err;
	char size[32];

	if (fs < 0)
		return -1;
	snprintf(size, sizeof(size), "%llu", (unsigned long long)m->size);
	if (fsconfig(fs, FSCONFIG_SET_STRING, "mode", "1777", 0) == 0 &&
	    (!m->size ||
	     fsconfig(fs, FSCONFIG_SET_STRING, "size", size, 0) == 0) &&
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		mount = fsmount(fs, FSMOUNT_CLOEXEC, (unsigned)m->attrs);
	err = errno;
	close(fs);
	errno = err;
	return mount;
}

static int make_place(struct run *run, const struct plan_mount *m)
{
	switch (m->base) {
	case BASE_TREE:
		return 0;
	case BASE_SCRATCH:
		return place_make(run->scratch_fd, m->place, m->is_file);
	case BASE_ROOT:
		return place_make(run->root_fd, m->place, m->is_file);
	case BASE_TMPFS:
		return place_make(run->trees[m->tmpfs], m->place, m->is_file);
	}
	BUG("mount base %d", (int)m->base);
}

/* What will lie over a hidden place: an empty directory or file. */
static int take_hidden(struct run *run, size_t i)
{
	const struct plan_mount *m = &run->plan->mounts.at[i];
	const struct tree_how how = { .attrs = m->attrs, .userns = -1 };
	int target = target_open(run, m->target);
	const char *slot;
	struct stat st;
	bool is_dir;

	if (target < 0)
		return step_failed(run, m->target);
	is_dir = fstat(target, &st) == 0 && S_ISDIR(st.st_mode);
	close(target);
	slot = is_dir ? hidden_dir : hidden_file;
	if (place_make(run->scratch_fd, slot, !is_dir) < 0)
		return step_failed(run, m->target);
	run->trees[i] = tree_clone(run->scratch_fd, slot, 0, &how);
	return run->trees[i] < 0 ? step_failed(run, m->target) : 0;
}

/* The mounts there once more, over themselves; devices stay devices. */
static int make_readonly(struct run *run, const struct plan_mount *m)
{
	const struct tree_how how = { MOUNT_ATTR_RDONLY, 0, -1 };
	int target = target_open(run, m->target), tree, err;

	if (target < 0)
		return step_failed(run, m->target);
	tree = tree_clone(target, "", AT_EMPTY_PATH, &how);
	err = tree < 0 ? step_failed(run, m->target) : 0;
	close(target);
	if (err)
		return err;
	err = mount_attach(run, tree, m->target);
	close(tree);
	return err;
}

static int place_one(struct run *run, size_t i, const int **layers)
{
	const struct plan_mount *m = &run->plan->mounts.at[i];
	int *tree = &run->trees[i];

	if (m->kind == MOUNT_READONLY)
		return make_readonly(run, m);
	if (m->kind == MOUNT_HIDE)
		return mount_attach(run, *tree, m->target);
	if (make_place(run, m) < 0)
		return step_failed(run, m->target);
	if (m->kind == MOUNT_TMPFS) {
		*tree = make_tmpfs(m);
	} else if (is_overlay(m)) {
		*tree = make_overlay(m, *layers);
		*layers += m->nlayers + (m->upper ? 2 : 0);
	}
	if (*tree < 0)
		return step_failed(run, m->target);
	return mount_attach(run, *tree, m->target);
}

int mounts_place(const struct sandbox_plan *plan, struct run *run)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	const int *layers = run->layers;

	for (size_t i = 0; i < plan->mounts.n; i++) {
		int err = 0;

		/* Also for later: the scratch goes with the old root. */
		if (plan->mounts.at[i].kind == MOUNT_HIDE)
			err = take_hidden(run, i);
		if (!err && !plan->mounts.at[i].late)
			err = place_one(run, i, &layers);
		if (err)
			return err;
	}
	/* The mounts below have their own attributes. */
	if (plan->mounts.root == ROOT_EMPTY &&
	    mount_setattr(run->root_fd, "", AT_EMPTY_PATH, &attr,
			  sizeof(attr)) < 0)
		return step_failed(run, "/");
	return 0;
}

static const char *const kind_words[] = {
	[MOUNT_READ] = "read",	   [MOUNT_WRITE] = "write",
	[MOUNT_EXEC] = "exec",	   [MOUNT_BIND] = "bind",
	[MOUNT_TMPFS] = "tmpfs",   [MOUNT_OVERLAY] = "overlay",
	[MOUNT_HIDE] = "hide",	   [MOUNT_READONLY] = "readonly",
	[MOUNT_DEVICE] = "device",
};

static void describe(const struct sandbox_plan *plan, bool late, FILE *out)
{
	bool first = true;

	for (size_t i = 0; i < plan->mounts.n; i++) {
		const struct plan_mount *m = &plan->mounts.at[i];

		if (m->late != late)
			continue;
		fprintf(out, "%s%s '%s'", first ? "" : ", ",
			kind_words[m->kind], m->target);
		first = false;
		if (m->kind != MOUNT_HIDE && m->kind != MOUNT_READONLY)
			fprintf(out, " (%s%s)",
				m->attrs & MOUNT_ATTR_RDONLY ? "read-only"
							     : "writable",
				m->attrs & MOUNT_ATTR_NOEXEC ? ", noexec" : "");
	}
	if (first)
		fputs("nothing besides the root", out);
}

void mounts_place_describe(const struct sandbox_plan *plan, FILE *out)
{
	describe(plan, false, out);
}

int mounts_shield(const struct sandbox_plan *plan, struct run *run)
{
	for (size_t i = 0; i < plan->mounts.n; i++) {
		int err = 0;

		if (plan->mounts.at[i].late)
			err = place_one(run, i, NULL);
		if (err)
			return err;
	}
	return 0;
}

void mounts_shield_describe(const struct sandbox_plan *plan, FILE *out)
{
	describe(plan, true, out);
}
