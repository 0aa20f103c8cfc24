/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: real profiles get the same verdicts from us as from a container
 * engine with libseccomp, for every number that libseccomp knows.
 * Method: each profile of the collection (and the system's own, where it
 * is installed) is read by docker_read() and, independently, by
 * tests/support/engine.c; both programs run on sampled calls, for several
 * targets and capability sets.  Known differences are printed as a list.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "abi/constants.h"
#include "base/bug.h"
#include "base/str.h"
#include "compiler/compile.h"
#include "compiler/format.h"
#include "tests/support/engine.h"
#include "tests/support/verdicts.h"

enum { SAMPLES = 200 };

static const char *const docker_caps[] = {
	"CAP_AUDIT_WRITE", "CAP_CHOWN",	   "CAP_DAC_OVERRIDE",
	"CAP_FOWNER",	   "CAP_FSETID",   "CAP_KILL",
	"CAP_MKNOD",	   "CAP_NET_BIND_SERVICE", "CAP_NET_RAW",
	"CAP_SETFCAP",	   "CAP_SETGID",   "CAP_SETPCAP",
	"CAP_SETUID",	   "CAP_SYS_CHROOT",
};

struct totals {
	size_t passed, failed, refused, calls, unknown;
};

static uint64_t caps_of(const char *const *names, size_t n)
{
	uint64_t caps = 0;

	for (size_t i = 0; i < n; i++)
		caps |= UINT64_C(1) << cap_find(names[i], strlen(names[i]));
	return caps;
}

static struct engine engine_of(const struct json *file,
			       const struct target *target)
{
	struct engine e = { .profile = file, .target = target };

	if (!json_get(file, "syscalls") && json_get(file, "linux")) {
		e.profile = json_get(json_get(file, "linux"), "seccomp");
		e.is_oci = true;
	}
	return e;
}

static void report(const char *path, const struct abi *abi,
		   const struct verdicts *v)
{
	const struct syscall_desc *call = syscall_by_nr(abi, v->witness.nr);
	struct str ours = { 0 }, theirs = { 0 };

	action_text(v->ours, abi, &ours);
	action_text(v->theirs, abi, &theirs);
	printf("FAIL %s on %s: %zu of %zu calls differ, such as %s(", path,
	       abi->name, v->different, v->calls,
	       call ? sysname_text(call->name) : "?");
	for (unsigned i = 0; i < ARGS_MAX; i++)
		printf("%s%#llx", i ? ", " : "",
		       (unsigned long long)v->witness.args[i]);
	printf("): ours %s, libseccomp's %s\n", str_text(&ours),
	       str_text(&theirs));
	str_fini(&ours);
	str_fini(&theirs);
}

static bool compare_abi(const char *path, const struct engine *e,
			const struct abi *abi, const struct policy *policy,
			const struct bpf_prog *prog, struct totals *t)
{
	struct verdicts v = { 0 };
	struct scmp_filter *f;
	uint64_t *values;
	size_t n;
	int error;

	if (!scmp_has_abi(abi))
		return true;
	f = engine_filter(e, abi, &error);
	if (!f) {
		printf("FAIL %s on %s: the engine stops: %s\n", path, abi->name,
		       strerror(error));
		return false;
	}
	values = profile_values(e->profile, &n);
	verdicts_compare(abi, policy, prog, f, values, n, SAMPLES, &v);
	free(values);
	scmp_filter_free(f);
	t->calls += v.calls;
	t->unknown += v.unknown;
	if (v.different)
		report(path, abi, &v);
	return !v.different;
}

static bool compare_policy(const char *path, struct unit *u, uint32_t source,
			   const struct policy *policy, struct totals *t)
{
	const struct json *file = json_parse(u->arena, &u->sources, u->diags,
					     source);
	struct engine e = engine_of(file, &u->target);
	struct compile_options options = { 0 };
	struct compile_stats stats;
	struct bpf_prog *prog = compile_policy(u, policy, &options, &stats);
	bool ok = prog;
	struct action unused;

	if (!prog)
		printf("FAIL %s: not compiled\n", path);
	/* February 2016: no engine of today reads it. */
	if (!engine_default(&e, &unused)) {
		bpf_prog_free(prog);
		return ok;
	}
	for (uint32_t i = 0; prog && i < policy->nabis; i++)
		ok &= compare_abi(path, &e, policy->abis[i].abi, policy, prog,
				  t);
	bpf_prog_free(prog);
	return ok;
}

