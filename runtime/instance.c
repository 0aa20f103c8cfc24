/* SPDX-License-Identifier: Apache-2.0 */
/*
 * instance.c - the keeper of a named sandbox
 *
 * Part of the runner's loop.  Whoever attaches gets the master of the
 * terminal itself and relays on his own; meanwhile the keeper leaves it
 * alone, and reads it again when he is gone, so that the command never
 * waits.  What was read in between is shown to the next who attaches.
 */
#include "runtime/instance.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bug.h"
#include "runtime/apply.h"
#include "runtime/enter.h"
#include "runtime/freezer.h"
#include "runtime/instance_wire.h"
#include "runtime/steps.h"

enum { HISTORY = 64 * 1024, NUMBERS_MAX = 9999, COMMAND_WORDS_MAX = 512 };

struct client {
	int fd; /* -1: free */
	pid_t helper; /* of exec, or 0 */
};

struct keeper {
	char name[INSTANCE_NAME_MAX + 1];
	char *const *argv;
	struct diag_sink *diags;
	int dir, listener, ready; /* ready: to the caller that waits */
	pid_t owner; /* a fork of the keeper must not take the name away */
	bool detached, frozen;
	int closed; /* an errno: it can't be entered */
	int master, attached; /* attached: index of a client, or -1 */
	struct client clients[KEEPER_CLIENTS];
	int ns[NS_COUNT];
	struct freezer freezer;
	struct run *run;
	size_t nhistory;
	char history[HISTORY];
};

static bool take_name(struct keeper *k, const char *name)
{
	for (int i = 1; !name && i <= NUMBERS_MAX; i++) {
		snprintf(k->name, sizeof(k->name), "%d", i);
		k->listener = instance_listen(k->dir, k->name);
		if (k->listener >= 0 || errno != EEXIST)
			return k->listener >= 0;
	}
	if (!name)
		return false;
	snprintf(k->name, sizeof(k->name), "%s", name);
	k->listener = instance_listen(k->dir, name);
	return k->listener >= 0;
}

struct keeper *keeper_new(const char *name, bool detached, char *const *argv,
			  struct diag_sink *diags)
{
	struct keeper *k;
	int dir;

	if (name && !instance_name_ok(name)) {
		diag_help(diag_add(diags, E0862, span_none,
				   "'%s' is no name for a sandbox", name),
			  "up to %d letters, digits, '.', '_' and '-'",
			  INSTANCE_NAME_MAX);
		return NULL;
	}
	dir = instance_folder(diags);
	k = dir < 0 ? NULL : calloc(1, sizeof(*k));
	if (!k)
		return NULL;
	k->dir = dir;
	k->argv = argv;
	k->detached = detached;
	k->owner = getpid();
	k->ready = k->master = k->attached = k->freezer.dir = -1;
	for (size_t i = 0; i < KEEPER_CLIENTS; i++)
		k->clients[i].fd = -1;
	for (size_t i = 0; i < NS_COUNT; i++)
		k->ns[i] = -1;
	if (take_name(k, name))
		return k;
	diag_add(diags, E0862, span_none, "cannot name the sandbox '%s': %s",
		 k->name, errno == EEXIST ? "another one has that name"
					  : strerror(errno));
	close(k->dir);
	free(k);
	return NULL;
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void keeper_free(struct keeper *k)
{
	if (!k)
		return;
	if (k->owner == getpid()) {
		freezer_close(&k->freezer, k->dir, k->name);
		unlinkat(k->dir, k->name, 0);
	}
	for (size_t i = 0; i < KEEPER_CLIENTS; i++)
		close_one(&k->clients[i].fd);
	for (size_t i = 0; i < NS_COUNT; i++)
		close_one(&k->ns[i]);
	close_one(&k->master);
	close_one(&k->ready);
	close_one(&k->listener);
	close_one(&k->dir);
	free(k);
}

const char *keeper_name(const struct keeper *k)
{
	return k->name;
}

bool keeper_detached(const struct keeper *k)
{
	return k->detached;
}

static int wait_for_start(int fd, pid_t pid)
{
	char byte;
	int status = 0;
	ssize_t n;

	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	close(fd);
	if (n == 1)
		return 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : RUN_NOT_BUILT;
}

int keeper_fork(struct keeper *k)
{
	int ready[2];
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return RUN_NOT_BUILT;
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return RUN_NOT_BUILT;
	if (pid > 0) {
		close(ready[1]);
		k->owner = 0;
		return wait_for_start(ready[0], pid);
	}
	close(ready[0]);
	setsid();
	k->owner = getpid();
	k->ready = ready[1];
	return -1;
}

int keeper_hold(const struct sandbox_plan *plan, struct run *run)
{
	struct keeper *k = plan->req->keeper;
	int err;

	const char *file;
	int group;

	k->run = run;
	file = plan->kind & PLAN_CGROUP ? cgroup_freezer(plan, &group) : NULL;
	if (file)
		freezer_borrow(&k->freezer, run->cgroup.dirs[group], file);
	else
		freezer_open(&k->freezer, k->dir, k->name);
	run->object = "the freezer's cgroup";
	err = freezer_join(&k->freezer, run->child);
	if (err)
		return err;
	run->object = "the namespaces";
	return enter_hold(k->ns, run->child);
}

void keeper_hold_describe(const struct sandbox_plan *plan, FILE *out)
{
	fprintf(out, "named '%s': hold its namespaces, a cgroup to freeze it "
		"where one can be made, a socket for this user's commands",
		plan->req->keeper->name);
}

/* Nothing of the caller's is held any longer. */
static void leave_caller(struct keeper *k)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	if (chdir("/") < 0)
		k->frozen = false;
	if (write(k->ready, "", 1) < 0)
		k->frozen = false;
	close_one(&k->ready);
}

