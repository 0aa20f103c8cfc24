/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_text.c - JSON text to tree
 *
 * A strict RFC 8259 reader with a place for every value and key.  It
 * trusts nothing that json-c said about the text.  Recursion is bounded
 * by JSON_DEPTH_MAX, which json_text_survey() has checked.
 */
#include "base/json_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/str.h"
#include "base/vec.h"

static struct span span_at(const struct json_text *t, size_t start, size_t end)
{
	return (struct span){ t->source, (uint32_t)start, (uint32_t)end };
}

/* One character, so that the caret has something to stand under. */
static struct span span_char(const struct json_text *t, size_t at)
{
	unsigned code;
	size_t n = at < t->len ? utf8_next(t->text + at, t->len - at, &code)
			       : 0;

	return span_at(t, at, at + n);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void json_text_error(struct json_text *t, size_t at, const char *what)
{
	const char *p = t->text + at;
	struct diag *d;

	if (*p == '#' || (*p == '/' && (p[1] == '/' || p[1] == '*'))) {
		d = diag_add(t->sink, E0604,
			     span_at(t, at, at + (*p == '#' ? 1 : 2)),
			     "JSON has no comments");
		diag_help(d, "remove it, or put the words into a "
			     "\"comment\" member of the rule");
		return;
	}
	d = diag_add(t->sink, E0601, span_char(t, at), "%s",
		     at == t->len ? "the JSON text ends too early" : what);
	if (*p == ']' || *p == '}') {
		while (at && is_space(t->text[at - 1]))
			at--;
		if (at && t->text[at - 1] == ',')
			diag_help(d, "remove the ',' before it");
	} else if (*p == '\'') {
		diag_help(d, "JSON strings stand in double quotes");
	}
}

static bool survey_start(struct json_text *t)
{
	size_t at = 0;

	if (t->len >= 3 && !memcmp(t->text, "\xef\xbb\xbf", 3)) {
		diag_help(diag_add(t->sink, E0602, span_at(t, 0, 3),
				   "the file begins with a byte order mark"),
			  "save it as UTF-8 without one; JSON forbids it");
		return false;
	}
	while (at < t->len && is_space(t->text[at]))
		at++;
	if (at < t->len)
		return true;
	diag_help(diag_add(t->sink, E0605, span_at(t, 0, 0),
			   t->len ? "the file holds only white space"
				  : "the file is empty"),
		  "a profile is at least {\"defaultAction\": "
		  "\"SCMP_ACT_ALLOW\"}");
	return false;
}

static bool survey_byte(struct json_text *t, size_t at, size_t *next)
{
	unsigned code;
	size_t n = utf8_next(t->text + at, t->len - at, &code);

	*next = at + (n ? n : 1);
	if (n && code)
		return true;
	diag_help(diag_add(t->sink, E0602, span_at(t, at, at + 1),
			   n ? "a NUL byte: this is no text file"
			     : "this byte is not UTF-8 text"),
		  "JSON is UTF-8 text; is this the right file?");
	return false;
}

static bool survey_depth(struct json_text *t, size_t at, char c)
{
	if (c == '[' || c == '{')
		t->depth++;
	else if ((c == ']' || c == '}') && t->depth)
		t->depth--;
	if (t->depth <= JSON_DEPTH_MAX)
		return true;
	diag_add(t->sink, E0550, span_char(t, at),
		 "lists and objects are nested deeper than %d",
		 JSON_DEPTH_MAX);
	return false;
}

bool json_text_survey(struct json_text *t)
{
	size_t values = 1, next;
	bool in_string = false;

	if (!survey_start(t))
		return false;
	for (size_t at = 0; at < t->len; at = next) {
		char c = t->text[at];

		if (!survey_byte(t, at, &next))
			return false;
		if (in_string && c == '\\' && next < t->len &&
		    (t->text[next] == '"' || t->text[next] == '\\'))
			next++;
		else if (c == '"')
			in_string = !in_string;
		if (in_string)
			continue;
		if (!survey_depth(t, at, c))
			return false;
		/* Each value but the first follows one of these. */
		if ((c == ',' || c == '[' || c == '{') &&
		    ++values > JSON_VALUES_MAX) {
			diag_add(t->sink, E0551, span_char(t, at),
				 "the file holds more than %d values",
				 JSON_VALUES_MAX);
			return false;
		}
	}
	t->depth = 0;
	return true;
}

static void skip_space(struct json_text *t)
{
	while (t->at < t->len && is_space(t->text[t->at]))
		t->at++;
}

/* The NUL after the text is no JSON, so reading one ahead is safe. */
static char peek(const struct json_text *t)
{
	return t->text[t->at];
}

static bool fail(struct json_text *t, const char *what)
{
	json_text_error(t, t->at, what);
	return false;
}

static int hex4(const char *p)
{
	int n = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];

