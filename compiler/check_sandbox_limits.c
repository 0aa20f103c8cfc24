/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_sandbox_limits.c - limits of the whole sandbox and of its processes
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "abi/constants.h"
#include "base/bug.h"
#include "compiler/sandbox_lines.h"

/* ---- cgroup ---- */

static bool positive_size(struct sandbox_reader *r, const char *what,
			  uint64_t *out)
{
	const struct ast_value *v = operand_next(r, what);

	if (!v || !value_size(r, v, out))
		return false;
	return *out || operand_wrong(r, v, "a size above 0");
}

static bool memory_word(struct sandbox_reader *r, struct sandbox_limits *l)
{
	static const char *const words[] = { "high", "swap", NULL };
	const struct ast_value *v = r->next;
	int word = operand_choice(r, "word", words);

	if (word < 0)
		return false;
	if (word ? l->has_swap : l->memory_high > 0)
		return operand_wrong(r, v, "each word once");
	l->has_swap |= word == 1;
	if (word)
		return operand_size(r, "a size", &l->swap_max);
	v = r->next;
	if (!positive_size(r, "a size", &l->memory_high))
		return false;
	if (l->memory_high <= l->memory_max)
		return true;
	diag_note(diag_add(r->u->diags, E0327, v->span,
			   "'high' is above the limit itself"),
		  "past 'high' the kernel slows the sandbox down, past the "
		  "limit it kills");
	return false;
}

bool set_memory(struct sandbox_reader *r)
{
	struct sandbox_limits l = { 0 };

	if (!positive_size(r, "a size", &l.memory_max))
		return false;
	while (operand_more(r))
		if (!memory_word(r, &l))
			return false;
	r->out->limits.memory_max = l.memory_max;
	r->out->limits.memory_high = l.memory_high;
	r->out->limits.has_swap = l.has_swap;
	r->out->limits.swap_max = l.swap_max;
	return true;
}

bool set_pids(struct sandbox_reader *r)
{
	uint64_t pids;

	if (!operand_number(r, "a number", 1, SANDBOX_PIDS_MAX, &pids))
		return false;
	r->out->limits.pids = (uint32_t)pids;
	return true;
}

bool set_cpu(struct sandbox_reader *r)
{
	struct sandbox_limits *l = &r->out->limits;
	uint64_t weight = 0;

	if (!operand_percent(r, "a percentage", SANDBOX_CPU_PERCENT_MAX,
			     &l->cpu_percent))
		return false;
	if (operand_word(r, "weight") &&
	    !operand_number(r, "a weight", 1, SANDBOX_WEIGHT_MAX, &weight))
		return false;
	l->cpu_weight = (uint32_t)weight;
	return true;
}

/* One of `3` and `0-1`, appended as the kernel reads it. */
static bool add_cpus(struct sandbox_reader *r, const struct ast_value *v,
		     struct str *list)
{
	uint64_t lo, hi;

	if (v->kind == VAL_NAME) {
		if (strchr(v->word.text, ':') || !word_pair(&v->word, &lo, &hi))
			return operand_wrong(r, v, "CPUs as 0-1,3");
	} else if (value_number(r, v, 0, SANDBOX_CPUS_MAX - 1, &lo)) {
		hi = lo;
	} else {
		return false;
	}
	if (lo > hi || hi >= SANDBOX_CPUS_MAX) {
		diag_note(diag_add(r->u->diags, E0327, v->span,
				   lo > hi ? "the range runs backwards"
					   : "no machine has that CPU"),
			  "CPUs are 0 to %d", SANDBOX_CPUS_MAX - 1);
		return false;
	}
	str_addf(list, "%s%" PRIu64, list->len ? "," : "", lo);
	if (hi > lo)
		str_addf(list, "-%" PRIu64, hi);
	return true;
}

bool set_cpus(struct sandbox_reader *r)
{
	const struct ast_value *v = operand_next(r, "a list of CPUs");
	struct str list = { 0 };
	bool ok = v && add_cpus(r, v, &list);

	while (ok && operand_more(r))
		ok = add_cpus(r, operand_item(r, "a CPU"), &list);
	if (ok)
		r->out->limits.cpus = arena_strndup(r->u->arena, list.text,
						    list.len);
	str_fini(&list);
	return ok;
}

static bool io_word(struct sandbox_reader *r, struct sandbox_io *io)
{
	static const char *const words[] = { "read", "write", "read-iops",
					     "write-iops", NULL };
	uint64_t *const limits[] = { &io->read_bps, &io->write_bps,
				     &io->read_iops, &io->write_iops };
	const struct ast_value *v = r->next;
	int word = operand_choice(r, "word", words);

	if (word < 0)
		return false;
	if (*limits[word])
		return operand_wrong(r, v, "each word once");
	if (word < 2)
		return positive_size(r, "bytes per second", limits[word]);
	return operand_number(r, "a number per second", 1, UINT32_MAX,
			      limits[word]);
}

bool set_io(struct sandbox_reader *r)
{
	struct sandbox_io io = { .span = r->line->span };

	if (!operand_path(r, &io.device))
		return false;
	do {
		if (!io_word(r, &io))
			return false;
	} while (operand_more(r));
	for (size_t i = 0; i < r->ios.len; i++) {
		struct sandbox_io *old = &r->ios.data[i];

		if (strcmp(old->device, io.device))
			continue;
		if (old->span.source == io.span.source)
			return said_twice(r, io.span, old->span, "the device");
		*old = io;
		return true;
	}
	if (!room_for(r, r->ios.len, SANDBOX_ENTRIES_MAX, "'io' lines"))
		return false;
	vec_push(r->u->arena, &r->ios, io);
	return true;
}

/* ---- each process ---- */

