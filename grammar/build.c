/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build.c - node constructors, and the cap on how deep a tree gets
 *
 * A node that would be deeper than AST_DEPTH_MAX is said once and left out,
 * so no tree of this parser is deeper, errors or not.
 */
#include "base/bug.h"
#include "grammar/parser.h"

static bool too_deep(struct parser *p, uint16_t depth, struct span at)
{
	if (depth < AST_DEPTH_MAX)
		return false;
	message_too_deep(p, at);
	return true;
}

static uint16_t deeper(uint16_t a, uint16_t b)
{
	return a > b ? a : b;
}

struct ast_value *build_value(struct parser *p, enum ast_value_kind kind,
			      struct span span)
{
	struct ast_value *v = arena_new_of(p->u->arena, struct ast_value);

	v->kind = kind;
	v->span = span;
	v->depth = 1;
	return v;
}

struct ast_value *build_word(struct parser *p, enum ast_value_kind kind,
			     struct ast_word word)
{
	struct ast_value *v = build_value(p, kind, word.span);

	v->word = word;
	return v;
}

struct ast_value *build_number(struct parser *p, struct number n,
			       struct span span)
{
	struct ast_value *v = build_value(p, VAL_NUMBER, span);

	v->number = n.value;
	v->base = n.base;
	v->word = n.unit;
	return v;
}

struct ast_value *build_unary(struct parser *p, enum ast_value_kind kind,
			      struct ast_value *of, struct span span)
{
	struct ast_value *v;

	if (too_deep(p, of->depth, span))
		return of;
	v = build_value(p, kind, span);
	v->left = of;
	v->depth = of->depth + 1;
	return v;
}

struct ast_value *build_binary(struct parser *p, enum ast_value_kind kind,
			       struct ast_value *left, struct ast_value *right)
{
	struct span span = span_join(left->span, right->span);
	uint16_t depth = deeper(left->depth, right->depth);
	struct ast_value *v;

	if (too_deep(p, depth, span))
		return left;
	v = build_value(p, kind, span);
	v->left = left;
	v->right = right;
	v->depth = depth + 1;
	return v;
}

struct ast_value *build_value_parens(struct parser *p, struct ast_value *v,
				     struct span span)
{
	if (too_deep(p, v->depth, span))
		return v;
	v->parens = true;
	v->span = span;
	v->depth++;
	return v;
}

static struct ast_value *balance_values(struct parser *p,
					enum ast_value_kind kind,
					struct ast_value **v, uint32_t n)
{
	struct ast_value *node;

	if (n == 1)
		return v[0];
	node = build_value(p, kind, span_join(v[0]->span, v[n - 1]->span));
	node->left = balance_values(p, kind, v, n / 2);
	node->right = balance_values(p, kind, v + n / 2, n - n / 2);
	return node;
}

struct ast_value *build_value_chain(struct parser *p, enum ast_value_kind kind,
				    struct value_chain chain)
{
	struct ast_value **all, *v = chain.head, *next;
	uint16_t depth = 0;

	if (chain.n == 1)
		return v;
	all = arena_array(p->u->arena, chain.n, sizeof(*all));
	for (uint32_t i = 0; i < chain.n; i++, v = next) {
		next = v->next;
		v->next = NULL;
		depth = deeper(depth, v->depth);
		all[i] = v;
	}
	if (too_deep(p, depth, all[0]->span))
		return all[0];
	v = balance_values(p, kind, all, chain.n);
	v->depth = depth + 1;
	return v;
}

struct ast_cond *build_left(struct parser *p, struct ast_word arg,
			    struct ast_value *mask, struct span span)
{
	struct ast_cond *c = arena_new_of(p->u->arena, struct ast_cond);

	c->kind = AST_COND_COMPARE;
	c->span = span;
	c->depth = 1;
	c->arg = arg;
	c->mask = mask;
	return c;
}

struct ast_cond *build_compare(struct parser *p, struct ast_cond *left,
			       enum ast_op op, struct span op_span,
			       struct ast_value *value, struct span span)
{
	(void)p;
	left->op = op;
	left->op_span = op_span;
	left->value = value;
	left->span = span;
	return left;
}

