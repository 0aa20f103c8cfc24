/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diag_record.h - what a diagnostic holds; for diag.c and diag_print.c only
 */
#ifndef BASE_DIAG_RECORD_H
#define BASE_DIAG_RECORD_H

#include "base/diag.h"

struct diag_label {
	struct span at;
	const char *text;
};

struct diag_extra {
	const char *kind; /* "note" or "help" */
	const char *text;
};

struct diag {
	struct diag_sink *sink;
	enum diag_code code;
	enum severity severity;
	size_t order; /* in which it was added: the last sort key */
	struct span at;
	const char *text;
	size_t nlabels, nnotes;
	struct diag_label label[DIAG_LABELS_MAX];
	struct diag_extra note[DIAG_NOTES_MAX];
};

struct diag_sink {
	struct arena *arena;
	struct sources *sources;
	bool strict;
	size_t errors, warnings, dropped;
	size_t len;
	struct diag *records; /* DIAG_MAX of them, once one is needed */
	struct diag spare; /* takes what is past DIAG_MAX */
};

#endif
