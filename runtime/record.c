/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.c - seccomp records from the audit netlink group or /dev/kmsg
 */
#include "runtime/record.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"

enum {
	READ_ROUNDS_MAX = 4096, /* of one draining */
	/* The kernel's own thread writes the record after the death. */
	PATIENCE_MS = 20,
	PATIENCE_ROUNDS = 50,
	LOG_FACILITY_SHIFT = 3,
};

#define PID_NAMESPACE_INODE 0xeffffffcU

/* A number that ends where the word does. */
static bool to_number(const char *word, size_t len, int base, uint64_t *out)
{
	char text[32], *end;

	if (!len || len >= sizeof(text) || *word == '-' || *word == '+')
		return false;
	memcpy(text, word, len);
	text[len] = '\0';
	errno = 0;
	*out = strtoull(text, &end, base);
	return !errno && !*end;
}

static const struct {
	const char *key;
	int base;
} fields[] = {
	{ "pid=", 10 },	 { "arch=", 16 }, { "syscall=", 10 },
	{ "code=", 16 }, { "ip=", 16 },
};

enum { FIELD_PID, FIELD_ARCH, FIELD_NR, FIELD_CODE, FIELD_IP, FIELDS };

_Static_assert(ARRAY_LEN(fields) == FIELDS, "one for each");

static bool take_word(const char *word, size_t len, uint64_t *values,
		      unsigned *seen)
{
	for (unsigned i = 0; i < FIELDS; i++) {
		size_t key = strlen(fields[i].key);

		if (len <= key || memcmp(word, fields[i].key, key))
			continue;
		/* Twice: not what the kernel writes. */
		if (*seen & 1U << i ||
		    !to_number(word + key, len - key, fields[i].base,
			       &values[i]))
			return false;
		*seen |= 1U << i;
	}
	return true;
}

bool record_parse(const char *text, size_t len, struct seccomp_record *out)
{
	uint64_t values[FIELDS];
	unsigned seen = 0;

	for (size_t i = 0; i < len;) {
		size_t start = i;

		while (i < len && text[i] != ' ' && text[i] != '\n' &&
		       text[i] != '\0')
			i++;
		if (!take_word(text + start, i - start, values, &seen))
			return false;
		if (i < len && text[i] != ' ')
			break;
		i++;
	}
	if (seen != (1U << FIELDS) - 1 || values[FIELD_PID] > INT32_MAX ||
	    values[FIELD_ARCH] > UINT32_MAX || values[FIELD_CODE] > UINT32_MAX)
		return false;
	/* A number is written as a signed one of 64 bits: -1 as 2^64 - 1. */
	*out = (struct seccomp_record){
		.pid = (pid_t)values[FIELD_PID],
		.arch = (uint32_t)values[FIELD_ARCH],
		.nr = (uint32_t)values[FIELD_NR],
		.code = (uint32_t)values[FIELD_CODE],
		.ip = values[FIELD_IP],
	};
	return true;
}

static int open_audit(void)
{
	/* Any other audit message would only fill the buffer. */
	struct sock_filter only_seccomp[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS,
			 offsetof(struct nlmsghdr, nlmsg_type)),
		/* Loads are big-endian, the header is the host's. */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(AUDIT_SECCOMP), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sockaddr_nl group = { .nl_family = AF_NETLINK,
				     .nl_groups = 1 << (AUDIT_NLGRP_READLOG - 1) };
	struct sock_fprog prog = { ARRAY_LEN(only_seccomp), only_seccomp };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_AUDIT);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) ==
		    0 &&
	    bind(fd, (const struct sockaddr *)&group, sizeof(group)) == 0)
		return fd;
	close(fd);
	return -1;
}

static int open_kmsg(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	    lseek(fd, 0, SEEK_END) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool first_pid_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 &&
	       st.st_ino == PID_NAMESPACE_INODE;
}

void record_init(struct record *r)
{
	*r = (struct record){ .audit_fd = -1, .kmsg_fd = -1 };
}

