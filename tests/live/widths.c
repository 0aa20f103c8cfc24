/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a width in the tables is what the running kernel uses.
 * Method: each case makes one real call with the lowest bit set that the
 * tables call ignored, and sees that the kernel did as without it; cases of
 * the second kind set a bit that the tables call used, and see a refusal.
 * i386 calls go through `int $0x80`.  Every row of abi/overrides.csv that
 * says "live" must have a case.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/syscalls.h"

#if defined(__x86_64__)

enum verdict { GOOD, BAD, SKIP };

struct width_case {
	enum abi_id abi;
	const char *call, *arg;
	/* `bit` is the lowest that the tables say is ignored. */
	enum verdict (*ignored)(uint64_t bit);
	/* `high` is a bit that the tables say is used. */
	enum verdict (*refused)(uint64_t high);
};

static long call64(long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
		   uint64_t e, uint64_t f)
{
	return syscall(nr, a, b, c, d, e, f);
}

/* Pointers must lie below 4 GiB: see low_page().  Gives -errno. */
static long call32(uint32_t nr, uint32_t a, uint32_t b, uint32_t c,
		   uint32_t d)
{
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "0"((long)nr), "b"((long)a), "c"((long)b),
			   "d"((long)c), "S"((long)d)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)ret;
}

static void *low_page(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static uint32_t low(const void *p)
{
	return (uint32_t)(uintptr_t)p;
}

static enum verdict verdict_of(bool good)
{
	return good ? GOOD : BAD;
}

/* Runs f in a child; gives the raw wait status. */
static int in_child(void (*f)(uint64_t), uint64_t bit)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		f(bit);
		_exit(99);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

static bool child_exits(void (*f)(uint64_t), uint64_t bit, int code)
{
	int status = in_child(f, bit);

	return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

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

/* --- widths that are the prototype's own ----------------------------- */

static char *temp_name(char path[64], const char *tail)
{
	snprintf(path, 64, "/tmp/widths-%d-%s", getpid(), tail);
	return path;
}

static enum verdict mkdir_mode(uint64_t bit)
{
	char path[64];
	struct stat st = { 0 };
	mode_t before = umask(0);
	long ret = call64(SYS_mkdir, (uintptr_t)temp_name(path, "dir"),
			  0741 | bit, 0, 0, 0, 0);

	umask(before);
	stat(path, &st);
	rmdir(path);
	return verdict_of(!ret && (st.st_mode & 07777) == 0741);
}

static enum verdict chmod_mode(uint64_t bit)
{
	char path[64];
	struct stat st = { 0 };
	int fd = open(temp_name(path, "mode"), O_CREAT | O_RDWR, 0600);
	long ret = call64(SYS_chmod, (uintptr_t)path, 0640 | bit, 0, 0, 0, 0);

	fstat(fd, &st);
	close(fd);
	unlink(path);
	return verdict_of(!ret && (st.st_mode & 07777) == 0640);
}

static enum verdict openat_mode(uint64_t bit)
{
	char path[64];
	struct stat st = { 0 };
	mode_t before = umask(0);
	int fd = (int)call64(SYS_openat, (uint64_t)AT_FDCWD,
			     (uintptr_t)temp_name(path, "open"),
			     O_CREAT | O_RDWR, 0640 | bit, 0, 0);

	umask(before);
	fstat(fd, &st);
	close(fd);
	unlink(path);
	return verdict_of(fd >= 0 && (st.st_mode & 07777) == 0640);
}

static enum verdict socket_domain(uint64_t bit)
{
	int fd = (int)call64(SYS_socket, 1 | bit, 1, 0, 0, 0, 0);

	close(fd);
	return verdict_of(fd >= 0);
}

static enum verdict socket_type(uint64_t bit)
{
	int fd = (int)call64(SYS_socket, 1, 1 | bit, 0, 0, 0, 0);

	close(fd);
	return verdict_of(fd >= 0);
}

static enum verdict ioctl_request(uint64_t bit)
{
	int ends[2], n = -1;
	long ret;

	if (pipe(ends))
		return BAD;
	ret = call64(SYS_ioctl, (uint64_t)ends[0], 0x541b | bit,
		     (uintptr_t)&n, 0, 0, 0);
	close(ends[0]);
	close(ends[1]);
	return verdict_of(!ret && n == 0);
}

static enum verdict fcntl_cmd(uint64_t bit)
{
	return verdict_of(call64(SYS_fcntl, 2, F_GETFD | bit, 0, 0, 0, 0) ==
			  fcntl(2, F_GETFD));
}

static enum verdict prctl_option(uint64_t bit)
{
	char name[16] = "";

	return verdict_of(!call64(SYS_prctl, 16 | bit, (uintptr_t)name, 0, 0,
				  0, 0) &&
			  name[0]);
}

static enum verdict kill_sig(uint64_t bit)
{
	return verdict_of(!call64(SYS_kill, (uint64_t)getpid(), bit, 0, 0, 0,
				  0));
}

static enum verdict personality_persona(uint64_t bit)
{
	long now = call64(SYS_personality, 0xffffffff, 0, 0, 0, 0, 0);

	return verdict_of(call64(SYS_personality, 0xffffffff | bit, 0, 0, 0, 0,
				 0) == now);
}

static enum verdict madvise_advice(uint64_t bit)
{
	void *p = low_page();
	long ret = call64(SYS_madvise, (uintptr_t)p, 4096, MADV_NORMAL | bit,
			  0, 0, 0);

	munmap(p, 4096);
	return verdict_of(!ret);
}

static void set_ids32(uint64_t bit)
{
	/* setuid(23) takes 16 bits: with more it is still 1234. */
	long ret = call32(23, (uint32_t)(1234 | bit), 0, 0, 0);

	_exit(!ret && getuid() == 1234 ? 0 : 1);
}

static enum verdict setuid32_uid(uint64_t bit)
{
	if (getuid())
		return SKIP;
	return verdict_of(child_exits(set_ids32, bit, 0));
}

static enum verdict mkdir_mode32(uint64_t bit)
{
	char *page = low_page();
	struct stat st = { 0 };
	mode_t before = umask(0);
	long ret;

	if (!page)
		return SKIP;
	ret = call32(39, low(temp_name(page, "dir32")), (uint32_t)(0741 | bit),
		     0, 0);
	umask(before);
	stat(page, &st);
	rmdir(page);
	munmap(page, 4096);
	return verdict_of(!ret && (st.st_mode & 07777) == 0741);
}

/* --- bits that count, above the names of the family ------------------- */

static enum verdict refuses(long ret, int why)
{
	return verdict_of(ret == -1 && why == EINVAL);
}

static enum verdict mprotect_prot(uint64_t high)
{
	void *p = low_page();
	long ret = call64(SYS_mprotect, (uintptr_t)p, 4096, RW | high, 0, 0, 0);
	enum verdict v = refuses(ret, errno);

	munmap(p, 4096);
	return v;
}

static enum verdict unshare_flags(uint64_t high)
{
	long ret = call64(SYS_unshare, high, 0, 0, 0, 0, 0);

	return refuses(ret, errno);
}

static enum verdict mremap_flags(uint64_t high)
{
	void *p = low_page();
	long ret = call64(SYS_mremap, (uintptr_t)p, 4096, 4096, high, 0, 0);
	enum verdict v = refuses(ret, errno);

	munmap(p, 4096);
	return v;
}

static enum verdict remap_prot(uint64_t high)
{
	void *p = mmap(NULL, 8192, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long ret = call64(SYS_remap_file_pages, (uintptr_t)p, 4096, high, 1, 0,
			  0);
	enum verdict v = refuses(ret, errno);

	munmap(p, 8192);
	return v;
}

static enum verdict vm_flags(uint64_t high)
{
	long ret = call64(SYS_process_vm_readv, (uint64_t)getpid(), 0, 0, 0, 0,
			  high);

	return refuses(ret, errno);
}

static enum verdict kill_sig_used(uint64_t high)
{
	long ret = call64(SYS_kill, (uint64_t)getpid(), high, 0, 0, 0, 0);

	return refuses(ret, errno);
}

#define X86_64(call, arg, f) { ABI_X86_64, call, arg, f, NULL }
#define I386(call, arg, f) { ABI_I386, call, arg, f, NULL }
#define USED(call, arg, f) { ABI_X86_64, call, arg, NULL, f }

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
	X86_64("mkdir", "mode", mkdir_mode),
	X86_64("chmod", "mode", chmod_mode),
	X86_64("openat", "mode", openat_mode),
	X86_64("socket", "domain", socket_domain),
	X86_64("socket", "type", socket_type),
	X86_64("ioctl", "request", ioctl_request),
	X86_64("fcntl", "cmd", fcntl_cmd),
	X86_64("prctl", "option", prctl_option),
	X86_64("kill", "sig", kill_sig),
	X86_64("personality", "persona", personality_persona),
	X86_64("madvise", "advice", madvise_advice),
	I386("setuid", "uid", setuid32_uid),
	I386("mkdir", "mode", mkdir_mode32),
	USED("mprotect", "prot", mprotect_prot),
	USED("unshare", "flags", unshare_flags),
	USED("mremap", "flags", mremap_flags),
	USED("remap_file_pages", "prot", remap_prot),
	USED("process_vm_readv", "flags", vm_flags),
	USED("kill", "sig", kill_sig_used),
};

enum { NCASES = sizeof(cases) / sizeof(*cases) };

static const struct sig_arg *argument_of(const struct width_case *c)
{
	sysname name = sysname_find(c->call, strlen(c->call));
	const struct syscall_desc *call = NULL;

	if (name != SYSNAME_NONE)
		call = syscall_by_name(abi_get(c->abi), name);
	return call ? syscall_arg(call, c->arg, strlen(c->arg)) : NULL;
}

static enum verdict run_case(const struct width_case *c)
{
	const struct sig_arg *arg = argument_of(c);

	if (!arg)
		return BAD;
	if (c->ignored) {
		/* A width of all bits has none that is ignored. */
		if (arg->bits >= 64 || (c->abi == ABI_I386 && arg->bits >= 32))
			return BAD;
		return c->ignored(UINT64_C(1) << arg->bits);
	}
	return c->refused(UINT64_C(1) << (arg->bits - 1));
}

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
	int count[3] = { 0 };

	count[BAD] = rows_without_case("abi/overrides.csv");
	for (size_t i = 0; i < NCASES; i++) {
		const struct width_case *c = &cases[i];
		enum verdict v;

		fflush(stdout);
		v = run_case(c);
		count[v]++;
		if (v == BAD)
			printf("%s %s %s: not as the tables say\n",
			       abi_get(c->abi)->name, c->call, c->arg);
		if (v == SKIP)
			printf("skip: %s %s %s: this kernel or user cannot\n",
			       abi_get(c->abi)->name, c->call, c->arg);
	}
	printf("%d passed, %d failed, %d skipped\n", count[GOOD], count[BAD],
	       count[SKIP]);
	return count[BAD] != 0;
}

#else

int main(void)
{
	puts("skip: the cases are for x86_64");
	return 77;
}

#endif
