/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of constants: order, look-ups, families, values that differ
 * between ABIs, and agreement with the headers that this test is compiled
 * with.  Method: walks over all names, and values by hand.
 */
#include <check.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/prctl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <termios.h>

#include "abi/constants.h"
#include "abi/syscalls.h"

static uint64_t value_of(enum abi_id abi, const char *name)
{
	const struct constant *c = constant_find(name, strlen(name));
	uint64_t v = 0;

	ck_assert_msg(c != NULL, "%s", name);
	ck_assert_msg(constant_value(c, abi_get(abi), &v), "%s", name);
	return v;
}

static family_id family(const char *name)
{
	family_id id = family_find(name, strlen(name));

	ck_assert_msg(id != FAMILY_NONE, "%s", name);
	return id;
}

START_TEST(names_are_sorted_and_found)
{
	ck_assert_uint_gt(constant_count(), 3000);
	for (size_t i = 0; i < constant_count(); i++) {
		const struct constant *c = constant_at(i);
		const char *name = constant_name(c);
		bool any = false;
		uint64_t v;

		if (i)
			ck_assert_str_lt(constant_name(constant_at(i - 1)),
					 name);
		ck_assert_ptr_eq(constant_find(name, strlen(name)), c);
		for (int a = 0; a < ABI_COUNT; a++)
			any |= constant_value(c, abi_get((enum abi_id)a), &v);
		ck_assert_msg(any, "%s has no value", name);
	}
	ck_assert_ptr_null(constant_find("O_RDONLYX", 9));
	ck_assert_ptr_null(constant_find("O_RDONL", 7));
	ck_assert_ptr_null(constant_find("", 0));
}
END_TEST

START_TEST(families_hold_their_names)
{
	for (family_id id = 1; id <= family_count(); id++) {
		const struct family *f = family_get(id);
		size_t members = 0;

		ck_assert_uint_eq(family_find(f->name, strlen(f->name)), id);
		ck_assert_uint_gt(strlen(f->pattern), 0);
		for (size_t i = 0; i < constant_count(); i++)
			members += constant_in_family(constant_at(i), id);
		ck_assert_msg(members > 0, "%s", f->name);
	}
	ck_assert_uint_eq(family_find("socket", 6), FAMILY_NONE);
}
END_TEST

/* The name printed for a value must be in the family and have that value. */
START_TEST(values_have_names)
{
	const struct abi *abi = abi_get((enum abi_id)_i);

	for (size_t i = 0; i < constant_count(); i++) {
		const struct constant *c = constant_at(i);
		family_id id = constant_family(c);
		const char *name;
		uint64_t v;

		if (id == FAMILY_NONE || !constant_value(c, abi, &v))
			continue;
		name = constant_name_of(id, abi, v);
		ck_assert_msg(name != NULL, "%s", constant_name(c));
		ck_assert_uint_eq(value_of(abi->id, name), v);
		ck_assert(constant_in_family(constant_find(name, strlen(name)),
					     id));
	}
}
END_TEST

static const struct {
	enum abi_id abi;
	const char *name;
	uint64_t value;
} values[] = {
	{ ABI_X86_64, "O_DIRECTORY", 0x10000 },
	{ ABI_AARCH64, "O_DIRECTORY", 0x4000 },
	{ ABI_ARM, "O_DIRECTORY", 0x4000 },
	{ ABI_PPC64LE, "O_DIRECTORY", 0x4000 },
	{ ABI_RISCV64, "O_DIRECTORY", 0x10000 },
	{ ABI_AARCH64, "O_DIRECT", 0x10000 },
	{ ABI_PPC64LE, "O_DIRECT", 0x20000 },
	{ ABI_X86_64, "O_LARGEFILE", 0x8000 },
	{ ABI_AARCH64, "O_LARGEFILE", 0x20000 },
	{ ABI_ARM, "O_LARGEFILE", 0x20000 },
	{ ABI_PPC64LE, "O_LARGEFILE", 0x10000 },
	{ ABI_S390X, "O_LARGEFILE", 0x8000 },
	{ ABI_X86_64, "EDEADLOCK", 35 },
	{ ABI_PPC64LE, "EDEADLOCK", 58 },
	{ ABI_PPC64LE, "MAP_LOCKED", 0x80 },
	{ ABI_X86_64, "MAP_LOCKED", 0x2000 },
	{ ABI_X86_64, "MAP_32BIT", 0x40 },
	{ ABI_S390X, "POSIX_FADV_DONTNEED", 6 },
	{ ABI_X86_64, "POSIX_FADV_DONTNEED", 4 },
	{ ABI_PPC64LE, "TCGETS", 0x402c7413 },
	{ ABI_X86_64, "TCGETS", 0x5401 },
	{ ABI_X86_64, "TUNSETIFF", 0x400454ca },
	{ ABI_PPC64LE, "TUNSETIFF", 0x800454ca },
	{ ABI_PPC64LE, "SO_PEERCRED", 21 },
	{ ABI_S390X, "SO_PEERCRED", 17 },
	{ ABI_S390X, "SOCK_CLOEXEC", 0x80000 },
	{ ABI_X86_64, "AT_FDCWD", (uint64_t)-100 },
	{ ABI_X86_64, "ARCH_SET_FS", 0x1002 },
	{ ABI_X86_64, "CLONE_NEWTIME", 0x80 },
	{ ABI_X86_64, "CLONE_CLEAR_SIGHAND", UINT64_C(0x100000000) },
	{ ABI_X86_64, "ADDR_NO_RANDOMIZE", 0x40000 },
	{ ABI_X86_64, "SYS_SOCKET", 1 },
	{ ABI_I386, "SEMTIMEDOP", 4 },
	{ ABI_ARM, "F_GETLK64", 12 },
};

