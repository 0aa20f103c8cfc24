/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack_run.c - starts the sandboxes and judges what is seen from outside
 *
 * Each start is a real `callgate run` by a process that has prepared itself
 * badly on purpose.  All that the sandbox prints comes through one pipe or
 * terminal, whose end proves that nothing of it is left.
 */
#include "runtime/attack_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/diag.h"
#include "base/str.h"
#include "runtime/attack/words.h"
#include "runtime/attack_plant.h"
#include "runtime/run.h"

enum start {
	START_MAIN,
	START_TTY,
	START_ORPHAN,
	START_FORKS,
	START_MEMORY,
	START_LINK,
	START_COUNT
};

/* In words of the attack program. */
static const char *const start_names[START_COUNT] = {
	[START_MAIN] = "main",	 [START_TTY] = "tty",
	[START_ORPHAN] = "orphan", [START_FORKS] = "forks",
	[START_MEMORY] = "memory", [START_LINK] = "link",
};

const struct attack_info attack_infos[ATTACK_COUNT] = {
#define ATTACK(name, start, tried, remedy) { #name, tried, remedy },
#include "runtime/attack/attacks.def"
#undef ATTACK
};

static const enum start starts[ATTACK_COUNT] = {
#define ATTACK(name, start, tried, remedy) START_##start,
#include "runtime/attack/attacks.def"
#undef ATTACK
};

enum {
	ARGS_MAX = 64,
	OUTPUT_MAX = 64 * 1024,
	/* For one start, and for the end of what should have ended. */
	START_SECONDS = 120,
	ORPHAN_SECONDS = 10,
};

struct siege {
	const struct attack_request *req;
	struct attack_result *results;
	struct plants plants;
	enum start start;
	struct str words; /* of the plants, each ended by NUL */
	struct str under; /* for a shell */
	struct str text;  /* what this start has printed */
	int in, out;	  /* our ends; the same for a terminal */
	int slave;	  /* of a terminal; -1: pipes */
	pid_t runner;
	int status;
};

/* --- the process that becomes the runner ----------------------------------- */

struct args {
	const char *at[ARGS_MAX];
	size_t n;
	char exec[PLANT_NAME + 32], self[PLANT_NAME + 32];
	char link[PLANT_NAME + 32], limit[48], tty[64];
};

static void arg(struct args *a, const char *text)
{
	if (a->n + 1 >= ARGS_MAX)
		BUG("more than %d arguments", ARGS_MAX);
	a->at[a->n++] = text;
}

/* The runner and its options, up to the command. */
static void runner_args(const struct siege *s, struct args *a)
{
	if (s->req->under) {
		arg(a, "/bin/sh");
		arg(a, "-c");
		arg(a, str_text(&s->under));
		arg(a, "sh");
		return;
	}
	snprintf(a->self, sizeof(a->self), "%s/bin/callgate", s->plants.dir);
	arg(a, a->self);
	arg(a, "run");
	if (s->start == START_LINK) {
		snprintf(a->link, sizeof(a->link), "%s/link.gate",
			 s->plants.dir);
		arg(a, a->link);
		arg(a, "--");
		return;
	}
	if (s->req->add_exec) {
		arg(a, "--exec");
		arg(a, a->exec);
	}
	arg(a, s->req->profile);
	arg(a, "--");
}

static void limit_args(const struct siege *s, struct args *a)
{
	if (s->start == START_FORKS && s->req->pids) {
		snprintf(a->limit, sizeof(a->limit), "pids=%u", s->req->pids);
		arg(a, a->limit);
	}
	if (s->start == START_MEMORY && s->req->memory) {
		snprintf(a->limit, sizeof(a->limit), "memory=%ju",
			 (uintmax_t)s->req->memory);
		arg(a, a->limit);
	}
}

static void build_args(const struct siege *s, struct args *a)
{
	struct stat st;

	snprintf(a->exec, sizeof(a->exec), "%s/bin/callgate-attack",
		 s->plants.dir);
	runner_args(s, a);
	if (s->start == START_LINK)
		arg(a, "/callgate-attack");
	else if (s->plants.in_root)
		arg(a, strrchr(s->plants.in_root, '/'));
	else
		arg(a, a->exec);
	arg(a, start_names[s->start]);
	for (size_t i = 0; i < s->words.len; i += strlen(s->words.text + i) + 1)
		arg(a, s->words.text + i);
	limit_args(s, a);
	if (s->slave >= 0 && fstat(s->slave, &st) == 0) {
		snprintf(a->tty, sizeof(a->tty), "tty=%lu:%lu",
			 (unsigned long)st.st_dev, (unsigned long)st.st_ino);
		arg(a, a->tty);
	}
	arg(a, "--");
	for (size_t i = 0; i < ATTACK_WORDS; i++)
		arg(a, attack_words[i]);
	a->at[a->n] = NULL;
}

