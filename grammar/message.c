/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message.c - what a syntax error says
 *
 * The parser knows what was found and what could have stood there.  A
 * table of checks, the most telling first, turns that into one message;
 * the last one lists what was expected.
 */
#include <string.h>

#include "base/bug.h"
#include "base/nearest.h"
#include "base/str.h"
#include "grammar/parser.h"
#include "grammar/parser.tab.h"

enum { SHOWN_MAX = 40, LISTED_MAX = 4 };

static bool expects(const struct syntax_error *e, int kind)
{
	for (int i = 0; i < e->nexpected; i++)
		if (e->expected[i] == kind)
			return true;
	return false;
}

static bool expects_item(const struct syntax_error *e)
{
	return expects(e, T_ALLOW) && !expects(e, T_NAME);
}

static bool expects_comparison(const struct syntax_error *e)
{
	return expects(e, T_EQ);
}

static bool expects_condition(const struct syntax_error *e)
{
	return expects(e, T_NOT);
}

static bool expects_value(const struct syntax_error *e)
{
	return expects(e, T_NUMBER) && expects(e, '(');
}

/* The token in error as written, or what it is. */
static const char *found(struct parser *p)
{
	const struct token *t = &p->last;
	uint32_t len = t->span.end - t->span.start;
	struct str shown = { 0 };
	const char *text;

	if (!t->kind)
		return p->is_call ? "the end" : "the end of the file";
	if (t->kind == T_STRING)
		return "a string";
	str_add_visible(&shown, p->text->text + t->span.start,
			len > SHOWN_MAX ? SHOWN_MAX : len);
	text = arena_printf(p->u->arena, "'%s%s'", str_text(&shown),
			    len > SHOWN_MAX ? "..." : "");
	str_fini(&shown);
	return text;
}

static struct diag *say(struct parser *p, enum diag_code code, const char *text)
{
	return diag_add(p->u->diags, code, p->last.span, "%s", text);
}

/* ---- the checks: true when the message was given ---- */

static bool never_word(struct parser *p, const struct syntax_error *e)
{
	struct diag *d;

	if (p->last.kind != T_NEVER || !expects_item(e))
		return false;
	d = say(p, E0208, "'never' is not understood by this version");
	diag_note(d, "the word is reserved for promises that the compiler "
		     "will check; an unchecked one would be worse than none");
	return true;
}

static bool unclosed_block(struct parser *p, const struct syntax_error *e)
{
	struct diag *d;

	(void)e;
	if (p->last.kind || (!p->nopen && !p->in_set))
		return false;
	d = diag_add(p->u->diags, E0203,
		     (struct span){ p->source, p->before.end, p->before.end },
		     "the file ends inside '{'");
	if (p->nopen && p->nopen <= OPEN_MAX)
		diag_label(d, p->open[p->nopen - 1], "opened here");
	diag_help(d, "add '}'");
	return true;
}

static bool on_later_line(const struct parser *p)
{
	uint32_t from = p->before.end, to = p->last.span.start;

	return to > from && memchr(p->text->text + from, '\n', to - from);
}

/* ',' continues a list on the next line only when that is no new item. */
static bool begins_line(const struct parser *p, const struct syntax_error *e)
{
	const struct keyword *k = keyword_of(p->last.kind);

	if (!p->last.kind || p->last.kind == '}')
		return true;
	if (!on_later_line(p))
		return false;
	return (k && k->class != KEYWORD_RESERVED) || !expects(e, ',');
}

static bool missing_semicolon(struct parser *p, const struct syntax_error *e)
{
	struct span at = { p->source, p->before.end, p->before.end };

	if (!expects(e, ';') || !begins_line(p, e))
		return false;
	if (!p->unclosed)
		diag_help(diag_add(p->u->diags, E0202, at, "missing ';'"),
			  "add ';'");
	if (p->last.kind && p->last.kind != '}') {
		p->replay = p->last;
		p->semicolon = true;
	}
	return true;
}

