/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_execute.c - the `run` lines of a test block, in the profile's sandbox
 *
 * A profile may come from the network, so its commands never run without a
 * sandbox block, and only when --run was given.  Each runs in a child of
 * its own with its output caught in memory files.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/vec.h"
#include "cli/run_checks.h"
#include "cli/test_lines.h"
#include "compiler/ast.h"
#include "runtime/run.h"

enum {
	RUN_SECONDS_MAX = 60,
	OUTPUT_BYTES_MAX = 1024 * 1024,
};

struct execution {
	int out, err; /* memory files */
	int code;     /* as `callgate run` gives it; -1: ended by the clock */
	struct str stdout_text, stderr_text;
};

static char **command_of(struct unit *u, const struct ast_value *word)
{
	VEC(char *) argv = { 0 };

	for (; word; word = word->next)
		vec_push(u->arena, &argv,
			 arena_strndup(u->arena, word->word.text,
				       word->word.len));
	vec_push(u->arena, &argv, NULL);
	return argv.data;
}

/* In the child: never returns. */
static _Noreturn void run_child(struct cli *cli,
				const struct run_request *request,
				const struct execution *x)
{
	int code = EXIT_NOT_STARTED;
	struct sandbox_plan *plan;

	if (dup2(x->out, STDOUT_FILENO) < 0 || dup2(x->err, STDERR_FILENO) < 0)
		_exit(EXIT_NOT_STARTED);
	plan = plan_new(request, cli->unit->diags, &code);
	if (plan)
		code = plan_run(plan, cli->unit->diags);
	cli_finish(cli, code);
	fflush(NULL);
	_exit(code);
}

static int wait_bounded(pid_t pid)
{
	struct pollfd end = { .fd = pidfd_open(pid, 0), .events = POLLIN };
	int status, got = 0;

	while (end.fd >= 0) {
		got = poll(&end, 1, RUN_SECONDS_MAX * 1000);
		if (got >= 0 || errno != EINTR)
			break;
	}
	if (end.fd >= 0)
		close(end.fd);
	if (got == 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_NOT_STARTED;
	if (got == 0)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status)
				 : 128 + WTERMSIG(status);
}

static void read_back(int fd, struct str *out)
{
	char buf[4096];
	ssize_t n;

	lseek(fd, 0, SEEK_SET);
	while (out->len < OUTPUT_BYTES_MAX &&
	       (n = read(fd, buf, sizeof(buf))) > 0)
		str_add_bytes(out, buf, (size_t)n);
	close(fd);
}

static bool execute(struct cli *cli, const struct run_request *request,
		    struct execution *x)
{
	pid_t pid;

	x->out = memfd_create("stdout", MFD_CLOEXEC);
	x->err = memfd_create("stderr", MFD_CLOEXEC);
	fflush(NULL);
	pid = x->out < 0 || x->err < 0 ? -1 : fork();
	if (pid == 0)
		run_child(cli, request, x);
	if (pid < 0) {
		printf("    cannot start a child: %s\n", strerror(errno));
		return false;
	}
	x->code = wait_bounded(pid);
	read_back(x->out, &x->stdout_text);
	read_back(x->err, &x->stderr_text);
	return true;
}

/* "SIGSYS", "SYS" or a number; 0 when it is none of these. */
static int signal_of(const struct ast_value *v)
{
	const char *name = v->word.text;

	if (v->kind == VAL_NUMBER)
		return v->number <= 64 ? (int)v->number : 0;
	if (v->kind != VAL_NAME)
		return 0;
	if (!strncmp(name, "SIG", 3))
		name += 3;
	for (int i = 1; i < 32; i++)
		if (sigabbrev_np(i) && !strcmp(sigabbrev_np(i), name))
			return i;
	return 0;
}

static bool has_text(const struct str *text, const struct ast_value *v)
{
	return v->word.len == 0 ||
	       (text->len && memmem(text->text, text->len, v->word.text,
				    v->word.len));
}

static bool holds(const struct execution *x, const struct ast_expect *e)
{
	switch (e->kind) {
	case EXPECT_EXIT:
		return x->code >= 0 && e->value->kind == VAL_NUMBER &&
		       e->value->number == (uint64_t)x->code;
	case EXPECT_SIGNAL:
		return signal_of(e->value) &&
		       x->code == 128 + signal_of(e->value);
	case EXPECT_STDOUT_HAS:
		return has_text(&x->stdout_text, e->value);
	case EXPECT_STDERR_HAS:
		return has_text(&x->stderr_text, e->value);
	}
	BUG("expectation %d", (int)e->kind);
}

static void say_output(const char *name, const struct str *text)
{
	struct str shown = { 0 };

	if (!text->len)
		return;
	str_add_visible(&shown, text->text, text->len > 400 ? 400 : text->len);
	printf("    %s: %s\n", name, str_text(&shown));
	str_fini(&shown);
}

static bool judge(struct cli *cli, const struct ast_test_line *line,
		  const struct execution *x)
{
	bool ok = x->code >= 0;

	for (const struct ast_expect *e = line->expects; e; e = e->next)
		ok &= holds(x, e);
	if (ok)
		return true;
	printf("%s: run line failed\n",
	       sources_where(&cli->unit->sources, line->span));
	if (x->code < 0)
		printf("    ended after %d seconds\n", RUN_SECONDS_MAX);
	else
		printf("    exit status %d\n", x->code);
	say_output("stdout", &x->stdout_text);
	say_output("stderr", &x->stderr_text);
	return false;
}

void test_execute(struct cli *cli, const struct policy *policy,
		  const struct bpf_prog *prog,
		  const struct ast_test_line *line,
		  struct test_totals *totals)
{
	struct run_request request = {
		.sandbox = &policy->sandbox,
		.insns = prog->insns,
		.ninsns = prog->len,
		.log_denials = policy->log_denials,
		.argv = command_of(cli->unit, line->command),
		.env = environ,
	};
	struct execution x = { 0 };

	if (!policy->sandbox.present) {
		printf("%s: 'run' needs a sandbox block: without one the "
		       "command would run on the host\n",
		       sources_where(&cli->unit->sources, line->span));
		totals->failed++;
		return;
	}
	request.filter_allows_exec = run_allows_exec(
		cli->unit, policy, abi_get(cli->unit->target.machine),
		&request.exec_reason);
	if (execute(cli, &request, &x) && judge(cli, line, &x))
		totals->passed++;
	else
		totals->failed++;
	str_fini(&x.stdout_text);
	str_fini(&x.stderr_text);
}
