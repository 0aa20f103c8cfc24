/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_mount.c - which trees are mounted where, and in which order
 *
 * Shorter targets come first, so that the more specific line wins.  Where a
 * target lies in a file system of the sandbox its place is made there;
 * anywhere else it must exist: nothing is ever made on the host.
 */
#include "runtime/plan_mount.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "base/arena.h"
#include "base/bug.h"
#include "runtime/mount_calls.h"
#include "runtime/probe.h"

struct build {
	struct sandbox_plan *plan;
	struct plan_mounts *m;
	const struct host *host;
	const struct host_mounts *facts;
	const struct sandbox *box;
	struct diag_sink *diags;
	size_t noverlays;
	bool ok;
};

/* What is below dir, without a slash; NULL for dir itself and others. */
static const char *inside(const char *path, const char *dir)
{
	size_t len = strcmp(dir, "/") ? strlen(dir) : 0;

	if (strncmp(path, dir, len) || path[len] != '/' || !path[len + 1])
		return NULL;
	return path + len + 1;
}

/* The sink for an error: the plan has failed. */
static struct diag_sink *failing(struct build *b)
{
	b->ok = false;
	return b->diags;
}

/* The file is there and of the right kind. */
static bool check_file(struct build *b, const struct host_file *f,
		       const char *asked, struct span span)
{
	struct diag *d;

	if (!f->err)
		return true;
	d = diag_add(failing(b), E0821, span, "'%s' cannot be mounted", asked);
	if (f->link)
		diag_note(d,
			  "'%s' is a link that is not followed: another user "
			  "could change where it leads",
			  f->link);
	else
		diag_note(d, "outside: %s", strerror(f->err));
	diag_help(d, "nothing is created on the host; create it, or remove "
		     "the line");
	return false;
}

/* "bind" and "tmpfs" may be joined by "exec", "write" by "read". */
static bool is_path_line(enum mount_kind kind)
{
	return kind == MOUNT_READ || kind == MOUNT_WRITE || kind == MOUNT_EXEC;
}

static bool takes_exec(enum mount_kind kind)
{
	return is_path_line(kind) || kind == MOUNT_BIND ||
	       kind == MOUNT_TMPFS || kind == MOUNT_OVERLAY;
}

/* Two lines on one target: one says where from, the other what may be. */
static bool merge(struct plan_mount *old, const struct plan_mount *new)
{
	bool exec = !((old->attrs & new->attrs) & MOUNT_ATTR_NOEXEC);
	uint64_t access = old->attrs & new->attrs &MOUNT_ATTR_RDONLY;

	if (is_path_line(old->kind) && is_path_line(new->kind)) {
		bool may = old->kind == MOUNT_EXEC || new->kind == MOUNT_EXEC;

		if (new->kind == MOUNT_WRITE || old->kind == MOUNT_WRITE) {
			old->idmap |= new->idmap;
			exec = may;
			old->kind = MOUNT_WRITE;
		} else if (may) {
			old->kind = MOUNT_EXEC;
		}
	} else if (old->kind == MOUNT_EXEC && takes_exec(new->kind)) {
		*old = *new;
		exec = true;
		access = new->attrs &MOUNT_ATTR_RDONLY;
	} else if (new->kind == MOUNT_EXEC && takes_exec(old->kind)) {
		exec = true;
		access = old->attrs & MOUNT_ATTR_RDONLY;
	} else {
		return false;
	}
	old->attrs = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | access |
		     (exec ? 0 : MOUNT_ATTR_NOEXEC);
	return true;
}

static void add(struct build *b, const struct plan_mount *new, struct span span)
{
	for (size_t i = 0; i < b->m->n; i++) {
		struct plan_mount *old = &b->m->at[i];

		if (strcmp(old->target, new->target) || merge(old, new))
			continue;
		diag_add(failing(b), E0820, span,
			 "two lines mount something on '%s'", new->target);
		return;
	}
	for (size_t i = 0; i < b->m->n; i++)
		if (!strcmp(b->m->at[i].target, new->target))
			return;
	if (b->m->n == MOUNTS_MAX) {
		diag_add(failing(b), E0820, span,
			 "'%s' is one mount too many: a sandbox has at most 64",
			 new->target);
		return;
	}
	b->m->at[b->m->n++] = *new;
}

