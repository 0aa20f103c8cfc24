/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read_gate.c - a profile in our own language becomes a policy
 */
#include "compiler/check.h"
#include "compiler/format.h"
#include "compiler/parse.h"

const struct policy *gate_read(struct unit *u, uint32_t source)
{
	size_t errors = diag_errors(u->diags);
	struct ast_file *file = parse_source(u, source);

	include_resolve(u, file);
	/* A tree with holes would only give errors that follow from them. */
	if (diag_errors(u->diags) != errors)
		return NULL;
	return check_profile(u, file);
}
