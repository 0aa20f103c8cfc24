/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_check.c - callgate check: everything that can be known without running
 */
#include <string.h>

#include "cli/cmd.h"
#include "compiler/compile.h"

static bool check_option(struct cli *cli, const char *name, const char *value)
{
	(void)value;
	if (!strcmp(name, "strict"))
		diag_set_strict(cli->unit->diags, true);
	return true;
}

/* Each machine that the policy serves gets its program, built and proved. */
static void check_programs(struct unit *u, const struct policy *policy)
{
	abi_set left = 0;

	for (uint32_t i = 0; i < policy->nabis; i++)
		left |= ABI_BIT(policy->abis[i].abi->id);
	for (uint32_t i = 0; i < policy->nabis; i++) {
		const struct abi *abi = policy->abis[i].abi;
		abi_set machine = abi_set_of_machine(abi->machine) & left;

		if (!machine)
			continue;
		left &= ~machine;
		bpf_prog_free(compile_policy(
			u, policy_select(u->arena, policy, machine), NULL,
			NULL));
	}
}

static int check_run(struct cli *cli)
{
	int code = EXIT_DONE, worst = EXIT_DONE;

	for (int i = 0; i < cli->argc; i++) {
		const struct policy *policy;

		policy = cli_load_all(cli, cli->argv[i], &code);
		if (policy)
			check_programs(cli->unit, policy);
		else if (code > worst)
			worst = code;
	}
	return cli_finish(cli, worst);
}

const struct command cmd_check = {
	.name = "check",
	.operands = "FILE...",
	.summary = "say what is wrong with a policy; nothing when all is well",
	.examples = "  callgate check web.gate\n"
		    "  callgate check --strict profiles/*.gate\n",
	.options = (const struct option_row[]){
		{ "strict", 0, NULL, "warnings are errors" },
		{ 0 },
	},
	.reads_policy = true,
	.operands_min = 1,
	.operands_max = -1,
	.option = check_option,
	.run = check_run,
};