struct ast_cond *build_not(struct parser *p, struct ast_cond *of,
			   struct span span)
{
	struct ast_cond *c;

	if (too_deep(p, of->depth, span))
		return of;
	c = arena_new_of(p->u->arena, struct ast_cond);
	c->kind = AST_COND_NOT;
	c->span = span;
	c->left = of;
	c->depth = of->depth + 1;
	return c;
}

struct ast_cond *build_cond_parens(struct parser *p, struct ast_cond *c,
				   struct span span)
{
	if (too_deep(p, c->depth, span))
		return c;
	c->parens = true;
	c->span = span;
	c->depth++;
	return c;
}

static struct ast_cond *balance_conds(struct parser *p, enum ast_cond_kind kind,
				      struct ast_cond **c, uint32_t n)
{
	struct ast_cond *node;

	if (n == 1)
		return c[0];
	node = arena_new_of(p->u->arena, struct ast_cond);
	node->kind = kind;
	node->span = span_join(c[0]->span, c[n - 1]->span);
	node->left = balance_conds(p, kind, c, n / 2);
	node->right = balance_conds(p, kind, c + n / 2, n - n / 2);
	node->depth = deeper(node->left->depth, node->right->depth) + 1;
	return node;
}

struct ast_cond *build_cond_chain(struct parser *p, enum ast_cond_kind kind,
				  struct cond_chain chain)
{
	struct ast_cond **all, *c = chain.head, *next;
	uint16_t depth = 0;

	if (chain.n == 1)
		return c;
	all = arena_array(p->u->arena, chain.n, sizeof(*all));
	for (uint32_t i = 0; i < chain.n; i++, c = next) {
		next = c->next;
		c->next = NULL;
		depth = deeper(depth, c->depth);
		all[i] = c;
	}
	if (too_deep(p, depth, all[0]->span))
		return all[0];
	c = balance_conds(p, kind, all, chain.n);
	c->depth = depth + 1;
	return c;
}

struct ast_name *build_name(struct parser *p, struct ast_word word,
			    bool is_group)
{
	struct ast_name *n = arena_new_of(p->u->arena, struct ast_name);

	n->word = word;
	n->is_group = is_group;
	return n;
}

struct ast_expect *build_expect(struct parser *p, enum ast_expect_kind kind,
				struct ast_value *value, struct span span)
{
	struct ast_expect *e = arena_new_of(p->u->arena, struct ast_expect);

	e->kind = kind;
	e->span = span;
	e->value = value;
	return e;
}

struct ast_setting *build_setting(struct parser *p, struct ast_word word,
				  struct ast_value *operands, struct span span)
{
	struct ast_setting *s = arena_new_of(p->u->arena, struct ast_setting);

	s->word = word;
	s->operands = operands;
	s->span = span;
	return s;
}

/* The blocks around it are still open, so their number is its depth. */
void build_block(struct parser *p, struct ast_setting *s,
		 struct ast_setting *block)
{
	unsigned depth = p->nopen < AST_DEPTH_MAX ? p->nopen : AST_DEPTH_MAX;

	if (too_deep(p, (uint16_t)depth, s->span))
		return;
	s->has_block = true;
	s->block = block;
}

struct ast_test_line *build_test_line(struct parser *p,
				      enum ast_test_kind kind,
				      struct span span)
{
	struct ast_test_line *l =
		arena_new_of(p->u->arena, struct ast_test_line);

	l->kind = kind;
	l->span = span;
	return l;
}

struct ast_item *build_item(struct parser *p, enum ast_item_kind kind,
			    struct span keyword, struct span span)
{
	struct ast_item *item = arena_new_of(p->u->arena, struct ast_item);

	item->kind = kind;
	item->keyword = keyword;
	item->span = span;
	return item;
}

/* NULL: an item that could not be read. */
void build_append(struct parser *p, struct ast_item *item)
{
	if (!item)
		return;
	if (p->tail)
		p->tail->next = item;
	else
		p->file->items = item;
	p->tail = item;
}
