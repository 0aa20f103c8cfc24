/* SPDX-License-Identifier: Apache-2.0 */
/*
 * idmap.h - a user namespace that only carries an id map
 */
#ifndef RUNTIME_IDMAP_H
#define RUNTIME_IDMAP_H

#include <sys/types.h>

struct idmap {
	uid_t uid;  /* on the file system */
	gid_t gid;
	uid_t as_uid; /* what a process must be to own it */
	gid_t as_gid;
};

/* Its descriptor, or -1 with errno.  Leaves no process behind. */
int idmap_open(const struct idmap *map);

#endif
