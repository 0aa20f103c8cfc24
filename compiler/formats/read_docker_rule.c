/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read_docker_rule.c - one element of "syscalls"
 *
 * A rule that its includes or excludes leave out for this target is
 * dropped here, but only after all of it was read: an error in it is an
 * error on every machine.
 */
#include <string.h>

#include "base/nearest.h"
#include "base/str.h"
#include "compiler/formats/docker.h"

static const char *const rule_keys[] = {
	"name",	   "names",   "action",	  "errnoRet", "errno",
	"args",	   "comment", "includes", "excludes", NULL,
};
/* What the runtime specification defines. */
static const char *const oci_rule_keys[] = {
	"name", "names", "action", "errnoRet", "args", NULL,
};
static const char *const arg_keys[] = {
	"index", "value", "valueTwo", "op", NULL,
};
static const char *const old_arg_keys[] = {
	"index", "value", "value_two", "op", NULL,
};
static const char *const filter_keys[] = {
	"caps", "arches", "minKernel", NULL,
};

static void missing(struct docker *d, const struct json *object,
		    const char *key, const char *where)
{
	struct span at = object->span;

	/* The opening brace is enough to look at. */
	at.end = at.start + 1;
	d->failed = true;
	diag_add(d->u->diags, E0608, at, "%s has no '%s'", where, key);
}

/* ---- names ---- */

/* SYSNAME_NONE when no ABI has it; then it was said. */
static sysname find_name(struct docker *d, const struct json *v)
{
	sysname name = sysname_find(v->text, v->len);
	struct nearest near;
	struct str text = { 0 };
	struct diag *diag;

	if (name != SYSNAME_NONE)
		return name;
	diag = diag_add(d->u->diags, W0602, v->span,
			"no ABI has a call '%s': the name is ignored",
			v->text);
	nearest_init(&near, v->text, v->len);
	for (size_t i = 0; i < sysname_count(); i++)
		nearest_try(&near, sysname_text((sysname)i));
	nearest_text(&near, &text);
	if (text.len)
		diag_help(diag, "did you mean %s?", str_text(&text));
	str_fini(&text);
	return name;
}

static void read_names(struct docker *d, const struct json *const *list,
		       size_t n, struct docker_rule *rule)
{
	struct docker_name *names = arena_array(d->u->arena, n ? n : 1,
						sizeof(*names));

	for (size_t i = 0; i < n; i++) {
		sysname name;

		if (!json_expect(d->u->diags, list[i], JSON_STRING,
				 "the name of a call")) {
			d->failed = true;
			continue;
		}
		name = find_name(d, list[i]);
		if (name != SYSNAME_NONE)
			names[rule->nnames++] =
				(struct docker_name){ list[i]->span, name };
	}
	rule->names = names;
}

static void rule_names(struct docker *d, const struct json *v,
		       struct docker_rule *rule)
{
	const struct json *one = docker_get_kind(d, v, "name", JSON_STRING);
	const struct json *many = docker_get_kind(d, v, "names", JSON_ARRAY);
	const struct json **list;
	struct span at = v->span;

	/* Tools that know only one of the two leave the other empty. */
	if (one && !one->len)
		one = NULL;
	if (one && many && many->n) {
		d->failed = true;
		diag_label(diag_add(d->u->diags, E0610, many->span,
				    "a rule with both 'name' and 'names'"),
			   one->span, "the other");
		return;
	}
	if (one) {
		read_names(d, &one, 1, rule);
		return;
	}
	if (!many && docker_get(v, "names"))
		return; /* of the wrong type, which was said */
	if (!many || !many->n) {
		at.end = at.start + 1;
		diag_add(d->u->diags, W0612, at, "the rule names no call");
		return;
	}
	list = arena_array(d->u->arena, many->n, sizeof(*list));
	for (uint32_t i = 0; i < many->n; i++)
		list[i] = &many->items[i];
	read_names(d, list, many->n, rule);
}

