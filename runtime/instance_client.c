/* SPDX-License-Identifier: Apache-2.0 */
/*
 * instance_client.c - asking the keeper of a named sandbox
 *
 * With a terminal the client gets its master and relays between it and its
 * own; the keeper only says how it ended.
 */
#include "runtime/instance.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "runtime/instance_wire.h"
#include "runtime/run.h"
#include "runtime/signals.h"
#include "runtime/steps.h"

static int no_such(const char *name, int err, struct diag_sink *diags)
{
	struct diag *d = diag_add(diags, E0865, span_none,
				  "no sandbox '%s' answers: %s", name,
				  err == ENOENT ? "there is none of that name"
						: strerror(err));

	diag_help(d, "'callgate ps' lists those that run");
	return RUN_NOT_BUILT;
}

static int reach(const char *name, struct diag_sink *diags)
{
	int dir, sock = -1;

	if (!instance_name_ok(name)) {
		no_such(name, ENOENT, diags);
		return -1;
	}
	dir = instance_folder(diags);
	if (dir < 0)
		return -1;
	sock = instance_connect(dir, name);
	if (sock < 0)
		no_such(name, errno, diags);
	close(dir);
	return sock;
}

static bool ask(int sock, enum wire_kind kind, int a)
{
	struct wire w = { .kind = kind, .a = a };

	return wire_send(sock, &w, NULL, 0);
}

/* The next message without descriptors; false at the end. */
static bool hear(int sock, struct wire *w)
{
	int fds[WIRE_DESCRIPTORS];
	size_t n;

	if (!wire_receive(sock, w, fds, &n))
		return false;
	while (n)
		close(fds[--n]);
	return true;
}

static int lost(const char *name, struct diag_sink *diags)
{
	diag_add(diags, E0867, span_none,
		 "the keeper of the sandbox '%s' is gone", name);
	return RUN_NOT_BUILT;
}

static int refused(const char *name, const struct wire *w,
		   struct diag_sink *diags)
{
	enum diag_code code = (enum diag_code)w->b;
	struct diag *d;

	switch (w->b) {
	case E0864:
		d = diag_add(diags, E0864, span_none,
			     "cannot attach to the sandbox '%s': %s", name,
			     w->a == EBUSY ? "it is attached elsewhere"
					   : "it has no terminal to attach to");
		return RUN_NOT_BUILT;
	case E0866:
		d = diag_add(diags, E0866, span_none,
			     "cannot freeze the sandbox '%s': %s", name,
			     strerror(w->a));
		diag_note(d, "it needs a cgroup of its own: as root, or in a "
			     "subtree that is delegated to the user");
		return RUN_NOT_BUILT;
	case E0802:
		if (w->a == ENOENT) {
			diag_add(diags, E0801, span_none,
				 "cannot find the command in the sandbox '%s'",
				 name);
			return RUN_NOT_FOUND;
		}
		diag_add(diags, E0802, span_none,
			 "cannot execute the command in the sandbox '%s': %s",
			 name, strerror(w->a));
		return RUN_NOT_EXECUTABLE;
	default:
		diag_add(diags, code == E0860 ? E0860 : E0867, span_none,
			 "cannot enter the sandbox '%s': %.*s: %s", name,
			 (int)w->len, w->data, strerror(w->a));
		return RUN_NOT_BUILT;
	}
}

int instance_freeze(const char *name, bool frozen, struct diag_sink *diags)
{
	struct wire w;
	int sock = reach(name, diags), code = 0;

	if (sock < 0)
		return RUN_NOT_BUILT;
	if (!ask(sock, ASK_FREEZE, frozen) || !hear(sock, &w))
		code = lost(name, diags);
	else if (w.kind == SAY_FAILED)
		code = refused(name, &w, diags);
	close(sock);
	return code;
}

/* Init's first child; it adopts others later. */
static pid_t first_child(pid_t init)
{
	char path[64];
	int child = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)init,
		 (int)init);
	f = fopen(path, "re");
	if (f && fscanf(f, "%d", &child) != 1)
		child = 0;
	if (f)
		fclose(f);
	return child;
}

