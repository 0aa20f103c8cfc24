/* SPDX-License-Identifier: Apache-2.0 */
/*
 * freezer.c - freezing through cgroup v2, or the freezer of v1
 */
#include "runtime/freezer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_STEPS = 200, WAIT_STEP_NS = 10 * 1000 * 1000 };

static int write_at(int dir, const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CLOEXEC), err = 0;
	ssize_t n;

	if (fd < 0)
		return errno;
	n = write(fd, text, strlen(text));
	if (n != (ssize_t)strlen(text))
		err = n < 0 ? errno : EIO;
	close(fd);
	return err;
}

static bool file_has(int dir, const char *name, const char *text)
{
	char bytes[256];
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes) - 1);

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return false;
	bytes[n] = '\0';
	return strstr(bytes, text) != NULL;
}

/* Where it is mounted: "cgroup2", or the v1 hierarchy with the freezer. */
static bool find_mount(bool v2, char *path, size_t size)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	while (f && !found && getline(&line, &room, f) > 0) {
		char point[2048];
		const char *rest = strstr(line, " - ");

		if (!rest || sscanf(line, "%*s %*s %*s / %2047s", point) != 1)
			continue;
		found = v2 ? !strncmp(rest, " - cgroup2 ", 11)
			   : !strncmp(rest, " - cgroup ", 10) &&
				     strstr(rest, "freezer");
		if (found)
			snprintf(path, size, "%s", point);
	}
	if (f)
		fclose(f);
	free(line);
	return found;
}

/* Our own group in it: "0::/x" or "6:freezer:/x". */
static bool find_group(bool v2, char *path, size_t size)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	while (f && !found && getline(&line, &room, f) > 0) {
		char *colon = strchr(line, ':'), *at;

		at = colon ? strchr(colon + 1, ':') : NULL;
		if (!at)
			continue;
		found = v2 ? !strncmp(line, "0::", 3)
			   : strstr(colon, "freezer") != NULL;
		at[strcspn(at, "\n")] = '\0';
		if (found)
			snprintf(path, size, "%s", strcmp(at + 1, "/") ? at + 1
								       : "");
	}
	if (f)
		fclose(f);
	free(line);
	return found;
}

static void note_name(char *out, size_t size, const char *name)
{
	snprintf(out, size, ".%s.cgroup", name);
}

/* Before the group is there: a keeper that dies then leaves no stray one. */
static int write_note(int state_dir, const char *name, const char *path)
{
	char note[128];
	ssize_t n;
	int fd;

	note_name(note, sizeof(note), name);
	fd = openat(state_dir, note,
		    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd < 0)
		return errno;
	n = write(fd, path, strlen(path));
	close(fd);
	return n == (ssize_t)strlen(path) ? 0 : n < 0 ? errno : EIO;
}

static bool try_open(struct freezer *f, bool v2, int state_dir,
		     const char *name)
{
	char mount[2048], group[1024];

	f->v2 = v2;
	f->err = ENOENT;
	if (!find_mount(v2, mount, sizeof(mount)) ||
	    !find_group(v2, group, sizeof(group)))
		return false;
	snprintf(f->path, sizeof(f->path), "%s%s/callgate-%d-%s", mount, group,
		 (int)getpid(), name);
	f->err = write_note(state_dir, name, f->path);
	if (!f->err && mkdir(f->path, 0755) < 0)
		f->err = errno;
	if (f->err)
		return false;
	f->dir = open(f->path, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	/* Locked as long as the keeper lives: nobody takes it for a stale one. */
	if (f->dir >= 0 && flock(f->dir, LOCK_EX | LOCK_NB) == 0 &&
	    faccessat(f->dir, v2 ? "cgroup.freeze" : "freezer.state", W_OK,
		      0) == 0)
		return true;
	f->err = errno;
	if (f->dir >= 0)
		close(f->dir);
	f->dir = -1;
	rmdir(f->path);
	return false;
}

void freezer_open(struct freezer *f, int state_dir, const char *name)
{
	char note[128];

	*f = (struct freezer){ .dir = -1 };
	if (try_open(f, true, state_dir, name) ||
	    try_open(f, false, state_dir, name))
		return;
	note_name(note, sizeof(note), name);
	unlinkat(state_dir, note, 0);
}

void freezer_borrow(struct freezer *f, int dir, const char *file)
{
	*f = (struct freezer){
		.dir = dir,
		.v2 = !strcmp(file, "cgroup.freeze"),
		.borrowed = true,
	};
}

int freezer_join(const struct freezer *f, pid_t pid)
{
	char text[16];

	if (f->dir < 0 || f->borrowed)
		return 0;
	snprintf(text, sizeof(text), "%d", (int)pid);
	return write_at(f->dir, "cgroup.procs", text);
}

int freezer_set(const struct freezer *f, bool frozen)
{
	const char *file = f->v2 ? "cgroup.freeze" : "freezer.state";
	const char *seen = f->v2 ? "cgroup.events" : "freezer.state";
	const char *text = frozen ? "FROZEN" : "THAWED", *want = text;
	const struct timespec step = { 0, WAIT_STEP_NS };
	int err;

	if (f->dir < 0)
		return f->err;
	if (f->v2) {
		text = frozen ? "1" : "0";
		want = frozen ? "frozen 1" : "frozen 0";
	}
	err = write_at(f->dir, file, text);
	for (int i = 0; !err && i < WAIT_STEPS; i++) {
		if (file_has(f->dir, seen, want))
			return 0;
		nanosleep(&step, NULL);
	}
	return err ? err : ETIMEDOUT;
}

/* The last processes leave it a moment after they are gone. */
static bool remove_group(const char *path)
{
	const struct timespec step = { 0, WAIT_STEP_NS };

	for (int i = 0; i < WAIT_STEPS; i++) {
		if (rmdir(path) == 0 || errno == ENOENT)
			return true;
		if (errno != EBUSY)
			return false;
		nanosleep(&step, NULL);
	}
	return false;
}

void freezer_close(struct freezer *f, int state_dir, const char *name)
{
	char note[128];

	if (f->dir < 0 || f->borrowed)
		return;
	close(f->dir);
	f->dir = -1;
	note_name(note, sizeof(note), name);
	/* What is still there is found by the note. */
	if (remove_group(f->path))
		unlinkat(state_dir, note, 0);
}

/* True when it has a keeper; without one it can't stay frozen and end (v1). */
static bool is_kept(const char *path)
{
	int dir = open(path, O_DIRECTORY | O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	bool kept = dir >= 0 && flock(dir, LOCK_EX | LOCK_NB) < 0;

	if (dir >= 0 && !kept)
		write_at(dir, "freezer.state", "THAWED");
	if (dir >= 0)
		close(dir);
	return kept;
}

void freezer_remove_stale(int state_dir, const char *name)
{
	char note[128], path[PATH_MAX];
	ssize_t n;
	int fd;

	note_name(note, sizeof(note), name);
	fd = openat(state_dir, note, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	n = read(fd, path, sizeof(path) - 1);
	close(fd);
	path[n > 0 ? n : 0] = '\0';
	if (n <= 0 || (!is_kept(path) && remove_group(path)))
		unlinkat(state_dir, note, 0);
}

bool freezer_is_note(const char *file, char *name, size_t size)
{
	static const char suffix[] = ".cgroup";
	size_t len = strlen(file), end = sizeof(suffix) - 1;

	if (*file != '.' || len < end + 2 || len - end - 1 >= size ||
	    strcmp(file + len - end, suffix))
		return false;
	memcpy(name, file + 1, len - end - 1);
	name[len - end - 1] = '\0';
	return true;
}
