/* SPDX-License-Identifier: Apache-2.0 */
/*
 * denials.h - `--explain=denials`: calls that were refused with an errno
 *
 * The loaded program asks the runner where the policy says deny; the runner
 * notes the call and answers with the policy's errno.  It never lets one
 * continue, so nothing here can allow what the filter would not.
 */
#ifndef RUNTIME_DENIALS_H
#define RUNTIME_DENIALS_H

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/refusal.h"

struct run;

struct denials {
	int listener; /* -1: none */
	struct refusals seen;
};

/* The kernel has user notification and pidfd_getfd (Linux 5.6). */
bool denials_are_possible(void);
void denials_init(struct denials *d); /* no listener, an empty list */
void denials_fini(struct denials *d);
/* Takes the listener out of the waiting command; false and an errno. */
bool denials_take(struct denials *d, pid_t pid, int listener);
/* After poll() said that something waits. */
void denials_handle(struct run *run, short revents);

#endif
