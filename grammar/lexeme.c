/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lexeme.c - from matched bytes to tokens, and what is wrong inside them
 *
 * A bad lexeme is said here and still becomes a token, so that it causes
 * no second message from the parser.
 */
#include <ctype.h>
#include <string.h>

#include "base/bug.h"
#include "base/str.h"
#include "grammar/parser.h"
#include "grammar/parser.tab.h"

static const struct keyword keywords[] = {
#define KEYWORD(token, text, class)                                            \
	{ text, sizeof(text) - 1, KEYWORD_##class, T_##token },
#include "grammar/tokens.def"
#undef KEYWORD
};

enum keyword_index {
#define KEYWORD(token, text, class) INDEX_##token,
#include "grammar/tokens.def"
#undef KEYWORD
};

#define KEYWORD(token, text, class)                                            \
	_Static_assert((int)T_##token == (int)T_ALLOW + (int)INDEX_##token,    \
		       "parser.y lists " text " in the order of tokens.def");
#include "grammar/tokens.def"
#undef KEYWORD

const struct keyword *keyword_at(size_t i)
{
	return i < ARRAY_LEN(keywords) ? &keywords[i] : NULL;
}

const struct keyword *keyword_of(int kind)
{
	size_t i = (size_t)(kind - T_ALLOW);

	return kind >= T_ALLOW ? keyword_at(i) : NULL;
}

struct ast_word lex_word(struct parser *p, const char *text, size_t len,
			 struct span span)
{
	if (len > AST_WORD_MAX) {
		diag_add(p->u->diags, E0507, span,
			 "a word of %zu characters, the limit is %d", len,
			 AST_WORD_MAX);
		len = AST_WORD_MAX;
	}
	return (struct ast_word){ arena_strndup(p->u->arena, text, len),
				  (uint32_t)len, span };
}

static const struct keyword *keyword_find(const char *text, size_t len)
{
	size_t lo = 0, hi = ARRAY_LEN(keywords);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct keyword *k = &keywords[mid];
		size_t n = len < k->len ? len : k->len;
		int cmp = memcmp(text, k->text, n);

		if (!cmp)
			cmp = (len > k->len) - (len < k->len);
		if (!cmp)
			return k;
		if (cmp < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

int lex_name(struct parser *p, const char *text, size_t len, union node *value,
	     struct span span)
{
	const struct keyword *k = keyword_find(text, len);

	if (!k) {
		value->word = lex_word(p, text, len, span);
		return T_NAME;
	}
	value->word = (struct ast_word){ k->text, k->len, span };
	return k->kind;
}

/* ---- numbers ---- */

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/* Stops at the first byte that is no digit of the base; false: too large. */
static bool read_digits(const char *text, size_t len, unsigned base,
			uint64_t *number, size_t *used)
{
	size_t i;

	*number = 0;
	for (i = 0; i < len && digit_value(text[i]) < (int)base; i++)
		if (__builtin_mul_overflow(*number, base, number) ||
		    __builtin_add_overflow(
			    *number, (uint64_t)digit_value(text[i]), number))
			return false;
	*used = i;
	return true;
}

static void say_leading_zero(struct parser *p, const char *text, size_t len,
			     struct span span)
{
	struct diag *d = diag_add(p->u->diags, E0104, span,
				  "the number '%.*s' starts with 0",
				  (int)(len > 40 ? 40 : len), text);
	const char *rest = text + strspn(text, "0");
	int n = (int)(text + len - rest);

	if (n > 38)
		return;
	if (!n)
		diag_help(d, "write 0");
	else if (strspn(rest, "01234567") >= (size_t)n)
		diag_help(d, "write 0o%.*s for octal, %.*s for decimal", n,
			  rest, n, rest);
	else
		diag_help(d, "write %.*s", n, rest);
}

static void say_bad_number(struct parser *p, const char *text, size_t len,
			   unsigned base, struct span span)
{
	struct diag *d = diag_add(p->u->diags, E0103, span,
				  "'%.*s' is not a number",
				  (int)(len > 40 ? 40 : len), text);

	if (memchr(text, '_', len))
		diag_help(d, "digits are written without '_'");
	else if (memchr(text, '.', len))
		diag_help(d, "numbers have no fraction");
	else if (base == 16)
		diag_help(d, "after 0x come the digits 0-9 and a-f");
	else if (base == 8)
		diag_help(d, "after 0o come the digits 0-7");
	else if (base == 2)
		diag_help(d, "after 0b come the digits 0 and 1");
	else
		diag_help(d, "numbers are written 10, 0xa, 0o12 or 0b1010; "
			     "a unit is letters or %% (64M, 30s, 50%%)");
}

static unsigned base_of(const char *text, size_t len)
{
	if (len < 2 || text[0] != '0')
		return 10;
	switch (text[1]) {
	case 'x': case 'X':
		return 16;
	case 'o': case 'O':
		return 8;
	case 'b': case 'B':
		return 2;
	default:
		return 10;
	}
}

static bool is_unit(const char *text, size_t len)
{
	if (len == 1 && *text == '%')
		return true;
	for (size_t i = 0; i < len; i++)
		if (!isalpha((unsigned char)text[i]))
			return false;
	return len > 0;
}

int lex_number(struct parser *p, const char *text, size_t len,
	       union node *value, struct span span)
{
	unsigned base = base_of(text, len);
	size_t skip = base == 10 ? 0 : 2, used = 0;
	uint64_t number;
	struct span unit = span;

	value->number = (struct number){ .base = (uint8_t)base };
	if (!read_digits(text + skip, len - skip, base, &number, &used)) {
		struct diag *d = diag_add(p->u->diags, E0105, span,
					  "the number does not fit in 64 bits");

		diag_note(d, "the largest is 18446744073709551615, "
			     "0xffffffffffffffff");
		return T_NUMBER;
	}
	used += skip;
	if (used == skip || (used < len && (base != 10 ||
					    !is_unit(text + used,
						     len - used)))) {
		say_bad_number(p, text, len, base, span);
		return T_NUMBER;
	}
	if (base == 10 && text[0] == '0' && used > 1) {
		say_leading_zero(p, text, used, span);
		return T_NUMBER;
	}
	value->number.value = number;
	if (used == len)
		return T_NUMBER;
	unit.start += (uint32_t)used;
	value->number.unit = lex_word(p, text + used, len - used, unit);
	return T_QUANTITY;
}

/* ---- strings ---- */

static struct span part(struct span span, size_t from, size_t to)
{
	return (struct span){ span.source, span.start + (uint32_t)from,
			      span.start + (uint32_t)to };
}

/* One escape at text[i]; its length. *c < 0 when it is wrong. */
static size_t read_escape(const char *text, size_t left, int *c)
{
	*c = -1;
	switch (text[1]) {
	case '\\': case '"':
		*c = text[1];
		return 2;
	case 'n':
		*c = '\n';
		return 2;
	case 't':
		*c = '\t';
		return 2;
	case 'x':
		if (left < 4 || digit_value(text[2]) > 15 ||
		    digit_value(text[3]) > 15)
			return 2;
		*c = digit_value(text[2]) * 16 + digit_value(text[3]);
		return 4;
	default:
		return 2;
	}
}

static void say_nul(struct parser *p, struct span at)
{
	diag_help(diag_add(p->u->diags, E0107, at,
			   "a string cannot hold a NUL byte"),
		  "paths and texts end at a NUL for the kernel");
}

int lex_string(struct parser *p, const char *text, size_t len,
	       union node *value, struct span span)
{
	char *out = arena_alloc(p->u->arena, len);
	size_t n = 0;

	for (size_t i = 1, used; i + 1 < len; i += used) {
		int c = (unsigned char)text[i];

		used = 1;
		if (c == '\\')
			used = read_escape(text + i, len - 1 - i, &c);
		if (c < 0) {
			diag_help(diag_add(p->u->diags, E0107,
					   part(span, i, i + used),
					   "unknown escape in a string"),
				  "escapes are \\\\ \\\" \\n \\t and \\xNN");
			continue;
		}
		if (!c)
			say_nul(p, part(span, i, i + used));
		else
			out[n++] = (char)c;
	}
	value->word = (struct ast_word){ out, (uint32_t)n, span };
	return T_STRING;
}

void lex_unclosed_string(struct parser *p, struct span span)
{
	struct diag *d;

	if (span.end > span.start && p->text->text[span.end - 1] == '\r')
		span.end--;
	d = diag_add(p->u->diags, E0106, span, "the string is not closed");
	diag_help(d, "a string ends with '\"' on its line; "
		     "a line end inside is written \\n");
	p->unclosed = true;
}

/* ---- the rest ---- */

void lex_comment(struct parser *p, struct span span)
{
	const char *text = p->text->text;
	struct ast_comment c = { .span = span, .own_line = true };
	uint32_t at = span.start;

	while (c.span.end > span.start && text[c.span.end - 1] == '\r')
		c.span.end--;
	while (at && text[at - 1] != '\n' && at > p->text_start)
		if (!isspace((unsigned char)text[--at]))
			c.own_line = false;
	vec_push(p->u->arena, &p->comments, c);
}

void lex_foreign_comment(struct parser *p, const char *text, struct span span)
{
	span.end = span.start + 2;
	diag_help(diag_add(p->u->diags, E0109, span, "'%.2s' is no comment",
			   text),
		  "a comment starts with '#' and ends with the line");
}

void lex_foreign_operator(struct parser *p, const char *written,
			  const char *ours, struct span span)
{
	diag_help(diag_add(p->u->diags, E0110, span, "unknown operator '%s'",
			   written),
		  "write '%s'", ours);
}

static const char *plain_quote(unsigned code)
{
	switch (code) {
	case 0x201c: case 0x201d: case 0x201e: case 0xab: case 0xbb:
		return "strings are written in plain '\"'";
	case 0x2013: case 0x2014: case 0x2212:
		return "write a plain '-'";
	case 0xa0: case 0x202f: case 0x3000:
		return "this is a special space; write a plain one";
	case '@':
		return "a group is written @name";
	case '.':
		return "a range is written lo..hi; numbers have no fraction";
	case '\'':
		return "strings are written in '\"'";
	case '/': case '*': case '+': case '^': case '[': case ']':
		return "values know | & ~ << and lo..hi, lists { a, b }";
	default:
		return NULL;
	}
}

void lex_bad_byte(struct parser *p, const char *text, size_t len,
		  struct span span)
{
	unsigned code = 0;
	size_t n = utf8_next(text, len, &code);
	size_t errors = diag_errors(p->u->diags) - p->errors;
	const char *help = plain_quote(code);
	struct str shown = { 0 };
	struct diag *d;

	p->gave_up = errors > GIVE_UP_AT;
	if (!n) {
		diag_add(p->u->diags, E0108, part(span, 0, 1),
			 "byte 0x%02x is not UTF-8", (unsigned char)*text);
		return;
	}
	str_add_visible(&shown, text, n);
	d = diag_add(p->u->diags, E0102, part(span, 0, n),
		     "unexpected character '%s'", str_text(&shown));
	str_fini(&shown);
	if (help)
		diag_help(d, "%s", help);
}
