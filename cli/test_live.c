/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_live.c - what the running kernel says about the calls of the tests
 *
 * A copy of the program whose every return is an errno of its own tells
 * which leaf a call reaches; nothing is executed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "cli/show.h"
#include "cli/test_lines.h"
#include "compiler/leaves.h"
#include "runtime/probe_leaf.h"

enum { LIVE_TIMEOUT_MS = 10000 };

static void say(struct cli *cli, const struct live_call *call,
		const char *text)
{
	struct str shown = { 0 };

	show_call(&call->call, &shown);
	printf("%s: %s: %s\n", sources_where(&cli->unit->sources, call->span),
	       str_text(&shown), text);
	str_fini(&shown);
}

static const char *reason(int answer)
{
	switch (answer) {
	case LEAF_SKIPPED:
		return "skipped: the kernel asks no filter about this call";
	case LEAF_FOREIGN:
		return "skipped: this machine makes no calls of that ABI";
	default:
		return "the kernel did not answer in time";
	}
}

static void judge(struct cli *cli, const struct leaves *leaves,
		  const struct live_call *call, int answer,
		  struct test_totals *totals)
{
	if (answer == LEAF_SKIPPED || answer == LEAF_FOREIGN) {
		say(cli, call, reason(answer));
		totals->skipped++;
	} else if (answer <= 0 || (size_t)answer > leaves->len) {
		say(cli, call, reason(LEAF_UNANSWERED));
		totals->failed++;
	} else if (leaves->list[answer - 1].ret !=
		   action_ret(call->expected)) {
		say(cli, call, "the kernel reaches another leaf");
		totals->failed++;
	} else {
		totals->passed++;
	}
}

static struct call *calls_of(const struct live_call *live, size_t n)
{
	struct call *calls = calloc(n ? n : 1, sizeof(*calls));

	if (!calls)
		oom();
	for (size_t i = 0; i < n; i++)
		calls[i] = live[i].call;
	return calls;
}

void test_live(struct cli *cli, const struct bpf_prog *prog,
	       const struct live_call *live, size_t n,
	       struct test_totals *totals)
{
	struct leaves *leaves = leaves_new(prog);
	struct call *calls = calls_of(live, n);
	int *answers = calloc(n ? n : 1, sizeof(*answers));
	const char *step = "";
	int err = E2BIG;

	if (!answers)
		oom();
	if (leaves)
		err = probe_leaves(leaves->prog->insns, leaves->prog->len,
				   calls, n, LIVE_TIMEOUT_MS, answers, &step);
	if (err) {
		printf("cannot ask the kernel: %s%s%s\n", step,
		       *step ? ": " : "", strerror(err));
		totals->failed += n;
	}
	for (size_t i = 0; i < n && !err; i++)
		judge(cli, leaves, &live[i], answers[i], totals);
	free(answers);
	free(calls);
	leaves_free(leaves);
}
