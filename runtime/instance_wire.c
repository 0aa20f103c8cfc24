/* SPDX-License-Identifier: Apache-2.0 */
/*
 * instance_wire.c - the folder of named sandboxes and their sockets
 *
 * Names are taken and given back under a lock on the folder, so that a
 * socket without a listener is one whose keeper is gone.
 */
#include "runtime/instance_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/freezer.h"

union rights {
	char room[CMSG_SPACE(sizeof(int) * WIRE_DESCRIPTORS)];
	struct cmsghdr align;
};

bool wire_send(int sock, struct wire *w, const int *fds, size_t nfds)
{
	union rights control = { 0 };
	struct iovec iov = { w, offsetof(struct wire, data) + w->len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (nfds) {
		struct cmsghdr *head = &control.align;

		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		memcpy(CMSG_DATA(head), fds, sizeof(int) * nfds);
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
	}
	return sendmsg(sock, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) ==
	       (ssize_t)iov.iov_len;
}

bool wire_receive(int sock, struct wire *w, int fds[WIRE_DESCRIPTORS],
		  size_t *nfds)
{
	union rights control = { 0 };
	struct iovec iov = { w, sizeof(*w) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	const size_t head = offsetof(struct wire, data);
	struct cmsghdr *c;
	ssize_t n;

	*nfds = 0;
	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
		*nfds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(c), *nfds * sizeof(int));
	}
	if (n >= (ssize_t)head && (size_t)n == head + w->len)
		return true;
	while (*nfds)
		close(fds[--*nfds]);
	return false;
}

bool instance_name_ok(const char *name)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789._-";
	size_t len = strlen(name);

	return len && len <= INSTANCE_NAME_MAX && *name != '.' &&
	       *name != '-' && strspn(name, allowed) == len;
}

/* Opens without following a link; it must be this user's alone. */
static int open_own(int at, const char *path)
{
	struct stat st;
	int fd;

	if (mkdirat(at, path, 0700) < 0 && errno != EEXIST)
		return -1;
	fd = openat(at, path, O_DIRECTORY | O_NOFOLLOW | O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
	    !(st.st_mode & 077))
		return fd;
	close(fd);
	errno = EPERM;
	return -1;
}

int instance_folder(struct diag_sink *diags)
{
	const char *base = getenv("XDG_RUNTIME_DIR");
	char path[4096];
	int above, dir = -1;
	struct diag *d;

	if (geteuid() == 0)
		snprintf(path, sizeof(path), "/run/callgate");
	else if (base && *base == '/' && strlen(base) < 4000)
		snprintf(path, sizeof(path), "%s/callgate", base);
	else
		snprintf(path, sizeof(path), "/tmp/callgate-%u", geteuid());
	above = open_own(AT_FDCWD, path);
	if (above >= 0) {
		dir = open_own(above, "instances");
		close(above);
	}
	if (dir >= 0)
		return dir;
	d = diag_add(diags, E0861, span_none,
		     "cannot use the folder '%s': %s", path, strerror(errno));
	diag_note(d, "it must be this user's own, with mode 0700, or others "
		     "could take over its sandboxes");
	return -1;
}

/* By descriptor: a path could be too long, or lead elsewhere by now. */
static void address(struct sockaddr_un *to, int dir, const char *name)
{
	*to = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(to->sun_path, sizeof(to->sun_path), "/proc/self/fd/%d/%s",
		 dir, name);
}

_Static_assert(sizeof("/proc/self/fd/2147483647/") + INSTANCE_NAME_MAX <=
		       sizeof(((struct sockaddr_un *)0)->sun_path),
	       "every name fits");

static int try_connect(int dir, const char *name)
{
	struct sockaddr_un to;
	int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), err;

	if (sock < 0)
		return -1;
	address(&to, dir, name);
	if (connect(sock, (struct sockaddr *)&to, sizeof(to)) == 0 &&
	    instance_peer_ok(sock))
		return sock;
	err = errno;
	close(sock);
	errno = err;
	return -1;
}

/* Under the lock: nobody listens, so the keeper is gone. */
static void remove_stale(int dir, const char *name)
{
	unlinkat(dir, name, 0);
	freezer_remove_stale(dir, name);
}

void instance_tidy(int dir, const char *file)
{
	char name[INSTANCE_NAME_MAX + 1];

	if (!freezer_is_note(file, name, sizeof(name)) || flock(dir, LOCK_EX))
		return;
	if (faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
	    errno == ENOENT)
		freezer_remove_stale(dir, name);
	flock(dir, LOCK_UN);
}

int instance_connect(int dir, const char *name)
{
	int sock = -1, err;

	if (flock(dir, LOCK_EX) < 0)
		return -1;
	sock = try_connect(dir, name);
	err = errno;
	if (sock < 0 && err == ECONNREFUSED) {
		remove_stale(dir, name);
		err = ENOENT;
	}
	flock(dir, LOCK_UN);
	errno = err;
	return sock;
}

static int bind_name(int dir, const char *name)
{
	struct sockaddr_un to;
	int sock = try_connect(dir, name), err;

	if (sock >= 0) {
		close(sock);
		errno = EEXIST;
		return -1;
	}
	if (errno == ECONNREFUSED || errno == ENOENT)
		remove_stale(dir, name);
	sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		      0);
	if (sock < 0)
		return -1;
	address(&to, dir, name);
	if (bind(sock, (struct sockaddr *)&to, sizeof(to)) == 0 &&
	    listen(sock, KEEPER_CLIENTS) == 0)
		return sock;
	err = errno == EADDRINUSE ? EEXIST : errno;
	close(sock);
	errno = err;
	return -1;
}

int instance_listen(int dir, const char *name)
{
	int sock, err;

	if (flock(dir, LOCK_EX) < 0)
		return -1;
	sock = bind_name(dir, name);
	err = errno;
	flock(dir, LOCK_UN);
	errno = err;
	return sock;
}

bool instance_peer_ok(int sock)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	    peer.uid == geteuid())
		return true;
	errno = EPERM;
	return false;
}
