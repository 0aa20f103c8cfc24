/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read_gate.c - a profile in our own language becomes a policy
 *
 * After an error of syntax the items that were understood are still
 * checked, so that one run shows the misspelt names too.  What may follow
 * from an item that is missing, or is on a line that is wrong already, is
 * not said.
 */
#include "base/bug.h"
#include "compiler/check.h"
#include "compiler/format.h"
#include "compiler/parse.h"

/* With more errors than this there is no telling what the file is. */
enum { SYNTAX_ERRORS_MAX = 10 };

static const enum diag_code may_follow[] = {
	E0303, E0305, E0310, E0311, E0324, E0401, E0403,
	W0403, E0408, W0404, W0411, W0412, W0413,
};

static void check_rest(struct unit *u, const struct ast_file *file)
{
	size_t from = diag_records(u->diags);

	check_profile(u, file);
	diag_forget(u->diags, from, may_follow, ARRAY_LEN(may_follow));
}

const struct policy *gate_read_file(struct unit *u, uint32_t source,
				    struct ast_file **out)
{
	size_t before = diag_errors(u->diags), errors;
	struct ast_file *file = parse_source(u, source);

	*out = file;
	include_resolve(u, file);
	errors = diag_errors(u->diags) - before;
	if (!errors)
		return check_profile(u, file);
	if (errors <= SYNTAX_ERRORS_MAX && file->items)
		check_rest(u, file);
	return NULL;
}

const struct policy *gate_read(struct unit *u, uint32_t source)
{
	struct ast_file *ignored;

	return gate_read_file(u, source, &ignored);
}
