/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - callgate-attack START KEY=VALUE... [-- WORD...]
 *
 * Tries the attacks of one start and writes "NAME<tab>STATE<tab>WHY" for
 * each to standard output.  START is main, tty, orphan, forks, memory,
 * link; `callgate doctor --attack` calls it and prints the table.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/attack/attack.h"
#include "runtime/attack/words.h"

enum { ATTACK_SECONDS = 20 };

struct row {
	const char *name;
	const char *start;
	attack_fn *fn;
};

static const struct row rows[] = {
#define ATTACK(name, start, tried, remedy) { #name, #start, attack_##name },
#include "runtime/attack/attacks.def"
#undef ATTACK
};

static bool same_start(const char *row, const char *asked)
{
	return !strcasecmp(row, asked);
}

static void write_all(const char *text)
{
	size_t len = strlen(text);
	ssize_t n;

	while (len && (n = write(1, text, len)) > 0) {
		text += n;
		len -= (size_t)n;
	}
}

static void print_verdict(const struct row *row, const struct verdict *v)
{
	char line[WHY_MAX + 64], tries[32] = "";

	if (v->tries > 1 && v->state == STATE_BLOCKED)
		snprintf(tries, sizeof(tries), " (%d tries)", v->tries);
	snprintf(line, sizeof(line), "%s\t%c\t%.*s%s\n", row->name,
		 v->state ? (char)v->state : 'N', WHY_MAX - 1, v->why, tries);
	write_all(line);
}

/* How the attack's own process ended, where it did not say so itself. */
static void judge_end(struct verdict *v, int status)
{
	if (!WIFSIGNALED(status)) {
		if (v->state == STATE_NONE)
			say_not(v, "nothing here to try it on");
		return;
	}
	if (WTERMSIG(status) == SIGSYS)
		say_blocked(v, "killed by the filter (SIGSYS)");
	else if (WTERMSIG(status) == SIGALRM)
		say_not(v, "no answer within %d s", ATTACK_SECONDS);
	else if (v->state == STATE_NONE)
		say_not(v, "it ended by signal %d", WTERMSIG(status));
}

static void run_row(const struct row *row, struct verdict *v,
		    const struct planted *p)
{
	int status = 0;
	pid_t pid;

	memset(v, 0, sizeof(*v));
	pid = fork();
	if (pid == 0) {
		alarm(ATTACK_SECONDS);
		row->fn(v, p);
		_exit(0);
	}
	if (pid < 0)
		say_not(v, "the profile is too tight for this program: fork: "
			"%s", strerrorname_np(errno));
	else if (waitpid(pid, &status, 0) == pid)
		judge_end(v, status);
	else
		say_not(v, "the profile is too tight for this program: wait: "
			"%s", strerrorname_np(errno));
	print_verdict(row, v);
}

static bool value_of(const char *word, const char *key, const char **value)
{
	size_t len = strlen(key);

	if (strncmp(word, key, len) || word[len] != '=')
		return false;
	*value = word + len + 1;
	return true;
}

static void take_word(struct planted *p, const char *word)
{
	const char *value;
	char *end;

	if (value_of(word, "dir", &p->dir) ||
	    value_of(word, "secret", &p->secret) ||
	    value_of(word, "socket", &p->socket) ||
	    value_of(word, "abstract", &p->abstract) ||
	    value_of(word, "key", &p->key) ||
	    value_of(word, "queue", &p->queue))
		return;
	if (value_of(word, "port", &value))
		p->port = atoi(value);
	else if (value_of(word, "shm", &value))
		p->shm = strtol(value, NULL, 10);
	else if (value_of(word, "victim", &value))
		p->victim = atoi(value);
	else if (value_of(word, "pids", &value))
		p->pids = strtol(value, NULL, 10);
	else if (value_of(word, "memory", &value))
		p->memory = strtoull(value, NULL, 10);
	else if (value_of(word, "tty", &value)) {
		p->tty_dev = strtoul(value, &end, 10);
		if (*end == ':')
			p->tty_ino = strtoul(end + 1, NULL, 10);
	}
}

/* The words behind "--" are there to see what the runner makes of them. */
static bool intact(int argc, char **argv)
{
	if (argc != ATTACK_WORDS)
		return false;
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], attack_words[i]))
			return false;
	return true;
}

int main(int argc, char **argv)
{
	struct planted p = { 0 };
	struct verdict *v;
	int i = 2;

	if (argc < 2) {
		write_all("usage: callgate-attack START KEY=VALUE...\n");
		return 2;
	}
	for (; i < argc && strcmp(argv[i], "--"); i++)
		take_word(&p, argv[i]);
	p.arguments_intact = i < argc && intact(argc - i - 1, argv + i + 1);
	v = mmap(NULL, sizeof(*v), PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (v == MAP_FAILED) {
		write_all("!\tmmap failed\n");
		return 3;
	}
	for (size_t r = 0; r < sizeof(rows) / sizeof(*rows); r++)
		if (same_start(rows[r].start, argv[1]))
			run_row(&rows[r], v, &p);
	return 0;
}
