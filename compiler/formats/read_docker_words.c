/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read_docker_words.c - the vocabulary of Docker's JSON: keys, actions,
 * operators, architectures, errno
 *
 * Each list is a table; a word that is in none is refused with the nearest
 * one, because a misspelt "args" would silently widen a rule.
 */
#include <string.h>

#include "abi/constants.h"
#include "base/bug.h"
#include "base/nearest.h"
#include "base/str.h"
#include "compiler/formats/docker.h"

struct word {
	const char *text;
	int value;
	int old; /* the number of February 2016, 0 for none */
};

static const struct word actions[] = {
	{ "SCMP_ACT_KILL", ACT_KILL_THREAD, 1 },
	{ "SCMP_ACT_KILL_THREAD", ACT_KILL_THREAD, 0 },
	{ "SCMP_ACT_KILL_PROCESS", ACT_KILL_PROCESS, 0 },
	{ "SCMP_ACT_TRAP", ACT_TRAP, 3 },
	{ "SCMP_ACT_ERRNO", ACT_ERRNO, 2 },
	{ "SCMP_ACT_NOTIFY", ACT_NOTIFY, 0 },
	{ "SCMP_ACT_TRACE", ACT_TRACE, 5 },
	{ "SCMP_ACT_LOG", ACT_LOG, 0 },
	{ "SCMP_ACT_ALLOW", ACT_ALLOW, 4 },
	{ NULL, 0, 0 },
};

static const struct word ops[] = {
	{ "SCMP_CMP_NE", DOCKER_NE, 2 },
	{ "SCMP_CMP_LT", DOCKER_LT, 5 },
	{ "SCMP_CMP_LE", DOCKER_LE, 6 },
	{ "SCMP_CMP_EQ", DOCKER_EQ, 1 },
	{ "SCMP_CMP_GE", DOCKER_GE, 4 },
	{ "SCMP_CMP_GT", DOCKER_GT, 3 },
	{ "SCMP_CMP_MASKED_EQ", DOCKER_MASKED_EQ, 7 },
	{ NULL, 0, 0 },
};

/* Architectures that the engines know and we have no tables for. */
static const char *const other_archs[] = {
	"SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K",	 "SCMP_ARCH_MIPS",
	"SCMP_ARCH_MIPS64",	 "SCMP_ARCH_MIPS64N32",	 "SCMP_ARCH_MIPSEL",
	"SCMP_ARCH_MIPSEL64",	 "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PARISC",
	"SCMP_ARCH_PARISC64",	 "SCMP_ARCH_PPC",	 "SCMP_ARCH_PPC64",
	"SCMP_ARCH_S390",	 "SCMP_ARCH_SH",	 "SCMP_ARCH_SHEB",
	"loong64",		 "loongarch64",		 "m68k",
	"mips",			 "mips3l64n32",		 "mips64",
	"mips64le",		 "mips64n32",		 "mips64p32",
	"mips64p32le",		 "mipsel",		 "mipsel64",
	"mipsel64n32",		 "mipsle",		 "parisc",
	"parisc64",		 "ppc",			 "ppc64",
	"s390",			 "sh",			 "sheb",
	NULL,
};

/* ---- keys ---- */

static bool is_known(const struct docker_keys *keys, const char *key)
{
	for (const char *const *k = keys->known; *k; k++)
		if (!strcmp(*k, key))
			return true;
	return false;
}

/* Keys that tools add and no engine reads. */
static bool is_remark(const char *key)
{
	static const char *const remarks[] = {
		"comment", "comments", "description", "id",
		"title",   "version",  NULL,
	};

	if (*key == '$' || *key == '_' || !strncmp(key, "x-", 2))
		return true;
	for (const char *const *r = remarks; *r; r++)
		if (!strcmp(*r, key))
			return true;
	return false;
}

