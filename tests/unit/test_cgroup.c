/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_cgroup.c - goal: limits find their place on every kind of host
 *
 * Method: the texts of v1, v2 and mixed hosts are parsed, also damaged
 * ones; the decision gets invented hosts, and its groups and settings are
 * compared as the described plan, refusals by their text.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "runtime/apply.h"
#include "runtime/cgroup.h"

static const char v1_mounts[] =
	"30 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
	"31 30 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup "
	"cgroup rw,cpu,cpuacct\n"
	"32 30 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
	"33 30 0:31 / /sys/fs/cgroup/my\\040pids rw - cgroup cgroup rw,pids\n"
	"34 30 0:32 / /sys/fs/cgroup/systemd rw - cgroup cgroup "
	"rw,xattr,name=systemd\n"
	"35 30 0:33 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

static const char v1_own[] = "9:name=systemd:/init.scope\n8:pids:/\n"
			     "7:cpu,cpuacct:/a/b\n4:memory:/jobs/x:y\n"
			     "0::/init.scope\n";

static const struct cg_tree *tree(const struct cg_host *h, unsigned set)
{
	for (size_t i = 0; i < h->ntrees; i++)
		if (set ? h->trees[i].controllers == set : h->trees[i].v2)
			return &h->trees[i];
	ck_abort_msg("no tree for %#x", set);
}

START_TEST(parse_v1)
{
	struct arena *arena = arena_new();
	struct cg_host h = { 0 };

	cgroup_parse(v1_mounts, v1_own, arena, &h);
	ck_assert_uint_eq(h.ntrees, 4);
	ck_assert_str_eq(tree(&h, CG_CPU | CG_CPUACCT)->dir,
			 "/sys/fs/cgroup/cpu,cpuacct/a/b");
	ck_assert_str_eq(tree(&h, CG_MEMORY)->dir,
			 "/sys/fs/cgroup/memory/jobs/x:y");
	ck_assert_str_eq(tree(&h, CG_PIDS)->dir, "/sys/fs/cgroup/my pids");
	ck_assert_str_eq(tree(&h, 0)->dir, "/sys/fs/cgroup/unified/init.scope");
	arena_free(arena);
}
END_TEST

/* Containers: the mount shows a part only, and the caller may be outside. */
START_TEST(parse_part)
{
	static const struct {
		const char *root, *own, *dir;
	} rows[] = {
		{"/",	       "0::/",	       "/cg"  },
		{ "/",	       "0::/a",		"/cg/a"},
		{ "/docker/1", "0::/docker/1",   "/cg"  },
		{ "/docker/1", "0::/docker/1/x", "/cg/x"},
		{ "/docker/1", "0::/docker/12",	NULL   },
		{ "/docker/1", "0::/",	       NULL   },
		{ "/",	       "0::/../other",   NULL   },
		{ "/",	       "5:memory:/a",    NULL   },
		{ "/",	       "",		   NULL	},
		{ "/",	       "0",		    NULL	 },
		{ "/",	       "0:",	     NULL	  },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct cg_host h = { 0 };
		char line[128];

		snprintf(line, sizeof(line),
			 "31 23 0:29 %s /cg rw - cgroup2 cgroup2 rw\n",
			 rows[i].root);
		cgroup_parse(line, rows[i].own, arena, &h);
		ck_assert_uint_eq(h.ntrees, 1);
		if (rows[i].dir)
			ck_assert_str_eq(h.trees[0].dir, rows[i].dir);
		else
			ck_assert_ptr_null(h.trees[0].dir);
		arena_free(arena);
	}
}
END_TEST

/* No line, however cut or repeated, leads past the table. */
START_TEST(parse_damaged)
{
	struct arena *arena = arena_new();
	char cut[sizeof(v1_mounts)];
	struct cg_host h;

	for (size_t len = 0; len < sizeof(v1_mounts); len++) {
		snprintf(cut, len + 1, "%s", v1_mounts);
		h = (struct cg_host){ 0 };
		cgroup_parse(cut, v1_own, arena, &h);
		ck_assert_uint_le(h.ntrees, 4);
	}
	h = (struct cg_host){ 0 };
	for (int i = 0; i < 3 * CG_TREES_MAX; i++)
		cgroup_parse("1 2 0:1 /x /m rw - cgroup c rw,memory\n", "",
			     arena, &h);
	ck_assert_uint_eq(h.ntrees, CG_TREES_MAX);
	arena_free(arena);
}
END_TEST

struct world {
	struct sandbox box;
	struct cg_host host;
	struct run_request req;
	char *text;
};

