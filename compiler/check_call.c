/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_call.c - one call of a test or of `explain`, on one ABI
 *
 * Values are exact, `_` is any value, a string or `ptr` any pointer but
 * NULL.  An argument that is in no register of the ABI can only be `_`:
 * its pattern has mask 0.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "compiler/check_state.h"

/* What a pattern is written for: an argument, or a plain register. */
struct slot {
	struct operand operand;
	bool in_register;
};

static bool is_number(const struct ast_word *w)
{
	return w->len && w->text[0] >= '0' && w->text[0] <= '9';
}

static bool parse_number(struct unit *u, const struct ast_word *w,
			 uint32_t *out)
{
	const char *digits = w->text;
	uint64_t n = 0;
	int base = 10;
	char *end;

	if (w->len > 2 && digits[0] == '0' && strchr("xob", digits[1])) {
		base = digits[1] == 'x' ? 16 : digits[1] == 'o' ? 8 : 2;
		digits += 2;
	}
	n = strtoull(digits, &end, base);
	if (end == w->text + w->len && n <= UINT32_MAX) {
		*out = (uint32_t)n;
		return true;
	}
	diag_add(u->diags, E0308, w->span,
		 "'%s' is no call number: they have 32 bits", w->text);
	return false;
}

static bool report_absent(struct unit *u, const struct ast_word *w,
			  const struct abi *abi)
{
	diag_add(u->diags, E0324, w->span, "there is no call '%s' on %s",
		 w->text, abi->name);
	return false;
}

static bool find_call(struct unit *u, const struct ast_call *ast,
		      const struct abi *abi, struct call_pattern *out)
{
	sysname name;

	if (is_number(&ast->name)) {
		if (!parse_number(u, &ast->name, &out->nr))
			return false;
		out->call = syscall_by_nr(abi, out->nr);
		return true;
	}
	name = sysname_find(ast->name.text, ast->name.len);
	if (name == SYSNAME_NONE) {
		report_unknown_call(u, &ast->name);
		return false;
	}
	out->call = syscall_by_name(abi, name);
	if (!out->call)
		return report_absent(u, &ast->name, abi);
	out->nr = out->call->nr;
	return true;
}

static struct slot slot_of(const struct call_pattern *p, unsigned i)
{
	static const char *const reg_names[ARGS_MAX] = {
		"reg0", "reg1", "reg2", "reg3", "reg4", "reg5",
	};
	const char *name = p->call ? sig_arg_name(&syscall_args(p->call)[i])
				   : reg_names[i];
	struct ast_word word = { name, (uint32_t)strlen(name), span_none };
	struct slot slot = { { .name = name }, true };

	slot.in_register = operand_find(p->abi, p->call, &word,
					&slot.operand) == OPERAND_OK;
	if (!slot.operand.call)
		slot.operand.call = p->call ? sysname_text(p->call->name)
					    : "the call";
	return slot;
}

static struct arg_pattern any_value(const struct slot *slot)
{
	if (!slot->in_register)
		return (struct arg_pattern){ PATTERN_ANY, 0, 0,
					     { DATA_ARGS, ARG_NO_WORD } };
	return (struct arg_pattern){ PATTERN_ANY, 0, slot->operand.mask,
				     slot->operand.at };
}

static bool wants_pointer(struct unit *u, const struct ast_value *ast,
			  const struct slot *slot, struct arg_pattern *out)
{
	if (slot->operand.is_pointer) {
		out->kind = PATTERN_POINTER;
		return true;
	}
	diag_add(u->diags, E0309, ast->span,
		 "'%s' of %s is a number, this is a pointer",
		 slot->operand.name, slot->operand.call);
	return false;
}

static bool exact_value(struct unit *u, const struct ast_value *ast,
			const struct call_pattern *p, const struct slot *slot,
			struct arg_pattern *out)
{
	struct value_context v = { .scope = scope_of(u),
				   .abi = p->abi,
				   .operand = &slot->operand };
	struct value value;

	out->kind = PATTERN_VALUE;
	if (slot->operand.is_pointer && ast->kind == VAL_NAME &&
	    word_is(&ast->word, "NULL")) {
		out->value = 0;
		return true;
	}
	return value_single(&v, ast, &value) &&
	       value_fit(&v, ast, &value, &out->value);
}

static bool check_pattern(struct unit *u, const struct ast_value *ast,
			  const struct call_pattern *p, unsigned i,
			  struct arg_pattern *out)
{
	struct slot slot = slot_of(p, i);

	*out = any_value(&slot);
	if (!ast || ast->kind == VAL_WILDCARD)
		return true;
	if (!slot.in_register) {
		diag_help(diag_add(u->diags, E0311, ast->span,
				   "'%s' of %s is in no register on %s",
				   slot.operand.name, slot.operand.call,
				   p->abi->name),
			  "write _");
		return false;
	}
	if (ast->kind == VAL_STRING ||
	    (ast->kind == VAL_NAME && word_is(&ast->word, "ptr")))
		return wants_pointer(u, ast, &slot, out);
	return exact_value(u, ast, p, &slot, out);
}

static bool report_too_many(struct unit *u, const struct ast_value *ast,
			    const struct call_pattern *p)
{
	struct diag *d = diag_add(u->diags, E0318, ast->span,
				  "more arguments than the %u of %s on %s",
				  p->nargs,
				  p->call ? sysname_text(p->call->name)
					  : "a call",
				  p->abi->name);

	if (p->call)
		note_arguments(d, p->call, NULL);
	return false;
}

bool check_call(struct unit *u, const struct ast_call *call,
		const struct abi *abi, struct call_pattern *out)
{
	const struct ast_value *ast = call->args;
	bool ok = true;

	*out = (struct call_pattern){ .abi = abi, .span = call->span };
	if (!find_call(u, call, abi, out))
		return false;
	out->nargs = out->call ? out->call->nargs : ARGS_MAX;
	for (unsigned i = 0; i < out->nargs; i++) {
		ok = check_pattern(u, ast, out, i, &out->args[i]) && ok;
		if (ast)
			ast = ast->next;
	}
	if (ast)
		ok = report_too_many(u, ast, out);
	return ok;
}