pid_t instance_command(const char *name, struct diag_sink *diags)
{
	int sock = reach(name, diags);
	struct wire w;
	pid_t pid = 0, child;

	if (sock < 0)
		return 0;
	if (ask(sock, ASK_INFO, 0) && hear(sock, &w) && w.kind == SAY_INFO)
		pid = w.a;
	else
		lost(name, diags);
	close(sock);
	child = pid ? first_child(pid) : 0;
	return child ? child : pid;
}

/* True when the keeper is gone in time, and with it the name. */
static bool ends_within(int sock, int ms)
{
	struct pollfd p = { .fd = sock, .events = POLLIN };
	struct wire w;

	while (poll(&p, 1, ms) > 0)
		if (!hear(sock, &w))
			return true;
	return false;
}

int instance_stop(const char *name, unsigned seconds, struct diag_sink *diags)
{
	int sock = reach(name, diags);
	bool ended;

	if (sock < 0)
		return RUN_NOT_BUILT;
	ended = !ask(sock, ASK_STOP, SIGTERM) ||
		ends_within(sock, (int)seconds * 1000);
	if (!ended)
		ended = !ask(sock, ASK_STOP, SIGKILL) ||
			ends_within(sock, 60 * 1000);
	close(sock);
	return ended ? 0 : lost(name, diags);
}

static void print_one(FILE *out, const char *name, const struct wire *w)
{
	const char *state = w->b & STATE_FROZEN	    ? "frozen"
			    : w->b & STATE_ATTACHED ? "attached"
			    : w->b & STATE_FOREGROUND ? "foreground"
						      : "detached";

	fprintf(out, "%-15s %7d %-10s ", name, w->a, state);
	/* Names of programs may hold anything; a table holds text. */
	for (uint32_t i = 0; i + 1 < w->len; i++) {
		unsigned char c = (unsigned char)w->data[i];

		fputc(!c ? ' ' : c < ' ' || c == 127 ? '?' : c, out);
	}
	fputc('\n', out);
}

int instance_list(FILE *out, struct diag_sink *diags)
{
	int dir = instance_folder(diags), sock;
	struct dirent **list = NULL;
	int n = dir < 0 ? -1 : scandirat(dir, ".", &list, NULL, alphasort);

	if (n < 0)
		return RUN_NOT_BUILT;
	fprintf(out, "%-15s %7s %-10s %s\n", "NAME", "PID", "STATE",
		"COMMAND");
	for (int i = 0; i < n; i++) {
		struct wire w;

		instance_tidy(dir, list[i]->d_name);
		sock = instance_name_ok(list[i]->d_name)
			       ? instance_connect(dir, list[i]->d_name)
			       : -1;
		if (sock >= 0 && ask(sock, ASK_INFO, 0) && hear(sock, &w) &&
		    w.kind == SAY_INFO)
			print_one(out, list[i]->d_name, &w);
		if (sock >= 0)
			close(sock);
		free(list[i]);
	}
	free(list);
	close(dir);
	return 0;
}

/* --- with a terminal --------------------------------------------------------- */

struct session {
	const char *name;
	struct diag_sink *diags;
	struct relay relay;
	int sock, signal_fd;
	bool attaching, over;
	int code;
};

static void take_message(struct session *s)
{
	int fds[WIRE_DESCRIPTORS];
	struct wire w;
	size_t n;

	if (!wire_receive(s->sock, &w, fds, &n)) {
		s->over = true;
		s->code = lost(s->name, s->diags);
		return;
	}
	if (w.kind == SAY_MASTER && n == 1 && s->relay.master < 0) {
		relay_begin(&s->relay, fds[0], 0, 1);
		s->relay.detachable = s->attaching;
		n = 0;
	}
	while (n)
		close(fds[--n]);
	if (w.kind == SAY_DATA)
		write_fully(1, w.data, w.len);
	if (w.kind != SAY_EXIT && w.kind != SAY_FAILED)
		return;
	s->over = true;
	s->code = w.kind == SAY_EXIT ? w.a : refused(s->name, &w, s->diags);
}