static bool single_equals(struct parser *p, const struct syntax_error *e)
{
	if (!expects_comparison(e))
		return false;
	if (p->last.kind == '=')
		diag_help(say(p, E0204, "'=' does not compare"), "write '=='");
	else if (p->last.kind == T_ARROW)
		diag_help(say(p, E0204, "'=>' does not compare"),
			  "write '>='");
	else
		return false;
	return true;
}

static bool constant_left(struct parser *p, const struct syntax_error *e)
{
	struct diag *d;

	switch (p->last.kind) {
	case T_NUMBER: case T_QUANTITY: case T_STRING: case '-': case '~':
		break;
	default:
		return false;
	}
	if (!expects_condition(e))
		return false;
	d = say(p, E0206, "a comparison starts with an argument's name");
	diag_note(d, "the left side is an argument, the right side a constant: "
		     "'flags == 0'");
	return true;
}

static bool wide_mask(struct parser *p, const struct syntax_error *e)
{
	if (!expects_comparison(e) ||
	    (p->last.kind != '|' && p->last.kind != '&' &&
	     p->last.kind != T_SHIFT))
		return false;
	diag_help(say(p, E0212, "the left side is an argument with at most "
				"one mask"),
		  "put the mask in parentheses: 'flags & (A|B) == A'");
	return true;
}

static bool no_comparison(struct parser *p, const struct syntax_error *e)
{
	struct diag *d;

	if (!expects_comparison(e))
		return false;
	d = diag_add(p->u->diags, E0211, p->last.span,
		     "expected a comparison, found %s", found(p));
	if (p->last.kind == T_NOT)
		diag_help(d, "'not' stands before the argument: "
			     "'not flags in { A, B }'");
	else if (p->last.kind == ';' || p->last.kind == ')' ||
		 p->last.kind == T_AND || p->last.kind == T_OR)
		diag_help(d, "say what about it: 'flags != 0', "
			     "'flags any A|B'");
	else
		diag_note(d, "comparisons are == != < <= > >= has any only in");
	return true;
}

static bool reserved_word(struct parser *p, const struct syntax_error *e)
{
	const struct keyword *k = keyword_of(p->last.kind);
	struct diag *d;

	if (!k || k->class != KEYWORD_RESERVED || !expects(e, T_NAME))
		return false;
	d = diag_add(p->u->diags, E0205, p->last.span,
		     "'%s' is reserved and cannot be a name", k->text);
	diag_note(d, "reserved are if, in, has, any, only, and, or, not "
		     "and except");
	return true;
}

static bool wildcard(struct parser *p, const struct syntax_error *e)
{
	if (p->last.kind != T_WILDCARD)
		return false;
	if (expects_item(e))
		return false;
	diag_note(say(p, E0210, "'_' has no meaning here"),
		  "it stands for every value, as an argument in a test");
	return true;
}

static bool odd_word(struct parser *p, const struct syntax_error *e)
{
	if (p->last.kind == T_QUANTITY && expects_value(e)) {
		diag_note(diag_add(p->u->diags, E0213, p->last.span,
				   "a number with a unit, %s", found(p)),
			  "units are for lines of the sandbox block");
		return true;
	}
	if (p->last.kind != T_WORD || !(expects(e, T_NAME) ||
					expects_item(e)))
		return false;
	diag_note(diag_add(p->u->diags, E0213, p->last.span,
			   "%s is no name and no number", found(p)),
		  "names are letters, digits and '_'; "
		  "there is no subtraction");
	return true;
}

static bool quoted_name(struct parser *p, const struct syntax_error *e)
{
	if (p->last.kind != T_STRING || !expects(e, T_NAME) ||
	    expects(e, T_STRING))
		return false;
	diag_help(say(p, E0214, "expected a name, found a string"),
		  "names are written without quotes");
	return true;
}

