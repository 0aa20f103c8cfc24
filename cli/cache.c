/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cache.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/bytes.h"

struct cache {
	struct str key;
	char name[32]; /* of the entry; "" where there can be none */
	void *block;   /* what texts of a found entry point into */
};

static bool is_off(const struct cli *cli, const char *path)
{
	const char *word = getenv("CALLGATE_CACHE");

	return cli->no_cache || !strcmp(path, "-") ||
	       (word && !strcmp(word, "off"));
}

/* All that a compilation depends on but the files' bytes. */
static bool make_key(const struct cli *cli, const char *path, struct str *key)
{
	const struct target *t = &cli->unit->target;
	char folder[PATH_MAX];
	struct utsname un;
	const void *id;
	size_t len;

	if (!build_id(&id, &len) || uname(&un))
		return false;
	bytes_put_block(key, id, len);
	bytes_put_text(key, un.release);
	bytes_put_text(key, un.version);
	bytes_put_text(key, un.machine);
	bytes_put_u32(key, t->machine);
	bytes_put_u32(key, t->abis);
	bytes_put_u64(key, t->caps);
	bytes_put_u32(key, t->kernel_major);
	bytes_put_u32(key, t->kernel_minor);
	bytes_put_text(key, cli->from);
	bytes_put_u32(key, (uint32_t)cli->ninclude_dirs);
	for (size_t i = 0; i < cli->ninclude_dirs; i++)
		bytes_put_text(key, cli->include_dirs[i]);
	bytes_put_block(key, str_text(&cli->sandbox_lines),
			cli->sandbox_lines.len);
	bytes_put_text(key, path);
	/* Profiles of one name in two folders have two entries. */
	if (path[0] != '/')
		bytes_put_text(key, getcwd(folder, sizeof(folder)));
	return true;
}

struct cache *cache_open(const struct cli *cli, const char *path)
{
	struct cache *c = calloc(1, sizeof(*c));

	if (!c)
		oom();
	if (!is_off(cli, path) && make_key(cli, path, &c->key))
		snprintf(c->name, sizeof(c->name), "%016" PRIx64,
			 bytes_sum(c->key.text, c->key.len));
	return c;
}

void cache_close(struct cache *c)
{
	str_fini(&c->key);
	free(c->block);
	free(c);
}

/* Nothing stays open: the runner would take it for the caller's. */
bool cache_find(struct cache *c, struct unit *u, struct kept *out)
{
	struct cache_folder folder;
	size_t len;

	if (!c->name[0])
		return false;
	cache_folder_open(&folder, false);
	if (folder.state != CACHE_FOLDER_GOOD)
		return false;
	c->block = cache_folder_read(folder.fd, c->name, &len);
	close(folder.fd);
	return c->block && kept_read(&c->key, c->block, len, u, out);
}

static void say_unsafe(const char *path, struct unit *u)
{
	struct diag *d = diag_add(u->diags, W0895, span_none,
				  "nothing is kept in '%s' for the next run: "
				  "it must be a folder of uid %u that nobody "
				  "else can enter",
				  path, (unsigned)geteuid());

	diag_help(d, "remove it, or chmod 700 '%s'; --no-cache stops looking",
		  path);
}

void cache_keep(struct cache *c, struct unit *u, const struct policy *policy,
		const struct kept *run)
{
	struct cache_folder folder;
	struct str entry = { 0 };

	if (!c->name[0])
		return;
	cache_folder_open(&folder, true);
	if (folder.state == CACHE_FOLDER_UNSAFE)
		say_unsafe(folder.path, u);
	if (folder.state != CACHE_FOLDER_GOOD)
		return;
	kept_write(&c->key, u, policy, run, &entry);
	if (entry.len <= KEPT_MAX)
		cache_folder_write(folder.fd, c->name, entry.text, entry.len);
	close(folder.fd);
	str_fini(&entry);
}
