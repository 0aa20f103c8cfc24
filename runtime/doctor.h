/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor.h - `callgate doctor`: what this machine can do, and the remedies
 *
 * Each fact is a row.  What can be tried is tried, in a child that changes
 * nothing outside itself.
 */
#ifndef RUNTIME_DOCTOR_H
#define RUNTIME_DOCTOR_H

#include <stdbool.h>

enum doctor_state {
	DOCTOR_NO,
	DOCTOR_PARTLY,
	DOCTOR_YES,
	DOCTOR_INFO, /* neither good nor bad */
};

struct doctor_row {
	enum doctor_state state;
	const char *name, *found, *needed_by, *remedy; /* never NULL */
};

typedef void doctor_emit(const struct doctor_row *row, void *arg);

/* False when the default sandbox can't be built here. */
bool doctor_examine(doctor_emit *emit, void *arg);

#endif
