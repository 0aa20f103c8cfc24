/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the widths that our tables take from prototypes are the running
 * kernel's: umode_t and old ids have 16 bits, int has 32, long all.
 * Method: a real call for each (tests/support/width.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/support/width.h"

#if defined(__x86_64__)

enum { RW = PROT_READ | PROT_WRITE };

static uint32_t low(const void *p)
{
	return (uint32_t)(uintptr_t)p;
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

static const struct width_case cases[] = {
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

int main(void)
{
	return width_run(sizeof(cases) / sizeof(*cases), cases, 0);
}

#else

int main(void)
{
	puts("skip: the cases are for x86_64");
	return 77;
}

#endif