static _Noreturn void become_runner(const struct siege *s, int in, int out)
{
	struct args a = { .n = 0 };

	build_args(s, &a);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (setsid() < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 ||
	    dup2(out, 2) < 0)
		_exit(ATTACK_EXIT);
	if (s->slave >= 0)
		ioctl(0, TIOCSCTTY, 0);
	plants_leave(&s->plants);
	execv(a.at[0], (char *const *)(uintptr_t)a.at);
	dprintf(2, "cannot execute '%s': %s\n", a.at[0], strerror(errno));
	_exit(ATTACK_EXIT);
}

/* --- one start -------------------------------------------------------------- */

static int open_terminal(struct siege *s)
{
	struct termios raw;
	int master, slave;

	if (openpty(&master, &slave, NULL, NULL, NULL))
		return errno;
	if (tcgetattr(slave, &raw) == 0) {
		cfmakeraw(&raw);
		tcsetattr(slave, TCSANOW, &raw);
	}
	fcntl(master, F_SETFD, FD_CLOEXEC);
	fcntl(slave, F_SETFD, FD_CLOEXEC);
	s->in = s->out = master;
	s->slave = slave;
	return 0;
}

static int start_runner(struct siege *s)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 };
	int err = 0;

	s->in = s->out = s->slave = -1;
	s->text.len = 0;
	if (s->start == START_TTY)
		err = open_terminal(s);
	else if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		err = errno;
	if (err)
		return err;
	s->runner = fork();
	if (s->runner == 0) {
		if (s->slave >= 0)
			become_runner(s, s->slave, s->slave);
		become_runner(s, in[0], out[1]);
	}
	err = s->runner < 0 ? errno : 0;
	if (s->slave < 0) {
		close(in[0]);
		close(out[1]);
		s->in = in[1];
		s->out = out[0];
	}
	return err;
}

static void close_ends(struct siege *s)
{
	if (s->in >= 0)
		close(s->in);
	if (s->out >= 0 && s->out != s->in)
		close(s->out);
	if (s->slave >= 0)
		close(s->slave);
	s->in = s->out = s->slave = -1;
}

/* Milliseconds until `end`, not less than 0. */
static int remaining(const struct timespec *end)
{
	struct timespec now;
	long left;

	clock_gettime(CLOCK_MONOTONIC, &now);
	left = (end->tv_sec - now.tv_sec) * 1000 +
	       (end->tv_nsec - now.tv_nsec) / 1000000;
	return left > 0 ? (int)left : 0;
}

static struct timespec after(int seconds)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	return end;
}

/* Until the text holds `want`, or to the end; false when neither comes. */
static bool read_output(struct siege *s, const char *want, int seconds)
{
	struct timespec end = after(seconds);
	char buf[1024];

	for (;;) {
		struct pollfd p = { .fd = s->out, .events = POLLIN };
		ssize_t n;

		if (want && strstr(str_text(&s->text), want))
			return true;
		if (poll(&p, 1, remaining(&end)) <= 0)
			return false;
		n = read(s->out, buf, sizeof(buf));
		/* A terminal without its other side answers EIO. */
		if (n <= 0)
			return !want;
		if (s->text.len < OUTPUT_MAX)
			str_add_bytes(&s->text, buf, (size_t)n);
	}
}

/* On a terminal our own slave keeps the end from coming. */
static bool read_terminal(struct siege *s)
{
	struct timespec end = after(START_SECONDS);

	while (waitpid(s->runner, &s->status, WNOHANG) != s->runner) {
		if (!remaining(&end))
			return false;
		read_output(s, "\1", 0);
		poll(NULL, 0, 2);
	}
	s->runner = 0;
	read_output(s, "\1", 0);
	return true;
}

