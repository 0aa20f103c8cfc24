/* SPDX-License-Identifier: Apache-2.0 */
#include "base/source.h"

#include <string.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/str.h"

void sources_init(struct sources *s, struct arena *arena)
{
	*s = (struct sources){ .arena = arena };
}

static void map_lines(struct arena *arena, struct source *src)
{
	const char *p = src->text, *end = src->text + src->len;
	uint32_t *lines;
	uint32_t n = 1;

	for (const char *nl = p; (nl = memchr(nl, '\n', (size_t)(end - nl)));)
		n++, nl++;
	lines = arena_array(arena, n, sizeof(*lines));
	n = 1;
	for (const char *nl = p; (nl = memchr(nl, '\n', (size_t)(end - nl)));)
		lines[n++] = (uint32_t)(++nl - p);
	src->lines = lines;
	src->nlines = n;
}

uint32_t sources_add(struct sources *s, const char *name, const char *text,
		     size_t len, struct span included_from)
{
	struct source *src;

	if (len > SOURCE_MAX_BYTES)
		BUG("source of %zu bytes", len);
	if (s->len == s->cap) {
		uint32_t cap = s->cap ? s->cap * 2 : 8;
		struct source *list = arena_array(s->arena, cap, sizeof(*list));

		if (s->len)
			memcpy(list, s->list, s->len * sizeof(*list));
		s->list = list;
		s->cap = cap;
	}
	src = &s->list[s->len++];
	src->name = arena_strndup(s->arena, name, strlen(name));
	src->text = arena_strndup(s->arena, text, len);
	src->len = (uint32_t)len;
	src->included_from = included_from;
	map_lines(s->arena, src);
	return s->len;
}

const struct source *sources_get(const struct sources *s, uint32_t number)
{
	if (!number || number > s->len)
		BUG("no source %u", number);
	return &s->list[number - 1];
}

static uint32_t line_index(const struct source *src, uint32_t offset)
{
	uint32_t lo = 0, hi = src->nlines;

	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (src->lines[mid] <= offset)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

struct place source_place(const struct source *src, uint32_t offset)
{
	uint32_t line = line_index(src, offset);
	uint32_t at = src->lines[line];
	struct place place = { line + 1, 1 };

	if (offset > src->len)
		offset = src->len;
	while (at < offset) {
		unsigned code;
		size_t n = utf8_next(src->text + at, src->len - at, &code);

		at += n ? (uint32_t)n : 1;
		place.column++;
	}
	return place;
}

const char *source_line(const struct source *src, uint32_t line, size_t *len)
{
	const char *start, *end;

	if (!line || line > src->nlines)
		BUG("no line %u", line);
	start = src->text + src->lines[line - 1];
	end = memchr(start, '\n', (size_t)(src->text + src->len - start));
	if (!end)
		end = src->text + src->len;
	if (end > start && end[-1] == '\r')
		end--;
	*len = (size_t)(end - start);
	return start;
}

const char *sources_where(const struct sources *s, struct span span)
{
	const struct source *src;
	struct str name = { 0 };
	const char *where;

	if (span_is_none(span))
		return "(built in)";
	src = sources_get(s, span.source);
	/* A file's name may hold anything but NUL and '/'. */
	str_add_visible(&name, src->name, strlen(src->name));
	where = arena_printf(s->arena, "%s:%u", str_text(&name),
			     source_place(src, span.start).line);
	str_fini(&name);
	return where;
}
