/* SPDX-License-Identifier: Apache-2.0 */
/*
 * netlink.h - one request to rtnetlink: built on the stack, sent, answered
 *
 *	struct nl_request req;
 *	nl_begin(&req, RTM_NEWADDR, NLM_F_CREATE, &head, sizeof(head));
 *	nl_attr(&req, IFA_LOCAL, bytes, 4);
 *	err = nl_talk(sock, &req);
 *
 * Allocates nothing, so that it also serves between clone and exec.
 */
#ifndef RUNTIME_NETLINK_H
#define RUNTIME_NETLINK_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

enum { NL_BYTES_MAX = 512 };

struct nl_request {
	_Alignas(4) char bytes[NL_BYTES_MAX];
	size_t len;
};

int nl_open(void); /* -1 with errno */

void nl_begin(struct nl_request *req, uint16_t type, uint16_t flags,
	      const void *head, size_t head_len);
void nl_attr(struct nl_request *req, uint16_t type, const void *value,
	     size_t len);
/* What is added in between belongs to the attribute. */
size_t nl_nest(struct nl_request *req, uint16_t type, const void *head,
	       size_t head_len);
void nl_nest_end(struct nl_request *req, size_t nest);

/* Sends and waits for the kernel's answer: 0 or an errno. */
int nl_talk(int sock, struct nl_request *req);

#endif
