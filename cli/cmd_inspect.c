/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_inspect.c - callgate inspect: what a process is allowed, and what of
 * it differs from this shell
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "runtime/inspect.h"
#include "runtime/instance.h"

enum { INSPECT_JSON = 1, INSPECT_FILTERS = 2 };

static bool inspect_option(struct cli *cli, const char *name,
			   const char *value)
{
	if (!strcmp(name, "caps"))
		cli->caps = value;
	else
		cli->flags |= !strcmp(name, "json") ? INSPECT_JSON
						    : INSPECT_FILTERS;
	return true;
}

/* As /proc/PID/status writes it, with or without 0x. */
static int show_caps(struct cli *cli, const char *text, struct str *out)
{
	char *end;
	unsigned long long set;

	errno = 0;
	set = strtoull(text, &end, 16);
	if (end == text || *end || errno || strchr("+- \t\n", *text))
		return usage_error(cli, "--caps is a mask of at most 16 "
				   "hexadecimal digits, not '%s'", text);
	inspect_set(set, cli->flags & INSPECT_JSON, out);
	return EXIT_DONE;
}

/*
 * A number is a process; all else is the name of a sandbox, or @NAME.
 * EXIT_DONE, or an exit code after saying what is wrong.
 */
static int process_of(struct cli *cli, const char *word, pid_t *pid)
{
	char *end;
	long number = strtol(word, &end, 10);

	if (*word >= '0' && *word <= '9' && !*end) {
		*pid = (pid_t)number;
		return number > 0 && number <= INT_MAX
			       ? EXIT_DONE
			       : usage_error(cli, "'%s' is no process number",
					     word);
	}
	*pid = instance_command(word + (*word == '@'), cli->unit->diags);
	return *pid ? EXIT_DONE : EXIT_REFUSED;
}

static int show_processes(struct cli *cli, struct str *out)
{
	struct inspect_request req = {
		.json = cli->flags & INSPECT_JSON,
		.filters = cli->flags & INSPECT_FILTERS,
	};
	int code = process_of(cli, cli->argv[0], &req.pid);

	if (code == EXIT_DONE && cli->argc == 2)
		code = process_of(cli, cli->argv[1], &req.other);
	if (code != EXIT_DONE)
		return code;
	return inspect_process(&req, cli->unit->arena, out, cli->unit->diags)
		       ? EXIT_DONE
		       : EXIT_REFUSED;
}

static int inspect_run(struct cli *cli)
{
	struct str out = { 0 };
	int code;

	if (cli->caps && cli->argc)
		return usage_error(cli, "--caps takes no process");
	if (!cli->caps && !cli->argc)
		return usage_error(cli, "missing operand");
	code = cli->caps ? show_caps(cli, cli->caps, &out)
			 : show_processes(cli, &out);
	if (code == EXIT_DONE)
		fputs(str_text(&out), stdout);
	str_fini(&out);
	return code == EXIT_USAGE ? code : cli_finish(cli, code);
}

const struct command cmd_inspect = {
	.name = "inspect",
	.operands = "[PID|NAME [PID|NAME]]",
	.summary = "show what a process is allowed, and what differs from here",
	.examples = "  callgate inspect $$\n"
		    "  callgate inspect --json 1\n"
		    "  callgate inspect --caps 00000000a80425fb\n",
	.options = (const struct option_row[]){
		{ "caps", 0, "MASK", "decode a set of capabilities instead" },
		{ "filters", 0, NULL,
		  "stop it for an instant and measure its filters" },
		{ "json", 0, NULL, "one JSON object" },
		{ 0 },
	},
	.operands_min = 0,
	.operands_max = 2,
	.option = inspect_option,
	.run = inspect_run,
};
