/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codegen.c - diagram to cBPF, back to front
 *
 * Both successors of a node are in the buffer before the node is, so every
 * jump is known when it is written and always goes forward.  The buffer is
 * reversed at the end.  Where a conditional jump (8 bits) cannot reach, a
 * copy of the return or a JA goes right behind it.
 *
 * A node is up to three instructions, `ld word; and mask; jump`, and can be
 * entered at each: a predecessor that leaves the wanted word in A jumps
 * past the load.  What A holds behind each node is settled beforehand.
 */
#include "base/arena.h"
#include "base/bug.h"
#include "compiler/passes.h"

enum {
	JUMP_MAX = 255,
	NODES_SHORT = 200, /* with their loads still within JUMP_MAX, mostly */
};

/* A holds (word & mask); mask 0: nothing that is of use. */
struct held {
	uint32_t word, mask;
};

enum form {
	FORM_LEAF,
	FORM_DIRECT, /* jeq, jge on the whole word */
	FORM_BITS,   /* jset: A may hold more bits than are tested */
	FORM_AND,    /* jeq, jge on (word & mask) */
};

enum entry { ENTRY_TEST, ENTRY_AND, ENTRY_LOAD, ENTRIES };

struct slot {
	bool reached;
	bool placed;
	bool entered[ENTRIES];
	enum form form;
	/* Of all predecessors seen so far; meaningless while none is. */
	struct held before;
	struct held at_test; /* when the jump executes, and behind it */
	size_t at[ENTRIES];  /* where in the reversed buffer */
};

struct codegen {
	const struct dd_store *store;
	struct arena *arena;
	struct bpf_prog *prog;
	struct slot *slots; /* by dd_ref */
	dd_ref root;
};

static bool held_same(struct held a, struct held b)
{
	return a.word == b.word && a.mask == b.mask;
}

/* ---- what A holds where ---- */

static enum form form_of(const struct dd_node *n)
{
	if (!n->hi)
		return FORM_LEAF;
	if (n->test.mask == UINT32_MAX)
		return FORM_DIRECT;
	if (n->test.op == DD_EQ && n->test.k == 0)
		return FORM_BITS;
	return FORM_AND;
}

static bool holds_bits(struct held h, const struct dd_test *t)
{
	return h.word == t->word && (t->mask & ~h.mask) == 0;
}

static struct held held_at_test(const struct slot *s, const struct dd_test *t)
{
	if (s->form == FORM_AND)
		return (struct held){ t->word, t->mask };
	if (s->form == FORM_BITS && holds_bits(s->before, t))
		return s->before;
	return (struct held){ t->word, UINT32_MAX };
}

static void meet_before(struct slot *s, struct held h)
{
	if (!s->reached)
		s->before = h;
	else if (!held_same(s->before, h))
		s->before = (struct held){ 0, 0 };
	s->reached = true;
}

/* Where to enter a node when A holds h. */
static enum entry entry_for(const struct codegen *cg, dd_ref ref, struct held h)
{
	const struct slot *s = &cg->slots[ref];
	const struct dd_node *n = dd_get(cg->store, ref);

	if (s->form == FORM_LEAF || held_same(h, s->at_test))
		return ENTRY_TEST;
	if (s->form == FORM_AND && holds_bits(h, &n->test))
		return ENTRY_AND;
	return ENTRY_LOAD;
}

/* Successors have smaller refs, so going down meets predecessors first. */
static void plan_accumulator(struct codegen *cg)
{
	cg->slots[cg->root].reached = true;
	for (dd_ref ref = cg->root; ref; ref--) {
		const struct dd_node *n = dd_get(cg->store, ref);
		struct slot *s = &cg->slots[ref];

		if (!s->reached)
			continue;
		s->form = form_of(n);
		if (s->form == FORM_LEAF)
			continue;
		s->at_test = held_at_test(s, &n->test);
		meet_before(&cg->slots[n->hi], s->at_test);
		meet_before(&cg->slots[n->lo], s->at_test);
	}
}

static void plan_entries(struct codegen *cg)
{
	cg->slots[cg->root].entered[ENTRY_LOAD] = true;
	for (dd_ref ref = cg->root; ref; ref--) {
		const struct dd_node *n = dd_get(cg->store, ref);
		struct slot *s = &cg->slots[ref];
		const dd_ref next[] = { n->hi, n->lo };

		for (int i = 0; s->reached && n->hi && i < 2; i++) {
			enum entry e = entry_for(cg, next[i], s->at_test);

			cg->slots[next[i]].entered[e] = true;
		}
	}
}

/* ---- writing ---- */

static size_t push(struct codegen *cg, uint16_t code, uint32_t k, size_t jt,
		   size_t jf, struct span origin)
{
	if (jt > JUMP_MAX || jf > JUMP_MAX)
		BUG("jump by %zu or %zu", jt, jf);
	bpf_prog_push(cg->prog,
		      (struct sock_filter){ code, (uint8_t)jt, (uint8_t)jf, k },
		      origin);
	return cg->prog->len - 1;
}

