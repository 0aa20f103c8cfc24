/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pin.c - a namespace kept alive by a mount over a file, and let go again
 *
 * The file is made for it, so nothing is ever covered that was there; its
 * folder is opened without links, and neither it nor the namespace is named
 * by a path that could be changed meanwhile.  A pin outlives its sandbox on
 * purpose: only a run that does not come about takes it back.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/diag.h"
#include "runtime/apply.h"
#include "runtime/namespaces.h"
#include "runtime/sys.h"

static const char *base_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

static int open_folder(const char *dir)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return sys_openat2(AT_FDCWD, dir, &how);
}

static const char *file_of(enum ns_kind kind)
{
	for (size_t i = 0; i < NS_COUNT; i++)
		if (ns_rows[i].kind == kind)
			return ns_rows[i].file;
	return "";
}

/* Only what is mounted: the file below is another. */
static int let_go(int dir, const char *base)
{
	char path[64 + NAME_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dir, base);
	if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
		return -1;
	if (fstatat(dir, base, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (S_ISREG(st.st_mode) && st.st_size == 0)
		return unlinkat(dir, base, 0);
	errno = EEXIST;
	return -1;
}

static int mount_over(const struct run *run, enum ns_kind kind, int file)
{
	char path[64];
	int tree, err = 0;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)run->child,
		 file_of(kind));
	tree = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0)
		return errno;
	if (move_mount(tree, "", file, "",
		       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		err = errno;
	close(tree);
	return err;
}

static int pin_one(const struct run *run, const struct sandbox_pin *pin,
		   int dir)
{
	const char *base = base_of(pin->path);
	int file = openat(dir, base,
			  O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			  0400);
	int err;

	if (file < 0)
		return errno;
	err = mount_over(run, pin->kind, file);
	close(file);
	if (err)
		unlinkat(dir, base, 0);
	return err;
}

int pin_make(const struct sandbox_plan *plan, struct run *run)
{
	const struct sandbox *box = plan->req->sandbox;

	for (size_t i = 0; i < box->npins; i++) {
		int dir = open_folder(plan->pin_dirs[i]), err;

		if (dir < 0)
			return step_failed(run, plan->pin_dirs[i]);
		err = pin_one(run, &box->pins[i], dir);
		close(dir);
		run->object = box->pins[i].path;
		if (err)
			return err;
		run->npinned++;
	}
	return 0;
}

void pin_make_describe(const struct sandbox_plan *plan, FILE *out)
{
	const struct sandbox *box = plan->req->sandbox;

	for (size_t i = 0; i < box->npins; i++)
		fprintf(out, "%s%s '%s'", i ? ", " : "keep ",
			file_of(box->pins[i].kind), box->pins[i].path);
	fputs(", until 'callgate release'", out);
}

void pins_undo(struct run *run)
{
	const struct sandbox *box = run->plan->req->sandbox;

	while (run->npinned) {
		size_t i = --run->npinned;
		int dir = open_folder(run->plan->pin_dirs[i]);

		if (dir < 0)
			continue;
		let_go(dir, base_of(box->pins[i].path));
		close(dir);
	}
}

void pin_explain(struct diag *d, int err)
{
	if (err == EEXIST)
		diag_note(d, "something was made there since the plan was; "
			     "nothing is overwritten");
	else if (err == ELOOP)
		diag_note(d, "a link was put there since the plan was made");
	else if (err == EROFS || err == ENOENT)
		diag_help(d, "choose a folder that can be written to, such as "
			     "/run");
	else if (err == EPERM || err == EACCES)
		diag_note(d, "mounting takes CAP_SYS_ADMIN in the caller's own "
			     "mount namespace");
	else if (err == EINVAL)
		diag_note(d, "a mount namespace can't be kept by a file in a "
			     "place that shares its mounts with others");
}

static bool is_pin(int dir, const char *base)
{
	int file = openat(dir, base, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct statfs fs;
	bool is = file >= 0 && fstatfs(file, &fs) == 0 &&
		  fs.f_type == NSFS_MAGIC;

	if (file < 0)
		return false;
	close(file);
	errno = EINVAL;
	return is;
}

static const char *release_in(const char *dir, const char *base)
{
	int fd = open_folder(dir);
	const char *trouble = NULL;

	if (fd < 0)
		return strerror(errno);
	errno = 0;
	if (!is_pin(fd, base))
		trouble = errno == EINVAL ? "no namespace is pinned there"
					  : strerror(errno);
	else if (let_go(fd, base) < 0)
		trouble = errno == EEXIST  ? "the file below it is not empty, "
					     "so it stays"
			  : errno == EPERM ? "it takes CAP_SYS_ADMIN, which "
					     "the caller lacks"
					   : strerror(errno);
	close(fd);
	return trouble;
}

bool pin_release(const char *path, struct diag_sink *diags)
{
	const char *slash = strrchr(path, '/'), *trouble;
	struct arena *arena = arena_new();
	struct host_file dir = { 0 };

	if (*path != '/' || !slash[1])
		trouble = "the path must be absolute and name a file";
	else {
		lookup_trusted(slash == path
				       ? "/"
				       : arena_strndup(arena, path,
						       (size_t)(slash - path)),
			       arena, &dir);
		trouble = dir.err ? strerror(dir.err)
				  : release_in(dir.path, slash + 1);
	}
	if (trouble)
		diag_add(diags, E0873, span_none, "cannot release '%s': %s",
			 path, trouble);
	arena_free(arena);
	return !trouble;
}
