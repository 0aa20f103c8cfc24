/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/bug.h"

int nl_open(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
}

/* Padded to four bytes, as all of netlink is. */
static void append(struct nl_request *req, const void *bytes, size_t len)
{
	if (req->len + NLMSG_ALIGN(len) > NL_BYTES_MAX)
		BUG("a netlink request of more than %d bytes", NL_BYTES_MAX);
	if (len)
		memcpy(req->bytes + req->len, bytes, len);
	req->len += NLMSG_ALIGN(len);
}

void nl_begin(struct nl_request *req, uint16_t type, uint16_t flags,
	      const void *head, size_t head_len)
{
	const struct nlmsghdr msg = {
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags,
		.nlmsg_seq = 1,
	};

	memset(req, 0, sizeof(*req));
	append(req, &msg, sizeof(msg));
	append(req, head, head_len);
}

static void attr_head(struct nl_request *req, uint16_t type, size_t len)
{
	const struct nlattr head = {
		.nla_len = (uint16_t)(NLA_HDRLEN + len),
		.nla_type = type,
	};

	append(req, &head, sizeof(head));
}

void nl_attr(struct nl_request *req, uint16_t type, const void *value,
	     size_t len)
{
	attr_head(req, type, len);
	append(req, value, len);
}

size_t nl_nest(struct nl_request *req, uint16_t type, const void *head,
	       size_t head_len)
{
	size_t nest = req->len;

	attr_head(req, type, 0);
	append(req, head, head_len);
	return nest;
}

void nl_nest_end(struct nl_request *req, size_t nest)
{
	const uint16_t len = (uint16_t)(req->len - nest);

	memcpy(req->bytes + nest + offsetof(struct nlattr, nla_len), &len,
	       sizeof(len));
}

int nl_talk(int sock, struct nl_request *req)
{
	const uint32_t total = (uint32_t)req->len;
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char request[NL_BYTES_MAX]; /* the kernel sends it back */
	} answer;
	ssize_t len;

	memcpy(req->bytes + offsetof(struct nlmsghdr, nlmsg_len), &total,
	       sizeof(total));
	if (send(sock, req->bytes, req->len, 0) < 0)
		return errno;
	do
		len = recv(sock, &answer, sizeof(answer), 0);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		return errno;
	if ((size_t)len < offsetof(typeof(answer), request) ||
	    answer.head.nlmsg_type != NLMSG_ERROR)
		return EPROTO;
	return -answer.error.error;
}
