/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_mux.c - socketcall and ipc: one call that stands for many
 *
 * Their first argument says which call is meant, the others point to
 * memory, so the call's own conditions can't be tested.  A rule on
 * `socket` is therefore also one on socketcall(SYS_SOCKET, ...) where the
 * ABI has it; with several possible outcomes the strictest is taken and
 * the compiler says so.  A profile that names the multiplexer itself, not
 * only through a group, has decided: nothing is added then.
 */
#include <string.h>

#include "base/bug.h"
#include "compiler/check_state.h"

struct sub_call {
	const char *name;
	uint32_t number;
};

enum { SUB_CALLS_MAX = 24 };

/* linux/net.h */
static const struct sub_call socketcalls[] = {
	{ "socket", 1 },       { "bind", 2 },	      { "connect", 3 },
	{ "listen", 4 },       { "accept", 5 },	      { "getsockname", 6 },
	{ "getpeername", 7 },  { "socketpair", 8 },   { "send", 9 },
	{ "recv", 10 },	       { "sendto", 11 },      { "recvfrom", 12 },
	{ "shutdown", 13 },    { "setsockopt", 14 },  { "getsockopt", 15 },
	{ "sendmsg", 16 },     { "recvmsg", 17 },     { "accept4", 18 },
	{ "recvmmsg", 19 },    { "sendmmsg", 20 },    { NULL, 0 },
};

/* linux/ipc.h */
static const struct sub_call ipcs[] = {
	{ "semop", 1 },	  { "semget", 2 },  { "semctl", 3 },
	{ "semtimedop", 4 }, { "msgsnd", 11 }, { "msgrcv", 12 },
	{ "msgget", 13 }, { "msgctl", 14 }, { "shmat", 21 },
	{ "shmdt", 22 },  { "shmget", 23 }, { "shmctl", 24 },
	{ NULL, 0 },
};

_Static_assert(ARRAY_LEN(socketcalls) <= SUB_CALLS_MAX + 1 &&
		       ARRAY_LEN(ipcs) <= SUB_CALLS_MAX + 1,
	       "mux_derive_one() has room for every sub-call");

/* ipc's upper 16 bits are a version (ipc/syscall.c, ksys_ipc). */
static const struct mux {
	const char *name;
	const struct sub_call *subs;
	uint32_t mask;
} muxes[] = {
	{ "socketcall", socketcalls, UINT32_MAX },
	{ "ipc", ipcs, 0xffff },
	{ NULL, NULL, 0 },
};

static sysname name_of(const char *text)
{
	return sysname_find(text, strlen(text));
}

/* NULL when the ABI has no such multiplexer. */
static const struct syscall_desc *mux_call(const struct abi *abi,
					   const struct mux *mux)
{
	sysname name = name_of(mux->name);
	const struct syscall_desc *call =
		name == SYSNAME_NONE ? NULL : syscall_by_name(abi, name);

	return call && !call->not_implemented ? call : NULL;
}

bool mux_is(const struct abi *abi, sysname name)
{
	for (const struct mux *m = muxes; m->name; m++)
		if (name_of(m->name) == name && mux_call(abi, m))
			return true;
	return false;
}

bool mux_reaches(const struct abi *abi, sysname name)
{
	const char *text = sysname_text(name);

	for (const struct mux *m = muxes; m->name; m++)
		for (const struct sub_call *s = m->subs; s->name; s++)
			if (!strcmp(s->name, text))
				return mux_call(abi, m);
	return false;
}

/* ---- outcomes ---- */

struct strictest {
	struct action action;
	const struct rule_node *by; /* NULL: the default */
	bool mixed;
};

static void consider(struct strictest *s, struct action a,
		     const struct rule_node *by)
{
	if (!action_same(a, s->action))
		s->mixed = true;
	if (a.kind < s->action.kind) {
		s->action = a;
		s->by = by;
	}
}

