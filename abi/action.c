/* SPDX-License-Identifier: Apache-2.0 */
#include "abi/action.h"

#include <linux/seccomp.h>

#include "abi/constants.h"
#include "base/str.h"

static const struct {
	const char *keyword;
	uint32_t ret;
	bool may_execute;
} actions[ACT_COUNT] = {
	[ACT_KILL_PROCESS] = { "kill", SECCOMP_RET_KILL_PROCESS, false },
	[ACT_KILL_THREAD] = { "kill_thread", SECCOMP_RET_KILL_THREAD, false },
	[ACT_TRAP] = { "trap", SECCOMP_RET_TRAP, false },
	[ACT_ERRNO] = { "deny", SECCOMP_RET_ERRNO, false },
	[ACT_NOTIFY] = { "notify", SECCOMP_RET_USER_NOTIF, true },
	[ACT_TRACE] = { "trace", SECCOMP_RET_TRACE, true },
	[ACT_LOG] = { "log", SECCOMP_RET_LOG, true },
	[ACT_ALLOW] = { "allow", SECCOMP_RET_ALLOW, true },
};

uint32_t action_ret(struct action a)
{
	return actions[a.kind].ret | a.data;
}

struct action action_from_ret(uint32_t ret)
{
	uint16_t data = (uint16_t)(ret & SECCOMP_RET_DATA);

	for (unsigned i = 0; i < ACT_COUNT; i++) {
		if (actions[i].ret != (ret & SECCOMP_RET_ACTION_FULL))
			continue;
		if (i == ACT_ERRNO)
			return (struct action){
				ACT_ERRNO, data > ACT_ERRNO_MAX ? ACT_ERRNO_MAX
								: data
			};
		/* Only errno and trace give the data to anybody. */
		return (struct action){ (enum action_kind)i,
					i == ACT_TRACE || i == ACT_TRAP ? data
									: 0 };
	}
	return (struct action){ ACT_KILL_PROCESS, 0 };
}

bool action_may_execute(struct action a)
{
	/* errno 0 is "done, returned 0": nothing was executed. */
	return actions[a.kind].may_execute;
}

const char *action_keyword(enum action_kind kind)
{
	return actions[kind].keyword;
}

void action_text(struct action a, const struct abi *abi, struct str *out)
{
	const char *name;

	str_add(out, action_keyword(a.kind));
	if (a.kind == ACT_ERRNO) {
		name = abi ? errno_name(abi, a.data) : NULL;
		if (name)
			str_addf(out, "(%s)", name);
		else
			str_addf(out, "(%u)", a.data);
	} else if (a.kind == ACT_TRACE || (a.kind == ACT_TRAP && a.data)) {
		str_addf(out, "(%u)", a.data);
	}
}
