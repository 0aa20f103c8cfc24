/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"

struct unit *unit_new(void)
{
	struct unit *u = calloc(1, sizeof(*u));

	if (!u)
		oom();
	u->arena = arena_new();
	sources_init(&u->sources, u->arena);
	u->diags = diag_sink_new(u->arena, &u->sources);
	u->target = (struct target){
		.machine = ABI_X86_64,
		.abis = abi_set_of_machine(ABI_X86_64),
		.kernel_major = 6,
		.kernel_minor = 1,
	};
	return u;
}

void unit_free(struct unit *u)
{
	if (!u)
		return;
	arena_free(u->arena);
	free(u);
}

uint32_t unit_read(struct unit *u, const char *path)
{
	const char *name = strcmp(path, "-") ? path : "<stdin>";
	char *text = NULL;
	size_t len = 0;
	uint32_t number;
	int err = file_read(path, SOURCE_MAX_BYTES, &text, &len);

	if (err == EFBIG) {
		diag_help(diag_add(u->diags, E0502, span_none,
				   "'%s' is larger than %d MiB", name,
				   SOURCE_MAX_BYTES / (1024 * 1024)),
			  "a policy is a few kilobytes; is this the right file?");
		return 0;
	}
	if (err) {
		diag_add(u->diags, E0501, span_none, "cannot read '%s': %s",
			 name, strerror(err));
		return 0;
	}
	number = sources_add(&u->sources, name, text, len, span_none);
	vec_push(u->arena, &u->lookups,
		 (struct file_lookup){ arena_strndup(u->arena, name,
						     strlen(name)),
				       number });
	free(text);
	return number;
}
