/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a policy answers every kind of number as the language says, keeps
 * its invariants when it is cut to ABIs, and check_profile() gives signed,
 * narrow and masked comparisons their meaning.
 * Method: profiles as text, single calls asked; operators are compared
 * with C's own on every value of a narrow argument and on the edges of a
 * wide one.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "compiler/check.h"
#include "compiler/format.h"
#include "compiler/unit.h"

#define EVERY_ABI (ABI_BIT(ABI_COUNT) - 1)

static const struct policy *read_gate(struct unit *u, const char *text)
{
	uint32_t source = sources_add(&u->sources, "t.gate", text, strlen(text),
				      span_none);
	const struct policy *p;

	u->target.abis = EVERY_ABI;
	p = gate_read(u, source);
	if (!p)
		diag_print(u->diags, DIAG_TEXT, stderr);
	ck_assert(p != NULL);
	policy_verify(p);
	return p;
}

static uint32_t nr_of(enum abi_id id, const char *name)
{
	const struct syscall_desc *call = syscall_by_name(
		abi_get(id), sysname_find(name, strlen(name)));

	ck_assert(call != NULL);
	return call->nr;
}

static struct outcome ask(const struct policy *p, enum abi_id id, uint32_t nr,
			  unsigned reg, uint64_t value)
{
	struct call call = { .arch = abi_get(id)->audit_arch, .nr = nr };

	call.args[reg] = value;
	return policy_eval(p, &call);
}

static void expect(const struct policy *p, enum abi_id id, uint32_t nr,
		   enum outcome_kind kind, enum action_kind action)
{
	struct outcome o = ask(p, id, nr, 0, 0);

	ck_assert_int_eq(o.kind, kind);
	ck_assert_int_eq(o.action.kind, action);
}

START_TEST(known_unknown_foreign)
{
	struct unit *u = unit_new();
	const struct policy *p =
		read_gate(u, "arch x86_64, s390x;\ndefault log;\n"
			     "unknown trap;\nforeign kill_thread;\n"
			     "allow read;\n");

	expect(p, ABI_X86_64, 0, OUTCOME_RULE, ACT_ALLOW);
	expect(p, ABI_X86_64, 1, OUTCOME_DEFAULT, ACT_LOG);
	expect(p, ABI_X86_64, 0x3fffffff, OUTCOME_UNKNOWN, ACT_TRAP);
	/* The x32 bit makes a call foreign, but all bits make it unknown. */
	expect(p, ABI_X86_64, X32_BIT, OUTCOME_FOREIGN, ACT_KILL_THREAD);
	expect(p, ABI_X86_64, UINT32_MAX - 1, OUTCOME_FOREIGN,
	       ACT_KILL_THREAD);
	expect(p, ABI_X86_64, UINT32_MAX, OUTCOME_UNKNOWN, ACT_TRAP);
	expect(p, ABI_I386, 3, OUTCOME_FOREIGN, ACT_KILL_THREAD);
	expect(p, ABI_S390X, nr_of(ABI_S390X, "read"), OUTCOME_RULE, ACT_ALLOW);
	expect(p, ABI_S390X, 0, OUTCOME_UNKNOWN, ACT_TRAP);
	ck_assert_ptr_null(policy_abi(p, ABI_I386));
	ck_assert_ptr_null(ask(p, ABI_I386, 3, 0, 0).abi);
	unit_free(u);
}
END_TEST

START_TEST(implied_actions)
{
	static const struct {
		const char *text;
		enum action_kind fallback, unknown;
		uint16_t unknown_data;
	} cases[] = {
		{ "default deny;", ACT_ERRNO, ACT_ERRNO, 38 },
		{ "default deny(EACCES);", ACT_ERRNO, ACT_ERRNO, 38 },
		{ "default kill;", ACT_KILL_PROCESS, ACT_KILL_PROCESS, 0 },
		{ "default allow;", ACT_ALLOW, ACT_ALLOW, 0 },
		{ "default trace(7);", ACT_TRACE, ACT_TRACE, 7 },
		{ "default allow; unknown deny;", ACT_ALLOW, ACT_ERRNO, 1 },
	};
	struct unit *u = unit_new();
	const struct policy *p = read_gate(u, cases[_i].text);

	ck_assert_uint_eq(p->nabis, 1);
	ck_assert_int_eq(p->abis[0].fallback.kind, cases[_i].fallback);
	ck_assert_int_eq(p->abis[0].unknown.kind, cases[_i].unknown);
	ck_assert_uint_eq(p->abis[0].unknown.data, cases[_i].unknown_data);
	ck_assert_int_eq(p->foreign.kind, ACT_KILL_PROCESS);
	ck_assert(!p->log_denials);
	ck_assert(!p->sandbox.present);
	unit_free(u);
}
END_TEST

