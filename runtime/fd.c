/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fd.c - which descriptors the command inherits
 */
#include "runtime/apply.h"

#include <linux/close_range.h>
#include <unistd.h>

int fd_close_others(const struct sandbox_plan *plan, struct run *run)
{
	(void)plan;
	/* On exec: the pipe that says whether exec happened is among them. */
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return step_failed(run, NULL);
	return 0;
}

void fd_close_others_describe(const struct sandbox_plan *plan, FILE *out)
{
	(void)plan;
	fputs("close every descriptor except 0, 1 and 2", out);
}
