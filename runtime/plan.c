/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.c - from what is asked and what the host is to what will be done
 *
 * Pure but for the diagnostics: the same request and facts give the same
 * plan.  What can be refused is refused here, before anything happens.
 */
#include "runtime/plan.h"

#include <assert.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/arena.h"
#include "base/bug.h"
#include "runtime/explain.h"
#include "runtime/nested.h"
#include "runtime/plan_caps.h"
#include "runtime/plan_mount.h"
#include "runtime/plan_process.h"
#include "runtime/plan_terminal.h"
#include "runtime/probe.h"
#include "runtime/steps.h"

static const char *const slots[DIR_COUNT] = {
	[DIR_TMP] = "tmp",   [DIR_VAR_TMP] = "var-tmp",
	[DIR_RUN] = "run",   [DIR_VAR_RUN] = "var-run",
	[DIR_HOME] = "home", [DIR_ROOT] = "root",
};

struct decision {
	struct sandbox_plan *plan;
	const struct run_request *req;
	const struct host *host;
	struct diag_sink *diags;
	int exit_code;
};

/* The part of path below dir, "" for dir itself; NULL when not below. */
static const char *below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	if (strncmp(path, dir, len))
		return NULL;
	if (path[len] == '\0' || path[len] == '/')
		return path + len;
	return NULL;
}

static bool refuse(struct decision *d, int exit_code)
{
	d->exit_code = exit_code;
	return false;
}

static bool decide_command(struct decision *d)
{
	const struct host_path *cmd = &d->host->command;
	const char *name = d->req->argv[0];
	struct diag *diag;

	if (!cmd->err) {
		d->plan->command =
			d->req->sandbox->present ? cmd->path : cmd->found;
		return true;
	}
	if (cmd->err == ENOENT) {
		diag = diag_add(d->diags, E0801, span_none,
				"cannot find the command '%s'", name);
		if (!strchr(name, '/'))
			diag_note(diag, "it is looked up along the caller's "
					"PATH");
		return refuse(d, RUN_NOT_FOUND);
	}
	diag_add(d->diags, E0802, span_none, "cannot execute '%s': %s", name,
		 strerror(cmd->err));
	return refuse(d, RUN_NOT_EXECUTABLE);
}

static bool decide_filter(struct decision *d)
{
	const struct run_request *req = d->req;
	struct diag *diag;

	for (size_t i = 0; i < req->ninsns; i++) {
		uint32_t action = req->insns[i].k & SECCOMP_RET_ACTION_FULL;

		if (req->insns[i].code == (BPF_RET | BPF_K) &&
		    (action == SECCOMP_RET_KILL_PROCESS ||
		     action == SECCOMP_RET_KILL_THREAD ||
		     action == SECCOMP_RET_TRAP))
			d->plan->filter_kills = true;
	}
	if (req->filter_allows_exec)
		return true;
	diag = diag_add(d->diags, E0803, span_none,
			"the filter does not let '%s' start: it is loaded "
			"before execve, and refuses it",
			req->argv[0]);
	if (req->exec_reason)
		diag_note(diag, "%s", req->exec_reason);
	diag_help(diag, "allow execve without a condition on its arguments");
	return refuse(d, RUN_NOT_BUILT);
}

/* "No" and "not known" must not be taken for each other. */
static bool check_probe(struct decision *d)
{
	const struct host_trouble *t = &d->host->trouble;
	struct diag *diag;

	if (!t->what)
		return true;
	diag = diag_add(d->diags, E0898, span_none,
			"cannot find out about this host: %s: %s", t->what,
			strerror(t->err));
	diag_note(diag, "without the answer the sandbox could have less than "
			"its profile asks for");
	return refuse(d, RUN_NOT_BUILT);
}

