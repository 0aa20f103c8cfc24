/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe_ids.c - which ids the caller may hand on, and through what
 *
 * Subordinate ids are read from the files that newuidmap reads.  Where the
 * system keeps them in a directory service too, only newuidmap knows all.
 */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "runtime/probe.h"

enum { FIRST_SUBID = 100000 }; /* as useradd gives them out */

/* Root's own folders only: the programs are setuid and map what we say. */
static const char *find_helper(const char *name, struct arena *arena)
{
	static const char *const dirs[] = { "/usr/bin", "/bin", "/usr/sbin",
					    "/usr/local/bin",
					    "/run/wrappers/bin", NULL };

	for (const char *const *dir = dirs; *dir; dir++) {
		const char *path = arena_printf(arena, "%s/%s", *dir, name);
		struct stat st;

		if (access(path, X_OK) == 0 && stat(path, &st) == 0 &&
		    S_ISREG(st.st_mode) && st.st_uid == 0 &&
		    !(st.st_mode & 022))
			return path;
	}
	return NULL;
}

static bool overlaps(const struct host_subids *ids, const struct id_range *r)
{
	for (size_t i = 0; i < ids->n; i++) {
		const struct id_range *old = &ids->at[i];

		if ((uint64_t)r->outside < (uint64_t)old->outside + old->count &&
		    (uint64_t)old->outside < (uint64_t)r->outside + r->count)
			return true;
	}
	return false;
}

bool subid_parse(char *line, const char **owner, struct id_range *range)
{
	char *first, *count, *end;
	unsigned long long from, n;

	line[strcspn(line, "\n")] = '\0';
	*owner = strsep(&line, ":");
	first = strsep(&line, ":");
	count = strsep(&line, ":");
	if (!first || !count || *first < '0' || *first > '9' || *count < '0' ||
	    *count > '9')
		return false;
	errno = 0;
	from = strtoull(first, &end, 10);
	if (errno || *end || from >= UINT32_MAX)
		return false;
	n = strtoull(count, &end, 10);
	if (errno || *end || !n || n > UINT32_MAX - from)
		return false;
	*range = (struct id_range){ .outside = (uint32_t)from,
				    .count = (uint32_t)n };
	return true;
}

/* What an earlier line has too, or the caller is, is not given twice. */
static void read_subids(const char *path, const struct host *h, uint32_t caller,
			struct arena *arena, struct host_subids *out)
{
	uint64_t end = FIRST_SUBID;
	FILE *f = fopen(path, "re");
	char *line = NULL, number[16];
	size_t room = 0;

	snprintf(number, sizeof(number), "%u", h->uid);
	out->at = arena_array(arena, ID_RANGES_MAX, sizeof(out->at[0]));
	while (f && getline(&line, &room, f) > 0) {
		struct id_range range;
		const char *owner;

		if (!subid_parse(line, &owner, &range))
			continue;
		if ((uint64_t)range.outside + range.count > end)
			end = (uint64_t)range.outside + range.count;
		if (strcmp(owner, number) &&
		    (!h->ids.name || strcmp(owner, h->ids.name)))
			continue;
		if (caller >= range.outside &&
		    caller - range.outside < range.count)
			continue;
		if (out->n < ID_RANGES_MAX && !overlaps(out, &range))
			out->at[out->n++] = range;
	}
	free(line);
	if (f)
		fclose(f);
	out->free = end > UINT32_MAX - IDS_BLOCK ? FIRST_SUBID : (uint32_t)end;
}

/* A line "subid: sss" of nsswitch.conf. */
static bool has_service(void)
{
	FILE *f = fopen("/etc/nsswitch.conf", "re");
	char line[256];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = !strncmp(line + strspn(line, " \t"), "subid:", 6);
	if (f)
		fclose(f);
	return found;
}

/* The file alone: a program without shared libraries has no other service. */
static const char *find_name(uid_t uid, struct arena *arena)
{
	FILE *f = fopen("/etc/passwd", "re");
	const char *name = NULL;
	struct passwd *who;

	while (f && !name && (who = fgetpwent(f)))
		if (who->pw_uid == uid)
			name = arena_strndup(arena, who->pw_name,
					     strlen(who->pw_name));
	if (f)
		fclose(f);
	return name;
}

/* A user namespace hands the denial on to those made inside it. */
static bool setgroups_denied(struct host *h)
{
	FILE *f = fopen("/proc/self/setgroups", "re");
	char word[8] = "";
	bool denied;

	errno = f ? EIO : errno;
	denied = f && fscanf(f, "%7s", word) == 1 && !strcmp(word, "deny");

	/* Without user namespaces there is no such file. */
	if (f ? !*word : errno != ENOENT)
		host_unknown(&h->trouble, "whether setgroups is denied");
	if (f)
		fclose(f);
	return denied;
}

void probe_ids(struct host *h, const struct run_request *req,
	       struct arena *arena)
{
	h->ids.denied = setgroups_denied(h);
	if (h->may_map || (!req->sandbox->map_auto && !req->sandbox->nmaps))
		return;
	h->ids.newuidmap = find_helper("newuidmap", arena);
	h->ids.newgidmap = find_helper("newgidmap", arena);
	h->ids.name = find_name(h->uid, arena);
	h->ids.elsewhere = has_service();
	read_subids("/etc/subuid", h, h->uid, arena, &h->ids.uids);
	read_subids("/etc/subgid", h, h->gid, arena, &h->ids.gids);
}
