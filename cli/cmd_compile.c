/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_compile.c - callgate compile: a policy to a proven program
 */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "compiler/compile.h"
#include "compiler/vm.h"

enum { COMPILE_STATS = 1 };

static bool compile_option(struct cli *cli, const char *name,
			   const char *value)
{
	const struct format *f;

	if (!strcmp(name, "stats")) {
		cli->flags |= COMPILE_STATS;
		return true;
	}
	if (!strcmp(name, "dump")) {
		cli->dump = value;
		return true;
	}
	f = format_find(value, strlen(value));
	if (!f || !f->write) {
		usage_error(cli, "cannot write format '%s'", value);
		return false;
	}
	cli->to = f;
	return true;
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void print_cached(const struct policy *policy,
			 const struct bpf_prog *prog)
{
	fputs("\"cached\": {", stdout);
	for (uint32_t i = 0; i < policy->nabis; i++) {
		const struct abi *abi = policy->abis[i].abi;
		size_t n = 0;

		for (size_t k = 0; k < syscall_count(abi); k++)
			n += vm_is_cached(prog, abi->audit_arch,
					  syscall_at(abi, k)->nr);
		printf("%s\"%s\": %zu", i ? ", " : "", abi->name, n);
	}
	fputc('}', stdout);
}

struct timed {
	uint64_t read_us, compile_us, prove_us;
};

static void print_stats(const struct policy *policy,
			const struct bpf_prog *prog,
			const struct compile_stats *stats,
			const struct timed *t)
{
	printf("{\"programs\": 1, \"instructions\": %u, "
	       "\"longest_path\": %u, ",
	       stats->instructions, stats->longest_path);
	print_cached(policy, prog);
	printf(", \"proof_steps\": %llu, \"read_us\": %llu, "
	       "\"compile_us\": %llu, \"prove_us\": %llu}\n",
	       (unsigned long long)stats->proof_steps,
	       (unsigned long long)t->read_us,
	       (unsigned long long)t->compile_us,
	       (unsigned long long)t->prove_us);
}

static bool write_program(struct cli *cli, const struct policy *policy,
			  const struct bpf_prog *prog)
{
	struct compiled c = { policy, prog };
	struct str out = { 0 };
	bool ok;

	cli->to->write(cli->unit, &c, &out);
	ok = cli_write(cli, str_text(&out), out.len);
	str_fini(&out);
	return ok;
}

static int compile_one(struct cli *cli, const struct policy *policy,
		       struct timed *t)
{
	struct compile_stats stats = { 0 };
	bool wants_stats = cli->flags & COMPILE_STATS;
	struct bpf_prog *prog;
	int code = EXIT_DONE;

	t->compile_us = now_us();
	prog = compile_generate(cli->unit, policy, NULL, &stats);
	t->prove_us = now_us();
	t->compile_us = t->prove_us - t->compile_us;
	if (prog && !compile_prove(cli->unit, policy, prog, NULL, &stats)) {
		bpf_prog_free(prog);
		prog = NULL;
	}
	t->prove_us = now_us() - t->prove_us;
	if (!prog)
		return EXIT_REFUSED;
	if ((!wants_stats || cli->output) && !write_program(cli, policy, prog))
		code = EXIT_MACHINE;
	if (wants_stats && code == EXIT_DONE)
		print_stats(policy, prog, &stats, t);
	bpf_prog_free(prog);
	return code;
}

/* What a pass makes; the program is neither proved nor written. */
static int dump_pass(struct cli *cli, const struct policy *policy)
{
	struct str out = { 0 };
	int code = EXIT_DONE;

	if (!strcmp(cli->dump, "policy"))
		policy_dump(policy, &out);
	else if (!compile_dump(cli->unit, policy, NULL, cli->dump, &out))
		code = usage_error(cli, "no pass '%s': policy, lower, "
				   "dispatch, simplify, codegen, validate",
				   cli->dump);
	if (code == EXIT_DONE && !cli_write(cli, str_text(&out), out.len))
		code = EXIT_MACHINE;
	str_fini(&out);
	return code;
}

static int compile_run(struct cli *cli)
{
	const struct policy *policy;
	struct timed t;
	int code;

	if (!cli->to)
		cli->to = format_find("bpf", strlen("bpf"));
	if (!strcmp(cli->to->name, "bpf") && !cli->output && !cli->dump &&
	    !(cli->flags & COMPILE_STATS) && isatty(STDOUT_FILENO))
		return usage_error(cli, "a program is binary: name a file "
				   "with -o, or use --to asm to read it");
	t.read_us = now_us();
	policy = cli_load(cli, cli->argv[0], &code);
	t.read_us = now_us() - t.read_us;
	if (policy && cli->dump)
		code = dump_pass(cli, policy);
	else if (policy)
		code = compile_one(cli, policy, &t);
	return cli_finish(cli, code);
}

const struct command cmd_compile = {
	.name = "compile",
	.operands = "FILE",
	.summary = "turn a policy into a proven BPF program",
	.examples = "  callgate compile web.gate -o web.bpf\n"
		    "  callgate compile web.gate --to asm\n"
		    "  callgate compile seccomp.json --target aarch64 --stats\n",
	.options = (const struct option_row[]){
		{ "to", 0, "FORMAT",
		  "bpf: raw struct sock_filter[] (default); asm: a listing; "
		  "c: an array in C" },
		{ "dump", 0, "PASS",
		  "print what a pass makes: policy, lower, dispatch, "
		  "simplify, codegen" },
		{ "stats", 0, NULL,
		  "figures as JSON on standard output; the program only "
		  "with -o" },
		{ 0 },
	},
	.reads_policy = true,
	.writes_output = true,
	.operands_min = 1,
	.operands_max = 1,
	.option = compile_option,
	.run = compile_run,
};