static bool has_place(struct unit *u)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	bool placed;

	diag_print(u->diags, DIAG_TEXT, out);
	fclose(out);
	/* FILE:LINE:COLUMN: error[E...] */
	placed = strstr(text, ": error[E06") || strstr(text, ": warning[W0613");
	placed = placed && strncmp(text, "callgate:", 9);
	free(text);
	return placed;
}

static char one_profile(const char *path, enum abi_id machine, uint64_t caps,
			struct totals *t)
{
	struct unit *u = unit_new();
	const struct policy *policy = NULL;
	uint32_t source;
	bool ok;

	u->target.machine = machine;
	u->target.abis = abi_set_of_machine(machine);
	u->target.caps = caps;
	source = unit_read(u, path);
	if (source)
		policy = docker_read(u, source);
	if (policy && policy->nabis) {
		ok = compare_policy(path, u, source, policy, t);
	} else {
		ok = has_place(u);
		t->refused++;
		if (!ok)
			printf("FAIL %s: refused without a place\n", path);
	}
	t->passed += ok;
	t->failed += !ok;
	unit_free(u);
	return !ok ? 'F' : policy && policy->nabis ? '=' : policy ? '-' : 'r';
}

static void all_targets(const char *path, struct totals *t)
{
	static const enum abi_id machines[] = { ABI_X86_64, ABI_AARCH64,
						ABI_S390X, ABI_RISCV64,
						ABI_PPC64LE };
	uint64_t docker = caps_of(docker_caps, ARRAY_LEN(docker_caps));

	char row[2 * ARRAY_LEN(machines) + 2] = "";
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(machines); i++) {
		row[n++] = one_profile(path, machines[i], docker, t);
		row[n++] = one_profile(path, machines[i], 0, t);
	}
	row[n++] = one_profile(path, ABI_X86_64, UINT64_MAX, t);
	printf("%s %s\n", row, basename(path));
}

static int is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool one_folder(const char *shared, const char *name, struct totals *t)
{
	struct dirent **list;
	char *folder, *path;
	int n;

	if (asprintf(&folder, "%s/corpus/%s", shared, name) < 0)
		oom();
	n = scandir(folder, &list, is_file, alphasort);
	for (int i = 0; i < n; i++) {
		if (asprintf(&path, "%s/%s", folder, list[i]->d_name) < 0)
			oom();
		all_targets(path, t);
		free(path);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	free(folder);
	return n > 0;
}

static void list_differences(const struct totals *t)
{
	printf("not compared, because ours is different on purpose:\n"
	       "  numbers without a name: ours 'unknown' (ENOSYS under a "
	       "default of ERRNO), libseccomp's the default\n"
	       "  other ABIs, x32 where it is not listed: ours kills the "
	       "process, libseccomp's the thread\n"
	       "  bits that a call ignores: ours does not look at them\n"
	       "  high halves on x32: libseccomp does not look at them\n"
	       "  %zu numbers that libseccomp names and the tables do not\n",
	       t->unknown);
}

int main(void)
{
	static const char system_profile[] =
		"/usr/share/containers/seccomp.json";
	const char *shared = getenv("CALLGATE_SHARED");
	struct totals t = { 0 };
	char *text;
	size_t len;
	bool found;

	if (!shared)
		shared = "../shared";
	printf("columns: x86_64, aarch64, s390x, riscv64, ppc64le, each with "
	       "Docker's capabilities and none; x86_64 with all\n"
	       "= proved, and libseccomp's verdicts; - no ABI of the machine; "
	       "r refused with a place; F failed\n");
	found = one_folder(shared, "docker-json", &t);
	found |= one_folder(shared, "oci-config", &t);
	if (!file_read(system_profile, SOURCE_MAX_BYTES, &text, &len)) {
		free(text);
		all_targets(system_profile, &t);
		found = true;
	}
	if (!found) {
		printf("skip: no collection beside the checkout and no %s\n",
		       system_profile);
		return 77;
	}
	list_differences(&t);
	printf("%zu calls compared, %zu profiles refused with a place\n",
	       t.calls, t.refused);
	printf("%zu passed, %zu failed\n", t.passed, t.failed);
	return t.failed ? 1 : 0;
}
