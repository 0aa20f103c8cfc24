/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tries.c - one try in a process of its own, and how it is judged
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/attack/attack.h"

enum { TRY_SECONDS = 5 };

static void note(struct verdict *v, enum attack_state state, const char *fmt,
		 va_list args) __attribute__((format(printf, 3, 0)));

static void note(struct verdict *v, enum attack_state state, const char *fmt,
		 va_list args)
{
	/* What succeeded is worth more than what stopped it elsewhere. */
	if (v->state == STATE_OPEN ||
	    (v->state == STATE_BLOCKED && state != STATE_OPEN && !v->weak))
		return;
	v->state = state;
	v->weak = false;
	vsnprintf(v->why, sizeof(v->why), fmt, args);
	/* One line, one tab-separated field. */
	for (char *c = v->why; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = '?';
}

void say_open(struct verdict *v, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	note(v, STATE_OPEN, fmt, args);
	va_end(args);
}

void say_blocked(struct verdict *v, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	note(v, STATE_BLOCKED, fmt, args);
	va_end(args);
}

void say_not(struct verdict *v, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	note(v, v->state == STATE_BLOCKED ? STATE_BLOCKED : STATE_NOT, fmt,
	     args);
	va_end(args);
}

static void judge(struct verdict *v, int status)
{
	if (!WIFSIGNALED(status))
		return;
	if (WTERMSIG(status) == SIGSYS)
		say_blocked(v, "%.100s: killed by the filter (SIGSYS)",
			    v->what);
	else if (WTERMSIG(status) == SIGALRM)
		say_blocked(v, "%.100s: no answer in %d s", v->what,
			    TRY_SECONDS);
	else
		say_blocked(v, "%.100s: ended by signal %d", v->what,
			    WTERMSIG(status));
}

bool try_fork(struct verdict *v, const char *fmt, ...)
{
	int status = 0;
	va_list args;
	pid_t pid;

	va_start(args, fmt);
	vsnprintf(v->what, sizeof(v->what), fmt, args);
	va_end(args);
	v->tries++;
	if (v->state == STATE_OPEN)
		return false;
	pid = fork();
	if (pid == 0) {
		alarm(TRY_SECONDS);
		return true;
	}
	if (pid < 0)
		say_not(v, "the profile is too tight for this program: fork: "
			"%s", strerrorname_np(errno));
	else if (waitpid(pid, &status, 0) == pid)
		judge(v, status);
	return false;
}

/* What the kernel says before it looks at anything else. */
static bool is_refusal(int err)
{
	return err == EPERM || err == EACCES || err == EROFS ||
	       err == ENOSYS || err == ENOENT || err == ENOTDIR ||
	       err == ENOTTY || err == ENXIO || err == ENODEV ||
	       err == ELOOP || err == ESRCH;
}

_Noreturn void try_end(struct verdict *v, long ret, bool any)
{
	int err = errno;

	if (ret >= 0)
		say_open(v, "%.120s succeeds", v->what);
	else if (any && !is_refusal(err))
		say_open(v, "%.100s is permitted (%s)", v->what,
			 strerrorname_np(err));
	else if (v->state != STATE_BLOCKED || err != ENOENT) {
		say_blocked(v, "%.120s: %s", v->what, strerrorname_np(err));
		/* A later refusal says more. */
		v->weak |= err == ENOENT;
	}
	_exit(0);
}

const char *path_of(char buf[256], const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(buf, 256, fmt, args);
	va_end(args);
	return buf;
}

long read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 0;

	text[0] = '\0';
	if (fd < 0)
		return -1;
	while (len + 1 < size &&
	       (n = read(fd, text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	text[len] = '\0';
	return n < 0 && !len ? -1 : (long)len;
}

bool status_hex(const char *name, uint64_t *value)
{
	char text[4096], *at;

	if (read_text("/proc/self/status", text, sizeof(text)) < 0)
		return false;
	at = strstr(text, name);
	if (!at)
		return false;
	*value = strtoull(at + strlen(name), NULL, 16);
	return true;
}

void each_process(struct verdict *v, void (*fn)(struct verdict *v, int pid))
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	int own = getpid(), parent = getppid(), left = 64;

	if (!dir) {
		say_blocked(v, "/proc: %s", strerrorname_np(errno));
		return;
	}
	while (left && (e = readdir(dir))) {
		int pid = atoi(e->d_name);

		if (pid <= 0 || pid == own || pid == parent)
			continue;
		fn(v, pid);
		left--;
	}
	closedir(dir);
}

bool on_fs(const char *path, unsigned long magic)
{
	struct statfs st;

	return statfs(path, &st) == 0 && (unsigned long)st.f_type == magic;
}
