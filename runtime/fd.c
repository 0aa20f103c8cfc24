/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fd.c - which descriptors the command inherits
 */
#include "runtime/apply.h"

#include <linux/close_range.h>
#include <unistd.h>

int fd_close_others(const struct sandbox_plan *plan, struct run *run)
{
	unsigned first = 3;

	/* On exec: the pipe that says whether exec happened is among them. */
	for (size_t i = 0; i < plan->nfds; i++) {
		unsigned kept = (unsigned)plan->fds[i];

		if (kept > first &&
		    close_range(first, kept - 1, CLOSE_RANGE_CLOEXEC) < 0)
			return step_failed(run, NULL);
		if (kept >= first)
			first = kept + 1;
	}
	if (close_range(first, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return step_failed(run, NULL);
	return 0;
}

void fd_close_others_describe(const struct sandbox_plan *plan, FILE *out)
{
	if (!plan->nfds) {
		fputs("close every descriptor except 0, 1 and 2", out);
		return;
	}
	fputs("close every descriptor except 0, 1, 2", out);
	for (size_t i = 0; i < plan->nfds; i++)
		fprintf(out, "%s %d", i + 1 < plan->nfds ? "," : " and",
			plan->fds[i]);
}