		if (c >= '0' && c <= '9')
			n = n * 16 + (c - '0');
		else if (c >= 'a' && c <= 'f')
			n = n * 16 + (c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			n = n * 16 + (c - 'A' + 10);
		else
			return -1;
	}
	return n;
}

static void add_utf8(struct str *s, unsigned code)
{
	if (code < 0x80) {
		str_addc(s, (char)code);
		return;
	}
	if (code < 0x800) {
		str_addc(s, (char)(0xc0 | code >> 6));
	} else {
		if (code < 0x10000) {
			str_addc(s, (char)(0xe0 | code >> 12));
		} else {
			str_addc(s, (char)(0xf0 | code >> 18));
			str_addc(s, (char)(0x80 | (code >> 12 & 0x3f)));
		}
		str_addc(s, (char)(0x80 | (code >> 6 & 0x3f)));
	}
	str_addc(s, (char)(0x80 | (code & 0x3f)));
}

/* After "\u"; surrogates must come as a pair. */
static bool read_unicode(struct json_text *t, struct str *s)
{
	int code = hex4(t->text + t->at), low;

	if (code < 0)
		return fail(t, "'\\u' takes four hexadecimal digits");
	if (!code)
		return fail(t, "a NUL character may not stand in a string");
	t->at += 4;
	if (code < 0xd800 || code > 0xdfff) {
		add_utf8(s, (unsigned)code);
		return true;
	}
	low = code < 0xdc00 && !strncmp(t->text + t->at, "\\u", 2)
		      ? hex4(t->text + t->at + 2)
		      : -1;
	if (low < 0xdc00 || low > 0xdfff) {
		t->at -= 6;
		return fail(t, "half of a surrogate pair is no character");
	}
	t->at += 6;
	add_utf8(s, 0x10000u + (((unsigned)code - 0xd800) << 10) +
			    ((unsigned)low - 0xdc00));
	return true;
}

static bool read_escape(struct json_text *t, struct str *s)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char c = t->text[++t->at];
	const char *found = c ? strchr(from, c) : NULL;

	if (c == 'u') {
		t->at++;
		return read_unicode(t, s);
	}
	if (!found)
		return fail(t, "JSON has no such escape");
	t->at++;
	str_addc(s, to[found - from]);
	return true;
}

/* Into a builder, because the length is known only at the end. */
static bool read_chars(struct json_text *t, struct str *s)
{
	for (t->at++; peek(t) != '"';) {
		size_t run = t->at;

		while ((unsigned char)t->text[run] >= 0x20 &&
		       t->text[run] != '"' && t->text[run] != '\\')
			run++;
		str_add_bytes(s, t->text + t->at, run - t->at);
		t->at = run;
		if ((unsigned char)peek(t) < 0x20)
			return fail(t, "a line break or control character may "
				       "not stand in a string");
		if (peek(t) == '\\' && !read_escape(t, s))
			return false;
	}
	t->at++;
	return true;
}