static void help_nearest(struct diag *diag, const struct nearest *near)
{
	struct str text = { 0 };

	nearest_text(near, &text);
	if (text.len)
		diag_help(diag, "did you mean %s?", str_text(&text));
	str_fini(&text);
}

static void unknown_key(struct docker *d, const struct json_member *m,
			const struct docker_keys *keys)
{
	struct nearest near;
	struct diag *diag;

	if (d->is_oci || is_remark(m->key)) {
		diag = diag_add(d->u->diags, W0601, m->key_span,
				"the key '%s' of %s is ignored", m->key,
				keys->where);
		if (!is_remark(m->key))
			diag_note(diag, "the runtime specification tells "
					"runtimes to ignore what it does not "
					"define");
		return;
	}
	d->failed = true;
	diag = diag_add(d->u->diags, E0609, m->key_span,
			"'%s' is no key of %s", m->key, keys->where);
	nearest_init(&near, m->key, m->key_len);
	for (const char *const *k = keys->known; *k; k++)
		nearest_try(&near, *k);
	help_nearest(diag, &near);
}

void docker_check_keys(struct docker *d, const struct json *object,
		       const struct docker_keys *keys)
{
	for (uint32_t i = 0; i < object->n; i++)
		if (!is_known(keys, object->members[i].key))
			unknown_key(d, &object->members[i], keys);
}

const struct json *docker_get(const struct json *object, const char *key)
{
	const struct json *v = json_get(object, key);

	return v && v->kind != JSON_NULL ? v : NULL;
}

const struct json *docker_get_kind(struct docker *d, const struct json *object,
				   const char *key, enum json_kind kind)
{
	const struct json *v = docker_get(object, key);
	const char *what = arena_printf(d->u->arena, "'%s'", key);

	if (!v || json_expect(d->u->diags, v, kind, what))
		return v;
	d->failed = true;
	return NULL;
}

/* ---- words ---- */

static bool word_failed(struct docker *d, const struct json *v,
			const char *what, const struct word *words)
{
	struct nearest near;
	struct diag *diag;

	d->failed = true;
	diag = diag_add(d->u->diags, E0611, v->span, "'%s' is no %s", v->text,
			what);
	nearest_init(&near, v->text, v->len);
	for (const struct word *w = words; w->text; w++)
		nearest_try(&near, w->text);
	help_nearest(diag, &near);
	return false;
}

static bool find_old(struct docker *d, const struct json *v, const char *what,
		     const struct word *words, int *value)
{
	uint64_t n;

	if (!json_uint(d->u->diags, v, what, &n)) {
		d->failed = true;
		return false;
	}
	for (const struct word *w = words; w->text; w++) {
		if (w->old && (uint64_t)w->old == n) {
			*value = w->value;
			return true;
		}
	}
	return word_failed(d, v, what, words);
}

static bool find_word(struct docker *d, const struct json *v, const char *what,
		      const struct word *words, int *value)
{
	if (d->is_old && v->kind == JSON_NUMBER)
		return find_old(d, v, what, words, value);
	if (!json_expect(d->u->diags, v, JSON_STRING,
			 arena_printf(d->u->arena, "an %s", what))) {
		d->failed = true;
		return false;
	}
	for (const struct word *w = words; w->text; w++) {
		if (!strcmp(w->text, v->text)) {
			*value = w->value;
			return true;
		}
	}
	return word_failed(d, v, what, words);
}

bool docker_action_word(struct docker *d, const struct json *v,
			enum action_kind *kind)
{
	int value;

	if (!find_word(d, v, "action", actions, &value))
		return false;
	*kind = (enum action_kind)value;
	return true;
}

bool docker_op_word(struct docker *d, const struct json *v, enum docker_op *op)
{
	int value;

	if (!find_word(d, v, "operator", ops, &value))
		return false;
	*op = (enum docker_op)value;
	return true;
}

