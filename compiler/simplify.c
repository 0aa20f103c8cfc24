/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/passes.h"

dd_ref simplify_diagram(struct dd_store *s, struct arena *a, dd_ref root)
{
	(void)s;
	(void)a;
	return root;
}

bool pass_simplify(struct compilation *c)
{
	if (!c->options->no_simplify)
		c->root = simplify_diagram(c->store, c->unit->arena, c->root);
	return true;
}
