/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - what the kernel itself recorded about a death by filter
 *
 * Two sources, both opened before the run: the audit subsystem's multicast
 * group (CAP_AUDIT_READ), which loses nothing to rate limits, and the kernel
 * log.  A record belongs to a process by its id in the first pid namespace
 * and by time, never by its name, which the workload chooses.
 */
#ifndef RUNTIME_RECORD_H
#define RUNTIME_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { RECORDS_KEPT = 64, RECORD_LINE_MAX = 2048 };

/* One type=1326 record; it has no arguments. */
struct seccomp_record {
	pid_t pid;
	uint32_t arch, nr, code;
	uint64_t ip;
};

struct record {
	bool audit, kmsg; /* which could be opened */
	int audit_fd, kmsg_fd; /* -1: not open */
	bool lost;	  /* more came than was read in time */
	bool foreign_pids; /* ours are not those that the kernel writes */
	/* A ring of the latest deaths, of any process. */
	struct seccomp_record *kept;
	uint64_t nkept;
};

/*
 * The fields of a record's text, up to len bytes of it.  Hostile input: a
 * name is quoted or in hex, so a word with its key is never part of one.
 */
bool record_parse(const char *text, size_t len, struct seccomp_record *out);

void record_init(struct record *r); /* nothing is open */
void record_open(struct record *r);
void record_close(struct record *r);
/* Takes what has come; for poll(), so that a long run loses nothing. */
void record_drain(struct record *r);
/* The latest deadly one of that process; waits a little for the kernel. */
bool record_find(struct record *r, pid_t pid, struct seccomp_record *out);

#endif
