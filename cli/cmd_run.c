/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_run.c - callgate run: a command behind its policy
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cache.h"
#include "cli/cmd.h"
#include "cli/run_checks.h"
#include "cli/run_explain.h"
#include "cli/run_loader.h"
#include "compiler/compile.h"
#include "runtime/instance.h"
#include "runtime/run.h"

enum { RUN_DRY = 1, RUN_DETACH = 2 };

static bool explain_option(struct cli *cli, const char *value)
{
	cli->explain = value ? EXPLAIN_DENIALS : EXPLAIN_DEATHS;
	if (!value || !strcmp(value, "denials"))
		return true;
	usage_error(cli, "--explain is given alone or as --explain=denials, "
		    "not with '%s'", value);
	return false;
}

static bool run_option(struct cli *cli, const char *name, const char *value)
{
	if (!strcmp(name, "report"))
		cli->report = value;
	else if (!strcmp(name, "name"))
		cli->name = value;
	else if (!strcmp(name, "no-cache"))
		cli->no_cache = true;
	else if (!strcmp(name, "explain"))
		return explain_option(cli, value);
	else
		cli->flags |= !strcmp(name, "detach") ? RUN_DETACH : RUN_DRY;
	return true;
}

/* Every failure before the command starts has one exit code. */
static int not_started(struct cli *cli, int code)
{
	code = cli_finish(cli, code);
	return code == EXIT_REFUSED || code == EXIT_MACHINE ? EXIT_NOT_STARTED
							    : code;
}

/*
 * `check` speaks of what is unwise; a command that runs says only what
 * stops it.  The plan's own warnings are about this run, so they stay.
 */
static void forget_warnings(struct cli *cli)
{
	cli->unit->diags =
		diag_sink_new(cli->unit->arena, &cli->unit->sources);
}

/* What is printed before the command runs must not come twice. */
static void print_and_clear(struct cli *cli)
{
	cli_finish(cli, EXIT_DONE);
	forget_warnings(cli);
}

/* Opened before the run: a report that can't be written stops it. */
static FILE *open_report(struct cli *cli)
{
	FILE *f = fopen(cli->report, "we");

	if (!f)
		diag_add(cli->unit->diags, E0854, span_none,
			 "cannot write the report '%s': %s", cli->report,
			 strerror(errno));
	return f;
}

static int write_report(struct cli *cli, FILE *f, const struct str *text,
			int code)
{
	if (text->len)
		fputs(text->text, f);
	else
		fprintf(f,
			"{\n  \"exit_status\": %d,\n"
			"  \"taken\": \"never: the run was refused\"\n}\n",
			code);
	if (!ferror(f) && !fclose(f))
		return code;
	diag_add(cli->unit->diags, E0854, span_none,
		 "cannot write the report '%s': %s", cli->report,
		 strerror(errno));
	return code ? code : EXIT_NOT_STARTED;
}

/* In the caller a detached command is done once it has started. */
static int run_plan(struct cli *cli, const struct sandbox_plan *plan,
		    struct keeper *keeper)
{
	int code;

	print_and_clear(cli);
	if (keeper && keeper_detached(keeper)) {
		code = keeper_fork(keeper);
		if (code == EXIT_DONE)
			printf("%s\n", keeper_name(keeper));
		if (code >= 0)
			return code;
	}
	return plan_run(plan, cli->unit->diags);
}

/* The plan knows which file; the judge's policy what its loader may do. */
static bool program_may_start(const struct sandbox_plan *plan,
			      const struct run_request *request)
{
	const char *path = plan_program(plan);

	return !path || run_check_loader(request->judge->arg, path);
}

static int plan_and_run(struct cli *cli, const struct run_request *request)
{
	struct sandbox_plan *plan;
	int code = EXIT_NOT_STARTED;

	plan = plan_new(request, cli->unit->diags, &code);
	if (!plan)
		return code;
	if (!program_may_start(plan, request)) {
		code = EXIT_NOT_STARTED;
	} else if (cli->flags & RUN_DRY) {
		plan_describe(plan, stdout);
		code = EXIT_DONE;
	} else {
		code = run_plan(cli, plan, request->keeper);
	}
	plan_free(plan);
	return code;
}

static int run_and_report(struct cli *cli, struct run_request *request)
{
	struct str text = { 0 };
	FILE *f = NULL;
	int code;

	if (cli->report && !(cli->flags & RUN_DRY)) {
		f = open_report(cli);
		if (!f)
			return cli_finish(cli, EXIT_NOT_STARTED);
		request->report = &text;
	}
	code = plan_and_run(cli, request);
	if (f)
		code = write_report(cli, f, &text, code);
	str_fini(&text);
	/* Notes too: what was denied is told because it was asked for. */
	if (cli->diag == DIAG_JSON || diag_records(cli->unit->diags))
		diag_print(cli->unit->diags, cli->diag, stderr);
	return code;
}

static int name_and_run(struct cli *cli, struct run_request *request)
{
	bool detach = cli->flags & RUN_DETACH;
	int code;

	if (!cli->name && !detach)
		return run_and_report(cli, request);
	if (cli->report && detach)
		return usage_error(cli, "--report needs a run in the "
				   "foreground, not -d");
	if (!request->sandbox->present) {
		diag_help(diag_add(cli->unit->diags, E0863, span_none,
				   "a profile without a sandbox block cannot "
				   "have a name or be detached"),
			  "add 'sandbox { }' to the profile");
		return not_started(cli, EXIT_REFUSED);
	}
	request->keeper = keeper_new(cli->name, detach, request->argv,
				     cli->unit->diags);
	if (!request->keeper)
		return not_started(cli, EXIT_REFUSED);
	code = run_and_report(cli, request);
	keeper_free(request->keeper);
	return code;
}

