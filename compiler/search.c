/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search.c - the smallest tree of GE and EQ tests, then the shallowest
 *
 * An EQ can always be moved below a GE, so some smallest tree has GE tests
 * above and chains of EQ below: the cells are parted into regions, a region
 * costs one EQ for each value that differs from its base outcome, and
 * each cut between regions one GE.  That sum does not depend on the shape
 * of the GE tree, hence: first the cheapest parting (one pass, chains of
 * at most CHAIN_MAX), then a tree of least height over it.  A region whose
 * two outcomes differ in whether some bits are clear costs one test.
 */
#include "compiler/search.h"

#include "base/arena.h"
#include "base/bug.h"

enum {
	CHAIN_MAX = 4,
	/* Cells of a region: each but those of the base costs an EQ. */
	CHAIN_CELLS_MAX = 2 * CHAIN_MAX + 1,
	/* Cells that one test of bits may part. */
	BITS_CELLS_MAX = 16,
	/* Values of a cell that are looked at one by one. */
	BITS_VALUES_MAX = 64,
	HEIGHTS = 30,
	HEIGHT_MAX = 62,
};

/* How the cells of a region are told apart. */
struct inside {
	unsigned tests; /* one after the other */
	dd_ref base;	/* where no EQ holds; where all of `bits` are clear */
	dd_ref other;	/* where one of `bits` is set */
	uint32_t bits;	/* 0: by EQ */
};

struct region {
	size_t first, last; /* cells */
	struct inside in;
	unsigned height; /* of its tests and all below, see scale_heights() */
	uint64_t weight;
};

/* Best parting of cells 0 .. i - 1. */
struct parting {
	size_t from; /* the last region's first cell */
	uint32_t cost;
	uint64_t slots; /* sum of 2^tests: what the tree must hold */
	struct inside in;
};

/* Outcomes of a growing region, with how many values each has. */
struct tally {
	size_t n;
	uint64_t total, most;
	dd_ref base;
	dd_ref to[CHAIN_CELLS_MAX];
	uint64_t values[CHAIN_CELLS_MAX];
};

static size_t merge_cells(struct search_cell *cells, size_t n)
{
	size_t out = 0;

	for (size_t i = 1; i < n; i++) {
		if (cells[i].to == cells[out].to)
			cells[out].weight += cells[i].weight;
		else
			cells[++out] = cells[i];
	}
	return out + 1;
}

static uint32_t cell_last(const struct search *s,
			  const struct search_cell *cells, size_t n, size_t i)
{
	return i + 1 < n ? cells[i + 1].lo - 1 : s->last;
}

/* False when the region would need too many EQ tests. */
static bool tally_add(struct tally *t, dd_ref to, uint64_t values)
{
	size_t i = 0;

	while (i < t->n && t->to[i] != to)
		i++;
	if (i == t->n) {
		if (t->n == CHAIN_CELLS_MAX)
			return false;
		t->to[t->n++] = to;
		t->values[i] = 0;
	}
	t->total += values;
	t->values[i] += values;
	if (t->values[i] > t->most) {
		t->most = t->values[i];
		t->base = to;
	}
	return t->total - t->most <= CHAIN_MAX;
}

/* ---- regions that one test of bits parts ---- */

/* The bits that any value of each of two outcomes has. */
struct bit_tally {
	size_t cells;
	dd_ref to[2]; /* DD_NONE while there is only one */
	uint32_t any[2];
};

static uint32_t bits_of_range(uint32_t lo, uint32_t hi)
{
	uint32_t differ = lo ^ hi;

	return lo | hi | (differ ? UINT32_MAX >> __builtin_clz(differ) : 0);
}

/* False when there is a third outcome, or enough is enough. */
static bool bit_tally_add(struct bit_tally *t, dd_ref to, uint32_t lo,
			  uint32_t hi)
{
	int i = t->to[0] && t->to[0] != to;

	if (++t->cells > BITS_CELLS_MAX || (t->to[i] && t->to[i] != to))
		return false;
	t->to[i] = to;
	t->any[i] |= bits_of_range(lo, hi);
	return true;
}

