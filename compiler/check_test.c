/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_test.c - test blocks: their calls and actions make sense
 *
 * Whether the answers are right is for `test`; what could never be asked
 * is an error of the profile already.
 */
#include <string.h>

#include "compiler/check_state.h"

/* On each ABI that has the call; the first mistake is enough. */
static void check_test_call(struct checker *c, const struct ast_test_line *line,
			    abi_set abis)
{
	const struct ast_word *word = &line->call.name;
	sysname name = sysname_find(word->text, word->len);
	bool is_number = word->text[0] >= '0' && word->text[0] <= '9';
	struct call_pattern ignored;
	struct action action;
	bool found = false;

	abi_foreach(i, abis) {
		const struct abi *abi = abi_get((enum abi_id)i);

		if (!check_action(c->u, &line->action, abi, &action))
			return;
		if (name != SYSNAME_NONE && !syscall_by_name(abi, name))
			continue;
		found = true;
		if (!check_call(c->u, &line->call, abi, &ignored))
			return;
	}
	/* Without `arch` the same file serves machines that have the call. */
	if (!found && !is_number &&
	    !(c->arch_implied && name != SYSNAME_NONE))
		diag_add(c->u->diags, E0324, word->span,
			 "there is no call '%s' on %s", word->text,
			 abi_set_text(c->u, abis));
}

static void check_test_on(struct checker *c, const struct ast_test_line *line)
{
	abi_set abis = abis_of_words(c, line->abis, line->nabis, false);

	for (const struct ast_test_line *l = line->lines; l && abis;
	     l = l->next)
		if (l->kind == TEST_CALL)
			check_test_call(c, l, abis);
}

void test_check(struct checker *c, const struct ast_item *item,
		bool has_sandbox)
{
	for (const struct ast_test_line *l = item->lines; l; l = l->next) {
		switch (l->kind) {
		case TEST_CALL:
			check_test_call(c, l, c->listed);
			break;
		case TEST_ON:
			check_test_on(c, l);
			break;
		case TEST_RUN:
			if (has_sandbox)
				break;
			diag_help(diag_add(c->u->diags, E0408, l->span,
					   "a 'run' line needs a sandbox "
					   "block to run in"),
				  "add sandbox { }");
			break;
		}
	}
}
