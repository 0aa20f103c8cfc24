/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_sandbox_caps.c - capabilities: `keep` adds and `drop` removes, in
 * the order in which they stand
 */
#include <string.h>

#include "abi/constants.h"
#include "base/bug.h"
#include "compiler/sandbox_lines.h"

static void unknown_cap(struct sandbox_reader *r, const struct ast_value *v)
{
	struct diag *d = diag_add(r->u->diags, E0329, v->span,
				  "unknown capability '%s'", v->word.text);
	struct nearest near;
	bool prefixed = !strncasecmp(v->word.text, "cap_", 4);

	diag_note(d, "sets are @docker and @all");
	nearest_init(&near, v->word.text + (prefixed ? 4 : 0),
		     v->word.len - (prefixed ? 4 : 0));
	nearest_try(&near, "@docker");
	nearest_try(&near, "@all");
	for (unsigned i = 0; i < cap_count(); i++)
		nearest_try(&near, cap_name(i) + strlen("CAP_"));
	help_nearest(d, &near);
}

static bool cap_bits(struct sandbox_reader *r, const struct ast_value *v,
		     uint64_t *bits)
{
	int cap;

	if (v->kind != VAL_NAME)
		return operand_wrong(r, v, "names of capabilities");
	*bits = (UINT64_C(1) << cap_count()) - 1;
	if (word_is(&v->word, "@all"))
		return true;
	*bits = caps_docker();
	if (word_is(&v->word, "@docker"))
		return true;
	cap = cap_find(v->word.text, v->word.len);
	if (cap < 0) {
		unknown_cap(r, v);
		return false;
	}
	*bits = UINT64_C(1) << cap;
	return true;
}

static bool change_caps(struct sandbox_reader *r, bool keep)
{
	const struct ast_value *v = operand_next(r, "a capability");
	uint64_t bits = 0;

	while (v) {
		if (!cap_bits(r, v, &bits))
			return false;
		if (keep)
			r->out->caps_keep |= bits;
		else
			r->out->caps_keep &= ~bits;
		if (!operand_more(r))
			return true;
		v = operand_item(r, "a capability");
	}
	return false;
}

bool set_keep(struct sandbox_reader *r)
{
	return change_caps(r, true);
}

bool set_drop(struct sandbox_reader *r)
{
	return change_caps(r, false);
}

bool set_securebits(struct sandbox_reader *r)
{
	static const char *const kinds[] = { "locked", "open", NULL };
	int kind = operand_choice(r, "word", kinds);

	r->out->securebits_open = kind == 1;
	return kind >= 0;
}
