/* SPDX-License-Identifier: Apache-2.0 */
/*
 * instance_wire.h - the folder of named sandboxes and what passes its sockets
 *
 * One message is one packet.  Both sides are the same program of the same
 * user; lengths are checked all the same.
 */
#ifndef RUNTIME_INSTANCE_WIRE_H
#define RUNTIME_INSTANCE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/instance.h"

enum wire_kind {
	ASK_INFO,
	ASK_ATTACH,
	ASK_EXEC,   /* a: descriptors that become a terminal; data: argv */
	ASK_FREEZE, /* a: 1 freeze, 0 thaw */
	ASK_STOP,   /* a: the signal for the command, or SIGKILL for all */
	SAY_SIGNAL, /* a: for the process that exec started */
	SAY_DATA,   /* of the terminal */
	SAY_MASTER, /* with a descriptor: the terminal itself */
	SAY_DONE,
	SAY_INFO,   /* a: pid of init, b: set of wire_state; data: command */
	SAY_EXIT,   /* a: exit status */
	SAY_FAILED, /* a: errno, b: diagnostic code; data: object */
};

enum wire_state { STATE_FROZEN = 1, STATE_ATTACHED = 2, STATE_FOREGROUND = 4 };

struct wire {
	uint32_t kind;
	int32_t a, b;
	uint32_t len;
	char data[INSTANCE_BYTES];
};

enum { WIRE_DESCRIPTORS = 3 };

/* With nfds descriptors; false when the other side is gone or full. */
bool wire_send(int sock, struct wire *w, const int *fds, size_t nfds);
/* False at the end or for nonsense; *nfds descriptors came along. */
bool wire_receive(int sock, struct wire *w, int fds[WIRE_DESCRIPTORS],
		  size_t *nfds);

/* The folder, checked to be this user's alone; -1 with a diagnostic. */
int instance_folder(struct diag_sink *diags);
bool instance_name_ok(const char *name);
/* Removes the cgroup that a file of the folder notes, if nobody has the name. */
void instance_tidy(int dir, const char *file);
/* A connection, -1 and errno; a name without a keeper is removed. */
int instance_connect(int dir, const char *name);
/* A listening socket under that name; -1 and errno (EEXIST: taken). */
int instance_listen(int dir, const char *name);
bool instance_peer_ok(int sock);

#endif