/* ---- args ---- */

static bool arg_number(struct docker *d, const struct json *v,
		       const char *key, bool needed, uint64_t *out)
{
	const struct json *n = docker_get(v, key);

	*out = 0;
	if (!n) {
		if (needed)
			missing(d, v, key, "a condition");
		return !needed;
	}
	if (json_uint(d->u->diags, n,
		      arena_printf(d->u->arena, "'%s'", key), out))
		return true;
	d->failed = true;
	return false;
}

static void check_two(struct docker *d, const struct json *v,
		      const struct docker_arg *arg)
{
	const struct json *two = docker_get(v, d->is_old ? "value_two"
							 : "valueTwo");

	if (!two || !arg->value_two)
		return;
	if (arg->op != DOCKER_MASKED_EQ)
		diag_note(diag_add(d->u->diags, W0610, two->span,
				   "this value is not used"),
			  "only SCMP_CMP_MASKED_EQ compares with it");
	else if (arg->value_two & ~arg->value)
		diag_note(diag_add(d->u->diags, W0610, two->span,
				   "bits of this value that the mask leaves "
				   "out are not compared"),
			  "the condition is (argument & value) == valueTwo");
}

static bool read_arg(struct docker *d, const struct json *v,
		     struct docker_arg *arg)
{
	const struct docker_keys keys = {
		"a condition", d->is_old ? old_arg_keys : arg_keys
	};
	const struct json *op, *value;
	uint64_t index;
	bool ok;

	if (!json_expect(d->u->diags, v, JSON_OBJECT, "a condition")) {
		d->failed = true;
		return false;
	}
	docker_check_keys(d, v, &keys);
	ok = arg_number(d, v, "index", true, &index);
	ok &= arg_number(d, v, "value", true, &arg->value);
	ok &= arg_number(d, v, d->is_old ? "value_two" : "valueTwo", false,
			 &arg->value_two);
	op = docker_get(v, "op");
	if (!op)
		missing(d, v, "op", "a condition");
	ok = ok && op && docker_op_word(d, op, &arg->op);
	if (!ok)
		return false;
	if (index >= ARGS_MAX) {
		d->failed = true;
		diag_add(d->u->diags, E0612, json_get(v, "index")->span,
			 "a call has no argument %llu: the last is %d",
			 (unsigned long long)index, ARGS_MAX - 1);
		return false;
	}
	value = json_get(v, "value");
	arg->index = (uint8_t)index;
	arg->span = v->span;
	arg->value_span = value->span;
	check_two(d, v, arg);
	return true;
}

static void rule_args(struct docker *d, const struct json *v,
		      struct docker_rule *rule)
{
	const struct json *list = docker_get_kind(d, v, "args", JSON_ARRAY);
	struct docker_arg *args;
	unsigned seen = 0;

	if (!list || !list->n)
		return;
	args = arena_array(d->u->arena, list->n, sizeof(*args));
	for (uint32_t i = 0; i < list->n; i++) {
		if (!read_arg(d, &list->items[i], &args[i]))
			return;
		if (seen & 1u << args[i].index)
			rule->one_by_one = true;
		seen |= 1u << args[i].index;
	}
	rule->args = args;
	rule->nargs = list->n;
}

/* ---- includes and excludes ---- */

/* What of a filter is true for the target. */
struct filter {
	bool has_caps, all_caps, any_cap;
	bool has_arches, arch;
	bool has_kernel, kernel;
};

static void filter_caps(struct docker *d, const struct json *v,
			struct filter *f)
{
	const struct json *list = docker_get_kind(d, v, "caps", JSON_ARRAY);