static void world_decide(struct world *w, uid_t uid)
{
	struct arena *arena = arena_new();
	struct sandbox_plan *plan = arena_new_of(arena, struct sandbox_plan);
	struct diag_sink *diags;
	struct sources sources;
	size_t len;
	FILE *out = open_memstream(&w->text, &len);

	sources_init(&sources, arena);
	diags = diag_sink_new(arena, &sources);
	plan->arena = arena;
	plan->caller_uid = uid;
	plan->req = &w->req;
	w->req.sandbox = &w->box;
	if (cgroup_decide(plan, &w->host, diags) &&
	    (plan->kind & PLAN_CGROUP)) {
		if (plan->kind & PLAN_SCOPE) {
			cgroup_scope_describe(plan, out);
			fputs("; ", out);
		}
		cgroup_make_describe(plan, out);
		fputs("; ", out);
		cgroup_join_describe(plan, out);
	}
	diag_print(diags, DIAG_TEXT, out);
	fclose(out);
	arena_free(arena);
}

static void expect(struct world *w, uid_t uid, const char *text)
{
	world_decide(w, uid);
	ck_assert_msg(strstr(w->text, text), "'%s' is not in:\n%s", text,
		      w->text);
	free(w->text);
}

static const struct cg_host v1_host = {
	.ntrees = 3,
	.trees = {{ .controllers = CG_MEMORY,
		     .top = "/m",
		     .dir = "/m/a",
		     .writable = true },
		   { .controllers = CG_PIDS,
		     .top = "/p",
		     .dir = "/p",
		     .writable = true },
		   { .controllers = CG_CPU | CG_CPUACCT,
		     .top = "/c",
		     .dir = "/c",
		     .writable = true }},
	.ncpus = 2,
};

START_TEST(decide_v1)
{
	struct world w = { .host = v1_host };

	w.box.limits.memory_max = 256 << 20;
	w.box.limits.has_swap = true;
	w.box.limits.swap_max = 1 << 20;
	w.box.limits.pids = 64;
	expect(&w, 0,
	       "make '/m/a/callgate-PID-RANDOM', '/p/callgate-PID-RANDOM'; "
	       "memory.limit_in_bytes = 268435456, "
	       "memory.memsw.limit_in_bytes = 269484032, pids.max = 64; put "
	       "pid 1 into the groups");
	w.box.limits =
		(struct sandbox_limits){ .cpu_percent = 250, .cpu_weight = 25 };
	w.box.timeout_cpu_ms = 1000;
	expect(&w, 0,
	       "make '/c/callgate-PID-RANDOM'; cpu.cfs_period_us = 100000, "
	       "cpu.cfs_quota_us = 250000, cpu.shares = 256; ");
	w.box.limits = (struct sandbox_limits){ .cpu_weight = 1 };
	expect(&w, 0, "cpu.shares = 10;");
}
END_TEST

START_TEST(refuse_v1)
{
	struct world w = { .host = v1_host };

	w.box.limits.memory_high = 1 << 20;
	expect(&w, 0,
	       "error[E0844]: cannot apply 'memory high' with cgroup "
	       "v1\n");
	w.box.limits = (struct sandbox_limits){ .has_swap = true };
	expect(&w, 0,
	       "error[E0844]: cannot apply 'memory swap' with cgroup "
	       "v1\n");
	w.box.limits = (struct sandbox_limits){ .cpus = "0" };
	expect(&w, 0,
	       "error[E0844]: cannot apply 'cpus 0': no cgroup with "
	       "the controller 'cpuset' can be made\n      = note: no "
	       "mounted hierarchy has it\n");
	w.box.limits = (struct sandbox_limits){ .pids = 3 };
	w.host.trees[1].writable = false;
	expect(&w, 1000,
	       "cannot apply 'pids 3': no cgroup with the "
	       "controller 'pids' can be made\n      = note: the caller "
	       "can't write to '/p'\n      = help: start callgate in a "
	       "delegated subtree");
	w.host.trees[1].dir = NULL;
	expect(&w, 0, "the caller's group is outside of what '/p' shows");
}
END_TEST

/* user@1000.service is delegated, app.slice has no processes of its own. */
static const struct cg_host v2_host = {
	.ntrees = 1,
	.trees = {{ .v2 = true, .top = "/cg", .dir = "/cg/u/app/x" }},
	.nlevels = 4,
	.levels = { { .dir = "/cg/u/app/x",
		      .available = CG_MEMORY | CG_PIDS,
		      .writable = true,
		      .busy = true },
		    { .dir = "/cg/u/app",
		      .available = CG_MEMORY | CG_PIDS,
		      .enabled = CG_PIDS,
		      .writable = true },
		    { .dir = "/cg/u",
		      .available = CG_MEMORY | CG_PIDS | CG_CPU,
		      .enabled = CG_MEMORY | CG_PIDS,
		      .writable = true },
		    { .dir = "/cg", .available = CG_ALL, .enabled = CG_ALL } },
	.ncpus = 4,
};

