/* SPDX-License-Identifier: Apache-2.0 */
/*
 * caps_option.c - the sets that --caps names
 */
#include <string.h>

#include "abi/constants.h"
#include "cli/cmd.h"

bool parse_caps(const char *text, uint64_t *caps)
{
	*caps = 0;
	if (!strcmp(text, "none"))
		return true;
	if (!strcmp(text, "docker")) {
		*caps = caps_docker();
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
