/* SPDX-License-Identifier: Apache-2.0 */
/*
 * action.h - what happens to a call
 *
 * The order of the enum is the kernel's precedence, most restrictive
 * first (seccomp_unotify(2), seccomp(2)).
 */
#ifndef ABI_ACTION_H
#define ABI_ACTION_H

#include <stdbool.h>
#include <stdint.h>

enum action_kind {
	ACT_KILL_PROCESS,
	ACT_KILL_THREAD,
	ACT_TRAP,
	ACT_ERRNO,
	ACT_NOTIFY,
	ACT_TRACE,
	ACT_LOG,
	ACT_ALLOW,
	ACT_COUNT
};

/* errno past 4,095 would be clamped by the kernel, so it never gets here. */
enum { ACT_ERRNO_MAX = 4095, ACT_DATA_MAX = 0xffff };

struct action {
	enum action_kind kind;
	uint16_t data; /* errno, or the tracer's message; otherwise 0 */
};

static inline bool action_same(struct action a, struct action b)
{
	return a.kind == b.kind && a.data == b.data;
}

/* SECCOMP_RET_* | data. */
uint32_t action_ret(struct action a);
/*
 * What the kernel does on such a return value (seccomp.c,
 * __seccomp_filter, since 4.14): values it does not know kill the process,
 * errno data is clamped.  Never fails.
 */
struct action action_from_ret(uint32_t ret);
/* True when the call may run: allow, log, notify, trace. */
bool action_may_execute(struct action a);

/* The keyword: "allow", "kill", "deny", ... */
const char *action_keyword(enum action_kind kind);

struct abi;
struct str;

/* As the language writes it: "deny(ENOSYS)", "trace(7)", "kill". */
void action_text(struct action a, const struct abi *abi, struct str *out);

#endif
