/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipeline.c - the passes in their order, and the proof behind them
 *
 * The table is the order.  A pass reads and fills struct compilation and
 * calls no other pass.  No program leaves this file unless the validation
 * passed; none leaves compile_policy() unless the proof did.
 */
#include <inttypes.h>
#include <string.h>

#include "base/bug.h"
#include "base/str.h"
#include "compiler/compile.h"
#include "compiler/equiv.h"
#include "compiler/passes.h"

static void dump_diagram(const struct compilation *c, struct str *out)
{
	dd_dump(c->store, c->root, out);
}

static void dump_program(const struct compilation *c, struct str *out)
{
	bpf_list(c->prog, &c->unit->sources, out);
}

static void dump_sets(const struct compilation *c, struct str *out)
{
	for (uint32_t i = 0; i < c->policy->nabis; i++) {
		const struct abi_policy *p = &c->policy->abis[i];

		for (uint32_t j = 0; j < p->nsets; j++) {
			str_addf(out, "%s %s:\n", p->abi->name,
				 sysname_text(p->sets[j].call->name));
			dd_dump(c->store, c->sets[i][j], out);
		}
	}
}

static const struct compile_options defaults = { 0 };

static const struct pass {
	const char *name;
	bool (*run)(struct compilation *c);
	void (*dump)(const struct compilation *c, struct str *out);
} passes[] = {
	{ "lower", pass_lower, dump_sets },
	{ "dispatch", pass_dispatch, dump_diagram },
	{ "simplify", pass_simplify, dump_diagram },
	{ "codegen", pass_codegen, dump_program },
	{ "validate", pass_validate, dump_program },
};

/* One byte order and one machine, or the caller is wrong. */
static void check_machine(const struct policy *p)
{
	if (!p->nabis)
		BUG("a policy without ABIs");
	for (uint32_t i = 1; i < p->nabis; i++)
		if (p->abis[i].abi->machine != p->abis[0].abi->machine)
			BUG("%s and %s in one program", p->abis[0].abi->name,
			    p->abis[i].abi->name);
}

struct bpf_prog *compile_generate(struct unit *u, const struct policy *policy,
				  const struct compile_options *options,
				  struct compile_stats *stats)
{
	struct compilation c = {
		.unit = u,
		.policy = policy,
		.options = options ? options : &defaults,
		.store = dd_store_new(u->arena),
	};

	check_machine(policy);
	for (size_t i = 0; i < ARRAY_LEN(passes); i++) {
		if (!passes[i].run(&c)) {
			bpf_prog_free(c.prog);
			return NULL;
		}
	}
	if (stats) {
		stats->instructions = (uint32_t)c.prog->len;
		stats->longest_path = bpf_longest_path(c.prog);
	}
	return c.prog;
}

bool compile_dump(struct unit *u, const struct policy *policy,
		  const struct compile_options *options, const char *pass,
		  struct str *out)
{
	struct compilation c = {
		.unit = u,
		.policy = policy,
		.options = options ? options : &defaults,
		.store = dd_store_new(u->arena),
	};
	bool found = false;

	check_machine(policy);
	for (size_t i = 0; i < ARRAY_LEN(passes) && !found; i++) {
		if (!passes[i].run(&c))
			break;
		found = !strcmp(passes[i].name, pass);
		if (found)
			passes[i].dump(&c, out);
	}
	bpf_prog_free(c.prog);
	return found;
}

/* ---- the proof ---- */

static void call_text(const struct call *call, struct str *out)
{
	const struct abi *abi = call_abi(call);
	const struct syscall_desc *desc =
		abi ? syscall_by_nr(abi, call->nr) : NULL;

	if (abi)
		str_addf(out, "%s ", abi->name);
	else
		str_addf(out, "arch 0x%" PRIx32 " ", call->arch);
	if (desc)
		str_add(out, sysname_text(desc->name));
	else
		str_addf(out, "nr:0x%" PRIx32, call->nr);
	for (int i = 0; i < ARGS_MAX; i++)
		str_addf(out, "%s0x%" PRIx64, i ? ", " : "(", call->args[i]);
	str_addc(out, ')');
}

static void report_different(struct unit *u, const struct equiv_result *r)
{
	const struct abi *abi = call_abi(&r->witness);
	struct str call = { 0 }, policy = { 0 }, program = { 0 };
	struct diag *d;

	call_text(&r->witness, &call);
	action_text(r->by_policy, abi, &policy);
	action_text(r->by_program, abi, &program);
	d = diag_add(u->diags, E0701, span_none,
		     "the program does not do what the policy says");
	diag_note(d, "%s: the policy says %s, the program %s", str_text(&call),
		  str_text(&policy), str_text(&program));
	diag_note(d, "this is a bug of callgate, not of the policy");
	diag_help(d, "please report it with the policy; nothing was written");
	str_fini(&call);
	str_fini(&policy);
	str_fini(&program);
}

bool compile_prove(struct unit *u, const struct policy *policy,
		   const struct bpf_prog *prog,
		   const struct compile_options *options,
		   struct compile_stats *stats)
{
	const uint64_t most = options && options->proof_steps_max
				      ? options->proof_steps_max
				      : EQUIV_STEPS_MAX;
	struct equiv_result r = equiv_check(policy, prog, most);

	if (stats)
		stats->proof_steps = r.steps;
	switch (r.verdict) {
	case EQUIV_SAME:
		return true;
	case EQUIV_DIFFERENT:
		report_different(u, &r);
		return false;
	case EQUIV_UNDECIDED:
		diag_help(diag_add(u->diags, E0702, span_none,
				   "the program could not be proved: %s", r.why),
			  "a policy with fewer rules on one call is easier to "
			  "prove");
		return false;
	}
	BUG("verdict %d", (int)r.verdict);
}

struct bpf_prog *compile_policy(struct unit *u, const struct policy *policy,
				const struct compile_options *options,
				struct compile_stats *stats)
{
	struct bpf_prog *prog = compile_generate(u, policy, options, stats);

	if (prog && !compile_prove(u, policy, prog, options, stats)) {
		bpf_prog_free(prog);
		return NULL;
	}
	return prog;
}
