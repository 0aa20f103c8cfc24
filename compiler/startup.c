/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/startup.h"

#include <string.h>

#include "base/bug.h"
#include "compiler/check.h"
#include "compiler/outcomes.h"
#include "compiler/parse.h"

enum {
	DYNAMIC = 1 << LIBC_GLIBC,
	STATIC = 1 << LIBC_GLIBC_STATIC,
	MUSL = 1 << LIBC_MUSL,
	GLIBC = DYNAMIC | STATIC,
	ALL = GLIBC | MUSL,
};

enum {
	BREAKS = 1,  /* an errno ends the start */
	CERTAIN = 2, /* every version makes it; others are those of glibc 2.36 */
};

/*
 * Measured with strace on x86_64: glibc 2.36, musl 1.2.3.  Where versions
 * differ in the call that they use, either will do.
 */
static const struct {
	unsigned libcs;
	unsigned what;
	const char *call, *other;
} table[] = {
	{ GLIBC, BREAKS | CERTAIN, "brk(0)", NULL },
	{ STATIC, BREAKS | CERTAIN, "brk(_)", NULL },
	{ DYNAMIC, CERTAIN, "access(ptr, R_OK)", NULL },
	{ DYNAMIC, BREAKS | CERTAIN,
	  "openat(AT_FDCWD, ptr, O_RDONLY|O_CLOEXEC, 0)", NULL },
	{ DYNAMIC, BREAKS | CERTAIN, "read(_, ptr, _)", NULL },
	{ DYNAMIC, BREAKS, "pread64(_, ptr, _, _)", NULL },
	{ DYNAMIC, BREAKS | CERTAIN, "newfstatat(_, ptr, ptr, AT_EMPTY_PATH)",
	  "fstat(_, ptr)" },
	{ DYNAMIC, BREAKS | CERTAIN,
	  "mmap(0, _, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)",
	  NULL },
	{ DYNAMIC, BREAKS | CERTAIN,
	  "mmap(0, _, PROT_READ, MAP_PRIVATE|MAP_DENYWRITE, _, 0)", NULL },
	{ DYNAMIC, BREAKS | CERTAIN,
	  "mmap(_, _, PROT_READ|PROT_EXEC, "
	  "MAP_PRIVATE|MAP_FIXED|MAP_DENYWRITE, _, _)",
	  NULL },
	{ DYNAMIC, BREAKS | CERTAIN,
	  "mmap(_, _, PROT_READ|PROT_WRITE, "
	  "MAP_PRIVATE|MAP_FIXED|MAP_DENYWRITE, _, _)",
	  NULL },
	{ DYNAMIC, CERTAIN, "close(_)", NULL },
	{ ALL, BREAKS | CERTAIN, "arch_prctl(ARCH_SET_FS, _)", NULL },
	{ GLIBC, 0, "set_tid_address(ptr)", NULL },
	{ MUSL, CERTAIN, "set_tid_address(ptr)", NULL },
	{ GLIBC, 0, "set_robust_list(ptr, 24)", NULL },
	{ GLIBC, 0, "rseq(ptr, _, 0, _)", NULL },
	{ DYNAMIC | MUSL, BREAKS | CERTAIN, "mprotect(_, _, PROT_READ)", NULL },
	{ STATIC, BREAKS, "mprotect(_, _, PROT_READ)", NULL },
	{ GLIBC, 0, "prlimit64(0, RLIMIT_STACK, NULL, ptr)", NULL },
	{ STATIC, 0, "readlink(ptr, ptr, _)", NULL },
	{ STATIC, 0, "getrandom(ptr, 8, GRND_NONBLOCK)", NULL },
	{ DYNAMIC, 0, "munmap(_, _)", NULL },
	{ MUSL, 0, "brk(0)", NULL },
	{ MUSL, 0, "brk(_)", NULL },
	{ MUSL, 0,
	  "mmap(_, _, PROT_NONE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0)",
	  NULL },
	/* Not of the start, so not certain: but nobody would want it. */
	{ ALL, BREAKS, "exit_group(_)", NULL },
};

_Static_assert(ARRAY_LEN(table) <= STARTUP_CALLS_MAX, "the caller's room");

bool startup_row(size_t i, enum program_libc libc, struct startup_row *out)
{
	for (size_t k = 0; k < ARRAY_LEN(table); k++) {
		if (!(table[k].libcs & 1U << libc) || i-- > 0)
			continue;
		*out = (struct startup_row){ table[k].call, table[k].other,
					     table[k].what & CERTAIN };
		return true;
	}
	return false;
}

static void pattern_of(struct unit *u, const char *text, const struct abi *abi,
		       struct call_pattern *out)
{
	uint32_t number = sources_add(&u->sources, "<startup>", text,
				      strlen(text), span_none);
	struct ast_call *call;
	bool bare;

	call = parse_call(u, number, &bare);
	if (!call || !check_call(u, call, abi, out))
		BUG("start-up call '%s' on %s", text, abi->name);
}

static bool passes(struct action a)
{
	return a.kind == ACT_ALLOW || a.kind == ACT_LOG;
}

static bool kills(struct action a)
{
	return a.kind == ACT_KILL_PROCESS || a.kind == ACT_KILL_THREAD ||
	       a.kind == ACT_TRAP;
}

/*
 * True when every call of the pattern is refused; *kills when each by a
 * kill.  One that passes is tried first: mostly that is the end of it.
 */
static bool is_refused(struct unit *u, const struct policy *policy,
		       const struct abi *abi, const char *text,
		       struct startup_refusal *out)
{
	struct call_pattern p;
	struct outcome_list list;
	struct call one;

	pattern_of(u, text, abi, &p);
	one = pattern_call(&p, 1);
	if (passes(policy_eval(policy, &one).action))
		return false;
	list = outcomes_of(u->arena, policy, &p);
	if (!list.len || list.incomplete)
		return false;
	*out = (struct startup_refusal){
		.call = text,
		.name = p.call->name,
		.outcome = list.at[0].outcome,
		.kills = true,
	};
	for (size_t i = 0; i < list.len; i++) {
		if (passes(list.at[i].outcome.action))
			return false;
		out->kills &= kills(list.at[i].outcome.action);
	}
	return true;
}

size_t startup_refusals(struct unit *u, const struct policy *policy,
			const struct abi *abi, enum program_libc libc,
			struct startup_refusal out[STARTUP_CALLS_MAX])
{
	size_t n = 0;

	if (abi->id != ABI_X86_64 || !policy_abi(policy, abi->id))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct startup_refusal other;

		if (!(table[i].libcs & 1U << libc) ||
		    !is_refused(u, policy, abi, table[i].call, &out[n]) ||
		    (table[i].other &&
		     !is_refused(u, policy, abi, table[i].other, &other)))
			continue;
		out[n].certain = table[i].what & CERTAIN;
		if (out[n].kills || table[i].what & BREAKS)
			n++;
	}
	return n;
}