void keeper_mounts(struct keeper *k, int fd)
{
	if (fd < 0)
		k->closed = errno;
	else
		enter_replace(k->ns, "mnt", fd);
}

void keeper_started(struct keeper *k, int master)
{
	if (!k->detached)
		return;
	k->master = master;
	if (master >= 0)
		fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
	leave_caller(k);
}

size_t keeper_poll(const struct keeper *k, struct pollfd *fds)
{
	size_t n = 0;

	fds[n++] = (struct pollfd){ .fd = k->listener, .events = POLLIN };
	fds[n++] = (struct pollfd){
		.fd = k->attached < 0 ? k->master : -1,
		.events = POLLIN,
	};
	for (size_t i = 0; i < KEEPER_CLIENTS; i++)
		fds[n++] = (struct pollfd){
			.fd = k->clients[i].helper ? -1 : k->clients[i].fd,
			.events = POLLIN,
		};
	return n;
}

static void remember(struct keeper *k)
{
	char bytes[4096];
	ssize_t n = read(k->master, bytes, sizeof(bytes));
	size_t len = n > 0 ? (size_t)n : 0;

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		close_one(&k->master);
		return;
	}
	if (k->nhistory + len > HISTORY) {
		memmove(k->history, k->history + HISTORY / 2,
			k->nhistory - HISTORY / 2);
		k->nhistory -= HISTORY / 2;
	}
	memcpy(k->history + k->nhistory, bytes, len);
	k->nhistory += len;
}

static void drop_client(struct keeper *k, size_t i)
{
	close_one(&k->clients[i].fd);
	k->clients[i].helper = 0;
	if (k->attached == (int)i)
		k->attached = -1;
}

static void accept_client(struct keeper *k)
{
	int fd = accept4(k->listener, NULL, NULL, SOCK_CLOEXEC);

	for (size_t i = 0; fd >= 0 && i < KEEPER_CLIENTS; i++) {
		if (k->clients[i].fd >= 0)
			continue;
		if (!instance_peer_ok(fd))
			break;
		k->clients[i] = (struct client){ .fd = fd };
		return;
	}
	if (fd >= 0)
		close(fd);
}

static void say(struct keeper *k, size_t i, enum wire_kind kind, int a, int b)
{
	struct wire w = { .kind = kind, .a = a, .b = b };

	wire_send(k->clients[i].fd, &w, NULL, 0);
}

static void refuse(struct keeper *k, size_t i, int err, enum diag_code code)
{
	say(k, i, SAY_FAILED, err, (int)code);
}

static void tell_info(struct keeper *k, size_t i)
{
	struct wire w = { .kind = SAY_INFO, .a = k->run->child };

	w.b = (k->frozen ? STATE_FROZEN : 0) |
	      (k->attached >= 0 ? STATE_ATTACHED : 0) |
	      (k->detached ? 0 : STATE_FOREGROUND);
	for (char *const *a = k->argv; *a; a++) {
		size_t len = strlen(*a) + 1;

		if (w.len + len > sizeof(w.data))
			break;
		memcpy(w.data + w.len, *a, len);
		w.len += (uint32_t)len;
	}
	wire_send(k->clients[i].fd, &w, NULL, 0);
}

static void attach(struct keeper *k, size_t i)
{
	struct wire w = { .kind = SAY_DATA };

	if (k->attached >= 0 || k->master < 0) {
		refuse(k, i, k->attached >= 0 ? EBUSY : ENOTTY, E0864);
		return;
	}
	for (size_t at = 0; at < k->nhistory; at += w.len) {
		size_t left = k->nhistory - at;

		w.len = left < sizeof(w.data) ? (uint32_t)left
					      : (uint32_t)sizeof(w.data);
		memcpy(w.data, k->history + at, w.len);
		if (!wire_send(k->clients[i].fd, &w, NULL, 0))
			break;
	}
	k->nhistory = 0;
	w = (struct wire){ .kind = SAY_MASTER };
	if (wire_send(k->clients[i].fd, &w, &k->master, 1))
		k->attached = (int)i;
	else
		drop_client(k, i);
}

