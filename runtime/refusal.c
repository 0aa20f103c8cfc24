/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/refusal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"

void refusals_init(struct refusals *list)
{
	*list = (struct refusals){ 0 };
	list->at = calloc(REFUSALS_DISTINCT_MAX, sizeof(*list->at));
	if (!list->at)
		oom();
}

void refusals_fini(struct refusals *list)
{
	free(list->at);
	*list = (struct refusals){ 0 };
}

static bool same_call(const struct call *a, const struct call *b)
{
	return a->arch == b->arch && a->nr == b->nr &&
	       !memcmp(a->args, b->args, sizeof(a->args));
}

bool refusals_add(struct refusals *list, const struct judge *judge,
		  const struct call *call, struct action action,
		  struct refusal **out)
{
	struct call kind = *call;
	struct refusal *r;

	judge->generalise(judge->arg, &kind);
	for (size_t i = 0; i < list->len; i++) {
		r = &list->at[i];
		if (r->action != action.kind || !same_call(&r->kind, &kind))
			continue;
		r->count++;
		return false;
	}
	if (!list->at || list->len == REFUSALS_DISTINCT_MAX) {
		list->others++;
		return false;
	}
	r = &list->at[list->len++];
	*r = (struct refusal){
		.call = *call,
		.kind = kind,
		.action = (uint16_t)action.kind,
		.err = action.kind == ACT_ERRNO ? action.data : 0,
		.count = 1,
	};
	*out = r;
	return true;
}

void refusal_program(char out[PROGRAM_NAME_MAX], pid_t pid)
{
	char path[64];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	len = readlink(path, out, PROGRAM_NAME_MAX - 1);
	if (len <= 0) {
		out[0] = '?';
		len = 1;
	}
	out[len] = '\0';
}
