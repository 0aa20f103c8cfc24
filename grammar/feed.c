/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed.c - tokens on their way from the scanner to the parser
 *
 * It knows which braces hold a list and which a block, so that recovery
 * from an error can pass over both as a whole, and it can put a missing
 * ';' in: then what follows is read as if the ';' had been there.
 */
#include "grammar/parser.h"
#include "grammar/parser.tab.h"

/*
 * Whether a '{' holds values or names.  In a line that starts like a rule
 * it always does; elsewhere the token before it tells.
 */
static bool opens_set(const struct parser *p)
{
	const struct keyword *k = keyword_of(p->head);

	if (p->last.kind == ',' && p->head == T_ON)
		return false;
	if ((k && k->class == KEYWORD_ACTION) || p->head == T_CONST ||
	    p->head == T_GROUP)
		return true;
	switch (p->last.kind) {
	case '=': case '(': case ',': case '<': case '>':
	case T_EQ: case T_NE: case T_LE: case T_GE: case T_HAS: case T_ANY:
	case T_ONLY: case T_IN: case T_EXCEPT:
		return true;
	default:
		return false;
	}
}

static void open_brace(struct parser *p, struct span at)
{
	if (p->in_set || opens_set(p)) {
		p->in_set++;
		return;
	}
	if (p->nopen < OPEN_MAX)
		p->open[p->nopen] = at;
	p->nopen++;
}

static void track_braces(struct parser *p, struct token *t)
{
	if (t->kind == '{') {
		open_brace(p, t->span);
	} else if (t->kind == ';') {
		p->in_set = 0;
	} else if (t->kind == '}' && p->in_set) {
		p->in_set--;
		t->kind = T_SET_END;
	} else if (t->kind == '}' && p->nopen) {
		p->nopen--;
	}
}

static struct token scan(struct parser *p)
{
	struct token t = { 0 };

	if (!p->gave_up)
		t.kind = scan_token(&t.value, &t.span, p->scanner);
	if (!t.kind)
		t.span = (struct span){ p->source, p->at, p->at };
	track_braces(p, &t);
	return t;
}

static struct token semicolon_at(struct span at)
{
	return (struct token){ .kind = ';', .span = at };
}

/* After '{' of a block: to its '}'; the whole ends like a line. */
static struct token pass_block(struct parser *p)
{
	struct token t;
	unsigned open = 1;
	struct span at;

	do {
		t = scan(p);
		if (!t.kind)
			return t;
		open += t.kind == '{';
		open -= t.kind == '}' || t.kind == T_SET_END;
		p->last = t;
	} while (open);
	at = t.span;
	t = scan(p);
	if (t.kind == ';')
		return t;
	p->replay = t;
	return semicolon_at(at);
}

static struct token recover(struct parser *p)
{
	if (p->skip_block) {
		p->skip_block = false;
		return pass_block(p);
	}
	for (;;) {
		struct token t = scan(p);

		if (t.kind == '{' && !p->in_set)
			return pass_block(p);
		if (t.kind != '{' && t.kind != T_SET_END)
			return t;
		p->last = t;
	}
}

static struct token next(struct parser *p)
{
	struct token t;

	if (p->start_kind) {
		t = (struct token){ .kind = p->start_kind,
				    .span = { p->source, p->at, p->at } };
		p->start_kind = 0;
		return t;
	}
	if (p->semicolon) {
		p->semicolon = false;
		return semicolon_at(p->before);
	}
	if (p->replay.kind >= 0) {
		t = p->replay;
		p->replay.kind = -1;
		return t;
	}
	return p->recovering ? recover(p) : scan(p);
}

int gate_lex(union node *value, struct span *span, struct parser *p)
{
	struct token t = next(p);

	p->before = p->last.span;
	p->before_kind = p->last.kind;
	p->last = t;
	if (p->at_start)
		p->head = t.kind;
	p->at_start = t.kind == ';' || t.kind == '}' ||
		      (t.kind == '{' && !p->in_set) ||
		      t.kind == T_START_FILE;
	*value = t.value;
	*span = t.span;
	return t.kind;
}

void feed_recovered(struct parser *p)
{
	p->recovering = false;
	p->skip_block = false;
}