enum rlimit_unit { IN_NUMBERS, IN_BYTES, IN_SECONDS, IN_MICROSECONDS };

static const char *const rlimit_names[] = {
	"as",	  "core", "cpu",    "data",   "fsize",	"locks",
	"memlock", "msgqueue", "nice", "nofile", "nproc", "rss",
	"rtprio", "rttime", "sigpending", "stack", NULL,
};

static const enum rlimit_unit rlimit_units[] = {
	IN_BYTES, IN_BYTES, IN_SECONDS, IN_BYTES, IN_BYTES, IN_NUMBERS,
	IN_BYTES, IN_BYTES, IN_NUMBERS, IN_NUMBERS, IN_NUMBERS, IN_BYTES,
	IN_NUMBERS, IN_MICROSECONDS, IN_NUMBERS, IN_BYTES,
};

_Static_assert(ARRAY_LEN(rlimit_names) == ARRAY_LEN(rlimit_units) + 1,
	       "each has its unit");

/* The constants' own table; all machines we know agree on these. */
static int rlimit_number(const char *name)
{
	char text[32] = "RLIMIT_";
	size_t len = strlen(text);
	const struct constant *c;
	uint64_t value;

	for (; *name; name++)
		text[len++] = (char)toupper((unsigned char)*name);
	c = constant_find(text, len);
	if (!c || !constant_value(c, abi_get(ABI_X86_64), &value))
		BUG("no %s", text);
	return (int)value;
}

static bool rlimit_value(struct sandbox_reader *r, const struct ast_value *v,
			 enum rlimit_unit unit, uint64_t *out)
{
	*out = UINT64_MAX;
	if (value_is_word(v, "unlimited"))
		return true;
	switch (unit) {
	case IN_NUMBERS:
		return value_number(r, v, 0, INT64_MAX, out);
	case IN_BYTES:
		return value_size(r, v, out);
	case IN_SECONDS:
		if (!value_time(r, v, out))
			return false;
		if (*out % 1000000)
			return operand_wrong(r, v, "whole seconds");
		*out /= 1000000;
		return true;
	case IN_MICROSECONDS:
		return value_time(r, v, out);
	}
	BUG("unit %d", (int)unit);
}

/* `1024`, `1024:2048` or `1024 2048`; one stands for both. */
static bool rlimit_pair(struct sandbox_reader *r, enum rlimit_unit unit,
			struct sandbox_rlimit *limit)
{
	const struct ast_value *v = operand_next(r, "a limit");

	if (!v)
		return false;
	if (unit == IN_NUMBERS && v->kind == VAL_NAME &&
	    strchr(v->word.text, ':')) {
		if (!word_pair(&v->word, &limit->soft, &limit->hard))
			return operand_wrong(r, v, "two numbers (1024:2048)");
	} else {
		if (!rlimit_value(r, v, unit, &limit->soft))
			return false;
		limit->hard = limit->soft;
		if (operand_more(r) &&
		    (!(v = operand_next(r, "a limit")) ||
		     !rlimit_value(r, v, unit, &limit->hard)))
			return false;
	}
	if (limit->soft <= limit->hard)
		return true;
	diag_add(r->u->diags, E0327, v->span,
		 "the soft limit is above the hard one");
	return false;
}

bool set_rlimit(struct sandbox_reader *r)
{
	struct sandbox_rlimit limit = { .span = r->line->span };
	int name = operand_choice(r, "limit", rlimit_names);

	if (name < 0 || !rlimit_pair(r, rlimit_units[name], &limit))
		return false;
	limit.resource = rlimit_number(rlimit_names[name]);
	for (size_t i = 0; i < r->rlimits.len; i++) {
		struct sandbox_rlimit *old = &r->rlimits.data[i];

		if (old->resource != limit.resource)
			continue;
		if (old->span.source == limit.span.source)
			return said_twice(r, limit.span, old->span,
					  "the limit");
		*old = limit;
		return true;
	}
	vec_push(r->u->arena, &r->rlimits, limit);
	return true;
}

bool set_timeout(struct sandbox_reader *r)
{
	r->out->timeout_ms = r->out->timeout_cpu_ms = 0;
	if (!operand_word(r, "cpu")) {
		if (!operand_time_ms(r, "a time", &r->out->timeout_ms))
			return false;
		if (!operand_word(r, "cpu"))
			return true;
	}
	return operand_time_ms(r, "a time", &r->out->timeout_cpu_ms);
}

bool set_nice(struct sandbox_reader *r)
{
	r->out->has_nice = true;
	return operand_signed(r, "a niceness", -20, 19, &r->out->nice);
}

bool set_umask(struct sandbox_reader *r)
{
	const struct ast_value *v = operand_next(r, "a mask");
	uint64_t mask;

	if (!v || !value_number(r, v, 0, UINT64_MAX, &mask))
		return false;
	if (v->number && v->base != 8) {
		diag_help(diag_add(r->u->diags, E0323, v->span,
				   "a umask is written in octal"),
			  "write 0o022");
		return false;
	}
	if (mask > 0777) {
		diag_note(diag_add(r->u->diags, E0327, v->span,
				   "the umask is out of range"),
			  "it takes 0 to 0o777");
		return false;
	}
	r->out->has_umask = true;
	r->out->umask = (uint32_t)mask;
	return true;
}

bool set_oom(struct sandbox_reader *r)
{
	r->out->has_oom = true;
	return operand_signed(r, "a score", -1000, 1000, &r->out->oom);
}

bool set_sched(struct sandbox_reader *r)
{
	static const char *const kinds[] = { "other", "batch", "idle", NULL };
	int kind = operand_choice(r, "scheduling", kinds);

	r->out->sched = (enum sched_kind)(SCHED_KIND_OTHER + kind);
	return kind >= 0;
}