/* The policy is NULL where the run was found in the cache. */
static int start(struct cli *cli, const struct policy *policy,
		 const struct kept *run, bool allows_exec,
		 const char *exec_reason)
{
	struct explainer explainer = {
		.cli = cli,
		.unit = cli->unit,
		.policy = policy,
		.starts = run->starts,
	};
	const struct judge judge = run_judge(&explainer);
	struct run_request request = {
		.sandbox = &run->box,
		.insns = run->prog->insns,
		.ninsns = run->prog->len,
		.log_denials = run->log_denials,
		.filter_denies_tracing = run->denies_tracing,
		.filter_allows_exec = allows_exec,
		.exec_reason = exec_reason,
		.argv = cli->argv + 1,
		.env = environ,
		.judge = &judge,
		.explain = (enum run_explain)cli->explain,
	};

	if (cli->explain)
		request.gives_ptrace = run_gives_ptrace(&explainer, &run->box);
	return name_and_run(cli, &request);
}

static int run_policy(struct cli *cli, const struct policy *policy,
		      struct bpf_prog *prog, struct cache *cache)
{
	const struct abi *native = abi_get(cli->unit->target.machine);
	struct kept run = { .prog = prog, .log_denials = policy->log_denials };
	const char *reason;
	bool allows_exec;

	cli_sandbox(cli, policy, &run.box);
	if (diag_errors(cli->unit->diags) ||
	    !run_check_answers(cli->unit, policy) ||
	    !run_check_sources(cli->unit))
		return not_started(cli, EXIT_REFUSED);
	forget_warnings(cli);
	allows_exec = run_allows_exec(cli->unit, policy, native, &reason);
	run.denies_tracing = run.box.caps_keep &&
			     run_denies_tracing(cli->unit, policy);
	run.starts = run_starts(cli->unit, policy, native);
	/* What is kept has passed all of this and need not be asked again. */
	if (allows_exec && cache)
		cache_keep(cache, cli->unit, policy, &run);
	return start(cli, policy, &run, allows_exec, reason);
}

/* A listener can only be asked where the program says so. */
static const struct policy *to_load(struct cli *cli,
				    const struct policy *policy)
{
	if (cli->explain != EXPLAIN_DENIALS)
		return policy;
	return policy_with_action(cli->unit->arena, policy, ACT_ERRNO,
				  (struct action){ ACT_NOTIFY, 0 });
}

static int run_compiled(struct cli *cli, struct cache *cache)
{
	const struct policy *policy;
	struct bpf_prog *prog;
	int code;

	policy = cli_load(cli, cli->argv[0], &code);
	if (!policy)
		return not_started(cli, code);
	prog = compile_policy(cli->unit, to_load(cli, policy), NULL, NULL);
	if (!prog)
		return not_started(cli, EXIT_REFUSED);
	code = run_policy(cli, policy, prog, cache);
	bpf_prog_free(prog);
	return code;
}

/* Whose the files are is asked anew: that may have changed. */
static int run_found(struct cli *cli, struct kept *run)
{
	int code;

	if (run_check_sources(cli->unit))
		code = start(cli, NULL, run, true, NULL);
	else
		code = not_started(cli, EXIT_REFUSED);
	bpf_prog_free(run->prog);
	return code;
}

static int run_run(struct cli *cli)
{
	struct cache *cache;
	struct kept run;
	int code;

	/* getopt stops at PROFILE, so this "--" is still there. */
	if (!strcmp(cli->argv[1], "--")) {
		cli->argv[1] = cli->argv[0];
		cli->argv++;
		cli->argc--;
	}
	if (cli->argc < 2)
		return usage_error(cli, "missing command after '--'");
	if (cli->target_given)
		return usage_error(cli, "--target makes no sense here: a "
				   "command runs on this machine");
	/* Who wants explanations wants the policy too. */
	if (cli->explain)
		return run_compiled(cli, NULL);
	cache = cache_open(cli, cli->argv[0]);
	if (cache_find(cache, cli->unit, &run))
		code = run_found(cli, &run);
	else
		code = run_compiled(cli, cache);
	cache_close(cache);
	return code;
}

const struct command cmd_run = {
	.name = "run",
	.operands = "PROFILE [--] COMMAND [ARGUMENT...]",
	.summary = "run a command behind a policy, in its sandbox",
	.examples = "  callgate run web.gate -- /usr/sbin/nginx\n"
		    "  callgate run --dry-run web.gate -- true\n"
		    "  callgate run --sandbox --hostname web web.gate -- ls\n"
		    "  callgate run seccomp.json -- python3 server.py\n",
	.options = (const struct option_row[]){
		{ "detach", 'd', NULL,
		  "let it go on by itself; prints its name" },
		{ "dry-run", 'n', NULL, "print the plan; change nothing" },
		{ "no-cache", 0, NULL,
		  "compile anew, and keep nothing for the next run" },
		{ "report", 0, "FILE",
		  "write what was asked for and what the kernel says, as JSON" },
		{ "explain", 0, "[=denials]",
		  "follow the command; tell which calls its filter refused" },
		{ "name", 0, "NAME", "a name for ps, attach, exec and stop" },
		{ 0 },
	},
	.reads_policy = true,
	.takes_sandbox = true,
	.stops_at_operand = true,
	.operands_min = 2,
	.operands_max = -1,
	.option = run_option,
	.run = run_run,
};
