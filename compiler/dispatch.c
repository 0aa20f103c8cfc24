/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dispatch.c - from the diagrams of single calls to that of the program
 *
 * The arch word is tested first, then the number, arguments last: what
 * arch and number decide alone, the kernel (5.11 on) answers from a bitmap
 * without running the program.  ABIs that share an arch value share the
 * number's search: a bit, looked at past the highest plain number, parts
 * them.  0xffffffff is nobody's call: it is unknown, to the ABI without a
 * bit where that is listed.
 */
#include "base/arena.h"
#include "base/bug.h"
#include "base/vec.h"
#include "compiler/passes.h"
#include "compiler/search.h"

typedef VEC(struct search_cell) cell_list;

/*
 * Without measured frequencies: the kernel answers calls that are always
 * allowed from its bitmap, so what runs the program is first of all the
 * calls whose arguments decide.
 */
enum { WEIGHT_PLAIN = 1, WEIGHT_CONDITIONAL = 16 };

/* The ABIs of one arch value; one may be missing. */
struct arch_group {
	uint32_t audit_arch;
	uint32_t nr_bit;
	const struct abi_policy *plain, *with_bit;
	const dd_ref *plain_sets, *bit_sets;
};

static void push_cell(struct compilation *c, cell_list *cells, uint32_t lo,
		      dd_ref to, uint32_t weight, struct span origin)
{
	vec_push(c->unit->arena, cells,
		 (struct search_cell){ lo, to, weight, origin });
}

static struct span set_origin(const struct ruleset *set)
{
	return set->rules[0].span;
}

/*
 * One cell for each known number and each gap between them.  Gives the
 * first number past all known ones.
 */
static uint32_t known_cells(struct compilation *c, const struct abi_policy *p,
			    const dd_ref *sets, cell_list *cells)
{
	const dd_ref unknown = dd_leaf(c->store, p->unknown, p->unknown_span);
	const dd_ref fallback =
		dd_leaf(c->store, p->fallback, p->fallback_span);
	const size_t n = syscall_count(p->abi);
	uint32_t next = p->abi->nr_bit, set = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t nr = syscall_at(p->abi, i)->nr;
		struct span origin = p->fallback_span;
		dd_ref to = fallback;

		if (nr > next)
			push_cell(c, cells, next, unknown, 0, p->unknown_span);
		if (set < p->nsets && p->sets[set].nr == nr) {
			origin = set_origin(&p->sets[set]);
			to = sets[set++];
		}
		push_cell(c, cells, nr, to,
			  dd_is_leaf(c->store, to) ? WEIGHT_PLAIN
						   : WEIGHT_CONDITIONAL,
			  origin);
		next = nr + 1;
	}
	if (set < p->nsets)
		BUG("rules for number %u, not in the table", p->sets[set].nr);
	return next;
}

static dd_ref search_numbers(struct compilation *c, cell_list *cells)
{
	const struct search s = { c->store, c->unit->arena, DATA_NR, UINT32_MAX,
				  UINT32_MAX };

	return search_build(&s, cells->data, cells->len);
}

static dd_ref foreign_leaf(struct compilation *c)
{
	return dd_leaf(c->store, c->policy->foreign, c->policy->foreign_span);
}

/* Whose `unknown` number 0xffffffff gets. */
static const struct abi_policy *owner_of_last(const struct arch_group *g)
{
	return g->plain ? g->plain : g->with_bit;
}

/* Numbers with the bit set, 0xffffffff included. */
static dd_ref bit_numbers(struct compilation *c, const struct arch_group *g)
{
	const struct abi_policy *p = g->with_bit;
	const struct abi_policy *last = owner_of_last(g);
	cell_list cells = { 0 };
	uint32_t next = 0;

	if (p) {
		next = known_cells(c, p, g->bit_sets, &cells);
		push_cell(c, &cells, next,
			  dd_leaf(c->store, p->unknown, p->unknown_span), 0,
			  p->unknown_span);
	} else {
		push_cell(c, &cells, 0, foreign_leaf(c), 0,
			  c->policy->foreign_span);
	}
	push_cell(c, &cells, UINT32_MAX,
		  dd_leaf(c->store, last->unknown, last->unknown_span), 0,
		  last->unknown_span);
	return search_numbers(c, &cells);
}

/* All numbers of an arch value that has an ABI with a bit. */
static dd_ref plain_and_bit(struct compilation *c, const struct arch_group *g)
{
	const struct abi_policy *p = g->plain;
	struct span origin = p ? p->unknown_span : c->policy->foreign_span;
	dd_ref unknown =
		p ? dd_leaf(c->store, p->unknown, origin) : foreign_leaf(c);
	struct dd_test no_bit = { DD_EQ, DATA_NR, g->nr_bit, 0 };
	dd_ref tail = dd_branch(c->store, no_bit, unknown,
				bit_numbers(c, g), origin);
	cell_list cells = { 0 };

	if (!p)
		return tail;
	push_cell(c, &cells, known_cells(c, p, g->plain_sets, &cells), tail, 0,
		  origin);
	return search_numbers(c, &cells);
}

static dd_ref plain_only(struct compilation *c, const struct arch_group *g)
{
	const struct abi_policy *p = g->plain;
	cell_list cells = { 0 };
	uint32_t next;

	if (!p)
		BUG("nobody has arch %#x", g->audit_arch);
	next = known_cells(c, p, g->plain_sets, &cells);
	push_cell(c, &cells, next,
		  dd_leaf(c->store, p->unknown, p->unknown_span), 0,
		  p->unknown_span);
	return search_numbers(c, &cells);
}

/* Does any ABI, listed or not, tell its numbers of this arch by a bit? */
static uint32_t nr_bit_of_arch(uint32_t audit_arch)
{
	uint32_t bit = 0;

	for (int i = 0; i < ABI_COUNT; i++)
		if (abi_get((enum abi_id)i)->audit_arch == audit_arch)
			bit |= abi_get((enum abi_id)i)->nr_bit;
	return bit;
}

static size_t make_groups(struct compilation *c, struct arch_group *groups)
{
	size_t n = 0;

	for (uint32_t i = 0; i < c->policy->nabis; i++) {
		const struct abi_policy *p = &c->policy->abis[i];
		size_t g = 0;

		while (g < n && groups[g].audit_arch != p->abi->audit_arch)
			g++;
		if (g == n)
			groups[n++] = (struct arch_group){
				.audit_arch = p->abi->audit_arch,
				.nr_bit = nr_bit_of_arch(p->abi->audit_arch),
			};
		if (p->abi->nr_bit) {
			groups[g].with_bit = p;
			groups[g].bit_sets = c->sets[i];
		} else {
			groups[g].plain = p;
			groups[g].plain_sets = c->sets[i];
		}
	}
	return n;
}

bool pass_dispatch(struct compilation *c)
{
	struct arch_group groups[ABI_COUNT];
	size_t n = make_groups(c, groups);
	dd_ref ref = foreign_leaf(c);

	for (size_t i = n; i-- > 0;) {
		struct dd_test arch = { DD_EQ, DATA_ARCH, UINT32_MAX,
					groups[i].audit_arch };
		dd_ref numbers = groups[i].nr_bit ? plain_and_bit(c, &groups[i])
						  : plain_only(c, &groups[i]);

		ref = dd_branch(c->store, arch, numbers, ref,
				c->policy->foreign_span);
	}
	c->root = ref;
	return true;
}
