/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: where our tables say that a handler uses fewer bits than its
 * prototype, the running kernel does.
 * Method: a real call for each (tests/support/width.h).  Every row of
 * abi/overrides.csv that says "live" must have a case.
 */
#include <errno.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/width.h"

#if defined(__x86_64__)

static enum verdict clone_flags(uint64_t bit)
{
	int status = -1;
	long pid = call64(SYS_clone, SIGCHLD | bit, 0, 0, 0, 0, 0);

	if (pid == 0)
		_exit(7);
	return verdict_of(pid > 0 && waitpid((pid_t)pid, &status, 0) == pid &&
			  WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

static bool maps(uint64_t prot, uint64_t flags, uint64_t fd)
{
	long at = call64(SYS_mmap, 0, 4096, prot, flags, fd, 0);

	if (at == -1)
		return false;
	if (flags & MAP_ANONYMOUS)
		*(char *)at = 1;
	munmap((void *)at, 4096);
	return true;
}

enum { RW = PROT_READ | PROT_WRITE, ANON = MAP_PRIVATE | MAP_ANONYMOUS };

static enum verdict mmap_prot(uint64_t bit)
{
	return verdict_of(maps(RW | bit, ANON, (uint64_t)-1));
}

static enum verdict mmap_flags(uint64_t bit)
{
	return verdict_of(maps(RW, ANON | bit, (uint64_t)-1) &&
			  !maps(RW, bit, (uint64_t)-1));
}

static enum verdict mmap_fd(uint64_t bit)
{
	int fd = memfd_create("width", 0);
	bool good = !ftruncate(fd, 4096) &&
		    maps(RW, MAP_SHARED, (uint64_t)fd | bit);

	close(fd);
	return verdict_of(good);
}

static enum verdict remap_flags(uint64_t bit)
{
	void *p = mmap(NULL, 8192, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long plain = call64(SYS_remap_file_pages, (uintptr_t)p, 4096, 0, 1, 0,
			    0);
	long with = call64(SYS_remap_file_pages, (uintptr_t)p, 4096, 0, 0, bit,
			   0);

	munmap(p, 8192);
	return plain ? SKIP : verdict_of(!with);
}


static bool transfers(const char *call, uint64_t fd_bit, uint64_t count_bit)
{
	static const struct { const char *call; long nr; bool writes; } all[] = {
		{ "readv", SYS_readv, false },
		{ "writev", SYS_writev, true },
		{ "preadv", SYS_preadv, false },
		{ "pwritev", SYS_pwritev, true },
		{ "preadv2", SYS_preadv2, false },
		{ "pwritev2", SYS_pwritev2, true },
	};
	char text[4] = "abc", got[4] = "";
	struct iovec iov = { got, 3 };
	int fd = memfd_create("width", 0);
	long n = -1;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (strcmp(all[i].call, call))
			continue;
		iov.iov_base = all[i].writes ? text : got;
		if (!all[i].writes)
			n = pwrite(fd, text, 3, 0);
		n = call64(all[i].nr, (uint64_t)fd | fd_bit, (uintptr_t)&iov,
			   1 | count_bit, 0, 0, 0);
	}
	close(fd);
	return n == 3;
}

#define TRANSFER(name)                                                         \
	static enum verdict name##_fd(uint64_t bit)                            \
	{                                                                      \
		return verdict_of(transfers(#name, bit, 0));                   \
	}                                                                      \
	static enum verdict name##_count(uint64_t bit)                         \
	{                                                                      \
		return verdict_of(transfers(#name, 0, bit));                   \
	}

TRANSFER(readv)
TRANSFER(writev)
TRANSFER(preadv)
TRANSFER(pwritev)
TRANSFER(preadv2)
TRANSFER(pwritev2)

static enum verdict vmsplice_count(uint64_t bit)
{
	char text[] = "abc";
	struct iovec iov = { text, 3 };
	int ends[2];
	long n;

	if (pipe(ends))
		return BAD;
	n = call64(SYS_vmsplice, (uint64_t)ends[1], (uintptr_t)&iov, 1 | bit, 0,
		   0, 0);
	close(ends[0]);
	close(ends[1]);
	return verdict_of(n == 3);
}

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_process_madvise
#define SYS_process_madvise 440
#endif

static enum verdict process_madvise_count(uint64_t bit)
{
	struct iovec iov = { low_page(), 4096 };
	int fd = (int)call64(SYS_pidfd_open, (uint64_t)getpid(), 0, 0, 0, 0, 0);
	long plain = call64(SYS_process_madvise, (uint64_t)fd,
			    (uintptr_t)&iov, 1, MADV_WILLNEED, 0, 0);
	long with = call64(SYS_process_madvise, (uint64_t)fd, (uintptr_t)&iov,
			   1 | bit, MADV_WILLNEED, 0, 0);

	close(fd);
	munmap(iov.iov_base, 4096);
	return plain < 0 ? SKIP : verdict_of(with == plain);
}

static bool copies(long nr, uint64_t bit)
{
	char here[4] = "abc", there[4] = "xyz";
	struct iovec mine = { here, 3 }, its = { there, 3 };

	return call64(nr, (uint64_t)getpid(), (uintptr_t)&mine, 1 | bit,
		      (uintptr_t)&its, 1, 0) == 3 &&
	       !memcmp(here, there, 3);
}

static enum verdict process_vm_readv_count(uint64_t bit)
{
	if (!copies(SYS_process_vm_readv, 0))
		return SKIP;
	return verdict_of(copies(SYS_process_vm_readv, bit));
}

static enum verdict process_vm_writev_count(uint64_t bit)
{
	if (!copies(SYS_process_vm_writev, 0))
		return SKIP;
	return verdict_of(copies(SYS_process_vm_writev, bit));
}

/* PTRACE_SEIZE stops nobody; the child waits to be killed. */
static enum verdict ptrace_pid(uint64_t bit)
{
	pid_t pid = fork();
	long ret;
	int why;

	if (pid == 0) {
		pause();
		_exit(0);
	}
	ret = call64(SYS_ptrace, PTRACE_SEIZE, (uint64_t)pid | bit, 0, 0, 0, 0);
	why = errno;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return ret && why == EPERM ? SKIP : verdict_of(!ret);
}

static enum verdict kcmp_idx1(uint64_t bit)
{
	uint64_t pid = (uint64_t)getpid();

	if (call64(SYS_kcmp, pid, pid, KCMP_FILE, 1, 1, 0))
		return SKIP;
	return verdict_of(!call64(SYS_kcmp, pid, pid, KCMP_FILE, 1 | bit, 1,
				  0));
}

static enum verdict mbind_mode(uint64_t bit)
{
	uintptr_t p = (uintptr_t)low_page();
	long plain = call64(SYS_mbind, p, 4096, 0, 0, 0, 0);
	long with = call64(SYS_mbind, p, 4096, bit, 0, 0, 0);

	munmap((void *)p, 4096);
	return plain ? SKIP : verdict_of(!with);
}

static enum verdict umask_mask(uint64_t bit)
{
	mode_t before = umask(022);
	long old = call64(SYS_umask, 027 | bit, 0, 0, 0, 0, 0);

	return verdict_of(old == 022 && umask(before) == 027);
}

static enum verdict umask_mask32(uint64_t bit)
{
	mode_t before = umask(022);
	long old = call32(60, (uint32_t)(027 | bit), 0, 0, 0);

	return verdict_of(old == 022 && umask(before) == 027);
}

static void leave(uint64_t bit)
{
	call64(SYS_exit, 5 | bit, 0, 0, 0, 0, 0);
}

static void leave_all(uint64_t bit)
{
	call64(SYS_exit_group, 5 | bit, 0, 0, 0, 0, 0);
}

static void leave32(uint64_t bit)
{
	call32(1, (uint32_t)(5 | bit), 0, 0, 0);
}

static void leave_all32(uint64_t bit)
{
	call32(252, (uint32_t)(5 | bit), 0, 0, 0);
}

static enum verdict exit_status(uint64_t bit)
{
	return verdict_of(child_exits(leave, bit, 5));
}

static enum verdict exit_group_status(uint64_t bit)
{
	return verdict_of(child_exits(leave_all, bit, 5));
}

static enum verdict exit_status32(uint64_t bit)
{
	return verdict_of(child_exits(leave32, bit, 5));
}

static enum verdict exit_group_status32(uint64_t bit)
{
	return verdict_of(child_exits(leave_all32, bit, 5));
}

enum { IOPRIO_SELF = 1, IOPRIO_BE_5 = 2 << 13 | 5 };

static enum verdict ioprio(uint64_t bit)
{
	long before = call64(SYS_ioprio_get, IOPRIO_SELF, 0, 0, 0, 0, 0);
	bool good = !call64(SYS_ioprio_set, IOPRIO_SELF, 0, IOPRIO_BE_5 | bit,
			    0, 0, 0) &&
		    call64(SYS_ioprio_get, IOPRIO_SELF, 0, 0, 0, 0, 0) ==
			    IOPRIO_BE_5;

	call64(SYS_ioprio_set, IOPRIO_SELF, 0, (uint64_t)before, 0, 0, 0);
	return verdict_of(good);
}

static enum verdict ioprio32(uint64_t bit)
{
	long before = call64(SYS_ioprio_get, IOPRIO_SELF, 0, 0, 0, 0, 0);
	bool good = !call32(289, IOPRIO_SELF, 0, (uint32_t)(IOPRIO_BE_5 | bit),
			    0) &&
		    call64(SYS_ioprio_get, IOPRIO_SELF, 0, 0, 0, 0, 0) ==
			    IOPRIO_BE_5;

	call64(SYS_ioprio_set, IOPRIO_SELF, 0, (uint64_t)before, 0, 0, 0);
	return verdict_of(good);
}

/* SEMGET of a private set, then its removal: both with a version. */
static enum verdict ipc_call32(uint64_t bit)
{
	long id = call32(117, 2, 0, 1, 0600);
	long with;

	if (id < 0)
		return SKIP;
	call64(SYS_semctl, (uint64_t)id, 0, 0, 0, 0, 0);
	with = call32(117, (uint32_t)(2 | bit), 0, 1, 0600);
	if (with >= 0)
		call64(SYS_semctl, (uint64_t)with, 0, 0, 0, 0, 0);
	return verdict_of(with >= 0);
}

static const struct width_case cases[] = {
	X86_64("clone", "flags", clone_flags),
	X86_64("mmap", "prot", mmap_prot),
	X86_64("mmap", "flags", mmap_flags),
	X86_64("mmap", "fd", mmap_fd),
	X86_64("remap_file_pages", "flags", remap_flags),
	X86_64("readv", "fd", readv_fd),
	X86_64("readv", "iovcnt", readv_count),
	X86_64("writev", "fd", writev_fd),
	X86_64("writev", "iovcnt", writev_count),
	X86_64("preadv", "fd", preadv_fd),
	X86_64("preadv", "iovcnt", preadv_count),
	X86_64("pwritev", "fd", pwritev_fd),
	X86_64("pwritev", "iovcnt", pwritev_count),
	X86_64("preadv2", "fd", preadv2_fd),
	X86_64("preadv2", "iovcnt", preadv2_count),
	X86_64("pwritev2", "fd", pwritev2_fd),
	X86_64("pwritev2", "iovcnt", pwritev2_count),
	X86_64("vmsplice", "nr_segs", vmsplice_count),
	X86_64("process_madvise", "vlen", process_madvise_count),
	X86_64("process_vm_readv", "liovcnt", process_vm_readv_count),
	X86_64("process_vm_writev", "liovcnt", process_vm_writev_count),
	X86_64("ptrace", "pid", ptrace_pid),
	X86_64("kcmp", "idx1", kcmp_idx1),
	X86_64("mbind", "mode", mbind_mode),
	X86_64("umask", "mask", umask_mask),
	X86_64("exit", "status", exit_status),
	X86_64("exit_group", "status", exit_group_status),
	X86_64("ioprio_set", "ioprio", ioprio),
	I386("umask", "mask", umask_mask32),
	I386("exit", "status", exit_status32),
	I386("exit_group", "status", exit_group_status32),
	I386("ioprio_set", "ioprio", ioprio32),
	I386("ipc", "call", ipc_call32),
};

enum { NCASES = sizeof(cases) / sizeof(*cases) };

static bool has_case(const char *call, const char *arg)
{
	for (size_t i = 0; i < NCASES; i++)
		if (!strcmp(cases[i].call, call) &&
		    !strcmp(cases[i].arg, arg) && cases[i].ignored)
			return true;
	return false;
}

/* Counts the rows of the table that say "live" and have no case. */
static int rows_without_case(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[512], *calls, *rest;
	int n = 0;

	if (!file)
		return 1;
	while (fgets(line, sizeof(line), file)) {
		char *arg, *tail = strstr(line, ",live\n");

		rest = line;
		calls = strsep(&rest, ",");
		if (!tail || *line == '#' || !strsep(&rest, ","))
			continue;
		arg = strsep(&rest, ",");
		for (char *call; (call = strsep(&calls, " "));) {
			if (has_case(call, arg))
				continue;
			printf("%s %s has no case\n", call, arg);
			n++;
		}
	}
	fclose(file);
	return n;
}

int main(void)
{
	return width_run(NCASES, cases, rows_without_case("abi/overrides.csv"));
}

#else

int main(void)
{
	puts("skip: the cases are for x86_64");
	return 77;
}

#endif
