/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_process.c - environment, descriptors, limits and priorities
 *
 * What the kernel would refuse later and can be known now is refused here.
 * The rest of these lines is taken as it stands in the request.
 */
#include "runtime/plan_process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/diag.h"
#include "runtime/plan.h"
#include "runtime/probe.h"

/* Nothing is inherited: what the caller exports may be secret. */
static char *const default_env[] = {
	(char *)"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
		"/sbin:/bin",
	(char *)"HOME=/tmp", /* /home and /root are empty and read-only */
	(char *)"TERM=xterm",
	(char *)"LANG=C.UTF-8",
};

static const char *const rlimit_names[] = {
	[RLIMIT_CPU] = "cpu",		[RLIMIT_FSIZE] = "fsize",
	[RLIMIT_DATA] = "data",		[RLIMIT_STACK] = "stack",
	[RLIMIT_CORE] = "core",		[RLIMIT_RSS] = "rss",
	[RLIMIT_NPROC] = "nproc",	[RLIMIT_NOFILE] = "nofile",
	[RLIMIT_MEMLOCK] = "memlock",	[RLIMIT_AS] = "as",
	[RLIMIT_LOCKS] = "locks",	[RLIMIT_SIGPENDING] = "sigpending",
	[RLIMIT_MSGQUEUE] = "msgqueue", [RLIMIT_NICE] = "nice",
	[RLIMIT_RTPRIO] = "rtprio",	[RLIMIT_RTTIME] = "rttime",
};

_Static_assert(ARRAY_LEN(rlimit_names) == HOST_RLIMITS, "a name for each");

const char *rlimit_name(int resource)
{
	return rlimit_names[resource];
}

static bool is_entry_of(const char *entry, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(entry, name, len) && entry[len] == '=';
}

static char *find_entry(char *const *env, const char *name)
{
	for (; *env; env++)
		if (is_entry_of(*env, name))
			return *env;
	return NULL;
}

/* A later line takes the place of an earlier one, or of the default. */
static void put_entry(char **env, size_t *n, const char *name, char *entry)
{
	for (size_t i = 0; i < *n; i++) {
		if (!is_entry_of(env[i], name))
			continue;
		env[i] = entry;
		return;
	}
	env[(*n)++] = entry;
}

static void decide_env(struct sandbox_plan *p)
{
	const struct sandbox *box = p->req->sandbox;
	size_t n = ARRAY_LEN(default_env);
	char **env = arena_alloc(p->arena, (n + box->nenv + 1) * sizeof(*env));

	memcpy(env, default_env, sizeof(default_env));
	for (size_t i = 0; i < box->nenv; i++) {
		const struct sandbox_env *e = &box->env[i];
		char *entry = e->value ? arena_printf(p->arena, "%s=%s",
						      e->name, e->value)
				       : find_entry(p->req->env, e->name);

		/* What the caller has not, `keep` can't keep. */
		if (entry)
			put_entry(env, &n, e->name, entry);
	}
	env[n] = NULL;
	p->env = env;
}

static int compare_ints(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

/* In ascending order, so that the gaps between them can be closed. */
static bool decide_fds(struct sandbox_plan *p, const struct host *h,
		       struct diag_sink *diags)
{
	const struct sandbox *box = p->req->sandbox;
	int *fds = arena_alloc(p->arena, (box->nfds + 1) * sizeof(*fds));
	bool ok = true;

	for (size_t i = 0; i < box->nfds; i++) {
		struct diag *d;

		if (h->kept[i] == HOST_FD_DIR) {
			d = diag_add(diags, E0811, span_none,
				     "descriptor %d is a directory: the "
				     "command could reach the host's files "
				     "through it",
				     box->fds[i]);
			diag_help(d, "bind the directory into the sandbox "
				     "instead of keeping the descriptor");
			ok = false;
		} else if (h->kept[i] == HOST_FD_CLOSED) {
			d = diag_add(diags, E0841, span_none,
				     "cannot keep descriptor %d: the caller "
				     "has not opened it",
				     box->fds[i]);
			diag_help(d,
				  "open it for callgate, as in the "
				  "shell's %d</path/to/file",
				  box->fds[i]);
			ok = false;
		}
		fds[i] = box->fds[i];
	}
	qsort(fds, box->nfds, sizeof(*fds), compare_ints);
	p->fds = fds;
	p->nfds = box->nfds;
	return ok;
}

static void say_amount(char *text, size_t size, uint64_t amount)
{
	if (amount == UINT64_MAX)
		snprintf(text, size, "unlimited");
	else
		snprintf(text, size, "%ju", (uintmax_t)amount);
}

/* Above the caller's hard limit only a privileged runner can go. */
static bool decide_rlimits(struct sandbox_plan *p, const struct host *h,
			   struct diag_sink *diags)
{
	const struct sandbox *box = p->req->sandbox;
	bool ok = true;

	for (size_t i = 0; i < box->nrlimits; i++) {
		const struct sandbox_rlimit *r = &box->rlimits[i];
		char want[32], have[32];
		struct diag *d;

		if (r->hard <= h->rlimit_hard[r->resource])
			continue;
		p->kind |= PLAN_RAISE;
		if (h->may_raise)
			continue;
		say_amount(want, sizeof(want), r->hard);
		say_amount(have, sizeof(have), h->rlimit_hard[r->resource]);
		d = diag_add(diags, E0840, span_none,
			     "cannot apply 'rlimit %s': the hard limit asked "
			     "for is %s, the caller's is %s",
			     rlimit_name(r->resource), want, have);
		diag_help(d, "ask for less, or start callgate with "
			     "CAP_SYS_RESOURCE");
		ok = false;
	}
	return ok;
}

static bool decide_nice(struct sandbox_plan *p, const struct host *h,
			struct diag_sink *diags)
{
	const struct sandbox *box = p->req->sandbox;
	struct diag *d;

	if (!box->has_nice)
		return true;
	p->kind |= PLAN_NICE;
	if (box->nice < h->nice_floor) {
		d = diag_add(diags, E0840, span_none,
			     "cannot apply 'nice %d': the caller may go down "
			     "to %d",
			     box->nice, h->nice_floor);
		diag_help(d, "start callgate with CAP_SYS_NICE, or a higher "
			     "RLIMIT_NICE");
		return false;
	}
	if (!h->autogroup)
		return true;
	d = diag_add(diags, W0842, span_none,
		     "'nice' weighs only within the sandbox here: the kernel "
		     "schedules each session as a group");
	diag_note(d, "kernel.sched_autogroup_enabled is 1");
	diag_help(d, "use 'cpu weight' to weigh the sandbox against others");
	return true;
}

bool plan_process(struct sandbox_plan *p, const struct host *h,
		  struct diag_sink *diags)
{
	const struct sandbox *box = p->req->sandbox;
	bool ok;

	decide_env(p);
	p->umask = box->has_umask ? box->umask : 022;
	if (box->has_oom)
		p->kind |= PLAN_OOM;
	if (box->sched != SCHED_KIND_KEEP)
		p->kind |= PLAN_SCHED;
	if (box->timeout_ms || box->timeout_cpu_ms)
		p->kind |= PLAN_TIMEOUT;
	ok = decide_fds(p, h, diags);
	ok &= decide_rlimits(p, h, diags);
	ok &= decide_nice(p, h, diags);
	ok &= cgroup_decide(p, &h->cgroup, diags);
	return ok;
}