static bool range_has_bits(uint32_t lo, uint32_t hi, uint32_t bits)
{
	if (lo & bits & ~bits_of_range(0, lo ^ hi))
		return true;
	if (hi - lo >= BITS_VALUES_MAX)
		return false;
	for (uint32_t v = lo;; v++) {
		if (!(v & bits))
			return false;
		if (v == hi)
			return true;
	}
}

/*
 * One outcome has none of the bits, each value of the other has some.  Of
 * all such sets of bits the largest is the one to try.
 */
static bool part_by_bits(const struct search *s,
			 const struct search_cell *cells, size_t n,
			 const struct bit_tally *t, size_t first, size_t last,
			 struct inside *in)
{
	for (int clear = 0; clear < 2; clear++) {
		uint32_t bits = t->any[!clear] & ~t->any[clear] & s->mask;
		bool parts = bits != 0;

		for (size_t i = first; parts && i <= last; i++)
			parts = cells[i].to == t->to[clear] ||
				range_has_bits(cells[i].lo,
					       cell_last(s, cells, n, i), bits);
		if (!parts)
			continue;
		*in = (struct inside){ 1, t->to[clear], t->to[!clear], bits };
		return true;
	}
	return false;
}

/* ---- the cheapest parting ---- */

static bool parting_better(const struct parting *a, const struct parting *b)
{
	if (a->cost != b->cost)
		return a->cost < b->cost;
	return a->slots < b->slots;
}

static void offer(struct parting *part, size_t from, size_t end,
		  struct inside in)
{
	const struct parting p = {
		.from = from,
		.cost = part[from].cost + in.tests + (from > 0),
		.slots = part[from].slots + ((uint64_t)1 << in.tests),
		.in = in,
	};

	if (from == end - 1 || parting_better(&p, &part[end]))
		part[end] = p;
}

/* The best last region that ends before cell `end`. */
static void find_last_region(const struct search *s,
			     const struct search_cell *cells, size_t n,
			     struct parting *part, size_t end)
{
	struct bit_tally bits = { 0 };
	struct tally t = { 0 };
	bool by_eq = true, by_bits = true;

	for (size_t i = end; i-- > 0 && (by_eq || by_bits);) {
		uint32_t last = cell_last(s, cells, n, i);
		struct inside in;

		by_eq = by_eq && tally_add(&t, cells[i].to,
					   (uint64_t)last - cells[i].lo + 1);
		by_bits = by_bits &&
			  bit_tally_add(&bits, cells[i].to, cells[i].lo, last);
		in = (struct inside){ (unsigned)(t.total - t.most), t.base,
				      DD_NONE, 0 };
		if (by_eq)
			offer(part, i, end, in);
		if (by_bits && (!by_eq || in.tests > 1) &&
		    part_by_bits(s, cells, n, &bits, i, end - 1, &in))
			offer(part, i, end, in);
	}
}

/* part[i] for every prefix; looks back over at most one region. */
static struct parting *find_parting(const struct search *s,
				    const struct search_cell *cells, size_t n)
{
	struct parting *part = arena_array(s->arena, n + 1, sizeof(*part));

	for (size_t end = 1; end <= n; end++)
		find_last_region(s, cells, n, part, end);
	return part;
}

static size_t make_regions(const struct search *s,
			   const struct search_cell *cells, size_t n,
			   struct region **out)
{
	struct parting *part = find_parting(s, cells, n);
	size_t count = 0, at;
	struct region *r;

	for (at = n; at; at = part[at].from)
		count++;
	r = arena_array(s->arena, count, sizeof(*r));
	at = n;
	for (size_t i = count; i-- > 0; at = part[at].from) {
		r[i] = (struct region){ part[at].from, at - 1, part[at].in, 0,
					0 };
		for (size_t c = r[i].first; c <= r[i].last; c++)
			r[i].weight += cells[c].weight;
	}
	*out = r;
	return count;
}