static void freeze(struct keeper *k, size_t i, bool frozen)
{
	int err = freezer_set(&k->freezer, frozen);

	if (err) {
		refuse(k, i, err, E0866);
		return;
	}
	k->frozen = frozen;
	say(k, i, SAY_DONE, 0, 0);
}

static void stop(struct keeper *k, size_t i, int sig)
{
	/* Frozen processes of v1 would not even die. */
	if (k->frozen && freezer_set(&k->freezer, false) == 0)
		k->frozen = false;
	if (sig == SIGKILL)
		sandbox_kill(k->run);
	else
		kill(k->run->child, SIGTERM);
	say(k, i, SAY_DONE, 0, 0);
}

/* In the fork, where memory is its own: candidates along the inner PATH. */
static char **candidates(const char *name, char *const *env)
{
	const char *path = "/usr/bin:/bin";
	char **list = calloc(COMMAND_WORDS_MAX + 2, sizeof(*list));
	size_t n = 0;

	if (!list)
		_exit(RUN_NOT_BUILT);
	if (strchr(name, '/') || !*name) {
		list[0] = strdup(name);
		return list;
	}
	for (; *env; env++)
		if (!strncmp(*env, "PATH=", 5))
			path = *env + 5;
	while (n < COMMAND_WORDS_MAX) {
		size_t len = strcspn(path, ":");

		if (asprintf(&list[n++], "%.*s/%s", (int)len, path, name) < 0)
			_exit(RUN_NOT_BUILT);
		if (!path[len])
			break;
		path += len + 1;
	}
	return list;
}

static _Noreturn void enter(struct keeper *k, size_t i, struct wire *w,
			    const int *fds)
{
	char *argv[COMMAND_WORDS_MAX + 1] = { NULL };
	struct entry e = {
		.run = k->run,
		.ns = k->ns,
		.freezer = &k->freezer,
		.sock = k->clients[i].fd,
		.fds = { fds[0], fds[1], fds[2] },
		.terminal = (unsigned)w->a & 7,
		.argv = argv,
	};
	size_t n = 0;

	for (size_t at = 0; at < w->len && n < COMMAND_WORDS_MAX; n++) {
		argv[n] = w->data + at;
		at += strlen(argv[n]) + 1;
	}
	e.paths = candidates(argv[0], k->run->plan->env);
	enter_main(&e);
}

static void start(struct keeper *k, size_t i, struct wire *w, const int *fds,
		  size_t nfds)
{
	pid_t pid;

	if (nfds != WIRE_DESCRIPTORS || !w->len || w->data[w->len - 1]) {
		drop_client(k, i);
		return;
	}
	/* It would be frozen too, before it could say anything. */
	if (k->frozen || k->closed) {
		refuse(k, i, k->closed ? k->closed : EBUSY, E0867);
		return;
	}
	pid = fork();
	if (pid == 0)
		enter(k, i, w, fds);
	if (pid < 0)
		refuse(k, i, errno, E0867);
	else
		k->clients[i].helper = pid;
}

static void serve(struct keeper *k, size_t i)
{
	int fds[WIRE_DESCRIPTORS];
	struct wire w;
	size_t nfds;

	if (!wire_receive(k->clients[i].fd, &w, fds, &nfds)) {
		drop_client(k, i);
		return;
	}
	if (w.kind == ASK_INFO)
		tell_info(k, i);
	else if (w.kind == ASK_ATTACH)
		attach(k, i);
	else if (w.kind == ASK_EXEC)
		start(k, i, &w, fds, nfds);
	else if (w.kind == ASK_FREEZE)
		freeze(k, i, w.a != 0);
	else if (w.kind == ASK_STOP)
		stop(k, i, w.a);
	else
		drop_client(k, i);
	while (nfds)
		close(fds[--nfds]);
}

void keeper_handle(struct keeper *k, const struct pollfd *fds, size_t n)
{
	if (fds[0].revents)
		accept_client(k);
	if (fds[1].revents && k->attached < 0 && k->master >= 0)
		remember(k);
	for (size_t i = 0; i + 2 < n; i++)
		if (fds[i + 2].revents && k->clients[i].fd == fds[i + 2].fd)
			serve(k, i);
}

void keeper_reap(struct keeper *k)
{
	for (size_t i = 0; i < KEEPER_CLIENTS; i++)
		if (k->clients[i].helper > 0 &&
		    waitpid(k->clients[i].helper, NULL, WNOHANG) > 0)
			drop_client(k, i);
}

bool keeper_is_helper(const struct keeper *k, pid_t pid)
{
	for (size_t i = 0; i < KEEPER_CLIENTS; i++)
		if (k->clients[i].helper == pid)
			return true;
	return false;
}

/* Helpers have said how their process ended; the others wait for us. */
void keeper_ended(struct keeper *k, int exit_code)
{
	for (size_t i = 0; i < KEEPER_CLIENTS; i++) {
		if (k->clients[i].fd < 0)
			continue;
		if (k->clients[i].helper > 0)
			waitpid(k->clients[i].helper, NULL, 0);
		else
			say(k, i, SAY_EXIT, exit_code, 0);
	}
}
