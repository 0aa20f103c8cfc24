/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ids.c - who the sandbox is: id maps, becoming the id
 *
 * Maps are written from outside, by the runner where the kernel lets it,
 * else by newuidmap and newgidmap.
 */
#include "runtime/apply.h"

#include <fcntl.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"
#include "runtime/id_helper.h"

bool id_map_find(const struct id_map *map, uint32_t inside, uint32_t *outside)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct id_range *r = &map->at[i];

		if (inside < r->inside || inside - r->inside >= r->count)
			continue;
		*outside = r->outside + (inside - r->inside);
		return true;
	}
	return false;
}

static bool maps_outside(const struct id_map *map, uint32_t id)
{
	for (size_t i = 0; i < map->n && !map->leased; i++)
		if (id >= map->at[i].outside &&
		    id - map->at[i].outside < map->at[i].count)
			return true;
	return false;
}

bool ids_have_owner(const struct sandbox_plan *plan, uid_t uid, gid_t gid)
{
	const struct plan_ids *ids = &plan->ids;

	if (ids->uids.n)
		return maps_outside(&ids->uids, uid) &&
		       maps_outside(&ids->gids, gid);
	return !(plan->kind & PLAN_LEASED) && uid == plan->uid &&
	       gid == plan->gid;
}

bool ids_know_group(const struct sandbox_plan *plan, gid_t gid)
{
	uint32_t outside;

	/* Of a joined user namespace the maps are not looked at. */
	if (!plan->ids.gids.n)
		return !plan->req->sandbox->njoins;
	return id_map_find(&plan->ids.gids, gid, &outside);
}

static uint32_t inside(const struct sandbox_plan *plan, const struct run *run,
		       uint32_t id)
{
	bool is_lease = !plan->ids.uids.n && (plan->kind & PLAN_LEASED);

	return is_lease ? run->leased : id;
}

uint32_t ids_uid(const struct sandbox_plan *plan, const struct run *run)
{
	return inside(plan, run, plan->uid);
}

uint32_t ids_gid(const struct sandbox_plan *plan, const struct run *run)
{
	return inside(plan, run, plan->gid);
}

static uint32_t host_id(const struct id_map *map, const struct run *run,
			uint32_t inside_id)
{
	uint32_t outside;

	if (!id_map_find(map, inside_id, &outside))
		return inside_id;
	return map->leased ? run->leased + outside : outside;
}

uint32_t ids_host_uid(const struct sandbox_plan *plan, const struct run *run)
{
	return host_id(&plan->ids.uids, run, ids_uid(plan, run));
}

uint32_t ids_host_gid(const struct sandbox_plan *plan, const struct run *run)
{
	return host_id(&plan->ids.gids, run, ids_gid(plan, run));
}

static int write_proc(struct run *run, const char *name, const char *text)
{
	char path[64];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)run->child, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return step_failed(run, name);
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		err = step_failed(run, name);
	close(fd);
	return err;
}

int ids_deny_setgroups(const struct sandbox_plan *plan, struct run *run)
{
	(void)plan;
	return write_proc(run, "setgroups", "deny");
}

void ids_deny_setgroups_describe(const struct sandbox_plan *plan, FILE *out)
{
	fputs("deny setgroups", out);
	if (plan->ngroups)
		fprintf(out,
			"; the caller's %zu supplementary groups stay: "
			"giving them up needs privileges",
			plan->ngroups);
}

static int write_map(struct run *run, const struct id_map *map,
		     const char *name)
{
	struct str text = { 0 };
	int err;

	if (map->helper)
		return id_helper_map(run, map);
	for (size_t i = 0; i < map->n; i++)
		str_addf(&text, "%u %u %u\n", map->at[i].inside,
			 map->at[i].outside + (map->leased ? run->leased : 0),
			 map->at[i].count);
	err = write_proc(run, name, str_text(&text));
	str_fini(&text);
	return err;
}

int ids_write_maps(const struct sandbox_plan *plan, struct run *run)
{
	int err = write_map(run, &plan->ids.uids, "uid_map");

	return err ? err : write_map(run, &plan->ids.gids, "gid_map");
}

static void describe_map(const struct id_map *map, const char *what, FILE *out)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct id_range *r = &map->at[i];
		uint32_t last = r->count - 1;

		fprintf(out, "%s%s%s %u", i ? ", " : "", what,
			last ? "s" : "", r->inside);
		if (last)
			fprintf(out, "..%u", r->inside + last);
		fprintf(out, " inside %s ", last ? "are" : "is");
		if (map->leased)
			fprintf(out, "the leased id%s", last ? "s" : "");
		else if (last)
			fprintf(out, "%u..%u", r->outside, r->outside + last);
		else
			fprintf(out, "%u", r->outside);
		fputs(" outside", out);
	}
	if (map->helper)
		fprintf(out, " (by %s)", map->helper);
}

void ids_write_maps_describe(const struct sandbox_plan *plan, FILE *out)
{
	const struct plan_ids *ids = &plan->ids;

	if (ids->uids.leased && ids->gids.leased && ids->lease_count == 1) {
		fprintf(out,
			"uid %u and gid %u inside are the leased id outside",
			plan->uid, plan->gid);
		return;
	}
	describe_map(&ids->uids, "uid", out);
	fputs(", ", out);
	describe_map(&ids->gids, "gid", out);
}

/* Raw calls: the C library's would look for threads to take along. */
static int set_ids(const struct sandbox_plan *plan, struct run *run)
{
	const uint32_t uid = ids_uid(plan, run), gid = ids_gid(plan, run);

	if (plan->ids.clear_groups && syscall(SYS_setgroups, 0, NULL) < 0)
		return step_failed(run, "the supplementary groups");
	if (syscall(SYS_setresgid, gid, gid, gid) < 0)
		return step_failed(run, "the group");
	if (syscall(SYS_setresuid, uid, uid, uid) < 0)
		return step_failed(run, "the user");
	return 0;
}

/*
 * Among the host's own ids the first change from 0 takes all capabilities
 * away, which the steps up to "capabilities" need; a bit prevents that.
 */
int ids_become(const struct sandbox_plan *plan, struct run *run)
{
	bool hold = !(plan->kind & PLAN_NEW_USER) && plan->ids.stranger;
	int bits = hold ? prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) : 0, err;

	if (hold &&
	    prctl(PR_SET_SECUREBITS, bits | SECBIT_NO_SETUID_FIXUP, 0, 0, 0) <
		    0)
		return step_failed(run, "securebits");
	err = set_ids(plan, run);
	if (!err && hold && prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) < 0)
		return step_failed(run, "securebits");
	return err;
}

void ids_become_describe(const struct sandbox_plan *plan, FILE *out)
{
	if (!(plan->kind & PLAN_NEW_USER) && (plan->kind & PLAN_LEASED))
		fputs("become the leased id, user and group", out);
	else
		fprintf(out, "become uid %u, gid %u", plan->uid, plan->gid);
	if (plan->ids.clear_groups)
		fputs(", no supplementary groups", out);
	else if (plan->ngroups && !(plan->kind & PLAN_DENY_GROUPS))
		fprintf(out,
			"; the caller's %zu supplementary groups stay: "
			"giving them up needs privileges",
			plan->ngroups);
}
