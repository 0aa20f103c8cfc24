/* SPDX-License-Identifier: Apache-2.0 */
/*
 * readback.h - `--report`: what was asked for against what the kernel says
 *
 * Where the runner may trace the command that waits for it (meet.h), it is
 * let go to the stop right after exec and read there; where not, it is read
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

/* The runner's part of struct run; all zero: no report is wanted. */
struct readback {
	bool wanted, after_exec;
	bool has_status;
	int status; /* the command's wait status */
	struct timespec started;
	struct rusage before;
	struct str applied; /* JSON of the state as read back */
	struct str checks;  /* JSON rows: asked, applied, same */
	char lost[64]; /* what could not be read; empty: nothing */
	int lost_err;
};

/* Before clone. */
void readback_prepare(struct run *run);
/* The command's wait status, once it is known. */
void readback_status(struct run *run, int status);
/* errno as the reason why the report would be incomplete; the first counts. */
void readback_lost(struct readback *rb, const char *what);
/* Where something was lost: the diagnostic, and the exit status. */
int readback_refused(const struct run *run, struct diag_sink *diags);
/* The whole report into the request's string. */
void readback_finish(struct run *run, int exit_code);

/* readback_proc.c: the state of run->meet.pid from /proc. */
void readback_read(struct run *run);
/* A row: what was asked for and what the kernel says, as text. */
void readback_check(struct readback *rb, const char *what, const char *asked,
		    const char *applied);
/* readback_ids.c: its id maps, and whether setgroups is denied. */
void readback_ids(struct run *run);

#endif
