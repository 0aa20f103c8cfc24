/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mounts.c - attacks on the mounts of the sandbox
 *
 * On a host on which these succeed, flags are put back and mounts removed
 * at once; MNT_EXPIRE asks for an unmount that its first call never does.
 */
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/attack/attack.h"

/* The C library's header does not go together with the kernel's. */
int mount(const char *source, const char *target, const char *type,
	  unsigned long flags, const void *data);
int umount2(const char *target, int flags);
enum { UMOUNT_DETACH = 2, UMOUNT_EXPIRE = 4 };
enum { PROC_MAGIC = 0x9fa0, MOUNTINFO_MAX = 1 << 16 };

static unsigned long mount_flags(unsigned long st)
{
	unsigned long ms = st & (ST_NOSUID | ST_NODEV | ST_NOEXEC);

	ms |= st & ST_NOATIME ? MS_NOATIME : 0;
	ms |= st & ST_NODIRATIME ? MS_NODIRATIME : 0;
	return ms | (st & ST_RELATIME ? MS_RELATIME : 0);
}

/* Nothing to win there; but where / is, the right to do it is the hole. */
static bool is_writable(const char *path, const struct statvfs *st)
{
	errno = EINVAL;
	return strcmp(path, "/") && !(st->f_flag & ST_RDONLY);
}

static int remount(const char *path)
{
	unsigned long flags = MS_REMOUNT | MS_BIND;
	struct statvfs st;

	if (statvfs(path, &st))
		return -1;
	if (is_writable(path, &st))
		return -1;
	flags |= mount_flags(st.f_flag);
	if (mount(NULL, path, NULL, flags, NULL))
		return -1;
	if (st.f_flag & ST_RDONLY)
		mount(NULL, path, NULL, flags | MS_RDONLY, NULL);
	return 0;
}

static int set_writable(const char *path)
{
	struct mount_attr clear = { .attr_clr = MOUNT_ATTR_RDONLY };
	struct mount_attr set = { .attr_set = MOUNT_ATTR_RDONLY };
	struct statvfs st;

	if (statvfs(path, &st) || is_writable(path, &st) ||
	    syscall(SYS_mount_setattr, AT_FDCWD, path, 0, &clear,
		    sizeof(clear)))
		return -1;
	if (st.f_flag & ST_RDONLY)
		syscall(SYS_mount_setattr, AT_FDCWD, path, 0, &set,
			sizeof(set));
	return 0;
}

void attack_remount(struct verdict *v, const struct planted *p)
{
	static const char *const paths[] = { "/", "/usr", "/proc", "/dev" };
	char path[256];

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		TRY(v, remount(paths[i]), "mount(%s, MS_REMOUNT)", paths[i]);
		TRY(v, set_writable(paths[i]), "mount_setattr(%s)", paths[i]);
	}
	if (p->dir)
		TRY(v, remount(path_of(path, "%s/in", p->dir)),
		    "mount(MS_REMOUNT) of the working directory");
}

/* Not done the first time, but only who could do it gets this far. */
static int may_unmount(const char *path)
{
	int ret = umount2(path, UMOUNT_EXPIRE);
	int err = errno;

	/* A look-up takes the mark off again. */
	access(path, F_OK);
	errno = err;
	return ret && (err == EAGAIN || err == EBUSY) ? 0 : ret;
}

void attack_uncover(struct verdict *v, const struct planted *p)
{
	static const char *const paths[] = {
		"/tmp", "/var/tmp", "/run", "/home", "/root",
		"/dev", "/dev/shm", "/proc", "/sys",
	};

	(void)p;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		TRY(v, may_unmount(paths[i]), "umount2(%s)", paths[i]);
}

/* Whether the mount at path is in a peer group, as mountinfo has it. */
static bool is_shared(const char *path)
{
	char text[MOUNTINFO_MAX], point[512];
	bool shared = false;

	if (read_text("/proc/self/mountinfo", text, sizeof(text)) < 0)
		return true;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (sscanf(line, "%*s %*s %*s %*s %511s", point) == 1 &&
		    !strcmp(point, path))
			shared = strstr(line, " shared:") != NULL;
	return shared;
}

static bool own_dir(char path[256])
{
	static const char *const in[] = { "/tmp", "/dev/shm", "." };

	for (size_t i = 0; i < sizeof(in) / sizeof(*in); i++)
		if (mkdtemp(strcat(strcpy(path, in[i]),
				   "/callgate-attack.XXXXXX")))
			return true;
	return false;
}

void attack_propagation(struct verdict *v, const struct planted *p)
{
	char path[256];

	(void)p;
	if (!own_dir(path)) {
		say_blocked(v, "mkdir: %s", strerrorname_np(errno));
		return;
	}
	if (mount("none", path, "tmpfs", 0, NULL)) {
		say_blocked(v, "mount(tmpfs): %s", strerrorname_np(errno));
	} else {
		if (is_shared(path))
			say_open(v, "a mount of tmpfs reaches its peers");
		else
			say_blocked(v, "mounts are private here");
		umount2(path, UMOUNT_DETACH);
	}
	rmdir(path);
}

/* Over the program's own folder of /proc, which ends with it. */
static int mount_over(const char *source, const char *path, const char *type,
		      unsigned long flags)
{
	if (mount(source, path, type, flags, NULL))
		return -1;
	umount2(path, UMOUNT_DETACH);
	return 0;
}

void attack_proc_redirect(struct verdict *v, const struct planted *p)
{
	static const char *const files[] = {
		"/proc", "/proc/self", "/proc/self/attr", "/proc/sys/kernel",
		"/proc/self/uid_map",
	};
	struct stat st;

	(void)p;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (stat(files[i], &st) == 0 &&
		    !on_fs(files[i], PROC_MAGIC))
			say_open(v, "%s is not the kernel's", files[i]);
	TRY(v, mount_over("none", "/proc/self/attr", "tmpfs", 0),
	    "mount over /proc/self/attr");
	TRY(v, mount_over("/dev/null", "/proc/self/status", NULL, MS_BIND),
	    "bind over /proc/self/status");
	TRY(v, rename("/proc/self", "/proc/callgate-attack"),
	    "rename(/proc/self)");
}
