/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/mount_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "runtime/apply.h"
#include "runtime/sys.h"

static void close_keeping_errno(int fd)
{
	int err = errno;

	close(fd);
	errno = err;
}

int tree_clone(int dir, const char *path, unsigned flags,
	       const struct tree_how *how)
{
	struct mount_attr attr = {
		.attr_set = how->attrs,
		.propagation = how->propagation,
	};
	int fd = open_tree(dir, path,
			   OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE |
				   flags);

	if (how->userns >= 0) {
		attr.attr_set |= MOUNT_ATTR_IDMAP;
		attr.userns_fd = (uint64_t)how->userns;
	}
	if (fd < 0 || mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr,
				    sizeof(attr)) == 0)
		return fd;
	close_keeping_errno(fd);
	return -1;
}

int tree_clone_unlinked(const char *path, const struct tree_how *how)
{
	struct open_how open = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int at = sys_openat2(AT_FDCWD, path, &open), fd;

	if (at < 0)
		return -1;
	fd = tree_clone(at, "", AT_EMPTY_PATH, how);
	close_keeping_errno(at);
	return fd;
}

int fs_new(const char *type, const char *key, const char *value, uint64_t attrs)
{
	int fd = fsopen(type, FSOPEN_CLOEXEC), mount = -1;

	if (fd < 0)
		return -1;
	if ((!key || fsconfig(fd, FSCONFIG_SET_STRING, key, value, 0) == 0) &&
	    fsconfig(fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		mount = fsmount(fd, FSMOUNT_CLOEXEC, (unsigned)attrs);
	close_keeping_errno(fd);
	return mount;
}

/* Terminals are their user's, and of the group tty where there is one. */
int fs_devpts(bool has_tty, uint64_t attrs)
{
	static const char *const options[][2] = {
		{ "ptmxmode", "0666" },
		{ "gid", "5" },
		{ "mode", "0620" },
	};
	int fd = fsopen("devpts", FSOPEN_CLOEXEC), mount = -1;
	size_t n = has_tty ? ARRAY_LEN(options) : 1, i = 0;

	if (fd < 0)
		return -1;
	while (i < n && fsconfig(fd, FSCONFIG_SET_STRING, options[i][0],
				 options[i][1], 0) == 0)
		i++;
	if (i == n && fsconfig(fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		mount = fsmount(fd, FSMOUNT_CLOEXEC, (unsigned)attrs);
	close_keeping_errno(fd);
	return mount;
}

int target_open(const struct run *run, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS,
	};

	return sys_openat2(run->root_fd, path, &how);
}

int mount_attach(struct run *run, int mount, const char *path)
{
	int target = target_open(run, path), err = 0;

	if (target < 0)
		return step_failed(run, path);
	if (move_mount(mount, "", target, "",
		       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		err = step_failed(run, path);
	close(target);
	return err;
}

int mount_attach_slot(struct run *run, const char *slot, uint64_t attrs,
		      const char *path)
{
	const struct tree_how how = { .attrs = attrs, .userns = -1 };
	int fd, err;

	/* A clone has the attributes of what it is a clone of. */
	if (attrs == ATTR_SCRATCH)
		fd = open_tree(run->scratch_fd, slot,
			       OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	else
		fd = tree_clone(run->scratch_fd, slot, 0, &how);
	if (fd < 0)
		return step_failed(run, path);
	err = mount_attach(run, fd, path);
	close(fd);
	return err;
}

/* Every directory above place. */
static int make_parents(int fs, const char *place)
{
	char path[PATH_MAX];
	size_t len = strlen(place);

	if (len >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(path, place, len + 1);
	for (char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdirat(fs, path, 0755) < 0 && errno != EEXIST)
			return -1;
		*p = '/';
	}
	return 0;
}

int file_make(int fs, const char *place)
{
	int fd = openat(fs, place, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW,
			0644);

	return fd < 0 ? -1 : close(fd);
}

int place_make(int fs, const char *place, bool is_file)
{
	if (make_parents(fs, place) < 0)
		return -1;
	if (is_file)
		return file_make(fs, place);
	return mkdirat(fs, place, 0755) < 0 && errno != EEXIST ? -1 : 0;
}