/* ---- from regions to a diagram ---- */

struct build {
	const struct search *s;
	const struct search_cell *cells;
	size_t ncells;
	const struct region *regions;
	const uint64_t *weight_to; /* of regions 0 .. i - 1 */
};

static dd_ref test(const struct build *b, enum dd_op op, uint32_t k, dd_ref hi,
		   dd_ref lo, struct span origin)
{
	struct dd_test t = { op, b->s->word, b->s->mask, k };

	return dd_branch(b->s->store, t, hi, lo, origin);
}

/* Instructions from the search's word on: with the load of another. */
static uint32_t height_below(const struct search *s, dd_ref to)
{
	const struct dd_node *n = dd_get(s->store, to);

	return n->height + (n->hi && n->test.word != s->word);
}

/* `a` is better asked for before `b`. */
static bool goes_first(const struct search *s, const struct search_cell *a,
		       const struct search_cell *b)
{
	uint32_t ha = height_below(s, a->to), hb = height_below(s, b->to);

	return ha != hb ? ha > hb : a->weight > b->weight;
}

/* The cells that need an EQ, the first to ask for first. */
static size_t sort_chain(const struct search *s,
			 const struct search_cell *cells,
			 const struct region *r, size_t *chain)
{
	size_t n = 0;

	for (size_t c = r->first; c <= r->last; c++) {
		size_t at;

		if (cells[c].to == r->in.base)
			continue;
		for (at = n++;
		     at > 0 && goes_first(s, &cells[c], &cells[chain[at - 1]]);
		     at--)
			chain[at] = chain[at - 1];
		chain[at] = c;
	}
	return n;
}

static dd_ref build_chain(const struct build *b, const struct region *r)
{
	size_t chain[CHAIN_CELLS_MAX];
	dd_ref ref = r->in.base;

	for (size_t i = sort_chain(b->s, b->cells, r, chain); i-- > 0;) {
		const struct search_cell *c = &b->cells[chain[i]];
		uint32_t last = cell_last(b->s, b->cells, b->ncells, chain[i]);

		for (uint32_t k = last;; k--) {
			ref = test(b, DD_EQ, k, c->to, ref, c->origin);
			if (k == c->lo)
				break;
		}
	}
	return ref;
}

static dd_ref build_region(const struct build *b, const struct region *r)
{
	struct dd_test clear = { DD_EQ, b->s->word, r->in.bits, 0 };

	if (!r->in.bits)
		return build_chain(b, r);
	return dd_branch(b->s->store, clear, r->in.base, r->in.other,
			 b->cells[r->first].origin);
}

static unsigned region_height(const struct build *b, const struct region *r)
{
	const struct search *s = b->s;
	size_t chain[CHAIN_CELLS_MAX], n;
	uint32_t asked = r->in.tests, h;
	uint32_t most = asked + height_below(s, r->in.base);

	if (r->in.bits) {
		h = asked + height_below(s, r->in.other);
		return h > most ? h : most;
	}
	n = sort_chain(s, b->cells, r, chain);
	for (size_t i = n; i-- > 0;) {
		size_t c = chain[i];

		h = asked + height_below(s, b->cells[c].to);
		most = h > most ? h : most;
		asked -= cell_last(s, b->cells, b->ncells, c) - b->cells[c].lo +
			 1;
	}
	return most;
}

/*
 * Of heights, what exceeds the highest less HEIGHTS: 2^height must be a
 * number, and far lower regions find a place anyway.
 */
static void set_heights(const struct build *b, struct region *r, size_t n)
{
	unsigned most = 0;

	for (size_t i = 0; i < n; i++) {
		r[i].height = region_height(b, &r[i]);
		most = r[i].height > most ? r[i].height : most;
	}
	for (size_t i = 0; most > HEIGHTS && i < n; i++)
		r[i].height = r[i].height > most - HEIGHTS
				      ? r[i].height - (most - HEIGHTS)
				      : 0;
}