START_TEST(settings)
{
	struct unit *u = unit_new();
	const struct policy *p = read_gate(
		u, "default kill; foreign deny(ENOSYS); option log;\n"
		   "sandbox { workdir \"/srv\"; hostname \"web\"; }\n");

	ck_assert_int_eq(p->foreign.kind, ACT_ERRNO);
	ck_assert_uint_eq(p->foreign.data, 38);
	ck_assert(p->log_denials);
	ck_assert(p->sandbox.present);
	ck_assert_str_eq(p->sandbox.hostname, "web");
	ck_assert_str_eq(p->sandbox.workdir, "/srv");
	ck_assert_str_eq(p->name, "t.gate");
	unit_free(u);
}
END_TEST

START_TEST(select_abis)
{
	struct unit *u = unit_new();
	const struct policy *all = read_gate(
		u, "arch s390x, x86_64, i386;\ndefault kill;\nallow read;\n");
	const struct policy *p =
		policy_select(u->arena, all, ABI_BIT(ABI_I386) |
						     ABI_BIT(ABI_ARM));

	ck_assert_uint_eq(all->nabis, 3);
	ck_assert_int_eq(all->abis[0].abi->id, ABI_X86_64);
	ck_assert_int_eq(all->abis[2].abi->id, ABI_S390X);
	ck_assert_uint_eq(p->nabis, 1);
	ck_assert_ptr_eq(p->abis[0].sets, all->abis[1].sets);
	policy_verify(p);
	expect(p, ABI_I386, 3, OUTCOME_RULE, ACT_ALLOW);
	expect(p, ABI_X86_64, 0, OUTCOME_FOREIGN, ACT_KILL_PROCESS);
	p = policy_select(u->arena, all, 0);
	policy_verify(p);
	expect(p, ABI_I386, 3, OUTCOME_FOREIGN, ACT_KILL_PROCESS);
	unit_free(u);
}
END_TEST

/* ---- operators against C ---- */

struct operator_case {
	const char *text; /* of a condition on `type` of socket, an int */
	bool (*judge)(int32_t x);
};

#define JUDGE(name, expression)                                                \
	static bool name(int32_t x)                                            \
	{                                                                      \
		return expression;                                             \
	}

JUDGE(is_less, x < -3)
JUDGE(is_at_most, x <= 5)
JUDGE(is_more, x > -1)
JUDGE(is_at_least, x >= INT32_MAX)
JUDGE(is_above_least, x > INT32_MIN)
JUDGE(is_between, x >= -2 && x <= 2)
JUDGE(is_not, x != -1)
JUDGE(masked, (x & 6) == 4)
JUDGE(masked_order, (x & 0xf0) >= 0x30)
JUDGE(masked_sign, (x & ~1) < -4)
JUDGE(has_all, (x & 5) == 5)
JUDGE(has_any, x & 0xa0)
JUDGE(has_only, !(x & ~0x81))
JUDGE(masked_any, (x & 0xf) & 0x13)
JUDGE(masked_only, !((x & 0xf0) & ~0x30))
JUDGE(complement, (x & ~7) == 8)
JUDGE(in_set, x == 1 || x == -7 || (x >= 4 && x <= 6))
JUDGE(in_less, x >= 0 && x <= 9 && x != 4 && x < 7)
JUDGE(shifted, x == (3 << 2 | 1))
JUDGE(mixed, !(x < 0) && (x == 1 || (x > 3 && x != 5)))

