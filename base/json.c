/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <string.h>

#include <json-c/json_object.h>
#include <json-c/json_tokener.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/diag.h"
#include "base/json_text.h"

/*
 * The first of the two judges.  Where it refuses, the walk is asked for
 * the message, since it knows better what was expected.
 */
static bool tokener_accepts(struct json_text *t)
{
	struct json_tokener *tok = json_tokener_new_ex(JSON_DEPTH_MAX + 1);
	struct json_object *object;
	enum json_tokener_error error;
	size_t end;

	if (!tok)
		oom();
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT |
					    JSON_TOKENER_VALIDATE_UTF8);
	/* The NUL after the text ends a number at the top. */
	object = json_tokener_parse_ex(tok, t->text, (int)t->len + 1);
	error = json_tokener_get_error(tok);
	end = json_tokener_get_parse_end(tok);
	json_object_put(object);
	json_tokener_free(tok);
	if (error == json_tokener_success)
		return true;
	if (json_text_tree(t))
		json_text_error(t, end < t->len ? end : t->len,
				json_tokener_error_desc(error));
	return false;
}

const struct json *json_parse(struct arena *arena,
			      const struct sources *sources,
			      struct diag_sink *sink, uint32_t source)
{
	const struct source *src = sources_get(sources, source);
	struct json_text t = {
		.arena = arena,
		.sink = sink,
		.source = source,
		.text = src->text,
		.len = src->len,
	};

	if (!json_text_survey(&t) || !tokener_accepts(&t))
		return NULL;
	return json_text_tree(&t);
}

const struct json *json_get(const struct json *v, const char *key)
{
	size_t len = strlen(key);

	if (v->kind != JSON_OBJECT)
		return NULL;
	for (uint32_t i = 0; i < v->n; i++)
		if (v->members[i].key_len == len &&
		    !memcmp(v->members[i].key, key, len))
			return &v->members[i].value;
	return NULL;
}

const char *json_kind_text(enum json_kind kind)
{
	switch (kind) {
	case JSON_NULL:
		return "null";
	case JSON_BOOL:
		return "true or false";
	case JSON_NUMBER:
		return "a number";
	case JSON_STRING:
		return "a string";
	case JSON_ARRAY:
		return "a list";
	case JSON_OBJECT:
		return "an object";
	}
	BUG("json kind %d", (int)kind);
}

bool json_expect(struct diag_sink *sink, const struct json *v,
		 enum json_kind kind, const char *what)
{
	if (v->kind == kind)
		return true;
	diag_add(sink, E0606, v->span, "%s must be %s, not %s", what,
		 json_kind_text(kind), json_kind_text(v->kind));
	return false;
}

enum number_form {
	NUMBER_INTEGER,
	NUMBER_FRACTION,
	NUMBER_TOO_LARGE,
};

/* The text was accepted as a JSON number before. */
static enum number_form number_read(const struct json *v, bool *negative,
				    uint64_t *magnitude)
{
	const char *p = v->text;
	uint64_t n = 0;

	*negative = *p == '-';
	p += *negative;
	if (strpbrk(p, ".eE"))
		return NUMBER_FRACTION;
	for (; *p; p++)
		if (__builtin_mul_overflow(n, (uint64_t)10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(*p - '0'), &n))
			return NUMBER_TOO_LARGE;
	*magnitude = n;
	return NUMBER_INTEGER;
}

static bool number_expect(struct diag_sink *sink, const struct json *v,
			  const char *what, bool *negative,
			  uint64_t *magnitude)
{
	if (!json_expect(sink, v, JSON_NUMBER, what))
		return false;
	switch (number_read(v, negative, magnitude)) {
	case NUMBER_INTEGER:
		return true;
	case NUMBER_FRACTION:
		diag_help(diag_add(sink, E0607, v->span,
				   "%s must be a whole number", what),
			  "write it without a fraction or an exponent");
		return false;
	case NUMBER_TOO_LARGE:
		diag_add(sink, E0607, v->span,
			 "%s does not fit into 64 bits", what);
		return false;
	}
	BUG("number form");
}

bool json_uint(struct diag_sink *sink, const struct json *v, const char *what,
	       uint64_t *value)
{
	uint64_t magnitude;
	bool negative;

	if (!number_expect(sink, v, what, &negative, &magnitude))
		return false;
	if (negative && magnitude) {
		diag_add(sink, E0607, v->span, "%s must not be negative", what);
		return false;
	}
	*value = magnitude;
	return true;
}

bool json_int(struct diag_sink *sink, const struct json *v, const char *what,
	      int64_t *value)
{
	uint64_t magnitude;
	bool negative;

	if (!number_expect(sink, v, what, &negative, &magnitude))
		return false;
	if (magnitude > (uint64_t)INT64_MAX + negative) {
		diag_add(sink, E0607, v->span,
			 "%s must lie between %lld and %lld", what,
			 (long long)INT64_MIN, (long long)INT64_MAX);
		return false;
	}
	*value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return true;
}
