/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_run_cgroup.c - goal: limits of the whole sandbox hold, are reported,
 * and leave nothing behind; what can't be had is refused by name
 *
 * Method: real sandboxes on the host's own hierarchies, v1 or v2, with a
 * command that tries to exceed each limit.  Groups are looked for on the
 * host while it runs and afterwards, also after the runner was killed.
 */
#include <dirent.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "runtime/cgroup.h"
#include "tests/support/live.h"

#define SHELL(script)                   \
	{                               \
		"/bin/sh", "-c", script \
	}

/* False when there is nothing to test: refused, as it must be, or no host. */
static bool has_group(const struct live_run *r, enum live_who who)
{
	if (!live_has(r, "no cgroup with the controller"))
		return true;
	live_check(r->code == 125 && live_has(r, "E0844"), "the refusal",
		   r->text);
	if (who == LIVE_ROOT)
		live_skip("no cgroup hierarchy that root can write to");
	return false;
}

static bool box_case(struct live_run *r, enum live_who who,
		     const struct sandbox *box, const char *script)
{
	struct live_case c = { .who = who, .box = box, .argv = SHELL(script) };

	live_run(r, &c);
	return has_group(r, who);
}

/* The group of that runner below dir: "" where there is none. */
static void find_in(const char *top, pid_t runner, char *path, size_t size)
{
	DIR *dir = top ? opendir(top) : NULL;
	char prefix[32];
	struct dirent *e;

	*path = '\0';
	snprintf(prefix, sizeof(prefix), "callgate-%d-", (int)runner);
	while (dir && !*path && (e = readdir(dir)))
		if (!strncmp(e->d_name, prefix, strlen(prefix)))
			snprintf(path, size, "%s/%s", top, e->d_name);
	if (dir)
		closedir(dir);
}

/* Groups of v1 are right below the caller's, those of v2 maybe higher. */
static bool groups_vanish(pid_t runner)
{
	static const struct sandbox none;
	struct arena *arena = arena_new();
	struct cg_host host;
	char path[PATH_MAX];
	bool gone = true;

	cgroup_probe(&host, &none, arena);
	for (size_t i = 0; i < host.ntrees; i++) {
		find_in(host.trees[i].dir, runner, path, sizeof(path));
		gone &= !*path;
	}
	for (size_t i = 0; i < host.nlevels; i++) {
		find_in(host.levels[i].dir, runner, path, sizeof(path));
		gone &= !*path;
	}
	arena_free(arena);
	return gone;
}

static void test_memory(enum live_who who)
{
	const struct sandbox box = {
		.limits = {.memory_max = 64 << 20, .has_swap = true},
	};
	struct live_run r;

	/* tail keeps all of a line; only it is ended, the shell goes on. */
	if (!box_case(&r, who, &box,
		      "head -c 300M /dev/zero | tail >/dev/null; "
		      "echo tail $?"))
		return;
	live_expect(&r, 0, "tail 137\n");
	live_check(live_has(&r, "error[E0846]: the memory limit of 64M ended "
				"1 process in the sandbox"),
		   "the report", r.text);
	live_check(live_has(&r, "oom_kill 1 and a peak of 64M"), "counters",
		   r.text);
	live_check(groups_vanish(r.runner), "nothing is left", NULL);
	box_case(&r, who, &box, "echo small");
	live_expect(&r, 0, "small\n");
	live_check(!live_has(&r, "E0846"), "no report without a cause", r.text);
}

static void test_memory_high(enum live_who who)
{
	const struct sandbox box = { .limits = { .memory_high = 64 << 20 } };
	struct live_run r;

	if (!box_case(&r, who, &box, "echo inside"))
		return;
	live_check(r.code == 0 ||
			   live_has(&r, "E0844]: cannot apply 'memory high'"),
		   "applied or refused", r.text);
	live_check((r.code == 0) == live_has(&r, "inside"), "no third", r.text);
}

