/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_ns.c - which namespaces are new, joined or the caller's
 *
 * What the kernel would refuse to this caller is refused here, with what
 * could be asked for instead.
 */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "runtime/plan.h"
#include "runtime/probe.h"

const char *ns_list(unsigned kinds, struct arena *arena)
{
	const char *text = "";
	int left = __builtin_popcount(kinds);

	for (size_t i = 0; i < NS_COUNT; i++) {
		if (!(kinds & ns_rows[i].kind))
			continue;
		left--;
		text = arena_printf(arena, "%s%s%s", text, ns_rows[i].name,
				    left > 1	? ", "
				    : left == 1 ? " and "
						: "");
	}
	return text;
}

static void choose(struct sandbox_plan *p, const struct host_namespaces *h)
{
	const struct sandbox *box = p->req->sandbox;

	p->new_ns = (NS_DEFAULT & ~box->ns_without) | box->ns_with;
	if (box->network.kind == NETWORK_HOST)
		p->new_ns &= ~(unsigned)NS_NET;
	for (size_t i = 0; i < NS_COUNT; i++) {
		if (!h->joins[i].path)
			continue;
		p->new_ns &= ~(unsigned)ns_rows[i].kind;
		if (h->joins[i].same)
			continue;
		p->joined_ns |= ns_rows[i].kind;
		p->joins[i] = h->joins[i].path;
	}
}

/* What is there is one of that kind. */
static bool check_join(const struct host_ns *ns, const struct ns_row *row,
		       struct diag_sink *diags)
{
	struct diag *d;

	if (!ns->err && ns->is_ns && ns->kind == row->kind)
		return true;
	d = diag_add(diags, E0871, ns->span,
		     "cannot join the %s namespace '%s': %s", row->name,
		     ns->path,
		     ns->err	 ? strerror(ns->err)
		     : ns->is_ns ? "it is one of another kind"
				 : "it is no namespace");
	if (ns->err == ENOENT && !strncmp(ns->path, "/run/netns/", 11))
		diag_help(d, "ip netns add %s", ns->path + 11);
	else if (ns->err == ENOENT && !strncmp(ns->path, "/proc/", 6))
		diag_note(d, "there is no such process");
	else if (ns->err == EACCES)
		diag_note(d, "the caller may not trace the process, so not "
			     "open its namespaces either");
	for (size_t i = 0; ns->is_ns && i < NS_COUNT; i++)
		if (ns->kind == ns_rows[i].kind)
			diag_help(d, "its kind is %s", ns_rows[i].name);
	if (!ns->err && !ns->is_ns)
		diag_note(d, "a file keeps one alive only while it is mounted "
			     "there");
	return false;
}

/* Entering takes CAP_SYS_ADMIN here and over the one that owns it. */
static bool check_owner(const struct sandbox_plan *p, const struct host *h,
			size_t row, struct diag_sink *diags)
{
	const struct host_ns *ns = &h->namespaces.joins[row];
	struct diag *d;

	if (h->mounts.may_mount || row == NS_USER_ROW ||
	    ((p->joined_ns & NS_USER) && ns->of_user))
		return true;
	d = diag_add(diags, E0871, ns->span,
		     "cannot join the %s namespace '%s': it takes "
		     "CAP_SYS_ADMIN, which the caller lacks",
		     ns_rows[row].name, ns->path);
	if (!ns->owner || ns->owner == h->namespaces.own_user)
		diag_help(d, "start it as root");
	else
		diag_help(d, "it belongs to another user namespace: join that "
			     "too, or all of a process with join pid NUMBER;");
	return false;
}

static bool check_joins(const struct sandbox_plan *p, const struct host *h,
			struct diag_sink *diags)
{
	for (size_t i = 0; i < NS_COUNT; i++)
		if (h->namespaces.joins[i].path &&
		    !(check_join(&h->namespaces.joins[i], &ns_rows[i], diags) &&
		      (!p->joins[i] || check_owner(p, h, i, diags))))
			return false;
	return true;
}

static bool check_missing(const struct sandbox_plan *p, const struct host *h,
			  struct diag_sink *diags)
{
	unsigned missing = p->new_ns & h->namespaces.missing;
	struct diag *d;

	if (missing) {
		d = diag_add(diags, E0870, span_none,
			     "this kernel has no %s namespaces",
			     ns_list(missing, p->arena));
		diag_help(d, "leave %s out of 'namespaces'",
			  ns_list(missing, p->arena));
		return false;
	}
	if ((p->new_ns & NS_PID) || !h->namespaces.no_children_list)
		return true;
	d = diag_add(diags, E0870, span_none,
		     "a sandbox without a pid namespace of its own cannot be "
		     "ended reliably on this kernel");
	diag_note(d, "it has no /proc/PID/task/TID/children "
		     "(CONFIG_PROC_CHILDREN), which lists what is left");
	diag_help(d, "keep pid among the namespaces");
	return false;
}

