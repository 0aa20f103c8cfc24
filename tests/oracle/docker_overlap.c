/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: overlapping rules of one call get libseccomp's verdicts, and what
 * libseccomp refuses to load is refused.
 * Method: random JSON profiles of a few rules on one call, read by
 * docker_read() and by tests/support/engine.c.  In the shapes that
 * libseccomp compiles correctly all answers must be equal.  In the others
 * (docs/formats.md), where its programs contradict their rules or it does
 * not end, sets with one action are held against the rules themselves.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/str.h"
#include "compiler/compile.h"
#include "compiler/format.h"
#include "compiler/vm.h"
#include "tests/support/engine.h"
#include "tests/support/entropy.h"
#include "tests/support/verdicts.h"

enum { SETS = 1000, SAMPLES = 300, RULES_MAX = 5, INDICES = 3 };

struct options {
	bool shaky;	 /* any operator on any argument */
	bool one_action; /* every rule allows */
};

static const char *const ops[] = {
	"SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE", "SCMP_CMP_LT",
	"SCMP_CMP_GE", "SCMP_CMP_GT",	     "SCMP_CMP_LE",
};
enum { PLAIN_OPS = 2, LE_OP = 6 };

/* prctl: 64-bit words; personality, socket: 32 bits; read: an address. */
static const char *const calls[] = { "prctl", "personality", "socket", "read",
				     "fcntl", "kill" };

static const uint64_t values[] = {
	0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 255, UINT32_C(0x7fffffff),
	UINT32_C(0x80000000), UINT32_C(0xfffffffe), UINT32_C(0xffffffff),
};

static void add_arg(struct str *s, struct entropy *e, unsigned index,
		    bool first, bool last, const struct options *o)
{
	uint64_t value = values[entropy_below(e, ARRAY_LEN(values))];
	uint64_t two = values[entropy_below(e, ARRAY_LEN(values))];
	uint32_t n = last || o->shaky ? ARRAY_LEN(ops) : PLAIN_OPS;
	uint32_t op = entropy_below(e, n);

	/* On 32-bit ABIs libseccomp 2.5 inverts LE behind another test. */
	if (op == LE_OP && !first && !o->shaky)
		op = 0;
	str_addf(s, "%s{\"index\":%u,\"value\":%" PRIu64
		    ",\"valueTwo\":%" PRIu64 ",\"op\":\"%s\"}",
		 first ? "" : ",", index, value, two, ops[op]);
}

static void add_args(struct str *s, struct entropy *e, const struct options *o)
{
	uint32_t set = entropy_below(e, 1u << INDICES);
	bool first = true;

	/* One in eight has no condition; often one, sometimes a repeat. */
	if (entropy_one_in(e, 2))
		set = 1u << entropy_below(e, INDICES);
	for (unsigned i = 0; i < INDICES; i++) {
		if (!(set >> i & 1))
			continue;
		add_arg(s, e, i, first, !(set >> (i + 1)), o);
		first = false;
		if (!o->shaky && entropy_one_in(e, 12))
			add_arg(s, e, i, false, true,
				&(struct options){ .shaky = true });
	}
}

static void add_rule(struct str *s, struct entropy *e, const char *call,
		     const struct options *o)
{
	static const char *const actions[] = {
		"\"SCMP_ACT_ALLOW\"", "\"SCMP_ACT_ERRNO\",\"errnoRet\":2",
		"\"SCMP_ACT_ERRNO\",\"errnoRet\":3", "\"SCMP_ACT_ERRNO\"",
		"\"SCMP_ACT_LOG\"",
	};
	uint32_t n = o->one_action ? 1 : ARRAY_LEN(actions);

	str_addf(s, "{\"names\":[\"%s\"],\"action\":%s,\"args\":[", call,
		 actions[entropy_below(e, n)]);
	add_args(s, e, o);
	str_add(s, "]}");
}

