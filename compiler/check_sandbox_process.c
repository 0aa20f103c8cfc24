/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_sandbox_process.c - what the command starts with: environment,
 * descriptors, directory, terminal, and who is its pid 1
 */
#include <string.h>

#include "base/bug.h"
#include "compiler/sandbox_lines.h"

/* ---- environment ---- */

static bool variable_name(struct sandbox_reader *r, const struct ast_value *v,
			  const char **out)
{
	if (v->kind != VAL_NAME && v->kind != VAL_STRING)
		return operand_wrong(r, v, "names of variables");
	if (!v->word.len || strchr(v->word.text, '='))
		return operand_wrong(r, v, "names without '='");
	*out = v->word.text;
	return true;
}

static bool push_env(struct sandbox_reader *r, struct span at,
		     struct sandbox_env env)
{
	for (size_t i = 0; i < r->env.len; i++) {
		if (strcmp(r->env.data[i].name, env.name))
			continue;
		if (r->env_spans.data[i].source == at.source)
			return said_twice(r, at, r->env_spans.data[i],
					  "the variable");
		r->env.data[i] = env;
		r->env_spans.data[i] = at;
		return true;
	}
	if (!room_for(r, r->env.len, SANDBOX_ENTRIES_MAX, "variables"))
		return false;
	vec_push(r->u->arena, &r->env, env);
	vec_push(r->u->arena, &r->env_spans, at);
	return true;
}

static bool keep_variables(struct sandbox_reader *r)
{
	do {
		const struct ast_value *v = operand_item(r, "a name");
		struct sandbox_env env = { 0 };

		if (!v || !variable_name(r, v, &env.name) ||
		    !push_env(r, v->span, env))
			return false;
	} while (operand_more(r));
	return true;
}

static bool set_variable(struct sandbox_reader *r)
{
	const struct ast_value *name = operand_next(r, "a name"), *v;
	struct sandbox_env env = { 0 };

	if (!name || !variable_name(r, name, &env.name))
		return false;
	v = operand_next(r, "a text");
	if (!v)
		return false;
	if (v->kind != VAL_STRING)
		return operand_wrong(r, v, "a text in quotes");
	env.value = v->word.text;
	return push_env(r, name->span, env);
}

bool set_env(struct sandbox_reader *r)
{
	static const char *const words[] = { "keep", "set", NULL };
	int word = operand_choice(r, "word", words);

	if (word < 0)
		return false;
	return word ? set_variable(r) : keep_variables(r);
}

/* ---- descriptors ---- */

static bool push_fd(struct sandbox_reader *r, const struct ast_value *v)
{
	uint64_t fd;

	if (!value_number(r, v, 3, SANDBOX_FD_MAX, &fd))
		return false;
	for (size_t i = 0; i < r->fds.len; i++) {
		if (r->fds.data[i] != (int)fd)
			continue;
		if (r->fd_spans.data[i].source != v->span.source)
			return true;
		return said_twice(r, v->span, r->fd_spans.data[i],
				  "the descriptor");
	}
	if (!room_for(r, r->fds.len, SANDBOX_ENTRIES_MAX, "descriptors"))
		return false;
	vec_push(r->u->arena, &r->fds, (int)fd);
	vec_push(r->u->arena, &r->fd_spans, v->span);
	return true;
}

bool set_fd(struct sandbox_reader *r)
{
	static const char *const words[] = { "keep", NULL };

	if (operand_choice(r, "word", words) < 0)
		return false;
	do {
		const struct ast_value *v = operand_item(r, "a descriptor");

		if (!v || !push_fd(r, v))
			return false;
	} while (operand_more(r));
	return true;
}

/* ---- the rest ---- */

bool set_workdir(struct sandbox_reader *r)
{
	return operand_path(r, &r->out->workdir);
}

bool set_hostname(struct sandbox_reader *r)
{
	const struct ast_value *v = operand_next(r, "a name");

	if (!v || !value_text(r, v, &r->out->hostname))
		return false;
	if (v->word.len <= SANDBOX_HOSTNAME_MAX)
		return true;
	diag_add(r->u->diags, E0327, v->span,
		 "the host name has %u bytes, the kernel takes %d", v->word.len,
		 SANDBOX_HOSTNAME_MAX);
	return false;
}

bool set_terminal(struct sandbox_reader *r)
{
	static const char *const kinds[] = {
		[TERMINAL_AUTO] = "auto", [TERMINAL_OWN] = "own",
		[TERMINAL_NONE] = "none", NULL,
	};
	int kind = operand_choice(r, "terminal", kinds);

	r->out->terminal = (enum terminal_kind)(kind < 0 ? 0 : kind);
	return kind >= 0;
}

/* One of two words: the second one is true. */
static bool choose(struct sandbox_reader *r, const char *no, const char *yes,
		   bool *out)
{
	const char *const words[] = { no, yes, NULL };
	int word = operand_choice(r, "word", words);

	*out = word == 1;
	return word >= 0;
}

bool set_init(struct sandbox_reader *r)
{
	return choose(r, "on", "off", &r->out->init_off);
}

bool set_keyring(struct sandbox_reader *r)
{
	return choose(r, "new", "host", &r->out->keyring_host);
}

bool set_nested_users(struct sandbox_reader *r)
{
	return choose(r, "refuse", "allow", &r->out->nested_users);
}