/* How far from the next instruction to be written to one in the buffer. */
static size_t distance(const struct codegen *cg, size_t at)
{
	return cg->prog->len - at - 1;
}

static size_t push_return(struct codegen *cg, const struct dd_node *n)
{
	return push(cg, BPF_RET | BPF_K, action_ret(n->action), 0, 0,
		    n->origin);
}

struct jump {
	const struct dd_node *node;
	size_t *at;
};

static struct jump jump_to(struct codegen *cg, dd_ref ref, struct held h)
{
	struct slot *s = &cg->slots[ref];

	return (struct jump){ dd_get(cg->store, ref),
			      &s->at[entry_for(cg, ref, h)] };
}

/* A stand-in near enough; later jumps use it too. False when not needed. */
static bool bring_near(struct codegen *cg, struct jump j)
{
	size_t by = distance(cg, *j.at);

	if (by <= JUMP_MAX)
		return false;
	if (!j.node->hi)
		*j.at = push_return(cg, j.node);
	else
		*j.at = push(cg, BPF_JMP | BPF_JA, (uint32_t)by, 0, 0,
			     j.node->origin);
	return true;
}

static void push_test(struct codegen *cg, dd_ref ref)
{
	const struct dd_node *n = dd_get(cg->store, ref);
	struct slot *s = &cg->slots[ref];
	struct jump hi = jump_to(cg, n->hi, s->at_test);
	struct jump lo = jump_to(cg, n->lo, s->at_test);
	const bool bits = s->form == FORM_BITS;
	uint16_t code = BPF_JMP | BPF_JSET | BPF_K;
	size_t jt, jf;

	/* A stand-in may push the other target out of reach: at most twice. */
	while (bring_near(cg, hi) || bring_near(cg, lo))
		;
	jt = distance(cg, bits ? *lo.at : *hi.at);
	jf = distance(cg, bits ? *hi.at : *lo.at);
	if (!bits)
		code = BPF_JMP | BPF_K |
		       (n->test.op == DD_EQ ? BPF_JEQ : BPF_JGE);
	s->at[ENTRY_TEST] = push(cg, code, bits ? n->test.mask : n->test.k, jt,
				 jf, n->origin);
}

static void place(struct codegen *cg, dd_ref ref)
{
	const struct dd_node *n = dd_get(cg->store, ref);
	struct slot *s = &cg->slots[ref];

	s->placed = true;
	if (s->form == FORM_LEAF) {
		s->at[ENTRY_TEST] = push_return(cg, n);
		return;
	}
	push_test(cg, ref);
	if (s->form == FORM_AND &&
	    (s->entered[ENTRY_AND] || s->entered[ENTRY_LOAD]))
		s->at[ENTRY_AND] = push(cg, BPF_ALU | BPF_AND | BPF_K,
					n->test.mask, 0, 0, n->origin);
	if (s->entered[ENTRY_LOAD])
		s->at[ENTRY_LOAD] = push(cg, BPF_LD | BPF_W | BPF_ABS,
					 n->test.word, 0, 0, n->origin);
}

/*
 * A short program ends with its returns.  In a long one most jumps would
 * not reach them, so each is placed where it is first wanted.
 */
static void place_leaves(struct codegen *cg)
{
	size_t reached = 0;

	for (dd_ref ref = 1; ref <= cg->root; ref++)
		reached += cg->slots[ref].reached;
	if (reached > NODES_SHORT)
		return;
	for (dd_ref ref = 1; ref <= cg->root; ref++)
		if (cg->slots[ref].reached && !dd_get(cg->store, ref)->hi)
			place(cg, ref);
}

/* Successors first, with a stack of our own: chains can be long. */
static void place_nodes(struct codegen *cg)
{
	dd_ref *stack =
		arena_array(cg->arena, (size_t)cg->root + 1, sizeof(*stack));
	size_t n = 0;

	stack[n++] = cg->root;
	while (n) {
		dd_ref ref = stack[n - 1];
		const struct dd_node *node = dd_get(cg->store, ref);

		if (cg->slots[ref].placed) {
			n--;
		} else if (!node->hi) {
			place(cg, ref);
			n--;
		} else if (!cg->slots[node->hi].placed) {
			stack[n++] = node->hi;
		} else if (!cg->slots[node->lo].placed) {
			stack[n++] = node->lo;
		} else {
			place(cg, ref);
			n--;
		}
	}
}

struct bpf_prog *codegen_program(const struct dd_store *s, struct arena *a,
				 dd_ref root, bool big_endian)
{
	struct codegen cg = { .store = s, .arena = a, .root = root };

	cg.slots = arena_array(a, (size_t)root + 1, sizeof(*cg.slots));
	cg.prog = bpf_prog_new(big_endian);
	plan_accumulator(&cg);
	plan_entries(&cg);
	place_leaves(&cg);
	place_nodes(&cg);
	bpf_prog_reverse(cg.prog);
	return cg.prog;
}

bool pass_codegen(struct compilation *c)
{
	const struct policy *p = c->policy;

	c->prog = codegen_program(c->store, c->unit->arena, c->root,
				  p->nabis && p->abis[0].abi->big_endian);
	return true;
}
