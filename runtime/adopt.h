/* SPDX-License-Identifier: Apache-2.0 */
/*
 * adopt.h - the end of a sandbox without a pid namespace of its own
 *
 * There the kernel ends nothing by itself.  Init adopts whatever loses its
 * parent and goes last; the runner, and a guard when the runner is dead,
 * kills init's children until none is left.
 */
#ifndef RUNTIME_ADOPT_H
#define RUNTIME_ADOPT_H

#include <stdbool.h>
#include <sys/types.h>

struct keeper;
struct run;

enum { ADOPT_KNOWN_MAX = 64, ADOPT_PAUSE_MS = 2 };

/* In struct run. */
struct adopt {
	int children; /* init's list of them; -1: there is none */
	int hold;     /* its end tells the guard */
	pid_t guard;
	bool sweeping, was_subreaper;
	/* Children that the runner had before. */
	pid_t known[ADOPT_KNOWN_MAX];
	size_t nknown;
};

void adopt_init(struct adopt *adopt);

/* /proc/PID/task/PID/children, or -1. */
int adopt_list(pid_t pid);
/* SIGKILL to every process that the list has now. */
void adopt_sweep(int list);

/* Before anything is cloned: the runner takes what init leaves. */
bool adopt_begin(struct run *run);
/* Everything in the sandbox ends, at once or while the runner waits. */
void sandbox_kill(struct run *run);
/* While it waits: milliseconds until the next adopt_turn(), or -1. */
int adopt_patience(const struct run *run);
void adopt_turn(struct run *run);
/* After init's end: what it left, and the guard. */
void adopt_finish(struct run *run);

#endif
