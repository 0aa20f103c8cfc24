/* SPDX-License-Identifier: Apache-2.0 */
/*
 * surface.c - every call of a policy by what happens to it
 *
 * What lets most through comes first.  The calls that no rule names are
 * the last, and only counted where listing them would hide the others.
 */
#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "cli/cmd.h"
#include "cli/show.h"

enum { LINE_COLUMNS = 78, LISTED_MAX = 60, ACTIONS_MAX = 64 };

/* The actions that a call can get, in the order of its rules. */
struct fates {
	struct action list[ACTIONS_MAX];
	size_t n;
	bool by_default; /* some way leads past all rules */
};

static size_t find_action(const struct action *list, size_t n,
			  struct action action)
{
	size_t i = 0;

	while (i < n && !action_same(list[i], action))
		i++;
	return i;
}

static void add_fate(struct fates *f, struct action action)
{
	if (f->n < ACTIONS_MAX && find_action(f->list, f->n, action) == f->n)
		f->list[f->n++] = action;
}

static struct fates fates_of(const struct abi_policy *abi,
			     const struct syscall_desc *call)
{
	const struct ruleset *set = abi_policy_set(abi, call->nr);
	struct fates f = { 0 };

	for (uint32_t i = 0; set && i < set->nrules; i++) {
		if (cond_is_false(set->rules[i].cond))
			continue;
		add_fate(&f, set->rules[i].action);
		if (cond_is_true(set->rules[i].cond))
			return f;
	}
	f.by_default = !f.n;
	add_fate(&f, abi->fallback);
	return f;
}

static void print_name(const char *name, int *column)
{
	int len = (int)strlen(name) + 1;

	if (*column + len > LINE_COLUMNS) {
		fputs("\n     ", stdout);
		*column = 5;
	}
	printf(" %s", name);
	*column += len;
}

enum { TO_RULES, TO_DEFAULT };

static bool belongs(const struct fates *f, struct action action, int to)
{
	return f->n == 1 && f->by_default == (to == TO_DEFAULT) &&
	       action_same(f->list[0], action);
}

static size_t count_calls(const struct abi_policy *abi, struct action action,
			  int to)
{
	size_t n = 0;

	for (size_t i = 0; i < syscall_count(abi->abi); i++) {
		struct fates f = fates_of(abi, syscall_at(abi->abi, i));

		n += belongs(&f, action, to);
	}
	return n;
}

static void print_calls(const struct abi_policy *abi, struct action action,
			int to)
{
	int column = 5;

	fputs("     ", stdout);
	for (size_t i = 0; i < syscall_count(abi->abi); i++) {
		const struct syscall_desc *call = syscall_at(abi->abi, i);
		struct fates f = fates_of(abi, call);

		if (belongs(&f, action, to))
			print_name(sysname_text(call->name), &column);
	}
	putchar('\n');
}

static void print_action(const struct abi_policy *abi, struct action action,
			 int to)
{
	size_t n = count_calls(abi, action, to);
	struct str title = { 0 };

	if (!n)
		return;
	action_text(action, abi->abi, &title);
	if (to == TO_RULES)
		printf("  %s: %zu\n", str_text(&title), n);
	else
		printf("  %s, by default: %s%zu\n", str_text(&title),
		       n > LISTED_MAX ? "the other " : "", n);
	if (to == TO_RULES || n <= LISTED_MAX)
		print_calls(abi, action, to);
	str_fini(&title);
}

/* "socket     allow or kill": what the arguments decide between. */
static void print_mixed(const struct abi_policy *abi)
{
	bool any = false;

	for (size_t i = 0; i < syscall_count(abi->abi); i++) {
		const struct syscall_desc *call = syscall_at(abi->abi, i);
		struct fates f = fates_of(abi, call);
		struct str text = { 0 };

		if (f.n < 2)
			continue;
		for (size_t k = 0; k < f.n; k++) {
			if (k)
				str_add(&text, k + 1 == f.n ? " or " : ", ");
			action_text(f.list[k], abi->abi, &text);
		}
		printf("%s      %-16s %s\n",
		       any ? "" : "  by arguments\n",
		       sysname_text(call->name), str_text(&text));
		str_fini(&text);
		any = true;
	}
}

/* Least restrictive first: the kernel's order of actions backwards. */
static void print_actions(const struct abi_policy *abi)
{
	struct action seen[ACTIONS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < syscall_count(abi->abi); i++) {
		struct fates f = fates_of(abi, syscall_at(abi->abi, i));

		if (f.n == 1 && !f.by_default && n < ACTIONS_MAX &&
		    find_action(seen, n, f.list[0]) == n)
			seen[n++] = f.list[0];
	}
	for (int kind = ACT_COUNT - 1; kind >= 0; kind--)
		for (size_t i = 0; i < n; i++)
			if ((int)seen[i].kind == kind)
				print_action(abi, seen[i], TO_RULES);
}

static void print_abi(const struct abi_policy *abi)
{
	struct str rest = { 0 };

	printf("%s\n", abi->abi->name);
	print_actions(abi);
	print_mixed(abi);
	print_action(abi, abi->fallback, TO_DEFAULT);
	action_text(abi->unknown, abi->abi, &rest);
	printf("  %s: numbers that no table has\n", str_text(&rest));
	str_fini(&rest);
}

int show_surface(const struct policy *policy)
{
	struct str rest = { 0 };

	for (uint32_t i = 0; i < policy->nabis; i++)
		print_abi(&policy->abis[i]);
	action_text(policy->foreign, NULL, &rest);
	printf("other ABIs\n  %s: all calls\n", str_text(&rest));
	str_fini(&rest);
	return EXIT_DONE;
}
