/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.c - loading the program that the profile was compiled to
 */
#include "runtime/apply.h"

#include "runtime/sys.h"

enum { FLAG_WAIT_KILLABLE_RECV = 1 << 5 };

/* Interrupted by a signal a call would be asked about twice (Linux 5.19). */
static int load_with_listener(unsigned flags, struct sock_fprog *prog)
{
	int fd;

	flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	fd = sys_seccomp(SECCOMP_SET_MODE_FILTER,
			 flags | FLAG_WAIT_KILLABLE_RECV, prog);
	if (fd < 0 && errno == EINVAL)
		fd = sys_seccomp(SECCOMP_SET_MODE_FILTER, flags, prog);
	return fd;
}

int filter_load(const struct sandbox_plan *plan, struct run *run)
{
	struct sock_fprog prog = {
		.len = (unsigned short)plan->req->ninsns,
		/* The kernel copies it and writes nothing. */
		.filter = (struct sock_filter *)plan->req->insns,
	};
	unsigned flags = plan->req->log_denials ? SECCOMP_FILTER_FLAG_LOG : 0;
	int fd;

	if (!(plan->kind & PLAN_DENIALS)) {
		if (sys_seccomp(SECCOMP_SET_MODE_FILTER, flags, &prog) < 0)
			return step_failed(run, NULL);
		return 0;
	}
	fd = load_with_listener(flags, &prog);
	if (fd < 0)
		return step_failed(run, "its listener");
	/* Close-on-exec, as the kernel makes it; the runner takes it before. */
	run->shared->listener = fd;
	return 0;
}

void filter_load_describe(const struct sandbox_plan *plan, FILE *out)
{
	fprintf(out, "load the seccomp filter, %zu instructions%s",
		plan->req->ninsns,
		plan->req->log_denials ? ", denials recorded" : "");
	if (plan->kind & PLAN_DENIALS)
		fputs("; it asks the runner where the policy denies", out);
}
