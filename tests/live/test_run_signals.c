/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_run_signals.c - goal: signals reach the command, its end reaches the caller,
 * and nothing outlives the runner
 *
 * Method: commands that report the signals they get; runners that are
 * signalled, or killed, while their command runs.  The common output pipe
 * ends only when every process that holds it is gone.
 */
#include <sys/syscall.h>

#include "tests/support/live.h"

static const int forwarded[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
				 SIGUSR1, SIGUSR2, SIGWINCH };

static void start_probe(struct live_run *r, enum live_who who, bool plain,
			void (*prepare)(void))
{
	struct live_case c = { .who = who,
			       .plain = plain,
			       .prepare = prepare,
			       .argv = { live_self, "probe" } };

	live_start(r, &c);
	live_check(live_read(r, "ready\n"), "start", r->text);
}

static void forwards(enum live_who who, bool plain)
{
	for (size_t i = 0; i < ARRAY_LEN(forwarded); i++) {
		char want[32];
		struct live_run r;

		start_probe(&r, who, plain, NULL);
		kill(r.runner, forwarded[i]);
		snprintf(want, sizeof(want), "got %d\n", forwarded[i]);
		live_finish(&r);
		live_expect(&r, 3, want);
	}
}

static void test_forward(enum live_who who)
{
	forwards(who, false);
	forwards(who, true);
}

/* SIGHUP is ignored, as under nohup; SIGTERM then shows what came first. */
static void ignore_hup(void)
{
	signal(SIGHUP, SIG_IGN);
}

static void test_ignored(enum live_who who)
{
	struct live_run r;

	start_probe(&r, who, false, ignore_hup);
	kill(r.runner, SIGHUP);
	kill(r.runner, SIGTERM);
	live_finish(&r);
	live_expect(&r, 3, "got 15\n");
}

static void test_death_by_signal(enum live_who who)
{
	static const int deadly[] = { SIGTERM, SIGKILL, SIGSEGV, SIGABRT };

	for (size_t i = 0; i < ARRAY_LEN(deadly) * 2; i++) {
		char script[32];
		struct live_case c = { .who = who,
				       .plain = i % 2,
				       .argv = { "/bin/sh", "-c", script } };
		struct live_run r;

		snprintf(script, sizeof(script), "kill -%d $$", deadly[i / 2]);
		live_run(&r, &c);
		live_expect(&r, 128 + deadly[i / 2], NULL);
	}
}

static size_t count_mounts(void)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	size_t n = 0;

	for (int c = f ? fgetc(f) : EOF; c != EOF; c = fgetc(f))
		n += c == '\n';
	if (f)
		fclose(f);
	return n;
}

static void test_kill_runner(enum live_who who)
{
	size_t mounts = count_mounts();

	for (int plain = 0; plain < 2; plain++) {
		/* A plain run ties the command alone to the runner. */
		struct live_case c = {
			.who = who,
			.plain = plain,
			.argv = { "/bin/sh", "-c",
				  plain ? "echo ready; exec sleep 1000"
					: "setsid sleep 1000 & sleep 1000 & "
					  "echo ready; wait" },
		};
		struct live_run r;

		live_start(&r, &c);
		live_check(live_read(&r, "ready\n"), "start", r.text);
		kill(r.runner, SIGKILL);
		close(r.in);
		r.in = -1;
		live_finish(&r);
		live_expect(&r, 1000 + SIGKILL, NULL);
	}
	live_check(count_mounts() == mounts, "mounts of the host", NULL);
}

/* Its end from outside is seen, said and not mistaken for the command's. */
static void test_kill_init(enum live_who who)
{
	struct live_case c = { .who = who,
			       .argv = { "/bin/sh", "-c",
					 "echo ready; exec sleep 1000" } };
	struct live_run r;
	char path[64], pid[16] = "";
	int fd;

	live_start(&r, &c);
	live_check(live_read(&r, "ready\n"), "start", r.text);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
		 (int)r.runner, (int)r.runner);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, pid, sizeof(pid) - 1) <= 0) {
		live_skip("/proc has no 'children' (CONFIG_PROC_CHILDREN)");
		kill(r.runner, SIGKILL);
		live_finish(&r);
		return;
	}
	close(fd);
	kill(atoi(pid), SIGKILL);
	live_finish(&r);
	live_expect(&r, 128 + SIGKILL, "E0814");
}

/* Blocks the signals first: none may come between `ready` and the wait. */
static int probe_main(void)
{
	sigset_t set;
	int sig;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(forwarded); i++)
		sigaddset(&set, forwarded[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	puts("ready");
	fflush(stdout);
	sigwait(&set, &sig);
	printf("got %d\n", sig);
	return 3;
}

int main(int argc, char **argv)
{
	static const struct live_test tests[] = {
		{ "forward",	     test_forward	  },
		{ "ignored signals", test_ignored	  },
		{ "death by signal", test_death_by_signal },
		{ "kill the runner", test_kill_runner	  },
		{ "kill init",	     test_kill_init	  },
	};

	(void)argv;
	if (argc == 2)
		return probe_main();
	return live_main(tests, ARRAY_LEN(tests));
}
