/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor_attack.c - doctor --attack: asks for the attacks, prints the score
 */
#include "cli/doctor_attack.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "runtime/attack_run.h"

static const char *result_word(const struct attack_result *r)
{
	switch (r->state) {
	case STATE_BLOCKED:
		return "blocked";
	case STATE_OPEN:
		return "OPEN";
	case STATE_NOT:
		return "n/a";
	case STATE_NONE:
		break;
	}
	BUG("an attack without result");
}

static void print_results(const struct attack_result *results)
{
	struct str out = { 0 };

	for (size_t i = 0; i < ATTACK_COUNT; i++) {
		const struct attack_info *info = &attack_infos[i];
		const struct attack_result *r = &results[i];

		str_addf(&out, "%2zu  %-8s %-17s %s: ", i + 1, result_word(r),
			 info->name, info->tried);
		str_add_visible(&out, r->why, strlen(r->why));
		if (r->state == STATE_OPEN)
			str_addf(&out, "; remedy: %s", info->remedy);
		str_addc(&out, '\n');
	}
	fputs(out.text, stdout);
	str_fini(&out);
}

static void print_results_json(const struct attack_result *results)
{
	struct str out = { 0 };

	for (size_t i = 0; i < ATTACK_COUNT; i++) {
		str_addf(&out, "%s{\"number\": %zu, ", i ? ",\n  " : "[\n  ",
			 i + 1);
		doctor_json(&out, "name", attack_infos[i].name);
		str_add(&out, ", ");
		doctor_json(&out, "state",
			 results[i].state == STATE_OPEN
				 ? "open"
				 : result_word(&results[i]));
		str_add(&out, ", ");
		doctor_json(&out, "tried", attack_infos[i].tried);
		str_add(&out, ", ");
		doctor_json(&out, "why", results[i].why);
		str_add(&out, ", ");
		doctor_json(&out, "remedy", attack_infos[i].remedy);
		str_addc(&out, '}');
	}
	str_add(&out, "\n]\n");
	fputs(out.text, stdout);
	str_fini(&out);
}

static int score(struct cli *cli, const struct attack_result *results)
{
	unsigned count[256] = { 0 };

	for (size_t i = 0; i < ATTACK_COUNT; i++)
		count[(unsigned char)results[i].state]++;
	if (cli->diag == DIAG_JSON) {
		print_results_json(results);
	} else {
		print_results(results);
		printf("score: %u of %u blocked, %u open; %u not applicable\n",
		       count[STATE_BLOCKED],
		       count[STATE_BLOCKED] + count[STATE_OPEN],
		       count[STATE_OPEN], count[STATE_NOT]);
	}
	return count[STATE_OPEN] ? EXIT_REFUSED : EXIT_DONE;
}

static int attack(struct cli *cli, const struct attack_request *req)
{
	struct attack_result results[ATTACK_COUNT] = { 0 };

	fflush(NULL);
	if (!attack_run(req, results, cli->unit->diags))
		return cli_finish(cli, EXIT_REFUSED);
	return score(cli, results);
}

int attack_runner(struct cli *cli)
{
	const struct attack_request under = { .under = cli->name };

	return attack(cli, &under);
}

/* The runner reads the profile itself; here it is about its limits. */
int attack_profile(struct cli *cli)
{
	struct attack_request req = { 0 };
	const struct policy *policy;
	char *path;
	int code;

	if (!strcmp(cli->argv[0], "-"))
		return usage_error(cli, "--attack needs a file: it is read "
				   "again by each sandbox");
	policy = cli_load(cli, cli->argv[0], &code);
	if (!policy || diag_errors(cli->unit->diags))
		return cli_finish_errors(cli, policy ? EXIT_REFUSED : code);
	path = realpath(cli->argv[0], NULL);
	if (!path)
		return usage_error(cli, "'%s' has gone", cli->argv[0]);
	req.profile = path;
	/* A 'write' over /var/tmp takes the right to execute there. */
	req.add_exec = policy->sandbox.root == ROOT_EMPTY ||
		       (policy->sandbox.root == ROOT_HOST &&
			policy->sandbox.nmounts);
	req.root = policy->sandbox.root == ROOT_PATH
			   ? policy->sandbox.root_path
			   : NULL;
	req.memory = policy->sandbox.limits.memory_max;
	req.pids = policy->sandbox.limits.pids;
	code = attack(cli, &req);
	free(path);
	return code;
}