void record_open(struct record *r)
{
	r->foreign_pids = !first_pid_namespace();
	if (r->foreign_pids)
		return;
	r->audit_fd = open_audit();
	r->kmsg_fd = open_kmsg();
	r->audit = r->audit_fd >= 0;
	r->kmsg = r->kmsg_fd >= 0;
	if (!r->audit && !r->kmsg)
		return;
	r->kept = calloc(RECORDS_KEPT, sizeof(*r->kept));
	if (!r->kept)
		oom();
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void record_close(struct record *r)
{
	close_one(&r->audit_fd);
	close_one(&r->kmsg_fd);
	free(r->kept);
	r->kept = NULL;
}

/* Allowed and recorded, or an errno with `option log`: nobody died of it. */
static bool is_deadly(uint32_t code)
{
	code &= SECCOMP_RET_ACTION_FULL;
	return code == SECCOMP_RET_KILL_PROCESS ||
	       code == SECCOMP_RET_KILL_THREAD || code == SECCOMP_RET_TRAP;
}

static void keep(struct record *r, const char *text, size_t len)
{
	struct seccomp_record one;

	if (record_parse(text, len, &one) && is_deadly(one.code))
		r->kept[r->nkept++ % RECORDS_KEPT] = one;
}

static void drain_audit(struct record *r)
{
	union {
		struct nlmsghdr head;
		char bytes[sizeof(struct nlmsghdr) + RECORD_LINE_MAX];
	} msg;

	for (int i = 0; i < READ_ROUNDS_MAX; i++) {
		struct sockaddr_nl from = { 0 };
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(r->audit_fd, &msg, sizeof(msg), 0,
				     (struct sockaddr *)&from, &size);

		if (n < 0 && errno == ENOBUFS) {
			r->lost = true;
			continue;
		}
		if (n < 0)
			return;
		/* The length in the head is without it, on this group. */
		if ((size_t)n > sizeof(msg.head) && from.nl_pid == 0 &&
		    msg.head.nlmsg_type == AUDIT_SECCOMP)
			keep(r, msg.bytes + sizeof(msg.head),
			     (size_t)n - sizeof(msg.head));
	}
}

/* "6,1234,5678,-;audit: type=1326 ..."; programs have a facility. */
static void keep_kmsg(struct record *r, const char *line, size_t len)
{
	static const char head[] = "audit: type=1326 ";
	const char *text = memchr(line, ';', len);
	uint64_t priority;

	if (!text || !to_number(line, strcspn(line, ","), 10, &priority) ||
	    priority >> LOG_FACILITY_SHIFT)
		return;
	text++;
	len -= (size_t)(text - line);
	if (len > strlen(head) && !memcmp(text, head, strlen(head)))
		keep(r, text + strlen(head), len - strlen(head));
}

static void drain_kmsg(struct record *r)
{
	char line[RECORD_LINE_MAX + 1];

	for (int i = 0; i < READ_ROUNDS_MAX; i++) {
		ssize_t n = read(r->kmsg_fd, line, sizeof(line) - 1);

		/* Overwritten before it was read: the next read goes on. */
		if (n < 0 && errno == EPIPE) {
			r->lost = true;
			continue;
		}
		if (n <= 0)
			return;
		line[n] = '\0';
		keep_kmsg(r, line, (size_t)n);
	}
}

void record_drain(struct record *r)
{
	if (r->audit_fd >= 0)
		drain_audit(r);
}

static bool latest(const struct record *r, pid_t pid,
		   struct seccomp_record *out)
{
	for (uint64_t back = 1; back <= RECORDS_KEPT && back <= r->nkept;
	     back++) {
		const struct seccomp_record *one =
			&r->kept[(r->nkept - back) % RECORDS_KEPT];

		if (one->pid != pid)
			continue;
		*out = *one;
		return true;
	}
	return false;
}

bool record_find(struct record *r, pid_t pid, struct seccomp_record *out)
{
	struct pollfd fd = { .fd = r->audit ? r->audit_fd : r->kmsg_fd,
			     .events = POLLIN };

	if (!r->kept || pid <= 0)
		return false;
	for (int i = 0; i < PATIENCE_ROUNDS; i++) {
		if (r->audit)
			drain_audit(r);
		if (!latest(r, pid, out) && r->kmsg)
			drain_kmsg(r);
		if (latest(r, pid, out))
			return true;
		poll(&fd, 1, PATIENCE_MS);
	}
	return false;
}
