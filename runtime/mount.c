/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mount.c - the file tree of a sandbox, built by descriptor
 *
 * The host's tree is cloned, made read-only and mounted over "/", where it
 * is in the way of nobody; everything else is attached inside it by paths
 * resolved against its descriptor; then it becomes the root.  One scratch
 * tmpfs holds whatever is new, each part of it bound on its own.
 */
#include "runtime/apply.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "runtime/sys.h"

enum {
	ATTR_TREE = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
	ATTR_EMPTY = ATTR_TREE | MOUNT_ATTR_NOEXEC,
	ATTR_SCRATCH = ATTR_EMPTY & ~MOUNT_ATTR_RDONLY,
	/* Read-only does not keep anyone from writing to a device. */
	ATTR_DEVICE = ATTR_EMPTY & ~MOUNT_ATTR_NODEV,
};

/* Bound from the host: nobody may make device nodes in a user namespace. */
static const struct {
	const char *path, *place; /* on both sides; in the scratch */
} devices[] = {
	{"/dev/null",     "dev/null"	  },
	   { "/dev/zero",	  "dev/zero"   },
	{ "/dev/full",    "dev/full"	  },
	   { "/dev/random",  "dev/random" },
	{ "/dev/urandom", "dev/urandom"},
	   { "/dev/tty",	 "dev/tty"	   },
};

static const struct {
	const char *to, *place;
} dev_links[] = {
	{"/proc/self/fd",	   "dev/fd"    },
	{ "/proc/self/fd/0", "dev/stdin" },
	{ "/proc/self/fd/1", "dev/stdout"},
	{ "/proc/self/fd/2", "dev/stderr"},
	{ "pts/ptmx",	      "dev/ptmx"	 },
};

_Static_assert(ARRAY_LEN(devices) + BACKS_MAX <= SOURCES_MAX, "room for all");

static int set_attrs(int fd, unsigned flags, uint64_t attrs)
{
	struct mount_attr attr = { .attr_set = attrs };

	return mount_setattr(fd, "", AT_EMPTY_PATH | flags, &attr,
			     sizeof(attr));
}

/* A copy of the mounts at path, not attached anywhere; -1 and errno. */
static int clone_tree(int dir, const char *path, unsigned flags, uint64_t attrs)
{
	int fd = open_tree(dir, path,
			   OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE |
				   flags);

	if (fd >= 0 && set_attrs(fd, AT_RECURSIVE, attrs) < 0) {
		int err = errno;

		close(fd);
		errno = err;
		return -1;
	}
	return fd;
}

/* A link in a path that had none when planning was put there since. */
static int clone_unlinked(const char *path, uint64_t attrs)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int at = sys_openat2(AT_FDCWD, path, &how), fd, err;

	if (at < 0)
		return -1;
	fd = clone_tree(at, "", AT_EMPTY_PATH, attrs);
	err = errno;
	close(at);
	errno = err;
	return fd;
}

