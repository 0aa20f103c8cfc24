/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_plan_ids.c - goal: who a sandbox is, for every caller and host
 *
 * Method: plan_decide() gets invented callers, files and maps; the plan as
 * text and the refusals are compared.  The kernel's part is tested live.
 */
#include <check.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bug.h"
#include "runtime/plan.h"
#include "runtime/probe.h"

static const struct sock_filter insns[] = {
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static char *argv[] = { (char *)"tool", NULL };
static char *env[] = { NULL };

static struct id_range uids[] = { { 0, 100000, 65536 }, { 0, 0, 0 } };
static struct id_range gids[] = { { 0, 200000, 10 }, { 0, 300000, 20 } };

enum who {
	USER,	  /* alice, 1001:1002, with subordinate ids */
	BARE,	  /* the same without any, and no newuidmap */
	ADMIN,	  /* alice with CAP_SYS_ADMIN, SETUID and SETGID */
	ROOT,
	WEAK_ROOT, /* without CAP_SETUID */
	BOXED_ROOT, /* in a user namespace with few ids */
};

#define ALL_CAPS ((UINT64_C(2) << 40) - 1)

struct row {
	enum who who;
	const char *user;	   /* "UID:GID" or NULL */
	struct sandbox_map map[3]; /* as far as count is not 0 */
	bool map_auto;
	const char *want; /* in the plan, or in the refusal "E0..." */
};

static struct host host_of(enum who who)
{
	struct host h = {
		.features = HOST_SECCOMP | HOST_USERNS | HOST_MOUNT_API |
			    HOST_CLOSE_RANGE,
		.uid = 1001,
		.gid = 1002,
		.ngroups = 2,
		.lease_first = 1,
		.cap_last = 40,
		.dirs = { "/tmp" },
		.cwd = { .path = "/srv", .real = "/srv" },
		.command = { "/usr/bin/tool", "/usr/bin/tool", "/usr/bin/tool",
			     0, NULL },
		.ids = { .name = "alice" },
	};

	h.ids.uids.free = h.ids.gids.free = 365536;
	if (who == USER) {
		h.ids.newuidmap = "/usr/bin/newuidmap";
		h.ids.newgidmap = "/usr/bin/newgidmap";
		h.ids.uids = (struct host_subids){ uids, 1, 365536 };
		h.ids.gids = (struct host_subids){ gids, 2, 365536 };
	}
	if (who == ADMIN || who == ROOT || who == BOXED_ROOT) {
		h.may_map = h.mounts.may_mount = true;
		h.caps_permitted = h.caps_bounding = ALL_CAPS;
		h.lease_first = 524288;
		h.lease_last = who == BOXED_ROOT ? 524388 : 1879048191;
	}
	if (who >= ROOT)
		h.uid = h.gid = 0;
	return h;
}

static char *plan_text(struct sandbox *box, const struct host *host)
{
	struct run_request req = {
		.sandbox = box,
		.insns = insns,
		.ninsns = 1,
		.filter_allows_exec = true,
		.argv = argv,
		.env = env,
	};
	struct arena *arena = arena_new();
	struct sources sources;
	struct diag_sink *diags;
	struct sandbox_plan *plan;
	int exit_code = 0;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	sources_init(&sources, arena);
	diags = diag_sink_new(arena, &sources);
	plan = plan_decide(&req, host, arena_new(), diags, &exit_code);
	if (plan)
		plan_describe(plan, out);
	diag_print(diags, DIAG_TEXT, out);
	fclose(out);
	ck_assert_int_eq(exit_code, plan ? 0 : 125);
	plan_free(plan);
	arena_free(arena);
	return text;
}

static void expect(struct sandbox *box, const struct host *host,
		   const char *want)
{
	char *text = plan_text(box, host);

	if (*want == '-')
		ck_assert_msg(!strstr(text, want + 1), "'%s' is in:\n%s",
			      want + 1, text);
	else
		ck_assert_msg(strstr(text, want), "'%s' is not in:\n%s", want,
			      text);
	free(text);
}

#define MAPS(...) .map = { __VA_ARGS__ }
#define UID(in, out, n) { false, in, out, n, { 0 } }
#define GID(in, out, n) { true, in, out, n, { 0 } }

/* "-text" must not be there. */
static const struct row rows[] = {
	/* The defaults, and another name for them. */
	{ USER, .want = "id-maps       uid 1001 inside is 1001 outside, gid "
			"1002 inside is 1002 outside\n" },
	{ USER, "0:5", .want = "uid 0 inside is 1001 outside, gid 5 inside is "
			       "1002 outside\n" },
	{ USER, "0:0", .want = "identity      become uid 0, gid 0\n" },
	{ USER, .want = "setgroups     deny setgroups; the caller's 2" },
	{ ROOT, .want = "uid 1000 and gid 1000 inside are the leased id" },
	{ ROOT, "0:0", .want = "uid 0 and gid 0 inside are the leased id" },
	{ ROOT, .want = "-deny setgroups" },
	{ ROOT, .want = "gid 1000, no supplementary groups\n" },
	{ WEAK_ROOT, .want = "E0807" },
	{ WEAK_ROOT, .want = "lacks CAP_SETUID" },

	/* Root writes any map, but for root's own id and nobody's. */
	{ ROOT, "0:0", MAPS(UID(0, 100000, 65536), GID(0, 200000, 1)),
	  .want = "uids 0..65535 inside are 100000..165535 outside, gid 0 "
		  "inside is 200000 outside\n" },
	{ ROOT, MAPS(UID(0, 100000, 65536), GID(0, 100000, 65536)),
	  .want = "lease         the host ids that 'map' or 'user' names, "
		  "locked in /run/callgate\n" },
	{ ROOT, MAPS(UID(0, 100000, 65536), GID(0, 100000, 65536)),
	  .want = "become uid 1000, gid 1000, no supplementary groups\n" },
	{ ROOT, MAPS(UID(5, 100000, 1), GID(6, 100000, 1)),
	  .want = "become uid 5, gid 6, no" },
	{ ROOT, MAPS(UID(5, 100000, 1)),
	  .want = "uid 5 inside is 100000 outside, gid 1000 inside is the "
		  "leased id outside\n" },
	{ ROOT, MAPS(UID(5, 100000, 1)),
	  .want = "the host ids that 'map' or 'user' names, and a host id of "
		  "its own from 524288..1879048191, locked in" },
	{ ROOT, "0:0", MAPS(UID(0, 0, 1)), .want = "E0876" },
	{ ROOT, "0:0", MAPS(UID(0, 1, 65536)), .want = "host's uid 65534" },
	{ ROOT, "0:0", MAPS(UID(0, 1, 65533), GID(0, 0, 1)),
	  .want = "host's gid 0" },
	{ ROOT, "7:7", MAPS(UID(0, 100000, 7), GID(0, 100000, 8)),
	  .want = "error[E0875]: the command would be uid 7, which no map" },
	{ ROOT, "7:8", MAPS(UID(0, 100000, 8), GID(0, 100000, 8)),
	  .want = "error[E0875]: the command would be gid 8" },

	/* Root's `auto`: a whole block, aligned. */
	{ ROOT, .map_auto = true,
	  .want = "65536 host ids of its own from 524288..1879048191, locked" },
	{ ROOT, "0:0", .map_auto = true,
	  .want = "uids 0..65535 inside are the leased ids outside, gids "
		  "0..65535 inside are the leased ids outside\n" },
	{ ROOT, "65536:0", .map_auto = true, .want = "E0875" },
	{ BOXED_ROOT, .want = "a host id of its own from 524288..524388" },
	{ BOXED_ROOT, .map_auto = true, .want = "cannot lease 65536 host ids" },

	/* A caller's own id alone needs nobody's help. */
	{ BARE, "0:0", MAPS(UID(0, 1001, 1), GID(0, 1002, 1)),
	  .want = "uid 0 inside is 1001 outside, gid 0 inside is 1002" },
	{ BARE, MAPS(UID(0, 1001, 1)), .want = "become uid 0, gid 1002\n" },
	{ BARE, MAPS(UID(0, 100000, 9)),
	  .want = "error[E0877]: uids 100000 to 100008 are not" },
	{ BARE, MAPS(GID(0, 100000, 1)),
	  .want = "help: add a line to '/etc/subgid': alice:100000:1\n" },
	{ BARE, .map_auto = true,
	  .want = "help: add a line to '/etc/subuid': alice:365536:65536\n" },

	/* Subordinate ids. */
	{ USER, "0:0", MAPS(UID(0, 1001, 1), UID(1, 100000, 65536)),
	  .want = "uid 0 inside is 1001 outside, uids 1..65536 inside are "
		  "100000..165535 outside (by /usr/bin/newuidmap), gid 0 "
		  "inside is 1002 outside\n" },
	{ USER, MAPS(UID(0, 100000, 65537)), .want = "E0877" },
	{ USER, MAPS(UID(0, 99999, 2)), .want = "E0877" },
	{ USER, MAPS(GID(0, 200005, 6)), .want = "E0877" },
	{ USER, MAPS(UID(0, 1001, 2)), .want = "E0877" },
	{ USER, MAPS(UID(0, 0, 1)), .want = "E0876" },
	{ USER, MAPS(UID(0, 100000, 2)),
	  .want = "deny setgroups; the caller's 2" },
	{ USER, MAPS(GID(0, 200000, 2)), .want = "-deny setgroups" },
	{ USER, MAPS(GID(0, 200000, 2)),
	  .want = "become uid 1001, gid 0, no supplementary groups\n" },
	{ USER, "3:0", .map_auto = true,
	  .want = "uid 3 inside is 1001 outside, uids 0..2 inside are "
		  "100000..100002 outside, uids 4..65536 inside are "
		  "100003..165535 outside (by /usr/bin/newuidmap), gid 0 "
		  "inside is 1002 outside, gids 1..10 inside are "
		  "200000..200009 outside, gids 11..30 inside are "
		  "300000..300019 outside (by /usr/bin/newgidmap)\n" },
	{ USER, "0:0", .map_auto = true, .want = "-callgate" },

	/* Who may map writes itself, and leases nothing. */
	{ ADMIN, MAPS(UID(0, 5000, 3), GID(0, 6000, 1)),
	  .want = "uids 0..2 inside are 5000..5002 outside, gid 0 inside is "
		  "6000 outside\n" },
	{ ADMIN, .want = "-lease" },
};

START_TEST(maps)
{
	const struct row *row = &rows[_i];
	const struct host host = host_of(row->who);
	struct sandbox box = { .present = true, .map_auto = row->map_auto };

	if (row->user) {
		box.has_user = true;
		sscanf(row->user, "%u:%u", &box.uid, &box.gid);
	}
	box.maps = row->map;
	while (box.nmaps < ARRAY_LEN(row->map) && row->map[box.nmaps].count)
		box.nmaps++;
	expect(&box, &host, row->want);
}
END_TEST

/* What the files don't say newuidmap may know, and a missing one is named. */
START_TEST(helpers)
{
	const struct sandbox_map map = UID(0, 700000, 2);
	struct sandbox box = { .present = true, .maps = &map, .nmaps = 1 };
	struct host host = host_of(USER);

	host.ids.elsewhere = true;
	expect(&box, &host, "700000..700001 outside (by /usr/bin/newuidmap)");
	host = host_of(USER);
	host.ids.newgidmap = NULL;
	box.nmaps = 0;
	box.map_auto = true;
	expect(&box, &host, "error[E0878]: mapping more than the caller's own "
			    "gid needs 'newgidmap'");
	expect(&box, &host, "install the package uidmap");
	/* Two lines that meet are one range. */
	host = host_of(USER);
	host.ids.uids.at[0] = (struct id_range){ 0, 700001, 5 };
	host.ids.uids.at[1] = (struct id_range){ 0, 700000, 1 };
	host.ids.uids.n = 2;
	box.map_auto = false;
	box.nmaps = 1;
	expect(&box, &host, "700000..700001 outside (by /usr/bin/newuidmap)");
	host.ids.uids.n = 1;
	expect(&box, &host, "E0877");
	box.nmaps = 0;
	box.map_auto = true;
	host = host_of(BARE);
	host.ids.name = NULL;
	expect(&box, &host, "uid 1001 has no name in /etc/passwd");
}
END_TEST

/* Who isn't the caller can't pass what is closed to others. */
START_TEST(strangers)
{
	const struct sandbox_map map[] = { UID(0, 100000, 9),
					   UID(1001, 1001, 1) };
	struct sandbox box = { .present = true, .maps = map, .nmaps = 1 };
	struct host host = host_of(USER);

	host.cwd = (struct host_path){ .path = "/home/a", .real = "/home/a",
				       .closed_at = "/home/a" };
	expect(&box, &host, "workdir       start in '/'\n");
	box.nmaps = 2;
	expect(&box, &host, "workdir       start in '/home/a'\n");
}
END_TEST

/* An ordinary caller may be whoever it is. */
START_TEST(odd_callers)
{
	struct sandbox box = { .present = true };
	struct host host = host_of(USER);

	host.gid = 0;
	expect(&box, &host, "gid 0 inside is 0 outside\n");
	host.uid = host.gid = 65534;
	expect(&box, &host, "uid 65534 inside is 65534 outside");
}
END_TEST

/* Root of a user namespace in which setgroups is denied. */
START_TEST(denied_around)
{
	struct sandbox box = { .present = true };
	struct host host = host_of(ROOT);

	host.ids.denied = true;
	expect(&box, &host, "become uid 1000, gid 1000; the caller's 2 "
			    "supplementary groups stay");
	box.ns_without = NS_USER;
	expect(&box, &host, "become the leased id, user and group; the");
}
END_TEST

/* Without a user namespace: the host's ids, and its privileges. */
START_TEST(bare)
{
	static const struct {
		enum who who;
		const char *user, *want;
	} cases[] = {
		{ ROOT, NULL, "become the leased id, user and group, no" },
		{ ROOT, NULL, "a host id of its own from 524288..1879048191" },
		{ ROOT, NULL, "-id-maps" },
		{ ROOT, "33:34", "become uid 33, gid 34, no supplementary" },
		{ ROOT, "33:34", "lease         the host ids that 'map'" },
		{ ROOT, "0:33", "error[E0876]: a sandbox never has the host's "
				"uid 0" },
		{ ROOT, "33:65534", "E0876" },
		{ WEAK_ROOT, NULL, "error[E0879]" },
		{ USER, NULL, "error[E0879]: without a user namespace of its "
			      "own, the sandbox needs CAP_SYS_ADMIN" },
		{ USER, NULL, "leave user among the namespaces" },
		{ ADMIN, NULL, "become uid 1001, gid 1002, no" },
		{ ADMIN, "5:5", "become uid 5, gid 5, no" },
		{ ADMIN, NULL, "-lease" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct host host = host_of(cases[i].who);
		struct sandbox box = { .present = true, .ns_without = NS_USER };

		if (cases[i].user) {
			box.has_user = true;
			sscanf(cases[i].user, "%u:%u", &box.uid, &box.gid);
		}
		expect(&box, &host, cases[i].want);
	}
}
END_TEST

/* CAP_SYS_ADMIN alone makes namespaces, but no other user. */
START_TEST(bare_admin)
{
	struct sandbox box = { .present = true, .ns_without = NS_USER };
	struct host host = host_of(ADMIN);

	host.may_map = false;
	expect(&box, &host, "become uid 1001, gid 1002; the caller's 2 "
			    "supplementary groups stay");
	box.has_user = true;
	box.uid = 5;
	box.gid = 1002;
	expect(&box, &host, "needs CAP_SETUID and CAP_SETGID");
}
END_TEST

START_TEST(nested)
{
	static const char limit[] = "init     nested-users  user.max_user_",
			  filter[] = "command  nested-users  a filter of ";
	struct sandbox box = { .present = true };
	const struct host host = host_of(ROOT);

	expect(&box, &host, limit);
	expect(&box, &host, "-command  nested-users");
	box.caps_keep = 1ULL << 24; /* CAP_SYS_RESOURCE */
	expect(&box, &host, limit);
	expect(&box, &host, filter);
	box.ns_without = NS_USER;
	expect(&box, &host, filter);
	expect(&box, &host, "-init     nested-users");
	box.nested_users = true;
	expect(&box, &host, "-nested-users");
	box.ns_without = 0;
	expect(&box, &host, "-nested-users");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plan_ids");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_loop_test(tc, maps, 0, (int)ARRAY_LEN(rows));
	tcase_add_test(tc, helpers);
	tcase_add_test(tc, strangers);
	tcase_add_test(tc, odd_callers);
	tcase_add_test(tc, denied_around);
	tcase_add_test(tc, bare);
	tcase_add_test(tc, bare_admin);
	tcase_add_test(tc, nested);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