static bool check_features(struct decision *d)
{
	bool ok = true;

	for (int i = 0; i < steps_len; i++) {
		unsigned missing = steps[i].needs & ~d->host->features;

		if (!missing || !(steps[i].when & d->plan->kind))
			continue;
		diag_add(d->diags, E0804, span_none,
			 "this kernel has no %s, which the step '%s' needs",
			 host_feature_name((enum host_feature)missing),
			 steps[i].name);
		ok = false;
	}
	return ok ? true : refuse(d, RUN_NOT_BUILT);
}

static bool decide_ids(struct decision *d)
{
	struct sandbox_plan *p = d->plan;
	bool ok = p->joined_ns & NS_USER
			  ? plan_joined_ids(p, d->host, d->diags)
			  : plan_ids(p, d->host, d->diags);

	return ok || refuse(d, RUN_NOT_BUILT);
}

static bool decide_network(struct decision *d)
{
	return plan_network(d->plan, d->host, d->diags) ||
	       refuse(d, RUN_NOT_BUILT);
}

static bool decide_namespaces(struct decision *d)
{
	return plan_namespaces(d->plan, d->host, d->diags) ||
	       refuse(d, RUN_NOT_BUILT);
}

static bool check_descriptors(struct decision *d)
{
	bool ok = true;

	for (int fd = 0; fd < 3; fd++) {
		struct diag *diag;

		if (!d->host->fd_is_dir[fd])
			continue;
		diag = diag_add(d->diags, E0811, span_none,
				"descriptor %d is a directory: the command "
				"could reach the host's files through it",
				fd);
		diag_help(diag, "redirect it from a file or /dev/null");
		ok = false;
	}
	return ok ? true : refuse(d, RUN_NOT_BUILT);
}

/* A root that the profile chose shows what it has; only this is private. */
static void decide_private(struct decision *d)
{
	const struct host_mounts *m = &d->host->mounts;
	struct sandbox_plan *p = d->plan;
	bool empty = d->req->sandbox->root == ROOT_EMPTY;

	if (empty || m->root_has_tmp)
		p->covers[p->ncovers++] = (struct cover){
			"/tmp", slots[DIR_TMP], true
		};
	if (!empty && m->root_has_var_tmp)
		p->covers[p->ncovers++] = (struct cover){
			"/var/tmp", slots[DIR_VAR_TMP], true
		};
}

/* Covers what exists, once: /var/run mostly is /run by another name. */
static bool decide_covers(struct decision *d)
{
	struct sandbox_plan *p = d->plan;
	struct diag *diag;

	if (d->req->sandbox->root != ROOT_HOST) {
		decide_private(d);
		return true;
	}
	for (size_t i = 0; i < DIR_COUNT; i++) {
		const char *dir = d->host->dirs[i];
		bool seen = !dir || !strcmp(dir, "/");

		for (size_t k = 0; k < p->ncovers; k++)
			seen |= dir && below(dir, p->covers[k].path);
		if (seen)
			continue;
		p->covers[p->ncovers++] = (struct cover){
			.path = dir,
			.slot = slots[i],
			.writable = i == DIR_TMP || i == DIR_VAR_TMP,
		};
	}
	if (p->ncovers && p->covers[0].writable &&
	    !strcmp(p->covers[0].slot, slots[DIR_TMP]))
		return true;
	diag = diag_add(d->diags, E0808, span_none,
			"cannot give the sandbox a private /tmp: the host has "
			"no such directory");
	diag_help(diag, "create /tmp");
	return refuse(d, RUN_NOT_BUILT);
}

/* What hides path: its slot and, in *rest, the part below it. */
static const char *hidden_by(const struct sandbox_plan *p, const char *path,
			     const char **rest)
{
	if (!(p->new_ns & NS_MOUNT))
		return NULL;
	*rest = below(path, "/dev/shm");
	if (*rest)
		return "shm";
	for (size_t i = 0; i < p->ncovers; i++) {
		*rest = below(path, p->covers[i].path);
		if (*rest)
			return p->covers[i].slot;
	}
	return NULL;
}