static void make_profile(struct str *s, struct entropy *e,
			 const struct options *o)
{
	const char *call = calls[entropy_below(e, ARRAY_LEN(calls))];
	uint32_t n = 2 + entropy_below(e, RULES_MAX - 1);

	str_add(s, "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[");
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			str_addc(s, ',');
		add_rule(s, e, call, o);
	}
	str_add(s, "]}");
}

/* ---- judging ---- */

struct totals {
	size_t sets, refused, different, failed, judged;
};

static void fail(struct totals *t, const struct abi *abi, const char *json,
		 const char *what)
{
	t->failed++;
	if (t->failed <= 10)
		printf("FAIL on %s: %s\n  %s\n", abi->name, what, json);
}

/*
 * Two faults of libseccomp 2.5 around NE.  Two of them on one argument
 * share its test of the high word, so the rule that came first decides for
 * every value with high bits.  And a NE counts as the same test as an EQ
 * of that value, so one rule may be dropped for the other.
 */
static bool has_fault(const char *json)
{
	const char *first = strstr(json, "SCMP_CMP_NE");

	return first && (strstr(first + 1, "SCMP_CMP_NE") ||
			 strstr(json, "SCMP_CMP_EQ"));
}

static void compare(struct totals *t, const struct engine *e,
		    const struct abi *abi,
		    const struct policy *p, const struct bpf_prog *prog,
		    const struct scmp_filter *f, const char *json)
{
	struct verdicts v = { 0 };
	struct str what = { 0 };
	uint64_t *list;
	size_t n;

	list = profile_values(e->profile, &n);
	verdicts_compare(abi, p, prog, f, list, n, SAMPLES, &v);
	free(list);
	if (!v.different)
		return;
	t->different++;
	if (has_fault(json))
		return;
	str_addf(&what, "%s(%#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 "): ours ",
		 sysname_text(syscall_by_nr(abi, v.witness.nr)->name),
		 v.witness.args[0], v.witness.args[1], v.witness.args[2]);
	action_text(v.ours, abi, &what);
	str_add(&what, ", libseccomp's ");
	action_text(v.theirs, abi, &what);
	fail(t, abi, json, str_text(&what));
	str_fini(&what);
}

static bool holds(const struct json *arg, const struct call *call)
{
	uint64_t index = strtoull(json_get(arg, "index")->text, NULL, 10);
	uint64_t a = call->args[index];
	uint64_t v = strtoull(json_get(arg, "value")->text, NULL, 10);
	uint64_t two = strtoull(json_get(arg, "valueTwo")->text, NULL, 10);
	const char *op = json_get(arg, "op")->text;

	return !strcmp(op, "SCMP_CMP_EQ")   ? a == v
	       : !strcmp(op, "SCMP_CMP_NE") ? a != v
	       : !strcmp(op, "SCMP_CMP_LT") ? a < v
	       : !strcmp(op, "SCMP_CMP_LE") ? a <= v
	       : !strcmp(op, "SCMP_CMP_GT") ? a > v
	       : !strcmp(op, "SCMP_CMP_GE") ? a >= v
					    : (a & v) == (two & v);
}

/* An index twice: each condition is then a rule of its own. */
static bool has_repeat(const struct json *args)
{
	for (uint32_t i = 0; i < args->n; i++)
		for (uint32_t k = 0; k < i; k++)
			if (!strcmp(json_get(&args->items[i], "index")->text,
				    json_get(&args->items[k], "index")->text))
				return true;
	return false;
}

static bool any_rule_holds(const struct json *profile, const struct call *call)
{
	const struct json *rules = json_get(profile, "syscalls");

	for (uint32_t r = 0; r < rules->n; r++) {
		const struct json *args = json_get(&rules->items[r], "args");
		uint32_t n = 0;

		for (uint32_t i = 0; i < args->n; i++)
			n += holds(&args->items[i], call);
		if (n == args->n || (n && has_repeat(args)))
			return true;
	}
	return false;
}

