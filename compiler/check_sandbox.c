/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_sandbox.c - the sandbox block: what this version's runner knows
 *
 * A line that is part of the language but not of this version is an error:
 * a sandbox that leaves out what was asked for would be no sandbox.
 */
#include <string.h>

#include "compiler/check_state.h"

enum { HOSTNAME_MAX = 64, PATH_BYTES_MAX = 4095 };

static const char *const later[] = {
	"namespaces", "join",	 "pin",	     "user",	"map",
	"root",	      "read",	 "write",    "exec",	"bind",
	"tmpfs",      "overlay", "hide",     "readonly", "device",
	"propagation", "keep",	 "drop",     "securebits", "memory",
	"pids",	      "cpu",	 "cpus",     "io",	"rlimit",
	"timeout",    "nice",	 "umask",    "oom",	"sched",
	"network",    "env",	 "fd",	     "terminal", "init",
	"keyring",    "nested-users", NULL,
};

static const char *string_operand(struct unit *u, const struct ast_setting *s)
{
	const struct ast_value *v = s->operands;

	if (!v || v->kind != VAL_STRING || v->next) {
		diag_help(diag_add(u->diags, E0323, s->span,
				   "'%s' takes one string", s->word.text),
			  "write %s \"...\";", s->word.text);
		return NULL;
	}
	if (!v->word.len || strlen(v->word.text) != v->word.len) {
		diag_add(u->diags, E0323, v->span,
			 v->word.len ? "'%s' holds a NUL byte"
				     : "'%s' is empty",
			 s->word.text);
		return NULL;
	}
	return v->word.text;
}

static void set_hostname(struct unit *u, const struct ast_setting *s,
			 struct sandbox *out)
{
	const char *name = string_operand(u, s);

	if (name && strlen(name) > HOSTNAME_MAX)
		diag_add(u->diags, E0323, s->operands->span,
			 "the host name has %zu bytes, the kernel takes %d",
			 strlen(name), HOSTNAME_MAX);
	out->hostname = name;
}

static void set_workdir(struct unit *u, const struct ast_setting *s,
			struct sandbox *out)
{
	const char *path = string_operand(u, s);

	if (path && path[0] != '/')
		diag_add(u->diags, E0323, s->operands->span,
			 "the working directory must be an absolute path");
	else if (path && strlen(path) > PATH_BYTES_MAX)
		diag_add(u->diags, E0323, s->operands->span,
			 "the path has %zu bytes, the kernel takes %d",
			 strlen(path), PATH_BYTES_MAX);
	out->workdir = path;
}

static void report_unknown(struct unit *u, const struct ast_setting *s)
{
	struct nearest near;
	struct diag *d;

	for (const char *const *w = later; *w; w++) {
		if (!word_is(&s->word, *w))
			continue;
		d = diag_add(u->diags, E0406, s->word.span,
			     "'%s' in a sandbox block is not supported by "
			     "this version",
			     s->word.text);
		diag_note(d, "supported are hostname and workdir; what is not "
			     "said keeps the safe default");
		diag_help(d, "remove the line, or arrange it outside: the "
			     "run is refused rather than left without it");
		return;
	}
	d = diag_add(u->diags, E0322, s->word.span,
		     "unknown word '%s' in a sandbox block", s->word.text);
	nearest_init(&near, s->word.text, s->word.len);
	nearest_try(&near, "hostname");
	nearest_try(&near, "workdir");
	for (const char *const *w = later; *w; w++)
		nearest_try(&near, *w);
	help_nearest(d, &near);
}

static bool is_repeated(struct unit *u, const struct ast_setting *s,
			const struct ast_setting **first)
{
	if (!*first) {
		*first = s;
		return false;
	}
	diag_label(diag_add(u->diags, E0407, s->word.span,
			    "'%s' is given twice", s->word.text),
		   (*first)->word.span, "first given here");
	return true;
}

void sandbox_check(struct unit *u, const struct ast_item *item,
		   struct sandbox *out)
{
	const struct ast_setting *hostname = NULL, *workdir = NULL;

	out->present = true;
	for (const struct ast_setting *s = item->settings; s; s = s->next) {
		if (word_is(&s->word, "hostname")) {
			if (!is_repeated(u, s, &hostname))
				set_hostname(u, s, out);
		} else if (word_is(&s->word, "workdir")) {
			if (!is_repeated(u, s, &workdir))
				set_workdir(u, s, out);
		} else {
			report_unknown(u, s);
		}
	}
}