static bool check_pins(const struct sandbox_plan *p, const struct host *h,
		       struct diag_sink *diags)
{
	const struct sandbox *box = p->req->sandbox;
	bool ok = true;

	for (size_t i = 0; i < box->npins; i++) {
		const char *trouble = h->namespaces.pin_troubles[i];
		struct diag *d;

		if (h->mounts.may_mount && !trouble)
			continue;
		ok = false;
		d = diag_add(diags, E0872, box->pins[i].span,
			     "cannot pin a namespace to '%s': %s",
			     box->pins[i].path,
			     h->mounts.may_mount
				     ? trouble
				     : "it takes CAP_SYS_ADMIN, which the "
				       "caller lacks");
		if (!h->mounts.may_mount) {
			diag_note(d, "the file becomes a mount point in the "
				     "caller's own mount namespace");
			diag_help(d, "start it as root; or keep the sandbox "
				     "running, and enter it with exec NAME or "
				     "join pid NUMBER;");
		} else if (!strcmp(trouble, "it exists")) {
			diag_help(d, "nothing is overwritten; where it is an "
				     "earlier pin: callgate release '%s'",
				  box->pins[i].path);
		}
	}
	return ok;
}

static bool check_init(const struct sandbox_plan *p, struct diag_sink *diags)
{
	struct diag *d;

	if (!p->req->sandbox->init_off || (p->new_ns & NS_PID))
		return true;
	d = diag_add(diags, E0870, span_none,
		     "'init off' makes the command pid 1, which needs a new "
		     "pid namespace");
	diag_help(d, "keep pid among the namespaces, or leave 'init off' out");
	return false;
}

bool plan_namespaces(struct sandbox_plan *p, const struct host *h,
		     struct diag_sink *diags)
{
	choose(p, &h->namespaces);
	p->pin_dirs = h->namespaces.pin_dirs;
	return check_missing(p, h, diags) && check_joins(p, h, diags) &&
	       check_pins(p, h, diags) && check_init(p, diags);
}

/* Root becomes who the process is; everybody else stays himself. */
bool plan_joined_ids(struct sandbox_plan *p, const struct host *h,
		     struct diag_sink *diags)
{
	const struct host_process *who = &h->namespaces.process;
	const struct host_ns *ns = &h->namespaces.joins[NS_USER_ROW];
	const char *trouble = NULL;
	struct diag *d;

	p->kind = PLAN_SANDBOX;
	p->caller_uid = h->uid;
	p->caller_gid = h->gid;
	p->ngroups = h->uid ? h->ngroups : 0;
	p->ids.stranger = h->uid == 0;
	p->ids.denied = h->ids.denied;
	p->uid = h->uid ? who->caller_uid : who->inside_uid;
	p->gid = h->uid ? who->caller_gid : who->inside_gid;
	if (!who->pid || who->err)
		trouble = "no process tells who one is in it";
	else if (h->uid ? !who->caller_mapped : !who->mapped)
		trouble = "the ids are not mapped in it";
	else if (!h->uid && !who->uid)
		trouble = "its process is root on the host, which a sandbox "
			  "never is";
	if (!trouble)
		return true;
	d = diag_add(diags, E0871, ns->span,
		     "cannot join the user namespace '%s': %s", ns->path,
		     trouble);
	diag_help(d, "join all of a process in it: join pid NUMBER;");
	return false;
}

void plan_namespace_steps(struct sandbox_plan *p)
{
	static const struct {
		enum ns_kind kind;
		enum plan_kind steps;
	} rows[] = {
		{ NS_USER, PLAN_NEW_USER },
		{ NS_MOUNT, PLAN_NEW_MOUNT },
		{ NS_PID, PLAN_NEW_PID },
		{ NS_UTS, PLAN_NEW_UTS },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (p->new_ns & rows[i].kind)
			p->kind |= rows[i].steps;
	p->kind |= p->req->sandbox->init_off ? PLAN_ALONE : PLAN_INIT;
	if (p->joined_ns)
		p->kind |= PLAN_JOIN;
	if (p->req->sandbox->npins)
		p->kind |= PLAN_PIN;
	if (p->new_ns & NS_PID)
		return;
	p->kind |= PLAN_ADOPT;
	if (p->new_ns & NS_MOUNT)
		p->kind |= PLAN_HOST_PROC;
}
