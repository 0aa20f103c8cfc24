/* SPDX-License-Identifier: Apache-2.0 */
/*
 * live.h - for tests that run real sandboxes
 *
 * A case describes a caller (which user, what it prepares) and a command.
 * live_start() forks that caller, which plans and runs like `callgate run`
 * does; what command and runner print comes back through one pipe.  The
 * pipe's end proves that no process of the sandbox is left.
 */
#ifndef TESTS_SUPPORT_LIVE_H
#define TESTS_SUPPORT_LIVE_H

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/diag.h"
#include "runtime/run.h"

#define LIVE_UNUSED __attribute__((unused))

enum { LIVE_UID = 12345, LIVE_OUT_MAX = 64 * 1024, LIVE_PATIENCE_MS = 20000 };

enum live_who { LIVE_ROOT, LIVE_USER };

struct live_case {
	enum live_who who;
	bool plain; /* no sandbox block */
	const struct sandbox *box; /* NULL: an empty block */
	const char *workdir, *hostname;
	const struct sock_filter *insns; /* NULL: everything allowed */
	size_t ninsns;
	bool exec_refused;
	void (*prepare)(void); /* in the caller, as its user */
	const char *argv[8];
};

struct live_run {
	pid_t runner;
	int in;	 /* the command's standard input */
	int out; /* what all print */
	int code;
	char text[LIVE_OUT_MAX];
	size_t len;
};

static int live_passed, live_failed, live_skipped;
static const char *live_name = "", *live_as = "";
static char live_self[PATH_MAX];

extern char **environ;

LIVE_UNUSED static void live_check(bool ok, const char *what, const char *text)
{
	if (ok) {
		live_passed++;
		return;
	}
	live_failed++;
	printf("FAIL %s (%s): %s\n", live_name, live_as, what);
	if (text)
		printf("    output: %s\n", text);
	fflush(stdout);
}

LIVE_UNUSED static void live_skip(const char *why)
{
	live_skipped++;
	printf("skip: %s: %s\n", live_name, why);
}

static const struct sock_filter live_allow_all[] = {
	BPF_STMT(BPF_RET | BPF_K, 0x7fff0000),
};

/* In the forked caller: the same calls as the command line makes. */
LIVE_UNUSED static int live_call(const struct live_case *c)
{
	struct sandbox box = c->box ? *c->box : (struct sandbox){ 0 };
	struct run_request req = {
		.sandbox = &box,
		.insns = c->insns ? c->insns : live_allow_all,
		.ninsns = c->insns ? c->ninsns : ARRAY_LEN(live_allow_all),
		.filter_allows_exec = !c->exec_refused,
		.exec_reason = "line 1: kill execve",
		.argv = (char *const *)(uintptr_t)c->argv,
		.env = environ,
	};
	struct arena *arena = arena_new();
	struct sandbox_plan *plan;
	struct diag_sink *diags;
	struct sources sources;
	int code;

	box.present = !c->plain;
	box.workdir = c->workdir;
	box.hostname = c->hostname;
	sources_init(&sources, arena);
	diags = diag_sink_new(arena, &sources);
	plan = plan_new(&req, diags, &code);
	diag_print(diags, DIAG_TEXT, stderr);
	if (plan) {
		diags = diag_sink_new(arena, &sources);
		code = plan_run(plan, diags);
		diag_print(diags, DIAG_TEXT, stderr);
	}
	plan_free(plan);
	arena_free(arena);
	return code;
}

