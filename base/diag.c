/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/diag_record.h"

static const struct {
	const char *name;
	enum severity severity;
	const char *title;
} codes[] = {
#define DIAG(code, severity, title) { #code, SEV_##severity, title },
#include "base/diag.def"
#undef DIAG
};

_Static_assert(ARRAY_LEN(codes) == DIAG_CODES, "one row for each code");

const char *diag_code_name(enum diag_code code)
{
	return codes[code].name;
}

const char *diag_code_title(enum diag_code code)
{
	return codes[code].title;
}

enum severity diag_code_severity(enum diag_code code)
{
	return codes[code].severity;
}

struct diag_sink *diag_sink_new(struct arena *arena, struct sources *sources)
{
	struct diag_sink *sink = arena_new_of(arena, struct diag_sink);

	sink->arena = arena;
	sink->sources = sources;
	sink->spare.sink = sink;
	return sink;
}

void diag_set_strict(struct diag_sink *sink, bool strict)
{
	sink->strict = strict;
}

__attribute__((format(printf, 2, 0))) static char *
text_of(struct diag_sink *sink, const char *fmt, va_list ap)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		BUG("bad format '%s'", fmt);
	text = arena_alloc(sink->arena, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, fmt, ap);
	return text;
}

static struct diag *next_record(struct diag_sink *sink)
{
	struct diag *d;

	if (!sink->records)
		sink->records = arena_array(sink->arena, DIAG_MAX,
					    sizeof(*sink->records));
	if (sink->len == DIAG_MAX) {
		sink->dropped++;
		d = &sink->spare;
		*d = (struct diag){ 0 };
	} else {
		d = &sink->records[sink->len];
		*d = (struct diag){ .order = sink->len };
		sink->len++;
	}
	d->sink = sink;
	return d;
}

struct diag *diag_add(struct diag_sink *sink, enum diag_code code,
		      struct span at, const char *fmt, ...)
{
	struct diag *d = next_record(sink);
	va_list ap;

	d->code = code;
	d->severity = codes[code].severity;
	if (d->severity == SEV_WARNING && sink->strict)
		d->severity = SEV_ERROR;
	d->at = at;
	sink->errors += d->severity == SEV_ERROR;
	sink->warnings += d->severity == SEV_WARNING;
	if (d == &sink->spare)
		return d;
	va_start(ap, fmt);
	d->text = text_of(sink, fmt, ap);
	va_end(ap);
	return d;
}

void diag_label(struct diag *d, struct span at, const char *fmt, ...)
{
	va_list ap;

	if (d == &d->sink->spare || d->nlabels == DIAG_LABELS_MAX)
		return;
	va_start(ap, fmt);
	d->label[d->nlabels].at = at;
	d->label[d->nlabels++].text = text_of(d->sink, fmt, ap);
	va_end(ap);
}

static void add_note(struct diag *d, const char *kind, char *text)
{
	d->note[d->nnotes].kind = kind;
	d->note[d->nnotes++].text = text;
}

void diag_note(struct diag *d, const char *fmt, ...)
{
	va_list ap;

	if (d == &d->sink->spare || d->nnotes == DIAG_NOTES_MAX)
		return;
	va_start(ap, fmt);
	add_note(d, "note", text_of(d->sink, fmt, ap));
	va_end(ap);
}

void diag_help(struct diag *d, const char *fmt, ...)
{
	va_list ap;

	if (d == &d->sink->spare || d->nnotes == DIAG_NOTES_MAX)
		return;
	va_start(ap, fmt);
	add_note(d, "help", text_of(d->sink, fmt, ap));
	va_end(ap);
}

size_t diag_errors(const struct diag_sink *sink)
{
	return sink->errors;
}

size_t diag_warnings(const struct diag_sink *sink)
{
	return sink->warnings;
}

size_t diag_records(const struct diag_sink *sink)
{
	return sink->len;
}

static bool is_one_of(enum diag_code code, const enum diag_code *which,
		      size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (which[i] == code)
			return true;
	return false;
}

static uint32_t line_of(const struct diag_sink *sink, struct span at)
{
	return source_place(sources_get(sink->sources, at.source), at.start)
		.line;
}

static bool has_earlier(const struct diag_sink *sink, size_t from,
			struct span at)
{
	if (span_is_none(at))
		return false;
	for (size_t i = 0; i < from; i++) {
		struct span other = sink->records[i].at;

		if (other.source == at.source &&
		    line_of(sink, other) == line_of(sink, at))
			return true;
	}
	return false;
}

void diag_forget(struct diag_sink *sink, size_t from,
		 const enum diag_code *which, size_t n)
{
	size_t kept = from;

	for (size_t i = from; i < sink->len; i++) {
		const struct diag *d = &sink->records[i];

		if (!is_one_of(d->code, which, n) &&
		    !has_earlier(sink, from, d->at)) {
			sink->records[kept++] = *d;
			continue;
		}
		sink->errors -= d->severity == SEV_ERROR;
		sink->warnings -= d->severity == SEV_WARNING;
	}
	sink->len = kept;
}
