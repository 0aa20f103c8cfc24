/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pty_relay.c - between the caller's terminal and the sandbox's
 *
 * The caller's descriptors stay blocking: others share them.  Its terminal
 * is touched only while the runner is in the foreground; what a shell does
 * to it in between is the shell's.
 */
#include "runtime/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

bool write_fully(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = { .fd = fd, .events = POLLOUT };

			poll(&p, 1, -1);
			continue;
		}
		if (n < 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

static bool in_foreground(int tty)
{
	return tcgetpgrp(tty) == getpgrp();
}

static void set_raw(struct relay *r)
{
	struct termios mode;

	if (!r->in_is_tty || !in_foreground(r->in))
		return;
	if (!r->raw && tcgetattr(r->in, &r->saved) < 0)
		return;
	mode = r->saved;
	cfmakeraw(&mode);
	if (r->keep_output)
		mode.c_oflag = r->saved.c_oflag;
	r->raw = tcsetattr(r->in, TCSADRAIN, &mode) == 0;
}

void relay_restore(struct relay *r)
{
	if (r->raw && in_foreground(r->in))
		tcsetattr(r->in, TCSADRAIN, &r->saved);
	r->raw = false;
}

void relay_resize(const struct relay *r)
{
	struct winsize size;

	if (r->master >= 0 && (ioctl(r->in, TIOCGWINSZ, &size) == 0 ||
			       ioctl(r->out, TIOCGWINSZ, &size) == 0))
		ioctl(r->master, TIOCSWINSZ, &size);
}

void relay_resume(struct relay *r)
{
	if (r->master < 0)
		return;
	set_raw(r);
	relay_resize(r);
}

void relay_begin(struct relay *r, int master, int in, int out)
{
	*r = (struct relay){
		.master = master,
		.in = in,
		.out = out,
		.in_is_tty = isatty(in) == 1,
		.keep_output = isatty(out) != 1,
		.last = '\n',
	};
	fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
	relay_resume(r);
}

/* Typing goes on only from a terminal that is ours to read. */
static bool takes_input(const struct relay *r)
{
	return !r->in_ended && !r->npending && (!r->in_is_tty || r->raw);
}

size_t relay_poll(const struct relay *r, struct pollfd *fds)
{
	size_t n = 0;

	if (r->master < 0)
		return 0;
	fds[n++] = (struct pollfd){
		.fd = r->master,
		.events = POLLIN | (r->npending ? POLLOUT : 0),
	};
	if (takes_input(r))
		fds[n++] = (struct pollfd){ .fd = r->in, .events = POLLIN };
	return n;
}

static void let_go(struct relay *r)
{
	close(r->master);
	r->master = -1;
}

/* False when there is nothing more to come now, or ever. */
static bool copy_output(struct relay *r)
{
	char bytes[RELAY_BYTES];
	ssize_t n = read(r->master, bytes, sizeof(bytes));

	if (n <= 0) {
		/* EIO: nobody has the other end open. */
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			let_go(r);
		return false;
	}
	/* Where the caller no longer reads, the command may go on. */
	if (!r->out_ended)
		r->out_ended = !write_fully(r->out, bytes, (size_t)n);
	return true;
}

static void flush_input(struct relay *r)
{
	ssize_t n = write(r->master, r->pending, r->npending);

	if (n <= 0)
		return;
	r->npending -= (size_t)n;
	memmove(r->pending, r->pending + n, r->npending);
}

/* The end of a file is typed; in an open line the first one ends that. */
static void type_end(struct relay *r)
{
	struct termios mode;

	r->in_ended = true;
	if (tcgetattr(r->master, &mode) < 0 || !(mode.c_lflag & ICANON))
		return;
	if (r->last != '\n')
		r->pending[r->npending++] = (char)mode.c_cc[VEOF];
	r->pending[r->npending++] = (char)mode.c_cc[VEOF];
	flush_input(r);
}

enum { PREFIX = 0x1d, DETACH = 'd' };

/* Ctrl-] d leaves, Ctrl-] twice types one, Ctrl-] and others are both. */
static size_t take_keys(struct relay *r, const char *bytes, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len && !r->detached; i++) {
		bool second = r->prefixed;

		r->prefixed = !second && bytes[i] == PREFIX;
		if (second && bytes[i] == DETACH) {
			r->detached = true;
			continue;
		}
		if (second && bytes[i] != PREFIX)
			r->pending[n++] = PREFIX;
		if (!r->prefixed)
			r->pending[n++] = bytes[i];
	}
	return n;
}

static void copy_input(struct relay *r)
{
	char bytes[RELAY_BYTES / 2];
	ssize_t n = read(r->in, bytes, sizeof(bytes));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		type_end(r);
		return;
	}
	r->last = bytes[n - 1];
	if (r->detachable) {
		r->npending = take_keys(r, bytes, (size_t)n);
	} else {
		memcpy(r->pending, bytes, (size_t)n);
		r->npending = (size_t)n;
	}
	if (r->npending)
		flush_input(r);
}

void relay_handle(struct relay *r, const struct pollfd *fds, size_t n)
{
	for (size_t i = 0; i < n && r->master >= 0; i++) {
		if (!fds[i].revents)
			continue;
		if (fds[i].fd != r->master) {
			copy_input(r);
			continue;
		}
		if (fds[i].revents & POLLOUT)
			flush_input(r);
		if (fds[i].revents & ~POLLOUT)
			copy_output(r);
	}
}

void relay_end(struct relay *r)
{
	while (r->master >= 0 && !r->detached && copy_output(r))
		;
	if (r->master >= 0)
		let_go(r);
	relay_restore(r);
}
