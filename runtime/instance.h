/* SPDX-License-Identifier: Apache-2.0 */
/*
 * instance.h - named sandboxes: the keeper, its socket, and who asks it
 *
 * The runner of a named sandbox is its keeper: it listens on one socket in
 * a folder that only its user can enter, answers that user alone, and
 * holds what a later command needs: the master of the terminal, the
 * namespaces, the filter.  It ends with the sandbox.
 */
#ifndef RUNTIME_INSTANCE_H
#define RUNTIME_INSTANCE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/diag.h"

enum { INSTANCE_NAME_MAX = 64, INSTANCE_BYTES = 4096 };

struct keeper;

/* --- in the runner ---------------------------------------------------------- */

/*
 * Takes the name, or the lowest free number for NULL; NULL with a
 * diagnostic when it is taken or the folder is not ours alone.
 */
struct keeper *keeper_new(const char *name, bool detached, char *const *argv,
			  struct diag_sink *diags);
void keeper_free(struct keeper *k); /* lets go of the name */
const char *keeper_name(const struct keeper *k);
bool keeper_detached(const struct keeper *k);

/*
 * -1 in the new process, which goes on; in the caller, when the command
 * runs or could not be started, the exit status.
 */
int keeper_fork(struct keeper *k);

enum { KEEPER_CLIENTS = 16, KEEPER_FDS = KEEPER_CLIENTS + 2 };

/* The command runs: the caller may go, the terminal is ours. */
void keeper_started(struct keeper *k, int master);
/* The mount namespace that was made last; -1: errno says why it is not here. */
void keeper_mounts(struct keeper *k, int fd);
size_t keeper_poll(const struct keeper *k, struct pollfd *fds);
void keeper_handle(struct keeper *k, const struct pollfd *fds, size_t n);
void keeper_reap(struct keeper *k);
void keeper_ended(struct keeper *k, int exit_code);
/* Whether it is a process of the keeper's own, which ends by itself. */
bool keeper_is_helper(const struct keeper *k, pid_t pid);

/* --- in later commands ------------------------------------------------------- */

int instance_list(FILE *out, struct diag_sink *diags);
int instance_attach(const char *name, struct diag_sink *diags);
int instance_exec(const char *name, char *const *argv,
		  struct diag_sink *diags);
int instance_freeze(const char *name, bool freeze, struct diag_sink *diags);
/*
 * The command of a named sandbox (or its init where that has no child), as
 * a process of this pid namespace; 0 with a diagnostic.
 */
pid_t instance_command(const char *name, struct diag_sink *diags);
int instance_stop(const char *name, unsigned seconds, struct diag_sink *diags);

#endif
