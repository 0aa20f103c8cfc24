/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_sandbox_read.c - operands of a sandbox line: words, paths, numbers
 *
 * Every function takes one operand off the reader and judges it; what is
 * wrong is reported at the operand, with the way the line is written.
 */
#include <inttypes.h>
#include <string.h>

#include "base/bug.h"
#include "compiler/sandbox_lines.h"

void help_line(const struct sandbox_reader *r, struct diag *d)
{
	diag_help(d, "the line is written: %s %s;", r->row->word,
		  r->row->syntax);
}

static const char *as_written(struct sandbox_reader *r,
			      const struct ast_value *v)
{
	const struct source *s = sources_get(&r->u->sources, v->span.source);

	return arena_strndup(r->u->arena, s->text + v->span.start,
			     v->span.end - v->span.start);
}

/* ---- taking ---- */

bool operand_more(const struct sandbox_reader *r)
{
	return r->next;
}

const struct ast_value *operand_item(struct sandbox_reader *r,
				     const char *what)
{
	const struct ast_value *v = r->next;

	if (!v) {
		help_line(r, diag_add(r->u->diags, E0323, r->line->span,
				      "'%s' lacks %s", r->row->word, what));
		return NULL;
	}
	r->next = v->next;
	return v;
}

const struct ast_value *operand_next(struct sandbox_reader *r,
				     const char *what)
{
	const struct ast_value *v = operand_item(r, what);

	if (!v || !v->comma)
		return v;
	help_line(r, diag_add(r->u->diags, E0323, v->span,
			      "unexpected ',' before '%s'", as_written(r, v)));
	return NULL;
}

bool value_is_word(const struct ast_value *v, const char *word)
{
	return v->kind == VAL_NAME && word_is(&v->word, word);
}

bool operand_word(struct sandbox_reader *r, const char *word)
{
	if (!r->next || r->next->comma || !value_is_word(r->next, word))
		return false;
	r->next = r->next->next;
	return true;
}

bool operand_is_string(const struct sandbox_reader *r)
{
	return r->next && r->next->kind == VAL_STRING;
}

/* ---- what is wrong with it ---- */

bool operand_wrong(struct sandbox_reader *r, const struct ast_value *v,
		   const char *expected)
{
	help_line(r, diag_add(r->u->diags, E0323, v->span,
			      "'%s' takes %s, not '%s'", r->row->word,
			      expected, as_written(r, v)));
	return false;
}

bool operand_unknown(struct sandbox_reader *r, const struct ast_value *v,
		     const char *what, const char *const *words)
{
	struct diag *d = diag_add(r->u->diags, E0329, v->span,
				  "unknown %s '%s'", what, as_written(r, v));
	struct str list = { 0 };
	struct nearest near;

	for (const char *const *w = words; *w; w++)
		str_addf(&list, "%s%s", w == words ? "" : ", ", *w);
	diag_note(d, "known are %s", str_text(&list));
	str_fini(&list);
	if (v->kind == VAL_NAME) {
		nearest_init(&near, v->word.text, v->word.len);
		for (const char *const *w = words; *w; w++)
			nearest_try(&near, *w);
		help_nearest(d, &near);
	}
	return false;
}

int value_choice(struct sandbox_reader *r, const struct ast_value *v,
		 const char *what, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (value_is_word(v, words[i]))
			return i;
	operand_unknown(r, v, what, words);
	return -1;
}

int operand_choice(struct sandbox_reader *r, const char *what,
		   const char *const *words)
{
	const struct ast_value *v = operand_next(r, "a word");

	return v ? value_choice(r, v, what, words) : -1;
}

bool room_for(struct sandbox_reader *r, size_t have, size_t most,
	      const char *what)
{
	if (have < most)
		return true;
	diag_note(diag_add(r->u->diags, E0334, r->line->span, "too many %s",
			   what),
		  "a sandbox block has room for %zu", most);
	return false;
}

bool said_twice(struct sandbox_reader *r, struct span at, struct span first,
		const char *what)
{
	diag_label(diag_add(r->u->diags, E0407, at, "%s is given twice", what),
		   first, "first given here");
	return false;
}

bool operand_left_over(struct sandbox_reader *r)
{
	if (!r->next)
		return false;
	help_line(r, diag_add(r->u->diags, E0323, r->next->span,
			      "unexpected '%s' in '%s'",
			      as_written(r, r->next), r->row->word));
	return true;
}

void operand_later(struct sandbox_reader *r, const struct ast_value *v)
{
	const char *text = arena_printf(r->u->arena, "%s %s", r->row->word,
					as_written(r, v));

	vec_push(r->u->arena, &r->later, (struct later){ text, v->span });
}

/* ---- texts ---- */

