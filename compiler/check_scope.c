/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_scope.c - the names that a profile defines: constants and groups
 *
 * A definition may stand anywhere in the profile; its own names are looked
 * up first, then those built in.  Groups become bit sets once, at their
 * first use.
 */
#include <string.h>

#include "base/bug.h"
#include "compiler/check_state.h"
#include "compiler/parse.h"

struct check_scope *scope_of(struct unit *u)
{
	if (!u->scope) {
		u->scope = arena_new_of(u->arena, struct check_scope);
		u->scope->u = u;
	}
	return u->scope;
}

_Static_assert(CHECK_WORK_MAX == 1000000, "the text of E0511 says so");

bool scope_spend(struct check_scope *s, uint32_t work, struct span at)
{
	if (s->exhausted)
		return false;
	if (work <= CHECK_WORK_MAX - s->work) {
		s->work += work;
		return true;
	}
	s->exhausted = true;
	diag_help(diag_add(s->u->diags, E0511, at,
			   "the profile expands to more than 1,000,000 "
			   "rules, comparisons and values"),
		  "conditions on large groups and large sets multiply: name "
		  "fewer calls or ABIs in one rule");
	return false;
}

bool word_is(const struct ast_word *w, const char *text)
{
	return strlen(text) == w->len && !memcmp(w->text, text, w->len);
}

void help_nearest(struct diag *d, const struct nearest *n)
{
	struct str text = { 0 };

	nearest_text(n, &text);
	if (text.len)
		diag_help(d, "did you mean %s?", text.text);
	str_fini(&text);
}

static const char *abis_joined(struct unit *u, abi_set abis,
			       const char *last)
{
	int left = __builtin_popcount(abis);
	const char *text = "";

	abi_foreach(i, abis) {
		const char *name = abi_get((enum abi_id)i)->name;

		left--;
		text = arena_printf(u->arena, "%s%s%s", text, name,
				    left > 1	? ", "
				    : left == 1 ? last
						: "");
	}
	return text;
}

const char *abi_set_text(struct unit *u, abi_set abis)
{
	return abis_joined(u, abis, " and ");
}

const char *abi_list_text(struct unit *u, abi_set abis)
{
	return abis_joined(u, abis, ", ");
}

void report_unknown_abi(struct unit *u, const struct ast_word *word)
{
	struct nearest near;
	struct diag *d = diag_add(u->diags, E0302, word->span,
				  "unknown ABI '%s'", word->text);

	nearest_init(&near, word->text, word->len);
	for (int i = 0; i < ABI_COUNT; i++)
		nearest_try(&near, abi_get((enum abi_id)i)->name);
	diag_note(d, "the ABIs are %s",
		  abi_set_text(u, ABI_BIT(ABI_COUNT) - 1));
	help_nearest(d, &near);
}

/* Without what other tools write before a name; words end with NUL. */
static const char *bare_name(const char *word)
{
	static const char *const prefixes[] = { "SYS_", "sys_", "__NR_",
						"__x64_sys_", "NR_" };

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (!strncmp(word, prefixes[i], strlen(prefixes[i])))
			return word + strlen(prefixes[i]);
	return word;
}

void report_unknown_call(struct unit *u, const struct ast_word *word)
{
	const char *bare = bare_name(word->text);
	struct nearest near;
	sysname name;
	struct diag *d = diag_add(u->diags, E0301, word->span,
				  "unknown system call '%s'", word->text);

	/* Past the records that are kept nobody would read it. */
	if (diag_errors(u->diags) > DIAG_MAX)
		return;
	name = sysname_find(bare, strlen(bare));
	if (name != SYSNAME_NONE) {
		diag_help(d, "did you mean '%s'?", bare);
		return;
	}
	nearest_init(&near, bare, strlen(bare));
	for (size_t i = 0; i < sysname_count(); i++)
		nearest_try(&near, sysname_text((sysname)i));
	help_nearest(d, &near);
}

/* ---- constants ---- */

static bool is_register(const char *text, size_t len)
{
	return len == 4 && !memcmp(text, "reg", 3) && text[3] >= '0' &&
	       text[3] < '0' + ARGS_MAX;
}

static void add_arg_name(struct check_scope *s, const char *name,
			 const struct syscall_desc *call)
{
	if (!name_table_find(&s->arg_names, name, strlen(name)))
		name_table_add(s->u->arena, &s->arg_names, name, strlen(name),
			       (void *)sysname_text(call->name));
}

/* Every argument's name on any ABI, with one call that has it. */
static void fill_arg_names(struct check_scope *s)
{
	for (int i = 0; i < ABI_COUNT; i++) {
		const struct abi *abi = abi_get((enum abi_id)i);

		for (size_t k = 0; k < syscall_count(abi); k++) {
			const struct syscall_desc *call = syscall_at(abi, k);

			for (unsigned a = 0; a < call->nargs; a++)
				add_arg_name(
					s,
					sig_arg_name(&syscall_args(call)[a]),
					call);
		}
	}
}