static void test_pids(enum live_who who)
{
	const struct sandbox box = { .limits = { .pids = 16 } };
	struct live_run r;

	if (!box_case(&r, who, &box,
		      "i=0; while [ $i -lt 40 ]; do sleep 60 & "
		      "i=$((i+1)); done; echo all"))
		return;
	live_check(!live_has(&r, "all\n") && r.code != 0, "refused", r.text);
	live_check(live_has(&r, "warning[W0847]: the limit of 16 processes"),
		   "the report", r.text);
	live_check(groups_vanish(r.runner), "nothing is left", NULL);
}

/* Prints its CPU time in ms after spinning for `ms` of wall time. */
static int spin_main(const char *ms)
{
	struct timespec now, start;
	char c;

	printf("ready\n");
	fflush(stdout);
	if (read(0, &c, 1) < 0)
		return 1;
	clock_gettime(CLOCK_MONOTONIC, &start);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - start.tv_sec) * 1000 +
		       (now.tv_nsec - start.tv_nsec) / 1000000 <
	       atol(ms));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	printf("cpu %ld\n", now.tv_sec * 1000 + now.tv_nsec / 1000000);
	return 0;
}

static long spun(const struct live_run *r)
{
	const char *at = strstr(r->text, "cpu ");

	return at ? atol(at + 4) : -1;
}

static void test_cpu(enum live_who who)
{
	const struct sandbox box = { .limits = { .cpu_percent = 30 } };
	struct live_case c = {
		.who = who, .box = &box, .argv = {live_self, "spin", "1500"}
	};
	struct live_run r;

	live_run(&r, &c);
	if (!has_group(&r, who))
		return;
	live_expect(&r, 0, "ready\n");
	/* At most 30 % of the time, one period more, some slack. */
	live_check(spun(&r) > 0 && spun(&r) < 750, "30% of 1500 ms", r.text);
}

/* Both on one core; the machine's other load takes from both alike. */
static void test_weight(enum live_who who)
{
	struct sandbox light = {
		.limits = {.cpu_weight = 100, .cpus = "0"}
	};
	struct sandbox heavy = {
		.limits = {.cpu_weight = 400, .cpus = "0"}
	};
	struct live_case c = {
		.who = who, .box = &light, .argv = {live_self, "spin", "3000"}
	};
	struct live_run a, b;
	double ratio;

	live_start(&a, &c);
	c.box = &heavy;
	live_start(&b, &c);
	if (live_read(&a, "ready") && live_read(&b, "ready"))
		live_check(write(a.in, "\n", 1) == 1 &&
				   write(b.in, "\n", 1) == 1,
			   "start", NULL);
	live_finish(&a);
	live_finish(&b);
	if (!has_group(&a, who))
		return;
	ratio = (double)spun(&b) / (double)(spun(&a) > 0 ? spun(&a) : 1);
	live_check(ratio > 2.5 && ratio < 6, "1 to 4", b.text);
	printf("weight 1:4 was %ld to %ld ms\n", spun(&a), spun(&b));
}

static void test_cpus(enum live_who who)
{
	const struct sandbox box = { .limits = { .cpus = "0" } };
	const struct sandbox bad = { .limits = { .cpus = "4000" } };
	struct live_run r;

	if (!box_case(&r, who, &box,
		      "grep ^Cpus_allowed_list /proc/self/status; nproc"))
		return;
	live_expect(&r, 0, "Cpus_allowed_list:\t0\n1\n");
	box_case(&r, who, &bad, "echo inside");
	live_expect(&r, 125, "E0845");
	live_check(live_has(&r, "cpuset.cpus = 4000") &&
			   !live_has(&r, "inside"),
		   "file and value", r.text);
	live_check(groups_vanish(r.runner), "nothing is left", NULL);
}

/* All processes count, also those that nobody waits for. */
static void test_cpu_time(enum live_who who)
{
	struct sandbox box = { .timeout_cpu_ms = 400, .timeout_ms = 60000 };
	struct live_run r;

	if (!box_case(&r, who, &box,
		      "trap '' CHLD; while :; do /bin/true; done"))
		return;
	live_expect(&r, 124,
		    "error[E0843]: the sandbox was ended: its "
		    "timeout of 400ms of CPU time is over");
	live_check(groups_vanish(r.runner), "nothing is left", NULL);
	/* What sleeps takes none; the start itself takes some. */
	box.timeout_cpu_ms = 3000;
	box_case(&r, who, &box, "sleep 3.2; exit 3");
	live_expect(&r, 3, NULL);
}

