/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_run_guard.c - goal: a workload can't take over pid 1 of its sandbox
 *
 * Method: a probe inside a sandbox attaches to pid 1, reads and writes its
 * memory, steals its descriptors and signals it; all must fail, and pid 1
 * must still do its work.  Apart from that, pid 1's filter is loaded into
 * a child of the test, which then tries each call.
 */
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "runtime/init.h"
#include "runtime/sys.h"
#include "tests/support/live.h"

static void run_probe(struct live_run *r, enum live_who who, const char *name)
{
	struct live_case c = { .who = who,
			       .argv = { live_self, "probe", name } };

	live_run(r, &c);
}

static void test_takeover(enum live_who who)
{
	struct live_run r;

	run_probe(&r, who, "takeover");
	live_expect(&r, 0, "probe ok");
}

/* Killing pid 1 from inside has no effect; ending it from outside has. */
static void test_signals_to_init(enum live_who who)
{
	struct live_run r;

	run_probe(&r, who, "signals");
	live_expect(&r, 0, "probe ok");
}

static void test_status_of_init(enum live_who who)
{
	struct live_case c = {
		.who = who,
		.argv = { "/bin/sh", "-c",
			  "grep -E '^(Cap|NoNew|Seccomp:)' /proc/1/status; "
			  "ls /proc/1/fd || echo closed" },
	};
	struct live_run r;

	live_run(&r, &c);
	live_expect(&r, 0, "CapInh:\t0000000000000000\n"
			   "CapPrm:\t0000000000000000\n"
			   "CapEff:\t0000000000000000\n"
			   "CapBnd:\t0000000000000000\n"
			   "CapAmb:\t0000000000000000\n"
			   "NoNewPrivs:\t1\nSeccomp:\t2\n");
	live_check(live_has(&r, "closed\n"), "/proc/1/fd", r.text);
}

static int probe_takeover(void)
{
	char buf[16] = "";
	struct iovec local = { buf, sizeof(buf) };
	/* Mapped there at the same address: it is a fork of the runner. */
	struct iovec remote = { (void *)(uintptr_t)0x400000, sizeof(buf) };
	int bad = 0, pidfd;

#define REFUSED(call)                                                          \
	do {                                                                   \
		errno = 0;                                                     \
		if ((call) != -1 || (errno != EPERM && errno != EACCES)) {     \
			printf("%s: %s\n", #call, strerror(errno));            \
			bad++;                                                 \
		}                                                              \
	} while (0)

	REFUSED(ptrace(PTRACE_ATTACH, 1, NULL, NULL));
	REFUSED(ptrace(PTRACE_SEIZE, 1, NULL, NULL));
	REFUSED(process_vm_readv(1, &local, 1, &remote, 1, 0));
	REFUSED(process_vm_writev(1, &local, 1, &remote, 1, 0));
	REFUSED(open("/proc/1/mem", O_RDWR));
	REFUSED(open("/proc/1/mem", O_RDONLY));
	REFUSED(open("/proc/1/fd/0", O_WRONLY));
	REFUSED(open("/proc/1/root", O_RDONLY));
	REFUSED(open("/proc/1/environ", O_RDONLY) < 0
			? -1
			: (int)read(open("/proc/1/environ", O_RDONLY), buf, 1));
	pidfd = (int)syscall(SYS_pidfd_open, 1, 0);
	if (pidfd < 0)
		bad++, printf("pidfd_open: %s\n", strerror(errno));
	for (int fd = 0; fd < 3; fd++)
		REFUSED((int)syscall(SYS_pidfd_getfd, pidfd, fd, 0));
	REFUSED((int)syscall(SYS_process_madvise, pidfd, &remote, 1UL,
			     MADV_PAGEOUT, 0));
#undef REFUSED
	if (!bad)
		puts("probe ok");
	return bad;
}

static volatile sig_atomic_t got;

static void note_signal(int sig)
{
	got = sig;
}

static int probe_signals(void)
{
	static const int harmless[] = { SIGKILL, SIGSTOP, SIGSEGV, SIGALRM,
					SIGPIPE, SIGTSTP, SIGSYS };
	int bad = 0;

	signal(SIGUSR1, note_signal);
	for (size_t i = 0; i < ARRAY_LEN(harmless); i++)
		bad += kill(1, harmless[i]) != 0;
	/* Still at work: what it forwards comes back here. */
	bad += kill(1, SIGUSR1) != 0;
	for (int i = 0; i < 100000 && !got; i++)
		poll(NULL, 0, 1);
	bad += got != SIGUSR1;
	if (!bad)
		puts("probe ok");
	return bad;
}

/* --- pid 1's filter by itself ---------------------------------------------- */

/* The signal that ended a child which loaded the filter and made the call. */
static int ended_by(long nr, long arg0, long arg1, long arg2)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct sock_filter insns[INIT_FILTER_MAX];
		struct sock_fprog prog = { .filter = insns };

		prog.len = (unsigned short)init_filter(insns, getpid());
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		    sys_seccomp(SECCOMP_SET_MODE_FILTER, 0, &prog))
			_exit(1);
		syscall(nr, arg0, arg1, arg2, 0, 0, 0);
		syscall(SYS_exit_group, 0);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status))
		return WEXITSTATUS(status) ? -1 : 0;
	return WTERMSIG(status);
}

