/* SPDX-License-Identifier: Apache-2.0 */
/*
 * caps.c - giving up privileges, for good
 *
 * Plain system calls: libcap allocates, which a child here must not.
 */
#include "runtime/apply.h"

#include <linux/securebits.h>
#include <sys/prctl.h>

#include "runtime/sys.h"

/* Locked: uid 0 gains nothing by exec, and no later change is possible. */
enum {
	SECUREBITS = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
		     SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |
		     SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
		     SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED,
};

int caps_no_new_privs(const struct sandbox_plan *plan, struct run *run)
{
	(void)plan;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return step_failed(run, NULL);
	return 0;
}

void caps_no_new_privs_describe(const struct sandbox_plan *plan, FILE *out)
{
	(void)plan;
	fputs("no_new_privs: exec never gains privileges", out);
}

int caps_drop(const struct sandbox_plan *plan, struct run *run)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	for (unsigned cap = 0; cap <= plan->cap_last; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return step_failed(run, "the bounding set");
	if (prctl(PR_SET_SECUREBITS, SECUREBITS, 0, 0, 0) < 0)
		return step_failed(run, "securebits");
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return step_failed(run, "the ambient set");
	if (sys_capset(&head, none) < 0)
		return step_failed(run, "the permitted set");
	return 0;
}

void caps_drop_describe(const struct sandbox_plan *plan, FILE *out)
{
	(void)plan;
	fputs("empty the bounding, ambient, inheritable, permitted and "
	      "effective sets; lock the securebits",
	      out);
}
