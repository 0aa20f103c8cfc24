/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect_write.c - two processes row by row, for people or as JSON
 *
 * Values may hold anything that a process chose: all of them pass
 * str_add_visible() or str_add_json().
 */
#include <inttypes.h>
#include <string.h>

#include "abi/constants.h"
#include "runtime/caps.h"
#include "runtime/inspect.h"

struct writer {
	struct str *out;
	const struct inspection *other;
};

static const struct inspect_row *find(const struct inspection *in,
				      const struct inspect_row *like)
{
	for (size_t i = 0; i < in->rows.len; i++)
		if (!strcmp(in->rows.data[i].section, like->section) &&
		    !strcmp(in->rows.data[i].key, like->key))
			return &in->rows.data[i];
	return NULL;
}

enum relation { UNCOMPARED, SAME, DIFFERENT };

/* Of what could not be read in one of them nothing is known. */
static enum relation compare(const struct inspect_row *a,
			     const struct inspect_row *b)
{
	if (a->is_name || !a->value || !b || !b->value)
		return UNCOMPARED;
	return strcmp(a->value, b->value) ? DIFFERENT : SAME;
}

/* --- for people --- */

static void add_visible(struct str *out, const char *text)
{
	str_add_visible(out, text, strlen(text));
}

enum { INDENT = 18, WIDTH = 79 };

/* Lists of names, broken after a comma. */
static void add_wrapped(struct str *out, const char *text)
{
	size_t column = INDENT;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (column > INDENT && column + len >= WIDTH) {
			str_addf(out, "\n%*s", INDENT, "");
			column = INDENT;
		} else if (column > INDENT) {
			str_addc(out, ' ');
		}
		str_add_bytes(out, text, len);
		column += len + 1;
		text += len + strspn(text + len, " ");
	}
	str_addc(out, '\n');
}

static void add_set(struct writer *w, const char *word, uint64_t set)
{
	struct str text = { 0 };

	if (!set)
		return;
	str_addf(&text, "%s ", word);
	caps_names(set, &text);
	str_addf(w->out, "%*s", INDENT, "");
	add_wrapped(w->out, str_text(&text));
	str_fini(&text);
}

static void text_row(struct writer *w, const struct inspect_row *row)
{
	const struct inspect_row *other = find(w->other, row);
	enum relation relation = compare(row, other);

	str_addf(w->out, "%c   %-13s ", relation == DIFFERENT ? '*' : ' ',
		 row->key);
	if (row->is_set) {
		add_wrapped(w->out, row->value);
	} else if (row->value) {
		add_visible(w->out, row->value);
		str_addc(w->out, '\n');
	} else {
		str_add(w->out, "not readable: ");
		add_visible(w->out, row->why);
		str_addc(w->out, '\n');
	}
	if (relation != DIFFERENT)
		return;
	if (row->is_set) {
		add_set(w, "less:", other->set & ~row->set);
		add_set(w, "more:", row->set & ~other->set);
		return;
	}
	str_addf(w->out, "%*s%s: ", INDENT, "", w->other->itself ? "this shell" : "other");
	add_visible(w->out, other->value);
	str_addc(w->out, '\n');
}

static void write_text(struct writer *w, const struct inspection *in)
{
	const char *section = "";

	if (w->other->itself)
		str_add(w->out, "'*' marks what differs from this shell\n");
	else
		str_addf(w->out, "'*' marks what differs from process %d\n",
			 (int)w->other->pid);
	for (size_t i = 0; i < in->rows.len; i++) {
		if (strcmp(section, in->rows.data[i].section)) {
			section = in->rows.data[i].section;
			str_addf(w->out, "%s\n", section);
		}
		text_row(w, &in->rows.data[i]);
	}
}

/* --- JSON --- */

static void json_list(struct str *out, uint64_t set)
{
	const char *comma = "";

	str_addc(out, '[');
	for (unsigned cap = 0; cap < 64; cap++) {
		if (!(set >> cap & 1))
			continue;
		str_addf(out, "%s\"", comma);
		cap_text(cap, out);
		str_addc(out, '"');
		comma = ", ";
	}
	str_addc(out, ']');
}

static void json_row(struct writer *w, const struct inspect_row *row)
{
	const struct inspect_row *other = find(w->other, row);
	enum relation relation = compare(row, other);

	str_add_json(w->out, row->key);
	if (row->is_set)
		str_addf(w->out, ": {\"mask\": \"0x%016" PRIx64 "\", ",
			 row->set);
	else
		str_add(w->out, ": {");
	if (!row->value) {
		str_add(w->out, "\"value\": null, \"why\": ");
		str_add_json(w->out, row->why);
		str_addc(w->out, '}');
		return;
	}
	str_add(w->out, "\"value\": ");
	if (row->is_set)
		json_list(w->out, row->set);
	else
		str_add_json(w->out, row->value);
	if (relation != UNCOMPARED)
		str_addf(w->out, ", \"same\": %s",
			 relation == SAME ? "true" : "false");
	if (relation == DIFFERENT && row->is_set) {
		str_add(w->out, ", \"less\": ");
		json_list(w->out, other->set & ~row->set);
		str_add(w->out, ", \"more\": ");
		json_list(w->out, row->set & ~other->set);
	} else if (relation == DIFFERENT) {
		str_add(w->out, ", \"other\": ");
		str_add_json(w->out, other->value);
	}
	str_addc(w->out, '}');
}

static void write_json(struct writer *w, const struct inspection *in)
{
	const char *section = "";

	str_addf(w->out, "{\n  \"compared_with\": %d",
		 (int)w->other->pid);
	for (size_t i = 0; i < in->rows.len; i++) {
		bool first = strcmp(section, in->rows.data[i].section) != 0;

		if (first) {
			str_add(w->out, *section ? "\n  },\n  " : ",\n  ");
			section = in->rows.data[i].section;
			str_add_json(w->out, section);
			str_add(w->out, ": {");
		}
		str_add(w->out, first ? "\n    " : ",\n    ");
		json_row(w, &in->rows.data[i]);
	}
	str_add(w->out, "\n  }\n}\n");
}

void inspect_write(const struct inspection *in,
		   const struct inspection *other, bool json, struct str *out)
{
	struct writer w = { out, other };

	if (json)
		write_json(&w, in);
	else
		write_text(&w, in);
}

void inspect_set(uint64_t set, bool json, struct str *out)
{
	if (json) {
		str_add(out, "{\"value\": ");
		json_list(out, set);
		str_add(out, "}\n");
		return;
	}
	str_addf(out, "0x%016" PRIx64 " = ", set);
	if (set == caps_docker())
		str_add(out, "@docker: ");
	/* Names even for all of them: the question was which. */
	caps_names(set, out);
	str_addc(out, '\n');
}
