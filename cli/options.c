/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.c - option tables, and the command line taken apart by them
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/nearest.h"
#include "cli/options.h"

static const struct option_row common_options[] = {
	{ "diag", 0, "text|json", "how messages are written (default text)" },
	{ "help", 'h', NULL, "this text" },
	{ 0 },
};

static const struct option_row output_options[] = {
	{ "output", 'o', "FILE", "write here instead of standard output" },
	{ 0 },
};

void option_tables_of(const struct command *c, struct option_tables *t)
{
	size_t n = 0;

	*t = (struct option_tables){ .common = common_options };
	if (c->options)
		t->at[n++] = c->options;
	if (c->writes_output)
		t->at[n++] = output_options;
	if (c->reads_policy)
		t->at[n++] = policy_options;
	t->at[n++] = common_options;
	if (!c->takes_sandbox)
		return;
	sandbox_rows(t->sandbox);
	t->at[n] = t->sandbox;
}

static bool in_table(const struct option_row *table, const char *name)
{
	for (const struct option_row *o = table; o && o->name; o++)
		if (!strcmp(o->name, name))
			return true;
	return false;
}

static bool take_option(struct cli *cli, const char *name, const char *value)
{
	if (in_table(cli->command->options, name))
		return cli->command->option(cli, name, value);
	if (!strcmp(name, "output")) {
		cli->output = value;
		return true;
	}
	if (!strcmp(name, "diag")) {
		if (strcmp(value, "text") && strcmp(value, "json")) {
			usage_error(cli, "--diag is text or json, not '%s'",
				    value);
			return false;
		}
		cli->diag = *value == 'j' ? DIAG_JSON : DIAG_TEXT;
		return true;
	}
	if (cli->command->takes_sandbox && !in_table(policy_options, name))
		return sandbox_option(cli, name, value);
	return policy_option(cli, name, value);
}

enum { OPTIONS_MAX = 32 + SANDBOX_OPTIONS_MAX };

struct getopt_tables {
	struct option longs[OPTIONS_MAX];
	char shorts[2 * OPTIONS_MAX + 4];
	size_t n;
};

static void build_tables(const struct command *c, struct getopt_tables *g)
{
	struct option_tables t;
	char *s = g->shorts;

	if (c->stops_at_operand)
		*s++ = '+';
	*s++ = ':';
	option_tables_of(c, &t);
	for (size_t i = 0; t.at[i]; i++) {
		for (const struct option_row *o = t.at[i]; o->name; o++) {
			if (g->n + 1 >= OPTIONS_MAX)
				BUG("too many options of %s", c->name);
			g->longs[g->n++] = (struct option){
				o->name,
				!o->value	 ? no_argument
				: *o->value == '[' ? optional_argument
						   : required_argument,
				NULL, o->letter
			};
			if (o->letter)
				*s++ = o->letter;
			if (o->letter && o->value)
				*s++ = ':';
		}
	}
	*s = '\0';
}

static int unknown_option(struct cli *cli, const struct getopt_tables *g,
			  const char *word)
{
	struct nearest near;
	const char *name = word + strspn(word, "-");

	nearest_init(&near, name, strcspn(name, "="));
	for (size_t i = 0; i < g->n; i++)
		nearest_try(&near, g->longs[i].name);
	if (near.n)
		usage_error(cli, "unknown option '%s'; did you mean '--%s'",
			    word, near.name[0]);
	else
		usage_error(cli, "unknown option '%s'", word);
	command_usage(cli->command, stderr);
	return EXIT_USAGE;
}

static const char *name_of_letter(const struct getopt_tables *g, int letter)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->longs[i].val == letter)
			return g->longs[i].name;
	BUG("option letter %d", letter);
}

static int parse_options(struct cli *cli, int argc, char **argv)
{
	struct getopt_tables g = { 0 };
	int got, at = 0;

	build_tables(cli->command, &g);
	opterr = 0;
	optind = 1;
	while ((got = getopt_long(argc, argv, g.shorts, g.longs, &at)) != -1) {
		const char *name;

		if (got == ':') {
			usage_error(cli, "option '%s' takes a value",
				    argv[optind - 1]);
			return EXIT_USAGE;
		}
		if (got == '?')
			return unknown_option(cli, &g, argv[optind - 1]);
		name = got ? name_of_letter(&g, got) : g.longs[at].name;
		if (!strcmp(name, "help")) {
			command_help(cli->command, stdout);
			return EXIT_DONE;
		}
		if (!take_option(cli, name, optarg))
			return EXIT_USAGE;
	}
	cli->argc = argc - optind;
	cli->argv = argv + optind;
	return -1;
}

int cli_parse(struct cli *cli, int argc, char **argv)
{
	const struct command *c = cli->command;
	int code;

	cli->include_dirs = calloc((size_t)argc + 1,
				   sizeof(*cli->include_dirs));
	if (!cli->include_dirs)
		oom();
	default_target(cli);
	code = parse_options(cli, argc, argv);
	if (code >= 0)
		return code;
	cli->unit->include_dirs = cli->include_dirs;
	cli->unit->ninclude_dirs = cli->ninclude_dirs;
	if (cli->argc < c->operands_min ||
	    (c->operands_max >= 0 && cli->argc > c->operands_max)) {
		usage_error(cli, "%s operand%s%s%s",
			    cli->argc < c->operands_min ? "missing"
							: "unexpected",
			    cli->argc < c->operands_min ? "" : " '",
			    cli->argc < c->operands_min
				    ? ""
				    : cli->argv[c->operands_max],
			    cli->argc < c->operands_min ? "" : "'");
		command_usage(c, stderr);
		return EXIT_USAGE;
	}
	return -1;
}
