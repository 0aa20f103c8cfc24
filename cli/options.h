/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.h - what the files options*.c share; nobody else includes it
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/cmd.h"

enum { OPTION_TABLES_MAX = 5, SANDBOX_OPTIONS_MAX = 64 };

/*
 * The tables that apply to a command, NULL past the last.  Those of the
 * sandbox are made from the lines of the language.
 */
struct option_tables {
	const struct option_row *at[OPTION_TABLES_MAX + 1];
	const struct option_row *common; /* one of them: not in the usage */
	struct option_row sandbox[SANDBOX_OPTIONS_MAX + 1];
};

void option_tables_of(const struct command *c, struct option_tables *t);

extern const struct option_row policy_options[];
/* False after saying what is wrong. */
bool policy_option(struct cli *cli, const char *name, const char *value);
/* What this machine is; --target, --kernel and --caps then change it. */
void default_target(struct cli *cli);

/* The option of a line of the sandbox block, and --sandbox alone. */
void sandbox_rows(struct option_row *rows);
bool sandbox_option(struct cli *cli, const char *name, const char *value);

#endif
