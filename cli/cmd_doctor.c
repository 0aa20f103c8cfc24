/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_doctor.c - callgate doctor: what this machine can do
 */
#include "cli/cmd.h"
#include "runtime/doctor.h"

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

static void doctor_json(struct str *out, const char *key, const char *value)
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

static int doctor_run(struct cli *cli)
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

const struct command cmd_doctor = {
	.name = "doctor",
	.summary = "say what this machine can do",
	.examples = "  callgate doctor\n",
	.run = doctor_run,
};