static uint64_t line_attrs(const struct sandbox_mount *line)
{
	const uint64_t safe = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
	uint64_t noexec = line->exec ? 0 : MOUNT_ATTR_NOEXEC;

	switch (line->kind) {
	case MOUNT_READ:
	case MOUNT_EXEC:
	case MOUNT_READONLY:
		return safe | MOUNT_ATTR_RDONLY;
	case MOUNT_BIND:
		return line->rw ? safe | noexec : safe | MOUNT_ATTR_RDONLY;
	case MOUNT_OVERLAY:
		return line->upper ? safe | noexec : safe | MOUNT_ATTR_RDONLY;
	case MOUNT_WRITE:
	case MOUNT_TMPFS:
		return safe | noexec;
	case MOUNT_HIDE:
		return ATTR_EMPTY;
	case MOUNT_DEVICE:
		return ATTR_DEVICE;
	}
	BUG("mount kind %d", (int)line->kind);
}

/* Who isn't the caller owns nothing, unless its ids are the file's. */
static bool decide_idmap(struct build *b, const struct sandbox_mount *line,
			 struct plan_mount *m)
{
	bool known = ids_have_owner(b->plan, m->owner, m->group);
	struct diag *d;

	m->idmap = b->plan->ids.stranger && !known &&
		   (line->idmap || line->kind == MOUNT_WRITE);
	if (m->idmap && b->facts->may_mount) {
		if (m->owner == 0 && !(m->attrs & MOUNT_ATTR_RDONLY)) {
			d = diag_add(b->diags, W0829, line->span,
				     "'%s' is root's: what the sandbox makes "
				     "there is root's on the host",
				     m->source);
			diag_help(d, "give it to an ordinary user");
		}
		return true;
	}
	if (!m->idmap && (!line->idmap || known))
		return true;
	d = diag_add(failing(b), E0823, line->span,
		     "the ids of '%s' cannot be mapped", m->source);
	diag_note(d,
		  "it belongs to %u:%u, and only root with CAP_SYS_ADMIN "
		  "may map the owners of a file system",
		  m->owner, m->group);
	return false;
}

/* The kernel writes the upper layer as whoever mounts the overlay. */
static bool decide_upper(struct build *b, const struct sandbox_mount *line,
			 const struct host_mount *f)
{
	struct diag *d;

	if (!b->plan->ids.stranger ||
	    ids_have_owner(b->plan, f->upper.uid, f->upper.gid))
		return true;
	d = diag_add(failing(b), E0823, line->span,
		     "the sandbox cannot write to the upper directory '%s'",
		     f->upper.path);
	diag_note(d, "its host id is not the caller's, and the ids of an "
		     "overlay's layers are not mapped");
	diag_help(d, "start it as the owner of that directory");
	return false;
}

static void add_overlay(struct build *b, const struct sandbox_mount *line,
			const struct host_mount *f, struct plan_mount *m)
{
	bool ok = true;

	if (f->nlayers > LAYERS_MAX || !f->nlayers) {
		diag_add(failing(b), E0820, line->span,
			 "the overlay on '%s' has no lower directory or more "
			 "than 8",
			 m->target);
		return;
	}
	for (size_t i = 0; i < f->nlayers; i++) {
		m->layers[m->nlayers++] = f->layers[i].path;
		ok &= check_file(b, &f->layers[i], line->source, line->span);
	}
	if (line->upper && line->work) {
		ok &= check_file(b, &f->upper, line->upper, line->span);
		ok &= check_file(b, &f->work, line->work, line->span);
		ok = ok && decide_upper(b, line, f);
		m->upper = f->upper.path;
		m->work = f->work.path;
	}
	m->source = m->layers[0];
	/* One layer that nobody writes to is that layer. */
	if (m->nlayers > 1 || m->upper) {
		b->plan->kind |= PLAN_OVERLAY;
		m->source = NULL;
		b->noverlays++;
	}
	if (b->noverlays > OVERLAYS_MAX)
		diag_add(
			failing(b), E0820, line->span,
			"the overlay on '%s' is one too many: a sandbox has at "
			"most 8",
			m->target);
	else if (ok)
		add(b, m, line->span);
}

static bool check_device(struct build *b, const struct host_file *f,
			 struct span span)
{
	if (f->is_device)
		return true;
	diag_help(diag_add(failing(b), E0824, span, "'%s' is not a device",
			   f->path),
		  "use 'bind' for files and folders");
	return false;
}