START_TEST(decide_v2)
{
	static const struct cg_device disk = { 0, 8, 16 };
	static const struct sandbox_io io = { .device = "/dev/sdb",
					      .read_bps = 1000,
					      .write_iops = 7 };
	struct world w = { .host = v2_host };

	/* The nearest: already enabled, then enabled along the way. */
	w.box.limits.pids = 64;
	expect(&w, 1000,
	       "make '/cg/u/app/callgate-PID-RANDOM'; pids.max = "
	       "64; pid 1 is cloned into the group");
	w.box.limits.memory_max = 1 << 20;
	w.box.limits.memory_high = 1 << 19;
	w.box.limits.has_swap = true;
	expect(&w, 1000,
	       "make '/cg/u/app/callgate-PID-RANDOM'; memory.max = 1048576, "
	       "memory.high = 524288, memory.swap.max = 0, pids.max = 64; ");
	/* Further up, where the parent has it. */
	w.box.limits =
		(struct sandbox_limits){ .cpu_percent = 50, .cpu_weight = 25 };
	expect(&w, 1000,
	       "make '/cg/u/callgate-PID-RANDOM'; cpu.max = 50000 "
	       "100000, cpu.weight = 25; ");
	/* CPU time is counted everywhere, also below a busy group. */
	w.box.limits = (struct sandbox_limits){ 0 };
	w.box.timeout_cpu_ms = 5;
	expect(&w, 1000, "make '/cg/u/app/x/callgate-PID-RANDOM'; pid 1");
	w.box.timeout_cpu_ms = 0;
	w.box.ios = &io;
	w.box.nios = 1;
	w.host.devices = &disk;
	w.host.levels[3].writable = true;
	expect(&w, 0,
	       "make '/cg/callgate-PID-RANDOM'; io.max = 8:16 "
	       "rbps=1000 wiops=7; ");
}
END_TEST

START_TEST(refuse_v2)
{
	struct world w = { .host = v2_host };

	w.box.limits.cpus = "0";
	expect(&w, 1000,
	       "cannot apply 'cpus 0': no cgroup with the controller "
	       "'cpuset' can be made\n      = note: cgroup.controllers "
	       "of '/cg/u' does not list 'cpuset': it is not "
	       "delegated\n");
	w.host.nlevels = 1;
	w.box.limits = (struct sandbox_limits){ .pids = 3 };
	expect(&w, 1000,
	       "'/cg/u/app/x' has processes besides the caller, and the "
	       "kernel enables no controller below such a group");
	w.host.nlevels = 0;
	expect(&w, 1000, "no mounted hierarchy has it");
}
END_TEST

/* Alone in its group the runner can leave it; others it can't move. */
START_TEST(decide_alone)
{
	struct world w = { .host = v2_host };

	w.host.nlevels = 1;
	w.host.levels[0].alone = true;
	w.box.limits.pids = 3;
	expect(&w, 1000,
	       "step aside, make '/cg/u/app/x/callgate-PID-RANDOM'; "
	       "pids.max = 3; ");
	w.host.levels[0].enabled = CG_PIDS;
	expect(&w, 1000, "make '/cg/u/app/x/callgate-PID-RANDOM'; pids");
}
END_TEST

/* What systemd did not give away is nobody else's, root's neither. */
START_TEST(decide_systemd)
{
	struct world w = { .host = v2_host };

	w.host.systemd = true;
	w.host.levels[3].writable = true;
	w.box.limits.pids = 3;
	expect(&w, 1000,
	       "ask systemd over D-Bus (the user's bus) for a delegated "
	       "scope; step aside, make 'the scope/callgate-PID-RANDOM'; "
	       "pids.max = 3; ");
	expect(&w, 0, "(the system's bus)");
	w.host.levels[0].delegated = w.host.levels[1].delegated = true;
	expect(&w, 1000, "make '/cg/u/app/callgate-PID-RANDOM'; pids");
	w.box.limits = (struct sandbox_limits){ .cpus = "0" };
	expect(&w, 1000, "does not list 'cpuset': it is not delegated");
}
END_TEST

/* Mixed: memory in v1, the rest in v2; two groups, one of each kind. */
START_TEST(decide_mixed)
{
	struct world w = { .host = v2_host };

	w.host.trees[w.host.ntrees++] = v1_host.trees[0];
	w.box.limits.memory_max = 4096;
	w.box.limits.pids = 5;
	expect(&w, 0,
	       "make '/m/a/callgate-PID-RANDOM', "
	       "'/cg/u/app/callgate-PID-RANDOM'; memory.limit_in_bytes = "
	       "4096, pids.max = 5; put pid 1 into the groups");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cgroup");
	TCase *tests = tcase_create("hosts");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, parse_v1);
	tcase_add_test(tests, parse_part);
	tcase_add_test(tests, parse_damaged);
	tcase_add_test(tests, decide_v1);
	tcase_add_test(tests, refuse_v1);
	tcase_add_test(tests, decide_v2);
	tcase_add_test(tests, refuse_v2);
	tcase_add_test(tests, decide_alone);
	tcase_add_test(tests, decide_systemd);
	tcase_add_test(tests, decide_mixed);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
