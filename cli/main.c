/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - the table of commands and the way into one of them
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/nearest.h"
#include "cli/cmd.h"

#define CALLGATE_VERSION "0.1.0"

static const struct command *const commands[] = {
	&cmd_attach, &cmd_check, &cmd_compile, &cmd_doctor,
	&cmd_exec, &cmd_explain, &cmd_fmt, &cmd_freeze,
	&cmd_help, &cmd_inspect, &cmd_ps, &cmd_release,
	&cmd_run, &cmd_stop, &cmd_test, &cmd_thaw,
};

const struct command *command_at(size_t i)
{
	return i < ARRAY_LEN(commands) ? commands[i] : NULL;
}

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

void commands_list(FILE *out)
{
	fputs("usage: callgate COMMAND [OPTION...] [OPERAND...]\n\n", out);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(out, "  %-8s  %s\n", commands[i]->name,
			commands[i]->summary);
	fputs("\n'callgate help COMMAND' tells more of one; "
	      "callgate(1) and callgate-policy(5) tell the rest\n",
	      out);
}

int unknown_command(const char *word)
{
	struct nearest near;
	struct str hint = { 0 };

	nearest_init(&near, word, strlen(word));
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		nearest_try(&near, commands[i]->name);
	nearest_text(&near, &hint);
	fprintf(stderr, "callgate: unknown command '%s'\n", word);
	if (hint.len)
		fprintf(stderr, "      = help: did you mean %s?\n",
			str_text(&hint));
	else
		fprintf(stderr, "      = help: 'callgate help' lists them\n");
	str_fini(&hint);
	return EXIT_USAGE;
}

static int run_command(const struct command *command, int argc, char **argv)
{
	struct cli cli = { .command = command, .unit = unit_new() };
	int code = cli_parse(&cli, argc, argv);

	if (code < 0)
		code = command->run(&cli);
	free(cli.include_dirs);
	str_fini(&cli.sandbox_lines);
	unit_free(cli.unit);
	return code;
}

/* A full disk or a closed pipe must not look like success. */
static int flush_output(int code)
{
	if (fflush(stdout) || ferror(stdout)) {
		fputs("callgate: cannot write to standard output\n", stderr);
		return code ? code : EXIT_MACHINE;
	}
	return code;
}

int main(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		commands_list(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("callgate " CALLGATE_VERSION);
		return flush_output(EXIT_DONE);
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		commands_list(stdout);
		return flush_output(EXIT_DONE);
	}
	command = command_find(argv[1]);
	if (!command)
		return unknown_command(argv[1]);
	return flush_output(run_command(command, argc - 1, argv + 1));
}