static const struct operator_case operators[] = {
	{ "type < -3", is_less },
	{ "type <= 5", is_at_most },
	{ "type > -1", is_more },
	{ "type >= 2147483647", is_at_least },
	{ "type > -2147483648", is_above_least },
	{ "type in -2..2", is_between },
	{ "type != -1", is_not },
	{ "type & 6 == 4", masked },
	{ "(type & 0xf0) >= 0x30", masked_order },
	{ "type & ~1 < -4", masked_sign },
	{ "type has 5", has_all },
	{ "type any 0xa0", has_any },
	{ "type only 0x81", has_only },
	{ "type & 0xf any 0x13", masked_any },
	{ "type & 0xf0 only 0x30", masked_only },
	{ "type & ~7 == 8", complement },
	{ "type in { 1, -7, 4..6 }", in_set },
	{ "type in { 0..9 } except { 4, 7..20 }", in_less },
	{ "type == 3 << 2 | 1", shifted },
	{ "not (type < 0) and (type == 1 or type > 3 and type != 5)", mixed },
};

static void compare_operator(const struct policy *p, const struct abi_policy *a,
			     const struct operator_case *op, int32_t x)
{
	uint32_t nr = nr_of(a->abi->id, "socket");
	/* What the kernel does not look at must not matter. */
	uint64_t junk = (uint64_t)0xdeadbeef << 32;

	for (int i = 0; i < 2; i++) {
		uint64_t value = (uint32_t)x | (i ? junk : 0);
		struct outcome o = ask(p, a->abi->id, nr, 1, value);

		ck_assert_msg((o.action.kind == ACT_ALLOW) == op->judge(x),
			      "%s with %d on %s", op->text, x, a->abi->name);
	}
}

START_TEST(operators_are_those_of_c)
{
	const struct operator_case *op = &operators[_i];
	struct unit *u = unit_new();
	struct str text = { 0 };
	const struct policy *p;

	str_addf(&text,
		 "arch x86_64, i386, s390x;\ndefault kill;\n"
		 "on i386, s390x { deny socketcall; }\n"
		 "allow socket if %s;\n",
		 op->text);
	p = read_gate(u, str_text(&text));
	for (uint32_t i = 0; i < p->nabis; i++) {
		const struct abi_policy *a = &p->abis[i];

		for (int32_t x = -300; x <= 300; x++)
			compare_operator(p, a, op, x);
		compare_operator(p, a, op, INT32_MIN);
		compare_operator(p, a, op, INT32_MIN + 1);
		compare_operator(p, a, op, INT32_MAX);
		compare_operator(p, a, op, INT32_MAX - 1);
	}
	str_fini(&text);
	unit_free(u);
}
END_TEST

/* umode_t has 16 bits: all 65,536 values, with bits above set. */
START_TEST(narrow_argument)
{
	struct unit *u = unit_new();
	const struct policy *p =
		read_gate(u, "default kill;\n"
			     "allow mkdir if mode only 0o777 and mode >= 8;\n");

	for (uint32_t mode = 0; mode <= 0xffff; mode++) {
		struct outcome o =
			ask(p, ABI_X86_64, nr_of(ABI_X86_64, "mkdir"), 1,
			    mode | 0x123450000);

		ck_assert_int_eq(o.action.kind == ACT_ALLOW,
				 !(mode & ~0777u) && mode >= 8);
	}
	unit_free(u);
}
END_TEST

/* 64-bit values in one register, in two, and in two of big-endian words. */
START_TEST(wide_argument)
{
	struct unit *u = unit_new();
	const struct policy *p = read_gate(
		u, "arch x86_64, i386, arm, s390x;\ndefault kill;\n"
		   "allow pread64 if offset < 0x100000002;\n");
	static const int64_t values[] = { 0, 1, -1, 0x100000001, 0x100000002,
					  0x100000003, INT64_MIN, INT64_MAX };

	for (uint32_t i = 0; i < p->nabis; i++) {
		const struct abi *abi = p->abis[i].abi;
		const struct syscall_desc *call = syscall_by_nr(
			abi, nr_of(abi->id, "pread64"));
		const struct sig_arg *arg = syscall_arg(call, "offset", 6);

		ck_assert(arg != NULL);
		for (size_t k = 0; k < 8; k++) {
			struct call c = { .arch = abi->audit_arch,
					  .nr = call->nr };
			struct arg_words at = sig_arg_words(abi, arg);
			uint64_t v = (uint64_t)values[k];

			call_set_word(&c, at.lo, abi->big_endian, (uint32_t)v);
			call_set_word(&c, at.hi, abi->big_endian,
				      (uint32_t)(v >> 32));
			ck_assert_int_eq(policy_eval(p, &c).action.kind ==
						 ACT_ALLOW,
					 values[k] < 0x100000002);
		}
	}
	unit_free(u);
}
END_TEST