static bool is_arg_name(struct check_scope *s, const struct ast_word *w)
{
	const char *call;

	if (!s->arg_names.len)
		fill_arg_names(s);
	call = name_table_find(&s->arg_names, w->text, w->len);
	if (!call && !is_register(w->text, w->len))
		return false;
	diag_help(diag_add(s->u->diags, E0314, w->span,
			   call ? "'%s' is the name of an argument, of %s for "
				  "one"
				: "'%s' is the name of a register%s",
			   w->text, call ? call : ""),
		  "constants are best written in capitals");
	return true;
}

/* Files that are read twice define the same thing at the same place. */
static bool same_place(struct span a, struct span b)
{
	return a.source == b.source && a.start == b.start;
}

static bool is_kernel_constant(struct check_scope *s, const struct ast_word *w)
{
	if (!constant_find(w->text, w->len) && !word_is(w, "NULL"))
		return false;
	diag_help(diag_add(s->u->diags, E0312, w->span,
			   "'%s' is a constant of the kernel already",
			   w->text),
		  "choose another name");
	return true;
}

static void add_const(struct check_scope *s, const struct ast_item *item,
		      bool builtin)
{
	struct const_def *def = arena_new_of(s->u->arena, struct const_def);

	def->name = item->word;
	def->value = item->value;
	def->builtin = builtin;
	name_table_add(s->u->arena, &s->consts, item->word.text,
		       item->word.len, def);
}

void scope_add_const(struct check_scope *s, const struct ast_item *item)
{
	const struct const_def *old = name_table_find(
		&s->consts, item->word.text, item->word.len);

	if (old) {
		if (same_place(old->name.span, item->word.span))
			return;
		diag_label(diag_add(s->u->diags, E0312, item->word.span,
				    "constant '%s' is defined twice",
				    item->word.text),
			   old->name.span, "first defined here");
		return;
	}
	if (!is_kernel_constant(s, &item->word) && !is_arg_name(s, &item->word))
		add_const(s, item, false);
}

static void load_builtin_constants(struct check_scope *s)
{
	const struct ast_file *file = include_builtin_constants(s->u);

	s->has_builtin_constants = true;
	for (const struct ast_item *i = file ? file->items : NULL; i;
	     i = i->next)
		if (i->kind == ITEM_CONST &&
		    !name_table_find(&s->consts, i->word.text, i->word.len))
			add_const(s, i, true);
}

struct const_def *scope_const(struct check_scope *s, const char *text,
			      size_t len)
{
	struct const_def *def = name_table_find(&s->consts, text, len);

	if (!def && !s->has_builtin_constants) {
		load_builtin_constants(s);
		def = name_table_find(&s->consts, text, len);
	}
	return def;
}

/* ---- groups ---- */

struct nameset nameset_new(struct arena *a)
{
	return (struct nameset){ arena_array(a, sysname_count() / 64 + 1,
					     sizeof(uint64_t)) };
}

bool nameset_has(const struct nameset *set, sysname name)
{
	return set->bits[name / 64] >> (name % 64) & 1;
}

static void nameset_put(struct nameset *set, sysname name)
{
	set->bits[name / 64] |= (uint64_t)1 << (name % 64);
}

static struct group_def *add_group(struct check_scope *s,
				   const struct ast_item *item)
{
	struct group_def *def = arena_new_of(s->u->arena, struct group_def);

	def->name = item->word;
	def->names = &item->names;
	name_table_add(s->u->arena, &s->groups, item->word.text,
		       item->word.len, def);
	return def;
}

void scope_add_group(struct check_scope *s, const struct ast_item *item)
{
	const struct group_def *old = name_table_find(
		&s->groups, item->word.text, item->word.len);
	struct diag *d;

	if (word_is(&item->word, "@all")) {
		d = diag_add(s->u->diags, E0313, item->word.span,
			     "'@all' is every call that the ABI has");
		diag_help(d, "choose another name");
	} else if (!old) {
		add_group(s, item);
	} else if (!same_place(old->name.span, item->word.span)) {
		d = diag_add(s->u->diags, E0313, item->word.span,
			     "group '%s' is defined twice", item->word.text);
		diag_label(d, old->name.span, "first defined here");
	}
}

static struct group_def *load_builtin_group(struct check_scope *s,
					    const struct ast_word *w)
{
	const struct ast_file *file =
		include_builtin_group(s->u, w->text, w->len);

	for (const struct ast_item *i = file ? file->items : NULL; i;
	     i = i->next)
		if (i->kind == ITEM_GROUP && i->word.len == w->len &&
		    !memcmp(i->word.text, w->text, w->len))
			return add_group(s, i);
	return NULL;
}

