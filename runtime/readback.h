/* SPDX-License-Identifier: Apache-2.0 */
/*
 * readback.h - `--report`: what was asked for against what the kernel says
 *
 * The command waits between its filter and exec, in a loop without a call,
 * which the filter could refuse.  Where the runner may trace it, it is let
 * go to the stop right after exec and read there; where not, it is read
 * while it waits: no_new_privs keeps exec from adding anything to that.
 */
#ifndef RUNTIME_READBACK_H
#define RUNTIME_READBACK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <time.h>

#include "base/diag.h"
#include "base/str.h"

struct run;

enum { POLL_WHILE_PENDING_MS = 1 };

/* The runner's part of struct run; all zero: no report is wanted. */
struct readback {
	bool wanted, taken, after_exec;
	int socket[2]; /* the command to the runner: who it is */
	pid_t pid;     /* of the command, 0 before it is known */
	bool has_status;
	int status; /* the command's wait status */
	struct timespec started;
	struct rusage before;
	struct str applied; /* JSON of the state as read back */
	struct str checks;  /* JSON rows: asked, applied, same */
	char lost[64]; /* what could not be read; empty: nothing */
	int lost_err;
};

/* Before clone: false with errno. */
bool readback_prepare(struct run *run);
/* For poll(): nothing tells when the command waits, so it is looked for. */
int readback_patience(const struct run *run);
/* The command's wait status, once it is known. */
void readback_status(struct run *run, int status);
/* Takes the state once the command waits; cheap while it doesn't. */
void readback_poll(struct run *run);
/* errno as the reason why the report would be incomplete; the first counts. */
void readback_lost(struct readback *rb, const char *what);
/* Where something was lost: the diagnostic, and the exit status. */
int readback_refused(const struct run *run, struct diag_sink *diags);
/* The whole report into the request's string. */
void readback_finish(struct run *run, int exit_code);

/* readback_proc.c: the state of run->readback.pid from /proc. */
void readback_read(struct run *run);
/* A row: what was asked for and what the kernel says, as text. */
void readback_check(struct readback *rb, const char *what, const char *asked,
		    const char *applied);
/* readback_ids.c: its id maps, and whether setgroups is denied. */
void readback_ids(struct run *run);

#endif
