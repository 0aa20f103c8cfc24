/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_test.c - callgate test: the promises that a profile makes of itself
 */
#include <string.h>

#include "cli/cmd.h"
#include "cli/test_lines.h"

static bool test_option(struct cli *cli, const char *name, const char *value)
{
	(void)value;
	cli->flags |= !strcmp(name, "live") ? TEST_LIVE : TEST_EXECUTE;
	return true;
}

static int test_run(struct cli *cli)
{
	struct test_totals totals = { 0 };
	int worst = EXIT_DONE;

	for (int i = 0; i < cli->argc; i++) {
		int code = test_file(cli, cli->argv[i], cli->flags, &totals);

		if (code > worst)
			worst = code;
	}
	if (worst < EXIT_REFUSED && totals.failed)
		worst = EXIT_REFUSED;
	if (diag_errors(cli->unit->diags))
		return cli_finish_errors(cli, worst);
	printf("%zu passed, %zu failed", totals.passed, totals.failed);
	if (totals.skipped)
		printf(", %zu skipped", totals.skipped);
	putchar('\n');
	return cli_finish_errors(cli, worst);
}

const struct command cmd_test = {
	.name = "test",
	.operands = "FILE...",
	.summary = "run the test blocks of profiles against their programs",
	.examples = "  callgate test web.gate\n"
		    "  callgate test --live web.gate\n",
	.options = (const struct option_row[]){
		{ "live", 0, NULL,
		  "also ask the running kernel; no call is executed" },
		{ "run", 0, NULL,
		  "also execute the 'run' lines, in the profile's sandbox" },
		{ 0 },
	},
	.reads_policy = true,
	.operands_min = 1,
	.operands_max = -1,
	.option = test_option,
	.run = test_run,
};
