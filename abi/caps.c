/* SPDX-License-Identifier: Apache-2.0 */
/*
 * caps.c - sets of capabilities that have a name
 */
#include <string.h>

#include "abi/constants.h"
#include "base/bug.h"

/* What Docker keeps by default (moby, oci/caps/defaults.go). */
static const char *const docker_caps[] = {
	"CAP_CHOWN",	      "CAP_DAC_OVERRIDE", "CAP_FSETID",
	"CAP_FOWNER",	      "CAP_MKNOD",	  "CAP_NET_RAW",
	"CAP_SETGID",	      "CAP_SETUID",	  "CAP_SETFCAP",
	"CAP_SETPCAP",	      "CAP_NET_BIND_SERVICE",
	"CAP_SYS_CHROOT",     "CAP_KILL",	  "CAP_AUDIT_WRITE",
};

_Static_assert(ARRAY_LEN(docker_caps) == 14, "Docker's default set is 14");

uint64_t caps_docker(void)
{
	uint64_t caps = 0;

	for (size_t i = 0; i < ARRAY_LEN(docker_caps); i++)
		caps |= 1ULL << cap_find(docker_caps[i],
					 strlen(docker_caps[i]));
	return caps;
}
