/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diag.h - diagnostics: collected as data, sorted and printed once
 *
 *	d = diag_add(sink, E0304, span, "unknown argument '%s' of %s", ...);
 *	diag_note(d, "openat takes dirfd, pathname, flags, mode");
 *	diag_help(d, "did you mean 'flags'?");
 *
 * A sink keeps at most DIAG_MAX records and counts the rest.  Nothing is
 * written until diag_print(): libraries never touch standard error.  Text
 * starts lowercase, has no full stop, says first what failed, and puts
 * names in single quotes.  Records live in the sink's arena.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/source.h"

enum severity {
	SEV_ERROR,
	SEV_WARNING,
	SEV_NOTE,
};

enum diag_code {
#define DIAG(code, severity, title) code,
#include "base/diag.def"
#undef DIAG
	DIAG_CODES
};

enum {
	DIAG_MAX = 200,       /* records kept */
	DIAG_ERRORS_SHOWN = 20, /* errors printed as text */
	DIAG_LABELS_MAX = 2,
	DIAG_NOTES_MAX = 6,
};

enum diag_format {
	DIAG_TEXT,
	DIAG_JSON,
};

struct diag_sink;
struct diag;

struct diag_sink *diag_sink_new(struct arena *arena, struct sources *sources);

/* Warnings become errors (`check --strict`). Call before anything is added. */
void diag_set_strict(struct diag_sink *sink, bool strict);

/* Never NULL; past DIAG_MAX a record that is counted but not kept. */
struct diag *diag_add(struct diag_sink *sink, enum diag_code code,
		      struct span at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* A second place ("line 9 already decides it"), drawn with '~'. */
void diag_label(struct diag *d, struct span at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void diag_note(struct diag *d, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void diag_help(struct diag *d, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

size_t diag_errors(const struct diag_sink *sink);
/*
 * Takes back, of what was added after `from` records, these codes and all
 * that stands on a line with one of the earlier records.
 */
void diag_forget(struct diag_sink *sink, size_t from,
		 const enum diag_code *which, size_t n);
size_t diag_records(const struct diag_sink *sink);
size_t diag_warnings(const struct diag_sink *sink);

/* "E0304"; "error", "warning" or "note". */
const char *diag_code_name(enum diag_code code);
const char *diag_code_title(enum diag_code code);
enum severity diag_code_severity(enum diag_code code);

/* Sorted by place, exact repeats dropped.  JSON: one array of objects. */
void diag_print(struct diag_sink *sink, enum diag_format format, FILE *out);

#endif
