/* SPDX-License-Identifier: Apache-2.0 */
/*
 * floor.c - the least that `sandbox { }` can cost
 *
 *	floor FILTER COMMAND [ARGUMENT...]
 *
 * The same job as the runner's with every decision taken beforehand: one
 * clone3 with all namespaces, and then only calls without which the sandbox
 * would be a weaker one.  No allocation, no message: the first failure is
 * the exit status.  COMMAND must lie outside the covers.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/init.h"

enum {
	NAMESPACES = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
		     CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWUSER,
	INSIDE = 1000,
	LEASE_FIRST = 524288,
	LEASES = 4096,
	BITS = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
	       SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
	       SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED,
	CLOSED = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
	OPEN = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
};

/* With its own line as the status, so that a failure can be found. */
#define NEED(ok)                                                               \
	do {                                                                   \
		if (!(ok))                                                     \
			_exit(__LINE__ % 251 + 1);                             \
	} while (0)

static struct sock_filter insns[BPF_MAXINSNS];
static struct sock_fprog filter = { .filter = insns };
static int go[2], status_pipe[2], guard[2];
static unsigned uid;
static char *const environment[] = {
	(char *)"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
		"/sbin:/bin",
	(char *)"HOME=/tmp", (char *)"TERM=xterm", (char *)"LANG=C.UTF-8", NULL,
};

static void read_filter(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	NEED(fd >= 0);
	len = read(fd, insns, sizeof(insns));
	NEED(len > 0);
	close(fd);
	filter.len = (unsigned short)((size_t)len / sizeof(insns[0]));
}

/* A host id that no other sandbox has; the lock ends with this process. */
static unsigned lease(void)
{
	int fd = open("/run/callgate/host-ids", O_RDWR | O_CREAT | O_CLOEXEC,
		      0600);
	struct flock lock = { .l_type = F_WRLCK, .l_len = 1 };

	NEED(fd >= 0);
	for (unsigned id = LEASE_FIRST; id < LEASE_FIRST + LEASES; id++) {
		lock.l_start = id;
		if (fcntl(fd, F_OFD_SETLK, &lock) == 0 &&
		    getpriority(PRIO_USER, id) < 0)
			return id;
	}
	_exit(2);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	NEED(fd >= 0 && write(fd, text, strlen(text)) > 0);
	close(fd);
}

