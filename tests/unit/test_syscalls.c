/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of system calls: order, look-ups of every name and number,
 * shape of every signature, and the signatures that are easy to get wrong.
 * Method: walks over the whole tables; a few calls by hand, from the
 * kernel's sources.
 */
#include <check.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/syscalls.h"

static const struct syscall_desc *call_of(enum abi_id abi, const char *name)
{
	sysname found = sysname_find(name, strlen(name));

	ck_assert_msg(found != SYSNAME_NONE, "%s", name);
	return syscall_by_name(abi_get(abi), found);
}

static const struct sig_arg *arg_of(enum abi_id abi, const char *call,
				    const char *arg)
{
	const struct syscall_desc *desc = call_of(abi, call);

	ck_assert_msg(desc != NULL, "%s %s", abi_get(abi)->name, call);
	return syscall_arg(desc, arg, strlen(arg));
}

START_TEST(names_are_sorted_and_found)
{
	for (size_t i = 0; i < sysname_count(); i++) {
		const char *name = sysname_text((sysname)i);

		if (i)
			ck_assert_str_lt(sysname_text((sysname)(i - 1)), name);
		ck_assert_uint_eq(sysname_find(name, strlen(name)), i);
	}
	ck_assert_uint_eq(sysname_find("open", 3), SYSNAME_NONE);
	ck_assert_uint_eq(sysname_find("opena", 5), SYSNAME_NONE);
	ck_assert_uint_eq(sysname_find("openat", 4),
			  sysname_find("open", 4));
	ck_assert_uint_eq(sysname_find("", 0), SYSNAME_NONE);
	ck_assert_uint_eq(sysname_find("open\0t", 6), SYSNAME_NONE);
}
END_TEST

START_TEST(numbers_ascend_and_are_found)
{
	const struct abi *abi = abi_get((enum abi_id)_i);

	ck_assert_uint_gt(syscall_count(abi), 300);
	for (size_t i = 0; i < syscall_count(abi); i++) {
		const struct syscall_desc *call = syscall_at(abi, i);

		if (i)
			ck_assert_uint_lt(syscall_at(abi, i - 1)->nr, call->nr);
		ck_assert_ptr_eq(syscall_by_nr(abi, call->nr), call);
		ck_assert_ptr_eq(syscall_by_name(abi, call->name), call);
		ck_assert_uint_eq(call->nr & X32_BIT, abi->nr_bit);
	}
	ck_assert_ptr_null(syscall_by_nr(abi, 0xffffffff));
	ck_assert_ptr_null(syscall_by_nr(abi, abi->nr_bit | 4000));
	ck_assert_ptr_null(syscall_by_name(abi, SYSNAME_NONE));
}
END_TEST

static void check_name(const char *name)
{
	static const char *const reserved[] = { "if",   "in",  "has", "any",
						"only", "and", "or",  "not",
						"except" };

	ck_assert(isalpha((unsigned char)*name));
	for (const char *c = name; *c; c++)
		ck_assert_msg(isalnum((unsigned char)*c) || *c == '_', "%s",
			      name);
	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
		ck_assert_str_ne(name, reserved[i]);
}

static void check_argument(const struct abi *abi,
			   const struct syscall_desc *call,
			   const struct sig_arg *arg)
{
	const char *name = sig_arg_name(arg);

	check_name(name);
	ck_assert_ptr_eq(syscall_arg(call, name, strlen(name)), arg);
	for (size_t i = 0; (name = sig_arg_alias(arg, i)); i++) {
		check_name(name);
		ck_assert_ptr_eq(syscall_arg(call, name, strlen(name)), arg);
	}
	ck_assert(arg->bits == 8 || arg->bits == 16 || arg->bits == 32 ||
		  arg->bits == 64);
	if (arg->reg_hi == ARG_NO_REG)
		ck_assert_uint_le(arg->bits, abi->word_bits);
	else
		ck_assert_uint_eq(arg->bits, 64);
	if (arg->kind == ARG_POINTER) {
		ck_assert(!arg->is_signed);
		ck_assert_uint_eq(arg->family, FAMILY_NONE);
		ck_assert_uint_ge(arg->bits, 32);
	}
	if (arg->family != FAMILY_NONE)
		ck_assert_ptr_nonnull(family_get(arg->family));
}

