/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read_docker.c - seccomp profiles of Docker, Podman, CRI-O, and the
 * linux.seccomp object of an OCI runtime's config.json
 *
 * The result is what the engine and libseccomp together would enforce on
 * the unit's target; docs/formats.md lists where it is not.  What the
 * engines ignore is said, what would widen a rule by mistake is refused.
 */
#include <string.h>

#include "base/bug.h"
#include "compiler/format.h"
#include "compiler/formats/docker.h"

static const char *const profile_keys[] = {
	"defaultAction", "defaultErrnoRet", "defaultErrno", "architectures",
	"archMap",	 "flags",	    "listenerPath", "listenerMetadata",
	"syscalls",	 NULL,
};
static const char *const oci_keys[] = {
	"defaultAction", "defaultErrnoRet", "architectures",	"flags",
	"listenerPath",	 "listenerMetadata", "syscalls",	NULL,
};
/* moby for a few weeks of February 2016. */
static const char *const old_keys[] = {
	"default_action", "architectures", "syscalls", NULL,
};
static const char *const arch_map_keys[] = {
	"architecture", "subArchitectures", NULL,
};

static struct span opening(const struct json *v)
{
	return (struct span){ v->span.source, v->span.start,
			      v->span.start + 1 };
}

static void read_default(struct docker *d, const struct json *v)
{
	const char *key = d->is_old ? "default_action" : "defaultAction";
	const struct json *action = docker_get(v, key);

	if (action && action->kind == JSON_STRING && !action->len)
		action = NULL;
	if (!action) {
		d->failed = true;
		diag_help(diag_add(d->u->diags, E0608, opening(v),
				   "the profile has no '%s'", key),
			  "it says what happens to a call that no rule names, "
			  "such as \"SCMP_ACT_ERRNO\"");
		return;
	}
	d->fallback_span = action->span;
	docker_action(d, action, docker_get(v, "defaultErrnoRet"),
		      d->is_oci ? NULL : docker_get(v, "defaultErrno"),
		      &d->fallback);
}

/* ---- which ABIs ---- */

static abi_set arch_list(struct docker *d, const struct json *list)
{
	abi_set set = 0;

	for (uint32_t i = 0; list && i < list->n; i++) {
		const struct abi *abi;

		if (docker_arch_word(d, &list->items[i], &abi) && abi)
			set |= ABI_BIT(abi->id);
	}
	return set;
}

/*
 * The engines start from the native ABI and add what is listed.  A list
 * that names nothing of this machine was made for another one.
 */
static abi_set from_list(struct docker *d, const struct json *list)
{
	enum abi_id native = d->u->target.machine;
	abi_set set = arch_list(d, list) & abi_set_of_machine(native);

	if (!set)
		diag_add(d->u->diags, W0613, list->span,
			 "the list has no ABI of '%s'", abi_get(native)->name);
	if (!set || set & ABI_BIT(native))
		return set;
	diag_note(diag_add(d->u->diags, W0609, list->span,
			   "the list lacks '%s', this machine's own ABI",
			   abi_get(native)->name),
		  "the container engines add it, and so does this reader");
	return set | ABI_BIT(native);
}

static bool map_entry(struct docker *d, const struct json *entry,
		      abi_set *set)
{
	static const struct docker_keys keys = {
		"an entry of 'archMap'", arch_map_keys
	};
	const struct json *arch;
	const struct abi *abi;

	if (!json_expect(d->u->diags, entry, JSON_OBJECT,
			 "an entry of 'archMap'")) {
		d->failed = true;
		return false;
	}
	docker_check_keys(d, entry, &keys);
	arch = docker_get(entry, "architecture");
	if (!arch) {
		d->failed = true;
		diag_add(d->u->diags, E0608, opening(entry),
			 "an entry of 'archMap' has no 'architecture'");
		return false;
	}
	*set = arch_list(d, docker_get_kind(d, entry, "subArchitectures",
					    JSON_ARRAY));
	if (!docker_arch_word(d, arch, &abi) || !abi ||
	    abi->id != d->u->target.machine)
		return false;
	*set |= ABI_BIT(abi->id);
	return true;
}

/* Every entry is read, for its errors; the first that fits counts. */
static abi_set from_map(struct docker *d, const struct json *map)
{
	enum abi_id native = d->u->target.machine;
	abi_set found = 0, set;

	for (uint32_t i = 0; i < map->n; i++)
		if (map_entry(d, &map->items[i], &set) && !found)
			found = set & abi_set_of_machine(native);
	if (found)
		return found;
	diag_note(diag_add(d->u->diags, W0609, map->span,
			   "'archMap' has no entry for '%s'",
			   abi_get(native)->name),
		  "the container engines then serve this ABI alone, and so "
		  "does this reader");
	return ABI_BIT(native);
}

