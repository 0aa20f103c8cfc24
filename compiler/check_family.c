/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_family.c - which constants an argument takes, and what to say else
 */
#include <string.h>

#include "compiler/check_state.h"

enum { EXAMPLES = 3 };

/*
 * The least values first: they are what most people mean.  A name that
 * the tables would not print for its value is a second one.
 */
static const char *next_example(const struct value_context *v, uint64_t above,
				uint64_t *value)
{
	const char *pattern = family_get(v->operand->family)->pattern;
	size_t start = strcspn(pattern, "* (");
	const char *name = NULL;

	for (size_t i = 0; i < constant_count(); i++) {
		const struct constant *c = constant_at(i);
		uint64_t here;

		/* clone's flags take signals too, but that is not meant. */
		if ((pattern[start] == '*' &&
		     strncmp(constant_name(c), pattern, start) != 0) ||
		    !constant_in_family(c, v->operand->family) ||
		    !constant_value(c, v->abi, &here) || here <= above ||
		    (name && here >= *value))
			continue;
		name = constant_name_of(v->operand->family, v->abi, here);
		if (!name)
			name = constant_name(c);
		*value = here;
	}
	return name;
}

/* A few that a person would write, when none is spelt alike. */
void help_examples(struct diag *d, const struct value_context *v)
{
	struct str text = { 0 };
	uint64_t value = 0;
	const char *name;

	for (int i = 0; i < EXAMPLES; i++) {
		name = next_example(v, value, &value);
		if (name)
			str_addf(&text, "%s%s", i ? ", " : "", name);
	}
	if (text.len)
		diag_help(d, "'%s' takes constants such as %s", v->operand->name,
			  text.text);
	str_fini(&text);
}

/* Another argument that takes it, else the constants spelt most like it. */
static void help_family(struct diag *d, const struct value_context *v,
			const struct constant *c)
{
	const struct syscall_desc *call = v->operand->desc;
	struct nearest near;

	for (unsigned i = 0; call && i < call->nargs; i++) {
		const struct sig_arg *arg = &syscall_args(call)[i];

		if (arg->family == FAMILY_NONE ||
		    !constant_in_family(c, arg->family))
			continue;
		diag_help(d, "did you mean the argument '%s'?",
			  sig_arg_name(arg));
		return;
	}
	nearest_init(&near, constant_name(c), strlen(constant_name(c)));
	for (size_t i = 0; i < constant_count(); i++)
		if (constant_in_family(constant_at(i), v->operand->family))
			nearest_try(&near, constant_name(constant_at(i)));
	if (near.n)
		help_nearest(d, &near);
	else
		help_examples(d, v);
}

static void report_family(const struct value_context *v,
			  const struct ast_value *ast,
			  const struct constant *c)
{
	const struct operand *o = v->operand;
	const struct family *want = family_get(o->family);
	family_id has = constant_family(c);
	struct diag *d;

	d = value_error(v, E0306, ast->span,
			arena_printf(v->scope->u->arena,
				     "'%s' is no value for '%s' of %s",
				     constant_name(c), o->name, o->call));
	if (has != FAMILY_NONE)
		diag_note(d, "'%s' takes %s; '%s' is one of %s", o->name,
			  want->pattern, constant_name(c),
			  family_get(has)->pattern);
	else
		diag_note(d, "'%s' takes %s", o->name, want->pattern);
	help_family(d, v, c);
}

bool value_check_family(const struct value_context *v,
			const struct ast_value *ast, const struct constant *c)
{
	if (!v->operand || v->any_family ||
	    v->operand->family == FAMILY_NONE ||
	    constant_in_family(c, v->operand->family))
		return true;
	report_family(v, ast, c);
	return false;
}

bool value_has_part_of(const struct ast_value *ast, family_id family)
{
	const struct constant *c;

	if (!ast)
		return false;
	if (ast->kind != VAL_NAME)
		return value_has_part_of(ast->left, family) ||
		       value_has_part_of(ast->right, family);
	c = constant_find(ast->word.text, ast->word.len);
	return c && constant_in_family(c, family);
}
