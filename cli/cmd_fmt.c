/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_fmt.c - callgate fmt: the canonical layout of a profile
 */
#include <string.h>

#include "cli/cmd.h"
#include "compiler/parse.h"

/* Flags of one run; the table's callback has no other place for them. */
struct fmt_flags {
	bool check, write;
};

static struct fmt_flags flags_of(const struct cli *cli)
{
	return (struct fmt_flags){
		.check = cli->flags & 1,
		.write = cli->flags & 2,
	};
}

static bool fmt_option(struct cli *cli, const char *name, const char *value)
{
	(void)value;
	cli->flags |= !strcmp(name, "check") ? 1 : 2;
	return true;
}

static int fmt_one(struct cli *cli, const char *path, struct fmt_flags flags)
{
	struct unit *u = cli->unit;
	size_t errors = diag_errors(u->diags);
	uint32_t number = unit_read(u, path);
	const struct source *src;
	struct str out = { 0 };
	struct ast_file *file;
	int code = EXIT_DONE;
	bool same;

	if (!number)
		return EXIT_REFUSED;
	file = parse_source(u, number);
	if (diag_errors(u->diags) > errors)
		return EXIT_REFUSED;
	src = sources_get(&u->sources, number);
	fmt_file(u, file, &out);
	same = out.len == src->len && !memcmp(str_text(&out), src->text,
					      src->len);
	if (flags.check && !same) {
		printf("%s\n", src->name);
		code = EXIT_REFUSED;
	} else if (flags.write && strcmp(path, "-")) {
		if (!same && !file_replace(path, str_text(&out), out.len))
			code = EXIT_MACHINE;
	} else if (!flags.check) {
		fwrite(str_text(&out), 1, out.len, stdout);
	}
	str_fini(&out);
	return code;
}

static int fmt_run(struct cli *cli)
{
	struct fmt_flags flags = flags_of(cli);
	int worst = EXIT_DONE;

	if (flags.check && flags.write)
		return usage_error(cli, "--check and --write exclude each "
				   "other");
	for (int i = 0; i < cli->argc; i++) {
		int code = fmt_one(cli, cli->argv[i], flags);

		if (code > worst)
			worst = code;
	}
	return cli_finish(cli, worst);
}

const struct command cmd_fmt = {
	.name = "fmt",
	.operands = "FILE...",
	.summary = "print a profile in the canonical layout",
	.examples = "  callgate fmt web.gate\n"
		    "  callgate fmt --check profiles/*.gate\n"
		    "  callgate fmt --write web.gate\n",
	.options = (const struct option_row[]){
		{ "check", 0, NULL,
		  "print the names of files that differ; exit 1 if any" },
		{ "write", 'w', NULL, "change the files themselves" },
		{ 0 },
	},
	.operands_min = 1,
	.operands_max = -1,
	.option = fmt_option,
	.run = fmt_run,
};
