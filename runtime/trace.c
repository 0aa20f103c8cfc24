/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace.c - stops of a followed process, and the call it died of
 *
 * Keeps nothing about the processes that it follows.  A thread that the
 * filter ended is told from its siblings, which end by the same signal, by
 * its result register, still as at entry, and by asking the policy.
 */
#include "runtime/trace.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "runtime/steps.h"

/* Not in every C library's header: PTRACE_GET_SYSCALL_INFO's answer. */
struct syscall_info {
	uint8_t op, pad[3];
	uint32_t arch;
	uint64_t ip, sp;
	uint64_t rest[10];
};

enum { EVENT_STOP = 128 };

#define GET_SYSCALL_INFO ((enum __ptrace_request)0x420e)

#if defined(__x86_64__)

static bool from_registers(const struct user_regs_struct *regs,
			   struct call *call)
{
	const bool is_32_bit = call->arch == 0x40000003;
	const uint64_t args[2][ARGS_MAX] = {
		{ regs->rdi, regs->rsi, regs->rdx, regs->r10, regs->r8,
		  regs->r9 },
		{ regs->rbx, regs->rcx, regs->rdx, regs->rsi, regs->rdi,
		  regs->rbp },
	};

	/* Put back to the number when killed; -ENOSYS since entry if not. */
	if (regs->rax != regs->orig_rax && (int64_t)regs->rax != -ENOSYS)
		return false;
	call->nr = (uint32_t)regs->orig_rax;
	for (int i = 0; i < ARGS_MAX; i++)
		call->args[i] = is_32_bit ? (uint32_t)args[1][i] : args[0][i];
	return true;
}

#elif defined(__aarch64__)

enum { WHERE_NUMBER = 8 };

/* x0 is still the first argument; only the number's register is not lost. */
static bool from_registers(const struct user_regs_struct *regs,
			   struct call *call)
{
	if (call->arch != 0xc00000b7)
		return false;
	call->nr = (uint32_t)regs->regs[WHERE_NUMBER];
	for (int i = 0; i < ARGS_MAX; i++)
		call->args[i] = regs->regs[i];
	return true;
}

#else

static bool from_registers(const void *regs, struct call *call)
{
	(void)regs;
	(void)call;
	return false;
}

#endif

bool trace_is_possible(void)
{
#if defined(__x86_64__) || defined(__aarch64__)
	return true;
#else
	return false;
#endif
}

/* False when this thread did not die of a call of its own. */
static bool last_call(pid_t thread, struct call *call)
{
	struct syscall_info info = { 0 };
	struct user_regs_struct regs;
	struct iovec io = { &regs, sizeof(regs) };

	if (ptrace(GET_SYSCALL_INFO, thread, (void *)sizeof(info), &info) < 0 ||
	    ptrace(PTRACE_GETREGSET, thread, (void *)NT_PRSTATUS, &io) < 0 ||
	    io.iov_len != sizeof(regs))
		return false;
	*call = (struct call){ .arch = info.arch, .ip = info.ip };
	return from_registers(&regs, call);
}

static bool kills(struct action a)
{
	return a.kind == ACT_KILL_PROCESS || a.kind == ACT_KILL_THREAD ||
	       a.kind == ACT_TRAP;
}

/* The process of a thread; the thread itself when it can't be told. */
static pid_t process_of(pid_t thread)
{
	static const char key[] = "\nTgid:";
	char path[64], text[1024];
	const char *found;
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)thread);
	f = fopen(path, "re");
	if (!f)
		return thread;
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[len] = '\0';
	found = strstr(text, key);
	return found ? (pid_t)strtol(found + strlen(key), NULL, 10) : thread;
}

static void note_death(struct run *run, pid_t thread)
{
	const struct judge *judge = run->plan->req->judge;
	struct action action;
	struct refusal *r;
	struct call call;

	if (!last_call(thread, &call))
		return;
	action = judge->decide(judge->arg, &call);
	if (!kills(action))
		return;
	if (process_of(thread) == run->meet.pid) {
		run->last_death = call;
		run->has_last_death = true;
	}
	if (!refusals_add(&run->deaths, judge, &call, action, &r))
		return;
	r->thread = thread;
	r->process = process_of(thread);
	refusal_program(r->program, thread);
}

static bool is_stopping(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN ||
	       sig == SIGTTOU;
}

static void event(struct run *run, pid_t thread, int which, int sig)
{
	unsigned long ended;

	/* Stopped by job control: it stays so, and its end is still seen. */
	if (which == EVENT_STOP && is_stopping(sig)) {
		ptrace(PTRACE_LISTEN, thread, NULL, NULL);
		return;
	}
	if (which == PTRACE_EVENT_EXIT &&
	    ptrace(PTRACE_GETEVENTMSG, thread, NULL, &ended) == 0 &&
	    WIFSIGNALED((int)ended) && WTERMSIG((int)ended) == SIGSYS)
		note_death(run, thread);
	ptrace(PTRACE_CONT, thread, NULL, NULL);
}

void trace_stopped(struct run *run, pid_t thread, int status)
{
	const int which = status >> 16, sig = WSTOPSIG(status);

	if (which)
		event(run, thread, which, sig);
	else
		ptrace(PTRACE_CONT, thread, NULL, (void *)(intptr_t)sig);
}
