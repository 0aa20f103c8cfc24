/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run_checks.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "cli/show.h"
#include "compiler/outcomes.h"

static bool wants_answer(struct unit *u, struct action action, struct span at)
{
	struct diag *d;

	if (action.kind != ACT_NOTIFY && action.kind != ACT_TRACE)
		return false;
	d = diag_add(u->diags, E0890, at, "'%s' needs a %s, and there is none",
		     action_keyword(action.kind),
		     action.kind == ACT_NOTIFY ? "supervisor" : "tracer");
	diag_note(d, "without one the kernel answers ENOSYS to every such "
		     "call");
	diag_help(d, "use 'log' to allow and record, or 'deny'");
	return true;
}

static bool set_wants_answer(struct unit *u, const struct ruleset *set)
{
	bool wants = false;

	for (uint32_t i = 0; i < set->nrules; i++)
		if (!cond_is_false(set->rules[i].cond))
			wants |= wants_answer(u, set->rules[i].action,
					      set->rules[i].span);
	return wants;
}

bool run_check_answers(struct unit *u, const struct policy *policy)
{
	bool wants = wants_answer(u, policy->foreign, policy->foreign_span);

	for (uint32_t i = 0; i < policy->nabis; i++) {
		const struct abi_policy *abi = &policy->abis[i];

		wants |= wants_answer(u, abi->fallback, abi->fallback_span);
		wants |= wants_answer(u, abi->unknown, abi->unknown_span);
		for (uint32_t s = 0; s < abi->nsets; s++)
			wants |= set_wants_answer(u, &abi->sets[s]);
	}
	return !wants;
}

/* Whoever owns a file can change it, whatever its mode says. */
static bool check_source(struct unit *u, const struct source *src)
{
	struct stat st;

	if (src->name[0] == '<')
		return true;
	if (stat(src->name, &st)) {
		diag_add(u->diags, E0891, span_none,
			 "cannot see whose file '%s' is: %s", src->name,
			 strerror(errno));
		return false;
	}
	if (!S_ISREG(st.st_mode))
		return true;
	if (st.st_uid != 0)
		diag_help(diag_add(u->diags, E0891, span_none,
				   "'%s' belongs to uid %u, who can change it",
				   src->name, (unsigned)st.st_uid),
			  "chown root '%s'; or, having read it, give it on "
			  "standard input: run - -- COMMAND",
			  src->name);
	else if (st.st_mode & 022)
		diag_help(diag_add(u->diags, E0891, span_none,
				   "'%s' can be written by others (mode %04o)",
				   src->name, (unsigned)st.st_mode & 07777),
			  "chmod go-w '%s'", src->name);
	else
		return true;
	return false;
}

bool run_check_sources(struct unit *u)
{
	uid_t real, effective, saved;
	bool ok = true;

	/* Not known is taken for root. */
	if (getresuid(&real, &effective, &saved) == 0 && effective != 0)
		return true;
	for (uint32_t i = 1; i <= u->sources.len; i++)
		ok &= check_source(u, sources_get(&u->sources, i));
	return ok;
}

static bool passes(struct action a)
{
	return a.kind == ACT_ALLOW || a.kind == ACT_LOG;
}

bool run_allows_exec(struct unit *u, const struct policy *policy,
		     const struct abi *abi, const char **reason)
{
	const struct syscall_desc *call =
		syscall_by_name(abi, sysname_find("execve", strlen("execve")));
	struct call_pattern any = { .abi = abi, .call = call, .nr = call->nr };
	struct outcome_list list = outcomes_of(u->arena, policy, &any);

	for (size_t i = 0; i < list.len; i++) {
		struct str text = { 0 };

		if (passes(list.at[i].outcome.action))
			continue;
		show_reason(u, policy, &list.at[i].outcome, &text);
		while (text.len && text.text[text.len - 1] == '\n')
			text.text[--text.len] = '\0';
		*reason = arena_strndup(u->arena, str_text(&text), text.len);
		*reason += strspn(*reason, " ");
		str_fini(&text);
		return false;
	}
	*reason = NULL;
	return !list.incomplete;
}

/* On one ABI, whatever the arguments. */
static bool denies(struct unit *u, const struct policy *policy,
		   const struct abi *abi, const char *name)
{
	const struct syscall_desc *call =
		syscall_by_name(abi, sysname_find(name, strlen(name)));
	struct call_pattern any = { .abi = abi, .call = call };
	struct outcome_list list;

	if (!call)
		return true;
	any.nr = call->nr;
	list = outcomes_of(u->arena, policy, &any);
	for (size_t i = 0; i < list.len; i++)
		if (passes(list.at[i].outcome.action))
			return false;
	return !list.incomplete;
}

bool run_denies_tracing(struct unit *u, const struct policy *policy)
{
	static const char *const calls[] = { "ptrace", "process_vm_readv",
					     "process_vm_writev",
					     "pidfd_getfd" };

	if (passes(policy->foreign))
		return false;
	for (uint32_t i = 0; i < policy->nabis; i++)
		for (size_t k = 0; k < ARRAY_LEN(calls); k++)
			if (!denies(u, policy, policy->abis[i].abi, calls[k]))
				return false;
	return true;
}