START_TEST(signatures_have_a_shape)
{
	const struct abi *abi = abi_get((enum abi_id)_i);

	for (size_t i = 0; i < syscall_count(abi); i++) {
		const struct syscall_desc *call = syscall_at(abi, i);
		unsigned regs = 0;

		ck_assert_uint_le(call->nargs, ARGS_MAX);
		if (call->not_implemented)
			ck_assert_uint_eq(call->nargs, 0);
		for (size_t k = 0; k < call->nargs; k++) {
			const struct sig_arg *arg = &syscall_args(call)[k];

			check_argument(abi, call, arg);
			ck_assert_uint_lt(arg->reg, ARGS_MAX);
			ck_assert(!(regs & 1u << arg->reg));
			regs |= 1u << arg->reg;
			if (arg->reg_hi == ARG_NO_REG)
				continue;
			ck_assert_uint_eq(abi->word_bits, 32);
			ck_assert_uint_lt(arg->reg_hi, ARGS_MAX);
			ck_assert(!(regs & 1u << arg->reg_hi));
			regs |= 1u << arg->reg_hi;
		}
	}
}
END_TEST

struct place {
	enum abi_id abi;
	const char *call, *arg;
	int reg, reg_hi, bits;
};

/* From the handlers' prototypes and CONFIG_CLONE_BACKWARDS*. */
static const struct place places[] = {
	{ ABI_X86_64, "openat", "flags", 2, -1, 32 },
	{ ABI_X86_64, "open", "flags", 1, -1, 32 },
	{ ABI_X86_64, "open", "mode", 2, -1, 16 },
	{ ABI_X86_64, "clone", "flags", 0, -1, 32 },
	{ ABI_X86_64, "clone", "child_tid", 3, -1, 64 },
	{ ABI_X86_64, "clone", "tls", 4, -1, 64 },
	{ ABI_X32, "clone", "tls", 4, -1, 64 },
	{ ABI_I386, "clone", "tls", 3, -1, 32 },
	{ ABI_I386, "clone", "child_tid", 4, -1, 32 },
	{ ABI_ARM, "clone", "tls", 3, -1, 32 },
	{ ABI_AARCH64, "clone", "tls", 3, -1, 64 },
	{ ABI_RISCV64, "clone", "tls", 3, -1, 64 },
	{ ABI_PPC64LE, "clone", "tls", 3, -1, 64 },
	{ ABI_S390X, "clone", "stack", 0, -1, 64 },
	{ ABI_S390X, "clone", "flags", 1, -1, 32 },
	{ ABI_S390X, "clone", "child_tid", 3, -1, 64 },
	{ ABI_X86_64, "mmap", "prot", 2, -1, 32 },
	{ ABI_PPC64LE, "mmap", "prot", 2, -1, 64 },
	{ ABI_X86_64, "mprotect", "prot", 2, -1, 64 },
	{ ABI_X86_64, "unshare", "flags", 0, -1, 64 },
	{ ABI_I386, "mmap", "arg", 0, -1, 32 },
	{ ABI_S390X, "mmap", "arg", 0, -1, 64 },
	{ ABI_I386, "mmap2", "prot", 2, -1, 32 },
	{ ABI_X86_64, "pread64", "offset", 3, -1, 64 },
	{ ABI_I386, "pread64", "offset", 3, 4, 64 },
	{ ABI_ARM, "pread64", "offset", 4, 5, 64 },
	{ ABI_I386, "pwrite64", "offset", 3, 4, 64 },
	{ ABI_ARM, "pwrite64", "offset", 4, 5, 64 },
	{ ABI_I386, "truncate64", "length", 1, 2, 64 },
	{ ABI_ARM, "truncate64", "length", 2, 3, 64 },
	{ ABI_I386, "ftruncate64", "length", 1, 2, 64 },
	{ ABI_ARM, "ftruncate64", "length", 2, 3, 64 },
	{ ABI_I386, "fallocate", "len", 4, 5, 64 },
	{ ABI_ARM, "fallocate", "offset", 2, 3, 64 },
	{ ABI_I386, "fadvise64", "offset", 1, 2, 64 },
	{ ABI_I386, "fadvise64", "len", 3, -1, 32 },
	{ ABI_I386, "fadvise64", "advice", 4, -1, 32 },
	{ ABI_I386, "fadvise64_64", "advice", 5, -1, 32 },
	{ ABI_ARM, "arm_fadvise64_64", "advice", 1, -1, 32 },
	{ ABI_ARM, "arm_fadvise64_64", "len", 4, 5, 64 },
	{ ABI_I386, "readahead", "count", 3, -1, 32 },
	{ ABI_ARM, "readahead", "offset", 2, 3, 64 },
	{ ABI_ARM, "readahead", "count", 4, -1, 32 },
	{ ABI_I386, "sync_file_range", "flags", 5, -1, 32 },
	{ ABI_ARM, "arm_sync_file_range", "flags", 1, -1, 32 },
	{ ABI_ARM, "arm_sync_file_range", "offset", 2, 3, 64 },
	{ ABI_PPC64LE, "sync_file_range2", "flags", 1, -1, 32 },
	{ ABI_I386, "fanotify_mark", "mask", 2, 3, 64 },
	{ ABI_I386, "fanotify_mark", "dirfd", 4, -1, 32 },
	{ ABI_X86_64, "fanotify_mark", "dirfd", 3, -1, 32 },
	{ ABI_I386, "lookup_dcookie", "len", 3, -1, 32 },
	{ ABI_X86_64, "preadv2", "flags", 5, -1, 32 },
	{ ABI_X32, "preadv2", "flags", 4, -1, 32 },
	{ ABI_I386, "preadv2", "offset", 3, 4, 64 },
	{ ABI_X32, "ioctl", "arg", 2, -1, 32 },
	{ ABI_X86_64, "ioctl", "arg", 2, -1, 64 },
	{ ABI_X86_64, "ioctl", "request", 1, -1, 32 },
	{ ABI_X86_64, "ioctl", "cmd", 1, -1, 32 },
	{ ABI_X86_64, "socket", "domain", 0, -1, 32 },
	{ ABI_X86_64, "socket", "family", 0, -1, 32 },
	{ ABI_I386, "setuid", "uid", 0, -1, 16 },
	{ ABI_ARM, "setuid", "uid", 0, -1, 16 },
	{ ABI_I386, "setuid32", "uid", 0, -1, 32 },
	{ ABI_X86_64, "setuid", "uid", 0, -1, 32 },
	{ ABI_I386, "chown", "group", 2, -1, 16 },
	{ ABI_S390X, "setuid", "uid", 0, -1, 32 },
	{ ABI_X86_64, "futex", "futex_op", 1, -1, 32 },
	{ ABI_X86_64, "prctl", "arg2", 1, -1, 64 },
	{ ABI_X86_64, "personality", "persona", 0, -1, 32 },
	{ ABI_PPC64LE, "personality", "persona", 0, -1, 32 },
	{ ABI_I386, "ipc", "call", 0, -1, 16 },
	{ ABI_S390X, "ipc", "call", 0, -1, 32 },
	{ ABI_I386, "keyctl", "option", 0, -1, 32 },
};

