/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/constants.h"
#include "base/bug.h"

static const char *text_of(const struct json *object, const char *key)
{
	const struct json *v = json_get(object, key);

	return v && v->kind == JSON_STRING ? v->text : "";
}

static uint64_t number_of(const struct json *object, const char *key,
			  uint64_t missing)
{
	const struct json *v = json_get(object, key);

	return v && v->kind == JSON_NUMBER ? strtoull(v->text, NULL, 10)
					   : missing;
}

static bool action_of(const char *word, uint64_t data, struct action *out)
{
	static const struct {
		const char *word;
		enum action_kind kind;
	} words[] = {
		{ "SCMP_ACT_KILL", ACT_KILL_THREAD },
		{ "SCMP_ACT_KILL_THREAD", ACT_KILL_THREAD },
		{ "SCMP_ACT_KILL_PROCESS", ACT_KILL_PROCESS },
		{ "SCMP_ACT_TRAP", ACT_TRAP },
		{ "SCMP_ACT_ERRNO", ACT_ERRNO },
		{ "SCMP_ACT_NOTIFY", ACT_NOTIFY },
		{ "SCMP_ACT_TRACE", ACT_TRACE },
		{ "SCMP_ACT_LOG", ACT_LOG },
		{ "SCMP_ACT_ALLOW", ACT_ALLOW },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		bool data_counts = words[i].kind == ACT_ERRNO ||
				   words[i].kind == ACT_TRACE;

		if (strcmp(words[i].word, word))
			continue;
		*out = (struct action){ words[i].kind,
					data_counts ? (uint16_t)data : 0 };
		return true;
	}
	return false;
}

/* EPERM is 1 everywhere. */
bool engine_action(const struct json *rule, struct action *out)
{
	return action_of(text_of(rule, "action"),
			 number_of(rule, "errnoRet", 1), out);
}

bool engine_default(const struct engine *e, struct action *out)
{
	return action_of(text_of(e->profile, "defaultAction"),
			 number_of(e->profile, "defaultErrnoRet", 1), out);
}

/* ---- includes and excludes ---- */

static bool holds(const struct engine *e, const char *cap)
{
	int n = cap_find(cap, strlen(cap));

	return n >= 0 && e->target->caps >> n & 1;
}

/* Go's name of the machine, as moby compares it. */
static bool is_machine(const struct engine *e, const char *arch)
{
	switch (e->target->machine) {
	case ABI_X86_64:
		return !strcmp(arch, "amd64");
	case ABI_AARCH64:
		return !strcmp(arch, "arm64");
	case ABI_I386:
	case ABI_X32:
	case ABI_ARM:
	case ABI_RISCV64:
	case ABI_S390X:
	case ABI_PPC64LE:
	case ABI_COUNT:
		break;
	}
	return !strcmp(arch, abi_get(e->target->machine)->name);
}

static unsigned count(const struct engine *e, const struct json *filter,
		      const char *key, unsigned *total)
{
	const struct json *list = json_get(filter, key);
	unsigned n = 0;

	*total = 0;
	if (!list || list->kind != JSON_ARRAY)
		return 0;
	*total = list->n;
	for (uint32_t i = 0; i < list->n; i++)
		n += strcmp(key, "caps") ? is_machine(e, list->items[i].text)
					 : holds(e, list->items[i].text);
	return n;
}

static bool kernel_reached(const struct engine *e, const char *version)
{
	unsigned major = 0, minor = 0;

	if (sscanf(version, "%u.%u", &major, &minor) != 2)
		return false;
	return e->target->kernel_major * 1000 + e->target->kernel_minor >=
	       major * 1000 + minor;
}

