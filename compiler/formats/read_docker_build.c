/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read_docker_build.c - from Docker's rules to a policy, ABI by ABI
 *
 * Conditions compare the bits that the call's handler uses, unsigned.
 * Each call ends with a first-match list that answers as libseccomp does:
 * a rule without condition beats all others, rules equal to the default
 * are left out before anything else, the rest is put in order by
 * read_docker_order.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "compiler/formats/docker.h"

struct build {
	struct docker *d;
	const struct abi *abi;
	/* Two 32-bit tests for each argument; libseccomp's x32 has one. */
	bool two_words;
	VEC(struct docker_item) items;
};

/* ---- socketcall and ipc ---- */

struct sub_call {
	const char *name, *mux;
	uint64_t number;
};

/* linux/net.h and linux/ipc.h */
static const struct sub_call sub_calls[] = {
	{ "socket", "socketcall", 1 },	    { "bind", "socketcall", 2 },
	{ "connect", "socketcall", 3 },	    { "listen", "socketcall", 4 },
	{ "accept", "socketcall", 5 },	    { "getsockname", "socketcall", 6 },
	{ "getpeername", "socketcall", 7 }, { "socketpair", "socketcall", 8 },
	{ "send", "socketcall", 9 },	    { "recv", "socketcall", 10 },
	{ "sendto", "socketcall", 11 },	    { "recvfrom", "socketcall", 12 },
	{ "shutdown", "socketcall", 13 },   { "setsockopt", "socketcall", 14 },
	{ "getsockopt", "socketcall", 15 }, { "sendmsg", "socketcall", 16 },
	{ "recvmsg", "socketcall", 17 },    { "accept4", "socketcall", 18 },
	{ "recvmmsg", "socketcall", 19 },   { "sendmmsg", "socketcall", 20 },
	{ "semop", "ipc", 1 },		    { "semget", "ipc", 2 },
	{ "semctl", "ipc", 3 },		    { "semtimedop", "ipc", 4 },
	{ "msgsnd", "ipc", 11 },	    { "msgrcv", "ipc", 12 },
	{ "msgget", "ipc", 13 },	    { "msgctl", "ipc", 14 },
	{ "shmat", "ipc", 21 },		    { "shmdt", "ipc", 22 },
	{ "shmget", "ipc", 23 },	    { "shmctl", "ipc", 24 },
};

static const struct sub_call *sub_call_of(sysname name)
{
	const char *text = sysname_text(name);

	for (size_t i = 0; i < ARRAY_LEN(sub_calls); i++)
		if (!strcmp(sub_calls[i].name, text))
			return &sub_calls[i];
	return NULL;
}

static const struct syscall_desc *find_call(const struct abi *abi,
					    const char *text)
{
	sysname name = sysname_find(text, strlen(text));

	return name == SYSNAME_NONE ? NULL : syscall_by_name(abi, name);
}

/* ---- rules to items ---- */

static void push_item(struct build *b, struct docker_item *item)
{
	item->seq = (uint32_t)b->items.len;
	vec_push(b->d->u->arena, &b->items, *item);
}

static void insert_arg(struct docker_item *item, struct docker_arg arg)
{
	unsigned at = item->nargs;

	while (at && item->args[at - 1].index > arg.index) {
		item->args[at] = item->args[at - 1];
		at--;
	}
	/* The sub-call's number takes the place of a condition on it. */
	if (!at || item->args[at - 1].index != arg.index) {
		item->args[at] = arg;
		item->nargs++;
	}
}

/* The conditions from..to of the rule, on the call and its multiplexer. */
static void add_items(struct build *b, const struct docker_rule *rule,
		      const struct docker_name *name, uint32_t from,
		      uint32_t to)
{
	const struct sub_call *sub = sub_call_of(name->name);
	struct docker_item item = {
		.call = syscall_by_name(b->abi, name->name),
		.rule = rule,
		.name = name->span,
	};
	struct docker_item mux = item;

	for (uint32_t i = from; i < to; i++)
		insert_arg(&item, rule->args[i]);
	mux.call = sub ? find_call(b->abi, sub->mux) : NULL;
	if (mux.call) {
		mux.is_mux = true;
		mux.nr = mux.call->nr;
		insert_arg(&mux, (struct docker_arg){
					 .span = name->span,
					 .value_span = name->span,
					 .op = DOCKER_EQ,
					 .value = sub->number,
				 });
		for (uint32_t i = from; i < to; i++)
			insert_arg(&mux, rule->args[i]);
		push_item(b, &mux);
	}
	if (item.call) {
		item.nr = item.call->nr;
		push_item(b, &item);
	}
}

