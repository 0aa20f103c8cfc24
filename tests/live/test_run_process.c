/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_run_process.c - goal: limits, priorities, time, environment and
 * descriptors are what the profile says, and nothing more is inherited
 *
 * Method: run commands in real sandboxes as root and as an ordinary user
 * and read the values back inside; provoke each refusal and name its code.
 */
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

#include "tests/support/live.h"

#define SHELL(script)                   \
	{                               \
		"/bin/sh", "-c", script \
	}

static void box_case(struct live_run *r, enum live_who who,
		     const struct sandbox *box, const char *script)
{
	struct live_case c = { .who = who, .box = box, .argv = SHELL(script) };

	live_run(r, &c);
}

static void test_rlimits(enum live_who who)
{
	const struct sandbox_rlimit limits[] = {
		{RLIMIT_NOFILE, 100,     200,	   { 0 }},
		{ RLIMIT_STACK, 1 << 20, 1 << 20,	  { 0 }},
		{ RLIMIT_CPU,   77,	  UINT64_MAX, { 0 }},
	};
	const struct sandbox_rlimit core = { RLIMIT_CORE, 0, 512, { 0 } };
	const struct sandbox_rlimit over = {
		RLIMIT_NOFILE, 64, 1U << 30, { 0 }
	};
	struct sandbox box = { .rlimits = limits, .nrlimits = 3 };
	struct live_run r;

	box_case(&r, who, &box,
		 "ulimit -Sn; ulimit -Hn; ulimit -s; ulimit -St; ulimit -Ht; "
		 "ulimit -Hc");
	live_expect(&r, 0, "100\n200\n1024\n77\nunlimited\n0\n");
	box = (struct sandbox){ .rlimits = &core, .nrlimits = 1 };
	box_case(&r, who, &box, "ulimit -Hc");
	live_expect(&r, 0, "1\n");
	/* Above fs.nr_open: refused to everyone, by plan or by kernel. */
	box = (struct sandbox){ .rlimits = &over, .nrlimits = 1 };
	box_case(&r, who, &box, "echo inside");
	live_expect(&r, 125, "E0840");
	live_check(live_has(&r, "nofile") && !live_has(&r, "inside"),
		   "the refusal names it", r.text);
}

/* A limit is felt, not only set: the 8th descriptor is refused. */
static void test_rlimit_felt(enum live_who who)
{
	const struct sandbox_rlimit few = { RLIMIT_NOFILE, 8, 8, { 0 } };
	const struct sandbox box = { .rlimits = &few, .nrlimits = 1 };
	struct live_run r;

	box_case(&r, who, &box,
		 "exec 3</dev/null 4</dev/null 5</dev/null && echo some; "
		 "exec 6</dev/null 7</dev/null 8</dev/null && echo all");
	live_check(live_has(&r, "some\n") && !live_has(&r, "all\n"), "nofile",
		   r.text);
}

static void test_priority(enum live_who who)
{
	struct sandbox box = { .has_nice = true,
			       .nice = 7,
			       .has_oom = true,
			       .oom = 500,
			       .sched = SCHED_KIND_BATCH };
	struct live_run r;

	box_case(&r, who, &box,
		 "nice; cat /proc/self/oom_score_adj /proc/1/oom_score_adj; "
		 "grep '^policy' /proc/self/sched || chrt -p $$");
	live_expect(&r, 0, "7\n500\n500\n");
	live_check(live_has(&r, "SCHED_BATCH") ||
			   (live_has(&r, "policy") && live_has(&r, " 3\n")),
		   "batch", r.text);
	box = (struct sandbox){ .sched = SCHED_KIND_IDLE };
	box_case(&r, who, &box, "chrt -p $$");
	live_expect(&r, 0, "SCHED_IDLE");
	box = (struct sandbox){ .has_nice = true, .nice = -5 };
	box_case(&r, who, &box, "nice");
	if (who == LIVE_ROOT) {
		live_expect(&r, 0, "-5\n");
		return;
	}
	live_expect(&r, 125, "E0840");
	live_check(live_has(&r, "'nice -5'"), "names it", r.text);
	box = (struct sandbox){ .has_oom = true, .oom = -900 };
	box_case(&r, who, &box, "echo inside");
	live_expect(&r, 125, "E0840");
	live_check(live_has(&r, "'oom'") && live_has(&r, "CAP_SYS_RESOURCE"),
		   "names it", r.text);
}

