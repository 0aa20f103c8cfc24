/* SPDX-License-Identifier: Apache-2.0 */
/*
 * observe_text.c - observations as text, for people, files and merging
 *
 *	callgate-observations 1
 *	run 9f1c... notify began 1764064486 lost 0 kernel "6.1.0" command
 *"nginx" program "/usr/sbin/nginx" call x86_64 openat count 12 runs 2 args - -
 *0x80000 - - - count 7 runs 2
 *
 * `args` belong to the `call` above them, calls to the `program`.  `-` is
 * a register that nobody recorded.  The same observations give the same
 * bytes.  The reader takes nothing else and names the line that is wrong.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "abi/observe.h"
#include "abi/syscalls.h"
#include "base/bug.h"
#include "base/str.h"

static const char first_line[] = "callgate-observations 1";

static const char *const source_names[] = {
	[OBSERVE_NOTIFY] = "notify", [OBSERVE_TRACE] = "trace",
	[OBSERVE_AUDIT] = "audit",   [OBSERVE_KMSG] = "kmsg",
	[OBSERVE_BPF] = "bpf",	     [OBSERVE_STRACE] = "strace",
};

_Static_assert(ARRAY_LEN(source_names) == OBSERVE_SOURCES, "a name for each");

const char *observe_source_name(enum observe_source source)
{
	return source_names[source];
}

/* ---- writing ---- */

/* Paths are bytes: all but plain ASCII becomes \xNN. */
static void write_text(const char *text, FILE *out)
{
	fputc('"', out);
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p == '"' || *p == '\\')
			fprintf(out, "\\%c", *p);
		else if (*p < 0x20 || *p > 0x7e)
			fprintf(out, "\\x%02x", *p);
		else
			fputc(*p, out);
	}
	fputc('"', out);
}

static void write_run(const struct observe_run *r, FILE *out)
{
	fprintf(out, "run %016" PRIx64 " %s began %" PRId64 " lost ", r->id,
		source_names[r->source], r->began);
	if (r->lost == UINT64_MAX)
		fputs("unknown", out);
	else
		fprintf(out, "%" PRIu64, r->lost);
	fputs(" kernel ", out);
	write_text(r->kernel, out);
	fputs(" command ", out);
	write_text(r->command, out);
	fputc('\n', out);
}

static void write_tuple(const struct observe_tuple *t, FILE *out)
{
	fputs("args", out);
	for (int i = 0; i < ARGS_MAX; i++) {
		if (t->args.known & 1 << i)
			fprintf(out, " 0x%" PRIx64, t->args.args[i]);
		else
			fputs(" -", out);
	}
	fprintf(out, " count %" PRIu64 " runs %" PRIu32 "\n", t->count,
		t->runs);
}

static void write_call(const struct observe_call *c, FILE *out)
{
	const struct abi *abi = abi_get(c->abi);
	const struct syscall_desc *call = syscall_by_nr(abi, c->nr);

	fprintf(out, "call %s ", abi->name);
	if (call)
		fputs(sysname_text(call->name), out);
	else
		fprintf(out, "nr:0x%" PRIx32, c->nr);
	fprintf(out, " count %" PRIu64 " runs %" PRIu32, c->count, c->runs);
	if (c->dropped)
		fprintf(out, " dropped %" PRIu64, c->dropped);
	fputc('\n', out);
	for (size_t i = 0; i < c->ntuples; i++)
		write_tuple(&c->tuples[i], out);
}

bool observe_write(struct observations *o, FILE *out)
{
	uint32_t program = UINT32_MAX;

	observe_sort(o);
	fprintf(out, "%s\n", first_line);
	for (size_t i = 0; i < observe_nruns(o); i++)
		write_run(observe_run_at(o, i), out);
	for (size_t i = 0; i < observe_ncalls(o); i++) {
		const struct observe_call *c = observe_call_at(o, i);

		if (c->program != program) {
			program = c->program;
			fputs("program ", out);
			write_text(observe_program_at(o, program), out);
			fputc('\n', out);
		}
		write_call(c, out);
	}
	return !ferror(out);
}

/* ---- reading ---- */

struct reader {
	const char *p, *end; /* of the line */
	struct observations *o;
	struct observe_call *call;
	uint32_t program;
	const char *why;
};

static bool wrong(struct reader *r, const char *why)
{
	if (!r->why)
		r->why = why;
	return false;
}

static void skip_spaces(struct reader *r)
{
	while (r->p < r->end && *r->p == ' ')
		r->p++;
}

/* A word up to the next space. */
static const char *word(struct reader *r, size_t *len)
{
	const char *start;

	skip_spaces(r);
	start = r->p;
	while (r->p < r->end && *r->p != ' ')
		r->p++;
	*len = (size_t)(r->p - start);
	return start;
}

