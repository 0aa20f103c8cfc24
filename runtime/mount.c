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
#include "runtime/mount_calls.h"
#include "runtime/sys.h"

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

int mount_private(const struct sandbox_plan *plan, struct run *run)
{
	if (mount(NULL, "/", NULL, MS_REC | plan->mounts.propagation, NULL) < 0)
		return step_failed(run, "/");
	return 0;
}

void mount_private_describe(const struct sandbox_plan *plan, FILE *out)
{
	fputs(plan->mounts.propagation == MS_SLAVE
		      ? "slave: mounts of the host arrive, none leaves"
		      : "private: no mount passes between host and sandbox",
	      out);
}

int mount_sources(const struct sandbox_plan *plan, struct run *run)
{
	const struct tree_how device = { .attrs = ATTR_DEVICE, .userns = -1 };
	const struct tree_how back = { .attrs = ATTR_TREE, .userns = -1 };
	int *fd = run->sources;

	for (size_t i = 0; i < ARRAY_LEN(devices); i++) {
		*fd = tree_clone(AT_FDCWD, devices[i].path, 0, &device);
		if (*fd++ < 0)
			return step_failed(run, devices[i].path);
	}
	for (size_t i = 0; i < plan->nbacks; i++) {
		*fd = tree_clone_unlinked(plan->backs[i].path, &back);
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

/* A new file system with the places that are always there. */
static int make_empty_root(const struct sandbox_plan *plan, struct run *run)
{
	run->root_fd = fs_new("tmpfs", "mode", "0755", ATTR_SCRATCH);
	if (run->root_fd < 0 || mkdirat(run->root_fd, "proc", 0755) < 0 ||
	    mkdirat(run->root_fd, "dev", 0755) < 0)
		return step_failed(run, "the empty root");
	for (size_t i = 0; i < plan->ncovers; i++)
		if (place_make(run->root_fd, plan->covers[i].path + 1, false) <
		    0)
			return step_failed(run, plan->covers[i].path);
	return 0;
}

int mount_root(const struct sandbox_plan *plan, struct run *run)
{
	const struct tree_how how = { .attrs = ATTR_TREE, .userns = -1 };
	int err = 0;

	switch (plan->mounts.root) {
	case ROOT_HOST:
		run->root_fd = tree_clone(AT_FDCWD, "/", 0, &how);
		break;
	case ROOT_EMPTY:
		err = make_empty_root(plan, run);
		break;
	case ROOT_PATH: /* taken before, with the caller's rights */
		break;
	}
	if (err)
		return err;
	if (run->root_fd < 0 || move_mount(run->root_fd, "", AT_FDCWD, "/",
					   MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return step_failed(run, "/");
	return 0;
}

void mount_root_describe(const struct sandbox_plan *plan, FILE *out)
{
	switch (plan->mounts.root) {
	case ROOT_HOST:
		fputs("the host's tree, recursively read-only, nosuid, nodev",
		      out);
		return;
	case ROOT_EMPTY:
		fputs("an empty tree, read-only once it is complete", out);
		return;
	case ROOT_PATH:
		fprintf(out, "'%s', recursively read-only, nosuid, nodev",
			plan->mounts.root_path);
		return;
	}
}

static int make_dev(struct run *run)
{
	if (mkdirat(run->scratch_fd, "shm", 01777) < 0 ||
	    mkdirat(run->scratch_fd, "dev", 0755) < 0 ||
	    mkdirat(run->scratch_fd, "dev/shm", 0755) < 0 ||
	    mkdirat(run->scratch_fd, "dev/pts", 0755) < 0)
		return step_failed(run, "/dev");
	for (size_t i = 0; i < ARRAY_LEN(devices); i++)
		if (file_make(run->scratch_fd, devices[i].place) < 0)
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

	run->scratch_fd = fs_new("tmpfs", "mode", "0755", ATTR_SCRATCH);
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
		if (place_make(run->scratch_fd, plan->backs[i].place,
			       plan->backs[i].is_file) < 0)
			return step_failed(run, plan->backs[i].path);
	/*
	 * Before Linux 6.15 nothing is cloned from a mount that is attached
	 * nowhere.  The host's /dev has given all that it had to; it goes,
	 * and this with it, when the old root does.
	 */
	if (move_mount(run->scratch_fd, "", AT_FDCWD, "/dev",
		       MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return step_failed(run, "/dev");
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
		int err = mount_attach_slot(run, c->slot,
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

	if (!plan->mounts.has_dev)
		return 0;
	err = mount_attach_slot(run, "dev", ATTR_EMPTY, "/dev");
	for (size_t i = 0; !err && i < ARRAY_LEN(devices); i++)
		err = mount_attach(run, run->sources[i], devices[i].path);
	if (!err)
		err = mount_attach_slot(run, "shm", ATTR_SCRATCH, "/dev/shm");
	if (err)
		return err;
	pts = fs_devpts(ids_know_group(plan, GROUP_TTY),
			ATTR_DEVICE & ~MOUNT_ATTR_RDONLY);
	if (pts < 0)
		return step_failed(run, "devpts");
	err = mount_attach(run, pts, "/dev/pts");
	close(pts);
	return err;
}

void mount_dev_describe(const struct sandbox_plan *plan, FILE *out)
{
	if (!plan->mounts.has_dev) {
		fputs("none: the chosen root has no directory for it", out);
		return;
	}
	fputs("a new /dev:", out);
	for (size_t i = 0; i < ARRAY_LEN(devices); i++)
		fprintf(out, " %s", devices[i].path + strlen("/dev/"));
	for (size_t i = 0; i < ARRAY_LEN(dev_links); i++)
		fprintf(out, " %s", dev_links[i].place + strlen("dev/"));
	fputs(" pts (a new devpts) shm (writable)", out);
}

/* A new one shows the pid namespace of its maker, who must own that. */
int mount_proc(const struct sandbox_plan *plan, struct run *run)
{
	const struct tree_how how = { .attrs = ATTR_SCRATCH, .userns = -1 };
	int fd, err;

	fd = plan->kind & PLAN_HOST_PROC
		     ? tree_clone(AT_FDCWD, "/proc", 0, &how)
		     : fs_new("proc", NULL, NULL, ATTR_SCRATCH);
	if (fd < 0)
		return step_failed(run, "/proc");
	err = mount_attach(run, fd, "/proc");
	close(fd);
	return err;
}

void mount_proc_describe(const struct sandbox_plan *plan, FILE *out)
{
	fputs(plan->kind & PLAN_HOST_PROC
		      ? "the host's /proc: without a pid namespace of its "
			"own there is no other"
		      : "a new /proc of the new pid namespace",
	      out);
}

int mount_seal_proc(const struct sandbox_plan *plan, struct run *run)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	(void)plan;
	if (mount_setattr(AT_FDCWD, "/proc", AT_RECURSIVE, &attr,
			  sizeof(attr)) < 0)
		return step_failed(run, "/proc");
	return 0;
}

void mount_seal_proc_describe(const struct sandbox_plan *plan, FILE *out)
{
	(void)plan;
	fputs("the host's /proc becomes read-only", out);
}

int mount_backs(const struct sandbox_plan *plan, struct run *run)
{
	for (size_t i = 0; i < plan->nbacks; i++) {
		int err = mount_attach(run, run->sources[ARRAY_LEN(devices) + i],
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
