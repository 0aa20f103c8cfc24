/* SPDX-License-Identifier: Apache-2.0 */
/*
 * observe.c - the store of observations
 *
 * Two hash tables: calls by (program, ABI, number), and within each call
 * its tuples by arguments.  Keys are chosen by the workload, but chains are
 * no longer than the caps, so that collisions cost time and nothing else.
 */
#include "abi/observe.h"

#include <stdlib.h>
#include <string.h>

#include "abi/syscalls.h"
#include "base/bug.h"

struct run {
	struct observe_run facts;
	char *texts[2]; /* kernel, command */
};

struct observations {
	struct run *runs;
	size_t nruns, runs_cap;
	char **programs;
	size_t nprograms;
	struct observe_call *calls;
	size_t ncalls, calls_cap;
	uint32_t *index; /* hash table over the calls; 0 is free, else + 1 */
	size_t index_len;
};

static void *grow(void *old, size_t n, size_t size)
{
	void *p = reallocarray(old, n, size);

	if (!p)
		oom();
	return p;
}

static char *copy_text(const char *text, size_t len)
{
	char *p;

	if (len > OBSERVE_TEXT_MAX)
		len = OBSERVE_TEXT_MAX;
	p = grow(NULL, len + 1, 1);
	memcpy(p, text, len);
	p[len] = '\0';
	return p;
}

struct observations *observe_new(void)
{
	struct observations *o = calloc(1, sizeof(*o));

	if (!o)
		oom();
	return o;
}

void observe_free(struct observations *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < o->nruns; i++) {
		free(o->runs[i].texts[0]);
		free(o->runs[i].texts[1]);
	}
	for (size_t i = 0; i < o->nprograms; i++)
		free(o->programs[i]);
	for (size_t i = 0; i < o->ncalls; i++) {
		free(o->calls[i].tuples);
		free(o->calls[i].index);
	}
	free(o->runs);
	free(o->programs);
	free(o->calls);
	free(o->index);
	free(o);
}

uint32_t observe_add_run(struct observations *o, const struct observe_run *run)
{
	struct run *r;

	if (o->nruns == OBSERVE_RUNS_MAX)
		return UINT32_MAX;
	if (o->nruns == o->runs_cap) {
		o->runs_cap = o->runs_cap ? o->runs_cap * 2 : 4;
		o->runs = grow(o->runs, o->runs_cap, sizeof(*o->runs));
	}
	r = &o->runs[o->nruns];
	r->facts = *run;
	r->texts[0] = copy_text(run->kernel, strlen(run->kernel));
	r->texts[1] = copy_text(run->command, strlen(run->command));
	r->facts.kernel = r->texts[0];
	r->facts.command = r->texts[1];
	return (uint32_t)o->nruns++;
}

void observe_set_lost(struct observations *o, uint32_t run, uint64_t lost)
{
	o->runs[run].facts.lost = lost;
}

uint32_t observe_program(struct observations *o, const char *path, size_t len)
{
	if (len > OBSERVE_TEXT_MAX)
		len = OBSERVE_TEXT_MAX;
	for (size_t i = 0; i < o->nprograms; i++)
		if (strlen(o->programs[i]) == len &&
		    !memcmp(o->programs[i], path, len))
			return (uint32_t)i;
	if (o->nprograms == OBSERVE_PROGRAMS_MAX)
		return OBSERVE_PROGRAMS_MAX - 1;
	if (o->nprograms == OBSERVE_PROGRAMS_MAX - 1) {
		path = OBSERVE_OTHERS;
		len = strlen(path);
	}
	o->programs = grow(o->programs, o->nprograms + 1, sizeof(*o->programs));
	o->programs[o->nprograms] = copy_text(path, len);
	return (uint32_t)o->nprograms++;
}

/* ---- hashing ---- */

