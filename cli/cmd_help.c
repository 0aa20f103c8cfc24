/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_help.c - callgate help [COMMAND]
 */
#include "cli/cmd.h"

static int help_run(struct cli *cli)
{
	const struct command *c;

	if (!cli->argc) {
		commands_list(stdout);
		return EXIT_DONE;
	}
	c = command_find(cli->argv[0]);
	if (!c)
		return unknown_command(cli->argv[0]);
	command_help(c, stdout);
	return EXIT_DONE;
}

const struct command cmd_help = {
	.name = "help",
	.operands = "[COMMAND]",
	.summary = "list the commands, or tell more of one",
	.operands_max = 1,
	.run = help_run,
};
