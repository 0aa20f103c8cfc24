/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_caps.c - capabilities that can't be given, and those that undo more
 *
 * In a new user namespace the command's capabilities reach only what that
 * namespace owns.  Without one they are the host's own.
 */
#include "runtime/plan_caps.h"

#include <linux/capability.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/diag.h"
#include "runtime/caps.h"
#include "runtime/plan.h"
#include "runtime/probe.h"

#define BIT(cap) (UINT64_C(1) << (cap))

struct caps_decision {
	struct sandbox_plan *plan;
	const struct host *host;
	struct diag_sink *diags;
	bool own_user; /* a new user namespace */
};

static const char *name_of(const struct caps_decision *d, unsigned cap)
{
	struct str text = { 0 };
	const char *name;

	cap_text(cap, &text);
	name = arena_strndup(d->plan->arena, str_text(&text), text.len);
	str_fini(&text);
	return name;
}

static bool check_known(const struct caps_decision *d)
{
	const uint64_t known = UINT64_MAX >> (CAP_NUMBER_MAX - d->host->cap_last);
	uint64_t keep = d->plan->caps & ~known;

	for (unsigned cap = 0; cap <= CAP_NUMBER_MAX; cap++) {
		struct diag *diag;

		if (!(keep >> cap & 1))
			continue;
		diag = diag_add(d->diags, E0880, span_none,
				"this kernel has no capability '%s': its last "
				"is '%s'",
				name_of(d, cap),
				name_of(d, d->host->cap_last));
		diag_help(diag, "add 'drop %s;' after the 'keep' that names "
				"it", name_of(d, cap));
	}
	return !keep;
}

/* Without a user namespace nobody gives what the caller does not have. */
static bool check_held(const struct caps_decision *d)
{
	const struct host *h = d->host;
	const uint64_t may = h->caps_permitted & h->caps_bounding;
	uint64_t lacks = d->plan->caps & ~may;
	struct diag *diag;

	if (d->own_user)
		return true;
	for (unsigned cap = 0; cap <= CAP_NUMBER_MAX; cap++) {
		if (!(lacks >> cap & 1))
			continue;
		diag = diag_add(d->diags, E0881, span_none,
				"cannot keep the capability '%s': the caller "
				"does not hold it",
				name_of(d, cap));
		diag_help(diag, "a new user namespace has them all: leave "
				"'user' among the namespaces");
	}
	if (lacks || (may & BIT(CAP_SETPCAP)))
		return !lacks;
	diag = diag_add(d->diags, E0881, span_none,
			"cannot empty the bounding set: the caller lacks the "
			"capability 'setpcap'");
	diag_help(diag, "a new user namespace has them all: leave 'user' "
			"among the namespaces");
	return false;
}

/* Who traces an init or a helper is past the filter. */
static bool check_ptrace(const struct caps_decision *d)
{
	const struct run_request *req = d->plan->req;
	struct diag *diag;

	if (!(d->plan->caps & BIT(CAP_SYS_PTRACE)) || req->sandbox->init_off)
		return true;
	if (d->own_user && req->filter_denies_tracing)
		return true;
	diag = diag_add(d->diags, E0882, span_none,
			"cannot keep the capability 'sys_ptrace' beside an "
			"init: with it the command could take over pid 1, "
			"which is not behind the filter");
	if (d->own_user) {
		diag_help(diag, "deny ptrace, process_vm_readv, "
				"process_vm_writev and pidfd_getfd on every "
				"ABI, or say 'init off'");
	} else {
		diag_note(diag, "a capability of the host opens /proc/1/mem "
				"too, which no filter can tell from another "
				"file");
		diag_help(diag, "leave 'user' among the namespaces, or say "
				"'init off'");
	}
	return false;
}

struct reach {
	unsigned cap;
	const char *text;
};

/* With a user namespace of its own. */
static const struct reach inside[] = {
	{ CAP_SYS_ADMIN, "mounts of its own, and a cgroup file system: where "
			 "the caller's cgroups are delegated, it can change "
			 "its limits" },
	{ CAP_SYS_RESOURCE, "the limits of namespaces inside "
			    "(user.max_*_namespaces)" },
};

/* With the host's own: each is a way round a shield. */
static const struct reach outside[] = {
	{ CAP_DAC_READ_SEARCH, "any file of a mounted file system, by its "
			       "handle, below covers too" },
	{ CAP_SETUID, "every user of the host, root among them" },
	{ CAP_SETGID, "every group of the host" },
	{ CAP_SYS_ADMIN, "the host's mounts, namespaces and settings: it can "
			 "undo most of the sandbox" },
	{ CAP_SYS_MODULE, "code in the kernel" },
	{ CAP_SYS_RAWIO, "memory and devices of the machine" },
	{ CAP_SYS_BOOT, "a restart of the machine" },
	{ CAP_SYS_TIME, "the machine's clock" },
	{ CAP_SYS_PTRACE, "the memory of other processes" },
	{ CAP_SYS_RESOURCE, "limits above those of the profile" },
	{ CAP_BPF, "programs in the kernel" },
	{ CAP_MAC_ADMIN, "the rules of the security module" },
	{ CAP_MAC_OVERRIDE, "the rules of the security module" },
	{ CAP_AUDIT_CONTROL, "the audit log" },
};

static void warn_reach(const struct caps_decision *d)
{
	const struct reach *rows = d->own_user ? inside : outside;
	size_t n = d->own_user ? ARRAY_LEN(inside) : ARRAY_LEN(outside);

	for (size_t i = 0; i < n; i++)
		if (d->plan->caps & BIT(rows[i].cap))
			diag_add(d->diags, W0884, span_none,
				 "the capability '%s' gives the command %s",
				 name_of(d, rows[i].cap), rows[i].text);
}

bool plan_caps(struct sandbox_plan *p, const struct host *host,
	       struct diag_sink *diags)
{
	struct caps_decision d = { p, host, diags,
				   ((p->new_ns | p->joined_ns) & NS_USER) != 0 };
	bool ok;

	p->caps = p->req->sandbox->caps_keep;
	p->securebits_open = p->req->sandbox->securebits_open;
	if (!p->req->sandbox->keyring_host && host->keyrings)
		p->kind |= PLAN_KEYRING;
	if (!check_known(&d))
		return false;
	ok = check_held(&d);
	ok &= check_ptrace(&d);
	if ((p->caps & BIT(CAP_SYS_ADMIN)) && (p->new_ns & NS_MOUNT))
		p->kind |= PLAN_LOCK;
	if (ok)
		warn_reach(&d);
	return ok;
}
