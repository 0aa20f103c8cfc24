/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/diag_record.h"
#include "base/str.h"

enum { LINE_SHOWN_MAX = 160 }; /* longer source lines are cut around the span */

static const char *const severity_name[] = {
	[SEV_ERROR] = "error",
	[SEV_WARNING] = "warning",
	[SEV_NOTE] = "note",
};

static int compare(const void *left, const void *right)
{
	const struct diag *a = left, *b = right;

	if (a->at.source != b->at.source)
		return a->at.source < b->at.source ? -1 : 1;
	if (a->at.start != b->at.start)
		return a->at.start < b->at.start ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static bool is_repeat(const struct diag *a, const struct diag *b)
{
	return a->code == b->code && a->at.source == b->at.source &&
	       a->at.start == b->at.start && a->at.end == b->at.end &&
	       !strcmp(a->text, b->text);
}

/* Sorts in place and drops exact repeats; the counts stay those of adding. */
static void settle(struct diag_sink *sink)
{
	size_t kept = 0;

	/* A sink without records has no array either. */
	if (!sink->len)
		return;
	qsort(sink->records, sink->len, sizeof(*sink->records), compare);
	for (size_t i = 0; i < sink->len; i++) {
		if (kept && is_repeat(&sink->records[kept - 1],
				      &sink->records[i]))
			continue;
		sink->records[kept++] = sink->records[i];
	}
	sink->len = kept;
}

/* How many columns the bytes take once str_add_visible() has shown them. */
static size_t shown_width(const char *text, size_t len)
{
	struct str s = { 0 };
	size_t width = 0;

	str_add_visible(&s, text, len);
	for (size_t i = 0; i < s.len; i++)
		width += ((unsigned char)s.text[i] & 0xc0) != 0x80;
	str_fini(&s);
	return width;
}

static size_t to_boundary(const char *line, size_t at)
{
	while (at && ((unsigned char)line[at] & 0xc0) == 0x80)
		at--;
	return at;
}

/* "   12 |   text" and a line below it with the marked columns. */
static void print_snippet(const struct source *src, struct span at, char mark,
			  const char *label, FILE *out)
{
	struct place place = source_place(src, at.start);
	size_t len, from, to, skip = 0, mark_width;
	const char *line = source_line(src, place.line, &len);
	struct str shown = { 0 };

	from = at.start - src->lines[place.line - 1];
	to = at.end - src->lines[place.line - 1];
	if (from > len)
		from = len;
	if (to > len)
		to = len;
	if (from > LINE_SHOWN_MAX / 2 && len > LINE_SHOWN_MAX)
		skip = to_boundary(line, from - LINE_SHOWN_MAX / 2);
	if (len - skip > LINE_SHOWN_MAX)
		len = to_boundary(line, skip + LINE_SHOWN_MAX);
	if (to > len)
		to = len;
	str_add_visible(&shown, line + skip, len - skip);
	fprintf(out, "%5u | %s%s\n", place.line, skip ? "..." : "",
		str_text(&shown));
	str_fini(&shown);
	mark_width = to > from ? shown_width(line + from, to - from) : 1;
	fprintf(out, "      | %*s", (int)(shown_width(line + skip, from - skip) +
					  (skip ? 3 : 0)), "");
	while (mark_width--)
		fputc(mark, out);
	if (label && *label)
		fprintf(out, " %s", label);
	fputc('\n', out);
}

static void print_head(const struct diag *d, FILE *out)
{
	struct str text = { 0 };

	if (!span_is_none(d->at)) {
		const struct source *src =
			sources_get(d->sink->sources, d->at.source);
		struct place place = source_place(src, d->at.start);

		fprintf(out, "%s:%u: ",
			sources_where(d->sink->sources, d->at), place.column);
	} else {
		fputs("callgate: ", out);
	}
	str_add_visible(&text, d->text, strlen(d->text));
	fprintf(out, "%s[%s]: %s\n", severity_name[d->severity],
		diag_code_name(d->code), str_text(&text));
	str_fini(&text);
}

static void print_text(const struct diag *d, FILE *out)
{
	print_head(d, out);
	if (!span_is_none(d->at))
		print_snippet(sources_get(d->sink->sources, d->at.source),
			      d->at, '^', NULL, out);
	for (size_t i = 0; i < d->nlabels; i++) {
		const struct diag_label *l = &d->label[i];

		if (span_is_none(l->at))
			continue;
		if (l->at.source != d->at.source)
			fprintf(out, "      = %s:\n",
				sources_where(d->sink->sources, l->at));
		print_snippet(sources_get(d->sink->sources, l->at.source),
			      l->at, '~', l->text, out);
	}
	for (size_t i = 0; i < d->nnotes; i++) {
		struct str text = { 0 };

		str_add_visible(&text, d->note[i].text,
				strlen(d->note[i].text));
		fprintf(out, "      = %s: %s\n", d->note[i].kind,
			str_text(&text));
		str_fini(&text);
	}
}

static void print_all_text(struct diag_sink *sink, FILE *out)
{
	size_t errors = 0, left = sink->dropped;

	for (size_t i = 0; i < sink->len; i++) {
		const struct diag *d = &sink->records[i];

		if (d->severity == SEV_ERROR && errors++ >= DIAG_ERRORS_SHOWN)
			left++;
		else
			print_text(d, out);
	}
	if (left)
		fprintf(out, "callgate: %zu more messages are not shown\n",
			left);
}

static void json_string(const char *text, FILE *out)
{
	struct str quoted = { 0 };

	str_add_json(&quoted, text);
	fputs(quoted.text, out);
	str_fini(&quoted);
}

static void json_place(const struct diag_sink *sink, struct span at, FILE *out)
{
	const struct source *src;
	struct place from, to;

	if (span_is_none(at)) {
		fputs("null", out);
		return;
	}
	src = sources_get(sink->sources, at.source);
	from = source_place(src, at.start);
	to = source_place(src, at.end);
	fputs("{\"file\": ", out);
	json_string(src->name, out);
	fprintf(out,
		", \"line\": %u, \"column\": %u, \"end_line\": %u, "
		"\"end_column\": %u}",
		from.line, from.column, to.line, to.column);
}

static void print_json(const struct diag *d, FILE *out)
{
	fprintf(out, "{\"code\": \"%s\", \"severity\": \"%s\", \"message\": ",
		diag_code_name(d->code), severity_name[d->severity]);
	json_string(d->text, out);
	fputs(", \"at\": ", out);
	json_place(d->sink, d->at, out);
	fputs(", \"labels\": [", out);
	for (size_t i = 0; i < d->nlabels; i++) {
		fputs(i ? ", {\"at\": " : "{\"at\": ", out);
		json_place(d->sink, d->label[i].at, out);
		fputs(", \"message\": ", out);
		json_string(d->label[i].text, out);
		fputc('}', out);
	}
	fputs("], \"notes\": [", out);
	for (size_t i = 0; i < d->nnotes; i++) {
		fprintf(out, "%s{\"kind\": \"%s\", \"message\": ",
			i ? ", " : "", d->note[i].kind);
		json_string(d->note[i].text, out);
		fputc('}', out);
	}
	fputs("]}", out);
}

void diag_print(struct diag_sink *sink, enum diag_format format, FILE *out)
{
	settle(sink);
	switch (format) {
	case DIAG_TEXT:
		print_all_text(sink, out);
		return;
	case DIAG_JSON:
		fputc('[', out);
		for (size_t i = 0; i < sink->len; i++) {
			fputs(i ? ",\n " : "", out);
			print_json(&sink->records[i], out);
		}
		fputs("]\n", out);
		return;
	}
}