static void write_map(pid_t pid, const char *name, unsigned inside,
		      unsigned outside)
{
	char path[64], text[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	snprintf(text, sizeof(text), "%u %u 1\n", inside, outside);
	write_file(path, text);
}

static void set_attrs(int fd, unsigned recursive, uint64_t attrs)
{
	struct mount_attr attr = { .attr_set = attrs };

	NEED(mount_setattr(fd, "", AT_EMPTY_PATH | recursive, &attr,
			   sizeof(attr)) == 0);
}

static int new_fs(const char *type, const char *key, const char *value,
		  unsigned attrs)
{
	int fs = fsopen(type, FSOPEN_CLOEXEC), fd;

	NEED(fs >= 0);
	if (key)
		NEED(fsconfig(fs, FSCONFIG_SET_STRING, key, value, 0) == 0);
	NEED(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0);
	fd = fsmount(fs, FSMOUNT_CLOEXEC, attrs);
	NEED(fd >= 0);
	return fd;
}

static void attach(int mount, int root, const char *to)
{
	NEED(move_mount(mount, "", root, to, MOVE_MOUNT_F_EMPTY_PATH) == 0);
}

/* Part of the one tmpfs; `attrs` where they are not those of the whole. */
static void bind_slot(int scratch, const char *slot, uint64_t attrs, int root,
		      const char *to)
{
	int fd = open_tree(scratch, slot, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	NEED(fd >= 0);
	if (attrs)
		set_attrs(fd, 0, attrs);
	attach(fd, root, to);
}

static const char *const devices[] = {
	"dev/null", "dev/zero", "dev/full", "dev/random", "dev/urandom",
	"dev/tty",
};

enum { DEVICES = sizeof(devices) / sizeof(devices[0]) };

static const struct {
	const char *slot, *path;
	bool writable;
} covers[] = {
	{ "tmp", "tmp", true }, { "var-tmp", "var/tmp", true },
	{ "run", "run", false }, { "home", "home", false },
	{ "root", "root", false },
};

enum { COVERS = sizeof(covers) / sizeof(covers[0]) };

/* Everything that is new in the tree, in one file system. */
static int make_scratch(void)
{
	static const char *const links[][2] = {
		{ "/proc/self/fd", "dev/fd" },
		{ "/proc/self/fd/0", "dev/stdin" },
		{ "/proc/self/fd/1", "dev/stdout" },
		{ "/proc/self/fd/2", "dev/stderr" },
		{ "pts/ptmx", "dev/ptmx" },
	};
	int fs = new_fs("tmpfs", "mode", "0755", OPEN), fd;

	for (int i = 0; i < COVERS; i++)
		NEED(mkdirat(fs, covers[i].slot,
			     covers[i].writable ? 01777 : 0755) == 0);
	NEED(mkdirat(fs, "shm", 01777) == 0 && mkdirat(fs, "dev", 0755) == 0 &&
	     mkdirat(fs, "dev/shm", 0755) == 0 &&
	     mkdirat(fs, "dev/pts", 0755) == 0);
	for (int i = 0; i < DEVICES; i++) {
		fd = openat(fs, devices[i], O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
		NEED(fd >= 0);
		close(fd);
	}
	for (int i = 0; i < 5; i++)
		NEED(symlinkat(links[i][0], fs, links[i][1]) == 0);
	return fs;
}

static void build_tree(void)
{
	int device[DEVICES], root, scratch;

	/* Or mounts of the host would arrive. */
	NEED(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	for (int i = 0; i < DEVICES; i++) {
		device[i] = open_tree(AT_FDCWD, devices[i],
				      OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
		NEED(device[i] >= 0);
		set_attrs(device[i], 0, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
						MOUNT_ATTR_NOEXEC);
	}
	root = open_tree(AT_FDCWD, "/",
			 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	NEED(root >= 0);
	set_attrs(root, AT_RECURSIVE, CLOSED);
	NEED(move_mount(root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) == 0);
	scratch = make_scratch();
	for (int i = 0; i < COVERS; i++)
		bind_slot(scratch, covers[i].slot,
			  covers[i].writable ? 0 : CLOSED | MOUNT_ATTR_NOEXEC,
			  root, covers[i].path);
	bind_slot(scratch, "dev", CLOSED | MOUNT_ATTR_NOEXEC, root, "dev");
	for (int i = 0; i < DEVICES; i++)
		attach(device[i], root, devices[i]);
	bind_slot(scratch, "shm", 0, root, "dev/shm");
	attach(new_fs("devpts", "ptmxmode", "0666",
		      MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC),
	       root, "dev/pts");
	attach(new_fs("proc", NULL, NULL, OPEN), root, "proc");
	NEED(fchdir(root) == 0 && syscall(SYS_pivot_root, ".", ".") == 0 &&
	     umount2(".", MNT_DETACH) == 0 && chdir("/") == 0);
}

static void set_inside(void)
{
	struct ifreq lo = { .ifr_name = "lo" };
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	NEED(sethostname("sandbox", 7) == 0);
	lo.ifr_flags = IFF_UP | IFF_RUNNING;
	NEED(sock >= 0 && ioctl(sock, SIOCSIFFLAGS, &lo) == 0);
	write_file("/proc/sys/user/max_user_namespaces", "0");
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	for (int cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++)
		;
	NEED(prctl(PR_SET_SECUREBITS, BITS, 0, 0, 0) == 0);
	NEED(syscall(SYS_capset, &head, none) == 0);
}

static _Noreturn void command(char **argv)
{
	const struct rlimit no_core = { 0, 0 };
	const uint64_t nothing = 0, dfl[4] = { 0 };
	char byte;

	/* Its own copy would hide that init has died. */
	close(guard[1]);
	NEED(setsid() >= 0);
	umask(022);
	NEED(setrlimit(RLIMIT_CORE, &no_core) == 0);
	/* What the caller ignored, exec would keep ignored. */
	for (int sig = 1; sig <= 64; sig++)
		syscall(SYS_rt_sigaction, sig, dfl, NULL, 8);
	NEED(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &nothing, NULL, 8) == 0);
	drop_capabilities();
	NEED(close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0);
	/* An init that is not yet locked could be taken over. */
	NEED(read(guard[0], &byte, 1) == 1);
	NEED(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0);
	execve(argv[0], argv, environment);
	_exit(127);
}

/* Pid 1: locked, then sleeping until the command has ended. */
static _Noreturn void init(pid_t child)
{
	struct sock_filter own[INIT_FILTER_MAX];
	struct sock_fprog prog = { .filter = own };
	struct pollfd runner = { .fd = go[0] };
	sigset_t wanted;
	int status;

	drop_capabilities();
	NEED(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 &&
	     poll(&runner, 1, 0) == 0);
	NEED(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
	NEED(dup3(status_pipe[1], INIT_STATUS_FD, 0) >= 0 &&
	     dup3(guard[1], INIT_GUARD_FD, 0) >= 0 &&
	     close_range(INIT_FDS, ~0U, 0) == 0);
	prog.len = (unsigned short)init_filter(own, child);
	NEED(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == 0);
	syscall(SYS_write, INIT_GUARD_FD, "", 1);
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGCHLD);
	do
		syscall(SYS_rt_sigtimedwait, &wanted, NULL, NULL, 8L);
	while (syscall(SYS_wait4, -1, &status, WNOHANG, NULL) != child);
	syscall(SYS_write, INIT_STATUS_FD, &status, sizeof(status));
	syscall(SYS_exit_group, 0);
	for (;;)
		__builtin_trap();
}

static _Noreturn void child(char **argv)
{
	pid_t pid;
	char byte;

	close(go[1]);
	NEED(read(go[0], &byte, 1) == 1);
	NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	if (uid == 0) {
		NEED(syscall(SYS_setgroups, 0, NULL) == 0);
		NEED(syscall(SYS_setresgid, INSIDE, INSIDE, INSIDE) == 0 &&
		     syscall(SYS_setresuid, INSIDE, INSIDE, INSIDE) == 0);
	}
	umask(0);
	build_tree();
	set_inside();
	pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
	NEED(pid >= 0);
	if (pid == 0)
		command(argv);
	init(pid);
}

static pid_t clone_all(void)
{
	struct clone_args args = {
		.flags = NAMESPACES,
		.exit_signal = SIGCHLD,
	};

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

int main(int argc, char **argv)
{
	unsigned outside;
	uint64_t all = ~0ULL;
	int status = 0;
	pid_t pid;

	NEED(argc > 2);
	read_filter(argv[1]);
	uid = geteuid();
	outside = uid ? uid : lease();
	NEED(pipe2(go, O_CLOEXEC) == 0 && pipe2(status_pipe, O_CLOEXEC) == 0 &&
	     pipe2(guard, O_CLOEXEC) == 0 && chdir("/") == 0);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, 8);
	pid = clone_all();
	NEED(pid >= 0);
	if (pid == 0)
		child(argv + 2);
	/* Its closing, by whatever end of this process, is a message. */
	close(status_pipe[1]);
	if (uid) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/%d/setgroups", (int)pid);
		write_file(path, "deny");
	}
	write_map(pid, "uid_map", uid ? uid : INSIDE, outside);
	write_map(pid, "gid_map", uid ? getegid() : INSIDE,
		  uid ? getegid() : outside);
	NEED(write(go[1], "", 1) == 1);
	NEED(waitpid(pid, NULL, 0) == pid);
	NEED(read(status_pipe[0], &status, sizeof(status)) == sizeof(status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
