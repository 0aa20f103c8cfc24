/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.c - option tables: parsing, usage and help from the same rows
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "abi/constants.h"
#include "base/bug.h"
#include "base/nearest.h"
#include "cli/cmd.h"

static const struct option_row common_options[] = {
	{ "diag", 0, "text|json", "how messages are written (default text)" },
	{ "help", 'h', NULL, "this text" },
	{ 0 },
};

static const struct option_row policy_options[] = {
	{ "caps", 0, "docker|none|CAP,...",
	  "capabilities held, for Docker JSON (default docker: Docker's 14)" },
	{ "from", 0, "FORMAT", "the input's format (default: look at it)" },
	{ "include", 'I', "DIR", "look for included files here too" },
	{ "kernel", 0, "X.Y",
	  "kernel version, for Docker JSON (default: this one)" },
	{ "target", 0, "ABI,...",
	  "for which ABIs (default: all of this machine)" },
	{ 0 },
};

static const struct option_row output_options[] = {
	{ "output", 'o', "FILE", "write here instead of standard output" },
	{ 0 },
};

/* The tables that apply to a command, NULL at the end. */
static void tables_of(const struct command *c,
		      const struct option_row *tables[5])
{
	size_t n = 0;

	if (c->options)
		tables[n++] = c->options;
	if (c->writes_output)
		tables[n++] = output_options;
	if (c->reads_policy)
		tables[n++] = policy_options;
	tables[n++] = common_options;
	tables[n] = NULL;
}

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
	else if (o->value)
		str_addf(line, " [--%s=%s]", o->name, o->value);
	else
		str_addf(line, " [--%s]", o->name);
}

/* One string; the printer wraps it at the words that start with '['. */
static void usage_words(const struct command *c, struct str *line)
{
	const struct option_row *tables[5];

	tables_of(c, tables);
	for (size_t t = 0; tables[t]; t++) {
		if (tables[t] == common_options)
			continue;
		for (const struct option_row *o = tables[t]; o->name; o++)
			add_option_usage(line, o);
	}
	if (c->operands)
		str_addf(line, " %s", c->operands);
}

enum { USAGE_COLUMNS = 78 };

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

void command_help(const struct command *c, FILE *out)
{
	const struct option_row *tables[5];

	command_usage(c, out);
	fprintf(out, "\n%s\n\noptions:\n", c->summary);
	tables_of(c, tables);
	for (size_t t = 0; tables[t]; t++) {
		for (const struct option_row *o = tables[t]; o->name; o++) {
			struct str left = { 0 };

			if (o->letter)
				str_addf(&left, "-%c, ", o->letter);
			str_addf(&left, "--%s", o->name);
			if (o->value)
				str_addf(&left, " %s", o->value);
			fprintf(out, "  %-28s  %s\n", str_text(&left), o->help);
			str_fini(&left);
		}
	}
	if (c->examples)
		fprintf(out, "\nexamples:\n%s", c->examples);
}

static bool add_abi(struct cli *cli, const char *word, size_t len, bool first)
{
	struct target *t = &cli->unit->target;
	const struct abi *abi = abi_find(word, len);
	struct nearest near;
	struct str hint = { 0 };

	if (abi && (first || abi->machine == abi_get(t->machine)->machine)) {
		if (first)
			t->machine = abi->id;
		t->abis |= ABI_BIT(abi->id);
		return true;
	}
	if (abi) {
		usage_error(cli, "'%s' and '%s' belong to different machines; "
			    "one program serves one kernel",
			    abi_get(t->machine)->name, abi->name);
		return false;
	}
	nearest_init(&near, word, len);
	for (int i = 0; i < ABI_COUNT; i++)
		nearest_try(&near, abi_get((enum abi_id)i)->name);
	nearest_text(&near, &hint);
	usage_error(cli, "unknown ABI '%.*s'%s%s", (int)len, word,
		    hint.len ? "; did you mean " : "", str_text(&hint));
	str_fini(&hint);
	return false;
}

static bool set_target(struct cli *cli, const char *text)
{
	bool first = true;

	cli->unit->target.abis = 0;
	cli->target_given = true;
	for (const char *word = text;; first = false) {
		size_t len = strcspn(word, ",");

		if (!add_abi(cli, word, len, first))
			return false;
		if (!word[len])
			return true;
		word += len + 1;
	}
}

static bool parse_kernel(const char *text, struct target *t)
{
	unsigned major, minor;
	char *end;

	/* "6.18.44-generic" and "6.1" are both fine. */
	major = (unsigned)strtoul(text, &end, 10);
	if (end == text || *end != '.')
		return false;
	text = end + 1;
	minor = (unsigned)strtoul(text, &end, 10);
	if (end == text || major > 999 || minor > 999)
		return false;
	t->kernel_major = major;
	t->kernel_minor = minor;
	return true;
}

static bool policy_option(struct cli *cli, const char *name, const char *value)
{
	if (!strcmp(name, "target"))
		return set_target(cli, value);
	if (!strcmp(name, "from")) {
		const struct format *f = format_find(value, strlen(value));

		if (!f || !f->read) {
			usage_error(cli, "cannot read format '%s'", value);
			return false;
		}
		cli->from = value;
	} else if (!strcmp(name, "caps")) {
		if (!parse_caps(value, &cli->unit->target.caps)) {
			usage_error(cli, "unknown capability in '%s'", value);
			return false;
		}
	} else if (!strcmp(name, "kernel")) {
		if (!parse_kernel(value, &cli->unit->target)) {
			usage_error(cli, "'%s' is not a kernel version such "
				    "as 6.1", value);
			return false;
		}
	} else if (!strcmp(name, "include")) {
		cli->include_dirs[cli->ninclude_dirs++] = value;
	}
	return true;
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
	return policy_option(cli, name, value);
}

enum { OPTIONS_MAX = 32 };

struct getopt_tables {
	struct option longs[OPTIONS_MAX];
	char shorts[2 * OPTIONS_MAX + 4];
	size_t n;
};

static void build_tables(const struct command *c, struct getopt_tables *g)
{
	const struct option_row *tables[5];
	char *s = g->shorts;

	if (c->stops_at_operand)
		*s++ = '+';
	*s++ = ':';
	tables_of(c, tables);
	for (size_t t = 0; tables[t]; t++) {
		for (const struct option_row *o = tables[t]; o->name; o++) {
			if (g->n + 1 >= OPTIONS_MAX)
				BUG("too many options of %s", c->name);
			g->longs[g->n++] = (struct option){
				o->name,
				o->value ? required_argument : no_argument,
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

/* What this machine is; --target, --kernel and --caps then change it. */
static void default_target(struct cli *cli)
{
	struct target *t = &cli->unit->target;
	const struct abi *native;
	struct utsname un;

	if (uname(&un))
		BUG("uname failed");
	native = abi_of_uname(un.machine);
	t->machine = native ? native->id : ABI_X86_64;
	t->abis = abi_set_of_machine(t->machine);
	parse_kernel(un.release, t);
	parse_caps("docker", &t->caps);
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
