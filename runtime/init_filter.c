/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init_filter.c - what pid 1 of a sandbox may ask of the kernel
 *
 * The list is short enough to read: a workload that took init over would
 * gain nothing from it.  Arguments are compared in full, 64 bits.
 */
#include "runtime/init.h"

#include <endian.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/bug.h"
#include "runtime/own_arch.h"

#define LOAD(member)                                                           \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS,                                     \
		 offsetof(struct seccomp_data, member))
#define LOAD_AT(off) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (off))
#define EQ(k, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (k), (yes), (no))
#define GE(k, yes, no) BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (k), (yes), (no))
#define RET(k)	       BPF_STMT(BPF_RET | BPF_K, (k))

enum {
	ARG0 = offsetof(struct seccomp_data, args),
	ARG0_LO = ARG0 + (__BYTE_ORDER == __BIG_ENDIAN ? 4 : 0),
	ARG0_HI = ARG0 + (__BYTE_ORDER == __BIG_ENDIAN ? 0 : 4),
};

size_t init_filter(struct sock_filter insns[INIT_FILTER_MAX], pid_t command)
{
	const struct sock_filter prog[] = {
		/*  0 */ LOAD(arch),
		/*  1 */ EQ(OWN_ARCH, 0, 6),
		/*  2 */ LOAD(nr),
		/* Sleeps until a child ends or a signal comes to forward. */
		/*  3 */ EQ(SYS_rt_sigtimedwait, 12, 0),
		/* Reaps: the command, and orphans that became its children. */
		/*  4 */ EQ(SYS_wait4, 11, 0),
		/* The end of the command is the end of init. */
		/*  5 */ EQ(SYS_exit_group, 10, 0),
		/* Forwards signals, to the command and to nobody else. */
		/*  6 */ EQ(SYS_kill, 2, 0),
		/* Releases the command, later says how it ended. */
		/*  7 */ EQ(SYS_write, 3, 0),
		/*  8 */ RET(SECCOMP_RET_KILL_PROCESS),
		/*  9 */ LOAD_AT(ARG0_LO),
		/* 10 */ EQ((uint32_t)command, 2, 4),
		/* 11 */ LOAD_AT(ARG0_LO),
		/* 12 */ GE(INIT_FDS, 2, 0),
		/* 13 */ LOAD_AT(ARG0_HI),
		/* 14 */ EQ(0, 1, 0),
		/* 15 */ RET(SECCOMP_RET_KILL_PROCESS),
		/* 16 */ RET(SECCOMP_RET_ALLOW),
	};

	_Static_assert(ARRAY_LEN(prog) <= INIT_FILTER_MAX, "the caller's room");
	memcpy(insns, prog, sizeof(prog));
	return ARRAY_LEN(prog);
}
