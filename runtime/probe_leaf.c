/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe_leaf.c - a child behind a filter that answers and executes nothing
 *
 * Once the filter is loaded every system call of the child fails, exit
 * included.  It reports through shared memory, then spins until the parent
 * kills it.  All that it needs is prepared before the fork.
 */
#include "runtime/probe_leaf.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "abi/action.h"

enum { NAP_NS = 50 * 1000 };

/* Shared by both; answers follow the header. */
struct board {
	_Atomic uint32_t done; /* the child has finished */
	_Atomic int failed;    /* errno of what came before the first call */
	int answers[];
};

static bool is_errno_return(const struct sock_filter *insn)
{
	const uint32_t data = insn->k & SECCOMP_RET_DATA;

	return insn->code == (BPF_RET | BPF_K) &&
	       (insn->k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO &&
	       data >= 1 && data <= ACT_ERRNO_MAX;
}

static bool executes_nothing(const struct sock_filter *insns, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (BPF_CLASS(insns[i].code) == BPF_RET &&
		    !is_errno_return(&insns[i]))
			return false;
	return len > 0;
}

static int answer_of(int64_t result)
{
	return result < 0 && result >= -ACT_ERRNO_MAX ? (int)-result
						      : LEAF_UNANSWERED;
}

#if defined(__x86_64__)

bool leaf_can_ask(const struct abi *abi)
{
	return abi && abi->machine == ABI_X86_64;
}

/* uretprobe kills its caller, uprobe is its twin; no filter sees them. */
enum { NR_URETPROBE = 335, NR_UPROBE = 336 };

static int64_t call_native(const struct call *call)
{
	register uint64_t r10 __asm__("r10") = call->args[3];
	register uint64_t r8 __asm__("r8") = call->args[4];
	register uint64_t r9 __asm__("r9") = call->args[5];
	uint64_t rax = call->nr;

	__asm__ volatile("syscall"
			 : "+a"(rax), "+r"(r10), "+r"(r8), "+r"(r9)
			 : "D"(call->args[0]), "S"(call->args[1]),
			   "d"(call->args[2])
			 : "rcx", "r11", "memory");
	return (int64_t)rax;
}

/*
 * The sixth argument travels in ebp, which the compiler may need, and the
 * pushes must not land in its red zone.
 */
static int64_t call_compat(const struct call *call)
{
	uint32_t regs[1 + ARGS_MAX] = { call->nr };
	register uint32_t *at __asm__("r9") = regs;
	int32_t eax;

	for (unsigned i = 0; i < ARGS_MAX; i++)
		regs[1 + i] = (uint32_t)call->args[i];
	__asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
			 "push %%rbp\n\t"
			 "push %%rbx\n\t"
			 "mov 0(%%r9), %%eax\n\t"
			 "mov 4(%%r9), %%ebx\n\t"
			 "mov 8(%%r9), %%ecx\n\t"
			 "mov 12(%%r9), %%edx\n\t"
			 "mov 16(%%r9), %%esi\n\t"
			 "mov 20(%%r9), %%edi\n\t"
			 "mov 24(%%r9), %%ebp\n\t"
			 "int $0x80\n\t"
			 "pop %%rbx\n\t"
			 "pop %%rbp\n\t"
			 "lea 128(%%rsp), %%rsp"
			 : "=a"(eax), "+r"(at)
			 :
			 : "rcx", "rdx", "rsi", "rdi", "r8", "r10", "r11",
			   "memory", "cc");
	return eax;
}

static int ask(const struct call *call)
{
	if (call->arch == AUDIT_ARCH_I386)
		return answer_of(call_compat(call));
	if (call->arch != AUDIT_ARCH_X86_64)
		return LEAF_FOREIGN;
	if (call->nr == NR_URETPROBE || call->nr == NR_UPROBE)
		return LEAF_SKIPPED;
	return answer_of(call_native(call));
}

static void wait_for_the_end(void)
{
	for (;;)
		__asm__ volatile("pause");
}

#elif defined(__aarch64__)