static void take_signal(struct session *s)
{
	struct signalfd_siginfo info;

	if (read(s->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGWINCH) {
		relay_resize(&s->relay);
	} else if (info.ssi_signo == SIGCONT) {
		relay_resume(&s->relay);
	} else if (info.ssi_signo == SIGTSTP) {
		relay_restore(&s->relay);
		kill(getpid(), SIGSTOP);
	} else if (s->attaching) {
		s->over = true;
		s->code = RUN_SIGNALLED + (int)info.ssi_signo;
	} else {
		ask(s->sock, SAY_SIGNAL, (int)info.ssi_signo);
	}
}

static int converse(struct session *s)
{
	sigset_t set, old;

	signals_to_forward(&set);
	sigaddset(&set, SIGTSTP);
	sigprocmask(SIG_BLOCK, &set, &old);
	s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	while (!s->over && !s->relay.detached) {
		struct pollfd fds[2 + RELAY_FDS] = {
			{ .fd = s->sock, .events = POLLIN },
			{ .fd = s->signal_fd, .events = POLLIN },
		};
		size_t n = relay_poll(&s->relay, fds + 2);

		if (poll(fds, 2 + n, -1) < 0)
			continue;
		relay_handle(&s->relay, fds + 2, n);
		if (fds[1].revents)
			take_signal(s);
		if (fds[0].revents)
			take_message(s);
	}
	relay_end(&s->relay);
	close(s->signal_fd);
	close(s->sock);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return s->code;
}

int instance_attach(const char *name, struct diag_sink *diags)
{
	struct session s = {
		.name = name,
		.diags = diags,
		.relay = { .master = -1 },
		.attaching = true,
	};
	int code;

	if (isatty(0) != 1 || isatty(1) != 1) {
		diag_add(diags, E0864, span_none,
			 "cannot attach to the sandbox '%s': standard input "
			 "and output must be a terminal",
			 name);
		return RUN_NOT_BUILT;
	}
	s.sock = reach(name, diags);
	if (s.sock < 0)
		return RUN_NOT_BUILT;
	fprintf(stderr, "[attached to '%s'; Ctrl-] d detaches]\n", name);
	if (!ask(s.sock, ASK_ATTACH, 0))
		return lost(name, diags);
	code = converse(&s);
	if (s.relay.detached)
		fprintf(stderr, "\n[detached from '%s']\n", name);
	return code;
}

static bool pack(struct wire *w, char *const *argv)
{
	for (; *argv; argv++) {
		size_t len = strlen(*argv) + 1;

		if (len > sizeof(w->data) - w->len)
			return false;
		memcpy(w->data + w->len, *argv, len);
		w->len += (uint32_t)len;
	}
	return true;
}

int instance_exec(const char *name, char *const *argv, struct diag_sink *diags)
{
	static const int standard[WIRE_DESCRIPTORS] = { 0, 1, 2 };
	struct session s = {
		.name = name,
		.diags = diags,
		.relay = { .master = -1 },
	};
	struct wire w = { .kind = ASK_EXEC };

	for (int fd = 0; fd < 3; fd++) {
		struct stat st;

		if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
			diag_add(diags, E0811, span_none,
				 "descriptor %d is a directory: the command "
				 "could reach the host's files through it",
				 fd);
			return RUN_NOT_BUILT;
		}
		if (isatty(0) == 1 && isatty(1) == 1 && isatty(fd) == 1)
			w.a |= 1 << fd;
	}
	if (!pack(&w, argv)) {
		diag_add(diags, E0867, span_none,
			 "the command has more than %d bytes of arguments",
			 INSTANCE_BYTES);
		return RUN_NOT_BUILT;
	}
	s.sock = reach(name, diags);
	if (s.sock < 0)
		return RUN_NOT_BUILT;
	if (!wire_send(s.sock, &w, standard, WIRE_DESCRIPTORS))
		return lost(name, diags);
	return converse(&s);
}
