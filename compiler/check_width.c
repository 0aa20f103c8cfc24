/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_width.c - does a value fit the bits that a handler uses
 *
 * Nothing is cut off in silence: bits above the width may only be those
 * that '-' or '~' put there.
 */
#include <inttypes.h>

#include "base/bug.h"
#include "compiler/check_state.h"

/* The value of the operand's bits read with their sign. */
static int64_t signed_pattern(uint64_t bits, unsigned width)
{
	return (int64_t)(bits << (64 - width)) >> (64 - width);
}

static bool does_not_fit(const struct value_context *v,
			 const struct ast_value *ast, const struct value *value)
{
	const struct operand *o = v->operand;
	struct arena *a = v->scope->u->arena;
	const char *text;
	struct diag *d;

	if (value->sign == VALUE_NEGATIVE)
		text = arena_printf(a, "%" PRId64, (int64_t)value->bits);
	else
		text = arena_printf(a, "%#" PRIx64, value->bits);
	d = value_error(v, E0308, ast->span,
			arena_printf(a,
				     "%s does not fit '%s', which is %u bits "
				     "%ssigned on %s",
				     text, o->name, o->bits,
				     o->is_signed ? "" : "un", v->abi->name));
	if (value->sign == VALUE_NEGATIVE && !o->is_signed &&
	    -(uint64_t)value->bits <= o->mask)
		diag_help(d, "as unsigned number it is %#" PRIx64,
			  value->bits & o->mask);
	return false;
}

bool value_fit(struct value_context *v, const struct ast_value *ast,
	       const struct value *value, uint64_t *out)
{
	const struct operand *o = v->operand;
	uint64_t cut = value->bits & o->mask;
	bool ok = true;

	switch (value->sign) {
	case VALUE_PLAIN:
		ok = cut == value->bits;
		break;
	case VALUE_NEGATIVE:
		ok = o->is_signed && signed_pattern(cut, o->bits) ==
					     (int64_t)value->bits;
		break;
	case VALUE_OPEN:
		ok = (value->bits | o->mask) == UINT64_MAX;
		break;
	}
	*out = cut;
	return ok || does_not_fit(v, ast, value);
}

bool value_fit_signed(struct value_context *v, const struct ast_value *ast,
		      const struct value *value, int64_t *out)
{
	uint64_t cut;

	if (!value_fit(v, ast, value, &cut))
		return false;
	*out = signed_pattern(cut, v->operand->bits);
	if (value->sign == VALUE_PLAIN && *out < 0)
		return does_not_fit(v, ast, value);
	return true;
}

void push_signed(struct arena *a, interval_vec *out, const struct operand *o,
		 int64_t lo, int64_t hi)
{
	if (lo > hi)
		return;
	if (lo < 0 && hi >= 0) {
		vec_push(a, out, (struct interval){ (uint64_t)lo & o->mask,
						    o->mask });
		lo = 0;
	}
	vec_push(a, out, (struct interval){ (uint64_t)lo & o->mask,
					    (uint64_t)hi & o->mask });
}
