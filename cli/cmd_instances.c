/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_instances.c - the commands for sandboxes that have a name
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "runtime/instance.h"

enum { STOP_SECONDS = 10, STOP_SECONDS_MAX = 3600 };

static int ps_run(struct cli *cli)
{
	return cli_finish(cli, instance_list(stdout, cli->unit->diags));
}

const struct command cmd_ps = {
	.name = "ps",
	.summary = "list the named sandboxes of this user",
	.examples = "  callgate ps\n",
	.run = ps_run,
};

static int attach_run(struct cli *cli)
{
	int code = instance_attach(cli->argv[0], cli->unit->diags);

	cli_finish(cli, code);
	return code;
}

const struct command cmd_attach = {
	.name = "attach",
	.operands = "NAME",
	.summary = "take over the terminal of a named sandbox",
	.examples = "  callgate attach web  # exit 125\n",
	.operands_min = 1,
	.operands_max = 1,
	.run = attach_run,
};

static int exec_run(struct cli *cli)
{
	int code;

	/* getopt stops at NAME, so this "--" is still there. */
	if (!strcmp(cli->argv[1], "--")) {
		cli->argv[1] = cli->argv[0];
		cli->argv++;
		cli->argc--;
	}
	if (cli->argc < 2)
		return usage_error(cli, "missing command after '--'");
	code = instance_exec(cli->argv[0], cli->argv + 1, cli->unit->diags);
	cli_finish(cli, code);
	return code;
}

const struct command cmd_exec = {
	.name = "exec",
	.operands = "NAME [--] COMMAND [ARGUMENT...]",
	.summary = "run one more command in a named sandbox",
	.examples = "  callgate exec web -- ps ax  # exit 125\n",
	.stops_at_operand = true,
	.operands_min = 2,
	.operands_max = -1,
	.run = exec_run,
};

static int freeze_or_thaw(struct cli *cli, bool freeze)
{
	int code = instance_freeze(cli->argv[0], freeze, cli->unit->diags);

	cli_finish(cli, code);
	return code;
}

static int freeze_run(struct cli *cli)
{
	return freeze_or_thaw(cli, true);
}

static int thaw_run(struct cli *cli)
{
	return freeze_or_thaw(cli, false);
}

const struct command cmd_freeze = {
	.name = "freeze",
	.operands = "NAME",
	.summary = "stop all processes of a named sandbox where they are",
	.examples = "  callgate freeze web  # exit 125\n",
	.operands_min = 1,
	.operands_max = 1,
	.run = freeze_run,
};

const struct command cmd_thaw = {
	.name = "thaw",
	.operands = "NAME",
	.summary = "let the processes of a frozen sandbox go on",
	.examples = "  callgate thaw web  # exit 125\n",
	.operands_min = 1,
	.operands_max = 1,
	.run = thaw_run,
};

static bool stop_option(struct cli *cli, const char *name, const char *value)
{
	char *end;
	unsigned long seconds = strtoul(value, &end, 10);

	(void)name;
	if (end == value || *end || seconds > STOP_SECONDS_MAX) {
		usage_error(cli, "--time is a number of seconds up to %d, "
			    "not '%s'", STOP_SECONDS_MAX, value);
		return false;
	}
	/* One more, so that 0 is not "not said". */
	cli->flags = (unsigned)seconds + 1;
	return true;
}

static int stop_run(struct cli *cli)
{
	unsigned seconds = cli->flags ? cli->flags - 1 : STOP_SECONDS;
	int code = instance_stop(cli->argv[0], seconds, cli->unit->diags);

	cli_finish(cli, code);
	return code;
}

const struct command cmd_stop = {
	.name = "stop",
	.operands = "NAME",
	.summary = "end a named sandbox: SIGTERM, then SIGKILL",
	.examples = "  callgate stop --time 1 web  # exit 125\n",
	.options = (const struct option_row[]){
		{ "time", 't', "SECONDS",
		  "how long SIGTERM has before SIGKILL (default 10)" },
		{ 0 },
	},
	.operands_min = 1,
	.operands_max = 1,
	.option = stop_option,
	.run = stop_run,
};
