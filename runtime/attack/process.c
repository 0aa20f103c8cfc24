/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.c - attacks on other processes, and by many of one's own
 *
 * Nothing is attached with a stop, written to or signalled but with 0;
 * an address that is never mapped tells permission from refusal.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/attack/attack.h"
#include "runtime/attack/words.h"

enum { ORPHANS = 3, FORKS_MAX = 2000, FORKS_OVER = 16 };
#define MEMORY_CAP (1ULL << 30)

/* A directory behind a link of /proc, when it is not our own root. */
static int open_other_root(const char *path)
{
	struct stat own, other;
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &other) || stat("/", &own))
		return -1;
	if (own.st_dev == other.st_dev && own.st_ino == other.st_ino) {
		errno = ELOOP;
		return -1;
	}
	return fd;
}

static void try_root(struct verdict *v, int pid)
{
	char path[256];

	path_of(path, "/proc/%d/root", pid);
	TRY(v, open_other_root(path), "open(%s)", path);
	/* Its parent too: a directory inside is no news, what is above is. */
	path_of(path, "/proc/%d/root" "/..", pid);
	TRY(v, open_other_root(path), "open(%s)", path);
}

void attack_proc_1_root(struct verdict *v, const struct planted *p)
{
	(void)p;
	if (open("/proc/1/root", O_PATH) < 0)
		say_blocked(v, "open(/proc/1/root): %s",
			    strerrorname_np(errno));
	each_process(v, try_root);
}

static int read_environ(int pid)
{
	char path[256], text[16];

	path_of(path, "/proc/%d/environ", pid);
	return (int)read_text(path, text, sizeof(text));
}

static long steal(int pid, int fd)
{
	long pidfd = syscall(SYS_pidfd_open, pid, 0);

	return pidfd < 0 ? -1 : syscall(SYS_pidfd_getfd, pidfd, fd, 0);
}

static void take_over(struct verdict *v, int pid)
{
	char byte = 0, path[256];
	struct iovec local = { &byte, 1 };
	/* In the page that nobody has. */
	struct iovec remote = { (void *)8, 1 };

	TRY(v, ptrace(PTRACE_SEIZE, pid, NULL, NULL), "ptrace(SEIZE, %d)", pid);
	TRY_RIGHT(v, process_vm_readv(pid, &local, 1, &remote, 1, 0),
		  "process_vm_readv(%d)", pid);
	TRY_RIGHT(v, process_vm_writev(pid, &local, 1, &remote, 1, 0),
		  "process_vm_writev(%d)", pid);
	path_of(path, "/proc/%d/mem", pid);
	TRY(v, open(path, O_RDWR), "open(%s)", path);
	TRY(v, open(path, O_RDONLY), "open(%s)", path);
	path_of(path, "/proc/%d/fd", pid);
	TRY(v, open(path, O_RDONLY), "open(%s)", path);
	for (int fd = 0; fd < 4; fd++)
		TRY_RIGHT(v, steal(pid, fd), "pidfd_getfd(%d, %d)", pid, fd);
	TRY(v, read_environ(pid), "read /proc/%d/environ", pid);
}

void attack_init_takeover(struct verdict *v, const struct planted *p)
{
	(void)p;
	if (getppid() == 1)
		say_not(v, "the command itself is pid 1");
	else
		take_over(v, 1);
}

/* Numbers mean something else in another pid namespace. */
static bool is_victim(int pid)
{
	char path[256], name[32];

	path_of(path, "/proc/%d/comm", pid);
	return read_text(path, name, sizeof(name)) < 0 ||
	       !strcmp(name, "attack-victim\n");
}

void attack_host_process(struct verdict *v, const struct planted *p)
{
	if (!p->victim) {
		say_not(v, "the caller has started none");
		return;
	}
	if (!is_victim(p->victim)) {
		say_blocked(v, "its number means another process here");
		return;
	}
	TRY(v, kill(p->victim, 0), "kill(a host process)");
	take_over(v, p->victim);
}

/* Lives until the caller's end of standard input is closed. */
static void linger(void)
{
	char byte;

	while (read(0, &byte, 1) > 0)
		continue;
	_exit(0);
}

void attack_orphans(struct verdict *v, const struct planted *p)
{
	(void)p;
	for (int i = 0; i < ORPHANS; i++) {
		if (fork())
			continue;
		prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
		for (int sig = 1; sig < NSIG; sig++)
			signal(sig, SIG_IGN);
		setsid();
		/* Twice, so that its parent is gone. */
		if (i && fork())
			_exit(0);
		linger();
	}
	if (write(1, ATTACK_READY, strlen(ATTACK_READY)) < 0)
		say_not(v, "nobody listens");
	linger();
}

void attack_fork_bomb(struct verdict *v, const struct planted *p)
{
	static pid_t pids[FORKS_MAX];
	long bound = p->pids + FORKS_OVER, n = 0;
	int err = 0;

	if (!p->pids) {
		say_not(v, "not limited by this profile: add 'pids 64;'");
		return;
	}
	if (bound > FORKS_MAX) {
		say_not(v, "the limit is above the %d that are tried",
			FORKS_MAX);
		return;
	}
	while (n < bound) {
		pids[n] = fork();
		if (pids[n] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
			pause();
			_exit(0);
		}
		if (pids[n] < 0) {
			err = errno;
			break;
		}
		n++;
	}
	for (long i = 0; i < n; i++)
		kill(pids[i], SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		continue;
	if (err)
		say_blocked(v, "fork %ld of %ld: %s", n + 1, bound,
			    strerrorname_np(err));
	else
		say_open(v, "%ld processes, and the limit is %ld", n, p->pids);
}

static void be_chosen(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	if (fd >= 0 && write(fd, "1000", 4) != 4)
		close(fd);
}

static _Noreturn void fill_memory(uint64_t size)
{
	volatile char *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		_exit(1);
	for (uint64_t i = 0; i < size; i += 4096)
		at[i] = 1;
	_exit(0);
}

void attack_memory_bomb(struct verdict *v, const struct planted *p)
{
	uint64_t size = p->memory + p->memory / 2;
	int status = 0;
	pid_t pid;

	if (!p->memory) {
		say_not(v, "not limited by this profile: add 'memory 256M;'");
		return;
	}
	if (size > MEMORY_CAP) {
		say_not(v, "the limit is above the 682 MiB that are tried");
		return;
	}
	pid = fork();
	if (pid == 0) {
		be_chosen();
		fill_memory(size);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		say_not(v, "fork: %s", strerrorname_np(errno));
	else if (WIFSIGNALED(status))
		say_blocked(v, "ended by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status))
		say_blocked(v, "mmap: ENOMEM");
	else
		say_open(v, "%llu MiB are in use",
			 (unsigned long long)(size >> 20));
}
