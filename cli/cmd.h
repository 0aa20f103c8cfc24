/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd.h - the table of commands and what they share
 *
 * To add a command: write cli/cmd_x.c with a `const struct command cmd_x`,
 * declare it here and list it in main.c.  Dispatch, help, completion and
 * the documentation check all walk that one table.  A command parses
 * options, calls a library and chooses the exit code; it holds no policy.
 */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include <stdbool.h>
#include <stdio.h>

#include "base/str.h"
#include "compiler/format.h"
#include "compiler/unit.h"

enum exit_code {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1, /* the policy has errors, or the answer is no */
	EXIT_USAGE = 2,
	EXIT_MACHINE = 3, /* this machine cannot */
	EXIT_INTERNAL = 4,
	EXIT_NOT_STARTED = 125, /* run: the sandbox could not be built */
};

struct option_row {
	const char *name; /* NULL ends the table */
	char letter;	  /* 0: none */
	/* Metavariable; NULL: a flag; "[=x]": may be left out. */
	const char *value;
	const char *help;
};

struct cli {
	const struct command *command;
	int argc; /* operands */
	char **argv;
	enum diag_format diag;
	struct unit *unit;
	/* Of the commands that read a policy: */
	const char *from; /* NULL: guess */
	bool target_given;
	const char **include_dirs;
	size_t ninclude_dirs;
	const char *output; /* -o; NULL: standard output */
	/* The options of the sandbox block, as a block without its end. */
	struct str sandbox_lines;
	/* What the command's own options said. */
	unsigned flags;
	const char *name; /* of a sandbox; of doctor: another runner */
	const struct format *to;
	const char *dump; /* a pass, of compile */
	const char *report; /* a file, of run */
	const char *caps; /* a mask, of inspect */
	bool no_cache;
	unsigned explain; /* enum run_explain, of run */
};

struct command {
	const char *name;
	const char *operands; /* as in the synopsis */
	const char *summary;  /* one line, no full stop */
	const char *examples; /* lines; tested with the man page */
	const struct option_row *options; /* its own; may be NULL */
	bool reads_policy; /* takes the options of policy_options */
	bool writes_output; /* takes -o */
	bool takes_sandbox; /* takes the lines of a sandbox block */
	bool stops_at_operand; /* what follows the first operand is not ours */
	int operands_min, operands_max; /* max -1: any number */
	/* One of `options` was seen; false after saying what is wrong. */
	bool (*option)(struct cli *cli, const char *name, const char *value);
	int (*run)(struct cli *cli);
};

extern const struct command cmd_check, cmd_compile, cmd_doctor, cmd_explain,
	cmd_fmt, cmd_help, cmd_inspect, cmd_run, cmd_test, cmd_attach, cmd_exec,
	cmd_freeze, cmd_ps, cmd_release, cmd_stop, cmd_thaw;

const struct command *command_at(size_t i); /* NULL past the last */
const struct command *command_find(const char *name);

/* "usage: callgate check [--strict] ... FILE..." and what follows it. */
void command_usage(const struct command *c, FILE *out);
void command_help(const struct command *c, FILE *out);
void commands_list(FILE *out);
/* Says so, with what is spelt alike; gives EXIT_USAGE. */
int unknown_command(const char *word);

/*
 * Options into *cli.  -1 to go on; otherwise the exit code (0 after
 * --help, EXIT_USAGE after a message).
 */
int cli_parse(struct cli *cli, int argc, char **argv);

/* "callgate check: ..." on standard error; gives EXIT_USAGE. */
int usage_error(const struct cli *cli, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* E0560 for a policy that serves none of the target's ABIs; EXIT_MACHINE. */
int cli_no_abi(struct cli *cli);

/* Prints the diagnostics; `code` unless there were errors. */
int cli_finish(struct cli *cli, int code);
/* The same for commands to which a policy's warnings are beside the point. */
int cli_finish_errors(struct cli *cli, int code);

/*
 * Reads an operand in any policy format for the unit's target: one
 * machine's ABIs.  NULL with *code set (diagnostics are in the sink).
 */
const struct policy *cli_load(struct cli *cli, const char *path, int *code);
/* The operand's bytes are a source of the unit already: number 1. */
const struct policy *cli_read_again(struct cli *cli, const char *path);
/* The same for all ABIs that a profile lists, whatever their machine. */
const struct policy *cli_load_all(struct cli *cli, const char *path,
				  int *code);

/*
 * The policy's sandbox with the options' lines in it; as it is without
 * such options.  Errors are diagnostics.
 */
void cli_sandbox(struct cli *cli, const struct policy *policy,
		 struct sandbox *out);

/*
 * Writes all bytes to -o (a temporary file beside it, then a rename) or to
 * standard output.  False with a message.
 */
bool cli_write(struct cli *cli, const void *bytes, size_t len);
/* The same for a path of the caller's, keeping the file's mode. */
bool file_replace(const char *path, const void *bytes, size_t len);

/* For --caps; false when a name is wrong. */
bool parse_caps(const char *text, uint64_t *caps);

#endif