static void end_runner(struct siege *s)
{
	if (s->runner <= 0)
		return;
	kill(s->runner, SIGKILL);
	waitpid(s->runner, &s->status, 0);
	s->runner = 0;
}

/* --- judging ---------------------------------------------------------------- */

static void result(struct siege *s, enum attack_id id, enum attack_state state,
		   const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static void result(struct siege *s, enum attack_id id, enum attack_state state,
		   const char *fmt, ...)
{
	struct attack_result *r = &s->results[id];
	va_list args;

	r->state = state;
	va_start(args, fmt);
	vsnprintf(r->why, sizeof(r->why), fmt, args);
	va_end(args);
}

/* NAME<tab>STATE<tab>WHY; all else is what the runner has to say. */
static bool take_line(struct siege *s, char *line)
{
	char *state = strchr(line, '\t'), *why;

	if (!state || !state[1] || state[2] != '\t')
		return false;
	*state++ = '\0';
	why = state + 2;
	for (size_t i = 0; i < ATTACK_COUNT; i++) {
		if (starts[i] != s->start ||
		    strcmp(attack_infos[i].name, line))
			continue;
		if (*state == 'B' || *state == 'O' || *state == 'N')
			result(s, (enum attack_id)i, (enum attack_state)*state,
			       "%.*s", WHY_MAX, why);
		return true;
	}
	return false;
}

/* The first line that is not a result goes to `said`. */
static void take_output(struct siege *s, char *said, size_t size)
{
	char *line, *save = NULL;

	*said = '\0';
	str_addc(&s->text, '\0');
	for (line = strtok_r(s->text.text, "\r\n", &save); line;
	     line = strtok_r(NULL, "\r\n", &save))
		if (!take_line(s, line) && !*said)
			snprintf(said, size, "%s", line);
}

/* Those of this start that the program did not get to. */
static void fill_in(struct siege *s, const char *said)
{
	char how[64];

	if (WIFSIGNALED(s->status))
		snprintf(how, sizeof(how), "signal %d", WTERMSIG(s->status));
	else
		snprintf(how, sizeof(how), "exit %d", WEXITSTATUS(s->status));
	for (size_t i = 0; i < ATTACK_COUNT; i++) {
		if (starts[i] != s->start || s->results[i].state)
			continue;
		if (s->start == START_FORKS || s->start == START_MEMORY)
			result(s, (enum attack_id)i, STATE_BLOCKED,
			       "the whole sandbox was ended (%s)", how);
		else
			result(s, (enum attack_id)i, STATE_NOT,
			       "the profile is too tight for the attack "
			       "program: %s%s%.80s",
			       how, *said ? ", " : "", said);
	}
}

/* What was pushed waits for whoever reads the terminal next. */
static void look_for_input(struct siege *s)
{
	char buf[256];
	ssize_t n;

	fcntl(s->slave, F_SETFL, O_NONBLOCK);
	n = read(s->slave, buf, sizeof(buf));
	if (n > 0 && memchr(buf, ATTACK_PUSHED, (size_t)n))
		result(s, ATTACK_tiocsti, STATE_OPEN,
		       "input has arrived at the caller's terminal");
}

static void run_program(struct siege *s, char *said, size_t size)
{
	bool ended;

	if (s->slave >= 0) {
		ended = read_terminal(s);
	} else {
		close(s->in);
		s->in = -1;
		ended = read_output(s, NULL, START_SECONDS);
	}
	if (ended && s->runner > 0) {
		waitpid(s->runner, &s->status, 0);
		s->runner = 0;
	}
	end_runner(s);
	take_output(s, said, size);
	if (s->slave >= 0)
		look_for_input(s);
	fill_in(s, said);
}

static void run_orphans(struct siege *s)
{
	char said[WHY_MAX];
	bool ready = read_output(s, ATTACK_READY, START_SECONDS);

	end_runner(s);
	if (!ready) {
		close(s->in);
		s->in = -1;
		take_output(s, said, sizeof(said));
		fill_in(s, said);
		return;
	}
	if (read_output(s, NULL, ORPHAN_SECONDS))
		result(s, ATTACK_orphans, STATE_BLOCKED,
		       "all ended with their runner");
	else
		result(s, ATTACK_orphans, STATE_OPEN,
		       "some still live %d s after its SIGKILL",
		       ORPHAN_SECONDS);
	/* What is left ends with its standard input. */
	close(s->in);
	s->in = -1;
	read_output(s, NULL, ORPHAN_SECONDS);
}

static bool has_start(const struct siege *s)
{
	switch (s->start) {
	case START_MAIN:
	case START_TTY:
	case START_ORPHAN:
		return true;
	case START_LINK:
		return !s->req->under;
	case START_FORKS:
		return s->req->pids;
	case START_MEMORY:
		return s->req->memory;
	case START_COUNT:
		break;
	}
	BUG("start %d", (int)s->start);
}

static void leave_out(struct siege *s)
{
	if (s->start == START_FORKS)
		result(s, ATTACK_fork_bomb, STATE_NOT,
		       "not limited by this profile: add 'pids 64;'");
	if (s->start == START_MEMORY)
		result(s, ATTACK_memory_bomb, STATE_NOT,
		       "not limited by this profile: add 'memory 256M swap 0;'");
	if (s->start == START_LINK)
		result(s, ATTACK_swapped_link, STATE_NOT,
		       "the other runner's mounts are its own");
}

/* False with a message: the program never ran, so there are no answers. */
static bool check_main(struct siege *s, const char *said,
		       struct diag_sink *diags)
{
	struct diag *d;

	for (size_t i = 0; i < ATTACK_COUNT; i++)
		if (starts[i] == START_MAIN &&
		    (s->results[i].state != STATE_NOT ||
		     !strstr(s->results[i].why, "too tight")))
			return true;
	d = diag_add(diags, E0893, span_none,
		     "the attack program did not run in the sandbox");
	if (WIFSIGNALED(s->status))
		diag_note(d, "it was ended by signal %d (%s)",
			  WTERMSIG(s->status), strsignal(WTERMSIG(s->status)));
	else
		diag_note(d, "exit status %d", WEXITSTATUS(s->status));
	if (*said)
		diag_note(d, "it said: %s", said);
	if (WIFSIGNALED(s->status) || WEXITSTATUS(s->status) > RUN_SIGNALLED)
		diag_help(d, "a filter that kills or refuses what every "
			     "program needs leaves nothing to attack with; "
			     "try the profile's sandbox with 'default "
			     "allow'");
	return false;
}

static bool run_start(struct siege *s, struct diag_sink *diags)
{
	char said[WHY_MAX] = "";
	int err;

	if (!has_start(s)) {
		leave_out(s);
		return true;
	}
	err = start_runner(s);
	if (err) {
		diag_add(diags, E0892, span_none,
			 "cannot prepare the attack '%s': %s",
			 start_names[s->start], strerror(err));
		close_ends(s);
		return false;
	}
	if (s->start == START_ORPHAN)
		run_orphans(s);
	else
		run_program(s, said, sizeof(said));
	close_ends(s);
	return s->start != START_MAIN || check_main(s, said, diags);
}

static void look_at_plants(struct siege *s)
{
	if (!plants_file_intact(&s->plants))
		result(s, ATTACK_host_write, STATE_OPEN,
		       "the caller's file has changed");
	if (s->req->under)
		return;
	if (plants_victim_touched(&s->plants))
		result(s, ATTACK_swapped_link, STATE_OPEN,
		       "a folder was made on the host");
	else if (s->results[ATTACK_swapped_link].state == STATE_NOT)
		result(s, ATTACK_swapped_link, STATE_BLOCKED,
		       "the runner refuses such a target");
}

bool attack_run(const struct attack_request *req,
		struct attack_result results[ATTACK_COUNT],
		struct diag_sink *diags)
{
	struct siege s = { .req = req, .results = results };
	const char *object;
	int err = plants_make(&s.plants, req->root, &object);
	bool ok = !err;

	if (err)
		diag_add(diags, E0892, span_none,
			 "cannot prepare the attacks in '%s': %s", object,
			 strerror(err));
	plants_words(&s.plants, &s.words);
	/* The shell becomes it: a SIGKILL must hit the runner itself. */
	if (req->under)
		str_addf(&s.under, "exec %s \"$@\"", req->under);
	for (s.start = 0; ok && s.start < START_COUNT; s.start++)
		ok = run_start(&s, diags);
	if (ok)
		look_at_plants(&s);
	plants_remove(&s.plants);
	str_fini(&s.words);
	str_fini(&s.under);
	str_fini(&s.text);
	return ok;
}