/*
 * How many regions from `from` on fit into height h, at most to `to`:
 * placing each at the next multiple of its own size is optimal for an
 * ordered tree.  Backwards when step is -1.
 */
static size_t fit(const struct build *b, size_t from, size_t count, int step,
		  unsigned h)
{
	uint64_t used = 0;
	size_t n = 0;

	while (n < count) {
		const struct region *r =
			&b->regions[step > 0 ? from + n : from - n];
		uint64_t size = (uint64_t)1 << r->height;

		used = (used + size - 1) / size * size + size;
		if (used > (uint64_t)1 << h)
			break;
		n++;
	}
	return n;
}

/* The split point in [min, max] that parts the weight most evenly. */
static size_t even_split(const struct build *b, size_t from, size_t to,
			 size_t min, size_t max)
{
	uint64_t twice = b->weight_to[from] + b->weight_to[to + 1];

	while (min < max) {
		size_t mid = min + (max - min) / 2;

		if (b->weight_to[mid + 1] * 2 > twice)
			max = mid;
		else
			min = mid + 1;
	}
	return min;
}

/* Regions from .. to, which fit into height h. */
static dd_ref build_tree(const struct build *b, size_t from, size_t to,
			 unsigned h)
{
	size_t count = to - from + 1, min, max, split;
	const struct search_cell *cell;
	dd_ref hi, lo;

	if (count == 1)
		return build_region(b, &b->regions[from]);
	if (!h)
		BUG("%zu regions do not fit", count);
	h--;
	max = from + fit(b, from, count - 1, 1, h);
	min = to + 1 - fit(b, to, count - 1, -1, h);
	split = even_split(b, from, to, min < max ? min : max, max);
	lo = build_tree(b, from, split - 1, h);
	hi = build_tree(b, split, to, h);
	cell = &b->cells[b->regions[split].first];
	return test(b, DD_GE, cell->lo, hi, lo, cell->origin);
}

static dd_ref build_plain(const struct search *s,
			  const struct search_cell *cells, size_t n)
{
	struct build b = { .s = s, .cells = cells, .ncells = n };
	struct region *regions;
	uint64_t *weight;
	size_t count;
	unsigned h = 0;

	count = make_regions(s, cells, n, &regions);
	weight = arena_array(s->arena, count + 1, sizeof(*weight));
	for (size_t i = 0; i < count; i++)
		weight[i + 1] = weight[i] + regions[i].weight;
	set_heights(&b, regions, count);
	b.regions = regions;
	b.weight_to = weight;
	while (fit(&b, 0, count, 1, h) < count)
		if (++h > HEIGHT_MAX)
			BUG("%zu regions of one word", count);
	return build_tree(&b, 0, count - 1, h);
}

static uint32_t parting_cost(const struct search *s,
			     const struct search_cell *cells, size_t n)
{
	return find_parting(s, cells, n)[n].cost;
}

/*
 * The cube's test costs one instruction, or an AND besides and a load of
 * the whole word for what follows.
 */
static bool cube_pays(const struct search *s, const struct search_cell *cells,
		      size_t n, const struct search_cube *cube)
{
	uint32_t cost = parting_cost(s, cube->rest, cube->nrest);

	cost += 1 + (cube->test.k ? 1 + (cost > 0) : 0);
	return cost < parting_cost(s, cells, n);
}

dd_ref search_build(const struct search *s, struct search_cell *cells, size_t n)
{
	struct search_cube cube;

	n = merge_cells(cells, n);
	if (search_find_cube(s, cells, n, &cube) &&
	    cube_pays(s, cells, n, &cube))
		return dd_branch(s->store, cube.test, cube.to,
				 search_build(s, cube.rest, cube.nrest),
				 cube.origin);
	return build_plain(s, cells, n);
}