START_TEST(values_are_each_abis_own)
{
	ck_assert_msg(value_of(values[_i].abi, values[_i].name) ==
			      values[_i].value,
		      "%s", values[_i].name);
}
END_TEST

START_TEST(some_abis_lack_a_name)
{
	const struct constant *c = constant_find("ARCH_SET_FS", 11);
	uint64_t v;

	ck_assert(!constant_value(c, abi_get(ABI_AARCH64), &v));
	ck_assert(!constant_value(constant_find("MAP_32BIT", 9),
				  abi_get(ABI_S390X), &v));
	ck_assert(!constant_value(constant_find("F_GETLK64", 9),
				  abi_get(ABI_X86_64), &v));
}
END_TEST

#if defined(__x86_64__)

#define SAME(name) { #name, (uint64_t)(name) }

static const struct {
	const char *name;
	uint64_t value;
} compiled[] = {
	SAME(O_CREAT),	     SAME(O_NOFOLLOW),	     SAME(O_PATH),
	SAME(O_TMPFILE),     SAME(AF_INET6),	     SAME(AF_PACKET),
	SAME(AF_VSOCK),	     SAME(SOCK_RAW),	     SAME(SOCK_NONBLOCK),
	SAME(CLONE_NEWUSER), SAME(CLONE_NEWNET),     SAME(PROT_EXEC),
	SAME(MAP_FIXED),     SAME(MADV_DONTNEED),    SAME(F_DUPFD_CLOEXEC),
	SAME(F_SETLKW),	     SAME(TIOCSTI),	     SAME(TIOCLINUX),
	SAME(FIONBIO),	     SAME(FIOASYNC),	     SAME(SIOCGIFADDR),
	SAME(TIOCGWINSZ),    SAME(TCSETS),	     SAME(PR_SET_SECCOMP),
	SAME(PR_SET_NAME),   SAME(CAP_SYS_ADMIN),    SAME(SOL_SOCKET),
	SAME(SO_REUSEADDR),  SAME(MSG_DONTWAIT),     SAME(SHUT_WR),
	SAME(EPERM),	     SAME(ENOSYS),	     SAME(EHWPOISON),
	SAME(AT_EMPTY_PATH), SAME(AT_REMOVEDIR),     SAME(S_ISUID),
	SAME(LOCK_EX),	     SAME(SCHED_FIFO),	     SAME(MREMAP_MAYMOVE),
	SAME(MS_SYNC),	     SAME(MCL_CURRENT),	     SAME(SEEK_DATA),
};

START_TEST(headers_of_this_machine_agree)
{
	ck_assert_msg(value_of(ABI_X86_64, compiled[_i].name) ==
			      compiled[_i].value,
		      "%s", compiled[_i].name);
}
END_TEST

enum { NCOMPILED = sizeof(compiled) / sizeof(*compiled) };

#endif

START_TEST(families_of_note)
{
	const struct constant *c = constant_find("SOCK_CLOEXEC", 12);
	const struct abi *abi = abi_get(ABI_X86_64);

	ck_assert(constant_in_family(c, family("socket-type")));
	ck_assert(!constant_in_family(c, family("socket-domain")));
	ck_assert(family_get(family("open-flags"))->is_flags);
	ck_assert(!family_get(family("socket-domain"))->is_flags);
	ck_assert_str_eq(family_get(family("socket-domain"))->pattern, "AF_*");
	ck_assert_str_eq(constant_name_of(family("socket-domain"), abi, 1),
			 "AF_UNIX");
	ck_assert_str_eq(constant_name_of(family("signal"), abi, 6),
			 "SIGABRT");
	ck_assert_str_eq(constant_name_of(family("signal"), abi, 29), "SIGIO");
	ck_assert_ptr_null(constant_name_of(family("socket-domain"), abi,
					    9999));
	ck_assert_ptr_null(constant_name_of(FAMILY_NONE, abi, 1));
}
END_TEST

static family_id family_of(const char *call, const char *arg)
{
	sysname name = sysname_find(call, strlen(call));

	return syscall_arg(syscall_by_name(abi_get(ABI_X86_64), name), arg,
			   strlen(arg))
		->family;
}

