/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_explain.c - callgate explain: what happens to a call, and why
 */
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "cli/cmd.h"
#include "cli/show.h"
#include "compiler/check.h"
#include "compiler/compile.h"
#include "compiler/outcomes.h"
#include "compiler/parse.h"
#include "compiler/vm.h"

struct explained {
	struct cli *cli;
	const struct policy *policy;
	const struct bpf_prog *prog;
	char **listing; /* one line for each instruction */
};

enum { EXPLAIN_PATH = 1 };

static bool explain_option(struct cli *cli, const char *name,
			   const char *value)
{
	(void)value;
	if (!strcmp(name, "path"))
		cli->flags |= EXPLAIN_PATH;
	return true;
}

/*
 * What the kernel does for such a call.  The instructions on the way are
 * shown for a single answer on a single ABI, and with --path for each.
 */
static void print_path(const struct explained *e, const struct call *call,
		       bool single)
{
	bool listed = single || e->cli->flags & EXPLAIN_PATH;
	uint32_t *trace = calloc(e->prog->len, sizeof(*trace));
	struct vm_result r;

	if (!trace)
		oom();
	r = vm_run(e->prog, call, trace);
	if (vm_is_cached(e->prog, call->arch, call->nr))
		puts("    kernel  answers from its cache, from 5.11 on: the "
		     "filter is not run");
	else
		printf("    kernel  runs %u instructions of the filter\n",
		       r.steps);
	for (uint32_t i = 0; i < r.steps && listed; i++)
		printf("            %s\n", e->listing[trace[i]]);
	free(trace);
}

static bool bypasses(const struct call *call)
{
	const struct abi *abi = call_abi(call);
	const struct syscall_desc *d =
		abi ? syscall_by_nr(abi, call->nr) : NULL;

	return d && d->bypasses_filter;
}

static void print_outcome(const struct explained *e,
			  const struct pattern_outcome *p, bool example)
{
	const struct abi *abi = p->outcome.abi ? p->outcome.abi->abi : NULL;
	bool unasked = bypasses(&p->witness);
	struct str text = { 0 };

	str_add(&text, "  ");
	action_text(p->outcome.action, abi, &text);
	str_add(&text, unasked ? ", but it runs all the same\n" : "\n");
	show_reason(e->cli->unit, e->policy, &p->outcome, &text);
	if (example) {
		str_add(&text, "    as in   ");
		show_call(&p->witness, &text);
		str_addc(&text, '\n');
	}
	fputs(str_text(&text), stdout);
	str_fini(&text);
	if (unasked)
		puts("    kernel  asks no filter about this call");
	else
		print_path(e, &p->witness,
			   !example && e->policy->nabis == 1);
}

/* The call as asked for, with what its number or name means there. */
static void print_heading(const struct explained *e,
			  const struct ast_call *call,
			  const struct call_pattern *p)
{
	const struct source *src =
		sources_get(&e->cli->unit->sources, call->span.source);
	bool by_number = call->name.text[0] >= '0' && call->name.text[0] <= '9';

	printf("%s%.*s on %s", by_number ? "number " : "",
	       (int)(call->span.end - call->span.start),
	       src->text + call->span.start, p->abi->name);
	if (!by_number)
		printf(p->nr < 0x40000000 ? " (number %u)" : " (number %#x)",
		       p->nr);
	else if (p->call)
		printf(" (%s)", sysname_text(p->call->name));
	putchar('\n');
}

static bool explain_on(const struct explained *e, const struct ast_call *call,
		       const struct abi *abi)
{
	struct call_pattern pattern;
	struct outcome_list list;

	if (!check_call(e->cli->unit, call, abi, &pattern))
		return false;
	print_heading(e, call, &pattern);
	list = outcomes_of(e->cli->unit->arena, e->policy, &pattern);
	for (size_t i = 0; i < list.len; i++)
		print_outcome(e, &list.at[i], list.len > 1);
	if (list.incomplete)
		puts("  there may be more outcomes: the search ended at its "
		     "limit");
	return true;
}

/* A name that only some of the ABIs have is explained on those. */
static bool abi_has(const struct ast_call *call, const struct abi *abi)
{
	sysname name = sysname_find(call->name.text, call->name.len);

	return name == SYSNAME_NONE || syscall_by_name(abi, name);
}

static int explain_call(const struct explained *e, const char *text)
{
	struct unit *u = e->cli->unit;
	uint32_t number = sources_add(&u->sources, "<call>", text,
				      strlen(text), span_none);
	struct ast_call *call;
	bool bare, shown = false;

	call = parse_call(u, number, &bare);
	if (!call)
		return EXIT_REFUSED;
	for (uint32_t i = 0; i < e->policy->nabis; i++) {
		const struct abi *abi = e->policy->abis[i].abi;

		if (!abi_has(call, abi))
			continue;
		if (!explain_on(e, call, abi))
			return EXIT_REFUSED;
		shown = true;
	}
	if (!shown) {
		const struct abi *abi = e->policy->abis[0].abi;

		printf("%s does not exist on %s", call->name.text, abi->name);
		for (uint32_t i = 1; i < e->policy->nabis; i++)
			printf(", %s", e->policy->abis[i].abi->name);
		putchar('\n');
	}
	return EXIT_DONE;
}

/* Splits the program's listing into its lines. */
static char **listing_lines(struct unit *u, const struct bpf_prog *prog)
{
	char **lines = arena_array(u->arena, prog->len + 1, sizeof(*lines));
	struct str text = { 0 };
	char *copy, *save = NULL;
	size_t n = 0;

	bpf_list(prog, &u->sources, &text);
	copy = arena_strndup(u->arena, str_text(&text), text.len);
	str_fini(&text);
	for (char *line = strtok_r(copy, "\n", &save); line && n < prog->len;
	     line = strtok_r(NULL, "\n", &save))
		lines[n++] = line;
	while (n < prog->len)
		lines[n++] = arena_strndup(u->arena, "", 0);
	return lines;
}

static int explain_run(struct cli *cli)
{
	struct explained e = { .cli = cli };
	struct bpf_prog *prog;
	int code;

	e.policy = cli_load(cli, cli->argv[0], &code);
	if (!e.policy)
		return cli_finish_errors(cli, code);
	prog = compile_policy(cli->unit, e.policy, NULL, NULL);
	if (!prog)
		return cli_finish_errors(cli, EXIT_REFUSED);
	e.prog = prog;
	e.listing = listing_lines(cli->unit, prog);
	if (cli->argc > 1)
		code = explain_call(&e, cli->argv[1]);
	else
		code = show_surface(e.policy);
	bpf_prog_free(prog);
	return cli_finish_errors(cli, code);
}

const struct command cmd_explain = {
	.name = "explain",
	.operands = "FILE [CALL]",
	.summary = "say what happens to a call, and by which rule",
	.examples = "  callgate explain web.gate "
		    "'socket(AF_INET, SOCK_RAW, 0)'\n"
		    "  callgate explain web.gate socket\n"
		    "  callgate explain seccomp.json\n",
	.options = (const struct option_row[]){
		{ "path", 0, NULL,
		  "list the filter's instructions for each of several answers" },
		{ 0 },
	},
	.reads_policy = true,
	.operands_min = 1,
	.operands_max = 2,
	.option = explain_option,
	.run = explain_run,
};
