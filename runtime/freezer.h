/* SPDX-License-Identifier: Apache-2.0 */
/*
 * freezer.h - a cgroup of its own for each named sandbox, to freeze it
 *
 * Stop signals would not do: a workload can send SIGCONT to itself.
 */
#ifndef RUNTIME_FREEZER_H
#define RUNTIME_FREEZER_H

#include <stdbool.h>
#include <limits.h>
#include <sys/types.h>

struct freezer {
	int dir; /* -1: none; then err says why */
	int err;
	bool v2, borrowed; /* borrowed: the group of the sandbox's limits */
	char path[PATH_MAX];
};

/* Makes one, v2 before v1, and notes its path beside the socket. */
void freezer_open(struct freezer *f, int state_dir, const char *name);
/* Takes the group in which the sandbox is already, because of its limits. */
void freezer_borrow(struct freezer *f, int dir, const char *file);
int freezer_join(const struct freezer *f, pid_t pid); /* 0 or an errno */
/* Until all have stopped, or gone on; 0 or an errno (ETIMEDOUT). */
int freezer_set(const struct freezer *f, bool frozen);
void freezer_close(struct freezer *f, int state_dir, const char *name);
/* What a keeper left that was killed. */
void freezer_remove_stale(int state_dir, const char *name);
/* Whether a file beside the sockets is such a note, and for which name. */
bool freezer_is_note(const char *file, char *name, size_t size);

#endif
