/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_release.c - callgate release: lets go of namespaces that 'pin' kept
 */
#include "cli/cmd.h"
#include "runtime/namespaces.h"

/* Each is tried: one that can't be released holds up no other. */
static int release_run(struct cli *cli)
{
	int code = EXIT_DONE;

	for (int i = 0; i < cli->argc; i++)
		if (!pin_release(cli->argv[i], cli->unit->diags))
			code = EXIT_REFUSED;
	return cli_finish(cli, code);
}

const struct command cmd_release = {
	.name = "release",
	.operands = "FILE...",
	.summary = "let go of namespaces that are pinned to files",
	.examples = "  callgate release /run/web-uts  # exit 1\n",
	.operands_min = 1,
	.operands_max = -1,
	.run = release_run,
};
