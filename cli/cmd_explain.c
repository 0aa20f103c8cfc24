/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_explain.c - callgate explain: what happens to a call, and why
 */
#include <stdlib.h>
#include <string.h>

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

static void print_path(const struct explained *e, const struct call *call)
{
	uint32_t *trace = calloc(e->prog->len, sizeof(*trace));
	struct vm_result r;

	if (!trace)
		return;
	r = vm_run(e->prog, call, trace);
	printf("    path    %u instruction%s\n", r.steps,
	       r.steps == 1 ? "" : "s");
	for (uint32_t i = 0; i < r.steps; i++)
		printf("            %s\n", e->listing[trace[i]]);
	free(trace);
}

static void print_cache(const struct explained *e, const struct call *call,
			const struct outcome *o)
{
	if (o->set && o->set->call && o->set->call->bypasses_filter)
		puts("    kernel  runs this call without asking any filter");
	else if (vm_is_cached(e->prog, call->arch, call->nr))
		puts("    kernel  answers it from its cache: the filter is "
		     "not run");
	else
		puts("    kernel  runs the filter for each such call");
}

static void print_outcome(const struct explained *e,
			  const struct pattern_outcome *p, bool example)
{
	struct str text = { 0 };
	const struct abi *abi = p->outcome.abi ? p->outcome.abi->abi : NULL;

	str_add(&text, "  ");
	action_text(p->outcome.action, abi, &text);
	str_addc(&text, '\n');
	show_reason(e->cli->unit, e->policy, &p->outcome, &text);
	if (example) {
		str_add(&text, "    as in   ");
		show_call(&p->witness, &text);
		str_addc(&text, '\n');
	}
	fputs(str_text(&text), stdout);
	str_fini(&text);
	print_cache(e, &p->witness, &p->outcome);
	print_path(e, &p->witness);
}

static bool explain_on(const struct explained *e, const struct ast_call *call,
		       const struct abi *abi)
{
	struct call_pattern pattern;
	struct outcome_list list;
	const struct source *src;

	if (!check_call(e->cli->unit, call, abi, &pattern))
		return false;
	src = sources_get(&e->cli->unit->sources, call->span.source);
	printf("%.*s on %s (number %u)\n",
	       (int)(call->span.end - call->span.start),
	       src->text + call->span.start, abi->name, pattern.nr);
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
	.summary = "say what happens to a call, by which rule, on which path",
	.examples = "  callgate explain web.gate "
		    "'socket(AF_INET, SOCK_RAW, 0)'\n"
		    "  callgate explain web.gate socket\n"
		    "  callgate explain seccomp.json\n",
	.reads_policy = true,
	.operands_min = 1,
	.operands_max = 2,
	.run = explain_run,
};
