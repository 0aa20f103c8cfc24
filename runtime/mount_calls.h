/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mount_calls.h - trees and file systems by descriptor
 *
 * What the steps of mount.c and mounts.c share.  A tree or file system is
 * a descriptor that nobody sees until it is attached; the functions return
 * -1 with errno, those with a run name their object and return an errno.
 */
#ifndef RUNTIME_MOUNT_CALLS_H
#define RUNTIME_MOUNT_CALLS_H

#include <linux/mount.h>
#include <stdint.h>
#include <sys/mount.h>

#include "runtime/steps.h"

enum {
	ATTR_TREE = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
	ATTR_EMPTY = ATTR_TREE | MOUNT_ATTR_NOEXEC,
	ATTR_SCRATCH = ATTR_EMPTY & ~MOUNT_ATTR_RDONLY,
	/* Read-only does not keep anyone from writing to a device. */
	ATTR_DEVICE = ATTR_EMPTY & ~MOUNT_ATTR_NODEV,
};

/* How a path of the host is taken over. */
struct tree_how {
	uint64_t attrs;	      /* set on every mount in it */
	uint64_t propagation; /* MS_PRIVATE or MS_SLAVE; 0: as it is */
	int userns;	      /* ids mapped by this namespace; -1: as they are */
};

/* A copy of the mounts at path, links in it followed. */
int tree_clone(int dir, const char *path, unsigned flags,
	       const struct tree_how *how);

/* A link in a path that had none when planning was put there since. */
int tree_clone_unlinked(const char *path, const struct tree_how *how);

/* A new file system; the option may be NULL. */
int fs_new(const char *type, const char *key, const char *value,
	   uint64_t attrs);

/* A new devpts; `has_tty`: the sandbox knows the group tty (5). */
int fs_devpts(bool has_tty, uint64_t attrs);

/* O_PATH below the new root, whose "/" it is; a link anywhere is an error. */
int target_open(const struct run *run, const char *path);

int mount_attach(struct run *run, int mount, const char *path);

/* A part of the scratch file system. */
int mount_attach_slot(struct run *run, const char *slot, uint64_t attrs,
		      const char *path);

/* An empty file, where its directory is. */
int file_make(int fs, const char *place);
/* Directories and the file or directory itself, in a file system of ours. */
int place_make(int fs, const char *place, bool is_file);

#endif
