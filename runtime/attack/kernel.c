/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernel.c - attacks on the host's kernel: its files and its calls
 *
 * Calls that would change something are made with arguments that only a
 * privileged caller gets to hear about: a wrong magic, a wrong length.
 */
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <sys/io.h>
#endif

#include "runtime/attack/attack.h"

enum { MOUNTINFO_MAX = 1 << 16, LOG_READ_ALL = 3, LOG_SIZE = 10 };

/* What it holds is written back: nothing changes. */
static int rewrite(const char *path)
{
	char text[512];
	long len = read_text(path, text, sizeof(text));
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || len <= 0 || (size_t)len + 1 == sizeof(text))
		return fd;
	return write(fd, text, (size_t)len) == len ? fd : -1;
}

/* The same for a file that may be empty: a line without text is no text. */
static int rewrite_agent(const char *path)
{
	char text[512];
	long len = read_text(path, text, sizeof(text) - 1);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (len <= 0)
		strcpy(text, "\n");
	return write(fd, text, strlen(text)) > 0 ? fd : -1;
}

void attack_host_sysctls(struct verdict *v, const struct planted *p)
{
	static const char *const paths[] = {
		"/proc/sys/kernel/modprobe",
		"/proc/sys/kernel/hotplug",
		"/proc/sys/kernel/sysrq",
		"/proc/sys/kernel/poweroff_cmd",
		"/proc/sys/kernel/panic",
		"/proc/sys/kernel/randomize_va_space",
		"/proc/sys/kernel/unprivileged_bpf_disabled",
		"/proc/sys/fs/file-max",
		"/proc/sys/fs/suid_dumpable",
		"/proc/sys/fs/protected_symlinks",
		"/proc/sys/fs/binfmt_misc/register",
		"/proc/sys/vm/overcommit_memory",
		"/proc/sys/vm/drop_caches",
		"/proc/sys/vm/panic_on_oom",
		"/proc/sysrq-trigger",
		"/proc/irq/0/smp_affinity",
		"/proc/bus/pci/devices",
		"/proc/acpi/wakeup",
	};

	(void)p;
	TRY(v, rewrite("/proc/sys/kernel/core_pattern"),
	    "write /proc/sys/kernel/core_pattern");
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		TRY(v, open(paths[i], O_WRONLY), "open(%s, O_WRONLY)",
		    paths[i]);
}

/* With `inner`, what counts is whether that file of it can be written. */
static int mount_once(const char *type, const char *data, const char *inner)
{
	static const char dir[] = "/tmp/callgate-attack-mount";
	char path[256];
	int ret, err;

	mkdir(dir, 0700);
	ret = mount("none", dir, type, 0, data);
	err = errno;
	if (ret == 0 && inner) {
		ret = rewrite_agent(path_of(path, "%s/%s", dir, inner));
		err = errno;
	}
	umount2(dir, MNT_DETACH);
	rmdir(dir);
	errno = err;
	return ret;
}

void attack_sys_files(struct verdict *v, const struct planted *p)
{
	static const char *const paths[] = {
		"/sys/kernel/uevent_helper",
		"/sys/power/state",
		"/sys/kernel/mm/transparent_hugepage/enabled",
		"/sys/kernel/mm/ksm/run",
		"/sys/kernel/profiling",
		"/sys/kernel/debug/sched/features",
		"/sys/kernel/tracing/trace_marker",
		"/sys/kernel/tracing/kprobe_events",
		"/sys/kernel/security/lockdown",
		"/sys/module/kernel/parameters/panic",
		"/sys/class/net/lo/mtu",
		"/sys/block/loop0/queue/scheduler",
		"/sys/block/vda/queue/scheduler",
		"/sys/devices/system/cpu/cpu1/online",
	};

	(void)p;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		TRY(v, open(paths[i], O_WRONLY), "open(%s, O_WRONLY)",
		    paths[i]);
	TRY(v, access("/sys/firmware/efi/efivars", W_OK), "write efivars");
	TRY(v, mount_once("debugfs", NULL, NULL), "mount(debugfs)");
	TRY(v, mount_once("tracefs", NULL, NULL), "mount(tracefs)");
	TRY(v, mount_once("devtmpfs", NULL, NULL), "mount(devtmpfs)");
}

static int make_group(const char *dir)
{
	char path[256];

	path_of(path, "%s/callgate-attack", dir);
	return mkdir(path, 0700) ? -1 : rmdir(path);
}

