/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_sandbox_meaning.c - lines of a sandbox block that contradict
 *
 * What one line asks for and another makes impossible is an error at the
 * later one, with the place of the other: a runner that chose between them
 * would leave one out in silence.
 */
#include <string.h>

#include "base/bug.h"
#include "compiler/sandbox_lines.h"

static bool is_later(const struct ast_setting *a, const struct ast_setting *b)
{
	if (a->span.source != b->span.source)
		return a->span.source > b->span.source;
	return a->span.start > b->span.start;
}

static void contradict(struct sandbox_reader *r, const struct ast_setting *a,
		       const struct ast_setting *b, const char *why)
{
	const struct ast_setting *at = is_later(a, b) ? a : b;
	const struct ast_setting *other = at == a ? b : a;
	struct diag *d = diag_add(r->u->diags, E0330, at->span, "%s", why);

	diag_label(d, other->span, "it contradicts this line");
}

/* ---- what becomes of a namespace ---- */

/* The line that joins an existing one; NULL when none does. */
static const struct ast_setting *join_of(const struct sandbox_reader *r,
					 unsigned kind,
					 struct ast_setting *found)
{
	for (size_t i = 0; i < r->joins.len; i++) {
		const struct sandbox_join *j = &r->joins.data[i];

		if (j->kind == kind || !j->path) {
			*found = (struct ast_setting){ .span = j->span };
			return found;
		}
	}
	return NULL;
}

/*
 * The line because of which the namespace is not a new one of the sandbox's
 * own; NULL when it is.
 */
static const struct ast_setting *not_new(const struct sandbox_reader *r,
					 unsigned kind,
					 struct ast_setting *found)
{
	const struct ast_setting *join = join_of(r, kind, found);

	if (join)
		return join;
	return r->out->ns_without & kind ? line_said(r, "namespaces") : NULL;
}

/* The lines that only mean something in a new namespace of a kind. */
static const struct {
	const char *word;
	unsigned kind;
	const char *why;
} needs_new[] = {
	{ "hostname", NS_UTS,
	  "'hostname' needs a new uts namespace: the host's name stays" },
	{ "map", NS_USER, "'map' needs a new user namespace" },
	{ "root", NS_MOUNT, "'root' needs a new mount namespace" },
	{ "read", NS_MOUNT, "'read' needs a new mount namespace" },
	{ "write", NS_MOUNT, "'write' needs a new mount namespace" },
	{ "exec", NS_MOUNT, "'exec' needs a new mount namespace" },
	{ "bind", NS_MOUNT, "'bind' needs a new mount namespace" },
	{ "tmpfs", NS_MOUNT, "'tmpfs' needs a new mount namespace" },
	{ "overlay", NS_MOUNT, "'overlay' needs a new mount namespace" },
	{ "hide", NS_MOUNT, "'hide' needs a new mount namespace" },
	{ "readonly", NS_MOUNT, "'readonly' needs a new mount namespace" },
	{ "device", NS_MOUNT, "'device' needs a new mount namespace" },
	{ "propagation", NS_MOUNT,
	  "'propagation' needs a new mount namespace" },
};

static void check_needs(struct sandbox_reader *r)
{
	struct ast_setting found;

	for (size_t i = 0; i < ARRAY_LEN(needs_new); i++) {
		const struct ast_setting *line =
			line_said(r, needs_new[i].word);
		const struct ast_setting *other =
			line ? not_new(r, needs_new[i].kind, &found) : NULL;

		if (other)
			contradict(r, line, other, needs_new[i].why);
	}
}

static void check_namespaces(struct sandbox_reader *r)
{
	const struct ast_setting *line = line_said(r, "namespaces");
	struct ast_setting found;

	for (int bit = 0; ns_names[bit]; bit++) {
		const struct ast_setting *join =
			join_of(r, 1u << bit, &found);

		if (!join || !(r->ns_named & 1u << bit))
			continue;
		contradict(r, line, join,
			   arena_printf(r->u->arena,
					"the %s namespace is either new or "
					"joined", ns_names[bit]));
	}
}

