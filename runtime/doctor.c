/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor.c - the kernel: version, ABIs, seccomp, Landlock, mount calls
 */
#include "runtime/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/landlock.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/str.h"
#include "runtime/doctor_rows.h"
#include "runtime/sys.h"

/* Newer than the headers of some systems. */
enum { FLAG_WAIT_KILLABLE_RECV = 1 << 5 };

static void emit_row(struct exam *e, const struct fact *f,
		     enum doctor_state state, const char *fmt, va_list args)
	__attribute__((format(printf, 4, 0)));

static void emit_row(struct exam *e, const struct fact *f,
		     enum doctor_state state, const char *fmt, va_list args)
{
	struct str found = { 0 };
	struct doctor_row row = {
		.state = state,
		.name = f->name,
		.needed_by = f->needed_by ? f->needed_by : "",
		.remedy = f->remedy ? f->remedy : "",
	};

	str_vaddf(&found, fmt, args);
	row.found = str_text(&found);
	e->emit(&row, e->arg);
	str_fini(&found);
}

void fact_row(struct exam *e, const struct fact *f, enum doctor_state state,
	      const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	emit_row(e, f, state, fmt, args);
	va_end(args);
}

void fact_need(struct exam *e, const struct fact *f, bool has,
	       const char *fmt, ...)
{
	va_list args;

	e->can &= has;
	va_start(args, fmt);
	emit_row(e, f, has ? DOCTOR_YES : DOCTOR_NO, fmt, args);
	va_end(args);
}

bool exam_has_cap(unsigned cap)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	return sys_capget(&head, data) == 0 &&
	       (data[cap / 32].effective >> cap % 32 & 1);
}

const char *exam_line(struct exam *e, const char *path)
{
	char text[512];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return "";
	text[n] = '\0';
	return arena_strndup(e->arena, text, strcspn(text, "\n"));
}

static void machine(struct exam *e)
{
	static const struct fact fact = { "kernel", NULL, NULL };
	struct utsname un;

	if (uname(&un))
		BUG("uname failed");
	fact_row(e, &fact, DOCTOR_INFO, "%s %s on %s", un.sysname, un.release,
		 un.machine);
}

