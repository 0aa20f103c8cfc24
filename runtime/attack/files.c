/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files.c - attacks on files of the host and on the runner's own
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "runtime/attack/attack.h"
#include "runtime/attack/words.h"

enum { FDS_SEEN = 4096, CLIMB_MAX = 64, PROC_MAGIC = 0x9fa0 };

/* A running program is busy; then the question is who may write it. */
static int open_program(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 && errno == ETXTBSY ? access(path, W_OK) : fd;
}

static void overwrite(struct verdict *v, int pid)
{
	char path[256];

	path_of(path, "/proc/%d/exe", pid);
	TRY(v, open_program(path), "open(%s, O_WRONLY)", path);
}

void attack_runner_binary(struct verdict *v, const struct planted *p)
{
	char path[256];

	TRY(v, open_program("/proc/self/exe"),
	    "open(/proc/self/exe, O_WRONLY)");
	each_process(v, overwrite);
	if (p->dir)
		TRY(v, open_program(path_of(path, "%s/bin/callgate", p->dir)),
		    "open the runner's file by its path");
}

void attack_descriptors(struct verdict *v, const struct planted *p)
{
	struct stat st;

	(void)p;
	for (int fd = 0; fd < FDS_SEEN; fd++) {
		if (fstat(fd, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode))
			say_open(v, "descriptor %d is an open directory", fd);
		else if (fd > 2)
			say_open(v, "descriptor %d is open (mode %o)", fd,
				 st.st_mode & S_IFMT);
	}
	say_blocked(v, "none is open but 0, 1 and 2");
}

void attack_cwd_outside(struct verdict *v, const struct planted *p)
{
	struct stat here, root;
	char path[4096];

	(void)p;
	/* The kernel says so in place of the "/" of a path. */
	if (getcwd(path, sizeof(path)) && *path != '/')
		say_open(v, "the working directory is not below /");
	for (int i = 0; i < CLIMB_MAX; i++)
		if (chdir(".."))
			break;
	if (stat(".", &here) || stat("/", &root)) {
		say_blocked(v, "stat: %s", strerrorname_np(errno));
		return;
	}
	if (here.st_dev != root.st_dev || here.st_ino != root.st_ino)
		say_open(v, ".. leads past /");
	else
		say_blocked(v, ".. ends at the sandbox's /");
}

static int make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		unlink(path);
	return fd;
}

void attack_host_write(struct verdict *v, const struct planted *p)
{
	static const char *const system[] = {
		"/etc/passwd", "/etc/ld.so.cache", "/etc", "/usr/bin", "/usr",
		"/var/lib", "/boot", "/lib", "/usr/bin/env",
	};
	char path[256];

	if (p->dir) {
		path_of(path, "%s/in/file", p->dir);
		TRY(v, open(path, O_WRONLY), "open(in/file, O_WRONLY)");
		TRY(v, truncate(path, (off_t)strlen(ATTACK_MARK)),
		    "truncate(in/file)");
		TRY(v, chmod(path, 0666), "chmod(in/file)");
		TRY(v, utimensat(AT_FDCWD, path, NULL, 0),
		    "utimensat(in/file)");
		path_of(path, "%s/in/new", p->dir);
		TRY(v, make_file(path), "create in the working directory");
		path_of(path, "%s/in", p->dir);
		TRY(v, open(path, O_TMPFILE | O_RDWR, 0600),
		    "O_TMPFILE in the working directory");
		path_of(path, "%s/bin/new", p->dir);
		TRY(v, make_file(path), "create beside the command");
	}
	for (size_t i = 0; i < sizeof(system) / sizeof(*system); i++)
		TRY(v, access(system[i], W_OK), "access(%s, W_OK)", system[i]);
}

static void read_secret(struct verdict *v, const char *path, const char *what)
{
	char text[64];

	if (read_text(path, text, sizeof(text)) < 0)
		say_blocked(v, "open(%s): %s", what, strerrorname_np(errno));
	else if (!strcmp(text, ATTACK_MARK))
		say_open(v, "%s can be read", what);
	else
		say_blocked(v, "%s is another file here", what);
}

void attack_host_secrets(struct verdict *v, const struct planted *p)
{
	char path[256];

	if (p->dir)
		read_secret(v, path_of(path, "%s/secret", p->dir),
			    "a file in /var/tmp");
	if (p->secret)
		read_secret(v, p->secret, "a file in /tmp");
	TRY(v, open("/etc/shadow", O_RDONLY), "open(/etc/shadow)");
}

void attack_swapped_link(struct verdict *v, const struct planted *p)
{
	(void)p;
	/* The outer half looks at what became of the host's folder. */
	say_blocked(v, "the target stayed inside the root");
}

/* Makes a node of the system's disk, or of memory, and opens it. */
static int node(const char *dir, mode_t type, dev_t dev)
{
	char path[256];
	int fd;

	path_of(path, "%s/callgate-attack-node", dir);
	if (mknod(path, type | 0600, dev))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	unlink(path);
	return fd;
}

void attack_devices(struct verdict *v, const struct planted *p)
{
	static const char *const paths[] = {
		"/dev/mem",	 "/dev/port",	      "/dev/kmsg",
		"/dev/sda",	 "/dev/vda",	      "/dev/xvda",
		"/dev/nvme0n1",	 "/dev/dm-0",	      "/dev/loop0",
		"/dev/mapper/control", "/dev/loop-control", "/proc/kcore",
	};
	static const char *const dirs[] = { ".", "/tmp", "/dev", "/dev/shm" };
	struct stat st = { 0 };

	(void)p;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		TRY(v, open(paths[i], O_RDONLY | O_NONBLOCK), "open(%s)",
		    paths[i]);
	if (stat("/", &st))
		st.st_dev = makedev(8, 0);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		TRY(v, node(dirs[i], S_IFBLK, st.st_dev), "mknod of a disk");
		TRY(v, node(dirs[i], S_IFCHR, makedev(1, 1)),
		    "mknod of memory");
	}
}

void attack_setuid_file(struct verdict *v, const struct planted *p)
{
	int set = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);

	(void)p;
	if (set == 0)
		say_open(v, "no_new_privs is not set: setuid files work");
	else if (set == 1)
		say_blocked(v, "no_new_privs is set");
	else
		say_blocked(v, "prctl: %s", strerrorname_np(errno));
}
