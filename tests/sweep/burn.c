/* SPDX-License-Identifier: Apache-2.0 */
/*
 * burn.c - lets strace's counters reach one process of a run and no other
 *
 * strace counts the occurrences of a call in each process by itself, so
 * `when=3` would fail the third one of the runner and of both children.
 * This object, linked to a copy of callgate, makes a call COUNT times
 * without effect in every process but the one asked for.  Those swallow
 * the fault.  SWEEP_BURN is "ROLE CALL COUNT".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi/syscalls.h"
#include "runtime/init.h"
#include "runtime/probe_leaf.h"
#include "runtime/steps.h"

enum role { ROLE_RUNNER, ROLE_INIT, ROLE_COMMAND };

/* Set before main, read only afterwards. */
static enum role wanted;
static long number = -1, count;

bool __real_steps_apply(struct run *run, enum phase phase, struct fail *fail);
bool __wrap_steps_apply(struct run *run, enum phase phase, struct fail *fail);
_Noreturn void __real_init_main(struct run *run);
_Noreturn void __wrap_init_main(struct run *run);

/* Bad arguments, but for those calls that take any or do harm with these. */
static void call_once(void)
{
	switch (number) {
	case SYS_umask:
		syscall(SYS_umask, 022);
		return;
	case SYS_brk:
		syscall(SYS_brk, 0);
		return;
	case SYS_kill:
		syscall(SYS_kill, 0x7ffffff0, 0);
		return;
	case SYS_setsid: /* would succeed */
	case SYS_exit_group:
	case SYS_exit:
	case SYS_rt_sigreturn:
#ifdef SYS_fork
	case SYS_fork:
	case SYS_vfork:
	case SYS_pause:
#endif
		return;
	default:
		syscall(number, -1L, -1L, -1L, -1L, -1L, -1L);
	}
}

static void burn(enum role self)
{
	for (long i = 0; wanted != self && number >= 0 && i < count; i++)
		call_once();
}

__attribute__((constructor)) static void burn_before_main(void)
{
	const char *text = getenv("SWEEP_BURN");
	const struct syscall_desc *call;
	char role, name[64];

	if (!text ||
	    sscanf(text, "%c%*s %63s %ld", &role, name, &count) != 3)
		return;
	call = syscall_by_name(leaf_native(), sysname_find(name, strlen(name)));
	number = call ? (long)call->nr : -1;
	unsetenv("SWEEP_BURN");
	wanted = role == 'r'   ? ROLE_RUNNER
		 : role == 'i' ? ROLE_INIT
			       : ROLE_COMMAND;
	burn(ROLE_RUNNER);
}

_Noreturn void __wrap_init_main(struct run *run)
{
	burn(ROLE_INIT);
	__real_init_main(run);
}

bool __wrap_steps_apply(struct run *run, enum phase phase, struct fail *fail)
{
	if (phase == PHASE_COMMAND)
		burn(ROLE_COMMAND);
	return __real_steps_apply(run, phase, fail);
}