/* With one action the order can't matter: any rule that holds allows. */
static void judge(struct totals *t, const struct engine *e,
		  const struct abi *abi, const struct policy *p,
		  const struct bpf_prog *prog, const char *json)
{
	struct entropy rnd = { .seed = 7 };
	const struct ruleset *set = NULL;
	struct call call = { .arch = abi->audit_arch };

	/* The last: socketcall may come before it. */
	if (p->abis[0].nsets)
		set = &p->abis[0].sets[p->abis[0].nsets - 1];
	for (unsigned i = 0; set && i < SAMPLES; i++) {
		call.nr = set->nr;
		/* Within every argument's width. */
		for (unsigned a = 0; a < INDICES; a++)
			call.args[a] = values[entropy_below(
				&rnd, ARRAY_LEN(values))];
		t->judged++;
		if ((action_from_ret(vm_run(prog, &call, NULL).ret).kind ==
		     ACT_ALLOW) == any_rule_holds(e->profile, &call))
			continue;
		fail(t, abi, json, "not what its rules say");
		return;
	}
}

static void one_set(struct totals *t, const struct options *o,
		    const struct abi *abi, const struct str *json)
{
	struct unit *u = unit_new();
	uint32_t source = sources_add(&u->sources, "set", str_text(json),
				      json->len, span_none);
	struct engine e = { .target = &u->target };
	const struct policy *p;
	struct bpf_prog *prog;
	struct scmp_filter *f;
	int error;

	u->target.machine = abi->machine;
	u->target.abis = ABI_BIT(abi->id);
	/* The native ABI is always there; i386 is asked for by name. */
	e.profile = json_parse(u->arena, &u->sources, u->diags, source);
	/* libseccomp 2.5 never comes back from some of the other shapes. */
	f = o->shaky ? NULL : engine_filter(&e, abi, &error);
	p = docker_read(u, source);
	t->sets++;
	if (!p || (!f && !o->shaky)) {
		t->refused += !p;
		if (!f != !p && !o->shaky)
			fail(t, abi, str_text(json),
			     f ? "only ours refuses it" : strerror(error));
	} else {
		prog = compile_policy(u, p, NULL, NULL);
		if (!prog) {
			fail(t, abi, str_text(json), "not compiled");
		} else {
			if (f)
				compare(t, &e, abi, p, prog, f,
					str_text(json));
			if (o->one_action)
				judge(t, &e, abi, p, prog, str_text(json));
		}
		bpf_prog_free(prog);
	}
	scmp_filter_free(f);
	unit_free(u);
}

/* Before the last brace. */
static void add_architecture(struct str *json, const struct abi *abi)
{
	json->len--;
	str_addf(json, ",\"architectures\":[\"%s\"]}", abi->aliases[0]);
}

static void many_sets(struct totals *t, const struct options *o,
		      const struct abi *abi, uint64_t seed)
{
	struct entropy e = { .seed = seed };

	for (unsigned i = 0; i < SETS; i++) {
		struct str json = { 0 };

		make_profile(&json, &e, o);
		if (abi->id != abi->machine)
			add_architecture(&json, abi);
		one_set(t, o, abi, &json);
		str_fini(&json);
	}
}

int main(void)
{
	static const enum abi_id abis[] = { ABI_X86_64, ABI_I386, ABI_S390X };
	static const struct {
		const char *what;
		struct options options;
	} kinds[] = {
		{ "libseccomp's good shapes", { false, false } },
		{ "the same with one action", { false, true } },
		{ "all shapes with one action", { true, true } },
	};
	size_t failed = 0;

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		struct totals t = { 0 };

		for (size_t i = 0; i < ARRAY_LEN(abis); i++)
			many_sets(&t, &kinds[k].options, abi_get(abis[i]),
				  k * 100 + i);
		printf("%s: %zu sets, %zu refused by both, %zu with another "
		       "answer, %zu calls held against the rules\n",
		       kinds[k].what, t.sets, t.refused, t.different,
		       t.judged);
		failed += t.failed;
	}
	printf("%zu passed, %zu failed\n", ARRAY_LEN(kinds) - (failed > 0),
	       failed);
	return failed ? 1 : 0;
}
