/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pty.h - the sandbox's own terminal, and the relay to the caller's
 *
 * The pair lives in the sandbox's devpts.  Its master travels to the
 * runner; the command gets the other end as its controlling terminal and
 * holds no descriptor of the caller's.  The relay owns the caller's modes:
 * whatever set them raw puts them back.
 */
#ifndef RUNTIME_PTY_H
#define RUNTIME_PTY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <termios.h>

/* In struct run: what the children need, filled before clone. */
struct pty {
	int pair[2]; /* socket: [1] init sends the master, [0] runner takes */
	int slave;   /* of init and the command */
	bool has_mode, has_size;
	bool of_host; /* the sandbox has no devpts of its own */
	struct termios mode; /* the caller's terminal, to begin with */
	struct winsize size;
};

/* Opens a pair in its devpts; 0 or an errno.  Allocates nothing. */
int pty_pair(const struct pty *pty, int *master, int *slave);

/* One descriptor and one byte over a socket; false and errno. */
bool pty_send(int sock, int fd);
int pty_receive(int sock); /* -1 and errno */

enum { RELAY_BYTES = 4096, RELAY_FDS = 3 };

struct relay {
	int master; /* -1: nothing to relay */
	int in, out; /* the caller's */
	bool in_ended, out_ended, in_is_tty, raw;
	bool detachable, prefixed, detached; /* Ctrl-] d */
	bool keep_output; /* others write to the terminal too */
	struct termios saved;
	char pending[RELAY_BYTES]; /* on its way to the master */
	size_t npending;
	char last; /* of what was typed: is a line open? */
};

/* Takes the master; sizes and modes are the caller's from here on. */
void relay_begin(struct relay *r, int master, int in, int out);

/* Up to RELAY_FDS entries; relay_handle() gets the same ones back. */
size_t relay_poll(const struct relay *r, struct pollfd *fds);
void relay_handle(struct relay *r, const struct pollfd *fds, size_t n);

/* SIGWINCH; SIGCONT, when the shell gave the terminal back or took it. */
void relay_resize(const struct relay *r);
void relay_resume(struct relay *r);
/* Before a stop, and for good: the caller's modes are put back. */
void relay_restore(struct relay *r);
/* What is left to read, then the modes; closes the master. */
void relay_end(struct relay *r);

/* All bytes, although the other side is slow; false when it is gone. */
bool write_fully(int fd, const char *bytes, size_t len);

#endif
