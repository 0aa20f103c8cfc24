/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor_rows.h - what the files doctor*.c share; nobody else includes it
 */
#ifndef RUNTIME_DOCTOR_ROWS_H
#define RUNTIME_DOCTOR_ROWS_H

#include <stdint.h>

#include "runtime/doctor.h"

struct arena;

struct exam {
	doctor_emit *emit;
	void *arg;
	struct arena *arena;
	bool can; /* all that the default sandbox needs was there */
};

/* What a row says besides its state; the same text each time. */
struct fact {
	const char *name, *needed_by, *remedy;
};

void fact_row(struct exam *e, const struct fact *f, enum doctor_state state,
	      const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same for what the default sandbox can't do without. */
void fact_need(struct exam *e, const struct fact *f, bool has,
	       const char *fmt, ...) __attribute__((format(printf, 4, 5)));

bool exam_has_cap(unsigned cap);
/* The first line of a file, "" where it can't be read. */
const char *exam_line(struct exam *e, const char *path);

void doctor_kernel(struct exam *e);
void doctor_namespaces(struct exam *e);
void doctor_cgroups(struct exam *e);
void doctor_host(struct exam *e);

#endif