/* The first rule that matches decides, and the sets keep their order. */
START_TEST(first_match)
{
	struct unit *u = unit_new();
	const struct policy *p = read_gate(
		u, "default kill;\ndeny(5) read if count > 100;\n"
		   "log write, read if count > 50;\n"
		   "allow read if count > 75;\n"
		   "trap read if fd == 0;\n");
	uint32_t nr = nr_of(ABI_X86_64, "read");

	ck_assert_int_eq(ask(p, ABI_X86_64, nr, 2, 101).action.kind, ACT_ERRNO);
	ck_assert_int_eq(ask(p, ABI_X86_64, nr, 2, 100).action.kind, ACT_LOG);
	ck_assert_int_eq(ask(p, ABI_X86_64, nr, 2, 50).action.kind, ACT_TRAP);
	ck_assert_int_eq(ask(p, ABI_X86_64, nr, 0, 1).action.kind,
			 ACT_KILL_PROCESS);
	unit_free(u);
}
END_TEST

/* Call patterns use the names that the profile defines. */
START_TEST(patterns)
{
	struct unit *u = unit_new();
	struct ast_value last = { .kind = VAL_WILDCARD };
	struct ast_value mine = { .kind = VAL_NAME,
				  .word = { "MINE", 4, span_none },
				  .next = &last };
	struct ast_value string = { .kind = VAL_STRING,
				    .word = { "x", 1, span_none },
				    .next = &mine };
	struct ast_value first = { .kind = VAL_NUMBER, .next = &string };
	struct ast_call call = { .name = { "openat", 6, span_none },
				 .args = &first };
	const struct abi *abi = abi_get(ABI_I386);
	struct call_pattern p;

	read_gate(u, "arch i386;\ndefault kill;\nconst MINE = O_RDWR;\n");
	ck_assert(check_call(u, &call, abi, &p));
	ck_assert_uint_eq(p.nr, nr_of(ABI_I386, "openat"));
	ck_assert_uint_eq(p.nargs, 4);
	ck_assert_int_eq(p.args[0].kind, PATTERN_VALUE);
	ck_assert_int_eq(p.args[1].kind, PATTERN_POINTER);
	ck_assert_int_eq(p.args[2].kind, PATTERN_VALUE);
	ck_assert_uint_eq(p.args[2].value, 2);
	ck_assert_int_eq(p.args[3].kind, PATTERN_ANY);
	ck_assert_uint_eq(p.args[3].mask, 0xffff);
	call.name = (struct ast_word){ "0xffff", 6, span_none };
	string.kind = VAL_NUMBER;
	ck_assert(check_call(u, &call, abi, &p));
	ck_assert_ptr_null(p.call);
	ck_assert_uint_eq(p.nr, 0xffff);
	ck_assert_uint_eq(p.nargs, ARGS_MAX);
	ck_assert_uint_eq(p.args[5].mask, UINT32_MAX);
	call.name = (struct ast_word){ "0x1ffffffff", 11, span_none };
	ck_assert(!check_call(u, &call, abi, &p));
	unit_free(u);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("policy");
	TCase *t = tcase_create("policy");
	SRunner *r;
	int failed;

	suite_add_tcase(s, t);
	tcase_add_test(t, known_unknown_foreign);
	tcase_add_loop_test(t, implied_actions, 0, 6);
	tcase_add_test(t, settings);
	tcase_add_test(t, select_abis);
	tcase_add_loop_test(t, operators_are_those_of_c, 0,
			    sizeof(operators) / sizeof(operators[0]));
	tcase_add_test(t, narrow_argument);
	tcase_add_test(t, wide_argument);
	tcase_add_test(t, first_match);
	tcase_add_test(t, patterns);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
