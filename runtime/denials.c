/* SPDX-License-Identifier: Apache-2.0 */
/*
 * denials.c - the supervisor's side of a filter with a listener
 */
#include "runtime/denials.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "runtime/steps.h"
#include "runtime/sys.h"

enum { HANDLED_AT_ONCE_MAX = 64, NOTIFICATION_MAX = 512 };

bool denials_are_possible(void)
{
	uint32_t action = SECCOMP_RET_USER_NOTIF;
	struct seccomp_notif_sizes sizes;

	return sys_seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0 &&
	       sys_seccomp(SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0 &&
	       sizes.seccomp_notif <= NOTIFICATION_MAX &&
	       sizes.seccomp_notif_resp <= NOTIFICATION_MAX &&
	       (pidfd_getfd(-1, -1, 0) == 0 || errno != ENOSYS);
}

void denials_init(struct denials *d)
{
	*d = (struct denials){ .listener = -1 };
}

static void close_listener(struct denials *d)
{
	if (d->listener >= 0)
		close(d->listener);
	d->listener = -1;
}

void denials_fini(struct denials *d)
{
	close_listener(d);
	refusals_fini(&d->seen);
}

/* It waits and has one thread: the number still means that file. */
bool denials_take(struct denials *d, pid_t pid, int listener)
{
	int pidfd = pid > 0 ? pidfd_open(pid, 0) : -1, err;

	if (pid <= 0)
		errno = ESRCH;
	if (pidfd < 0)
		return false;
	d->listener = pidfd_getfd(pidfd, listener, 0);
	err = errno;
	close(pidfd);
	errno = err;
	return d->listener >= 0;
}

static void note(struct run *run, const struct seccomp_notif *asked,
		 const struct call *call, struct action action)
{
	struct denials *d = &run->denials;
	struct refusal *r;

	if (!refusals_add(&d->seen, run->plan->req->judge, call, action, &r))
		return;
	r->thread = r->process = (pid_t)asked->pid;
	refusal_program(r->program, r->thread);
	/* The id could be another process's by now. */
	if (ioctl(d->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &asked->id) < 0)
		strcpy(r->program, "?");
}

static bool handle_one(struct run *run)
{
	const struct judge *judge = run->plan->req->judge;
	const int listener = run->denials.listener;
	/* A later kernel may write, and read, more than we know of. */
	union {
		struct seccomp_notif asked;
		char room[NOTIFICATION_MAX];
	} in = { .room = "" };
	union {
		struct seccomp_notif_resp answer;
		char room[NOTIFICATION_MAX];
	} out = { .room = "" };
	const struct seccomp_data *data = &in.asked.data;
	struct action action;
	struct call call;

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &in) < 0)
		return false;
	call = (struct call){ .arch = data->arch,
			      .nr = (uint32_t)data->nr,
			      .ip = data->instruction_pointer };
	for (int i = 0; i < ARGS_MAX; i++)
		call.args[i] = data->args[i];
	action = judge->decide(judge->arg, &call);
	/* Proved: only a deny comes here.  Were it not so: no. */
	if (action.kind != ACT_ERRNO)
		action = (struct action){ ACT_ERRNO, EPERM };
	note(run, &in.asked, &call, action);
	out.answer.id = in.asked.id;
	out.answer.error = -(int)action.data;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &out);
	return true;
}

void denials_handle(struct run *run, short revents)
{
	struct denials *d = &run->denials;
	struct pollfd fd = { .fd = d->listener, .events = POLLIN };

	if (!(revents & POLLIN)) {
		/* Nobody is left whom the filter binds. */
		if (revents)
			close_listener(d);
		return;
	}
	for (int i = 0; i < HANDLED_AT_ONCE_MAX; i++)
		if (!handle_one(run) || poll(&fd, 1, 0) <= 0 ||
		    !(fd.revents & POLLIN))
			return;
}