/* A bind that another one already brings along is left out. */
static void add_back(struct sandbox_plan *p, const char *path, bool is_file)
{
	const char *rest, *slot = hidden_by(p, path, &rest);

	/* A covered directory itself stays covered. */
	if (!slot || !*rest)
		return;
	for (size_t i = 0; i < p->nbacks; i++)
		if (below(path, p->backs[i].path))
			return;
	p->backs[p->nbacks++] = (struct back){
		.path = path,
		.place = arena_printf(p->arena, "%s%s", slot, rest),
		.is_file = is_file,
	};
}

/* The directory of a file, or the file where that is a cover itself. */
static void add_file_back(struct sandbox_plan *p, const char *path)
{
	const char *slash = strrchr(path, '/'), *rest;
	char *dir = arena_strndup(p->arena, path, (size_t)(slash - path));

	if (hidden_by(p, dir, &rest) && !*rest)
		add_back(p, path, true);
	else
		add_back(p, dir, false);
}

static bool is_below_any(const struct sandbox_plan *p, const struct back *b)
{
	for (size_t i = 0; i < p->nbacks; i++)
		if (&p->backs[i] != b && below(b->path, p->backs[i].path))
			return true;
	return false;
}

/* add_back() saw only earlier ones: a later one may be above. */
static void drop_inner_backs(struct sandbox_plan *p)
{
	for (size_t i = 0; i < p->nbacks;) {
		if (!is_below_any(p, &p->backs[i])) {
			i++;
			continue;
		}
		p->nbacks--;
		memmove(&p->backs[i], &p->backs[i + 1],
			(p->nbacks - i) * sizeof(p->backs[0]));
	}
}

/* Why the directory can't be where the command starts; NULL: it can. */
static const char *workdir_trouble(const struct decision *d)
{
	const struct host_path *dir = &d->host->cwd;
	struct arena *arena = d->plan->arena;

	if (dir->err)
		return strerror(dir->err);
	if (d->plan->ids.stranger && dir->closed_at)
		return arena_printf(arena,
				    "'%s' is closed to others, and the "
				    "sandbox's host id is not the caller's",
				    dir->closed_at);
	if (!(d->plan->new_ns & NS_MOUNT))
		return NULL;
	if (below(dir->real, "/proc") ||
	    (below(dir->real, "/dev") && !below(dir->real, "/dev/shm")))
		return "the sandbox has a '/proc' and a '/dev' of its own";
	return NULL;
}

/* In a root of its own, where that shows the same; else its top. */
static bool decide_workdir_inside(struct decision *d)
{
	const struct host_path *dir = &d->host->cwd;
	const char *asked = d->req->sandbox->workdir;

	if (asked)
		d->plan->workdir = asked;
	else if (!dir->err && plan_shows(d->plan, dir->real))
		d->plan->workdir = dir->real;
	else
		d->plan->workdir = "/";
	return true;
}

static bool decide_workdir(struct decision *d)
{
	const char *asked = d->req->sandbox->workdir, *rest;
	const struct host_path *dir = &d->host->cwd;
	const char *trouble = workdir_trouble(d), *shown;
	struct sandbox_plan *p = d->plan;
	struct diag *diag;

	if (asked && *asked != '/')
		trouble = "it must begin with '/'";
	if (!trouble) {
		p->workdir = dir->real;
		add_back(p, dir->real, false);
		if (asked || !hidden_by(p, dir->real, &rest) || *rest)
			return true;
		diag_add(d->diags, W0816, span_none,
			 "the working directory '%s' is empty in the sandbox: "
			 "the host's is covered",
			 dir->real);
		return true;
	}
	shown = asked ? asked : dir->real ? dir->real : ".";
	diag = diag_add(d->diags, asked ? E0812 : W0816, span_none,
			"the working directory '%s' is not in the sandbox%s",
			shown, asked ? "" : ": the command starts in '/'");
	diag_note(diag, "%s", trouble);
	if (asked)
		return refuse(d, RUN_NOT_BUILT);
	p->workdir = "/";
	return true;
}