static void read_abis(struct docker *d, const struct json *v)
{
	const struct json *list = docker_get_kind(d, v, "architectures",
						  JSON_ARRAY);
	const struct json *map = NULL;

	d->abis = ABI_BIT(d->u->target.machine);
	if (!d->is_oci)
		map = docker_get_kind(d, v, "archMap", JSON_ARRAY);
	if (list && list->n && map && map->n) {
		d->failed = true;
		diag_label(diag_add(d->u->diags, E0610, map->span,
				    "a profile with both 'architectures' and "
				    "'archMap'"),
			   list->span, "the other");
		return;
	}
	if (list && list->n)
		d->abis = from_list(d, list);
	else if (map && map->n)
		d->abis = from_map(d, map);
	d->abis &= d->u->target.abis;
}

/* ---- what does not belong to the filter ---- */

static void read_flag(struct docker *d, const struct json *v)
{
	static const char *const moot[] = {
		"SECCOMP_FILTER_FLAG_TSYNC",
		"SECCOMP_FILTER_FLAG_SPEC_ALLOW",
		"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
		NULL,
	};

	if (!json_expect(d->u->diags, v, JSON_STRING, "a flag")) {
		d->failed = true;
		return;
	}
	if (!strcmp(v->text, "SECCOMP_FILTER_FLAG_LOG")) {
		d->log_denials = true;
		return;
	}
	for (const char *const *m = moot; *m; m++) {
		if (strcmp(*m, v->text))
			continue;
		diag_add(d->u->diags, W0604, v->span,
			 "the flag is for loading the filter and not part of "
			 "the policy");
		return;
	}
	d->failed = true;
	diag_add(d->u->diags, E0611, v->span, "'%s' is no flag", v->text);
}

static void read_flags(struct docker *d, const struct json *v)
{
	static const char *const listener[] = { "listenerPath",
						"listenerMetadata" };
	const struct json *list = docker_get_kind(d, v, "flags", JSON_ARRAY);

	for (uint32_t i = 0; list && i < list->n; i++)
		read_flag(d, &list->items[i]);
	for (size_t i = 0; i < ARRAY_LEN(listener); i++) {
		const struct json *path =
			docker_get_kind(d, v, listener[i], JSON_STRING);

		if (path && path->len)
			diag_add(d->u->diags, W0604, path->span,
				 "'%s' is for the container runtime and not "
				 "part of the policy", listener[i]);
	}
}

static void read_profile(struct docker *d, const struct json *v)
{
	struct docker_keys keys = { "the profile", profile_keys };
	const struct json *list;

	d->is_old = !d->is_oci && json_get(v, "default_action") &&
		    !json_get(v, "defaultAction");
	if (d->is_old)
		keys.known = old_keys;
	if (d->is_oci)
		keys = (struct docker_keys){ "'linux.seccomp'", oci_keys };
	docker_check_keys(d, v, &keys);
	read_default(d, v);
	read_abis(d, v);
	if (!d->is_old)
		read_flags(d, v);
	list = docker_get_kind(d, v, "syscalls", JSON_ARRAY);
	for (uint32_t i = 0; list && i < list->n; i++)
		docker_read_rule(d, &list->items[i]);
}

/* linux.seccomp of a config.json; the file itself when it is none. */
static const struct json *find_profile(struct docker *d, const struct json *v)
{
	const struct json *config, *profile;
	bool is_config = !json_get(v, "syscalls") &&
			 (json_get(v, "linux") || json_get(v, "ociVersion"));

	if (!is_config)
		return v;
	d->is_oci = true;
	config = docker_get_kind(d, v, "linux", JSON_OBJECT);
	profile = config ? docker_get_kind(d, config, "seccomp", JSON_OBJECT)
			 : NULL;
	if (profile || d->failed)
		return profile;
	diag_note(diag_add(d->u->diags, E0613, opening(config ? config : v),
			   "this configuration has no 'linux.seccomp'"),
		  "its container runs without a filter");
	return NULL;
}

const struct policy *docker_read(struct unit *u, uint32_t source)
{
	const struct json *v = json_parse(u->arena, &u->sources, u->diags,
					  source);
	struct docker *d = arena_new_of(u->arena, struct docker);

	d->u = u;
	if (!v || !json_expect(u->diags, v, JSON_OBJECT, "a profile"))
		return NULL;
	v = find_profile(d, v);
	if (!v)
		return NULL;
	read_profile(d, v);
	if (d->failed)
		return NULL;
	return docker_build(d);
}