static void nearest_keywords(struct nearest *n, const struct token *t,
			     const struct syntax_error *e)
{
	nearest_init(n, t->value.word.text, t->value.word.len);
	for (size_t i = 0; keyword_at(i); i++)
		if (expects(e, keyword_at(i)->kind))
			nearest_try(n, keyword_at(i)->text);
}

static bool unknown_item(struct parser *p, const struct syntax_error *e)
{
	const struct keyword *k = keyword_of(p->last.kind);
	struct nearest near = { 0 };
	struct str text = { 0 };
	struct diag *d;

	if (!expects_item(e) || (p->last.kind != T_NAME && !k))
		return false;
	d = diag_add(p->u->diags, E0207, p->last.span,
		     k ? "%s cannot start a line here"
		       : "no line starts with %s",
		     found(p));
	if (!k)
		nearest_keywords(&near, &p->last, e);
	nearest_text(&near, &text);
	if (text.len)
		diag_help(d, "did you mean %s?", str_text(&text));
	else
		diag_note(d, "a rule starts with its action: "
			     "'allow read, write;'");
	str_fini(&text);
	return true;
}

static bool stray_token(struct parser *p, const struct syntax_error *e)
{
	struct diag *d;

	if (!expects_item(e))
		return false;
	d = diag_add(p->u->diags, E0216, p->last.span, "%s begins nothing here",
		     found(p));
	if (p->last.kind == '{' && !p->file->items) {
		diag_help(d, "a JSON profile is named *.json, or read with "
			     "--from docker");
		p->gave_up = true;
	} else if (p->last.kind == ';' || p->last.kind == '}') {
		diag_help(d, "take it out");
	}
	return true;
}

static bool empty_list(struct parser *p, const struct syntax_error *e)
{
	if (p->last.kind != T_SET_END || p->before_kind != '{' ||
	    !expects(e, T_NAME))
		return false;
	diag_note(say(p, E0215, "an empty list"),
		  "a set or group has at least one member");
	return true;
}

/* ---- the general one ---- */

struct phrase {
	int kind;     /* shown when this is expected ... */
	int hides[8]; /* ... and then not these */
	const char *text;
};

/* A name may also be any keyword; those are never listed beside it. */
static const struct phrase phrases[] = {
	{ T_QUANTITY,
	  { T_NUMBER, T_STRING, T_NAME, T_GROUP_NAME, T_EXCEPT, '-', '{' },
	  "an operand" },
	{ T_NOT, { T_NAME, '(' }, "a condition" },
	{ T_NUMBER, { T_STRING, '(', '-', '~', T_NAME }, "a value" },
	{ T_GROUP_NAME, { T_NAME, '(' }, "a name or @group" },
	{ T_NAME, { '(' }, "a name" },
	{ T_STRING, { '(' }, "a string in '\"'" },
};

static bool is_hidden(const struct syntax_error *e, int kind)
{
	const struct keyword *k = keyword_of(kind);

	if (kind == T_GATE_UNDEF || kind == T_WORD)
		return true;
	if (k && k->class != KEYWORD_RESERVED && expects(e, T_NAME))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(phrases); i++)
		for (size_t j = 0; phrases[i].hides[j]; j++)
			if (phrases[i].hides[j] == kind &&
			    expects(e, phrases[i].kind))
				return true;
	return false;
}

static const char *token_text(struct parser *p, const struct syntax_error *e,
			      int kind)
{
	static const struct {
		int kind;
		const char *text;
	} tokens[] = {
		{ 0, "the end" },
		{ T_EQ, "'=='" },
		{ T_NE, "'!='" },
		{ T_LE, "'<='" },
		{ T_GE, "'>='" },
		{ T_SHIFT, "'<<'" },
		{ T_ARROW, "'=>'" },
		{ T_DOTS, "'..'" },
		{ T_SET_END, "'}'" },
		{ T_WILDCARD, "'_'" },
	};
	const struct keyword *k = keyword_of(kind);

	if (kind == T_GROUP_NAME && !expects(e, T_NAME))
		return "an @name";
	for (size_t i = 0; i < ARRAY_LEN(phrases); i++)
		if (phrases[i].kind == kind)
			return phrases[i].text;
	for (size_t i = 0; i < ARRAY_LEN(tokens); i++)
		if (tokens[i].kind == kind)
			return tokens[i].text;
	if (k)
		return arena_printf(p->u->arena, "'%s'", k->text);
	return arena_printf(p->u->arena, "'%c'", kind);
}

