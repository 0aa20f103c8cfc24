/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipc.c - attacks by terminals, sockets and the host's other channels
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/attack/attack.h"
#include "runtime/attack/words.h"

/* Filters that compare 64 bits miss this one; the kernel looks at 32. */
#define HIGH_BIT (1UL << 32)

enum { PTS_SEEN = 64 };

static bool is_callers(int fd, const struct planted *p)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == p->tty_dev &&
	       st.st_ino == p->tty_ino;
}

static long ioctl_raw(int fd, unsigned long request, void *arg)
{
	return syscall(SYS_ioctl, (long)fd, request, arg);
}

static void push(struct verdict *v, int fd, const char *name,
		 unsigned long high)
{
	char pushed = ATTACK_PUSHED;

	TRY(v, ioctl_raw(fd, TIOCSTI | high, &pushed), "ioctl(%s, TIOCSTI%s)",
	    name, high ? " with bit 32" : "");
}

static void push_everywhere(struct verdict *v, const struct planted *p,
			    unsigned long high)
{
	static const char *const standard[] = { "stdin", "stdout", "stderr" };
	char path[256];
	int fd;

	for (int i = 0; i < 3; i++)
		if (is_callers(i, p))
			push(v, i, standard[i], high);
	for (int i = -1; i < PTS_SEEN; i++) {
		path_of(path, i < 0 ? "/dev/tty" : "/dev/pts/%d", i);
		fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
		if (fd < 0)
			continue;
		/* /dev/tty is a file of its own, whatever is behind it. */
		if (is_callers(fd, p) || (i < 0 && is_callers(0, p)))
			push(v, fd, path, high);
		close(fd);
	}
	say_blocked(v, "the caller's terminal is out of reach");
}

void attack_tiocsti(struct verdict *v, const struct planted *p)
{
	push_everywhere(v, p, 0);
}

void attack_tiocsti_high(struct verdict *v, const struct planted *p)
{
	push_everywhere(v, p, HIGH_BIT);
}

void attack_tioclinux(struct verdict *v, const struct planted *p)
{
	static const char *const paths[] = { "/dev/tty", "/dev/console",
					     "/dev/tty0", "/dev/tty1" };
	/* TIOCL_GETSHIFTSTATE: asks under the same right as pasting. */
	char code = 6;
	int fd;

	(void)p;
	for (fd = 0; fd < 3; fd++) {
		TRY(v, ioctl_raw(fd, TIOCLINUX, &code),
		    "ioctl(%d, TIOCLINUX)", fd);
		TRY(v, ioctl_raw(fd, TIOCLINUX | HIGH_BIT, &code),
		    "ioctl(%d, TIOCLINUX with bit 32)", fd);
	}
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		fd = open(paths[i], O_RDWR | O_NOCTTY | O_NONBLOCK);
		if (fd < 0)
			continue;
		TRY(v, ioctl_raw(fd, TIOCLINUX, &code),
		    "ioctl(%s, TIOCLINUX)", paths[i]);
		close(fd);
	}
}

static int connect_path(const char *path, size_t len)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	socklen_t size;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || len >= sizeof(addr.sun_path))
		return -1;
	memcpy(addr.sun_path, path, len);
	size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	return connect(fd, (struct sockaddr *)&addr, size) ? -1 : fd;
}

static void try_socket(struct verdict *v, const char *path)
{
	if (*path)
		TRY(v, connect_path(path, strlen(path)), "connect(%s)", path);
}

void attack_host_sockets(struct verdict *v, const struct planted *p)
{
	static const char *const services[] = {
		"/run/docker.sock",
		"/var/run/docker.sock",
		"/run/containerd/containerd.sock",
		"/run/podman/podman.sock",
		"/run/crio/crio.sock",
		"/run/dbus/system_bus_socket",
		"/run/systemd/private",
		"/run/systemd/notify",
		"/run/systemd/journal/stdout",
		"/run/udev/control",
		"/run/snapd.socket",
		"/run/libvirt/libvirt-sock",
		"/var/lib/lxd/unix.socket",
		"/var/lib/incus/unix.socket",
		"/tmp/.X11-unix/X0",
	};
	char path[256];

	if (p->dir)
		try_socket(v, path_of(path, "%s/sock", p->dir));
	if (p->socket)
		try_socket(v, p->socket);
	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
		try_socket(v, services[i]);
}

void attack_abstract_sockets(struct verdict *v, const struct planted *p)
{
	char name[64] = "";

	if (!p->abstract)
		return;
	strncpy(name + 1, p->abstract, sizeof(name) - 2);
	TRY(v, connect_path(name, strlen(name + 1) + 1),
	    "connect(@%s)", p->abstract);
}

static int connect_port(int port)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	return connect(fd, (struct sockaddr *)&addr, sizeof(addr)) ? -1 : fd;
}

void attack_host_network(struct verdict *v, const struct planted *p)
{
	if (p->port)
		TRY(v, connect_port(p->port), "connect(127.0.0.1:%d)",
		    p->port);
}

static long attach(key_t key)
{
	int id = shmget(key, 0, 0);

	if (id < 0)
		return -1;
	return shmat(id, NULL, SHM_RDONLY) == (void *)-1 ? -1 : 0;
}

void attack_sysv_ipc(struct verdict *v, const struct planted *p)
{
	if (p->shm)
		TRY(v, attach((key_t)p->shm), "shmget(a host segment)");
}

void attack_message_queue(struct verdict *v, const struct planted *p)
{
	if (p->queue)
		TRY(v, mq_open(p->queue, O_RDONLY | O_NONBLOCK),
		    "mq_open(%s)", p->queue);
}