bool docker_arch_word(struct docker *d, const struct json *v,
		      const struct abi **abi)
{
	struct nearest near;
	struct diag *diag;

	*abi = NULL;
	if (!json_expect(d->u->diags, v, JSON_STRING, "an architecture")) {
		d->failed = true;
		return false;
	}
	*abi = abi_find(v->text, v->len);
	/* GOARCH's name for i386. */
	if (!*abi && !strcmp(v->text, "386"))
		*abi = abi_get(ABI_I386);
	if (*abi)
		return true;
	for (const char *const *a = other_archs; *a; a++)
		if (!strcmp(*a, v->text))
			return true;
	d->failed = true;
	diag = diag_add(d->u->diags, E0611, v->span,
			"'%s' is no architecture", v->text);
	nearest_init(&near, v->text, v->len);
	for (const char *const *a = other_archs; *a; a++)
		nearest_try(&near, *a);
	for (int i = 0; i < ABI_COUNT; i++) {
		const struct abi *known = abi_get((enum abi_id)i);

		nearest_try(&near, known->name);
		for (const char *const *a = known->aliases; *a; a++)
			nearest_try(&near, *a);
	}
	help_nearest(diag, &near);
	return false;
}

/* ---- actions with their data ---- */

static bool errno_number(struct docker *d, const struct json *v, uint64_t max,
			 uint64_t *value)
{
	if (!json_uint(d->u->diags, v, "an errno", value)) {
		d->failed = true;
		return false;
	}
	if (*value <= max)
		return true;
	d->failed = true;
	diag_add(d->u->diags, E0612, v->span,
		 "the number %s is too large: an action carries at most %u",
		 v->text, (unsigned)max);
	return false;
}

/* Podman's word; an empty one counts as missing, as there. */
static bool errno_word(struct docker *d, const struct json *v, uint64_t *value)
{
	const struct abi *abi = abi_get(d->u->target.machine);
	uint16_t number;

	if (!json_expect(d->u->diags, v, JSON_STRING, "an errno name")) {
		d->failed = true;
		return false;
	}
	if (errno_value(abi, v->text, v->len, &number)) {
		*value = number;
		return true;
	}
	d->failed = true;
	diag_add(d->u->diags, E0611, v->span, "'%s' is no errno name", v->text);
	return false;
}

static bool takes_data(enum action_kind kind)
{
	return kind == ACT_ERRNO || kind == ACT_TRACE;
}

static bool action_data(struct docker *d, enum action_kind kind,
			const struct json *number, const struct json *word,
			uint64_t *data)
{
	uint64_t max = kind == ACT_ERRNO ? ACT_ERRNO_MAX : ACT_DATA_MAX;
	uint64_t by_word;

	if (word && word->kind == JSON_STRING && !word->len)
		word = NULL;
	if (number && !errno_number(d, number, max, data))
		return false;
	if (!word)
		return true;
	if (!errno_word(d, word, &by_word))
		return false;
	if (number && *data != by_word) {
		d->failed = true;
		diag_label(diag_add(d->u->diags, E0610, word->span,
				    "'%s' is %u, but the number says %s: "
				    "Docker takes the number, Podman the name",
				    word->text, (unsigned)by_word,
				    number->text),
			   number->span, "the number");
		return false;
	}
	*data = by_word;
	return true;
}

bool docker_action(struct docker *d, const struct json *action,
		   const struct json *number, const struct json *word,
		   struct action *out)
{
	enum action_kind kind;
	uint64_t data = 1; /* EPERM, when nothing is said */

	if (!docker_action_word(d, action, &kind))
		return false;
	if (!takes_data(kind)) {
		if (number || (word && word->len))
			diag_add(d->u->diags, W0607,
				 number ? number->span : word->span,
				 "an errno for an action that returns none");
		*out = (struct action){ kind, 0 };
		return true;
	}
	if (!action_data(d, kind, number, word, &data))
		return false;
	*out = (struct action){ kind, (uint16_t)data };
	return true;
}