bool value_text(struct sandbox_reader *r, const struct ast_value *v,
		const char **out)
{
	if (v->kind != VAL_STRING)
		return operand_wrong(r, v, "a text in quotes");
	if (!v->word.len) {
		diag_add(r->u->diags, E0323, v->span, "'%s' is empty",
			 r->row->word);
		return false;
	}
	*out = v->word.text;
	return true;
}

bool operand_text(struct sandbox_reader *r, const char *what, const char **out)
{
	const struct ast_value *v = operand_next(r, what);

	return v && value_text(r, v, out);
}

static bool bad_path(struct sandbox_reader *r, const struct ast_value *v,
		     const char *why, const char *help)
{
	struct diag *d = diag_add(r->u->diags, E0328, v->span, "%s", why);

	diag_help(d, "%s", help);
	return false;
}

/* Without doubled slashes and one at the end; false at `.` and `..`. */
static bool clean_path(char *path)
{
	char *to = path;

	for (const char *at = path; *at;) {
		size_t len = strcspn(++at, "/");

		if ((len == 1 && at[0] == '.') ||
		    (len == 2 && at[0] == '.' && at[1] == '.'))
			return false;
		if (len) {
			*to++ = '/';
			memmove(to, at, len);
			to += len;
		}
		at += len;
	}
	if (to == path)
		*to++ = '/';
	*to = '\0';
	return true;
}

bool value_path(struct sandbox_reader *r, const struct ast_value *v,
		const char **out)
{
	char *path;

	if (v->kind != VAL_STRING)
		return operand_wrong(r, v, "a path in quotes");
	if (v->word.text[0] != '/')
		return bad_path(r, v, "the path is not absolute",
				"a path of a sandbox begins with '/'");
	if (v->word.len > SANDBOX_PATH_MAX) {
		diag_add(r->u->diags, E0328, v->span,
			 "the path has %u bytes, the kernel takes %d",
			 v->word.len, SANDBOX_PATH_MAX);
		return false;
	}
	path = arena_strndup(r->u->arena, v->word.text, v->word.len);
	if (!clean_path(path))
		return bad_path(r, v, "the path has a '.' or '..' in it",
				"write the path that is meant, without them");
	*out = path;
	return true;
}

bool operand_path(struct sandbox_reader *r, const char **out)
{
	const struct ast_value *v = operand_next(r, "a path");

	return v && value_path(r, v, out);
}

/* ---- numbers ---- */

static bool out_of_range(struct sandbox_reader *r, const struct ast_value *v,
			 const char *lo, const char *hi)
{
	diag_note(diag_add(r->u->diags, E0327, v->span,
			   "%s is out of range for '%s'", as_written(r, v),
			   r->row->word),
		  "it takes %s to %s", lo, hi);
	return false;
}

static bool in_range(struct sandbox_reader *r, const struct ast_value *v,
		     uint64_t number, uint64_t lo, uint64_t hi)
{
	if (number >= lo && number <= hi)
		return true;
	return out_of_range(
		r, v, arena_printf(r->u->arena, "%" PRIu64, lo),
		arena_printf(r->u->arena, "%" PRIu64, hi));
}

static bool wrong_unit(struct sandbox_reader *r, const struct ast_value *v,
		       const char *units, const char *sample)
{
	const char *word = v->word.len ? v->word.text : NULL;
	struct diag *d;

	if (word)
		d = diag_add(r->u->diags, E0326, v->span,
			     "'%s' does not take the unit '%s'", r->row->word,
			     word);
	else
		d = diag_add(r->u->diags, E0326, v->span,
			     "%s lacks its unit", as_written(r, v));
	diag_help(d, "units are %s: write %" PRIu64 "%s", units, v->number,
		  sample);
	return false;
}

bool value_number(struct sandbox_reader *r, const struct ast_value *v,
		  uint64_t lo, uint64_t hi, uint64_t *out)
{
	if (v->kind == VAL_NEGATE)
		return in_range(r, v, UINT64_MAX, lo, hi < INT64_MAX ? hi
								     : INT64_MAX);
	if (v->kind != VAL_NUMBER)
		return operand_wrong(r, v, "a number here");
	if (v->word.len) {
		diag_help(diag_add(r->u->diags, E0326, v->span,
				   "the number takes no unit"),
			  "write %" PRIu64, v->number);
		return false;
	}
	*out = v->number;
	return in_range(r, v, v->number, lo, hi);
}

bool operand_number(struct sandbox_reader *r, const char *what, uint64_t lo,
		    uint64_t hi, uint64_t *out)
{
	const struct ast_value *v = operand_next(r, what);

	return v && value_number(r, v, lo, hi, out);
}

