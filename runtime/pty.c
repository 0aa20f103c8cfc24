/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pty.c - a pseudo-terminal in the sandbox's devpts, made by its init
 *
 * Everything here runs in the children, but for pty_receive().  The other
 * end is opened through the master (TIOCGPTPEER), not by a path that the
 * sandbox could have changed.
 */
#include "runtime/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/apply.h"

static const char multiplexer[] = "/dev/pts/ptmx";
/* Of the host, where that in /dev/pts may be nobody's to open. */
static const char host_multiplexer[] = "/dev/ptmx";

int pty_pair(const struct pty *pty, int *master, int *slave)
{
	int unlock = 0, err;

	*slave = -1;
	*master = pty->of_host
			  ? open(host_multiplexer, O_RDWR | O_NOCTTY | O_CLOEXEC)
			  : open(multiplexer, O_RDWR | O_NOCTTY | O_CLOEXEC |
						      O_NOFOLLOW);
	if (*master < 0)
		return errno;
	if (ioctl(*master, TIOCSPTLCK, &unlock) == 0)
		*slave = ioctl(*master, TIOCGPTPEER,
			       O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*slave >= 0 &&
	    (!pty->has_mode || tcsetattr(*slave, TCSANOW, &pty->mode) == 0) &&
	    (!pty->has_size || ioctl(*slave, TIOCSWINSZ, &pty->size) == 0))
		return 0;
	err = errno;
	close(*master);
	if (*slave >= 0)
		close(*slave);
	return err;
}

union descriptor_message {
	char room[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

bool pty_send(int sock, int fd)
{
	union descriptor_message control = { 0 };
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	return sendmsg(sock, &msg, MSG_NOSIGNAL) == 1;
}

int pty_receive(int sock)
{
	union descriptor_message control = { 0 };
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *head;
	int fd;

	if (recvmsg(sock, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != 1)
		return -1;
	head = CMSG_FIRSTHDR(&msg);
	if (!head || head->cmsg_level != SOL_SOCKET ||
	    head->cmsg_type != SCM_RIGHTS ||
	    head->cmsg_len != CMSG_LEN(sizeof(fd))) {
		errno = EPROTO;
		return -1;
	}
	memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	return fd;
}

int pty_open(const struct sandbox_plan *plan, struct run *run)
{
	int master, err;

	(void)plan;
	/* Out of the caller's group: its terminal's signals are not ours. */
	if (setsid() < 0)
		return step_failed(run, "init's session");
	err = pty_pair(&run->pty, &master, &run->pty.slave);
	run->object = run->pty.of_host ? host_multiplexer : multiplexer;
	if (err)
		return err;
	if (!pty_send(run->pty.pair[1], master))
		err = step_failed(run, "the runner");
	close(master);
	return err;
}

void pty_open_describe(const struct sandbox_plan *plan, FILE *out)
{
	fprintf(out,
		"a new terminal in %s /dev/pts; the runner keeps its other end",
		plan->kind & PLAN_NEW_MOUNT ? "the sandbox's own"
					    : "the host's");
}

int pty_take(const struct sandbox_plan *plan, struct run *run)
{
	if (ioctl(run->pty.slave, TIOCSCTTY, 0) < 0)
		return step_failed(run, "the controlling terminal");
	for (int fd = 0; fd < 3; fd++)
		if ((plan->terminal_fds & 1U << fd) &&
		    dup2(run->pty.slave, fd) < 0)
			return step_failed(run, "a standard descriptor");
	return 0;
}

void pty_take_describe(const struct sandbox_plan *plan, FILE *out)
{
	fputs("it is the controlling terminal, and descriptor", out);
	for (int fd = 0; fd < 3; fd++)
		if (plan->terminal_fds & 1U << fd)
			fprintf(out, " %d", fd);
}
