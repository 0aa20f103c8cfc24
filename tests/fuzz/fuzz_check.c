/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: no profile crashes the checker or makes it take long, a refusal
 * says something, and what is accepted is a policy that keeps its
 * invariants and answers calls.
 * Method: libFuzzer over whole profiles; absolute includes are left out, so
 * that nothing of the machine is read.
 */
#include <stdlib.h>

#include "base/str.h"
#include "compiler/check.h"
#include "compiler/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Calls around every rule's number, with arguments of all kinds of bits. */
static void ask(const struct policy *p)
{
	static const uint64_t values[] = { 0, 1, UINT32_MAX, UINT64_MAX,
					   UINT64_C(1) << 63 };

	for (uint32_t i = 0; i < p->nabis; i++) {
		const struct abi_policy *a = &p->abis[i];

		for (uint32_t s = 0; s < a->nsets; s++) {
			struct call call = { .arch = a->abi->audit_arch,
					     .nr = a->sets[s].nr };
			uint64_t v = values[s % 5];

			for (unsigned k = 0; k < ARGS_MAX; k++)
				call.args[k] = k % 2 ? v : ~v;
			if (policy_eval(p, &call).set != &a->sets[s])
				abort();
		}
	}
}

static bool reads_disk(const struct ast_file *file)
{
	for (const struct ast_item *i = file->items; i; i = i->next)
		if (i->kind == ITEM_INCLUDE && i->word.text[0] == '/')
			return true;
	return false;
}

static const struct policy *read_profile(struct unit *u, uint32_t source)
{
	struct ast_file *file = parse_source(u, source);

	if (reads_disk(file))
		diag_add(u->diags, E0503, span_none, "left out");
	else
		include_resolve(u, file);
	return diag_errors(u->diags) ? NULL : check_profile(u, file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unit *u = unit_new();
	struct str dump = { 0 };
	const struct policy *p;

	u->target.abis = ABI_BIT(ABI_COUNT) - 1;
	p = read_profile(u, sources_add(&u->sources, "<fuzz>",
					(const char *)data, size, span_none));
	if (!p && !diag_errors(u->diags))
		abort();
	if (p && diag_errors(u->diags))
		abort();
	if (p) {
		policy_verify(p);
		ask(p);
		policy_dump(p, &dump);
	}
	str_fini(&dump);
	unit_free(u);
	return 0;
}