static bool is_word(struct reader *r, const char *want)
{
	const char *before = r->p;
	size_t len;
	const char *w = word(r, &len);

	if (len == strlen(want) && !memcmp(w, want, len))
		return true;
	r->p = before;
	return false;
}

static bool expect(struct reader *r, const char *want)
{
	return is_word(r, want) || wrong(r, "a word is missing or misplaced");
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

static bool parse(const char *p, size_t len, unsigned base, uint64_t *out)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++) {
		const unsigned d = (unsigned)digit(p[i]);

		if (d >= base || __builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, d, &value))
			return false;
	}
	*out = value;
	return len > 0;
}

static bool number(struct reader *r, uint64_t max, uint64_t *out)
{
	size_t len;
	const char *w = word(r, &len);

	if (parse(w, len, 10, out) && *out <= max)
		return true;
	return wrong(r, "a number is missing or out of range");
}

static bool hex(struct reader *r, uint64_t *out)
{
	size_t len;
	const char *w = word(r, &len);

	if (len > 2 && w[0] == '0' && w[1] == 'x' &&
	    parse(w + 2, len - 2, 16, out))
		return true;
	return wrong(r, "an argument is neither '-' nor 0x and digits");
}

static bool unescape(struct reader *r, struct str *out)
{
	uint64_t byte;

	if (r->p < r->end && (*r->p == '"' || *r->p == '\\')) {
		str_addc(out, *r->p++);
		return true;
	}
	if (r->end - r->p < 3 || *r->p != 'x' ||
	    !parse(r->p + 1, 2, 16, &byte) || !byte)
		return wrong(r, "a text has an unknown escape");
	str_addc(out, (char)byte);
	r->p += 3;
	return true;
}

static bool text(struct reader *r, struct str *out)
{
	skip_spaces(r);
	if (r->p == r->end || *r->p++ != '"')
		return wrong(r, "a text in quotes is missing");
	while (r->p < r->end && *r->p != '"') {
		if (out->len > OBSERVE_TEXT_MAX)
			return wrong(r, "a text is too long");
		if (*r->p == '\\') {
			r->p++;
			if (!unescape(r, out))
				return false;
			continue;
		}
		if (*r->p < 0x20 || *r->p > 0x7e)
			return wrong(r, "a text has a byte that needs \\xNN");
		str_addc(out, *r->p++);
	}
	if (r->p == r->end)
		return wrong(r, "a text does not end");
	r->p++;
	return true;
}

static bool source(struct reader *r, enum observe_source *out)
{
	for (int i = 0; i < OBSERVE_SOURCES; i++)
		if (is_word(r, source_names[i])) {
			*out = (enum observe_source)i;
			return true;
		}
	return wrong(r, "the source of a run is unknown");
}

static bool run_id(struct reader *r, uint64_t *id)
{
	size_t len;
	const char *w = word(r, &len);

	if (len != 16 || !parse(w, len, 16, id) || !*id)
		return wrong(r, "a run's name is not 16 hexadecimal digits");
	for (size_t i = 0; i < observe_nruns(r->o); i++)
		if (observe_run_at(r->o, i)->id == *id)
			return wrong(r, "a run is in the file twice");
	return true;
}

static bool lost(struct reader *r, uint64_t *out)
{
	if (is_word(r, "unknown")) {
		*out = UINT64_MAX;
		return true;
	}
	return number(r, UINT64_MAX - 1, out);
}

static bool read_run(struct reader *r)
{
	struct str kernel = { 0 }, command = { 0 };
	struct observe_run run;
	uint64_t began;
	bool ok;

	ok = run_id(r, &run.id) && source(r, &run.source) &&
	     expect(r, "began") && number(r, INT64_MAX, &began) &&
	     expect(r, "lost") && lost(r, &run.lost) && expect(r, "kernel") &&
	     text(r, &kernel) && expect(r, "command") && text(r, &command);
	if (ok) {
		run.began = (int64_t)began;
		run.kernel = str_text(&kernel);
		run.command = str_text(&command);
		ok = observe_add_run(r->o, &run) != UINT32_MAX ||
		     wrong(r, "there are too many runs");
	}
	str_fini(&kernel);
	str_fini(&command);
	return ok;
}

static bool read_program(struct reader *r)
{
	struct str name = { 0 };
	bool ok = text(r, &name);

	if (ok && observe_nprograms(r->o) == OBSERVE_PROGRAMS_MAX)
		ok = wrong(r, "there are too many programs");
	if (ok)
		r->program = observe_program(r->o, str_text(&name), name.len);
	r->call = NULL;
	str_fini(&name);
	return ok;
}

