/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: listings name every instruction that can be loaded, words by the
 * target's byte order; raw output is in that order; paths are measured.
 * Method: hand-made programs against the expected text and bytes.
 */
#include <check.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>

#include "base/str.h"
#include "compiler/format.h"
#include "compiler/passes.h"

#define STMT(code, k) { (uint16_t)(code), 0, 0, (k) }
#define JUMP(code, k, jt, jf) { (uint16_t)(code), (jt), (jf), (k) }

static struct bpf_prog *program(const struct sock_filter *insns, size_t n,
				bool big_endian)
{
	struct bpf_prog *p = bpf_prog_new(big_endian);

	for (size_t i = 0; i < n; i++)
		bpf_prog_push(p, insns[i], span_none);
	return p;
}

static void check_list(const struct sock_filter *insns, size_t n,
		       bool big_endian, const char *want)
{
	struct bpf_prog *p = program(insns, n, big_endian);
	struct str out = { 0 };

	bpf_list(p, NULL, &out);
	ck_assert_str_eq(str_text(&out), want);
	str_fini(&out);
	bpf_prog_free(p);
}

START_TEST(every_opcode_has_a_name)
{
	static const struct sock_filter insns[] = {
		STMT(BPF_LD | BPF_IMM, 5),
		STMT(BPF_LDX | BPF_IMM, 6),
		STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		STMT(BPF_LDX | BPF_W | BPF_LEN, 0),
		STMT(BPF_ST, 3),
		STMT(BPF_STX, 4),
		STMT(BPF_LD | BPF_MEM, 3),
		STMT(BPF_LDX | BPF_MEM, 4),
		STMT(BPF_ALU | BPF_ADD | BPF_K, 1),
		STMT(BPF_ALU | BPF_SUB | BPF_X, 0),
		STMT(BPF_ALU | BPF_MUL | BPF_K, 2),
		STMT(BPF_ALU | BPF_DIV | BPF_K, 2),
		STMT(BPF_ALU | BPF_OR | BPF_K, 3),
		STMT(BPF_ALU | BPF_AND | BPF_K, 255),
		STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
		STMT(BPF_ALU | BPF_LSH | BPF_K, 4),
		STMT(BPF_ALU | BPF_RSH | BPF_X, 0),
		STMT(BPF_ALU | BPF_NEG, 0),
		STMT(BPF_MISC | BPF_TAX, 0),
		STMT(BPF_MISC | BPF_TXA, 0),
		JUMP(BPF_JMP | BPF_JGT | BPF_X, 0, 0, 1),
		STMT(BPF_JMP | BPF_JA, 0),
		STMT(BPF_RET | BPF_A, 0),
	};

	check_list(insns, sizeof(insns) / sizeof(insns[0]), false,
		   "   0  ld #0x5\n"
		   "   1  ldx #0x6\n"
		   "   2  ld len\n"
		   "   3  ldx len\n"
		   "   4  st M[3]\n"
		   "   5  stx M[4]\n"
		   "   6  ld M[3]\n"
		   "   7  ldx M[4]\n"
		   "   8  add #0x1\n"
		   "   9  sub x\n"
		   "  10  mul #0x2\n"
		   "  11  div #0x2\n"
		   "  12  or #0x3\n"
		   "  13  and #0xff\n"
		   "  14  xor x\n"
		   "  15  lsh #0x4\n"
		   "  16  rsh x\n"
		   "  17  neg\n"
		   "  18  tax\n"
		   "  19  txa\n"
		   "  20  jgt x, 21, 22\n"
		   "  21  ja 22\n"
		   "  22  ret a\n");
}
END_TEST

/* A number is named only where both arch and word are sure. */
START_TEST(names_need_a_known_arch)
{
	static const struct sock_filter insns[] = {
		STMT(BPF_LD | BPF_W | BPF_ABS, 4),
		JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 2),
		STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 3, 0),
		STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 1, 0),
		STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
		STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	check_list(insns, sizeof(insns) / sizeof(insns[0]), false,
		   "   0  ld arch\n"
		   "   1  jeq #0xc000003e, 2, 4      ; x86_64\n"
		   "   2  ld nr\n"
		   "   3  jeq #1, 7, 4               ; write\n"
		   "   4  ld nr\n"
		   "   5  jeq #1, 7, 6\n"
		   "   6  ret #0x50001               ; deny(EPERM)\n"
		   "   7  ret #0x7fff0000            ; allow\n");
}
END_TEST

