/* SPDX-License-Identifier: Apache-2.0 */
/*
 * id_helper.c - runs newuidmap or newgidmap for the waiting child
 *
 * They are setuid and take from nobody's environment what they do.  Their
 * words are kept: they alone know why they refused.
 */
#include "runtime/id_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "runtime/apply.h"
#include "runtime/sys.h"

enum { PATIENCE_MS = 10 * 1000, NO_EXEC = 127 };

static _Noreturn void exec_helper(const char *path, char *const *argv, int said)
{
	static const char *const env[] = { "PATH=/usr/bin:/bin", "LC_ALL=C",
					   NULL };
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(open("/dev/null", O_RDWR | O_CLOEXEC), STDIN_FILENO);
	dup2(said, STDOUT_FILENO);
	dup2(said, STDERR_FILENO);
	execve(path, argv, (char *const *)(uintptr_t)env);
	dprintf(STDERR_FILENO, "%s\n", strerror(errno));
	_exit(NO_EXEC);
}

/*
 * 0 when it did what it was asked.  It may hang on a directory service;
 * where pidfds are refused nobody ends it then.
 */
static int await(pid_t pid)
{
	struct pollfd p = { .events = POLLIN };
	int status = 0, n = 1;

	p.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (p.fd >= 0) {
		do
			n = poll(&p, 1, PATIENCE_MS);
		while (n < 0 && errno == EINTR);
		close(p.fd);
	}
	if (n == 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	if (n == 0)
		return ETIMEDOUT;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : EPERM;
}

/* One line is all that they write. */
static void keep_message(struct run *run, int said)
{
	ssize_t len = pread(said, run->ids_said, sizeof(run->ids_said) - 1, 0);

	run->ids_said[len > 0 ? len : 0] = '\0';
	run->ids_said[strcspn(run->ids_said, "\n")] = '\0';
}

/* PID INSIDE OUTSIDE COUNT ... */
static char **make_arguments(struct arena *arena, pid_t pid,
			     const struct id_map *map)
{
	char **argv = arena_array(arena, map->n * 3 + 3, sizeof(*argv));
	char **next = argv;

	*next++ = arena_printf(arena, "%s", map->helper);
	*next++ = arena_printf(arena, "%d", (int)pid);
	for (size_t i = 0; i < map->n; i++) {
		const struct id_range *r = &map->at[i];

		*next++ = arena_printf(arena, "%u", r->inside);
		*next++ = arena_printf(arena, "%u", r->outside);
		*next++ = arena_printf(arena, "%u", r->count);
	}
	*next = NULL;
	return argv;
}

int id_helper_map(struct run *run, const struct id_map *map)
{
	struct arena *arena = arena_new();
	char **argv = make_arguments(arena, run->child, map);
	int said = memfd_create("id-map", MFD_CLOEXEC), err;
	pid_t pid = said < 0 ? -1 : sys_fork(0);

	run->object = map->helper;
	if (pid == 0)
		exec_helper(map->helper, argv, said);
	err = pid < 0 ? errno : await(pid);
	if (err && said >= 0)
		keep_message(run, said);
	if (said >= 0)
		close(said);
	arena_free(arena);
	return err;
}