/* The outcomes of a call whose arguments are not known. */
static struct strictest strictest_of(const struct rule_list *list,
				     struct action fallback)
{
	struct strictest s = { list->first->rule.action, list->first, false };

	for (const struct rule_node *r = list->first; r; r = r->next) {
		consider(&s, r->rule.action, r);
		if (cond_is_true(r->rule.cond))
			return s;
	}
	consider(&s, fallback, NULL);
	return s;
}

static void warn_strictest(struct checker *c, const struct abi_rules *rules,
			   const struct mux *mux, const struct sub_call *sub,
			   const struct rule_node *first,
			   const struct strictest *s)
{
	struct str action = { 0 };
	struct diag *d;

	action_text(s->action, rules->abi, &action);
	d = diag_add(c->u->diags, W0413, first->rule.name,
		     "on %s, %s can ask for '%s' too and gets %s: its "
		     "arguments can't be tested",
		     rules->abi->name, mux->name, sub->name, action.text);
	diag_note(d, "that is the strictest of what the rules of '%s' can "
		     "lead to",
		  sub->name);
	diag_help(d, "say what it may do: on %s { deny %s; }", rules->abi->name,
		  mux->name);
	str_fini(&action);
}

/* ---- derived rules ---- */

static struct rule_node *derive(struct checker *c,
				const struct abi_rules *rules,
				const struct mux *mux,
				const struct sub_call *sub,
				const struct syscall_desc *call)
{
	const struct rule_node *first =
		rules->lists[name_of(sub->name)].first;
	struct strictest s = strictest_of(&rules->lists[name_of(sub->name)],
					  rules->fallback);
	struct rule_node *node = arena_new_of(c->u->arena, struct rule_node);
	struct interval one = { sub->number, sub->number };
	const struct sig_arg *arg = syscall_args(call);

	if (s.mixed)
		warn_strictest(c, rules, mux, sub, first, &s);
	node->rule = s.by ? s.by->rule : first->rule;
	node->rule.action = s.action;
	node->rule.cond = cond_in(c->u->arena, first->rule.span,
				  sig_arg_words(rules->abi, arg),
				  sig_arg_mask(arg) & mux->mask, 1, &one);
	node->order = first->order;
	return node;
}

/* Source order; before an explicit rule of the same line. */
static void insert(struct rule_list *list, struct rule_node *node)
{
	struct rule_node **at = &list->first;

	while (*at && (*at)->order < node->order)
		at = &(*at)->next;
	node->next = *at;
	*at = node;
	if (!node->next)
		list->last = node;
}

/* A rule that names the multiplexer has decided before or at the same line. */
static bool is_decided(const struct rule_list *list, uint32_t order)
{
	for (const struct rule_node *r = list->first; r && r->order <= order;
	     r = r->next)
		if (cond_is_true(r->rule.cond))
			return true;
	return false;
}

static void mux_derive_one(struct checker *c, struct abi_rules *rules,
			   const struct mux *mux,
			   const struct syscall_desc *call)
{
	struct rule_list *list = &rules->lists[call->name];
	struct rule_node *fresh[SUB_CALLS_MAX];
	size_t n = 0;

	if (list->named)
		return;
	for (const struct sub_call *s = mux->subs; s->name; s++) {
		sysname name = name_of(s->name);

		if (name == SYSNAME_NONE || !rules->lists[name].first ||
		    is_decided(list, rules->lists[name].first->order))
			continue;
		fresh[n++] = derive(c, rules, mux, s, call);
	}
	/* Backwards: each goes before those of the same line. */
	while (n)
		insert(list, fresh[--n]);
}

void mux_derive(struct checker *c, struct abi_rules *rules)
{
	for (const struct mux *m = muxes; m->name; m++) {
		const struct syscall_desc *call = mux_call(rules->abi, m);

		if (call)
			mux_derive_one(c, rules, m, call);
	}
}
