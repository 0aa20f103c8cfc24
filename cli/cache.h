/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cache.h - what `run` compiled, for the next run of the same bytes
 *
 *	cache = cache_open(cli, path);		(before anything is read)
 *	if (cache_find(cache, cli, &run))
 *		...				(nothing was parsed)
 *	cache_keep(cache, cli->unit, &run);	(after a compilation)
 *	cache_close(cache);
 *
 * An entry holds every byte that it depends on.  It is used only when those
 * are the bytes that a compilation would read now, and when the program is
 * proved again.  docs/design/cache.md says why each of these is enough.
 */
#ifndef CLI_CACHE_H
#define CLI_CACHE_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/cmd.h"
#include "compiler/kept.h"

struct cache;

enum { CACHE_ENTRIES_MAX = 256 };

/* Never NULL: where nothing can be kept, nothing is found either. */
struct cache *cache_open(const struct cli *cli, const char *path);
void cache_close(struct cache *cache);

/* As kept_read(); texts of *out live as long as the cache. */
bool cache_find(struct cache *cache, struct unit *u, struct kept *out);
/* What can't be written is not kept; a folder that can't be trusted: W0895. */
void cache_keep(struct cache *cache, struct unit *u,
		const struct policy *policy, const struct kept *run);

/* ---- cache_folder.c ---- */

enum cache_folder_state {
	CACHE_FOLDER_GOOD,
	CACHE_FOLDER_NONE,   /* there is none, or no place for one */
	CACHE_FOLDER_UNSAFE, /* others could have written what is in it */
};

struct cache_folder {
	enum cache_folder_state state;
	int fd; /* -1 unless it is good */
	char path[4096];
};

/* Makes it where it is missing and `make` is set. */
void cache_folder_open(struct cache_folder *folder, bool make);
/* A heap block, or NULL. */
void *cache_folder_read(int dir, const char *name, size_t *len);
/* All of it under that name or nothing; the oldest go when there are many. */
bool cache_folder_write(int dir, const char *name, const void *bytes,
			size_t len);

/* What tells this build from every other; false where it has no such. */
bool build_id(const void **bytes, size_t *len);

#endif