static void report_unknown_group(struct check_scope *s,
				 const struct ast_word *w)
{
	struct diag *d = diag_add(s->u->diags, E0303, w->span,
				  "unknown group '%s'", w->text);
	struct nearest near;
	const char *name;

	nearest_init(&near, w->text, w->len);
	nearest_try(&near, "@all");
	for (size_t i = 0; i < s->groups.len && i < 1000; i++)
		nearest_try(&near, arena_strndup(s->u->arena,
						 s->groups.entries[i].text,
						 s->groups.entries[i].len));
	for (size_t i = 0; (name = builtin_group_name(i)); i++)
		nearest_try(&near, name);
	help_nearest(d, &near);
}

static struct group_def *find_group(struct check_scope *s,
				    const struct ast_word *w)
{
	struct group_def *def = name_table_find(&s->groups, w->text, w->len);

	if (!def)
		def = load_builtin_group(s, w);
	if (!def)
		report_unknown_group(s, w);
	return def;
}

static bool may_enter(struct check_scope *s, const struct ast_word *w,
		      bool active)
{
	if (active) {
		diag_add(s->u->diags, E0319, w->span,
			 "'%s' is defined by itself", w->text);
		return false;
	}
	if (s->depth == DEFINITION_DEPTH_MAX) {
		diag_add(s->u->diags, E0513, w->span,
			 "more than %d definitions inside one another",
			 DEFINITION_DEPTH_MAX);
		return false;
	}
	return true;
}

static bool group_expand(struct check_scope *s, const struct ast_word *w,
			 struct nameset *out)
{
	struct group_def *def = find_group(s, w);

	if (!def)
		return false;
	if (!def->set.bits || def->active) {
		if (!may_enter(s, w, def->active)) {
			def->bad = true;
			return false;
		}
		def->active = true;
		s->depth++;
		def->set = nameset_new(s->u->arena);
		def->bad |= !names_expand(s, def->names, &def->set, NULL);
		s->depth--;
		def->active = false;
	}
	for (size_t i = 0; i <= sysname_count() / 64; i++)
		out->bits[i] |= def->set.bits[i];
	return !def->bad;
}

static void expand_all(struct nameset *out)
{
	for (size_t i = 0; i < sysname_count(); i++)
		nameset_put(out, (sysname)i);
}

/* Names of `set` that had no origin yet came through this word. */
static void note_origins(const struct nameset *before,
			 const struct nameset *after, struct span span,
			 struct name_origin *origins)
{
	for (size_t i = 0; i <= sysname_count() / 64; i++) {
		uint64_t fresh = after->bits[i] & ~before->bits[i];

		for (; fresh; fresh &= fresh - 1)
			origins[i * 64 + (unsigned)__builtin_ctzll(fresh)] =
				(struct name_origin){ span, false };
	}
}

static bool expand_group(struct check_scope *s, const struct ast_name *n,
			 struct nameset *out, struct name_origin *origins)
{
	size_t size = (sysname_count() / 64 + 1) * sizeof(uint64_t);
	struct nameset before = { 0 };
	bool ok = true;

	if (!scope_spend(s, 8, n->word.span))
		return false;
	if (origins)
		before.bits = arena_dup(s->u->arena, out->bits, size);
	if (word_is(&n->word, "@all"))
		expand_all(out);
	else
		ok = group_expand(s, &n->word, out);
	if (origins)
		note_origins(&before, out, n->word.span, origins);
	return ok;
}

static bool expand_list(struct check_scope *s, const struct ast_name *list,
			struct nameset *out, struct name_origin *origins)
{
	bool ok = true;

	for (const struct ast_name *n = list; n; n = n->next) {
		sysname name;

		if (n->is_group) {
			ok = expand_group(s, n, out, origins) && ok;
			continue;
		}
		name = sysname_find(n->word.text, n->word.len);
		if (name == SYSNAME_NONE) {
			report_unknown_call(s->u, &n->word);
			ok = false;
			continue;
		}
		nameset_put(out, name);
		if (origins)
			origins[name] = (struct name_origin){ n->word.span,
							      true };
	}
	return ok;
}

bool names_expand(struct check_scope *s, const struct ast_names *names,
		  struct nameset *out, struct name_origin *origins)
{
	bool ok = expand_list(s, names->items, out, origins);
	struct nameset minus;

	if (!names->except)
		return ok;
	minus = nameset_new(s->u->arena);
	ok = expand_list(s, names->except, &minus, NULL) && ok;
	for (size_t i = 0; i <= sysname_count() / 64; i++)
		out->bits[i] &= ~minus.bits[i];
	return ok;
}

void scope_check_groups(struct check_scope *s)
{
	for (size_t i = 0; i < s->groups.len; i++) {
		const struct group_def *def = s->groups.entries[i].value;
		struct nameset ignored;

		if (def->set.bits)
			continue;
		ignored = nameset_new(s->u->arena);
		group_expand(s, &def->name, &ignored);
	}
}