START_TEST(arguments_lie_where_the_kernel_reads_them)
{
	const struct place *p = &places[_i];
	const struct sig_arg *arg = arg_of(p->abi, p->call, p->arg);

	ck_assert_msg(arg != NULL, "%s %s", p->call, p->arg);
	ck_assert_msg(arg->reg == p->reg && arg->bits == p->bits &&
			      (p->reg_hi < 0 ? arg->reg_hi == ARG_NO_REG
					     : arg->reg_hi == p->reg_hi),
		      "%s %s %s: %u+%u, %u bits", abi_get(p->abi)->name,
		      p->call, p->arg, arg->reg, arg->reg_hi, arg->bits);
}
END_TEST

START_TEST(absent_where_memory_holds_them)
{
	ck_assert_ptr_null(arg_of(ABI_I386, "mmap", "prot"));
	ck_assert_ptr_null(arg_of(ABI_S390X, "mmap", "prot"));
	ck_assert_ptr_null(arg_of(ABI_I386, "select", "nfds"));
	ck_assert_ptr_null(arg_of(ABI_S390X, "ipc", "fifth"));
	ck_assert_ptr_null(call_of(ABI_X86_64, "mmap2"));
	ck_assert_ptr_null(call_of(ABI_AARCH64, "open"));
}
END_TEST