bool engine_applies(const struct engine *e, const struct json *rule)
{
	const struct json *in = json_get(rule, "includes");
	const struct json *ex = json_get(rule, "excludes");
	unsigned total;

	if (e->is_oci)
		return true;
	if (ex && ex->kind == JSON_OBJECT &&
	    (count(e, ex, "arches", &total) || count(e, ex, "caps", &total) ||
	     kernel_reached(e, text_of(ex, "minKernel"))))
		return false;
	if (!in || in->kind != JSON_OBJECT)
		return true;
	if (!count(e, in, "arches", &total) && total)
		return false;
	if (count(e, in, "caps", &total) < total)
		return false;
	return !*text_of(in, "minKernel") ||
	       kernel_reached(e, text_of(in, "minKernel"));
}

/* ---- rules ---- */

static enum scmp_test test_of(const char *op)
{
	static const char *const ops[] = {
		[SCMP_TEST_NE] = "SCMP_CMP_NE",
		[SCMP_TEST_LT] = "SCMP_CMP_LT",
		[SCMP_TEST_LE] = "SCMP_CMP_LE",
		[SCMP_TEST_EQ] = "SCMP_CMP_EQ",
		[SCMP_TEST_GE] = "SCMP_CMP_GE",
		[SCMP_TEST_GT] = "SCMP_CMP_GT",
		[SCMP_TEST_MASKED_EQ] = "SCMP_CMP_MASKED_EQ",
	};

	for (unsigned i = 0; i < ARRAY_LEN(ops); i++)
		if (!strcmp(ops[i], op))
			return (enum scmp_test)i;
	BUG("operator '%s'", op);
}

static struct scmp_arg arg_of(const struct json *v)
{
	return (struct scmp_arg){
		.reg = (unsigned)number_of(v, "index", 0),
		.test = test_of(text_of(v, "op")),
		.value = number_of(v, "value", 0),
		.masked = number_of(v, "valueTwo", 0),
	};
}

static int add_call(struct scmp_filter *f, struct action action,
		    const char *name, const struct json *args)
{
	uint32_t n = args && args->kind == JSON_ARRAY ? args->n : 0;
	struct scmp_arg list[ARGS_MAX];
	bool repeats = n > ARGS_MAX;
	unsigned seen = 0;
	int error = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct scmp_arg arg = arg_of(&args->items[i]);

		repeats |= seen >> arg.reg & 1;
		seen |= 1u << arg.reg;
		if (i < ARGS_MAX)
			list[i] = arg;
	}
	if (!repeats)
		return scmp_filter_adapt(f, action, name, n, list);
	for (uint32_t i = 0; i < n && !error; i++) {
		struct scmp_arg arg = arg_of(&args->items[i]);

		error = scmp_filter_adapt(f, action, name, 1, &arg);
	}
	return error;
}

static int add_rule(struct scmp_filter *f, struct action action,
		    const struct json *rule)
{
	const struct json *names = json_get(rule, "names");
	const struct json *args = json_get(rule, "args");
	int error = 0;

	if (*text_of(rule, "name"))
		error = add_call(f, action, text_of(rule, "name"), args);
	for (uint32_t i = 0; names && i < names->n; i++) {
		if (error && error != ENOSYS)
			break;
		error = add_call(f, action, names->items[i].text, args);
	}
	return error == ENOSYS ? 0 : error;
}

struct scmp_filter *engine_filter(const struct engine *e,
				  const struct abi *abi, int *error)
{
	const struct json *rules = json_get(e->profile, "syscalls");
	const struct action foreign = { ACT_KILL_PROCESS, 0 };
	struct action fallback, action;
	struct scmp_filter *f;

	*error = EINVAL;
	if (!engine_default(e, &fallback))
		return NULL;
	f = scmp_filter_new(abi, fallback, foreign);
	if (!f)
		return NULL;
	for (uint32_t i = 0; rules && i < rules->n; i++) {
		const struct json *rule = &rules->items[i];

		if (!engine_applies(e, rule) || !engine_action(rule, &action) ||
		    action_same(action, fallback))
			continue;
		*error = add_rule(f, action, rule);
		if (*error) {
			scmp_filter_free(f);
			return NULL;
		}
	}
	*error = 0;
	return f;
}