static bool add_rule(struct build *b, const struct docker_rule *rule)
{
	for (uint32_t n = 0; n < rule->nnames; n++) {
		const struct docker_name *name = &rule->names[n];

		if (!rule->one_by_one)
			add_items(b, rule, name, 0, rule->nargs);
		for (uint32_t i = 0; rule->one_by_one && i < rule->nargs; i++) {
			if (b->items.len > DOCKER_ITEMS_MAX)
				break;
			add_items(b, rule, name, i, i + 1);
		}
		if (b->items.len > DOCKER_ITEMS_MAX) {
			diag_add(b->d->u->diags, E0552, rule->span,
				 "with this rule there are more than %d, "
				 "counting each call and condition",
				 DOCKER_ITEMS_MAX);
			return false;
		}
	}
	return true;
}

static int order_items(const void *left, const void *right)
{
	const struct docker_item *a = left, *b = right;

	if (a->nr != b->nr)
		return a->nr < b->nr ? -1 : 1;
	return a->seq < b->seq ? -1 : 1;
}

/* ---- conditions ---- */

/* The bits that an index stands for. */
struct field {
	struct arg_words at;
	uint64_t mask;
	const struct sig_arg *arg; /* NULL for a register without a name */
};

static struct field field_of(const struct build *b,
			     const struct syscall_desc *call, unsigned reg)
{
	struct field f = { abi_reg_words(b->abi, reg), UINT64_MAX, NULL };

	for (unsigned i = 0; i < call->nargs; i++) {
		const struct sig_arg *arg = &syscall_args(call)[i];

		if (arg->reg != reg || arg->reg_hi != ARG_NO_REG)
			continue;
		f.arg = arg;
		f.at = sig_arg_words(b->abi, arg);
		f.mask = sig_arg_mask(arg);
	}
	if (b->abi->word_bits == 32) {
		f.mask &= UINT32_MAX;
		f.at.hi = ARG_NO_WORD;
	}
	return f;
}

/* The two intervals at most in which a comparison holds. */
static uint32_t intervals(const struct docker_arg *arg, uint64_t v,
			  struct interval *set)
{
	uint32_t n = 0;

	switch (arg->op) {
	case DOCKER_EQ:
		set[n++] = (struct interval){ v, v };
		break;
	case DOCKER_NE:
		if (v)
			set[n++] = (struct interval){ 0, v - 1 };
		if (v != UINT64_MAX)
			set[n++] = (struct interval){ v + 1, UINT64_MAX };
		break;
	case DOCKER_LT:
		if (v)
			set[n++] = (struct interval){ 0, v - 1 };
		break;
	case DOCKER_LE:
		set[n++] = (struct interval){ 0, v };
		break;
	case DOCKER_GE:
		set[n++] = (struct interval){ v, UINT64_MAX };
		break;
	case DOCKER_GT:
		if (v != UINT64_MAX)
			set[n++] = (struct interval){ v + 1, UINT64_MAX };
		break;
	case DOCKER_MASKED_EQ:
		BUG("MASKED_EQ has no interval");
	}
	return n;
}

static const struct cond *masked_cond(struct build *b,
				      const struct docker_arg *arg,
				      struct field f, uint64_t mask,
				      uint64_t datum)
{
	struct arena *a = b->d->u->arena;
	struct interval set = { datum, datum };

	if (datum & ~f.mask)
		return cond_not(a, arg->span, cond_true(a, arg->span));
	if (!(mask & f.mask))
		return cond_true(a, arg->span);
	return cond_in(a, arg->span, f.at, mask & f.mask, 1, &set);
}

