/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_doctor.c - callgate doctor: what this machine can do; --attack: what
 * a sandbox stops
 */
#include <string.h>

#include "cli/cmd.h"
#include "cli/doctor_attack.h"
#include "runtime/doctor.h"

enum { DOCTOR_ATTACK = 1 };

static bool doctor_option(struct cli *cli, const char *name, const char *value)
{
	if (!strcmp(name, "under"))
		cli->name = value;
	cli->flags |= DOCTOR_ATTACK;
	return true;
}

/* --- the machine ------------------------------------------------------------ */

static const char *const state_words[] = {
	[DOCTOR_NO] = "no", [DOCTOR_PARTLY] = "partly", [DOCTOR_YES] = "yes",
	[DOCTOR_INFO] = "-",
};

static void print_row(const struct doctor_row *row, void *arg)
{
	(void)arg;
	printf("%-7s %-24s %s\n", state_words[row->state], row->name,
	       row->found);
	if (row->state != DOCTOR_NO && row->state != DOCTOR_PARTLY)
		return;
	if (*row->needed_by)
		printf("%-7s %-24s needed by: %s\n", "", "", row->needed_by);
	if (*row->remedy)
		printf("%-7s %-24s remedy: %s\n", "", "", row->remedy);
}

void doctor_json(struct str *out, const char *key, const char *value)
{
	str_addf(out, "\"%s\": ", key);
	str_add_json(out, value);
}

static void print_row_json(const struct doctor_row *row, void *arg)
{
	struct str out = { 0 };
	bool *first = arg;

	str_add(&out, *first ? "[\n  {" : ",\n  {");
	*first = false;
	doctor_json(&out, "name", row->name);
	str_add(&out, ", ");
	doctor_json(&out, "state",
		 row->state == DOCTOR_INFO ? "info" : state_words[row->state]);
	str_add(&out, ", ");
	doctor_json(&out, "found", row->found);
	str_add(&out, ", ");
	doctor_json(&out, "needed_by", row->needed_by);
	str_add(&out, ", ");
	doctor_json(&out, "remedy", row->remedy);
	str_add(&out, "}");
	fputs(out.text, stdout);
	str_fini(&out);
}

static int examine(struct cli *cli)
{
	bool first = true, can;

	if (cli->diag == DIAG_JSON) {
		can = doctor_examine(print_row_json, &first);
		puts("\n]");
	} else {
		can = doctor_examine(print_row, NULL);
		printf("\nthe default sandbox %s\n",
		       can ? "can be built here"
			   : "cannot be built here: see 'no' above");
	}
	return can ? EXIT_DONE : EXIT_MACHINE;
}

static int doctor_run(struct cli *cli)
{
	if (!(cli->flags & DOCTOR_ATTACK)) {
		if (cli->argc)
			return usage_error(cli, "unexpected operand '%s'; "
					   "did you mean '--attack'",
					   cli->argv[0]);
		return examine(cli);
	}
	if (!cli->name && !cli->argc)
		return usage_error(cli, "--attack needs a profile");
	if (cli->name && cli->argc)
		return usage_error(cli, "--under is in place of a profile");
	return cli->name ? attack_runner(cli) : attack_profile(cli);
}

const struct command cmd_doctor = {
	.name = "doctor",
	.operands = "[PROFILE]",
	.summary = "say what this machine can do; attack a sandbox",
	.examples = "  callgate doctor\n"
		    "  callgate doctor --attack web.gate\n"
		    "  callgate doctor --attack --under 'bwrap --bind / /'\n",
	.options = (const struct option_row[]){
		{ "attack", 'a', NULL,
		  "try to break out of the profile's sandbox; score it" },
		{ "under", 0, "COMMAND",
		  "attack another runner's sandbox: what is put before the "
		  "program" },
		{ 0 },
	},
	.operands_max = 1,
	.option = doctor_option,
	.run = doctor_run,
};