/* All of it can be read already, so the line says nothing. */
static bool refuse_read(struct build *b, const struct sandbox_mount *line)
{
	if (line->kind != MOUNT_READ || b->box->root == ROOT_EMPTY)
		return false;
	diag_help(diag_add(failing(b), E0827, line->span,
			   "'read %s' under a root that is readable as a whole",
			   line->loader ? "@loader" : line->target),
		  "write 'root empty;' to show only what is named");
	return true;
}

static void add_line(struct build *b, size_t i)
{
	const struct sandbox_mount *line = &b->box->mounts[i];
	const struct host_mount *f = &b->facts->lines[i];
	struct plan_mount m = { .kind = line->kind, .target = f->target };

	if (refuse_read(b, line) || line->loader)
		return;
	if (!m.target || !strcmp(m.target, "/")) {
		diag_add(failing(b), E0820, line->span,
			 "'%s' is no place for a mount: it must be absolute, "
			 "without '..', and not '/'",
			 line->target);
		return;
	}
	m.attrs = line_attrs(line);
	m.size = line->size;
	if (line->kind == MOUNT_OVERLAY) {
		add_overlay(b, line, f, &m);
		return;
	}
	if (line->kind == MOUNT_TMPFS || line->kind == MOUNT_HIDE ||
	    line->kind == MOUNT_READONLY) {
		add(b, &m, line->span);
		return;
	}
	if (!check_file(b, &f->source,
			line->source ? line->source : line->target, line->span))
		return;
	m.source = f->source.path;
	m.is_file = !f->source.is_dir;
	m.owner = f->source.uid;
	m.group = f->source.gid;
	if (line->kind == MOUNT_DEVICE &&
	    !check_device(b, &f->source, line->span))
		return;
	if (decide_idmap(b, line, &m))
		add(b, &m, line->span);
}

bool plan_shows(const struct sandbox_plan *plan, const char *path)
{
	const struct plan_mounts *m = &plan->mounts;
	const struct plan_mount *best = NULL;

	for (size_t i = 0; i < m->n; i++) {
		const struct plan_mount *at = &m->at[i];

		if (strcmp(path, at->target) && !inside(path, at->target))
			continue;
		if (!best || strlen(at->target) > strlen(best->target))
			best = at;
	}
	return best && is_path_line(best->kind);
}

/* A need that a line of the profile already shows is not mounted twice. */
static void add_need(struct build *b, const struct host_need *need)
{
	struct plan_mount m = {
		.kind = need->exec ? MOUNT_EXEC : MOUNT_READ,
		.target = path_clean(need->name, b->plan->arena),
		.source = need->file.path,
		.attrs = ATTR_TREE,
		.is_file = !need->file.is_dir,
	};

	if (!m.target || !check_file(b, &need->file, need->name, span_none))
		return;
	if (need->exec)
		b->m->rules[b->m->nrules++] =
			(struct plan_rule){ m.target,
					    LANDLOCK_READ | LANDLOCK_EXEC };
	if (!plan_shows(b->plan, m.target))
		add(b, &m, span_none);
}

static void add_loader(struct build *b)
{
	for (size_t i = 0; i < b->box->nmounts; i++) {
		const struct sandbox_mount *line = &b->box->mounts[i];

		if (!line->loader || b->box->root != ROOT_EMPTY)
			continue;
		if (b->facts->loader_trouble) {
			diag_note(
				diag_add(failing(b), E0825, line->span,
					 "what '%s' needs to be loaded is not "
					 "known",
					 b->plan->command),
				"%s", b->facts->loader_trouble);
			return;
		}
		for (size_t k = 0; k < b->facts->nloader; k++)
			add_need(b, &b->facts->loader[k]);
		return;
	}
}

/* The command's own file, under both of its names. */
static void add_command(struct build *b)
{
	const char *names[] = { b->host->command.path, b->host->command.real };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct host_need need = { .name = names[i], .exec = true };

		need.file.path = b->host->command.real;
		add_need(b, &need);
	}
}

static size_t depth(const struct plan_mount *m)
{
	size_t n = 0;

	for (const char *p = m->target; *p; p++)
		n += *p == '/';
	return n;
}

static void sort(struct plan_mounts *m)
{
	for (size_t i = 1; i < m->n; i++) {
		struct plan_mount moved = m->at[i];
		size_t k = i;

		for (; k > 0 && depth(&m->at[k - 1]) > depth(&moved); k--)
			m->at[k] = m->at[k - 1];
		m->at[k] = moved;
	}
}