static void warn_field(struct build *b, const struct docker_item *item,
		       const struct docker_arg *arg, struct field f,
		       uint64_t bits)
{
	const char *call = sysname_text(item->call->name);
	const char *name = f.arg ? sig_arg_name(f.arg)
				 : arena_printf(b->d->u->arena, "reg%u",
						arg->index);

	if (bits & ~f.mask)
		diag_note(diag_add(b->d->u->diags, W0603, arg->value_span,
				   "the value has bits that '%s' of %s cannot "
				   "have on %s", name, call, b->abi->name),
			  "the call looks at %d bits of it",
			  64 - __builtin_clzll(f.mask));
	if (f.arg && f.arg->kind == ARG_POINTER && arg->value && !item->is_mux)
		diag_add(b->d->u->diags, W0606, arg->value_span,
			 "'%s' of %s is an address, and what it points to "
			 "can change after the filter ran", name, call);
}

static const struct cond *arg_cond(struct build *b,
				   const struct docker_item *item,
				   const struct docker_arg *arg)
{
	struct field f = field_of(b, item->call, arg->index);
	uint64_t value = arg->value, two = arg->value_two & arg->value;
	struct interval set[2];
	uint32_t n;

	warn_field(b, item, arg, f,
		   arg->op == DOCKER_MASKED_EQ ? two : value);
	/* As libseccomp does: only the low half is kept. */
	if (b->abi->word_bits == 32) {
		value &= UINT32_MAX;
		two &= UINT32_MAX;
	}
	if (arg->op == DOCKER_MASKED_EQ)
		return masked_cond(b, arg, f, value, two);
	n = intervals(arg, value, set);
	return cond_in(b->d->u->arena, arg->span, f.at, f.mask, n, set);
}

static const struct cond *item_cond(struct build *b,
				    const struct docker_item *item)
{
	struct arena *a = b->d->u->arena;
	const struct cond *parts[ARGS_MAX];

	for (unsigned i = 0; i < item->nargs; i++)
		parts[i] = arg_cond(b, item, &item->args[i]);
	if (!item->nargs)
		return cond_true(a, item->rule->span);
	return cond_and(a, item->rule->span, item->nargs, parts);
}

/* ---- the rules of one call ---- */

/*
 * Shapes in which libseccomp's own programs contradict the rules they
 * were made from (docs/formats.md): said, because ours follows the rules.
 */
static bool is_shaky(const struct build *b, const struct docker_item *item)
{
	for (unsigned i = 0; i < item->nargs; i++) {
		const struct docker_arg *arg = &item->args[i];
		bool plain = arg->op == DOCKER_EQ ||
			     arg->op == DOCKER_MASKED_EQ;

		if (!plain && i + 1 < item->nargs)
			return true;
		if (!plain && b->two_words && arg->value > UINT32_MAX)
			return true;
		if (arg->op == DOCKER_LE && i && !b->two_words)
			return true;
	}
	return false;
}

static void note_shaky(struct build *b, const struct docker_item *items,
		       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!is_shaky(b, &items[i]))
			continue;
		diag_note(diag_add(b->d->u->diags, W0611, items[i].rule->span,
				   "libseccomp may answer differently for %s "
				   "on %s", sysname_text(items[i].call->name),
				   b->abi->name),
			  "it is known to misplace such comparisons; callgate "
			  "does what the rules say");
		return;
	}
}

static bool is_mixed(const struct docker_item *items, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (!action_same(items[i].rule->action, items[0].rule->action))
			return true;
	return false;
}

static bool put_in_order(struct build *b, struct docker_item *items, size_t n)
{
	const struct docker_item *first, *second;
	struct diag *diag;

	if (n > DOCKER_ORDERED_MAX) {
		diag_add(b->d->u->diags, E0552, items[DOCKER_ORDERED_MAX].name,
			 "%s has more than %d rules with conditions and "
			 "different actions",
			 sysname_text(items[0].call->name), DOCKER_ORDERED_MAX);
		return false;
	}
	if (docker_order(b->d->u->arena, b->two_words, n, items, &first,
			 &second))
		return true;
	diag = diag_add(b->d->u->diags, E0614, second->name,
			"this rule on %s contradicts an earlier one",
			sysname_text(second->call->name));
	diag_label(diag, first->name, "the other action is given here");
	diag_note(diag, "libseccomp refuses to load such a profile");
	return false;
}

