/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: no text crashes the JSON reader, a refusal always says something,
 * and what is accepted has its spans inside the text and in order.
 * Method: libFuzzer; every value of an accepted tree is visited.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void visit(struct diag_sink *sink, const struct json *v,
		  struct span within)
{
	uint64_t u;
	int64_t i;

	if (v->span.start < within.start || v->span.end > within.end ||
	    v->span.start >= v->span.end)
		abort();
	json_uint(sink, v, "'v'", &u);
	json_int(sink, v, "'v'", &i);
	for (uint32_t n = 0; n < v->n; n++) {
		if (v->kind == JSON_ARRAY) {
			visit(sink, &v->items[n], v->span);
		} else {
			if (!json_get(v, v->members[n].key))
				abort();
			visit(sink, &v->members[n].value, v->span);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct sources sources;
	struct diag_sink *sink;
	const struct json *v;
	uint32_t source;

	sources_init(&sources, arena);
	sink = diag_sink_new(arena, &sources);
	source = sources_add(&sources, "t", (const char *)data, size,
			     span_none);
	v = json_parse(arena, &sources, sink, source);
	if (!v != (diag_errors(sink) > 0))
		abort();
	if (v)
		visit(sink, v,
		      (struct span){ source, 0, (uint32_t)size });
	arena_free(arena);
	return 0;
}
