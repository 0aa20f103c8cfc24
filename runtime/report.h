/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.h - what went wrong in a child, and how the runner says it
 *
 * A child records its failure in a page that it shares with the runner,
 * then exits; the end of file on the `alive` pipe tells the runner to
 * look.  A pipe alone would not do: once the filter is loaded, write()
 * may be forbidden.  After exec the page is gone from the command.
 */
#ifndef RUNTIME_REPORT_H
#define RUNTIME_REPORT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/diag.h"

enum { FAIL_OBJECT_MAX = 200 };

struct fail {
	int err; /* 0: no failure */
	int step; /* the last that was begun */
	char object[FAIL_OBJECT_MAX];
};

struct shared {
	struct fail init, command;
	/* What a helper of lock.c opened for init, or why not. */
	int lock_fd, lock_err;
	/* Without it the pipe's end means that nothing was started. */
	_Atomic int at_exec;
	/* Who entered namespaces for the runner cloned this. */
	pid_t child;
	bool born, own_cgroup_ns;
	/* The command waits for the runner; the runner lets it go on. */
	_Atomic int waits, released;
	int listener; /* of the filter, in the command; set before `waits` */
};

struct run;

/* Fills the record; the object is cut to its size. */
void fail_record(struct fail *fail, int step, int err, const char *object);

/* The diagnostic for a failed step, and the exit status that it means. */
int report_failure(const struct run *run, const struct fail *fail,
		   struct diag_sink *diags);
/* The command's wait status as exit status; a death by filter is named. */
int report_status(struct run *run, int status, struct diag_sink *diags);

#endif
