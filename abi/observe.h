/* SPDX-License-Identifier: Apache-2.0 */
/*
 * observe.h - observations: what workloads asked of the kernel
 *
 * One store holds runs, programs, calls and, for each call, the sets of
 * register arguments it was made with.  Stores of different runs merge by
 * addition, on one machine or across many.  What a workload chooses (names
 * of programs, numbers, arguments) can't make a store grow past its caps:
 * what no longer fits is counted, never forgotten in silence.
 *
 * The store is heap, owned by who called observe_new().
 */
#ifndef ABI_OBSERVE_H
#define ABI_OBSERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "abi/abi.h"

enum {
	OBSERVE_PROGRAMS_MAX = 4096,
	OBSERVE_RUNS_MAX = 16384,
	OBSERVE_CALLS_MAX = 65536, /* of all programs together */
	OBSERVE_TUPLES_MAX = 1024, /* sets of arguments of one call */
	OBSERVE_TEXT_MAX = 4096, /* bytes of a program's path, a command line */
};

/* Who saw it. */
enum observe_source {
	OBSERVE_NOTIFY,
	OBSERVE_TRACE,
	OBSERVE_AUDIT,
	OBSERVE_KMSG,
	OBSERVE_BPF,
	OBSERVE_STRACE,
	OBSERVE_SOURCES
};

struct observe_run {
	uint64_t id; /* random; 0 is none: two runs never share one */
	enum observe_source source;
	int64_t began; /* seconds since 1970; 0: not known */
	/* At most this many calls were not seen; UINT64_MAX: nobody knows. */
	uint64_t lost;
	const char *kernel;  /* "6.1.0-18-amd64"; "" when not known */
	const char *command; /* as a shell would be given it; "": not known */
};

/* Arguments as the registers had them, bit r of `known` for args[r]. */
struct observe_args {
	uint8_t known;
	uint64_t args[ARGS_MAX];
};

struct observe_tuple {
	struct observe_args args;
	uint64_t count;
	uint32_t runs; /* in how many runs it was seen */
	uint32_t last_run;
};

struct observe_call {
	uint32_t program;
	enum abi_id abi;
	uint32_t nr; /* as in seccomp_data */
	uint64_t count;
	uint32_t runs;
	uint32_t last_run;
	/* Calls with arguments that found no room among the tuples. */
	uint64_t dropped;
	struct observe_tuple *tuples;
	size_t ntuples;
	uint32_t *index; /* hash table over the tuples */
	size_t index_len;
};

struct observations;

struct observations *observe_new(void);
void observe_free(struct observations *o);

/* Copies the texts.  The run's number, or UINT32_MAX when there is no room. */
uint32_t observe_add_run(struct observations *o, const struct observe_run *run);
/* A live run learns how much it lost only at its end. */
void observe_set_lost(struct observations *o, uint32_t run, uint64_t lost);
/*
 * The number of a program; "" is one that nobody knows.  Past the cap all
 * others share the last number, whose name is OBSERVE_OTHERS.
 */
uint32_t observe_program(struct observations *o, const char *path, size_t len);
#define OBSERVE_OTHERS "(more programs)"

/* False when the call found no room: the caller counts it as lost. */
bool observe_add(struct observations *o, uint32_t run, uint32_t program,
		 enum abi_id abi, uint32_t nr, const struct observe_args *args,
		 uint64_t count);

/*
 * Adds all of `from`.  False when a run is in both (its id in *twice) or
 * there is no room (*twice is 0): then `into` is unchanged.
 */
bool observe_merge(struct observations *into, const struct observations *from,
		   uint64_t *twice);

size_t observe_nruns(const struct observations *o);
const struct observe_run *observe_run_at(const struct observations *o,
					 size_t i);
size_t observe_nprograms(const struct observations *o);
const char *observe_program_at(const struct observations *o, size_t i);
size_t observe_ncalls(const struct observations *o);
const struct observe_call *observe_call_at(const struct observations *o,
					   size_t i);

/*
 * By program's name, ABI and number; tuples by their arguments.  Numbers of
 * programs change; the same observations have the same order afterwards.
 */
void observe_sort(struct observations *o);

/* ---- which arguments are worth keeping ---- */

enum observe_level {
	OBSERVE_NAMES,	   /* none */
	OBSERVE_SELECTORS, /* commands, flags, domains: those with a family */
	OBSERVE_VALUES,	   /* all but pointers */
};

/*
 * Forgets what the level leaves out and the bits that the handler ignores,
 * so that calls that mean the same are one tuple.
 */
void observe_reduce(struct observe_args *args, enum abi_id abi, uint32_t nr,
		    enum observe_level level);

/* ---- text: observe_text.c ---- */

const char *observe_source_name(enum observe_source source);

/* Sorts first.  False on a write error (errno). */
bool observe_write(struct observations *o, FILE *out);

struct observe_error {
	size_t line;	 /* from 1 */
	const char *why; /* "a run is in the file twice" */
};

/* NULL with *error set; text need not end with NUL. */
struct observations *observe_read(const char *text, size_t len,
				  struct observe_error *error);

#endif