static uint64_t mix(uint64_t h, uint64_t value)
{
	h ^= value;
	h *= UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

static uint64_t hash_call(uint32_t program, enum abi_id abi, uint32_t nr)
{
	return mix(mix((uint64_t)abi, program), nr);
}

static uint64_t hash_args(const struct observe_args *a)
{
	uint64_t h = a->known;

	for (int i = 0; i < ARGS_MAX; i++)
		if (a->known & 1 << i)
			h = mix(h, a->args[i]);
	return h;
}

static bool same_args(const struct observe_args *a,
		      const struct observe_args *b)
{
	if (a->known != b->known)
		return false;
	for (int i = 0; i < ARGS_MAX; i++)
		if ((a->known & 1 << i) && a->args[i] != b->args[i])
			return false;
	return true;
}

/* The table is kept at most half full; its length is a power of two. */
static bool is_crowded(size_t used, size_t len)
{
	return 2 * (used + 1) > len;
}

static void put(uint32_t *index, size_t len, uint64_t hash, size_t entry)
{
	size_t at = hash & (len - 1);

	while (index[at])
		at = (at + 1) & (len - 1);
	index[at] = (uint32_t)entry + 1;
}

static uint32_t *new_index(uint32_t *old, size_t *len)
{
	uint32_t *index;

	free(old);
	*len = *len ? *len * 2 : 8;
	index = calloc(*len, sizeof(*index));
	if (!index)
		oom();
	return index;
}

static void index_calls(struct observations *o)
{
	for (size_t i = 0; i < o->ncalls; i++) {
		const struct observe_call *c = &o->calls[i];

		put(o->index, o->index_len,
		    hash_call(c->program, c->abi, c->nr), i);
	}
}

static void index_tuples(struct observe_call *c)
{
	for (size_t i = 0; i < c->ntuples; i++)
		put(c->index, c->index_len, hash_args(&c->tuples[i].args), i);
}

/* ---- adding ---- */

static struct observe_call *find_call(const struct observations *o,
				      uint32_t program, enum abi_id abi,
				      uint32_t nr)
{
	size_t at = o->index_len
			    ? hash_call(program, abi, nr) & (o->index_len - 1)
			    : 0;

	while (o->index_len && o->index[at]) {
		struct observe_call *c = &o->calls[o->index[at] - 1];

		if (c->program == program && c->abi == abi && c->nr == nr)
			return c;
		at = (at + 1) & (o->index_len - 1);
	}
	return NULL;
}

static struct observe_call *get_call(struct observations *o, uint32_t program,
				     enum abi_id abi, uint32_t nr)
{
	struct observe_call *c = find_call(o, program, abi, nr);

	if (c || o->ncalls == OBSERVE_CALLS_MAX)
		return c;
	if (o->ncalls == o->calls_cap) {
		o->calls_cap = o->calls_cap ? o->calls_cap * 2 : 64;
		o->calls = grow(o->calls, o->calls_cap, sizeof(*o->calls));
	}
	if (is_crowded(o->ncalls, o->index_len)) {
		o->index = new_index(o->index, &o->index_len);
		index_calls(o);
	}
	c = &o->calls[o->ncalls];
	*c = (struct observe_call){
		.program = program,
		.abi = abi,
		.nr = nr,
		.last_run = UINT32_MAX,
	};
	put(o->index, o->index_len, hash_call(program, abi, nr), o->ncalls++);
	return c;
}

static struct observe_tuple *get_tuple(struct observe_call *c,
				       const struct observe_args *args)
{
	size_t at;

	if (is_crowded(c->ntuples, c->index_len)) {
		c->index = new_index(c->index, &c->index_len);
		c->tuples =
			grow(c->tuples, c->index_len / 2, sizeof(*c->tuples));
		index_tuples(c);
	}
	at = hash_args(args) & (c->index_len - 1);
	while (c->index[at]) {
		struct observe_tuple *t = &c->tuples[c->index[at] - 1];

		if (same_args(&t->args, args))
			return t;
		at = (at + 1) & (c->index_len - 1);
	}
	if (c->ntuples == OBSERVE_TUPLES_MAX)
		return NULL;
	c->tuples[c->ntuples] = (struct observe_tuple){
		.args = *args,
		.last_run = UINT32_MAX,
	};
	c->index[at] = (uint32_t)c->ntuples + 1;
	return &c->tuples[c->ntuples++];
}

static uint64_t add_counts(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* A run's calls come together, so remembering the last one is enough. */
static void see(uint32_t *runs, uint32_t *last, uint32_t run)
{
	if (*last == run)
		return;
	*last = run;
	++*runs;
}

bool observe_add(struct observations *o, uint32_t run, uint32_t program,
		 enum abi_id abi, uint32_t nr, const struct observe_args *args,
		 uint64_t count)
{
	struct observe_call *c = get_call(o, program, abi, nr);
	struct observe_tuple *t;

	if (!c)
		return false;
	c->count = add_counts(c->count, count);
	see(&c->runs, &c->last_run, run);
	if (!args->known)
		return true;
	t = get_tuple(c, args);
	if (t) {
		t->count = add_counts(t->count, count);
		see(&t->runs, &t->last_run, run);
	} else {
		c->dropped = add_counts(c->dropped, count);
	}
	return true;
}

/* ---- merging ---- */

static bool shares_run(const struct observations *a,
		       const struct observations *b, uint64_t *twice)
{
	for (size_t i = 0; i < a->nruns; i++)
		for (size_t k = 0; k < b->nruns; k++)
			if (a->runs[i].facts.id == b->runs[k].facts.id) {
				*twice = a->runs[i].facts.id;
				return true;
			}
	return false;
}

static void merge_call(struct observations *into, uint32_t program,
		       const struct observe_call *from)
{
	struct observe_call *c = get_call(into, program, from->abi, from->nr);

	if (!c)
		BUG("no room for a call");
	c->count = add_counts(c->count, from->count);
	c->runs += from->runs;
	c->dropped = add_counts(c->dropped, from->dropped);
	for (size_t i = 0; i < from->ntuples; i++) {
		const struct observe_tuple *f = &from->tuples[i];
		struct observe_tuple *t = get_tuple(c, &f->args);

		if (!t) {
			c->dropped = add_counts(c->dropped, f->count);
			continue;
		}
		t->count = add_counts(t->count, f->count);
		t->runs += f->runs;
	}
}

bool observe_merge(struct observations *into, const struct observations *from,
		   uint64_t *twice)
{
	*twice = 0;
	if (shares_run(into, from, twice) ||
	    into->nruns + from->nruns > OBSERVE_RUNS_MAX ||
	    into->ncalls + from->ncalls > OBSERVE_CALLS_MAX)
		return false;
	for (size_t i = 0; i < from->nruns; i++)
		observe_add_run(into, &from->runs[i].facts);
	for (size_t i = 0; i < from->ncalls; i++) {
		const char *name = from->programs[from->calls[i].program];

		merge_call(into, observe_program(into, name, strlen(name)),
			   &from->calls[i]);
	}
	return true;
}

/* ---- looking ---- */

size_t observe_nruns(const struct observations *o)
{
	return o->nruns;
}

const struct observe_run *observe_run_at(const struct observations *o, size_t i)
{
	return &o->runs[i].facts;
}

size_t observe_nprograms(const struct observations *o)
{
	return o->nprograms;
}

const char *observe_program_at(const struct observations *o, size_t i)
{
	return o->programs[i];
}

size_t observe_ncalls(const struct observations *o)
{
	return o->ncalls;
}

const struct observe_call *observe_call_at(const struct observations *o,
					   size_t i)
{
	return &o->calls[i];
}

/* ---- order ---- */

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

static int compare_programs(const void *a, const void *b, void *all)
{
	char **programs = all;

	return strcmp(programs[*(const uint32_t *)a],
		      programs[*(const uint32_t *)b]);
}

static int compare_calls(const void *a, const void *b)
{
	const struct observe_call *x = a, *y = b;

	if (x->program != y->program)
		return ORDER(x->program, y->program);
	if (x->abi != y->abi)
		return ORDER(x->abi, y->abi);
	return ORDER(x->nr, y->nr);
}

static int compare_tuples(const void *a, const void *b)
{
	const struct observe_tuple *x = a, *y = b;

	for (int i = 0; i < ARGS_MAX; i++) {
		const uint64_t *p = &x->args.args[i], *q = &y->args.args[i];
		const bool has = x->args.known & 1 << i;
		const bool had = y->args.known & 1 << i;

		if (has != had)
			return has - had;
		if (has && *p != *q)
			return ORDER(*p, *q);
	}
	return 0;
}

static void sort_programs(struct observations *o)
{
	size_t n = o->nprograms;
	uint32_t *order = grow(NULL, n + 1, sizeof(*order));
	uint32_t *becomes = grow(NULL, n + 1, sizeof(*becomes));
	char **sorted = grow(NULL, n + 1, sizeof(*sorted));

	for (size_t i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, n, sizeof(*order), compare_programs, o->programs);
	for (size_t i = 0; i < n; i++) {
		becomes[order[i]] = (uint32_t)i;
		sorted[i] = o->programs[order[i]];
	}
	for (size_t i = 0; i < o->ncalls; i++)
		o->calls[i].program = becomes[o->calls[i].program];
	free(o->programs);
	free(order);
	free(becomes);
	o->programs = sorted;
}

void observe_sort(struct observations *o)
{
	sort_programs(o);
	if (o->ncalls)
		qsort(o->calls, o->ncalls, sizeof(*o->calls), compare_calls);
	if (o->index)
		memset(o->index, 0, o->index_len * sizeof(*o->index));
	index_calls(o);
	for (size_t i = 0; i < o->ncalls; i++) {
		struct observe_call *c = &o->calls[i];

		if (!c->ntuples)
			continue;
		qsort(c->tuples, c->ntuples, sizeof(*c->tuples),
		      compare_tuples);
		memset(c->index, 0, c->index_len * sizeof(*c->index));
		index_tuples(c);
	}
}

/* ---- which arguments ---- */

static bool is_wanted(const struct sig_arg *arg, enum observe_level level)
{
	switch (level) {
	case OBSERVE_NAMES:
		return false;
	case OBSERVE_SELECTORS:
		return arg->family != FAMILY_NONE;
	case OBSERVE_VALUES:
		return arg->kind != ARG_POINTER;
	}
	BUG("level %d", (int)level);
}

static void keep_arg(struct observe_args *out, const struct observe_args *in,
		     const struct sig_arg *arg)
{
	const uint64_t mask = sig_arg_mask(arg);

	if (!(in->known & 1 << arg->reg))
		return;
	if (arg->reg_hi == ARG_NO_REG) {
		out->args[arg->reg] = in->args[arg->reg] & mask;
		out->known |= (uint8_t)(1 << arg->reg);
		return;
	}
	if (!(in->known & 1 << arg->reg_hi))
		return;
	out->args[arg->reg] = in->args[arg->reg] & UINT32_MAX;
	out->args[arg->reg_hi] = in->args[arg->reg_hi] & mask >> 32;
	out->known |= (uint8_t)(1 << arg->reg | 1 << arg->reg_hi);
}

void observe_reduce(struct observe_args *args, enum abi_id abi, uint32_t nr,
		    enum observe_level level)
{
	const struct syscall_desc *call = syscall_by_nr(abi_get(abi), nr);
	struct observe_args kept = { 0 };

	for (unsigned i = 0; call && i < call->nargs; i++)
		if (syscall_args(call)[i].reg != ARG_NO_REG &&
		    is_wanted(&syscall_args(call)[i], level))
			keep_arg(&kept, args, &syscall_args(call)[i]);
	*args = kept;
}