/* The call is made in a child: where the ABI is off, some kernels kill. */
static bool child_answers(bool (*call)(void))
{
	int status;
	pid_t pid = sys_fork(0);

	if (pid == 0) {
		const struct rlimit none = { 0, 0 };

		setrlimit(RLIMIT_CORE, &none);
		_exit(call() ? 0 : 1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid &&
	       WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

#if defined(__x86_64__)
static bool call_i386(void)
{
	long ret;

	/* getpid */
	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(20L)
			 : "memory", "r8", "r9", "r10", "r11");
	return ret > 0;
}

static bool call_x32(void)
{
	return syscall(0x40000000 | SYS_getpid) > 0;
}
#endif

static void abis(struct exam *e)
{
#if defined(__x86_64__)
	static const struct fact i386 = {
		"i386 ABI", "programs of 32 bits, 'arch i386'",
		"a kernel with CONFIG_IA32_EMULATION, not booted with "
		"ia32_emulation=0"
	};
	static const struct fact x32 = {
		"x32 ABI", "programs of x32, 'arch x32': rare",
		"a kernel with CONFIG_X86_X32_ABI, booted with syscall.x32=y "
		"on Debian"
	};
	bool has = child_answers(call_i386);

	fact_row(e, &i386, has ? DOCTOR_YES : DOCTOR_NO,
		 has ? "int 0x80 is answered" : "int 0x80 is not answered");
	has = child_answers(call_x32);
	fact_row(e, &x32, has ? DOCTOR_YES : DOCTOR_NO,
		 has ? "its numbers are answered"
		     : "its numbers are not answered");
#else
	(void)e;
	(void)child_answers;
#endif
}

static void actions(struct exam *e)
{
	static const struct {
		uint32_t value;
		struct fact fact;
	} list[] = {
		{ SECCOMP_RET_KILL_PROCESS,
		  { "seccomp: kill", "'kill'", "Linux 4.14" } },
		{ SECCOMP_RET_KILL_THREAD,
		  { "seccomp: kill_thread", "'kill_thread'", "Linux 3.5" } },
		{ SECCOMP_RET_TRAP, { "seccomp: trap", "'trap'", "Linux 3.5" } },
		{ SECCOMP_RET_ERRNO,
		  { "seccomp: deny", "'deny'", "Linux 3.5" } },
		{ SECCOMP_RET_TRACE,
		  { "seccomp: trace", "'trace'", "Linux 3.5" } },
		{ SECCOMP_RET_LOG,
		  { "seccomp: log", "'log', 'option log'", "Linux 4.14" } },
		{ SECCOMP_RET_USER_NOTIF,
		  { "seccomp: notify", "'notify'", "Linux 5.0" } },
	};

	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		uint32_t action = list[i].value;
		bool has = sys_seccomp(SECCOMP_GET_ACTION_AVAIL, 0,
				       &action) == 0;

		fact_row(e, &list[i].fact, has ? DOCTOR_YES : DOCTOR_NO, "%s",
			 has ? "available" : strerror(errno));
	}
}

static void seccomp(struct exam *e)
{
	static const struct fact filter = {
		"seccomp filters", "everything",
		"a kernel with CONFIG_SECCOMP_FILTER; in a container, a "
		"profile that allows seccomp"
	};
	static const struct fact killable = {
		"seccomp: wait killable", "supervisors that signals disturb",
		"Linux 5.19"
	};
	static const struct fact logged = {
		"seccomp: actions_logged", "records of 'log' and 'kill'",
		"as root, sysctl kernel.seccomp.actions_logged='kill_process "
		"kill_thread trap errno user_notif trace log'"
	};
	uint32_t action = SECCOMP_RET_ERRNO;
	const unsigned flags = SECCOMP_FILTER_FLAG_NEW_LISTENER |
			       FLAG_WAIT_KILLABLE_RECV;
	bool has = sys_seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
	const char *line;

	fact_need(e, &filter, has, "%s", has ? "available" : strerror(errno));
	actions(e);
	/* Without a program only the flags can be wrong. */
	has = sys_seccomp(SECCOMP_SET_MODE_FILTER, flags, NULL) < 0 &&
	      errno == EFAULT;
	fact_row(e, &killable, has ? DOCTOR_YES : DOCTOR_NO, "%s",
		 has ? "available" : "this kernel does not know the flag");
	line = exam_line(e, "/proc/sys/kernel/seccomp/actions_logged");
	has = strstr(line, "kill_process") && strstr(line, "log");
	fact_row(e, &logged, has ? DOCTOR_YES : DOCTOR_PARTLY, "%s",
		 *line ? line : "empty, or not readable");
}

static void landlock(struct exam *e)
{
	static const struct fact fact = {
		"Landlock", "a second lock on 'read', 'write', 'exec'",
		"a kernel with CONFIG_SECURITY_LANDLOCK, booted with landlock "
		"in lsm="
	};
	int version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
				   LANDLOCK_CREATE_RULESET_VERSION);

	if (version > 0)
		fact_row(e, &fact, DOCTOR_YES, "version %d", version);
	else
		fact_row(e, &fact, DOCTOR_NO, "%s; mounts alone decide",
			 strerror(errno));
}

static void mount_calls(struct exam *e)
{
	static const struct fact attr = { "mount_setattr", "every sandbox",
					  "Linux 5.12" };
	static const struct fact tree = { "open_tree", "every sandbox",
					  "Linux 5.2" };
	static const struct fact at2 = { "openat2", "every sandbox",
					 "Linux 5.6" };
	static const struct fact range = { "close_range", "every sandbox",
					   "Linux 5.11" };
	static const struct fact idmap = {
		"idmapped mounts", "'write' and 'bind ... rw' started by root",
		"start as root: mapping owners takes CAP_SYS_ADMIN"
	};
	bool has = mount_setattr(-1, "", 0, NULL, 0) == 0 || errno != ENOSYS;
	bool admin = exam_has_cap(CAP_SYS_ADMIN);

	fact_need(e, &attr, has, "%s", has ? "available" : "missing");
	fact_row(e, &idmap, !has ? DOCTOR_NO : admin ? DOCTOR_YES : DOCTOR_PARTLY,
		 "%s", !has    ? "this kernel has none"
		       : admin ? "as far as the file system can do it"
			       : "not for this user, who needs none: ids "
				 "inside are his own");
	has = open_tree(-1, "", 0) >= 0 || errno != ENOSYS;
	fact_need(e, &tree, has, "%s", has ? "available" : "missing");
	has = sys_openat2(-1, "", NULL) >= 0 || errno != ENOSYS;
	fact_need(e, &at2, has, "%s", has ? "available" : "missing");
	has = close_range(~0U, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
	fact_need(e, &range, has, "%s", has ? "available" : strerror(errno));
}

void doctor_kernel(struct exam *e)
{
	machine(e);
	abis(e);
	seccomp(e);
	landlock(e);
	mount_calls(e);
}

bool doctor_examine(doctor_emit *emit, void *arg)
{
	struct exam e = { emit, arg, arena_new(), true };

	doctor_kernel(&e);
	doctor_namespaces(&e);
	doctor_cgroups(&e);
	doctor_host(&e);
	arena_free(e.arena);
	return e.can;
}
