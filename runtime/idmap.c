/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/sys.h"

static int write_map(pid_t pid, const char *name, unsigned from, unsigned to)
{
	char path[64], text[64];
	int fd, len;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	len = snprintf(text, sizeof(text), "%u %u 1\n", from, to);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (write(fd, text, (size_t)len) != len) {
		int err = errno;

		close(fd);
		errno = err;
		return -1;
	}
	return close(fd);
}

static int map_and_open(pid_t pid, const struct idmap *map)
{
	char path[64];

	if (write_map(pid, "uid_map", map->uid, map->as_uid) < 0 ||
	    write_map(pid, "gid_map", map->gid, map->as_gid) < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* The child only keeps the namespace alive; our own end ends it too. */
int idmap_open(const struct idmap *map)
{
	int hold[2], fd = -1, err;
	pid_t pid;

	if (pipe2(hold, O_CLOEXEC) < 0)
		return -1;
	pid = sys_fork(CLONE_NEWUSER);
	if (pid == 0) {
		char byte;

		/* Else the end of file would never come. */
		if (close(hold[1]) < 0)
			_exit(1);
		while (read(hold[0], &byte, 1) < 0 && errno == EINTR)
			;
		_exit(0);
	}
	if (pid > 0)
		fd = map_and_open(pid, map);
	err = errno;
	close(hold[0]);
	close(hold[1]);
	if (pid > 0)
		kill(pid, SIGKILL);
	if (pid > 0)
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	errno = err;
	return fd;
}