/* Its "/" is the new root; links in path were resolved when planning. */
static int attach(struct run *run, int mount, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS,
	};
	int target = sys_openat2(run->root_fd, path, &how), err = 0;

	if (target < 0)
		return step_failed(run, path);
	if (move_mount(mount, "", target, "",
		       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		err = step_failed(run, path);
	close(target);
	return err;
}

static int attach_slot(struct run *run, const char *slot, uint64_t attrs,
		       const char *path)
{
	int fd = clone_tree(run->scratch_fd, slot, 0, attrs), err;

	if (fd < 0)
		return step_failed(run, path);
	err = attach(run, fd, path);
	close(fd);
	return err;
}

/* A new file system, not attached; the option may be NULL. */
static int new_fs(const char *type, const char *key, const char *value,
		  uint64_t attrs)
{
	int fd = fsopen(type, FSOPEN_CLOEXEC), mount = -1, err;

	if (fd < 0)
		return -1;
	if ((!key || fsconfig(fd, FSCONFIG_SET_STRING, key, value, 0) == 0) &&
	    fsconfig(fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		mount = fsmount(fd, FSMOUNT_CLOEXEC, (unsigned)attrs);
	err = errno;
	close(fd);
	errno = err;
	return mount;
}

int mount_private(const struct sandbox_plan *plan, struct run *run)
{
	(void)plan;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return step_failed(run, "/");
	return 0;
}

void mount_private_describe(const struct sandbox_plan *plan, FILE *out)
{
	(void)plan;
	fputs("private: no mount passes between host and sandbox", out);
}

int mount_sources(const struct sandbox_plan *plan, struct run *run)
{
	int *fd = run->sources;

	for (size_t i = 0; i < ARRAY_LEN(devices); i++) {
		*fd = clone_tree(AT_FDCWD, devices[i].path, 0, ATTR_DEVICE);
		if (*fd++ < 0)
			return step_failed(run, devices[i].path);
	}
	for (size_t i = 0; i < plan->nbacks; i++) {
		*fd = clone_unlinked(plan->backs[i].path, ATTR_TREE);
		if (*fd++ < 0)
			return step_failed(run, plan->backs[i].path);
	}
	return 0;
}

void mount_sources_describe(const struct sandbox_plan *plan, FILE *out)
{
	fputs("hold", out);
	for (size_t i = 0; i < ARRAY_LEN(devices); i++)
		fprintf(out, " %s", devices[i].path);
	for (size_t i = 0; i < plan->nbacks; i++)
		fprintf(out, " '%s'", plan->backs[i].path);
}

int mount_root(const struct sandbox_plan *plan, struct run *run)
{
	(void)plan;
	run->root_fd = clone_tree(AT_FDCWD, "/", 0, ATTR_TREE);
	if (run->root_fd < 0 || move_mount(run->root_fd, "", AT_FDCWD, "/",
					   MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return step_failed(run, "/");
	return 0;
}

void mount_root_describe(const struct sandbox_plan *plan, FILE *out)
{
	(void)plan;
	fputs("the host's tree, recursively read-only, nosuid, nodev", out);
}

/* Every directory above place, which begins with a slot's name. */
static int make_parents(struct run *run, const char *place)
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
		if (mkdirat(run->scratch_fd, path, 0755) < 0 && errno != EEXIST)
			return -1;
		*p = '/';
	}
	return 0;
}

static int make_file(struct run *run, const char *place)
{
	int fd = openat(run->scratch_fd, place,
			O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0)
		return -1;
	return close(fd);
}

static int make_back(struct run *run, const struct back *back)
{
	if (make_parents(run, back->place) < 0)
		return -1;
	if (back->is_file)
		return make_file(run, back->place);
	if (mkdirat(run->scratch_fd, back->place, 0755) < 0 && errno != EEXIST)
		return -1;
	return 0;
}

static int make_dev(struct run *run)
{
	if (mkdirat(run->scratch_fd, "shm", 01777) < 0 ||
	    mkdirat(run->scratch_fd, "dev", 0755) < 0 ||
	    mkdirat(run->scratch_fd, "dev/shm", 0755) < 0 ||
	    mkdirat(run->scratch_fd, "dev/pts", 0755) < 0)
		return step_failed(run, "/dev");
	for (size_t i = 0; i < ARRAY_LEN(devices); i++)
		if (make_file(run, devices[i].place) < 0)
			return step_failed(run, devices[i].path);
	for (size_t i = 0; i < ARRAY_LEN(dev_links); i++)
		if (symlinkat(dev_links[i].to, run->scratch_fd,
			      dev_links[i].place) < 0)
			return step_failed(run, dev_links[i].place);
	return 0;
}

int mount_scratch(const struct sandbox_plan *plan, struct run *run)
{
	int err;

	run->scratch_fd = new_fs("tmpfs", "mode", "0755", ATTR_SCRATCH);
	if (run->scratch_fd < 0)
		return step_failed(run, "tmpfs");
	for (size_t i = 0; i < plan->ncovers; i++) {
		const struct cover *c = &plan->covers[i];

		if (mkdirat(run->scratch_fd, c->slot,
			    c->writable ? 01777 : 0755) < 0)
			return step_failed(run, c->path);
	}
	err = make_dev(run);
	if (err)
		return err;
	for (size_t i = 0; i < plan->nbacks; i++)
		if (make_back(run, &plan->backs[i]) < 0)
			return step_failed(run, plan->backs[i].path);
	return 0;
}

void mount_scratch_describe(const struct sandbox_plan *plan, FILE *out)
{
	(void)plan;
	fputs("one new tmpfs, nosuid, nodev, noexec, for all that follows",
	      out);
}

int mount_covers(const struct sandbox_plan *plan, struct run *run)
{
	for (size_t i = 0; i < plan->ncovers; i++) {
		const struct cover *c = &plan->covers[i];
		int err = attach_slot(run, c->slot,
				      c->writable ? ATTR_SCRATCH : ATTR_EMPTY,
				      c->path);

		if (err)
			return err;
	}
	return 0;
}

void mount_covers_describe(const struct sandbox_plan *plan, FILE *out)
{
	fputs("empty over", out);
	for (size_t i = 0; i < plan->ncovers; i++)
		fprintf(out, " %s (%s)", plan->covers[i].path,
			plan->covers[i].writable ? "writable" : "read-only");
}

int mount_dev(const struct sandbox_plan *plan, struct run *run)
{
	int pts, err;

	(void)plan;
	err = attach_slot(run, "dev", ATTR_EMPTY, "/dev");
	for (size_t i = 0; !err && i < ARRAY_LEN(devices); i++)
		err = attach(run, run->sources[i], devices[i].path);
	if (!err)
		err = attach_slot(run, "shm", ATTR_SCRATCH, "/dev/shm");
	if (err)
		return err;
	pts = new_fs("devpts", "ptmxmode", "0666",
		     ATTR_DEVICE & ~MOUNT_ATTR_RDONLY);
	if (pts < 0)
		return step_failed(run, "devpts");
	err = attach(run, pts, "/dev/pts");
	close(pts);
	return err;
}

void mount_dev_describe(const struct sandbox_plan *plan, FILE *out)
{
	(void)plan;
	fputs("a new /dev:", out);
	for (size_t i = 0; i < ARRAY_LEN(devices); i++)
		fprintf(out, " %s", devices[i].path + strlen("/dev/"));
	for (size_t i = 0; i < ARRAY_LEN(dev_links); i++)
		fprintf(out, " %s", dev_links[i].place + strlen("dev/"));
	fputs(" pts (a new devpts) shm (writable)", out);
}

int mount_proc(const struct sandbox_plan *plan, struct run *run)
{
	int fd = new_fs("proc", NULL, NULL, ATTR_SCRATCH), err;

	(void)plan;
	if (fd < 0)
		return step_failed(run, "/proc");
	err = attach(run, fd, "/proc");
	close(fd);
	return err;
}

void mount_proc_describe(const struct sandbox_plan *plan, FILE *out)
{
	(void)plan;
	fputs("a new /proc of the new pid namespace", out);
}

int mount_backs(const struct sandbox_plan *plan, struct run *run)
{
	for (size_t i = 0; i < plan->nbacks; i++) {
		int err = attach(run, run->sources[ARRAY_LEN(devices) + i],
				 plan->backs[i].path);

		if (err)
			return err;
	}
	return 0;
}

void mount_backs_describe(const struct sandbox_plan *plan, FILE *out)
{
	if (!plan->nbacks) {
		fputs("nothing: working directory and command are visible",
		      out);
		return;
	}
	fputs("read-only:", out);
	for (size_t i = 0; i < plan->nbacks; i++)
		fprintf(out, " '%s'", plan->backs[i].path);
}

int mount_pivot(const struct sandbox_plan *plan, struct run *run)
{
	(void)plan;
	if (fchdir(run->root_fd) < 0 || sys_pivot_root(".", ".") < 0)
		return step_failed(run, "/");
	/* The old root now lies over the new one, at ".". */
	if (umount2(".", MNT_DETACH) < 0)
		return step_failed(run, "the old root");
	if (chdir("/") < 0)
		return step_failed(run, "/");
	return 0;
}

void mount_pivot_describe(const struct sandbox_plan *plan, FILE *out)
{
	(void)plan;
	fputs("enter the new root, detach the old one", out);
}