/* A 64-bit process has no way to make the calls of 32-bit ones. */
bool leaf_can_ask(const struct abi *abi)
{
	return abi && abi->id == ABI_AARCH64;
}

static int ask(const struct call *call)
{
	register uint64_t x0 __asm__("x0") = call->args[0];
	register uint64_t x1 __asm__("x1") = call->args[1];
	register uint64_t x2 __asm__("x2") = call->args[2];
	register uint64_t x3 __asm__("x3") = call->args[3];
	register uint64_t x4 __asm__("x4") = call->args[4];
	register uint64_t x5 __asm__("x5") = call->args[5];
	register uint64_t x8 __asm__("x8") = call->nr;

	if (call->arch != AUDIT_ARCH_AARCH64)
		return LEAF_FOREIGN;
	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5), "r"(x8)
			 : "memory", "cc");
	return answer_of((int64_t)x0);
}

static void wait_for_the_end(void)
{
	for (;;)
		__asm__ volatile("yield");
}

#else

bool leaf_can_ask(const struct abi *abi)
{
	(void)abi;
	return false;
}

static int ask(const struct call *call)
{
	(void)call;
	return LEAF_FOREIGN;
}

static void wait_for_the_end(void)
{
	for (;;)
		;
}

#endif

const struct abi *leaf_native(void)
{
	for (unsigned i = 0; i < ABI_COUNT; i++) {
		const struct abi *abi = abi_get((enum abi_id)i);

		if (abi->machine == abi->id && leaf_can_ask(abi))
			return abi;
	}
	return NULL;
}

static _Noreturn void be_asked(struct board *board,
			       const struct sock_fprog *prog, pid_t parent,
			       const struct call *calls, size_t ncalls)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, prog)) {
		atomic_store(&board->failed, errno ? errno : ECHILD);
		_exit(1);
	}
	for (size_t i = 0; i < ncalls; i++)
		board->answers[i] = ask(&calls[i]);
	atomic_store(&board->done, 1);
	wait_for_the_end();
	__builtin_unreachable();
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Ends with the child dead and reaped, whatever it did. */
static void watch(const struct board *board, pid_t child, unsigned timeout_ms)
{
	const uint64_t end = now_ms() + timeout_ms;
	const struct timespec nap = { 0, NAP_NS };

	while (!atomic_load(&board->done) && now_ms() < end) {
		if (waitpid(child, NULL, WNOHANG) == child)
			return;
		nanosleep(&nap, NULL);
	}
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

static int ask_child(struct board *board, const struct sock_fprog *prog,
		     const struct call *calls, size_t ncalls,
		     unsigned timeout_ms, const char **step)
{
	const pid_t parent = getpid();
	pid_t child;

	for (size_t i = 0; i < ncalls; i++)
		board->answers[i] = LEAF_UNANSWERED;
	child = fork();
	if (child < 0) {
		*step = "fork";
		return errno;
	}
	if (child == 0)
		be_asked(board, prog, parent, calls, ncalls);
	watch(board, child, timeout_ms);
	if (atomic_load(&board->failed))
		*step = "load the filter";
	return atomic_load(&board->failed);
}

int probe_leaves(const struct sock_filter *insns, size_t len,
		 const struct call *calls, size_t ncalls, unsigned timeout_ms,
		 int *answers, const char **step)
{
	const struct sock_fprog prog = { (unsigned short)len,
					 (struct sock_filter *)insns };
	const size_t size = sizeof(struct board) + ncalls * sizeof(*answers);
	struct board *board;
	int err;

	*step = "check the filter";
	if (!executes_nothing(insns, len) || len > BPF_MAXINSNS)
		return EINVAL;
	*step = "make the calls of this machine";
	if (!leaf_native())
		return ENOTSUP;
	*step = "share memory";
	board = mmap(NULL, size, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED)
		return errno;
	err = ask_child(board, &prog, calls, ncalls, timeout_ms, step);
	if (!err)
		memcpy(answers, board->answers, ncalls * sizeof(*answers));
	munmap(board, size);
	return err;
}
