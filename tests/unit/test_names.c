/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: every system call, every argument, alias and group of the tables
 * can be written in a profile, whatever words the grammar has.
 * Method: for each ABI a profile is made that names them all, read, and
 * must give a policy with a rule for each call and no diagnostic at all.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "compiler/format.h"
#include "compiler/parse.h"
#include "compiler/unit.h"

static const struct policy *read_text(struct unit *u, const struct str *text)
{
	uint32_t source = sources_add(&u->sources, "names.gate",
				      str_text(text), text->len, span_none);
	const struct policy *p;

	u->target.abis = ABI_BIT(ABI_COUNT) - 1;
	p = gate_read(u, source);
	if (!p || diag_errors(u->diags) || diag_warnings(u->diags)) {
		diag_print(u->diags, DIAG_TEXT, stderr);
		ck_abort_msg("the profile is refused");
	}
	return p;
}

static void add_compare(struct str *text, const struct sig_arg *arg,
			const char *name, const char **joint)
{
	if (arg->reg == ARG_NO_REG)
		return;
	str_addf(text, " %s %s == %s", *joint, name,
		 arg->kind == ARG_POINTER ? "NULL" : "0");
	*joint = "and";
}

/* allow NAME if ARGUMENT == 0 and ALIAS == 0 and ...; */
static void add_rule(struct str *text, const struct syscall_desc *call)
{
	const char *joint = "if";

	str_addf(text, "allow %s", sysname_text(call->name));
	for (unsigned i = 0; i < call->nargs; i++) {
		const struct sig_arg *arg = &syscall_args(call)[i];
		const char *alias;

		add_compare(text, arg, sig_arg_name(arg), &joint);
		for (size_t k = 0; (alias = sig_arg_alias(arg, k)); k++)
			add_compare(text, arg, alias, &joint);
	}
	str_add(text, ";\n");
}

/* The rules must come in the order of numbers: one set, all arguments 0. */
static void check_sets(const struct abi_policy *p)
{
	ck_assert_uint_eq(p->nsets, syscall_count(p->abi));
	for (uint32_t i = 0; i < p->nsets; i++) {
		struct call call = { .arch = p->abi->audit_arch,
				     .nr = p->sets[i].nr };

		ck_assert_ptr_eq(p->sets[i].call, syscall_at(p->abi, i));
		ck_assert(cond_eval(p->sets[i].rules[0].cond, &call,
				    p->abi->big_endian));
	}
}

START_TEST(every_call_and_argument)
{
	const struct abi *abi = abi_get((enum abi_id)_i);
	struct unit *u = unit_new();
	struct str text = { 0 };
	const struct policy *p;

	/* Its own rules for socketcall and ipc, so nothing is derived. */
	str_addf(&text, "arch %s;\ndefault kill;\n", abi->name);
	for (size_t i = 0; i < syscall_count(abi); i++)
		add_rule(&text, syscall_at(abi, i));
	p = read_text(u, &text);
	ck_assert_uint_eq(p->nabis, 1);
	check_sets(&p->abis[0]);
	str_fini(&text);
	unit_free(u);
}
END_TEST

START_TEST(every_call_in_tests)
{
	const struct abi *abi = abi_get((enum abi_id)_i);
	struct unit *u = unit_new();
	struct str text = { 0 };

	str_addf(&text, "arch %s;\ndefault kill;\ntest \"all\" {\n",
		 abi->name);
	for (size_t i = 0; i < syscall_count(abi); i++) {
		const struct syscall_desc *call = syscall_at(abi, i);

		str_addf(&text, "%s(", sysname_text(call->name));
		for (unsigned k = 0; k < call->nargs; k++)
			str_add(&text, k ? ", _" : "_");
		str_add(&text, ") => kill;\n");
	}
	str_add(&text, "}\n");
	read_text(u, &text);
	str_fini(&text);
	unit_free(u);
}
END_TEST

/* The groups name calls that exist, and @all is all of them. */
START_TEST(every_group)
{
	struct unit *u = unit_new();
	struct str text = { 0 };
	const struct policy *p;
	const char *name;
	size_t n = 0;

	str_add(&text, "arch x86_64, i386, x32, aarch64, arm, riscv64, s390x, "
		       "ppc64le;\ndefault kill;\n");
	for (size_t i = 0; (name = builtin_group_name(i)); i++, n++)
		str_addf(&text, "allow %s;\n", name);
	str_add(&text, "kill @all;\n");
	ck_assert_uint_ge(n, 30);
	p = read_text(u, &text);
	for (uint32_t i = 0; i < p->nabis; i++)
		ck_assert_uint_eq(p->abis[i].nsets,
				  syscall_count(p->abis[i].abi));
	str_fini(&text);
	unit_free(u);
}
END_TEST

/* Each group alone takes effect somewhere and is not everything. */
START_TEST(groups_by_themselves)
{
	const char *name;

	for (size_t i = 0; (name = builtin_group_name(i)); i++) {
		struct unit *u = unit_new();
		struct str text = { 0 };
		const struct policy *p;

		str_addf(&text, "arch x86_64, i386;\ndefault kill;\nallow %s;\n",
			 name);
		p = read_text(u, &text);
		ck_assert_uint_gt(p->abis[0].nsets + p->abis[1].nsets, 0);
		ck_assert_uint_lt(p->abis[0].nsets,
				  syscall_count(p->abis[0].abi));
		str_fini(&text);
		unit_free(u);
	}
}
END_TEST

/* A name of the tables is no word that the grammar keeps to itself. */
START_TEST(keywords_are_names)
{
	static const char *const text =
		"default kill;\n"
		"kill kill;\ndeny(ENOSYS) bind, read, umask, listen;\n"
		"const kill = 3;\n"
		"allow write if fd == kill;\n";
	struct unit *u = unit_new();
	struct str s = { 0 };

	str_add(&s, text);
	read_text(u, &s);
	str_fini(&s);
	unit_free(u);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("names");
	TCase *t = tcase_create("names");
	SRunner *r;
	int failed;

	suite_add_tcase(s, t);
	tcase_add_loop_test(t, every_call_and_argument, 0, ABI_COUNT);
	tcase_add_loop_test(t, every_call_in_tests, 0, ABI_COUNT);
	tcase_add_test(t, every_group);
	tcase_add_test(t, groups_by_themselves);
	tcase_add_test(t, keywords_are_names);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