static void test_filter(enum live_who who)
{
	const long high = 1L << 32;
	int pair[2];

	(void)who;
	live_check(ended_by(SYS_wait4, -1, 0, 1) == 0, "wait4", NULL);
	live_check(ended_by(SYS_exit_group, 0, 0, 0) == 0, "exit", NULL);
	live_check(ended_by(SYS_rt_sigtimedwait, 0, 0, 0) == 0, "wait", NULL);
	live_check(ended_by(SYS_write, 0, 0, 0) == 0, "write 0", NULL);
	live_check(ended_by(SYS_write, 1, 0, 0) == 0, "write 1", NULL);
	live_check(ended_by(SYS_write, 2, 0, 0) == SIGSYS, "write 2", NULL);
	live_check(ended_by(SYS_write, -1, 0, 0) == SIGSYS, "write -1", NULL);
	live_check(ended_by(SYS_write, high, 0, 0) == SIGSYS, "write high",
		   NULL);
	live_check(ended_by(SYS_kill, 1, 0, 0) == SIGSYS, "kill 1", NULL);
	live_check(ended_by(SYS_kill, -1, 0, 0) == SIGSYS, "kill -1", NULL);
	live_check(ended_by(SYS_kill, 0, 0, 0) == SIGSYS, "kill 0", NULL);
	/* Every other call of the ABI's first 500, but for its own five. */
	for (long nr = 0; nr < 500; nr++) {
		if (nr == SYS_wait4 || nr == SYS_exit_group || nr == SYS_kill ||
		    nr == SYS_rt_sigtimedwait || nr == SYS_write)
			continue;
#if defined(__x86_64__)
		/* uretprobe and uprobe, which no filter sees. */
		if (nr == 335 || nr == 336)
			continue;
#endif
		if (ended_by(nr, 0, 0, 0) != SIGSYS) {
			char what[32];

			snprintf(what, sizeof(what), "call %ld", nr);
			live_check(false, what, NULL);
		}
	}
	/* Its own pid is what it may signal. */
	live_check(pipe2(pair, O_CLOEXEC) == 0, "pipe", NULL);
	if (fork() == 0) {
		struct sock_filter insns[INIT_FILTER_MAX];
		struct sock_fprog prog = { .filter = insns };

		prog.len = (unsigned short)init_filter(insns, getpid());
		dup2(pair[1], 1);
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		    sys_seccomp(SECCOMP_SET_MODE_FILTER, 0, &prog))
			_exit(1);
		/* The C library's getpid() would be killed: it is the test. */
		syscall(SYS_kill, (long)(int32_t)insns[10].k, 0);
		syscall(SYS_write, 1, "k", 1);
		syscall(SYS_exit_group, 0);
	}
	close(pair[1]);
	{
		char c = 0;

		live_check(read(pair[0], &c, 1) == 1 && c == 'k', "kill self",
			   NULL);
	}
	close(pair[0]);
	wait(NULL);
}

int main(int argc, char **argv)
{
	static const struct live_test tests[] = {
		{ "takeover",	     test_takeover	  },
		{ "signals to init", test_signals_to_init },
		{ "status of init",  test_status_of_init  },
		{ "init's filter",   test_filter	  },
	};

	if (argc == 3 && !strcmp(argv[2], "takeover"))
		return probe_takeover();
	if (argc == 3 && !strcmp(argv[2], "signals"))
		return probe_signals();
	return live_main(tests, ARRAY_LEN(tests));
}