static void test_namespace(enum live_who who)
{
	const struct sandbox box = { .limits = { .pids = 20 } };
	struct live_run r;

	if (!box_case(&r, who, &box,
		      "cat /proc/self/cgroup; sed -n s/^/1:/p /proc/1/cgroup"))
		return;
	live_expect(&r, 0, NULL);
	/* The root that is seen inside is the sandbox's own group. */
	live_check(!live_has(&r, "callgate-"), "its name is not seen", r.text);
	live_check(live_has(&r, "pids:/\n") || live_has(&r, "0::/\n"), "root",
		   r.text);
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) > 0;

	close(fd);
	return ok;
}

/* The freezer's file for the runner's group, "" where there is none. */
static void find_freezer(char *path, size_t size, pid_t runner, bool *v2)
{
	static const struct sandbox none;
	struct arena *arena = arena_new();
	struct cg_host host;
	char group[PATH_MAX - 32] = "";

	cgroup_probe(&host, &none, arena);
	*v2 = false;
	for (size_t i = 0; i < host.ntrees && !*group; i++)
		if (host.trees[i].controllers & CG_FREEZER)
			find_in(host.trees[i].dir, runner, group,
				sizeof(group));
	for (size_t i = 0; i < host.nlevels && !*group; i++) {
		*v2 = true;
		find_in(host.levels[i].dir, runner, group, sizeof(group));
	}
	snprintf(path, size, "%s%s", group,
		 !*group ? ""
		 : *v2	 ? "/cgroup.freeze"
			 : "/freezer.state");
	arena_free(arena);
}

/* How many bytes come within 300 ms. */
static int counted(struct live_run *r)
{
	struct pollfd p = { .fd = r->out, .events = POLLIN };
	char text[4096];
	int n = 0;

	for (int i = 0; i < 30; i++) {
		usleep(10000);
		if (poll(&p, 1, 0) > 0)
			n += (int)read(r->out, text, sizeof(text));
	}
	return n;
}

/* Frozen when its runner dies: the next run lets it die, one more removes. */
static void test_frozen_leftover(enum live_who who)
{
	const struct sandbox box = { .limits = { .pids = 20 },
				     .timeout_ms = 60000 };
	struct live_case c = { .who = who,
			       .box = &box,
			       .argv = SHELL("echo go; sleep 60") };
	struct live_run r, next;
	char path[PATH_MAX];
	bool v2 = false;

	live_start(&r, &c);
	if (!live_read(&r, "go\n")) {
		live_finish(&r);
		has_group(&r, who);
		return;
	}
	find_freezer(path, sizeof(path), r.runner, &v2);
	if (*path)
		live_check(write_file(path, v2 ? "1" : "FROZEN"), path, NULL);
	kill(r.runner, SIGKILL);
	usleep(100000);
	box_case(&next, who, &box, "exit 0");
	live_expect(&next, 0, NULL);
	live_finish(&r);
	usleep(100000);
	box_case(&next, who, &box, "exit 0");
	live_check(groups_vanish(r.runner), "removed", NULL);
}

/* The clock does not stop for a frozen sandbox. */
static void test_frozen_timeout(enum live_who who)
{
	const struct sandbox box = { .limits = { .pids = 20 },
				     .timeout_ms = 1000 };
	struct live_case c = { .who = who,
			       .box = &box,
			       .argv = SHELL("echo go; sleep 60") };
	struct live_run r;
	char path[PATH_MAX];
	bool v2 = false;

	live_start(&r, &c);
	if (live_read(&r, "go\n")) {
		find_freezer(path, sizeof(path), r.runner, &v2);
		if (*path)
			live_check(write_file(path, v2 ? "1" : "FROZEN"), path,
				   NULL);
	}
	live_finish(&r);
	if (has_group(&r, who))
		live_expect(&r, 124, "E0843");
}

