/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_network.c - whether the network that is asked for can be had here
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/capability.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/diag.h"
#include "runtime/network.h"
#include "runtime/plan.h"
#include "runtime/probe.h"
#include "runtime/sys.h"

enum { PREFIX_DIGITS_MAX = 3 };

static bool parse_prefix(const char *text, struct net_address *out)
{
	unsigned long prefix;
	size_t digits = strspn(text, "0123456789");

	if (!digits || digits > PREFIX_DIGITS_MAX || text[digits])
		return false;
	prefix = strtoul(text, NULL, 10);
	if (prefix < 1 || prefix > out->len * 8)
		return false;
	out->prefix = (unsigned)prefix;
	return true;
}

bool net_address_parse(const char *text, bool prefix, struct net_address *out)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	char plain[INET6_ADDRSTRLEN];

	*out = (struct net_address){ 0 };
	if (len >= sizeof(plain) || prefix != (slash != NULL))
		return false;
	memcpy(plain, text, len);
	plain[len] = '\0';
	out->family = strchr(plain, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(out->family, plain, out->bytes) != 1)
		return false;
	out->len = out->family == AF_INET6 ? 16 : 4;
	return !prefix || parse_prefix(slash + 1, out);
}

/* Root's own folders only: what runs there runs outside of any sandbox. */
static const char *const program_dirs[] = {
	"/usr/local/bin",
	"/usr/bin",
	"/bin",
	NULL,
};

static const char *find_pasta(struct arena *arena)
{
	for (const char *const *dir = program_dirs; *dir; dir++) {
		const char *path = arena_printf(arena, "%s/pasta", *dir);

		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

static bool may_net_admin(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	return sys_capget(&head, data) == 0 &&
	       (data[0].effective & 1U << CAP_NET_ADMIN);
}

static bool has_interface(const char *name)
{
	struct ifreq req = { 0 };
	int sock;
	bool found;

	if (strlen(name) >= IFNAMSIZ)
		return false;
	sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return false;
	memcpy(req.ifr_name, name, strlen(name));
	found = ioctl(sock, SIOCGIFINDEX, &req) == 0;
	close(sock);
	return found;
}

void probe_network(struct host *h, const struct run_request *req,
		   struct arena *arena)
{
	const struct sandbox_network *net = &req->sandbox->network;

	switch (net->kind) {
	case NETWORK_NONE:
	case NETWORK_HOST:
		return;
	case NETWORK_VETH:
		h->may_net_admin = may_net_admin();
		h->has_bridge = net->bridge && has_interface(net->bridge);
		return;
	case NETWORK_PASTA:
		h->pasta = find_pasta(arena);
		return;
	}
}

static bool check_addresses(struct sandbox_plan *p, struct diag_sink *diags)
{
	const struct sandbox_network *net = &p->req->sandbox->network;

	if (net->address &&
	    !net_address_parse(net->address, true, &p->net_address)) {
		diag_help(diag_add(diags, E0850, net->span,
				   "'%s' is no address with a prefix",
				   net->address),
			  "write it as \"10.1.0.2/24\" or \"fd00::2/64\"");
		return false;
	}
	if (!net->gateway)
		return true;
	if (!net_address_parse(net->gateway, false, &p->net_gateway)) {
		diag_help(diag_add(diags, E0850, net->span,
				   "'%s' is no address", net->gateway),
			  "a gateway is written as \"10.1.0.1\"");
		return false;
	}
	if (p->net_gateway.family == p->net_address.family)
		return true;
	diag_add(diags, E0850, net->span,
		 "the gateway '%s' needs an address of the same family",
		 net->gateway);
	return false;
}

static bool plan_veth(struct sandbox_plan *p, const struct host *h,
		      struct diag_sink *diags)
{
	const struct sandbox_network *net = &p->req->sandbox->network;

	if (!h->may_net_admin) {
		diag_help(diag_add(diags, E0850, net->span,
				   "'network veth' needs CAP_NET_ADMIN, which "
				   "the caller lacks"),
			  "start it as root, or use network pasta");
		return false;
	}
	if (net->bridge && !h->has_bridge) {
		diag_help(diag_add(diags, E0850, net->span,
				   "there is no interface '%s' here",
				   net->bridge),
			  "ip link add %s type bridge", net->bridge);
		return false;
	}
	p->kind |= PLAN_VETH;
	return check_addresses(p, diags);
}

static bool plan_pasta(struct sandbox_plan *p, const struct host *h,
		       struct diag_sink *diags)
{
	const struct span at = p->req->sandbox->network.span;

	if (!h->pasta) {
		diag_help(diag_add(diags, E0852, at,
				   "'network pasta' needs the program "
				   "'pasta', which is not in /usr/bin"),
			  "install the package passt");
		return false;
	}
	/* It gives up root first, and then may not enter our namespaces. */
	if (p->caller_uid == 0) {
		diag_help(diag_add(diags, E0850, at,
				   "'network pasta' is for ordinary users, and "
				   "the caller is root"),
			  "use network veth, or start it as an ordinary user");
		return false;
	}
	p->pasta = h->pasta;
	p->kind |= PLAN_PASTA;
	return true;
}

bool plan_network(struct sandbox_plan *p, const struct host *h,
		  struct diag_sink *diags)
{
	const struct sandbox_network *net = &p->req->sandbox->network;

	if (p->new_ns & NS_NET)
		p->kind |= PLAN_NET;
	switch (net->kind) {
	case NETWORK_NONE:
	case NETWORK_HOST:
		return true;
	case NETWORK_VETH:
		return plan_veth(p, h, diags);
	case NETWORK_PASTA:
		return plan_pasta(p, h, diags);
	}
	return false;
}
