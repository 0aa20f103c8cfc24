/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.c - loading the program that the profile was compiled to
 */
#include "runtime/apply.h"

#include "runtime/sys.h"

int filter_load(const struct sandbox_plan *plan, struct run *run)
{
	struct sock_fprog prog = {
		.len = (unsigned short)plan->req->ninsns,
		/* The kernel copies it and writes nothing. */
		.filter = (struct sock_filter *)plan->req->insns,
	};
	unsigned flags = plan->req->log_denials ? SECCOMP_FILTER_FLAG_LOG : 0;

	if (sys_seccomp(SECCOMP_SET_MODE_FILTER, flags, &prog) < 0)
		return step_failed(run, NULL);
	return 0;
}

void filter_load_describe(const struct sandbox_plan *plan, FILE *out)
{
	fprintf(out, "load the seccomp filter, %zu instructions%s",
		plan->req->ninsns,
		plan->req->log_denials ? ", denials recorded" : "");
}
