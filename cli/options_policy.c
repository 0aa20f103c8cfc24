/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options_policy.c - the options of every command that reads a policy: for
 * which machine, kernel and capabilities, from which format
 */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/bug.h"
#include "base/nearest.h"
#include "cli/options.h"

const struct option_row policy_options[] = {
	{ "caps", 0, "docker|none|CAP,...",
	  "capabilities held, for Docker JSON (default docker: Docker's 14)" },
	{ "from", 0, "FORMAT", "the input's format (default: look at it)" },
	{ "include", 'I', "DIR", "look for included files here too" },
	{ "kernel", 0, "X.Y",
	  "kernel version, for Docker JSON (default: this one)" },
	{ "target", 0, "ABI,...",
	  "for which ABIs (default: all of this machine)" },
	{ 0 },
};

static bool add_abi(struct cli *cli, const char *word, size_t len, bool first)
{
	struct target *t = &cli->unit->target;
	const struct abi *abi = abi_find(word, len);
	struct nearest near;
	struct str hint = { 0 };

	if (abi && (first || abi->machine == abi_get(t->machine)->machine)) {
		if (first)
			t->machine = abi->id;
		t->abis |= ABI_BIT(abi->id);
		return true;
	}
	if (abi) {
		usage_error(cli, "'%s' and '%s' belong to different machines; "
			    "one program serves one kernel",
			    abi_get(t->machine)->name, abi->name);
		return false;
	}
	nearest_init(&near, word, len);
	for (int i = 0; i < ABI_COUNT; i++)
		nearest_try(&near, abi_get((enum abi_id)i)->name);
	nearest_text(&near, &hint);
	usage_error(cli, "unknown ABI '%.*s'%s%s", (int)len, word,
		    hint.len ? "; did you mean " : "", str_text(&hint));
	str_fini(&hint);
	return false;
}

static bool set_target(struct cli *cli, const char *text)
{
	bool first = true;

	cli->unit->target.abis = 0;
	cli->target_given = true;
	for (const char *word = text;; first = false) {
		size_t len = strcspn(word, ",");

		if (!add_abi(cli, word, len, first))
			return false;
		if (!word[len])
			return true;
		word += len + 1;
	}
}

static bool parse_kernel(const char *text, struct target *t)
{
	unsigned major, minor;
	char *end;

	/* "6.18.44-generic" and "6.1" are both fine. */
	major = (unsigned)strtoul(text, &end, 10);
	if (end == text || *end != '.')
		return false;
	text = end + 1;
	minor = (unsigned)strtoul(text, &end, 10);
	if (end == text || major > 999 || minor > 999)
		return false;
	t->kernel_major = major;
	t->kernel_minor = minor;
	return true;
}

bool policy_option(struct cli *cli, const char *name, const char *value)
{
	if (!strcmp(name, "target"))
		return set_target(cli, value);
	if (!strcmp(name, "from")) {
		const struct format *f = format_find(value, strlen(value));

		if (!f || !f->read) {
			usage_error(cli, "cannot read format '%s'", value);
			return false;
		}
		cli->from = value;
	} else if (!strcmp(name, "caps")) {
		if (!parse_caps(value, &cli->unit->target.caps)) {
			usage_error(cli, "unknown capability in '%s'", value);
			return false;
		}
	} else if (!strcmp(name, "kernel")) {
		if (!parse_kernel(value, &cli->unit->target)) {
			usage_error(cli, "'%s' is not a kernel version such "
				    "as 6.1", value);
			return false;
		}
	} else if (!strcmp(name, "include")) {
		cli->include_dirs[cli->ninclude_dirs++] = value;
	}
	return true;
}

void default_target(struct cli *cli)
{
	struct target *t = &cli->unit->target;
	const struct abi *native;
	struct utsname un;

	/* It asks for nothing that could be refused, but a filter may. */
	if (uname(&un)) {
		perror("callgate: cannot ask for the kernel's version");
		exit(EXIT_NOT_STARTED);
	}
	native = abi_of_uname(un.machine);
	t->machine = native ? native->id : ABI_X86_64;
	t->abis = abi_set_of_machine(t->machine);
	parse_kernel(un.release, t);
	parse_caps("docker", &t->caps);
}