static bool call_number(struct reader *r, const struct abi *abi, uint32_t *nr)
{
	const struct syscall_desc *call;
	size_t len;
	const char *w = word(r, &len);
	uint64_t value;

	if (len > 5 && !memcmp(w, "nr:0x", 5)) {
		if (!parse(w + 5, len - 5, 16, &value) || value > UINT32_MAX)
			return wrong(r, "a call's number is out of range");
		*nr = (uint32_t)value;
		return true;
	}
	call = syscall_by_name(abi, sysname_find(w, len));
	if (!call)
		return wrong(r, "a call is unknown on its ABI");
	*nr = call->nr;
	return true;
}

static bool counts(struct reader *r, uint64_t *count, uint32_t *runs)
{
	uint64_t n;

	if (!expect(r, "count") || !number(r, UINT64_MAX, count) ||
	    !expect(r, "runs") || !number(r, observe_nruns(r->o), &n))
		return false;
	*runs = (uint32_t)n;
	return (*count && n) || wrong(r, "a call was seen in no run");
}

static bool read_call(struct reader *r)
{
	const struct observe_args none = { 0 };
	const struct abi *abi;
	uint64_t count, dropped = 0;
	uint32_t nr, runs;
	size_t len, before = observe_ncalls(r->o);
	const char *w = word(r, &len);

	abi = abi_find(w, len);
	if (!abi)
		return wrong(r, "an ABI is unknown");
	if (r->program == UINT32_MAX)
		return wrong(r, "a call stands before its program");
	if (!call_number(r, abi, &nr) || !counts(r, &count, &runs))
		return false;
	if (is_word(r, "dropped") && !number(r, count, &dropped))
		return false;
	if (!observe_add(r->o, 0, r->program, abi->id, nr, &none, count))
		return wrong(r, "there are too many calls");
	if (observe_ncalls(r->o) == before)
		return wrong(r, "a call of a program is there twice");
	r->call =
		(struct observe_call *)(uintptr_t)observe_call_at(r->o, before);
	r->call->runs = runs;
	r->call->last_run = UINT32_MAX;
	r->call->dropped = dropped;
	return true;
}

static bool read_args(struct reader *r)
{
	struct observe_args args = { 0 };
	struct observe_call *c = r->call;
	const size_t before = c ? c->ntuples : 0;
	const uint64_t total = c ? c->count : 0;
	uint32_t runs, call_runs;
	uint64_t count;

	if (!c)
		return wrong(r, "arguments stand before their call");
	for (int i = 0; i < ARGS_MAX; i++) {
		if (is_word(r, "-"))
			continue;
		if (!hex(r, &args.args[i]))
			return false;
		args.known |= (uint8_t)(1 << i);
	}
	if (!args.known)
		return wrong(r, "arguments are all unknown");
	if (!counts(r, &count, &runs))
		return false;
	if (runs > c->runs || count > c->count)
		return wrong(r, "arguments were seen more often than the call");
	if (before == OBSERVE_TUPLES_MAX)
		return wrong(r, "a call has too many sets of arguments");
	call_runs = c->runs;
	observe_add(r->o, UINT32_MAX - 1, c->program, c->abi, c->nr, &args,
		    count);
	if (c->ntuples == before)
		return wrong(r, "a set of arguments is there twice");
	c->count = total;
	c->runs = call_runs;
	c->last_run = UINT32_MAX;
	c->tuples[before].runs = runs;
	c->tuples[before].last_run = UINT32_MAX;
	return true;
}

static bool read_line(struct reader *r)
{
	static const struct {
		const char *word;
		bool (*read)(struct reader *r);
	} rows[] = {
		{"run",	 read_run	  },
		{ "program", read_program},
		{ "call",	  read_call   },
		{ "args",	  read_args   },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!is_word(r, rows[i].word))
			continue;
		if (!rows[i].read(r))
			return false;
		skip_spaces(r);
		return r->p == r->end || wrong(r, "a line goes on too long");
	}
	return wrong(r, "a line begins with an unknown word");
}

static bool read_lines(struct reader *r, const char *at, const char *end,
		       size_t *line)
{
	for (*line = 1; at < end; ++*line) {
		const char *eol = memchr(at, '\n', (size_t)(end - at));

		r->p = at;
		r->end = eol ? eol : end;
		if (!eol)
			return wrong(r, "the last line has no end: is the "
					"file whole?");
		if (*line == 1 && ((size_t)(eol - at) != strlen(first_line) ||
				   memcmp(at, first_line, strlen(first_line))))
			return wrong(r, "the file does not begin with "
					"'callgate-observations 1'");
		if (*line > 1 && !read_line(r))
			return false;
		at = eol + 1;
	}
	return *line > 1 || wrong(r, "the file is empty");
}

struct observations *observe_read(const char *from, size_t len,
				  struct observe_error *error)
{
	struct reader r = { .o = observe_new(), .program = UINT32_MAX };

	if (read_lines(&r, from, from + len, &error->line))
		return r.o;
	error->why = r.why;
	observe_free(r.o);
	return NULL;
}
