/* SPDX-License-Identifier: Apache-2.0 */
/*
 * meet.h - where the runner comes to its command, between filter and exec
 *
 * The command says who it is with a byte on a socket, loads its filter, and
 * waits in a loop without a call, which the filter could refuse.  What the
 * runner does there is the business of readback, trace and denials.
 */
#ifndef RUNTIME_MEET_H
#define RUNTIME_MEET_H

#include <stdbool.h>
#include <sys/types.h>

struct run;

enum { POLL_WHILE_PENDING_MS = 1 };

/* The runner's part of struct run. */
struct meet {
	int socket[2]; /* [1] the command's, [0] the runner's; -1: unused */
	pid_t pid;     /* of the command, 0 before it is known */
	bool done;     /* the runner has been there */
	int err;       /* what it had to do there failed: an errno */
	const char *object;
};

/* Before clone: false with errno. */
bool meet_prepare(struct run *run);
void meet_release(struct run *run);
/* For poll(): nothing tells when the command waits, so it is looked for. */
int meet_patience(const struct run *run);
/* Goes there once the command waits; cheap while it doesn't. */
void meet_poll(struct run *run);
/* The command's pid as the runner sees it; 0 when it never said. */
pid_t meet_pid(struct run *run);

#endif