static void live_become(enum live_who who)
{
	if (who == LIVE_USER && geteuid() == 0 &&
	    (setgroups(0, NULL) || setresgid(LIVE_UID, LIVE_UID, LIVE_UID) ||
	     setresuid(LIVE_UID, LIVE_UID, LIVE_UID)))
		_exit(99);
	/* As an exec would: /proc/PID of the child must be the user's. */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

LIVE_UNUSED static void live_start(struct live_run *r,
				   const struct live_case *c)
{
	int in[2], out[2];

	memset(r, 0, sizeof(*r));
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		_exit(99);
	fflush(NULL);
	r->runner = fork();
	if (r->runner == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(out[1], 2);
		close(in[0]);
		close(in[1]);
		close(out[0]);
		close(out[1]);
		if (chdir("/usr"))
			_exit(99);
		live_become(c->who);
		if (c->prepare)
			c->prepare();
		fflush(NULL);
		_exit(live_call(c));
	}
	close(in[0]);
	close(out[1]);
	r->in = in[1];
	r->out = out[0];
}

/* Reads until the text holds `want`, or to the end for NULL. */
LIVE_UNUSED static bool live_read(struct live_run *r, const char *want)
{
	for (;;) {
		struct pollfd p = { .fd = r->out, .events = POLLIN };
		ssize_t n;

		if (want && strstr(r->text, want))
			return true;
		if (poll(&p, 1, LIVE_PATIENCE_MS) <= 0)
			return false;
		n = read(r->out, r->text + r->len, LIVE_OUT_MAX - 1 - r->len);
		if (n <= 0)
			return n == 0 && !want;
		r->len += (size_t)n;
		r->text[r->len] = '\0';
	}
}

/* The runner's own exit status; 1000 + n when a signal ended it. */
LIVE_UNUSED static int live_finish(struct live_run *r)
{
	int status;

	/* Another case's caller may hold a copy: closing alone says little. */
	if (r->in >= 0) {
		void (*old)(int) = signal(SIGPIPE, SIG_IGN);

		if (write(r->in, "\n", 1) < 0 && errno != EPIPE)
			live_check(false, "input", NULL);
		signal(SIGPIPE, old);
		close(r->in);
	}
	if (!live_read(r, NULL)) {
		live_check(false, "a process is left", r->text);
		kill(r->runner, SIGKILL);
	}
	close(r->out);
	waitpid(r->runner, &status, 0);
	r->code = WIFEXITED(status) ? WEXITSTATUS(status)
				    : 1000 + WTERMSIG(status);
	return r->code;
}

LIVE_UNUSED static void live_run(struct live_run *r, const struct live_case *c)
{
	live_start(r, c);
	close(r->in);
	r->in = -1;
	live_finish(r);
}

LIVE_UNUSED static bool live_has(const struct live_run *r, const char *text)
{
	return strstr(r->text, text) != NULL;
}

/* The run ended with code, and its output holds each text. */
LIVE_UNUSED static void live_expect(const struct live_run *r, int code,
				    const char *text)
{
	char what[64];

	snprintf(what, sizeof(what), "exit %d, expected %d", r->code, code);
	live_check(r->code == code, what, r->text);
	if (text)
		live_check(live_has(r, text), text, r->text);
}

/* Whether a user without rights reaches this program, so that probes run. */
static bool live_reachable(void)
{
	char part[PATH_MAX];
	struct stat st;

	for (size_t i = 1; i <= strlen(live_self); i++) {
		if (live_self[i] != '/' && live_self[i])
			continue;
		snprintf(part, sizeof(part), "%.*s", (int)i, live_self);
		if (stat(part, &st) || !(st.st_mode & S_IXOTH))
			return false;
	}
	return true;
}

struct live_test {
	const char *name;
	void (*test)(enum live_who who);
};

/* Every test as root and as an ordinary user, where both are possible. */
LIVE_UNUSED static int live_main(const struct live_test *tests, size_t n)
{
	ssize_t len = readlink("/proc/self/exe", live_self,
			       sizeof(live_self) - 1);

	if (len < 0)
		return 1;
	/* A shell's background jobs ignore some; nohup does too. */
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	if (geteuid() == 0 && !live_reachable()) {
		printf("skip: %s is closed to others, and sandboxes that root "
		       "starts run as one\n",
		       live_self);
		return 77;
	}
	for (int who = geteuid() ? LIVE_USER : LIVE_ROOT; who <= LIVE_USER;
	     who++) {
		live_as = who == LIVE_ROOT ? "root" : "user";
		for (size_t i = 0; i < n; i++) {
			live_name = tests[i].name;
			tests[i].test((enum live_who)who);
		}
	}
	printf("%d passed, %d failed", live_passed, live_failed);
	if (live_skipped)
		printf(", %d skipped", live_skipped);
	printf("\n");
	return live_failed != 0;
}

#endif
