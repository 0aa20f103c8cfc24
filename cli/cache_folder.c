/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cache_folder.c - the folder of what was compiled, and files in it
 *
 * It belongs to the effective user and is closed to everybody else, or it
 * is not used.  Names in it are ours; an entry appears by rename, whole.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "cli/cache.h"

/* Root's is no matter of its environment, which sudo may have kept. */
static bool name_folder(char *path, size_t size, bool make)
{
	const char *home = getenv("HOME"), *base = getenv("XDG_CACHE_HOME");
	int n;

	if (geteuid() == 0)
		return snprintf(path, size, "/var/cache/callgate") > 0;
	if (base && base[0] == '/') {
		n = snprintf(path, size, "%s/callgate", base);
		return n > 0 && (size_t)n < size;
	}
	if (!home || home[0] != '/')
		return false;
	n = snprintf(path, size, "%s/.cache", home);
	if (n < 0 || (size_t)n + sizeof("/callgate") > size)
		return false;
	if (make)
		mkdir(path, 0700);
	strcat(path, "/callgate");
	return true;
}

static bool is_ours(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
	       !(st.st_mode & 077);
}

void cache_folder_open(struct cache_folder *f, bool make)
{
	f->fd = -1;
	f->state = CACHE_FOLDER_NONE;
	if (!name_folder(f->path, sizeof(f->path), make) ||
	    (make && mkdir(f->path, 0700) < 0 && errno != EEXIST))
		return;
	f->fd = open(f->path, O_DIRECTORY | O_NOFOLLOW | O_RDONLY | O_CLOEXEC);
	if (f->fd >= 0 && is_ours(f->fd)) {
		f->state = CACHE_FOLDER_GOOD;
		return;
	}
	if (f->fd >= 0 || errno == ELOOP || errno == ENOTDIR)
		f->state = CACHE_FOLDER_UNSAFE;
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

static bool read_all(int fd, char *to, size_t len)
{
	while (len) {
		ssize_t n = read(fd, to, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		to += n;
		len -= (size_t)n;
	}
	return true;
}

void *cache_folder_read(int dir, const char *name, size_t *len)
{
	struct stat st;
	char *block = NULL;
	int fd = openat(dir, name,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
				O_CLOEXEC);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && is_ours(fd) &&
	    st.st_size > 0 && st.st_size <= KEPT_MAX) {
		*len = (size_t)st.st_size;
		block = malloc(*len);
		if (!block)
			oom();
		if (!read_all(fd, block, *len)) {
			free(block);
			block = NULL;
		}
	}
	close(fd);
	return block;
}

/* Also what a writer left that was killed: it is only another old file. */
static void drop_oldest(int dir)
{
	int copy = openat(dir, ".", O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	char oldest[256] = "";
	struct timespec since = { 0 };
	int n = 0;

	for (struct dirent *e; list && (e = readdir(list));) {
		struct stat st;

		if (e->d_name[0] == '.' ||
		    fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		n++;
		if (*oldest && (st.st_mtim.tv_sec > since.tv_sec ||
				(st.st_mtim.tv_sec == since.tv_sec &&
				 st.st_mtim.tv_nsec >= since.tv_nsec)))
			continue;
		since = st.st_mtim;
		snprintf(oldest, sizeof(oldest), "%s", e->d_name);
	}
	if (list)
		closedir(list);
	else if (copy >= 0)
		close(copy);
	if (n >= CACHE_ENTRIES_MAX)
		unlinkat(dir, oldest, 0);
}

static bool write_whole(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

bool cache_folder_write(int dir, const char *name, const void *bytes,
			size_t len)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction old;
	char temp[64];
	bool ok;
	int fd;

	drop_oldest(dir);
	/* Of this process alone: two writers each rename a whole entry. */
	snprintf(temp, sizeof(temp), "new-%d-%s", (int)getpid(), name);
	fd = openat(dir, temp,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	/* Past RLIMIT_FSIZE there is a signal, besides the error. */
	sigaction(SIGXFSZ, &ignore, &old);
	ok = write_whole(fd, bytes, len);
	sigaction(SIGXFSZ, &old, NULL);
	ok = !close(fd) && ok;
	ok = ok && !renameat(dir, temp, dir, name);
	if (!ok)
		unlinkat(dir, temp, 0);
	return ok;
}
