/* SPDX-License-Identifier: Apache-2.0 */
/*
 * start.c - how long programs take from start to exit, side by side
 *
 *	start pairs ROUNDS PAUSE_US NAME COMMAND... [--- NAME COMMAND...]...
 *	start rate SECONDS WORKERS NAME COMMAND...
 *
 * `pairs` starts all of them in each round, in a new order, with a pause
 * before each.  What loads the machine meets all alike, so a round's ratios
 * to its first program say more than any time: the table has their median,
 * of the time that passed and of the CPU time, which waits for nobody.
 * Descriptor 9, if open, is rewound before each start: bwrap reads it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PROGRAMS_MAX = 16, ROUNDS_MAX = 100000, REWOUND_FD = 9 };

struct program {
	const char *name;
	char **argv;
	/* Of each round; ratios are to the first program in the same. */
	double *us, *ratio, *cpu, *cpu_ratio;
	long peak_kb;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "start: %s: %s\n", what, strerror(errno));
	exit(3);
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Of all its descendants: each waits for its own. */
static double cpu_us(const struct rusage *u)
{
	return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1e6 +
	       (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec);
}

/* A figure of a run that failed would be a lie. */
static double start_once(struct program *p, double *cpu)
{
	struct rusage usage;
	double begin;
	pid_t pid;
	int status, err;

	lseek(REWOUND_FD, 0, SEEK_SET);
	begin = now_us();
	err = posix_spawn(&pid, p->argv[0], NULL, NULL, p->argv, environ);
	if (err) {
		errno = err;
		die(p->argv[0]);
	}
	if (wait4(pid, &status, 0, &usage) != pid)
		die("wait4");
	begin = now_us() - begin;
	if (status) {
		fprintf(stderr, "start: %s ended with status %#x\n", p->name,
			(unsigned)status);
		exit(1);
	}
	*cpu = cpu_us(&usage);
	if (usage.ru_maxrss > p->peak_kb)
		p->peak_kb = usage.ru_maxrss;
	return begin;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *list, int rounds)
{
	qsort(list, (size_t)rounds, sizeof(*list), compare);
	return list[rounds / 2];
}

static void print_row(struct program *p, int rounds)
{
	const double middle = median(p->us, rounds);

	printf("%-18s %7.0f %7.0f %7.2f %7.0f %7.2f %8ld\n", p->name, p->us[0],
	       middle, median(p->ratio, rounds), median(p->cpu, rounds),
	       median(p->cpu_ratio, rounds), p->peak_kb);
}

static double *per_round(int rounds)
{
	double *list = calloc((size_t)rounds, sizeof(*list));

	if (!list)
		die("memory");
	return list;
}

static void run_pairs(struct program *list, int n, int rounds, int pause_us)
{
	const struct timespec pause = { 0, pause_us * 1000L };

	for (int i = 0; i < n; i++) {
		double first; /* it pays what only the first start pays */

		list[i].us = per_round(rounds);
		list[i].ratio = per_round(rounds);
		list[i].cpu = per_round(rounds);
		list[i].cpu_ratio = per_round(rounds);
		start_once(&list[i], &first);
		list[i].peak_kb = 0;
	}
	for (int r = 0; r < rounds; r++) {
		for (int i = 0; i < n; i++) {
			struct program *p = &list[(i + r) % n];

			nanosleep(&pause, NULL);
			p->us[r] = start_once(p, &p->cpu[r]);
		}
		for (int i = 0; i < n; i++) {
			list[i].ratio[r] = list[i].us[r] / list[0].us[r];
			list[i].cpu_ratio[r] = list[i].cpu[r] / list[0].cpu[r];
		}
	}
	printf("%-18s %7s %7s %7s %7s %7s %8s\n", "start to exit", "min us",
	       "median", "ratio", "CPU us", "ratio", "peak kB");
	for (int i = 0; i < n; i++)
		print_row(&list[i], rounds);
}

/* Rewinding the others' would make them read half a filter. */
static void own_rewound(void)
{
	int fd = open("/proc/self/fd/9", O_RDONLY);

	if (fd >= 0 && (dup2(fd, REWOUND_FD) < 0 || close(fd)))
		die("descriptor 9");
}

static int count_starts(struct program *p, double until)
{
	double cpu;
	int n = 0;

	own_rewound();
	for (; now_us() < until; n++)
		start_once(p, &cpu);
	return n;
}

static void run_rate(struct program *p, int seconds, int workers)
{
	double begin = now_us(), until = begin + seconds * 1e6;
	int total = 0, n, pair[2];
	struct rusage usage;

	if (pipe(pair) < 0)
		die("pipe");
	for (int i = 0; i < workers; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid)
			continue;
		n = count_starts(p, until);
		_exit(write(pair[1], &n, sizeof(n)) != sizeof(n));
	}
	close(pair[1]);
	for (int i = 0; i < workers; i++) {
		if (read(pair[0], &n, sizeof(n)) != sizeof(n)) {
			fprintf(stderr, "start: a worker failed\n");
			exit(1);
		}
		total += n;
	}
	begin = (now_us() - begin) / 1e6;
	while (wait(NULL) > 0)
		;
	getrusage(RUSAGE_CHILDREN, &usage);
	printf("%-18s %7.0f starts/s by %d workers, %.0f us of CPU each\n",
	       p->name, total / begin, workers, cpu_us(&usage) / total);
}

/* "NAME COMMAND... --- NAME COMMAND..." */
static int read_programs(char **argv, struct program *list)
{
	int n = 0;

	while (*argv) {
		if (n == PROGRAMS_MAX || !argv[1]) {
			fprintf(stderr, "start: a name without a command\n");
			exit(2);
		}
		list[n++] = (struct program){
			.name = argv[0],
			.argv = argv + 1,
		};
		/* "---": what the programs themselves are given has "--". */
		while (*argv && strcmp(*argv, "---"))
			argv++;
		if (*argv)
			*argv++ = NULL;
	}
	return n;
}

int main(int argc, char **argv)
{
	struct program list[PROGRAMS_MAX];
	int n, first, second;

	if (argc < 6) {
		fprintf(stderr, "usage: start pairs|rate N N NAME COMMAND...\n");
		return 2;
	}
	first = atoi(argv[2]);
	second = atoi(argv[3]);
	n = read_programs(argv + 4, list);
	if (first < 1 || first > ROUNDS_MAX || second < 0)
		return 2;
	if (!strcmp(argv[1], "pairs"))
		run_pairs(list, n, first, second);
	else
		run_rate(&list[0], first, second);
	return 0;
}
