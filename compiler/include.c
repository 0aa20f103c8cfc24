/* SPDX-License-Identifier: Apache-2.0 */
/*
 * include.c - which file an include names, and loading each file once
 *
 * Looked up beside the including file, in the folders of -I, then among
 * the built-in profiles; never in the working directory or by environment.
 * A built-in file sees built-in files only.  One file is one device and
 * inode, or one built-in entry.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/nearest.h"
#include "base/str.h"
#include "base/vec.h"
#include "compiler/builtin.h"
#include "compiler/parse.h"

#define BUILTIN_PREFIX "<callgate>/"
#define CONSTANTS "groups/constants.gate"

struct loaded {
	struct file_id id;
	const struct builtin_file *builtin; /* NULL: on disk */
	struct ast_file *file;
	bool placed; /* stands in a tree; further includes add nothing */
	bool open;   /* being resolved right now */
};

struct includes {
	struct loaded all[INCLUDE_FILES_MAX + 1]; /* and the operand */
	size_t len;
	/* From the operand to the file being resolved. */
	struct loaded *path[INCLUDE_DEPTH_MAX + 1];
	const struct ast_item *by[INCLUDE_DEPTH_MAX + 1];
	size_t depth;
};

/* What a search found: a built-in, or a file on disk with its name. */
struct target_file {
	const struct builtin_file *builtin;
	const char *name;
	struct file_id id;
};

static struct includes *state(struct unit *u)
{
	if (!u->includes)
		u->includes = arena_new_of(u->arena, struct includes);
	return u->includes;
}

static const struct builtin_file *builtin_find(const char *path)
{
	for (size_t i = 0; i < builtin_files_len; i++)
		if (!strcmp(builtin_files[i].path, path))
			return &builtin_files[i];
	return NULL;
}

static bool is_builtin_name(const char *name)
{
	return !strncmp(name, BUILTIN_PREFIX, strlen(BUILTIN_PREFIX));
}

/* ---- searching ---- */

static void note_lookup(struct unit *u, const char *name, uint32_t source)
{
	vec_push(u->arena, &u->lookups, (struct file_lookup){ name, source });
}

static const char *beside(struct unit *u, const char *from, const char *path)
{
	const char *slash = strrchr(from, '/');

	if (!slash)
		return path;
	return arena_printf(u->arena, "%.*s%s", (int)(slash + 1 - from), from,
			    path);
}

static void say_unreadable(struct unit *u, const struct ast_item *item,
			   const char *name, int err)
{
	diag_add(u->diags, E0501, item->word.span, "cannot read '%s': %s", name,
		 strerror(err));
}

/* 1: found, 0: not there, -1: there but not to be had, which was said. */
static int try_disk(struct unit *u, const struct ast_item *item,
		    const char *name, struct target_file *t)
{
	int err = file_identify(name, &t->id);

	t->name = name;
	if (!err && t->id.regular)
		return 1;
	if (!err) {
		/* A terminal or FIFO could keep the compiler waiting. */
		diag_add(u->diags, E0501, item->word.span,
			 "cannot read '%s': not a regular file", name);
		return -1;
	}
	if (err == ENOENT || err == ENOTDIR) {
		note_lookup(u, name, 0);
		return 0;
	}
	say_unreadable(u, item, name, err);
	return -1;
}

static int search_disk(struct unit *u, const struct ast_item *item,
		       const char *from, struct target_file *t)
{
	const char *path = item->word.text;
	int found = 0;

	if (path[0] == '/')
		return try_disk(u, item, path, t);
	if (from[0] != '<')
		found = try_disk(u, item, beside(u, from, path), t);
	for (size_t i = 0; i < u->ninclude_dirs && !found; i++)
		found = try_disk(u, item,
				 arena_printf(u->arena, "%s/%s",
					      u->include_dirs[i], path),
				 t);
	return found;
}