START_TEST(arguments_know_their_family)
{
	ck_assert_uint_eq(family_of("socket", "domain"),
			  family("socket-domain"));
	ck_assert_uint_eq(family_of("openat", "flags"), family("open-flags"));
	ck_assert_uint_eq(family_of("ioctl", "request"),
			  family("ioctl-request"));
	ck_assert_uint_eq(family_of("prctl", "option"),
			  family("prctl-option"));
	ck_assert_uint_eq(family_of("clone", "flags"), family("clone-flags"));
	ck_assert_uint_eq(family_of("mprotect", "prot"), family("mmap-prot"));
	ck_assert_uint_eq(family_of("read", "fd"), FAMILY_NONE);
}
END_TEST

/* A family must fit its arguments: no value may need more bits. */
START_TEST(values_fit_their_arguments)
{
	const struct abi *abi = abi_get((enum abi_id)_i);

	for (size_t i = 0; i < syscall_count(abi); i++) {
		const struct syscall_desc *call = syscall_at(abi, i);

		for (size_t k = 0; k < call->nargs; k++) {
			const struct sig_arg *arg = &syscall_args(call)[k];
			uint64_t mask = sig_arg_mask(arg), v;

			if (arg->family == FAMILY_NONE)
				continue;
			for (size_t n = 0; n < constant_count(); n++) {
				const struct constant *c = constant_at(n);

				if (!constant_in_family(c, arg->family) ||
				    !constant_value(c, abi, &v))
					continue;
				ck_assert_msg(!(v & ~mask) ||
						      (v | mask) == UINT64_MAX,
					      "%s %s %s", abi->name,
					      sysname_text(call->name),
					      constant_name(c));
			}
		}
	}
}
END_TEST

START_TEST(errno_both_ways)
{
	const struct abi *abi = abi_get((enum abi_id)_i);
	uint16_t v = 0;

	ck_assert(errno_value(abi, "ENOSYS", 6, &v));
	ck_assert_uint_eq(v, 38);
	ck_assert(!errno_value(abi, "ENOSY", 5, &v));
	ck_assert(!errno_value(abi, "O_CREAT", 7, &v));
	ck_assert_str_eq(errno_name(abi, 1), "EPERM");
	ck_assert_str_eq(errno_name(abi, 11), "EAGAIN");
	ck_assert_str_eq(errno_name(abi, 35), "EDEADLK");
	ck_assert_str_eq(errno_name(abi, 95), "EOPNOTSUPP");
	ck_assert_ptr_null(errno_name(abi, 0));
	ck_assert_ptr_null(errno_name(abi, 4095));
}
END_TEST

/* What a header brings along must not slip into a family by its name. */
START_TEST(no_stray_names)
{
	const struct abi *abi = abi_get((enum abi_id)_i);
	family_id requests = family("ioctl-request");
	family_id errors = family("errno");

	for (size_t i = 0; i < constant_count(); i++) {
		const struct constant *c = constant_at(i);
		const char *name = constant_name(c);
		uint64_t v;

		if (!constant_value(c, abi, &v))
			continue;
		if (constant_in_family(c, errors))
			ck_assert_msg(v >= 1 && v <= 200, "%s", name);
		if (constant_in_family(c, requests))
			ck_assert_msg(v >= 0x200 || !strcmp(name, "FIBMAP") ||
					      !strcmp(name, "FIGETBSZ"),
				      "%s", name);
	}
}
END_TEST

START_TEST(capabilities_have_no_gap)
{
	ck_assert_uint_eq(cap_count(), 41);
	for (unsigned cap = 0; cap < cap_count(); cap++) {
		const char *name = cap_name(cap);

		ck_assert_ptr_nonnull(name);
		ck_assert_int_eq(cap_find(name, strlen(name)), (int)cap);
		ck_assert_int_eq(cap_find(name + 4, strlen(name) - 4),
				 (int)cap);
	}
	ck_assert_int_eq(cap_find("sys_admin", 9), CAP_SYS_ADMIN);
	ck_assert_int_eq(cap_find("cap_Sys_Admin", 13), CAP_SYS_ADMIN);
	ck_assert_int_eq(cap_find("CAP_", 4), -1);
	ck_assert_int_eq(cap_find("", 0), -1);
	ck_assert_ptr_null(cap_name(cap_count()));
	ck_assert_ptr_null(cap_name(1000));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("constants");
	TCase *t = tcase_create("tables");
	SRunner *runner;
	int failed;

	tcase_add_test(t, names_are_sorted_and_found);
	tcase_add_test(t, families_hold_their_names);
	tcase_add_loop_test(t, values_have_names, 0, ABI_COUNT);
	tcase_add_loop_test(t, values_are_each_abis_own, 0,
			    sizeof(values) / sizeof(*values));
	tcase_add_test(t, some_abis_lack_a_name);
#if defined(__x86_64__)
	tcase_add_loop_test(t, headers_of_this_machine_agree, 0, NCOMPILED);
#endif
	tcase_add_test(t, families_of_note);
	tcase_add_test(t, arguments_know_their_family);
	tcase_add_loop_test(t, values_fit_their_arguments, 0, ABI_COUNT);
	tcase_add_loop_test(t, errno_both_ways, 0, ABI_COUNT);
	tcase_add_loop_test(t, no_stray_names, 0, ABI_COUNT);
	tcase_add_test(t, capabilities_have_no_gap);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