/* The first rule without a condition, n when there is none. */
static size_t find_always(const struct build *b,
			  const struct docker_item *items, size_t n)
{
	size_t i = 0;

	while (i < n && !docker_item_always(&items[i], b->two_words))
		i++;
	return i;
}

static void warn_mux(struct build *b, const struct docker_item *items,
		     size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct docker_item *item = &items[i];

		if (!item->is_mux || !item->rule->nargs)
			continue;
		diag_note(diag_add(b->d->u->diags, W0605, item->name,
				   "on %s, %s reaches this call and its "
				   "arguments cannot be tested there",
				   b->abi->name,
				   sysname_text(item->call->name)),
			  "as libseccomp does, a condition on the first "
			  "argument is dropped and the others compare the "
			  "multiplexer's own arguments");
	}
}

static bool call_rules(struct build *b, struct docker_item *items, size_t n,
		       struct ruleset *set)
{
	struct arena *a = b->d->u->arena;
	size_t always = find_always(b, items, n), len = n;
	struct rule *rules;

	if (is_mixed(items, always) && !put_in_order(b, items, always))
		return false;
	if (always < n) {
		items += always;
		len = 1;
	} else {
		warn_mux(b, items, n);
		if (n > 1 || items[0].nargs > 1)
			note_shaky(b, items, n);
	}
	rules = arena_array(a, len, sizeof(*rules));
	*set = (struct ruleset){ items[0].nr, items[0].call, 0, rules };
	for (size_t i = 0; i < len; i++) {
		const struct docker_rule *rule = items[i].rule;
		const struct cond *cond = always < n ? cond_true(a, rule->span)
						     : item_cond(b, &items[i]);

		if (!cond_is_false(cond))
			rules[set->nrules++] = (struct rule){
				rule->action, cond, rule->span, items[i].name
			};
	}
	return true;
}

static bool build_sets(struct build *b, struct abi_policy *out)
{
	size_t n = b->items.len, end;
	struct ruleset *sets = arena_array(b->d->u->arena, n ? n : 1,
					   sizeof(*sets));
	bool ok = true;

	if (n)
		qsort(b->items.data, n, sizeof(*b->items.data), order_items);
	for (size_t i = 0; i < n; i = end) {
		for (end = i; end < n; end++)
			if (b->items.data[end].nr != b->items.data[i].nr)
				break;
		ok &= call_rules(b, &b->items.data[i], end - i,
				 &sets[out->nsets]);
		if (sets[out->nsets].nrules)
			out->nsets++;
	}
	out->sets = sets;
	return ok;
}

static bool build_abi(struct docker *d, const struct abi *abi,
		      struct abi_policy *out)
{
	struct build b = {
		.d = d,
		.abi = abi,
		.two_words = abi->word_bits == 64 && abi->id != ABI_X32,
	};
	uint16_t enosys = 0;

	for (size_t i = 0; i < d->rules.len; i++)
		if (!action_same(d->rules.data[i].action, d->fallback) &&
		    !add_rule(&b, &d->rules.data[i]))
			return false;
	errno_value(abi, "ENOSYS", strlen("ENOSYS"), &enosys);
	*out = (struct abi_policy){
		.abi = abi,
		.fallback = d->fallback,
		.unknown = d->fallback.kind == ACT_ERRNO
				   ? (struct action){ ACT_ERRNO, enosys }
				   : d->fallback,
		.fallback_span = d->fallback_span,
	};
	return build_sets(&b, out);
}

const struct policy *docker_build(struct docker *d)
{
	struct arena *a = d->u->arena;
	struct policy *p = arena_new_of(a, struct policy);
	struct abi_policy *abis = arena_array(a, ABI_COUNT, sizeof(*abis));
	const char *name = sources_get(&d->u->sources,
				       d->fallback_span.source)->name;
	bool ok = true;

	for (int i = 0; i < ABI_COUNT; i++) {
		if (!(d->abis & ABI_BIT(i)))
			continue;
		ok &= build_abi(d, abi_get((enum abi_id)i), &abis[p->nabis++]);
	}
	p->abis = abis;
	p->foreign = (struct action){ ACT_KILL_PROCESS, 0 };
	p->log_denials = d->log_denials;
	p->name = name;
	if (!ok)
		return NULL;
	policy_verify(p);
	return p;
}
