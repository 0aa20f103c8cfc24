/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pass_validate.c - the last pass: what the kernel would refuse never leaves
 *
 * Too long is the policy's doing and gets a message that names the rules
 * which cost most; everything else would be a mistake of codegen.c.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "base/bug.h"
#include "compiler/passes.h"
#include "compiler/validate.h"

enum { DEAREST_SHOWN = 3 };

struct cost {
	struct span origin;
	size_t insns;
};

static int span_order(const struct span *a, const struct span *b)
{
	if (a->source != b->source)
		return a->source < b->source ? -1 : 1;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return (a->end > b->end) - (a->end < b->end);
}

static int by_place(const void *a, const void *b)
{
	const struct cost *x = a, *y = b;

	return span_order(&x->origin, &y->origin);
}

static int by_cost(const void *a, const void *b)
{
	const struct cost *x = a, *y = b;

	if (x->insns != y->insns)
		return x->insns > y->insns ? -1 : 1;
	return span_order(&x->origin, &y->origin);
}

/* Dearest first; gives how many there are. */
static size_t add_up(const struct bpf_prog *p, struct cost *costs)
{
	size_t n = 0;

	for (size_t i = 0; i < p->len; i++)
		costs[i] = (struct cost){ p->origins[i], 1 };
	qsort(costs, p->len, sizeof(*costs), by_place);
	for (size_t i = 1; i < p->len; i++) {
		if (by_place(&costs[n], &costs[i]))
			costs[++n] = costs[i];
		else
			costs[n].insns++;
	}
	n++;
	qsort(costs, n, sizeof(*costs), by_cost);
	return n;
}

/* 4,096 */
static const char *grouped(struct arena *a, size_t n)
{
	if (n < 1000)
		return arena_printf(a, "%zu", n);
	if (n < 1000000)
		return arena_printf(a, "%zu,%03zu", n / 1000, n % 1000);
	return arena_printf(a, "%zu,%03zu,%03zu", n / 1000000, n / 1000 % 1000,
			    n % 1000);
}

static struct span dearest_place(const struct cost *costs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!span_is_none(costs[i].origin))
			return costs[i].origin;
	return span_none;
}

/*
 * The call whose diagram was the largest before it was simplified: no
 * number, because parts may have gone or be shared since.
 */
static void note_dearest_call(struct compilation *c, struct diag *d)
{
	const struct abi_policy *where = NULL;
	const struct ruleset *dearest = NULL;
	size_t most = 0;

	for (uint32_t i = 0; i < c->policy->nabis; i++) {
		const struct abi_policy *p = &c->policy->abis[i];

		for (uint32_t j = 0; j < p->nsets; j++) {
			size_t cost = dd_cost(c->store, c->sets[i][j]);

			if (cost <= most)
				continue;
			most = cost;
			where = p;
			dearest = &p->sets[j];
		}
	}
	if (dearest)
		diag_note(d, "the call that takes most is '%s' on %s",
			  sysname_text(dearest->call->name), where->abi->name);
}

static void report_length(struct compilation *c)
{
	struct cost *costs =
		arena_array(c->unit->arena, c->prog->len, sizeof(*costs));
	size_t n = add_up(c->prog, costs), shown = 0;
	struct diag *d;

	d = diag_add(c->unit->diags, E0530, dearest_place(costs, n),
		     "%s instructions, the kernel accepts %s",
		     grouped(c->unit->arena, c->prog->len),
		     grouped(c->unit->arena, BPF_INSNS_MAX));
	note_dearest_call(c, d);
	for (size_t i = 0; i < n && shown < DEAREST_SHOWN; i++) {
		if (span_is_none(costs[i].origin))
			continue;
		shown++;
		diag_note(d, "%s of them are for the rule at %s",
			  grouped(c->unit->arena, costs[i].insns),
			  sources_where(&c->unit->sources, costs[i].origin));
	}
	diag_help(d, "ranges and masks need fewer instructions than single "
		     "values");
}

bool pass_validate(struct compilation *c)
{
	struct validate_error e;

	if (c->prog->len > BPF_INSNS_MAX) {
		report_length(c);
		return false;
	}
	if (!bpf_validate(c->prog, &e))
		BUG("instruction %zu: %s", e.at, e.what);
	return true;
}