/* Operators that could go on are noise beside what could end the line. */
static bool is_operator(int kind)
{
	switch (kind) {
	case '|': case '&': case T_SHIFT: case T_DOTS:
		return true;
	default:
		return false;
	}
}

static void add_expected(struct parser *p, const struct syntax_error *e,
			 struct str *out)
{
	const char *shown[LISTED_MAX];
	size_t n = 0;

	for (int i = 0; i < e->nexpected && n < LISTED_MAX; i++)
		if (!is_hidden(e, e->expected[i]) &&
		    !is_operator(e->expected[i]))
			shown[n++] = token_text(p, e, e->expected[i]);
	for (size_t i = 0; i < n; i++) {
		if (i)
			str_add(out, i + 1 == n ? " or " : ", ");
		str_add(out, shown[i]);
	}
}

static bool last_is(const struct parser *p, const char *word)
{
	const struct ast_word *w = &p->last.value.word;

	return p->last.kind == T_NAME && w->len == strlen(word) &&
	       !memcmp(w->text, word, w->len);
}

/* What people who know another language meant. */
static void help_unexpected(struct parser *p, const struct syntax_error *e,
			    struct diag *d)
{
	bool after_name = expects(e, ',') && expects(e, T_EXCEPT);

	if (after_name && (last_is(p, "when") || last_is(p, "where")))
		diag_help(d, "a condition follows 'if'");
	else if (after_name && p->last.kind == '(')
		diag_help(d, "conditions name the argument: 'if fd == 3'");
	else if (after_name && p->last.kind == T_NAME && p->before_kind >= 0 &&
		 !expects_value(e))
		diag_help(d, "names are separated by ','");
	else if (p->last.kind == T_NAME && expects(e, '(') && expects(e, ';'))
		diag_help(d, "an action's value stands in parentheses");
	else if (p->last.kind == ',' && expects(e, ')') && !expects(e, ','))
		diag_help(d, "a set is written in braces: '{ 1, 2 }'");
}

static bool unexpected(struct parser *p, const struct syntax_error *e)
{
	struct str text = { 0 };
	struct diag *d;

	add_expected(p, e, &text);
	d = diag_add(p->u->diags, E0201, p->last.span,
		     text.len ? "expected %s, found %s" : "%sunexpected %s",
		     str_text(&text), found(p));
	str_fini(&text);
	help_unexpected(p, e, d);
	return true;
}

static bool (*const checks[])(struct parser *, const struct syntax_error *) = {
	never_word,    unclosed_block, missing_semicolon, single_equals,
	constant_left, wide_mask,      no_comparison,	  wildcard,
	empty_list,    reserved_word,  odd_word,	  quoted_name,
	unknown_item,  stray_token,    unexpected,
};

void message_syntax(struct parser *p, const struct syntax_error *e)
{
	size_t i = 0;

	p->recovering = true;
	p->skip_block = p->last.kind == '{' && !p->in_set;
	while (!checks[i](p, e))
		i++;
	p->unclosed = false;
	if (diag_errors(p->u->diags) - p->errors > GIVE_UP_AT)
		p->gave_up = true;
}

void message_too_deep(struct parser *p, struct span at)
{
	if (p->too_deep)
		return;
	p->too_deep = true;
	at.end = at.start + (at.end > at.start);
	diag_help(diag_add(p->u->diags, E0209, at,
			   "nested more than %d deep", AST_DEPTH_MAX),
		  "name parts of it with 'const', or write several rules");
}
