/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_text.h - the walk over JSON text; for json.c and json_text.c only
 */
#ifndef BASE_JSON_TEXT_H
#define BASE_JSON_TEXT_H

#include "base/diag.h"
#include "base/json.h"

struct json_text {
	struct arena *arena;
	struct diag_sink *sink;
	uint32_t source;
	const char *text; /* NUL after the last byte */
	size_t len, at;
	unsigned depth;
};

/*
 * One pass before anything is allocated: is it text, is it within the
 * limits.  So json-c never sees a text that would cost it much memory.
 */
bool json_text_survey(struct json_text *t);
/* The second judge and the tree; NULL with a diagnostic. */
const struct json *json_text_tree(struct json_text *t);

/* E0601 or, where a comment stands there, E0604. */
void json_text_error(struct json_text *t, size_t at, const char *what);

#endif