static void say_not_found(struct unit *u, const struct ast_item *item,
			  const char *from)
{
	struct diag *d = diag_add(u->diags, E0503, item->word.span,
				  "no file '%s'", item->word.text);
	const char *slash = strrchr(from, '/');
	struct nearest near;
	struct str text = { 0 };

	if (item->word.text[0] == '/')
		return;
	if (from[0] != '<' && slash)
		diag_note(d, "looked in '%.*s'", (int)(slash - from), from);
	else if (from[0] != '<')
		diag_note(d, "looked beside '%s'", from);
	for (size_t i = 0; i < u->ninclude_dirs && i < 2; i++)
		diag_note(d, "looked in '%s'", u->include_dirs[i]);
	nearest_init(&near, item->word.text, item->word.len);
	for (size_t i = 0; i < builtin_files_len; i++)
		nearest_try(&near, builtin_files[i].path);
	nearest_text(&near, &text);
	if (text.len)
		diag_help(d, "did you mean %s?", str_text(&text));
	else
		diag_note(d, "looked among the built-in profiles");
	str_fini(&text);
}

static bool search(struct unit *u, const struct ast_item *item,
		   struct target_file *t)
{
	const char *from =
		sources_get(&u->sources, item->span.source)->name;
	int found;

	*t = (struct target_file){ 0 };
	if (is_builtin_name(from)) {
		t->builtin = builtin_find(item->word.text);
		if (!t->builtin)
			BUG("built-in '%s' includes '%s'", from,
			    item->word.text);
		return true;
	}
	if (!item->word.len) {
		diag_add(u->diags, E0503, item->word.span,
			 "an include without a file name");
		return false;
	}
	found = search_disk(u, item, from, t);
	if (found)
		return found > 0;
	t->builtin = builtin_find(item->word.text);
	if (!t->builtin)
		say_not_found(u, item, from);
	return t->builtin;
}

/* ---- loading ---- */

static struct loaded *known(struct includes *in, const struct target_file *t)
{
	for (size_t i = 0; i < in->len; i++) {
		struct loaded *l = &in->all[i];

		if (t->builtin ? l->builtin == t->builtin
			       : !l->builtin && l->id.inode == t->id.inode &&
					 l->id.device == t->id.device)
			return l;
	}
	return NULL;
}

static struct ast_file *load_builtin(struct unit *u,
				     const struct builtin_file *b,
				     struct span from)
{
	uint32_t number = sources_add(
		&u->sources, arena_printf(u->arena, BUILTIN_PREFIX "%s", b->path),
		b->text, b->len, from);

	return parse_source(u, number);
}

static struct ast_file *load_disk(struct unit *u, const struct ast_item *item,
				  const char *name)
{
	char *text = NULL;
	size_t len = 0;
	uint32_t number;
	int err = file_read(name, SOURCE_MAX_BYTES, &text, &len);

	if (err == EFBIG) {
		diag_add(u->diags, E0502, item->word.span,
			 "'%s' is larger than %d MiB", name,
			 SOURCE_MAX_BYTES / (1024 * 1024));
		return NULL;
	}
	if (err) {
		say_unreadable(u, item, name, err);
		return NULL;
	}
	number = sources_add(&u->sources, name, text, len, item->span);
	free(text);
	return parse_source(u, number);
}

static struct loaded *remember(struct includes *in, const struct target_file *t,
			       struct ast_file *file)
{
	struct loaded *l = &in->all[in->len++];

	*l = (struct loaded){ .id = t->id,
			      .builtin = t->builtin,
			      .file = file };
	return l;
}

static void say_cycle(struct unit *u, struct includes *in,
		      const struct ast_item *item, const struct loaded *again)
{
	struct str chain = { 0 };
	struct diag *d = diag_add(u->diags, E0504, item->word.span,
				  "'%s' is included from within itself",
				  sources_get(&u->sources, again->file->source)
					  ->name);
	size_t i = 0;

	while (in->path[i] != again)
		i++;
	if (i + 1 < in->depth)
		diag_label(d, in->by[i + 1]->word.span, "the way here");
	for (; i < in->depth; i++)
		str_addf(&chain, "%s -> ",
			 sources_get(&u->sources, in->path[i]->file->source)
				 ->name);
	diag_note(d, "%s%s", str_text(&chain),
		  sources_get(&u->sources, again->file->source)->name);
	str_fini(&chain);
}