static bool decide_command_place(struct decision *d)
{
	const struct host_path *cmd = &d->host->command;
	struct diag *diag;

	if (!d->plan->ids.stranger || !cmd->closed_at) {
		add_file_back(d->plan, cmd->path);
		add_file_back(d->plan, cmd->real);
		drop_inner_backs(d->plan);
		return true;
	}
	diag = diag_add(d->diags, E0802, span_none,
			"cannot execute '%s' in the sandbox: '%s' is closed "
			"to others",
			d->req->argv[0], cmd->closed_at);
	diag_note(diag, "the sandbox's host id is not the caller's: it is an "
			"other there");
	diag_help(diag, "chmod o+x '%s', or start it as the file's owner",
		  cmd->closed_at);
	return refuse(d, RUN_NOT_EXECUTABLE);
}

/* After the ids: it adds to the kinds that those set. */
static bool decide_process(struct decision *d)
{
	if (plan_process(d->plan, d->host, d->diags))
		return true;
	return refuse(d, RUN_NOT_BUILT);
}

/* Without a mount namespace of its own it has no tree of its own either. */
static bool decide_tree(struct decision *d)
{
	if (!(d->plan->new_ns & NS_MOUNT))
		return true;
	return decide_covers(d) &&
	       (plan_mounts(d->plan, d->host, d->diags) ||
		refuse(d, RUN_NOT_BUILT));
}

static bool decide_sandbox(struct decision *d)
{
	const struct sandbox *asked = d->req->sandbox;
	struct sandbox_plan *p = d->plan;

	p->cap_last = d->host->cap_last;
	p->hostname = asked->hostname ? asked->hostname : "sandbox";
	if (!decide_namespaces(d) || !decide_ids(d) || !decide_network(d))
		return false;
	plan_namespace_steps(p);
	nested_decide(p);
	if (!plan_caps(p, d->host, d->diags))
		return refuse(d, RUN_NOT_BUILT);
	if (!decide_process(d) || !check_descriptors(d) || !decide_tree(d))
		return false;
	landlock_scope(p, d->host->mounts.landlock);
	if (!plan_terminal(p, d->host, d->diags))
		return refuse(d, RUN_NOT_BUILT);
	if (p->joined_ns & NS_MOUNT || asked->root != ROOT_HOST)
		return decide_workdir_inside(d);
	return decide_workdir(d) && decide_command_place(d);
}

static bool decide_explaining(struct decision *d)
{
	return plan_explaining(d->plan, d->host, d->diags) ||
	       refuse(d, RUN_NOT_BUILT);
}

struct sandbox_plan *plan_decide(const struct run_request *req,
				 const struct host *host, struct arena *arena,
				 struct diag_sink *diags, int *exit_code)
{
	struct sandbox_plan *p = arena_new_of(arena, struct sandbox_plan);
	struct decision d = { p, req, host, diags, 0 };

	assert(req->argv[0] && req->ninsns && req->ninsns <= BPF_MAXINSNS);
	p->arena = arena;
	p->req = req;
	p->kind = PLAN_PLAIN;
	p->env = req->env;
	if (check_probe(&d) && decide_command(&d) && decide_filter(&d) &&
	    (!req->sandbox->present || decide_sandbox(&d)) &&
	    decide_explaining(&d) && check_features(&d)) {
		return p;
	}
	*exit_code = d.exit_code;
	arena_free(arena);
	return NULL;
}

struct sandbox_plan *plan_new(const struct run_request *req,
			      struct diag_sink *diags, int *exit_code)
{
	struct arena *arena = arena_new();
	struct host host;

	host_probe(&host, req, arena);
	return plan_decide(req, &host, arena, diags, exit_code);
}

const char *plan_program(const struct sandbox_plan *plan)
{
	const struct sandbox *box = plan->req->sandbox;

	return box->present && box->root != ROOT_HOST ? NULL : plan->command;
}

void plan_free(struct sandbox_plan *plan)
{
	if (plan)
		arena_free(plan->arena);
}
