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
#include "runtime/sys.h"

/* In the order in which they are named to people. */
static const struct {
	enum ns_kind kind;
	unsigned long flag;
	const char *name;
} kinds[] = {
	{ NS_USER, CLONE_NEWUSER, "user" },
	{ NS_MOUNT, CLONE_NEWNS, "mount" },
	{ NS_PID, CLONE_NEWPID, "pid" },
	{ NS_IPC, CLONE_NEWIPC, "ipc" },
	{ NS_UTS, CLONE_NEWUTS, "uts" },
	{ NS_NET, CLONE_NEWNET, "net" },
	{ NS_CGROUP, CLONE_NEWCGROUP, "cgroup" },
};

int ns_clone(const struct sandbox_plan *plan, struct run *run)
{
	unsigned long flags = 0;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (plan->new_ns & kinds[i].kind)
			flags |= kinds[i].flag;
	run->child = cgroup_clone(plan, run, flags);
	if (run->child == 0)
		init_main(run);
	return run->child < 0 ? step_failed(run, NULL) : 0;
}

void ns_clone_describe(const struct sandbox_plan *plan, FILE *out)
{
	fputs("new:", out);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (plan->new_ns & kinds[i].kind)
			fprintf(out, " %s", kinds[i].name);
	if (!(plan->new_ns & NS_NET))
		fputs("; the host's network", out);
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
