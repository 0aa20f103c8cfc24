/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options_sandbox.c - each line of the sandbox block as an option
 *
 * The options' values become the lines of a block, which the compiler reads
 * as if it stood in the profile: there is one meaning and one set of
 * messages for both.
 */
#include <string.h>

#include "base/bug.h"
#include "cli/options.h"
#include "compiler/parse.h"
#include "compiler/sandbox.h"

void sandbox_rows(struct option_row *rows)
{
	const struct sandbox_line *line;
	size_t n = 0;

	rows[n++] = (struct option_row){
		"sandbox", 0, NULL, "the block with all its defaults"
	};
	for (size_t i = 0; (line = sandbox_line_at(i)); i++) {
		if (n == SANDBOX_OPTIONS_MAX)
			BUG("more than %d options", SANDBOX_OPTIONS_MAX);
		rows[n++] = (struct option_row){ line->word, 0, line->option,
						 line->help };
	}
	rows[n] = (struct option_row){ 0 };
}

bool sandbox_option(struct cli *cli, const char *name, const char *value)
{
	if (!cli->sandbox_lines.len)
		str_add(&cli->sandbox_lines, "sandbox {\n");
	if (value)
		sandbox_option_line(name, value, &cli->sandbox_lines);
	return true;
}

void cli_sandbox(struct cli *cli, const struct policy *policy,
		 struct sandbox *out)
{
	struct unit *u = cli->unit;
	const struct ast_file *file;
	uint32_t source;

	*out = policy->sandbox;
	if (!cli->sandbox_lines.len)
		return;
	str_add(&cli->sandbox_lines, "}\n");
	source = sources_add(&u->sources, "<options>", cli->sandbox_lines.text,
			     cli->sandbox_lines.len, span_none);
	file = parse_source(u, source);
	if (file->items && !diag_errors(u->diags))
		sandbox_read(u, policy->sandbox_lines, file->items->settings,
			     out);
}
