/* SPDX-License-Identifier: Apache-2.0 */
/*
 * readback_ids.c - the id maps of a process, as the kernel has them
 *
 * The kernel may sort the lines, so both sides are compared sorted.
 */
#include "runtime/readback.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/steps.h"

static int by_inside(const void *a, const void *b)
{
	const struct id_range *x = a, *y = b;

	return x->inside < y->inside ? -1 : x->inside > y->inside;
}

static FILE *open_file(struct run *run, const char *name)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)run->meet.pid,
		 name);
	f = fopen(path, "re");
	if (!f && errno != EACCES)
		readback_lost(&run->readback, name);
	return f;
}

static void close_file(struct run *run, FILE *f, const char *name)
{
	if (f && ferror(f))
		readback_lost(&run->readback, name);
	if (f)
		fclose(f);
}

static size_t read_map(struct run *run, const char *name,
		       struct id_range map[ID_RANGES_MAX])
{
	FILE *f = open_file(run, name);
	size_t n = 0;

	while (f && n < ID_RANGES_MAX &&
	       fscanf(f, "%" SCNu32 " %" SCNu32 " %" SCNu32, &map[n].inside,
		      &map[n].outside, &map[n].count) == 3)
		n++;
	close_file(run, f, name);
	return n;
}

static size_t asked_map(const struct run *run, const struct id_map *asked,
			struct id_range map[ID_RANGES_MAX])
{
	size_t n = asked->n < ID_RANGES_MAX ? asked->n : ID_RANGES_MAX;

	for (size_t i = 0; i < n; i++) {
		map[i] = asked->at[i];
		map[i].outside += asked->leased ? run->leased : 0;
	}
	return n;
}

static void print_map(struct str *out, struct id_range *map, size_t n)
{
	qsort(map, n, sizeof(*map), by_inside);
	str_add(out, "[");
	for (size_t i = 0; i < n; i++)
		str_addf(out, "%s[%u, %u, %u]", i ? ", " : "", map[i].inside,
			 map[i].outside, map[i].count);
	str_add(out, "]");
}

static void one_map(struct run *run, const char *name,
		    const struct id_map *asked)
{
	struct id_range map[ID_RANGES_MAX];
	struct readback *rb = &run->readback;
	struct str got = { 0 }, want = { 0 };

	print_map(&got, map, read_map(run, name, map));
	str_addf(&rb->applied, ",\n    \"%s\": %s", name, got.text);
	if (run->plan->kind & PLAN_NEW_USER) {
		print_map(&want, map, asked_map(run, asked, map));
		readback_check(rb, name, want.text, got.text);
	}
	str_fini(&got);
	str_fini(&want);
}

/* "allow" or "deny", the kernel's words. */
static void setgroups_state(struct run *run)
{
	FILE *f = open_file(run, "setgroups");
	char word[8] = "";
	bool denied;

	if (f && fscanf(f, "%7s", word) != 1)
		word[0] = '\0';
	close_file(run, f, "setgroups");
	str_addf(&run->readback.applied, ",\n    \"setgroups\": \"%s\"", word);
	if (!(run->plan->kind & PLAN_NEW_USER))
		return;
	denied = run->plan->ids.denied || (run->plan->kind & PLAN_DENY_GROUPS);
	readback_check(&run->readback, "setgroups", denied ? "deny" : "allow",
		       word);
}

void readback_ids(struct run *run)
{
	one_map(run, "uid_map", &run->plan->ids.uids);
	one_map(run, "gid_map", &run->plan->ids.gids);
	setgroups_state(run);
}
