/* SPDX-License-Identifier: Apache-2.0 */
/*
 * caps.c - giving up privileges, for good, and holding what was asked for
 *
 * Plain system calls: libcap allocates, which a child here must not.
 */
#include "runtime/caps.h"

#include <linux/keyctl.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi/constants.h"
#include "base/bug.h"
#include "runtime/apply.h"
#include "runtime/sys.h"

/*
 * Locked: uid 0 gains nothing by exec, and no later change is possible.
 * Kept capabilities still go when uid 0 becomes another user: a server that
 * gives up root must not hold them by surprise.
 */
enum {
	BITS_KEPT = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
		    SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
		    SECBIT_NO_CAP_AMBIENT_RAISE |
		    SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED,
	BITS_NONE = BITS_KEPT | SECBIT_NO_SETUID_FIXUP,
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

static int set_caps(struct run *run, uint64_t held, uint64_t inheritable)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
		{ (uint32_t)held, (uint32_t)held, (uint32_t)inheritable },
		{ (uint32_t)(held >> 32), (uint32_t)(held >> 32),
		  (uint32_t)(inheritable >> 32) },
	};

	if (sys_capset(&head, data) < 0)
		return step_failed(run, "the permitted set");
	return 0;
}

static int drop_bounding(const struct sandbox_plan *plan, struct run *run,
			 uint64_t keep)
{
	for (unsigned cap = 0; cap <= plan->cap_last; cap++)
		if (!(keep >> cap & 1) &&
		    prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return step_failed(run, "the bounding set");
	/* That was the last one: else the probe was told something wrong. */
	if (plan->cap_last < CAP_NUMBER_MAX &&
	    prctl(PR_CAPBSET_READ, plan->cap_last + 1, 0, 0, 0) >= 0) {
		errno = EINVAL;
		return step_failed(run, "the bounding set");
	}
	return 0;
}

static int set_ambient(const struct sandbox_plan *plan, struct run *run,
		       uint64_t keep)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return step_failed(run, "the ambient set");
	for (unsigned cap = 0; cap <= plan->cap_last; cap++)
		if ((keep >> cap & 1) &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			return step_failed(run, "the ambient set");
	return 0;
}

static int set_securebits(struct run *run, unsigned bits)
{
	if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) < 0)
		return step_failed(run, "securebits");
	return 0;
}

int caps_drop(const struct sandbox_plan *plan, struct run *run)
{
	int err = drop_bounding(plan, run, 0);

	if (!err)
		err = set_securebits(run, BITS_NONE);
	if (!err)
		err = set_ambient(plan, run, 0);
	return err ? err : set_caps(run, 0, 0);
}

/* Whatever is not kept is held to the end: the steps on the way need it. */
static int hold_more(struct run *run, uint64_t keep)
{
	uint64_t held;

	if (!caps_permitted(&held))
		return step_failed(run, "the permitted set");
	if (~held & keep) {
		errno = EPERM;
		return step_failed(run, "the permitted set");
	}
	return set_caps(run, held, keep);
}

int caps_apply(const struct sandbox_plan *plan, struct run *run)
{
	const uint64_t keep = plan->caps;
	int err;

	if (!keep && !plan->securebits_open)
		return caps_drop(plan, run);
	err = hold_more(run, keep);
	if (!err)
		err = drop_bounding(plan, run, keep);
	if (!err)
		err = set_ambient(plan, run, keep);
	if (!err && !plan->securebits_open)
		err = set_securebits(run, BITS_KEPT);
	return err ? err : set_caps(run, keep, keep);
}

void caps_apply_describe(const struct sandbox_plan *plan, FILE *out)
{
	if (plan->caps) {
		struct str names = { 0 };

		caps_text(plan->caps, plan->cap_last, &names);
		fprintf(out,
			"permitted, effective, inheritable, bounding and "
			"ambient: %s",
			str_text(&names));
		str_fini(&names);
	} else {
		fputs("empty the bounding, ambient, inheritable, permitted "
		      "and effective sets",
		      out);
	}
	fputs(plan->securebits_open ? "; the securebits stay open"
				    : "; lock the securebits",
	      out);
}

bool caps_permitted(uint64_t *set)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (sys_capget(&head, data) < 0)
		return false;
	*set = data[0].permitted | (uint64_t)data[1].permitted << 32;
	return true;
}

void cap_text(unsigned cap, struct str *out)
{
	const char *name = cap_name(cap);

	if (!name) {
		str_addf(out, "%u", cap);
		return;
	}
	for (name += sizeof("CAP_") - 1; *name; name++)
		str_addc(out, *name >= 'A' && *name <= 'Z'
				      ? (char)(*name - 'A' + 'a')
				      : *name);
}

void caps_names(uint64_t set, struct str *out)
{
	const char *comma = "";

	if (!set)
		str_add(out, "none");
	for (unsigned cap = 0; cap <= CAP_NUMBER_MAX; cap++) {
		if (!(set >> cap & 1))
			continue;
		str_add(out, comma);
		cap_text(cap, out);
		comma = ", ";
	}
}

/* Most lists are short; of the others what is missing is short. */
enum { BUT_MAX = 8 };

void caps_text(uint64_t set, unsigned cap_last, struct str *out)
{
	const uint64_t all = UINT64_MAX >> (CAP_NUMBER_MAX - cap_last);
	const int missing = __builtin_popcountll(all & ~set);

	if (set == all) {
		str_add(out, "all");
	} else if (missing <= BUT_MAX && missing < __builtin_popcountll(set) &&
		   !(set & ~all)) {
		str_add(out, "all but ");
		caps_names(all & ~set, out);
	} else {
		caps_names(set, out);
	}
}

/* --- the session keyring --- */

/* No key has the number 0: the call has no effect. */
static bool keyctl_answers(void)
{
	return syscall(SYS_keyctl, KEYCTL_DESCRIBE, 0, NULL, 0) >= 0 ||
	       (errno != ENOSYS && errno != EPERM && errno != EACCES);
}

/* Asked twice: on a no, nothing is done against the caller's keys. */
bool keyring_answers(void)
{
	return keyctl_answers() || keyctl_answers();
}

int keyring_join(const struct sandbox_plan *plan, struct run *run)
{
	(void)plan;
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0)
		return step_failed(run, "the session keyring");
	return 0;
}

void keyring_join_describe(const struct sandbox_plan *plan, FILE *out)
{
	(void)plan;
	fputs("a new session keyring: the caller's keys are out of reach",
	      out);
}