static void check_pins(struct sandbox_reader *r)
{
	for (size_t i = 0; i < r->pins.len; i++) {
		const struct sandbox_pin *pin = &r->pins.data[i];
		const struct ast_setting line = { .span = pin->span };
		struct ast_setting found;
		const struct ast_setting *other;
		int bit = __builtin_ctz(pin->kind);

		other = not_new(r, pin->kind, &found);
		if (!other && pin->kind == NS_TIME && !(r->out->ns_with & NS_TIME)) {
			diag_help(diag_add(r->u->diags, E0330, pin->span,
					   "no new time namespace is asked for"),
				  "add namespaces all, time;");
			continue;
		}
		if (other)
			contradict(r, &line, other,
				   arena_printf(r->u->arena,
						"'pin' needs a new %s "
						"namespace", ns_names[bit]));
	}
}

static void check_network(struct sandbox_reader *r)
{
	const struct ast_setting *line = line_said(r, "network"), *other;
	struct ast_setting found;

	if (!line)
		return;
	other = join_of(r, NS_NET, &found);
	if (other) {
		contradict(r, line, other,
			   "a network that is joined is not made by 'network'");
		return;
	}
	if (r->out->network.kind == NETWORK_HOST) {
		if (r->ns_named & NS_NET)
			contradict(r, line, line_said(r, "namespaces"),
				   "'network host' shares the host's network "
				   "namespace");
		return;
	}
	other = not_new(r, NS_NET, &found);
	if (other)
		contradict(r, line, other,
			   "this network needs a new net namespace");
}

static void check_identity(struct sandbox_reader *r)
{
	const struct ast_setting *user = line_said(r, "user"), *join;
	struct ast_setting found;

	join = join_of(r, NS_USER, &found);
	if (user && join)
		contradict(r, user, join,
			   "who one is in a joined user namespace is not "
			   "chosen by 'user'");
	if (r->idmap && not_new(r, NS_USER, &found))
		contradict(r, r->idmap, not_new(r, NS_USER, &found),
			   "'idmap' needs a new user namespace");
	if (r->out->map_auto && r->maps.len) {
		struct diag *d = diag_add(r->u->diags, E0330,
					  r->maps.data[0].span,
					  "'map auto' leaves no other map to "
					  "write");

		diag_help(d, "keep 'map auto' or the maps with numbers");
	}
}

static void check_init(struct sandbox_reader *r)
{
	const struct ast_setting *line = line_said(r, "init"), *other;
	struct ast_setting found;

	if (!line || !r->out->init_off)
		return;
	other = not_new(r, NS_PID, &found);
	if (other)
		contradict(r, line, other,
			   "'init off' makes the command pid 1, which needs a "
			   "new pid namespace");
}

/* The host's tree is readable as it is. */
static void check_reads(struct sandbox_reader *r)
{
	const struct ast_setting *root = line_said(r, "root");

	if (r->out->root != ROOT_HOST)
		return;
	for (size_t i = 0; i < r->mounts.len; i++) {
		struct diag *d;

		if (r->mounts.data[i].kind != MOUNT_READ)
			continue;
		d = diag_add(r->u->diags, E0331, r->mounts.data[i].span,
			     "'read' means nothing while '/' is the host's");
		if (root)
			diag_label(d, root->span, "said here");
		diag_note(d, "all of the host's tree is readable, as far as "
			     "it is not covered");
		diag_help(d, "add root empty; so that only what is named is "
			     "there, or remove the line");
		return;
	}
}

void sandbox_check_meaning(struct sandbox_reader *r)
{
	check_namespaces(r);
	check_needs(r);
	check_pins(r);
	check_network(r);
	check_identity(r);
	check_init(r);
	check_reads(r);
}
