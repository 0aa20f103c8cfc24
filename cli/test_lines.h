/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_lines.h - judging the test blocks of one profile
 */
#ifndef CLI_TEST_LINES_H
#define CLI_TEST_LINES_H

#include <stddef.h>

#include "cli/cmd.h"
#include "compiler/check.h"
#include "compiler/policy.h"

enum {
	TEST_LIVE = 1,	  /* flags */
	TEST_EXECUTE = 2,
};

struct test_totals {
	size_t passed, failed, skipped;
};

/* Reads, compiles and tests one profile; failures go to standard output. */
int test_file(struct cli *cli, const char *path, unsigned flags,
	      struct test_totals *totals);

/* A call for the running kernel, with what the policy says about it. */
struct live_call {
	struct call call;
	struct action expected;
	struct span span;
};

/*
 * Asks the running kernel for each call and counts; calls of ABIs that
 * this machine's kernel does not run are skipped with a reason.
 */
void test_live(struct cli *cli, const struct bpf_prog *prog,
	       const struct live_call *calls, size_t n,
	       struct test_totals *totals);

/* `run` lines in the profile's own sandbox. */
struct ast_test_line;
void test_execute(struct cli *cli, const struct policy *policy,
		  const struct bpf_prog *prog,
		  const struct ast_test_line *line,
		  struct test_totals *totals);

#endif
