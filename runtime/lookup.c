/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lookup.c - finding the command, and who may reach a path
 *
 * Reads the file system with the caller's rights; results are the arena's.
 */
#include "runtime/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "runtime/probe.h"
#include "runtime/sys.h"

/* What execvp takes where the environment has no PATH. */
static const char default_path[] = "/bin:/usr/bin";

static const char *resolve(const char *path, struct arena *arena)
{
	char *real = realpath(path, NULL), *copy;

	if (!real)
		return NULL;
	copy = arena_strndup(arena, real, strlen(real));
	free(real);
	return copy;
}

/* The first of real's parts that lacks the x bit for others, or is unknown. */
static const char *closed_at(const char *real, struct arena *arena, int *err)
{
	size_t len = strlen(real);

	for (size_t i = 1; i <= len; i++) {
		char *part;
		struct stat st;

		if (real[i] != '/' && real[i] != '\0')
			continue;
		part = arena_strndup(arena, real, i);
		if (stat(part, &st) < 0)
			*err = errno;
		if (*err || !(st.st_mode & S_IXOTH))
			return part;
	}
	return NULL;
}

static int executable(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0)
		return errno;
	return 0;
}

static void settle(const char *path, struct arena *arena, struct host_path *out)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path, *dir;

	if (!slash)
		dir = resolve(".", arena);
	else if (slash == path)
		dir = "/";
	else
		dir = resolve(arena_strndup(arena, path,
					    (size_t)(slash - path)),
			      arena);
	out->found = path;
	out->real = resolve(path, arena);
	if (!dir || !out->real) {
		out->err = errno;
		return;
	}
	out->path =
		arena_printf(arena, "%s/%s", strcmp(dir, "/") ? dir : "", base);
	out->closed_at = closed_at(out->real, arena, &out->err);
	/* Where no link is, the folder was among the parts. */
	if (!out->closed_at && strcmp(dir, "/") && strcmp(out->path, out->real))
		out->closed_at = closed_at(dir, arena, &out->err);
}

static void find_in_path(const char *name, const char *path_var,
			 struct arena *arena, struct host_path *out)
{
	const char *dir = path_var ? path_var : default_path, *end;

	out->err = ENOENT;
	for (;; dir = end + 1) {
		const char *path;
		int err;

		end = strchrnul(dir, ':');
		path = end == dir ? arena_printf(arena, "./%s", name)
				  : arena_printf(arena, "%.*s/%s",
						 (int)(end - dir), dir, name);
		err = executable(path);
		if (!err) {
			out->err = 0;
			settle(path, arena, out);
			return;
		}
		/* A folder that the caller can't search is no find. */
		if (err == EACCES && access(path, F_OK) == 0)
			out->err = EACCES;
		if (!*end)
			return;
	}
}

void lookup_command(const char *name, const char *path_var, struct arena *arena,
		    struct host_path *out)
{
	*out = (struct host_path){ 0 };
	if (!*name) {
		out->err = ENOENT;
		return;
	}
	if (!strchr(name, '/')) {
		find_in_path(name, path_var, arena, out);
		return;
	}
	out->err = executable(name);
	if (!out->err)
		settle(name, arena, out);
}

static int executable_in(int root, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd = sys_openat2(root, path, &how), err = 0;
	struct stat st;

	if (fd < 0)
		return errno;
	if (fstat(fd, &st) < 0)
		err = errno;
	else if (S_ISDIR(st.st_mode))
		err = EISDIR;
	else if (!S_ISREG(st.st_mode) || !(st.st_mode & 0111))
		err = EACCES;
	close(fd);
	return err;
}

void lookup_command_in(const char *root, const char *name, const char *path_var,
		       struct arena *arena, struct host_path *out)
{
	const char *dir = path_var ? path_var : default_path, *end;
	int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool single = strchr(name, '/');

	*out = (struct host_path){ .err = fd < 0 ? errno : ENOENT };
	for (; fd >= 0 && *name; dir = end + 1) {
		const char *path;

		end = strchrnul(dir, ':');
		if (single)
			path = *name == '/' ? name
					    : arena_printf(arena, "/%s", name);
		else
			path = arena_printf(arena, "%s%.*s/%s",
					    *dir == '/' ? "" : "/",
					    (int)(end - dir), dir, name);
		out->err = executable_in(fd, path);
		if (!out->err)
			out->found = out->path = out->real = path;
		if (!out->err || single || !*end)
			break;
	}
	if (fd >= 0)
		close(fd);
}

void lookup_dir(const char *path, struct arena *arena, struct host_path *out)
{
	struct stat st;

	*out = (struct host_path){ 0 };
	out->path = out->real = resolve(path ? path : ".", arena);
	if (!out->real)
		out->err = errno;
	else if (stat(out->real, &st) < 0)
		out->err = errno;
	else if (!S_ISDIR(st.st_mode))
		out->err = ENOTDIR;
	else if (strcmp(out->real, "/"))
		out->closed_at = closed_at(out->real, arena, &out->err);
}