START_TEST(words_follow_byte_order_and_width)
{
	const struct sig_arg *arg = arg_of(ABI_S390X, "clone", "flags");
	struct arg_words at = sig_arg_words(abi_get(ABI_S390X), arg);

	ck_assert_uint_eq(at.lo, 28);
	ck_assert_uint_eq(at.hi, ARG_NO_WORD);
	at = sig_arg_words(abi_get(ABI_S390X),
			   arg_of(ABI_S390X, "pread64", "offset"));
	ck_assert_uint_eq(at.lo, 44);
	ck_assert_uint_eq(at.hi, 40);
	at = sig_arg_words(abi_get(ABI_ARM),
			   arg_of(ABI_ARM, "pread64", "offset"));
	ck_assert_uint_eq(at.lo, 48);
	ck_assert_uint_eq(at.hi, 56);
	arg = arg_of(ABI_X86_64, "mkdir", "mode");
	ck_assert_uint_eq(sig_arg_mask(arg), 0xffff);
	arg = arg_of(ABI_X86_64, "mprotect", "prot");
	ck_assert_uint_eq(sig_arg_mask(arg), UINT64_MAX);
	ck_assert(arg_of(ABI_X86_64, "mmap", "fd")->is_signed);
}
END_TEST

START_TEST(numbers_of_note)
{
	ck_assert_uint_eq(call_of(ABI_X86_64, "listns")->nr, 470);
	ck_assert_uint_eq(call_of(ABI_RISCV64, "file_getattr")->nr, 468);
	ck_assert_uint_eq(call_of(ABI_X32, "read")->nr, 0x40000000);
	ck_assert_uint_eq(call_of(ABI_X32, "ioctl")->nr, 0x40000202);
	ck_assert_uint_eq(call_of(ABI_ARM, "set_tls")->nr, 0xf0005);
	ck_assert_uint_eq(call_of(ABI_S390X, "socket")->nr, 359);
	ck_assert(call_of(ABI_X86_64, "uretprobe")->bypasses_filter);
	ck_assert(call_of(ABI_X86_64, "uprobe")->bypasses_filter);
	ck_assert(!call_of(ABI_X32, "uretprobe")->bypasses_filter);
	ck_assert(call_of(ABI_X86_64, "tuxcall")->not_implemented);
	ck_assert(!call_of(ABI_X86_64, "read")->not_implemented);
	ck_assert(call_of(ABI_X32, "ioctl")->is_compat);
	ck_assert(!call_of(ABI_X32, "read")->is_compat);
	ck_assert_int_ge(strverscmp(syscalls_kernel_version(), "6.17"), 0);
}
END_TEST

static bool are_twins(const char *a, const char *b)
{
	sysname out[64], other = sysname_find(b, strlen(b));
	size_t n = sysname_twins(sysname_find(a, strlen(a)), out, 64);

	ck_assert_uint_le(n, 64);
	for (size_t i = 0; i < n; i++)
		if (out[i] == other)
			return true;
	return false;
}

START_TEST(twins_reach_the_same)
{
	sysname one;

	ck_assert(are_twins("open", "openat2"));
	ck_assert(are_twins("openat2", "creat"));
	ck_assert(are_twins("mmap", "mmap2"));
	ck_assert(are_twins("setuid", "setuid32"));
	ck_assert(are_twins("fork", "clone3"));
	ck_assert(are_twins("futex", "futex_time64"));
	ck_assert(are_twins("socket", "socketcall"));
	ck_assert(are_twins("socket", "io_uring_setup"));
	ck_assert(!are_twins("io_uring_setup", "socket"));
	ck_assert(!are_twins("open", "open"));
	ck_assert(!are_twins("open", "read"));
	/* Counts past the room that it is given. */
	ck_assert_uint_gt(sysname_twins(sysname_find("open", 4), &one, 1), 1);
}
END_TEST

START_TEST(every_time64_call_has_its_twin)
{
	for (size_t i = 0; i < sysname_count(); i++) {
		const char *name = sysname_text((sysname)i);
		const char *tail = strstr(name, "_time64");
		char base[64] = "";

		if (!tail)
			continue;
		memcpy(base, name, (size_t)(tail - name));
		ck_assert_msg(are_twins(name, base), "%s", name);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("syscalls");
	TCase *t = tcase_create("tables");
	SRunner *runner;
	int failed;

	tcase_add_test(t, names_are_sorted_and_found);
	tcase_add_loop_test(t, numbers_ascend_and_are_found, 0, ABI_COUNT);
	tcase_add_loop_test(t, signatures_have_a_shape, 0, ABI_COUNT);
	tcase_add_loop_test(t, arguments_lie_where_the_kernel_reads_them, 0,
			    sizeof(places) / sizeof(*places));
	tcase_add_test(t, absent_where_memory_holds_them);
	tcase_add_test(t, words_follow_byte_order_and_width);
	tcase_add_test(t, numbers_of_note);
	tcase_add_test(t, twins_reach_the_same);
	tcase_add_test(t, every_time64_call_has_its_twin);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
