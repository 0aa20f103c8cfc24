/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - JSON text as a tree in which every value knows its place
 *
 * json-c judges the text first (strict, UTF-8, depth limit); then a walk
 * of our own over the same text builds this tree, because json-c keeps no
 * places, drops all but the last of equal keys, and saturates integers
 * without a word.  A text is accepted when both accept it.
 *
 * The tree lives in the arena and is never changed.  Keys of one object
 * differ, strings are valid UTF-8 without NUL bytes.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/source.h"

struct arena;
struct diag_sink;

enum {
	JSON_DEPTH_MAX = 64,
	JSON_VALUES_MAX = 500 * 1000,
};

enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

struct json_member;

struct json {
	enum json_kind kind;
	struct span span; /* of a string: with its quotes */
	bool truth;
	/*
	 * A string with its escapes undone, or a number as it is written;
	 * NUL after len bytes.
	 */
	const char *text;
	uint32_t len;
	uint32_t n; /* items or members */
	const struct json *items;
	const struct json_member *members;
};

struct json_member {
	const char *key;
	uint32_t key_len;
	struct span key_span;
	struct json value;
};

/* NULL with diagnostics. */
const struct json *json_parse(struct arena *arena,
			      const struct sources *sources,
			      struct diag_sink *sink, uint32_t source);

/* The member's value; NULL when there is none or v is no object. */
const struct json *json_get(const struct json *v, const char *key);

/*
 * Typed reading.  `what` names the value in the message, with its own
 * quotes: "'index'", "the profile".  False with E0606 or E0607.
 */
bool json_expect(struct diag_sink *sink, const struct json *v,
		 enum json_kind kind, const char *what);
bool json_uint(struct diag_sink *sink, const struct json *v, const char *what,
	       uint64_t *value);
bool json_int(struct diag_sink *sink, const struct json *v, const char *what,
	      int64_t *value);

/* "a string", "an object", ... */
const char *json_kind_text(enum json_kind kind);

#endif
