/* SPDX-License-Identifier: Apache-2.0 */
/*
 * caps_option.c - the sets that --caps names
 */
#include <string.h>

#include "abi/constants.h"
#include "base/bug.h"
#include "cli/cmd.h"

/* What Docker keeps by default (moby, oci/caps/defaults.go). */
static const char *const docker_caps[] = {
	"CAP_CHOWN",	      "CAP_DAC_OVERRIDE", "CAP_FSETID",
	"CAP_FOWNER",	      "CAP_MKNOD",	  "CAP_NET_RAW",
	"CAP_SETGID",	      "CAP_SETUID",	  "CAP_SETFCAP",
	"CAP_SETPCAP",	      "CAP_NET_BIND_SERVICE",
	"CAP_SYS_CHROOT",     "CAP_KILL",	  "CAP_AUDIT_WRITE",
};

_Static_assert(ARRAY_LEN(docker_caps) == 14, "Docker's default set is 14");

bool parse_caps(const char *text, uint64_t *caps)
{
	*caps = 0;
	if (!strcmp(text, "none"))
		return true;
	if (!strcmp(text, "docker")) {
		for (size_t i = 0; i < ARRAY_LEN(docker_caps); i++) {
			const char *name = docker_caps[i];

			*caps |= 1ULL << cap_find(name, strlen(name));
		}
		return true;
	}
	for (const char *word = text;;) {
		size_t len = strcspn(word, ",");
		int cap = cap_find(word, len);

		if (cap < 0)
			return false;
		*caps |= 1ULL << cap;
		if (!word[len])
			return true;
		word += len + 1;
	}
}
