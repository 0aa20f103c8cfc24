/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options_help.c - usage and help, from the rows that parsing uses
 */
#include <stdarg.h>
#include <string.h>

#include "cli/options.h"

int usage_error(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "callgate %s: ", cli->command->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return EXIT_USAGE;
}

static void add_option_usage(struct str *line, const struct option_row *o)
{
	if (o->letter && !o->value)
		str_addf(line, " [-%c]", o->letter);
	else if (o->letter)
		str_addf(line, " [-%c %s]", o->letter, o->value);
	else if (o->value && *o->value == '[')
		str_addf(line, " [--%s%s]", o->name, o->value);
	else if (o->value)
		str_addf(line, " [--%s=%s]", o->name, o->value);
	else
		str_addf(line, " [--%s]", o->name);
}

/* One string; the printer wraps it at the words that start with '['. */
static void usage_words(const struct command *c, struct str *line)
{
	struct option_tables t;

	option_tables_of(c, &t);
	for (size_t i = 0; t.at[i]; i++) {
		if (t.at[i] == t.common)
			continue;
		if (t.at[i] == t.sandbox) {
			str_add(line, " [SANDBOX-OPTION...]");
			continue;
		}
		for (const struct option_row *o = t.at[i]; o->name; o++)
			add_option_usage(line, o);
	}
	if (c->operands)
		str_addf(line, " %s", c->operands);
}

enum { USAGE_COLUMNS = 78, HELP_COLUMN = 28 };

void command_usage(const struct command *c, FILE *out)
{
	struct str words = { 0 };
	int indent = fprintf(out, "usage: callgate %s", c->name);
	int at = indent;

	usage_words(c, &words);
	for (char *word = words.text, *next; word && *word; word = next) {
		next = strstr(word + 1, " [");
		if (!next)
			next = word + strlen(word);
		if (at + (next - word) > USAGE_COLUMNS) {
			fprintf(out, "\n%*s", indent, "");
			at = indent;
		}
		fwrite(word, 1, (size_t)(next - word), out);
		at += (int)(next - word);
	}
	fputc('\n', out);
	str_fini(&words);
}

static void print_rows(const struct option_row *rows, FILE *out)
{
	for (const struct option_row *o = rows; o->name; o++) {
		struct str left = { 0 };

		if (o->letter)
			str_addf(&left, "-%c, ", o->letter);
		str_addf(&left, "--%s", o->name);
		if (o->value)
			str_addf(&left, *o->value == '[' ? "%s" : " %s",
				 o->value);
		if (left.len > HELP_COLUMN)
			str_addf(&left, "\n%*s", 2 + HELP_COLUMN, "");
		fprintf(out, "  %-*s  %s\n", HELP_COLUMN, str_text(&left),
			o->help);
		str_fini(&left);
	}
}

void command_help(const struct command *c, FILE *out)
{
	struct option_tables t;

	command_usage(c, out);
	fprintf(out, "\n%s\n\noptions:\n", c->summary);
	option_tables_of(c, &t);
	for (size_t i = 0; t.at[i]; i++) {
		if (t.at[i] == t.sandbox)
			fputs("\nsandbox options, each the line of that name "
			      "in a sandbox block:\n", out);
		print_rows(t.at[i], out);
	}
	if (c->examples)
		fprintf(out, "\nexamples:\n%s", c->examples);
}