static void test_freezer(enum live_who who)
{
	const struct sandbox box = { .limits = { .pids = 20 } };
	struct live_case c = { .who = who,
			       .box = &box,
			       .argv = SHELL("echo go; while sleep 0.01; do "
					     "echo tick; done") };
	struct live_run r;
	char path[PATH_MAX];
	bool v2 = false;

	live_start(&r, &c);
	if (!live_read(&r, "go\n")) {
		live_finish(&r);
		has_group(&r, who);
		return;
	}
	find_freezer(path, sizeof(path), r.runner, &v2);
	if (*path) {
		live_check(counted(&r) > 0, "counts", NULL);
		live_check(write_file(path, v2 ? "1" : "FROZEN"), path, NULL);
		counted(&r);
		live_check(counted(&r) == 0, "stands still", NULL);
		live_check(write_file(path, v2 ? "0" : "THAWED"), path, NULL);
		live_check(counted(&r) > 0, "counts again", NULL);
	} else {
		live_skip("no freezer in the caller's group");
	}
	kill(r.runner, SIGTERM);
	live_finish(&r);
}

/* SIGKILL leaves the directory; the next run removes it. */
static void test_killed_runner(enum live_who who)
{
	const struct sandbox box = { .limits = { .pids = 20 } };
	struct live_case c = { .who = who,
			       .box = &box,
			       .argv = SHELL("echo go; sleep 60") };
	struct live_run r, next;
	pid_t dead;

	live_start(&r, &c);
	if (!live_read(&r, "go\n")) {
		live_finish(&r);
		has_group(&r, who);
		return;
	}
	dead = r.runner;
	live_check(!groups_vanish(dead), "a group while it runs", NULL);
	kill(dead, SIGKILL);
	live_finish(&r);
	live_check(r.code == 1000 + SIGKILL, "killed", r.text);
	usleep(100000);
	box_case(&next, who, &box, "exit 0");
	live_expect(&next, 0, NULL);
	live_check(groups_vanish(dead), "the next run removes it", NULL);
}

static void test_io(enum live_who who)
{
	struct sandbox_io io = { .device = "/dev/null", .read_bps = 1 << 20 };
	const struct sandbox box = { .ios = &io, .nios = 1 };
	struct live_run r;

	if (!box_case(&r, who, &box, "echo inside"))
		return;
	live_expect(&r, 125, "error[E0844]: cannot apply 'io \"/dev/null\"'");
	io.device = "/dev/nonexistent";
	box_case(&r, who, &box, "echo inside");
	live_expect(&r, 125, "No such file");
}

/* Many at once: none takes another's group for a dead runner's. */
static void test_many(enum live_who who)
{
	enum { MANY = 24 };
	const struct sandbox box = { .limits = { .pids = 20 } };
	struct live_case c = { .who = who,
			       .box = &box,
			       .argv = SHELL("exit 7") };
	static struct live_run r[MANY];
	int good = 0;

	for (int i = 0; i < MANY; i++)
		live_start(&r[i], &c);
	for (int i = 0; i < MANY; i++)
		live_finish(&r[i]);
	if (!has_group(&r[0], who))
		return;
	for (int i = 0; i < MANY; i++)
		if (r[i].code == 7 && groups_vanish(r[i].runner))
			good++;
		else
			live_check(false, "one of many", r[i].text);
	live_check(good == MANY, "all of them", NULL);
}

int main(int argc, char **argv)
{
	static const struct live_test tests[] = {
		{"memory",	    test_memory		},
		{ "memory high",	 test_memory_high	  },
		{ "pids",		  test_pids	    },
		{ "cpu",		 test_cpu		  },
		{ "weight",	    test_weight		},
		{ "cpus",		  test_cpus	    },
		{ "cpu time",	      test_cpu_time	    },
		{ "namespace",       test_namespace      },
		{ "freezer",	     test_freezer	  },
		{ "frozen leftover", test_frozen_leftover},
		{ "frozen timeout",  test_frozen_timeout },
		{ "killed runner",   test_killed_runner  },
		{ "io",		test_io		},
		{ "many",		  test_many	    },
	};

	if (argc == 3 && !strcmp(argv[1], "spin"))
		return spin_main(argv[2]);
	return live_main(tests, ARRAY_LEN(tests));
}