bool operand_signed(struct sandbox_reader *r, const char *what, int lo, int hi,
		    int *out)
{
	const struct ast_value *v = operand_next(r, what), *digits = v;
	uint64_t number;

	if (!v)
		return false;
	if (v->kind == VAL_NEGATE)
		digits = v->left;
	if (!value_number(r, digits, 0, UINT64_MAX, &number))
		return false;
	if (v->kind == VAL_NEGATE ? number > (uint64_t)-(int64_t)lo
				  : number > (uint64_t)hi)
		return out_of_range(r, v,
				    arena_printf(r->u->arena, "%d", lo),
				    arena_printf(r->u->arena, "%d", hi));
	*out = v->kind == VAL_NEGATE ? -(int)number : (int)number;
	return true;
}

struct sandbox_unit {
	const char *name;
	uint64_t factor;
};

/* E0326 when it has none of the units, E0327 past 64 bits. */
static bool scale(struct sandbox_reader *r, const struct ast_value *v,
		  const struct sandbox_unit *units, const char *sample,
		  uint64_t *out)
{
	struct str list = { 0 };

	for (const struct sandbox_unit *t = units; t->name; t++) {
		str_addf(&list, "%s%s", t == units ? "" : ", ", t->name);
		if (!v->word.len || !word_is(&v->word, t->name))
			continue;
		str_fini(&list);
		if (!__builtin_mul_overflow(v->number, t->factor, out))
			return true;
		return out_of_range(r, v, "0",
				    arena_printf(r->u->arena, "%" PRIu64 "%s",
						 UINT64_MAX / t->factor,
						 t->name));
	}
	wrong_unit(r, v, str_text(&list), sample);
	str_fini(&list);
	return false;
}

bool value_size(struct sandbox_reader *r, const struct ast_value *v,
		uint64_t *out)
{
	static const struct sandbox_unit units[] = {
		{ "B", 1 },
		{ "K", UINT64_C(1) << 10 },
		{ "M", UINT64_C(1) << 20 },
		{ "G", UINT64_C(1) << 30 },
		{ "T", UINT64_C(1) << 40 },
		{ NULL, 0 },
	};

	if (v->kind != VAL_NUMBER)
		return operand_wrong(r, v, "a size here");
	*out = 0;
	if (!v->number && !v->word.len)
		return true;
	return scale(r, v, units, "M", out);
}

bool operand_size(struct sandbox_reader *r, const char *what, uint64_t *out)
{
	const struct ast_value *v = operand_next(r, what);

	return v && value_size(r, v, out);
}

bool value_time(struct sandbox_reader *r, const struct ast_value *v,
		uint64_t *us)
{
	static const struct sandbox_unit units[] = {
		{ "us", 1 },
		{ "ms", 1000 },
		{ "s", 1000000 },
		{ "m", UINT64_C(60) * 1000000 },
		{ "h", UINT64_C(3600) * 1000000 },
		{ NULL, 0 },
	};

	if (v->kind != VAL_NUMBER)
		return operand_wrong(r, v, "a time here");
	return scale(r, v, units, "s", us);
}

bool operand_time_ms(struct sandbox_reader *r, const char *what, uint32_t *ms)
{
	const struct ast_value *v = operand_next(r, what);
	uint64_t us;

	if (!v || !value_time(r, v, &us))
		return false;
	if (us < 1000 || us / 1000 > UINT32_MAX)
		return out_of_range(r, v, "1ms", "4294967295ms");
	*ms = (uint32_t)(us / 1000);
	return true;
}

bool operand_percent(struct sandbox_reader *r, const char *what, uint32_t hi,
		     uint32_t *out)
{
	static const struct sandbox_unit units[] = { { "%", 1 }, { NULL, 0 } };
	const struct ast_value *v = operand_next(r, what);
	uint64_t number;

	if (!v)
		return false;
	if (v->kind != VAL_NUMBER)
		return operand_wrong(r, v, "a percentage");
	if (!scale(r, v, units, "%", &number) ||
	    !in_range(r, v, number, 1, hi))
		return false;
	*out = (uint32_t)number;
	return true;
}

/* Decimal digits without a leading zero; NULL when there are none. */
static const char *pair_number(const char *at, uint64_t *out)
{
	const char *from = at;

	for (*out = 0; *at >= '0' && *at <= '9'; at++) {
		if (__builtin_mul_overflow(*out, 10u, out) ||
		    __builtin_add_overflow(*out, (uint64_t)(*at - '0'), out))
			return NULL;
	}
	return at == from || (*from == '0' && at - from > 1) ? NULL : at;
}

bool word_pair(const struct ast_word *w, uint64_t *a, uint64_t *b)
{
	const char *at = pair_number(w->text, a);

	if (!at || (*at != ':' && *at != '-'))
		return false;
	at = pair_number(at + 1, b);
	return at && !*at;
}
