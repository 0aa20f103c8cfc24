/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: no unproved program leaves the compiler, the two ways to fail are
 * told apart and printed, and every pass can be dumped.
 * Method: a proof that may take one step only (E0702); a program held
 * against another policy than its own (E0701), with the printed text.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "compiler/compile.h"

enum { NR_MKDIR = 83 };

struct fixture {
	struct unit *unit;
	struct rule rule;
	struct ruleset set;
	struct abi_policy abi;
	struct policy policy;
};

/* `default allow; deny(errno) mkdir if reg0 is not 0;` */
static void setup(struct fixture *f, uint16_t error)
{
	const struct abi *abi = abi_get(ABI_X86_64);
	struct interval zero = { 0, 0 };

	*f = (struct fixture){ .unit = unit_new() };
	sources_add(&f->unit->sources, "mkdir.gate", "deny mkdir\n", 11,
		    span_none);
	f->rule.action = (struct action){ ACT_ERRNO, error };
	f->rule.span = (struct span){ 1, 0, 4 };
	f->rule.cond = cond_not(
		f->unit->arena, span_none,
		cond_in(f->unit->arena, span_none, abi_reg_words(abi, 0),
			UINT64_MAX, 1, &zero));
	f->set = (struct ruleset){ NR_MKDIR, syscall_by_nr(abi, NR_MKDIR), 1,
				   &f->rule };
	f->abi = (struct abi_policy){ .abi = abi,
				      .nsets = 1,
				      .sets = &f->set,
				      .fallback = { ACT_ALLOW, 0 },
				      .unknown = { ACT_ALLOW, 0 } };
	f->policy = (struct policy){ .nabis = 1,
				     .abis = &f->abi,
				     .foreign = { ACT_KILL_PROCESS, 0 },
				     .name = "mkdir.gate" };
}

/* The diagnostics as a person sees them; the caller frees. */
static char *printed(struct unit *u)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(out);
	diag_print(u->diags, DIAG_TEXT, out);
	fclose(out);
	return text;
}

START_TEST(a_policy_becomes_a_proved_program)
{
	struct compile_stats stats = { 0 };
	struct bpf_prog *prog;
	struct fixture f;

	setup(&f, 1);
	prog = compile_policy(f.unit, &f.policy, NULL, &stats);
	ck_assert_ptr_nonnull(prog);
	ck_assert_uint_eq(stats.instructions, prog->len);
	ck_assert_uint_gt(stats.longest_path, 4);
	ck_assert_uint_gt(stats.proof_steps, 0);
	ck_assert_uint_eq(diag_errors(f.unit->diags), 0);
	bpf_prog_free(prog);
	prog = compile_policy(f.unit, &f.policy, NULL, NULL);
	ck_assert_ptr_nonnull(prog);
	bpf_prog_free(prog);
	unit_free(f.unit);
}
END_TEST

START_TEST(an_undecided_proof_gives_no_program)
{
	const struct compile_options options = { .proof_steps_max = 1 };
	struct fixture f;
	char *text;

	setup(&f, 1);
	ck_assert_ptr_null(compile_policy(f.unit, &f.policy, &options, NULL));
	ck_assert_uint_eq(diag_errors(f.unit->diags), 1);
	text = printed(f.unit);
	ck_assert_ptr_nonnull(strstr(text, "error[E0702]"));
	ck_assert_ptr_nonnull(strstr(text, "could not be proved"));
	free(text);
	unit_free(f.unit);
}
END_TEST

START_TEST(a_difference_is_shown_with_a_call)
{
	struct fixture f, other;
	struct bpf_prog *prog;
	char *text;

	setup(&f, 1);
	setup(&other, 13);
	prog = compile_generate(other.unit, &other.policy, NULL, NULL);
	ck_assert_ptr_nonnull(prog);
	ck_assert(!compile_prove(f.unit, &f.policy, prog, NULL, NULL));
	text = printed(f.unit);
	ck_assert_ptr_nonnull(strstr(text, "error[E0701]"));
	ck_assert_ptr_nonnull(strstr(text, "x86_64 mkdir(0x"));
	ck_assert_ptr_nonnull(
		strstr(text, "the policy says deny(EPERM), the program "
			     "deny(EACCES)"));
	free(text);
	bpf_prog_free(prog);
	unit_free(f.unit);
	unit_free(other.unit);
}
END_TEST

static const struct {
	const char *pass, *has; /* NULL: there is no such pass */
} dumps[] = {
	{ "lower", "x86_64 mkdir:\n" }, { "dispatch", "[4] == 0xc000003e" },
	{ "simplify", "[0] == 0x53" },	{ "codegen", "; mkdir" },
	{ "validate", "mkdir.gate:1" }, { "parse", NULL },
};

START_TEST(every_pass_can_be_dumped)
{
	struct str out = { 0 };
	struct fixture f;

	setup(&f, 1);
	ck_assert_int_eq(compile_dump(f.unit, &f.policy, NULL, dumps[_i].pass,
				      &out),
			 dumps[_i].has != NULL);
	if (dumps[_i].has)
		ck_assert_msg(strstr(str_text(&out), dumps[_i].has) != NULL,
			      "%s", str_text(&out));
	else
		ck_assert_uint_eq(out.len, 0);
	str_fini(&out);
	unit_free(f.unit);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pipeline");
	TCase *c = tcase_create("pipeline");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(c, a_policy_becomes_a_proved_program);
	tcase_add_test(c, an_undecided_proof_gives_no_program);
	tcase_add_test(c, a_difference_is_shown_with_a_call);
	tcase_add_loop_test(c, every_pass_can_be_dumped, 0,
			    (int)(sizeof(dumps) / sizeof(dumps[0])));
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
