/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network.c - the interfaces of a sandbox with a pair of its own
 *
 * The runner makes the pair in one request: its own end joins the bridge
 * and is up, the other is born in the child's namespace.  Both vanish with
 * that namespace, however the sandbox ends, so nothing is ever cleaned up.
 * Address and route are set by init, inside.
 */
#include "runtime/network.h"

#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/diag.h"
#include "runtime/apply.h"
#include "runtime/netlink.h"

/* The kernel puts the first free number in. */
static const char outer_name[] = "callgate%d";
static const char inner_name[] = "eth0";

/* 0 with errno when there is no such interface here. */
static unsigned index_of(int sock, const char *name)
{
	struct ifreq req = { 0 };

	memcpy(req.ifr_name, name, strnlen(name, IFNAMSIZ - 1));
	return ioctl(sock, SIOCGIFINDEX, &req) < 0 ? 0
						   : (unsigned)req.ifr_ifindex;
}

static void add_pair(struct nl_request *req, pid_t child)
{
	const struct ifinfomsg up = { .ifi_flags = IFF_UP,
				      .ifi_change = IFF_UP };
	const struct ifinfomsg inner = { 0 };
	const uint32_t pid = (uint32_t)child;
	size_t info, data, peer;

	nl_begin(req, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &up, sizeof(up));
	nl_attr(req, IFLA_IFNAME, outer_name, sizeof(outer_name));
	info = nl_nest(req, IFLA_LINKINFO, NULL, 0);
	nl_attr(req, IFLA_INFO_KIND, "veth", strlen("veth"));
	data = nl_nest(req, IFLA_INFO_DATA, NULL, 0);
	peer = nl_nest(req, VETH_INFO_PEER, &inner, sizeof(inner));
	nl_attr(req, IFLA_IFNAME, inner_name, sizeof(inner_name));
	nl_attr(req, IFLA_NET_NS_PID, &pid, sizeof(pid));
	nl_nest_end(req, peer);
	nl_nest_end(req, data);
	nl_nest_end(req, info);
}

int network_pair(const struct sandbox_plan *plan, struct run *run)
{
	const char *bridge = plan->req->sandbox->network.bridge;
	int sock = nl_open(), err;
	struct nl_request req;
	unsigned master = 0;

	if (sock < 0)
		return step_failed(run, "rtnetlink");
	if (bridge)
		master = index_of(sock, bridge);
	if (bridge && !master) {
		err = step_failed(run, bridge);
	} else {
		add_pair(&req, run->child);
		if (master)
			nl_attr(&req, IFLA_MASTER, &master, sizeof(master));
		run->object = bridge ? bridge : inner_name;
		err = nl_talk(sock, &req);
	}
	close(sock);
	return err;
}

void network_pair_describe(const struct sandbox_plan *plan, FILE *out)
{
	const char *bridge = plan->req->sandbox->network.bridge;

	fprintf(out, "a veth pair: %s inside, its other end %s%s%s", inner_name,
		bridge ? "in the bridge '" : "in no bridge",
		bridge ? bridge : "", bridge ? "'" : "");
}

/* Not before: an end can't be up while the kernel makes the other. */
static int bring_up(int sock, unsigned link)
{
	const struct ifinfomsg head = { .ifi_index = (int)link,
					.ifi_flags = IFF_UP,
					.ifi_change = IFF_UP };
	struct nl_request req;

	nl_begin(&req, RTM_NEWLINK, 0, &head, sizeof(head));
	return nl_talk(sock, &req);
}

static int add_address(int sock, unsigned link, const struct net_address *a)
{
	const struct ifaddrmsg head = {
		.ifa_family = (uint8_t)a->family,
		.ifa_prefixlen = (uint8_t)a->prefix,
		/* Or the command would start before IPv6 lets it be used. */
		.ifa_flags = a->family == AF_INET6 ? IFA_F_NODAD : 0,
		.ifa_index = link,
	};
	struct nl_request req;

	nl_begin(&req, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &head,
		 sizeof(head));
	nl_attr(&req, IFA_LOCAL, a->bytes, a->len);
	nl_attr(&req, IFA_ADDRESS, a->bytes, a->len);
	return nl_talk(sock, &req);
}

static int add_default_route(int sock, unsigned link,
			     const struct net_address *gateway)
{
	const struct rtmsg head = {
		.rtm_family = (uint8_t)gateway->family,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
	};
	struct nl_request req;

	nl_begin(&req, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &head,
		 sizeof(head));
	nl_attr(&req, RTA_GATEWAY, gateway->bytes, gateway->len);
	nl_attr(&req, RTA_OIF, &link, sizeof(link));
	return nl_talk(sock, &req);
}

int network_address(const struct sandbox_plan *plan, struct run *run)
{
	int sock = nl_open(), err = 0;
	unsigned link;

	if (sock < 0)
		return step_failed(run, "rtnetlink");
	link = index_of(sock, inner_name);
	if (!link)
		err = step_failed(run, inner_name);
	run->object = inner_name;
	if (!err)
		err = bring_up(sock, link);
	if (!err && plan->net_address.len) {
		run->object = plan->req->sandbox->network.address;
		err = add_address(sock, link, &plan->net_address);
	}
	if (!err && plan->net_gateway.len) {
		run->object = plan->req->sandbox->network.gateway;
		err = add_default_route(sock, link, &plan->net_gateway);
	}
	close(sock);
	return err;
}

void network_address_describe(const struct sandbox_plan *plan, FILE *out)
{
	const struct sandbox_network *net = &plan->req->sandbox->network;

	fprintf(out, "%s: %s", inner_name,
		net->address ? net->address : "no address");
	if (net->gateway)
		fprintf(out, ", default route through %s", net->gateway);
}

void network_explain(struct diag *d, const char *step, int err,
		     const struct run *run)
{
	if (!strcmp(step, "pasta")) {
		if (*run->pasta_said)
			diag_note(d, "pasta says: %s", run->pasta_said);
		return;
	}
	switch (err) {
	case EPERM:
		diag_note(d, "CAP_NET_ADMIN is needed in the user namespace "
			     "that owns the caller's network");
		break;
	case EOPNOTSUPP:
		diag_note(d, "the kernel has no veth (CONFIG_VETH), or the "
			     "interface named is no bridge");
		break;
	case ENETUNREACH:
	case EHOSTUNREACH:
		diag_note(d, "the gateway must be in the network of the "
			     "address");
		break;
	case ENODEV:
		diag_note(d, "the interface is not in the caller's network "
			     "namespace, or the kernel has no veth");
		break;
	}
}
