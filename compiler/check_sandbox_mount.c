/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_sandbox_mount.c - the file tree of a sandbox
 */
#include <string.h>

#include "base/bug.h"
#include "compiler/sandbox_lines.h"

bool set_root(struct sandbox_reader *r)
{
	const struct ast_value *v = operand_next(r, "'host', 'empty' or a path");

	if (!v)
		return false;
	r->out->root_path = NULL;
	r->out->root = ROOT_PATH;
	if (v->kind == VAL_STRING)
		return value_path(r, v, &r->out->root_path);
	r->out->root = value_is_word(v, "empty") ? ROOT_EMPTY : ROOT_HOST;
	if (value_is_word(v, "empty") || value_is_word(v, "host"))
		return true;
	return operand_wrong(r, v, "'host', 'empty' or a path in quotes");
}

bool set_propagation(struct sandbox_reader *r)
{
	static const char *const kinds[] = { "private", "slave", NULL };
	int kind = operand_choice(r, "propagation", kinds);

	r->out->propagation = kind == 1 ? PROPAGATION_SLAVE
					: PROPAGATION_PRIVATE;
	return kind >= 0;
}

static bool push_mount(struct sandbox_reader *r,
		       const struct sandbox_mount *mount)
{
	if (!room_for(r, r->mounts.len, SANDBOX_ENTRIES_MAX, "mounts"))
		return false;
	vec_push(r->u->arena, &r->mounts, *mount);
	return true;
}

/* What lies on `/` would be the root, and `root` says that. */
static bool not_root(struct sandbox_reader *r, const struct ast_value *v,
		     const char *path)
{
	if (strcmp(path, "/"))
		return true;
	diag_help(diag_add(r->u->diags, E0328, v->span,
			   "'%s' cannot be at '/'", r->row->word),
		  "'root' says what '/' is");
	return false;
}

static bool below_root(struct sandbox_reader *r, const char **out)
{
	const struct ast_value *v = operand_next(r, "a path");

	return v && value_path(r, v, out) && not_root(r, v, *out);
}

/* ---- lists of paths ---- */

static bool push_path(struct sandbox_reader *r, enum mount_kind kind,
		      const struct ast_value *v)
{
	struct sandbox_mount mount = { .kind = kind, .span = v->span };

	if ((kind == MOUNT_READ || kind == MOUNT_EXEC) &&
	    value_is_word(v, "@loader"))
		mount.loader = true;
	else if (!value_path(r, v, &mount.target))
		return false;
	if ((kind == MOUNT_HIDE || kind == MOUNT_DEVICE) &&
	    !not_root(r, v, mount.target))
		return false;
	return push_mount(r, &mount);
}

static bool path_list(struct sandbox_reader *r, enum mount_kind kind)
{
	const struct ast_value *v = operand_next(r, "a path");

	if (!v || !push_path(r, kind, v))
		return false;
	while (operand_more(r)) {
		v = operand_item(r, "a path");
		if (!push_path(r, kind, v))
			return false;
	}
	return true;
}

bool set_read(struct sandbox_reader *r)
{
	return path_list(r, MOUNT_READ);
}

bool set_write(struct sandbox_reader *r)
{
	return path_list(r, MOUNT_WRITE);
}

bool set_exec(struct sandbox_reader *r)
{
	return path_list(r, MOUNT_EXEC);
}

bool set_hide(struct sandbox_reader *r)
{
	return path_list(r, MOUNT_HIDE);
}

bool set_readonly(struct sandbox_reader *r)
{
	return path_list(r, MOUNT_READONLY);
}

bool set_device(struct sandbox_reader *r)
{
	return path_list(r, MOUNT_DEVICE);
}

/* ---- single mounts ---- */

bool set_bind(struct sandbox_reader *r)
{
	static const char *const words[] = { "rw", "idmap", NULL };
	struct sandbox_mount mount = { .kind = MOUNT_BIND,
				       .span = r->line->span };

	if (!operand_path(r, &mount.source) || !below_root(r, &mount.target))
		return false;
	while (operand_more(r)) {
		const struct ast_value *v = r->next;
		int word = operand_choice(r, "word", words);
		bool *flag = word ? &mount.idmap : &mount.rw;

		if (word < 0)
			return false;
		if (*flag)
			return operand_wrong(r, v, "each word once");
		*flag = true;
	}
	if (mount.idmap)
		r->idmap = r->line;
	return push_mount(r, &mount);
}

bool set_tmpfs(struct sandbox_reader *r)
{
	static const char *const words[] = { "size", "exec", NULL };
	struct sandbox_mount mount = { .kind = MOUNT_TMPFS,
				       .span = r->line->span };

	if (!below_root(r, &mount.target))
		return false;
	while (operand_more(r)) {
		const struct ast_value *v = r->next;
		int word = operand_choice(r, "word", words);

		if (word < 0)
			return false;
		if (word ? mount.exec : mount.size > 0)
			return operand_wrong(r, v, "each word once");
		if (word) {
			mount.exec = true;
			continue;
		}
		v = r->next;
		if (!operand_size(r, "a size", &mount.size))
			return false;
		if (!mount.size)
			return operand_wrong(r, v, "a size above 0");
	}
	return push_mount(r, &mount);
}

bool set_overlay(struct sandbox_reader *r)
{
	static const char *const words[] = { "lower", "upper", "work", NULL };
	struct sandbox_mount mount = { .kind = MOUNT_OVERLAY,
				       .span = r->line->span };
	const char **const paths[] = { &mount.source, &mount.upper,
				       &mount.work };

	if (!below_root(r, &mount.target))
		return false;
	while (operand_more(r)) {
		const struct ast_value *v = r->next;
		int word = operand_choice(r, "word", words);

		if (word < 0)
			return false;
		if (*paths[word])
			return operand_wrong(r, v, "each word once");
		if (!operand_path(r, paths[word]))
			return false;
	}
	if (mount.source && !mount.upper == !mount.work)
		return push_mount(r, &mount);
	help_line(r, diag_add(r->u->diags, E0323, r->line->span,
			      mount.source ? "'upper' and 'work' need each other"
					   : "'overlay' lacks its 'lower'"));
	return false;
}