START_TEST(words_follow_the_byte_order)
{
	static const struct sock_filter insns[] = {
		STMT(BPF_LD | BPF_W | BPF_ABS, 8),
		STMT(BPF_LD | BPF_W | BPF_ABS, 24),
		STMT(BPF_LD | BPF_W | BPF_ABS, 60),
		STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};

	check_list(insns, 4, false,
		   "   0  ld ip.lo\n   1  ld args[1].lo\n"
		   "   2  ld args[5].hi\n"
		   "   3  ret #0x80000000            ; kill\n");
	check_list(insns, 4, true,
		   "   0  ld ip.hi\n   1  ld args[1].hi\n"
		   "   2  ld args[5].lo\n"
		   "   3  ret #0x80000000            ; kill\n");
}
END_TEST

START_TEST(raw_bytes_follow_the_byte_order)
{
	static const struct sock_filter insn =
		JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x11223344, 5, 6);
	static const unsigned char little[] = { 0x15, 0, 5, 6,
						0x44, 0x33, 0x22, 0x11 };
	static const unsigned char big[] = { 0,	   0x15, 5,    6,
					     0x11, 0x22, 0x33, 0x44 };

	for (int i = 0; i < 2; i++) {
		struct compiled c = { .prog = program(&insn, 1, i) };
		struct str out = { 0 };

		bpf_write(NULL, &c, &out);
		ck_assert_uint_eq(out.len, 8);
		ck_assert_mem_eq(out.text, i ? big : little, 8);
		str_fini(&out);
		bpf_prog_free((struct bpf_prog *)c.prog);
	}
}
END_TEST

START_TEST(longest_path_counts_the_return)
{
	static const struct sock_filter insns[] = {
		STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 3, 0),
		STMT(BPF_ALU | BPF_AND | BPF_K, 1),
		STMT(BPF_JMP | BPF_JA, 1),
		STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		STMT(BPF_RET | BPF_K, 0),
	};
	struct bpf_prog *p = program(insns, 6, false);

	ck_assert_uint_eq(bpf_longest_path(p), 5);
	bpf_prog_reverse(p);
	ck_assert_uint_eq(p->insns[0].code, BPF_RET | BPF_K);
	ck_assert_uint_eq(p->insns[5].code, BPF_LD | BPF_W | BPF_ABS);
	ck_assert_uint_eq(p->insns[2].code, BPF_JMP | BPF_JA);
	bpf_prog_free(p);
}
END_TEST

START_TEST(formats_are_found_and_guessed)
{
	ck_assert_str_eq(format_find("asm", 3)->name, "asm");
	ck_assert_ptr_null(format_find("as", 2));
	ck_assert_ptr_null(format_find("asmx", 4));
	ck_assert_str_eq(format_at(0)->name, "gate");
	ck_assert_ptr_null(format_at(1000));
	ck_assert_str_eq(format_guess("a.gate", "{", 1)->name, "gate");
	ck_assert_str_eq(format_guess("a.json", "", 0)->name, "docker");
	ck_assert_str_eq(format_guess("-", " \n{", 3)->name, "docker");
	ck_assert_str_eq(format_guess("-", "default", 7)->name, "gate");
	ck_assert_str_eq(format_guess(".json", "x", 1)->name, "gate");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("bpf");
	TCase *c = tcase_create("bpf");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(c, every_opcode_has_a_name);
	tcase_add_test(c, names_need_a_known_arch);
	tcase_add_test(c, words_follow_the_byte_order);
	tcase_add_test(c, raw_bytes_follow_the_byte_order);
	tcase_add_test(c, longest_path_counts_the_return);
	tcase_add_test(c, formats_are_found_and_guessed);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