static void try_hierarchy(struct verdict *v, const char *top)
{
	char path[256];

	path_of(path, "%s/release_agent", top);
	TRY(v, rewrite_agent(path), "write %s", path);
	path_of(path, "%s/notify_on_release", top);
	TRY(v, open(path, O_WRONLY), "open(%s)", path);
	path_of(path, "%s/cgroup.procs", top);
	TRY(v, open(path, O_WRONLY), "open(%s)", path);
	TRY(v, make_group(top), "mkdir in %s", top);
}

void attack_release_agent(struct verdict *v, const struct planted *p)
{
	static char text[MOUNTINFO_MAX];
	char top[200];

	(void)p;
	if (read_text("/proc/self/mountinfo", text, sizeof(text)) < 0)
		say_blocked(v, "mountinfo: %s", strerrorname_np(errno));
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (strstr(line, " - cgroup") &&
		    sscanf(line, "%*s %*s %*s %*s %199s", top) == 1)
			try_hierarchy(v, top);
	TRY(v, mount_once("cgroup", "memory", "release_agent"),
	    "mount(cgroup, memory), write release_agent");
	TRY(v, mount_once("cgroup", "rdma", "release_agent"),
	    "mount(cgroup, rdma), write release_agent");
}

/* The clock's tick as it is. */
static int set_clock(void)
{
	struct timex t = { 0 };

	if (adjtimex(&t) < 0)
		return -1;
	t.modes = ADJ_TICK;
	return adjtimex(&t) < 0 ? -1 : 0;
}

void attack_kernel_admin(struct verdict *v, const struct planted *p)
{
	(void)p;
	TRY_RIGHT(v, syscall(SYS_init_module, NULL, 0UL, ""), "init_module");
	TRY_RIGHT(v, syscall(SYS_finit_module, -1, "", 0), "finit_module");
	TRY_RIGHT(v, syscall(SYS_delete_module, "", O_NONBLOCK),
		  "delete_module");
	/* One more than there may be. */
	TRY_RIGHT(v, syscall(SYS_kexec_load, 0UL, 17UL, NULL, 0UL),
		  "kexec_load");
	/* The magic is wrong on purpose. */
	TRY_RIGHT(v, syscall(SYS_reboot, 0, 0, 0, NULL), "reboot");
	TRY(v, set_clock(), "adjtimex");
	TRY_RIGHT(v, swapon("/", 0), "swapon");
	TRY_RIGHT(v, swapoff("/"), "swapoff");
#if defined(__x86_64__)
	TRY(v, iopl(3), "iopl");
	TRY(v, ioperm(0x80, 1, 1), "ioperm");
#endif
}

static long bpf_call(unsigned cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static long load_program(uint32_t type)
{
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = type,
		.insns = (uintptr_t)insns,
		.insn_cnt = 2,
		.license = (uintptr_t) "GPL",
	};

	return bpf_call(BPF_PROG_LOAD, &attr);
}

static long make_map(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = 4,
		.max_entries = 1,
	};

	return bpf_call(BPF_MAP_CREATE, &attr);
}

void attack_kernel_programs(struct verdict *v, const struct planted *p)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.disabled = 1,
	};

	(void)p;
	TRY(v, make_map(), "bpf(MAP_CREATE)");
	TRY(v, load_program(BPF_PROG_TYPE_SOCKET_FILTER),
	    "bpf(PROG_LOAD, socket filter)");
	TRY(v, load_program(BPF_PROG_TYPE_TRACEPOINT),
	    "bpf(PROG_LOAD, tracepoint)");
	TRY(v, syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0UL),
	    "perf_event_open of a whole CPU");
	TRY(v, syscall(SYS_perf_event_open, &attr, 1, -1, -1, 0UL),
	    "perf_event_open of pid 1");
}

void attack_kernel_log(struct verdict *v, const struct planted *p)
{
	char text[64];

	(void)p;
	TRY(v, klogctl(LOG_READ_ALL, text, sizeof(text)), "syslog(READ_ALL)");
	TRY(v, klogctl(LOG_SIZE, NULL, 0), "syslog(SIZE_BUFFER)");
	TRY(v, open("/dev/kmsg", O_RDONLY | O_NONBLOCK), "open(/dev/kmsg)");
	TRY(v, open("/proc/kmsg", O_RDONLY | O_NONBLOCK), "open(/proc/kmsg)");
}

void attack_userfaultfd(struct verdict *v, const struct planted *p)
{
	(void)p;
	/* Without UFFD_USER_MODE_ONLY. */
	TRY(v, syscall(SYS_userfaultfd, O_CLOEXEC), "userfaultfd");
	TRY(v, open("/dev/userfaultfd", O_RDWR), "open(/dev/userfaultfd)");
}