static bool read_string(struct json_text *t, const char **text, uint32_t *len)
{
	struct str s = { 0 };
	bool ok = read_chars(t, &s);

	if (ok) {
		*text = arena_strndup(t->arena, str_text(&s), s.len);
		*len = (uint32_t)s.len;
	}
	str_fini(&s);
	return ok;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool read_digits(struct json_text *t)
{
	if (!is_digit(peek(t)))
		return fail(t, "expected a digit");
	while (is_digit(peek(t)))
		t->at++;
	return true;
}

static bool read_number(struct json_text *t, struct json *v)
{
	size_t start = t->at;

	if (peek(t) == '-')
		t->at++;
	if (peek(t) == '0' && is_digit(t->text[t->at + 1]))
		return fail(t, "a JSON number has no leading zero");
	if (!read_digits(t))
		return false;
	if (peek(t) == '.') {
		t->at++;
		if (!read_digits(t))
			return false;
	}
	if (peek(t) == 'e' || peek(t) == 'E') {
		t->at++;
		if (peek(t) == '+' || peek(t) == '-')
			t->at++;
		if (!read_digits(t))
			return false;
	}
	v->kind = JSON_NUMBER;
	v->len = (uint32_t)(t->at - start);
	v->text = arena_strndup(t->arena, t->text + start, v->len);
	return true;
}

static bool read_word(struct json_text *t, struct json *v)
{
	static const struct {
		const char *word;
		enum json_kind kind;
		bool truth;
	} words[] = {
		{ "true", JSON_BOOL, true },
		{ "false", JSON_BOOL, false },
		{ "null", JSON_NULL, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t len = strlen(words[i].word);

		if (strncmp(t->text + t->at, words[i].word, len))
			continue;
		t->at += len;
		v->kind = words[i].kind;
		v->truth = words[i].truth;
		return true;
	}
	return fail(t, "expected a JSON value");
}

static bool read_value(struct json_text *t, struct json *v);

/* After an item: true with *more set, or the end was read. */
static bool read_separator(struct json_text *t, char end, bool *more)
{
	skip_space(t);
	*more = peek(t) == ',';
	if (*more || peek(t) == end) {
		t->at++;
		return true;
	}
	return fail(t, end == ']' ? "expected ',' or ']' after the value"
				  : "expected ',' or '}' after the value");
}

static bool opens_empty(struct json_text *t, char end)
{
	t->at++;
	skip_space(t);
	if (peek(t) != end)
		return false;
	t->at++;
	return true;
}

static bool read_array(struct json_text *t, struct json *v)
{
	VEC(struct json) items = { 0 };
	bool more;

	v->kind = JSON_ARRAY;
	if (opens_empty(t, ']'))
		return true;
	do {
		struct json item = { 0 };

		if (!read_value(t, &item))
			return false;
		vec_push(t->arena, &items, item);
		if (!read_separator(t, ']', &more))
			return false;
	} while (more);
	v->items = items.data;
	v->n = (uint32_t)items.len;
	return true;
}

static int compare_members(const void *left, const void *right)
{
	const struct json_member *const *a = left, *const *b = right;
	int order = strcmp((*a)->key, (*b)->key);

	if (order)
		return order;
	return (*a)->key_span.start < (*b)->key_span.start ? -1 : 1;
}

/* Sorted, since an object may have very many keys. */
static bool keys_differ(struct json_text *t, const struct json *v)
{
	const struct json_member **sorted =
		arena_array(t->arena, v->n, sizeof(*sorted));
	bool ok = true;

	for (uint32_t i = 0; i < v->n; i++)
		sorted[i] = &v->members[i];
	qsort(sorted, v->n, sizeof(*sorted), compare_members);
	for (uint32_t i = 1; i < v->n; i++) {
		if (strcmp(sorted[i - 1]->key, sorted[i]->key))
			continue;
		diag_label(diag_add(t->sink, E0603, sorted[i]->key_span,
				    "the key '%s' stands twice in one object",
				    sorted[i]->key),
			   sorted[i - 1]->key_span, "here first");
		ok = false;
	}
	return ok;
}

static bool read_member(struct json_text *t, struct json_member *m)
{
	size_t start;

	skip_space(t);
	start = t->at;
	if (peek(t) != '"')
		return fail(t, "expected a key in double quotes");
	if (!read_string(t, &m->key, &m->key_len))
		return false;
	m->key_span = span_at(t, start, t->at);
	skip_space(t);
	if (peek(t) != ':')
		return fail(t, "expected ':' after the key");
	t->at++;
	return read_value(t, &m->value);
}

static bool read_object(struct json_text *t, struct json *v)
{
	VEC(struct json_member) members = { 0 };
	bool more;

	v->kind = JSON_OBJECT;
	if (opens_empty(t, '}'))
		return true;
	do {
		struct json_member m = { 0 };

		if (!read_member(t, &m))
			return false;
		vec_push(t->arena, &members, m);
		if (!read_separator(t, '}', &more))
			return false;
	} while (more);
	v->members = members.data;
	v->n = (uint32_t)members.len;
	return keys_differ(t, v);
}

static bool read_value(struct json_text *t, struct json *v)
{
	size_t start;
	bool ok;

	skip_space(t);
	start = t->at;
	if (t->depth++ > JSON_DEPTH_MAX)
		BUG("JSON deeper than surveyed");
	switch (peek(t)) {
	case '[':
		ok = read_array(t, v);
		break;
	case '{':
		ok = read_object(t, v);
		break;
	case '"':
		v->kind = JSON_STRING;
		ok = read_string(t, &v->text, &v->len);
		break;
	default:
		ok = peek(t) == '-' || is_digit(peek(t)) ? read_number(t, v)
							 : read_word(t, v);
		break;
	}
	t->depth--;
	v->span = span_at(t, start, t->at);
	return ok;
}

const struct json *json_text_tree(struct json_text *t)
{
	struct json *v = arena_new_of(t->arena, struct json);

	t->at = 0;
	if (!read_value(t, v))
		return NULL;
	skip_space(t);
	if (t->at != t->len) {
		fail(t, "expected nothing after the JSON value");
		return NULL;
	}
	return v;
}