	f->all_caps = true;
	f->has_caps = list && list->n;
	for (uint32_t i = 0; list && i < list->n; i++) {
		const struct json *item = &list->items[i];
		bool held;
		int cap;

		if (!json_expect(d->u->diags, item, JSON_STRING,
				 "a capability")) {
			d->failed = true;
			continue;
		}
		cap = cap_find(item->text, item->len);
		if (cap < 0)
			diag_add(d->u->diags, W0608, item->span,
				 "no capability is called '%s': it counts as "
				 "not held", item->text);
		held = cap >= 0 && d->u->target.caps >> cap & 1;
		f->all_caps &= held;
		f->any_cap |= held;
	}
}

static void filter_arches(struct docker *d, const struct json *v,
			  struct filter *f)
{
	const struct json *list = docker_get_kind(d, v, "arches", JSON_ARRAY);

	f->has_arches = list && list->n;
	for (uint32_t i = 0; list && i < list->n; i++) {
		const struct abi *abi;

		if (docker_arch_word(d, &list->items[i], &abi) && abi &&
		    abi->id == d->u->target.machine)
			f->arch = true;
	}
}

static bool read_number(const char **p, uint32_t *out)
{
	const char *start = *p;

	*out = 0;
	for (; **p >= '0' && **p <= '9'; (*p)++) {
		if (*p - start > 5)
			return false;
		*out = *out * 10 + (uint32_t)(**p - '0');
	}
	return *p > start;
}

static void filter_kernel(struct docker *d, const struct json *v,
			  struct filter *f)
{
	const struct json *text = docker_get_kind(d, v, "minKernel",
						  JSON_STRING);
	const struct target *t = &d->u->target;
	uint32_t major, minor;
	const char *p;

	if (!text || !text->len)
		return;
	p = text->text;
	if (!read_number(&p, &major) || *p++ != '.' ||
	    !read_number(&p, &minor) || *p) {
		d->failed = true;
		diag_help(diag_add(d->u->diags, E0611, text->span,
				   "'%s' is no kernel version", text->text),
			  "write two numbers, such as \"4.8\"");
		return;
	}
	f->has_kernel = true;
	f->kernel = t->kernel_major > major ||
		    (t->kernel_major == major && t->kernel_minor >= minor);
}

static bool read_filter(struct docker *d, const struct json *v,
			const char *key, struct filter *f)
{
	const struct docker_keys keys = {
		arena_printf(d->u->arena, "'%s'", key), filter_keys
	};
	const struct json *object = docker_get_kind(d, v, key, JSON_OBJECT);

	*f = (struct filter){ 0 };
	if (!object)
		return false;
	docker_check_keys(d, object, &keys);
	filter_caps(d, object, f);
	filter_arches(d, object, f);
	filter_kernel(d, object, f);
	return true;
}

/* As moby does: includes need all that they name, excludes any. */
static bool applies(struct docker *d, const struct json *v)
{
	bool yes = true;
	struct filter f;

	if (read_filter(d, v, "includes", &f))
		yes = (!f.has_caps || f.all_caps) &&
		      (!f.has_arches || f.arch) && (!f.has_kernel || f.kernel);
	if (read_filter(d, v, "excludes", &f))
		yes = yes && !f.any_cap && !f.arch && !f.kernel;
	return yes;
}

void docker_read_rule(struct docker *d, const struct json *v)
{
	const struct docker_keys keys = {
		"a rule", d->is_oci ? oci_rule_keys : rule_keys
	};
	struct docker_rule rule = { .span = v->span };
	const struct json *action;

	if (!json_expect(d->u->diags, v, JSON_OBJECT, "a rule")) {
		d->failed = true;
		return;
	}
	docker_check_keys(d, v, &keys);
	rule_names(d, v, &rule);
	rule_args(d, v, &rule);
	action = docker_get(v, "action");
	if (!action) {
		missing(d, v, "action", "the rule");
		return;
	}
	if (docker_action(d, action, docker_get(v, "errnoRet"),
			  d->is_oci ? NULL : docker_get(v, "errno"),
			  &rule.action) &&
	    (d->is_oci || applies(d, v)))
		vec_push(d->u->arena, &d->rules, rule);
}
