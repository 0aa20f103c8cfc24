/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ns.c - namespaces: making them, and what is set inside
 */
#include "runtime/apply.h"

#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bug.h"
#include "runtime/init.h"
#include "runtime/namespaces.h"
#include "runtime/sys.h"

const struct ns_row ns_rows[NS_COUNT] = {
	{ NS_USER, CLONE_NEWUSER, "user", "user" },
	{ NS_MOUNT, CLONE_NEWNS, "mount", "mnt" },
	{ NS_PID, CLONE_NEWPID, "pid", "pid" },
	{ NS_IPC, CLONE_NEWIPC, "ipc", "ipc" },
	{ NS_UTS, CLONE_NEWUTS, "uts", "uts" },
	{ NS_NET, CLONE_NEWNET, "net", "net" },
	{ NS_CGROUP, CLONE_NEWCGROUP, "cgroup", "cgroup" },
	{ NS_TIME, CLONE_NEWTIME, "time", "time" },
};

int ns_clone(const struct sandbox_plan *plan, struct run *run)
{
	unsigned long flags = 0;

	for (size_t i = 0; i < NS_COUNT; i++)
		if (plan->new_ns & ns_rows[i].kind)
			flags |= ns_rows[i].flag;
	if (plan->kind & PLAN_JOIN)
		return join_and_clone(plan, run, flags);
	run->child = cgroup_clone(plan, run, flags);
	if (run->child == 0)
		init_main(run);
	return run->child < 0 ? step_failed(run, NULL) : 0;
}

/* What a namespace that is not new leaves in reach; NULL: nothing. */
static const char *left_open(const struct sandbox_plan *plan,
			     const struct ns_row *row)
{
	if ((plan->new_ns | plan->joined_ns) & row->kind)
		return NULL;
	switch (row->kind) {
	case NS_USER:
		return "the caller's user namespace";
	case NS_MOUNT:
		return "the host's files as they are, every path is the host's";
	case NS_PID:
		return "the host's processes are seen";
	case NS_NET:
		return "the host's network";
	case NS_IPC:
		return "the host's System V IPC";
	case NS_UTS:
		return "the host's name";
	case NS_CGROUP:
		return "the host's cgroup paths";
	case NS_TIME:
	case NS_DEFAULT:
	case NS_ALL:
		return NULL;
	}
	return NULL;
}

void ns_clone_describe(const struct sandbox_plan *plan, FILE *out)
{
	fputs(plan->new_ns ? "new:" : "none is new", out);
	for (size_t i = 0; i < NS_COUNT; i++)
		if (plan->new_ns & ns_rows[i].kind)
			fprintf(out, " %s", ns_rows[i].name);
	for (size_t i = 0; i < NS_COUNT; i++) {
		const char *open = left_open(plan, &ns_rows[i]);

		if (open)
			fprintf(out, "; %s", open);
	}
}

int ns_fork(const struct sandbox_plan *plan, struct run *run)
{
	(void)plan;
	run->child = sys_fork(0);
	if (run->child == 0)
		command_main(run);
	return run->child < 0 ? step_failed(run, NULL) : 0;
}

void ns_fork_describe(const struct sandbox_plan *plan, FILE *out)
{
	(void)plan;
	fputs("fork, to wait for the command and forward signals to it", out);
}

int ns_hostname(const struct sandbox_plan *plan, struct run *run)
{
	if (sethostname(plan->hostname, strlen(plan->hostname)) < 0)
		return step_failed(run, plan->hostname);
	return 0;
}

void ns_hostname_describe(const struct sandbox_plan *plan, FILE *out)
{
	fprintf(out, "'%s'", plan->hostname);
}

int ns_loopback(const struct sandbox_plan *plan, struct run *run)
{
	struct ifreq req = { .ifr_name = "lo" };
	int sock, err = 0;

	(void)plan;
	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0 && errno == EAFNOSUPPORT)
		sock = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return step_failed(run, "lo");
	req.ifr_flags = IFF_UP | IFF_RUNNING;
	if (ioctl(sock, SIOCSIFFLAGS, &req) < 0)
		err = step_failed(run, "lo");
	close(sock);
	return err;
}

void ns_loopback_describe(const struct sandbox_plan *plan, FILE *out)
{
	fprintf(out, "bring up lo%s",
		plan->kind & (PLAN_VETH | PLAN_PASTA) ? ""
						      : ", the only interface");
}