/* A cover, /dev or /dev/shm: the longest one that holds the target. */
static void base_in_scratch(struct build *b, struct plan_mount *m, size_t *best)
{
	const struct sandbox_plan *p = b->plan;
	struct cover all[COVERS_MAX + 2];
	size_t n = p->ncovers;

	memcpy(all, p->covers, n * sizeof(all[0]));
	if (b->m->has_dev) {
		all[n++] = (struct cover){ "/dev", "dev", false };
		all[n++] = (struct cover){ "/dev/shm", "shm", true };
	}
	for (size_t i = 0; i < n; i++) {
		const char *rest = inside(m->target, all[i].path);
		size_t len = strlen(all[i].path);

		if (!rest || len < *best)
			continue;
		*best = len;
		m->base = BASE_SCRATCH;
		m->place = arena_printf(p->arena, "%s/%s", all[i].slot, rest);
	}
}

static void base_in_mounts(struct build *b, size_t at, size_t *best)
{
	struct plan_mount *m = &b->m->at[at];

	for (size_t i = 0; i < at; i++) {
		const struct plan_mount *other = &b->m->at[i];
		const char *rest = inside(m->target, other->target);
		size_t len = strlen(other->target);

		if (!rest || len < *best)
			continue;
		*best = len;
		m->base = other->kind == MOUNT_TMPFS ? BASE_TMPFS : BASE_TREE;
		m->tmpfs = i;
		m->place = rest;
	}
}

static void decide_base(struct build *b, size_t at)
{
	struct plan_mount *m = &b->m->at[at];
	size_t best = 0;

	m->base = b->m->root == ROOT_EMPTY ? BASE_ROOT : BASE_TREE;
	m->place = m->target + 1;
	base_in_scratch(b, m, &best);
	base_in_mounts(b, at, &best);
	if (m->kind == MOUNT_HIDE || m->kind == MOUNT_READONLY ||
	    inside(m->target, "/proc") || !strcmp(m->target, "/proc"))
		m->base = BASE_TREE;
	if ((m->kind == MOUNT_HIDE || m->kind == MOUNT_READONLY) &&
	    (inside(m->target, "/proc") || !strcmp(m->target, "/proc"))) {
		m->late = true;
		b->plan->kind |= PLAN_SHIELDS;
	}
}

static bool decide_root(struct build *b)
{
	const struct host_file *root = &b->facts->root;
	struct plan_mounts *m = b->m;
	struct diag *d;

	m->root = b->box->root;
	m->root_path = root->path;
	m->has_dev = m->root != ROOT_PATH || b->facts->root_has_dev;
	m->propagation = b->box->propagation == PROPAGATION_SLAVE ? MS_SLAVE
								  : MS_PRIVATE;
	if (m->root != ROOT_PATH)
		return true;
	if (!check_file(b, root, b->box->root_path, span_none))
		return false;
	if (root->is_dir && b->facts->root_has_proc)
		return true;
	d = diag_add(failing(b), E0828, span_none, "'%s' cannot be the root",
		     root->path);
	diag_note(d, "%s",
		  root->is_dir ? "it has no directory /proc"
			       : "it is not a directory");
	diag_help(d, "nothing is created on the host; create it there");
	return false;
}

bool plan_mounts(struct sandbox_plan *plan, const struct host *host,
		 struct diag_sink *diags)
{
	struct build b = {
		.plan = plan,
		.m = &plan->mounts,
		.host = host,
		.facts = &host->mounts,
		.box = plan->req->sandbox,
		.diags = diags,
		.ok = true,
	};

	b.m->at = arena_array(plan->arena, MOUNTS_MAX, sizeof(b.m->at[0]));
	b.m->rules = arena_array(plan->arena, RULES_MAX, sizeof(b.m->rules[0]));
	if (!decide_root(&b))
		return false;
	for (size_t i = 0; i < b.box->nmounts; i++) {
		b.m->wants_landlock |= is_path_line(b.box->mounts[i].kind);
		add_line(&b, i);
	}
	add_loader(&b);
	if (b.ok && b.m->root == ROOT_EMPTY)
		add_command(&b);
	sort(b.m);
	for (size_t i = 0; i < b.m->n; i++)
		decide_base(&b, i);
	landlock_decide(plan, b.facts->landlock);
	if (b.m->n || b.m->root != ROOT_HOST)
		plan->kind |= PLAN_MOUNTS |
			      (b.facts->may_mount ? PLAN_EARLY : PLAN_LATE);
	if (b.m->wants_landlock)
		plan->kind |= PLAN_LANDLOCK;
	return b.ok;
}