static void test_umask(enum live_who who)
{
	const struct sandbox box = { .has_umask = true, .umask = 077 };
	struct live_run r;

	box_case(&r, who, &box, "umask; echo >/tmp/f; stat -c %a /tmp/f");
	live_expect(&r, 0, "0077\n600\n");
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The end of the pipe shows that what it left behind ended as well. */
static void test_timeout(enum live_who who)
{
	struct sandbox box = { .timeout_ms = 300 };
	double start = now(), took;
	struct live_run r;

	box_case(&r, who, &box,
		 "trap '' TERM INT HUP; setsid sleep 60 & sleep 60");
	took = now() - start;
	live_expect(&r, 124, "E0843");
	live_check(live_has(&r, "timeout of 300ms"), "names it", r.text);
	live_check(took >= 0.3 && took < 15, "time", NULL);
	box.timeout_ms = 60000;
	start = now();
	box_case(&r, who, &box, "exit 3");
	live_expect(&r, 3, NULL);
	live_check(now() - start < 30, "no waiting for the timer", NULL);
}

static void prepare_env(void)
{
	setenv("LANG", "de_DE.UTF-8", 1);
	setenv("SECRET", "one", 1);
	setenv("KEPT", "two=2", 1);
	unsetenv("ABSENT");
}

static void test_env(enum live_who who)
{
	const struct sandbox_env env[] = {
		{"LANG",	  NULL  },
		    { "KEPT",   NULL  },
		      { "ABSENT", NULL  },
		{ "HOME",	  "/srv"},
		    { "NEW",    ""	},
		      { "NEW",    "a b" },
	};
	const struct sandbox box = { .env = env, .nenv = 6 };
	struct live_case c = { .who = who,
			       .box = &box,
			       .prepare = prepare_env,
			       .argv = { "env" } };
	struct live_run r;

	live_run(&r, &c);
	live_expect(&r, 0,
		    "HOME=/srv\nTERM=xterm\nLANG=de_DE.UTF-8\n"
		    "KEPT=two=2\nNEW=a b\n");
	live_check(!live_has(&r, "SECRET") && !live_has(&r, "ABSENT"),
		   "nothing else", r.text);
}

static void prepare_fds(void)
{
	int fd = open("/etc/passwd", O_RDONLY);

	if (fd < 0 || dup2(fd, 9) != 9 || dup2(fd, 77) != 77 ||
	    dup2(fd, 78) != 78)
		_exit(98);
	if (fd != 9)
		close(fd);
}

static void prepare_dir(void)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY);

	if (fd < 0 || dup2(fd, 9) != 9)
		_exit(98);
}

static void test_fds(enum live_who who)
{
	static const int fds[] = { 77, 9, 1 };
	const struct sandbox box = { .fds = fds, .nfds = 3 };
	struct live_case c = { .who = who,
			       .box = &box,
			       .prepare = prepare_fds,
			       /* 3 is the folder that ls itself reads. */
			       .argv = SHELL("grep -c ^root: <&9; "
					     "exec ls -m /proc/self/fd") };
	struct live_run r;

	live_run(&r, &c);
	live_expect(&r, 0, "1\n0, 1, 2, 3, 77, 9");
	c.prepare = NULL;
	live_run(&r, &c);
	live_expect(&r, 125, "E0841");
	live_check(live_has(&r, "descriptor 77") &&
			   live_has(&r, "descriptor 9"),
		   "names both", r.text);
	c.prepare = prepare_dir;
	live_run(&r, &c);
	live_expect(&r, 125, "E0811");
}

int main(void)
{
	static const struct live_test tests[] = {
		{"rlimits",	     test_rlimits	  },
		{ "rlimit felt", test_rlimit_felt},
		{ "priority",    test_priority   },
		{ "umask",	   test_umask      },
		{ "timeout",     test_timeout	  },
		{ "env",	 test_env	  },
		{ "fds",	 test_fds	  },
	};

	return live_main(tests, ARRAY_LEN(tests));
}