static struct loaded *load(struct unit *u, struct includes *in,
			   const struct ast_item *item)
{
	struct target_file t;
	struct loaded *l;
	struct ast_file *file;

	if (!search(u, item, &t))
		return NULL;
	l = known(in, &t);
	if (l && !t.builtin)
		note_lookup(u, t.name, l->file->source);
	if (l && l->open)
		say_cycle(u, in, item, l);
	if (l)
		return l->open || l->placed ? NULL : l;
	if (in->len > INCLUDE_FILES_MAX) {
		diag_add(u->diags, E0506, item->word.span,
			 "more than %d included files", INCLUDE_FILES_MAX);
		return NULL;
	}
	file = t.builtin ? load_builtin(u, t.builtin, item->span)
			 : load_disk(u, item, t.name);
	if (file && !t.builtin)
		note_lookup(u, t.name, file->source);
	return file ? remember(in, &t, file) : NULL;
}

/* Recursion is bounded by INCLUDE_DEPTH_MAX. */
static void resolve(struct unit *u, struct includes *in, struct loaded *l,
		    const struct ast_item *by)
{
	l->open = true;
	l->placed = true;
	in->path[in->depth] = l;
	in->by[in->depth++] = by;
	for (struct ast_item *i = l->file->items; i; i = i->next) {
		struct loaded *next;

		if (i->kind != ITEM_INCLUDE)
			continue;
		if (in->depth > INCLUDE_DEPTH_MAX) {
			diag_add(u->diags, E0505, i->word.span,
				 "more than %d includes inside each other",
				 INCLUDE_DEPTH_MAX);
			break;
		}
		next = load(u, in, i);
		if (!next)
			continue;
		i->included = next->file;
		resolve(u, in, next, i);
	}
	in->depth--;
	l->open = false;
}

void include_resolve(struct unit *u, struct ast_file *file)
{
	struct includes *in = state(u);
	const char *name = sources_get(&u->sources, file->source)->name;
	struct target_file t = { 0 };

	/* Without an inode (standard input) nothing can include it. */
	if (name[0] == '<' || file_identify(name, &t.id))
		t.id = (struct file_id){ 0 };
	if (in->len > INCLUDE_FILES_MAX)
		return;
	resolve(u, in, remember(in, &t, file), NULL);
}

/* ---- built-in files by name ---- */

static struct ast_file *builtin_load(struct unit *u,
				     const struct builtin_file *b)
{
	struct includes *in = state(u);
	struct target_file t = { .builtin = b };
	struct loaded *l = known(in, &t);

	if (l)
		return l->file;
	if (in->len > INCLUDE_FILES_MAX) {
		diag_add(u->diags, E0506, span_none,
			 "more than %d included files", INCLUDE_FILES_MAX);
		return NULL;
	}
	l = remember(in, &t, load_builtin(u, b, span_none));
	resolve(u, in, l, NULL);
	return l->file;
}

struct ast_file *include_builtin_group(struct unit *u, const char *name,
				       size_t len)
{
	for (size_t i = 0; i < builtin_files_len; i++) {
		const struct builtin_file *b = &builtin_files[i];

		if (strlen(b->group) == len && !memcmp(b->group, name, len) &&
		    strcmp(b->path, CONSTANTS))
			return builtin_load(u, b);
	}
	return NULL;
}

struct ast_file *include_builtin_constants(struct unit *u)
{
	const struct builtin_file *b = builtin_find(CONSTANTS);

	return b ? builtin_load(u, b) : NULL;
}

const char *builtin_group_name(size_t i)
{
	for (size_t j = 0; j < builtin_files_len; j++)
		if (strcmp(builtin_files[j].path, CONSTANTS) && i-- == 0)
			return builtin_files[j].group;
	return NULL;
}
