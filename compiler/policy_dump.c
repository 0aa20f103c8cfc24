/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_dump.c - a policy as text, for --dump=policy and the tests
 */
#include <inttypes.h>

#include "base/bug.h"
#include "base/str.h"
#include "compiler/policy.h"
#include "compiler/sandbox.h"

struct dump {
	struct str *out;
	const struct abi *abi;
	const struct syscall_desc *call;
};

/* The argument whose low word this is, else the register. */
static void dump_word(const struct dump *d, struct arg_words at)
{
	for (unsigned i = 0; d->call && i < d->call->nargs; i++) {
		const struct sig_arg *arg = &syscall_args(d->call)[i];

		if (arg->reg != ARG_NO_REG &&
		    sig_arg_words(d->abi, arg).lo == at.lo) {
			str_add(d->out, sig_arg_name(arg));
			return;
		}
	}
	if (at.lo < DATA_ARGS)
		str_addf(d->out, "word%u", at.lo);
	else
		str_addf(d->out, "reg%u", (at.lo - DATA_ARGS) / 8u);
}

static void dump_in(const struct dump *d, const struct cond *c)
{
	dump_word(d, c->at);
	str_addf(d->out, " & %#" PRIx64 " in {", c->mask);
	for (uint32_t i = 0; i < c->n; i++) {
		str_addf(d->out, "%s %#" PRIx64, i ? "," : "", c->set[i].lo);
		if (c->set[i].hi != c->set[i].lo)
			str_addf(d->out, "..%#" PRIx64, c->set[i].hi);
	}
	str_add(d->out, " }");
}

static void dump_cond(const struct dump *d, const struct cond *c)
{
	switch (c->kind) {
	case COND_TRUE:
		str_add(d->out, "true");
		return;
	case COND_IN:
		dump_in(d, c);
		return;
	case COND_NOT:
		str_add(d->out, "not ");
		dump_cond(d, c->of[0]);
		return;
	case COND_AND:
	case COND_OR:
		for (uint32_t i = 0; i < c->n; i++) {
			str_add(d->out, i == 0		     ? "("
					: c->kind == COND_OR ? " or "
							     : " and ");
			dump_cond(d, c->of[i]);
		}
		str_addc(d->out, ')');
		return;
	}
	BUG("cond kind %d", (int)c->kind);
}

static void dump_set(struct dump *d, const struct ruleset *set)
{
	d->call = set->call;
	str_addf(d->out, "  %s %#x\n", sysname_text(set->call->name), set->nr);
	for (uint32_t i = 0; i < set->nrules; i++) {
		str_add(d->out, "    ");
		action_text(set->rules[i].action, d->abi, d->out);
		if (!cond_is_true(set->rules[i].cond)) {
			str_add(d->out, " if ");
			dump_cond(d, set->rules[i].cond);
		}
		str_addc(d->out, '\n');
	}
}

void policy_dump(const struct policy *p, struct str *out)
{
	for (uint32_t i = 0; i < p->nabis; i++) {
		const struct abi_policy *abi = &p->abis[i];
		struct dump d = { out, abi->abi, NULL };

		str_addf(out, "abi %s\n  default ", abi->abi->name);
		action_text(abi->fallback, abi->abi, out);
		str_add(out, "\n  unknown ");
		action_text(abi->unknown, abi->abi, out);
		str_addc(out, '\n');
		for (uint32_t s = 0; s < abi->nsets; s++)
			dump_set(&d, &abi->sets[s]);
	}
	str_add(out, "foreign ");
	action_text(p->foreign, p->nabis ? p->abis[0].abi : NULL, out);
	str_addc(out, '\n');
	if (p->log_denials)
		str_add(out, "option log\n");
	sandbox_dump(&p->sandbox, out);
}
