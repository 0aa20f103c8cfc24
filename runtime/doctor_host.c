/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor_host.c - cgroups, networks, tracing, logs, and settings
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "abi/sandbox.h"
#include "base/arena.h"
#include "base/bug.h"
#include "base/str.h"
#include "runtime/cgroup.h"
#include "runtime/doctor_rows.h"
#include "runtime/lookup.h"
#include "runtime/probe.h"

/* --- cgroups ---------------------------------------------------------------- */

static void layout(struct exam *e, const struct cg_host *h)
{
	static const struct fact fact = { "cgroups", "limits of the sandbox",
					  "mount cgroup2 at /sys/fs/cgroup" };
	size_t v1 = 0, v2 = 0;

	for (size_t i = 0; i < h->ntrees; i++)
		h->trees[i].v2 ? v2++ : v1++;
	if (!v1 && !v2)
		fact_row(e, &fact, DOCTOR_NO, "none is mounted");
	else
		fact_row(e, &fact, DOCTOR_YES, "%s",
			 v1 && v2 ? "hybrid: v1 hierarchies and v2"
			 : v2	  ? "v2"
				  : "v1");
}

/* The nearest group of v2 that can give the controller to a new one. */
static const struct cg_level *giver(const struct cg_host *h, unsigned c)
{
	for (size_t i = 0; i < h->nlevels; i++) {
		const struct cg_level *l = &h->levels[i];

		if (l->writable && ((c & CG_UNASKED_V2) || (l->enabled & c) ||
				    ((l->available & c) && !l->busy)))
			return l;
	}
	return NULL;
}

static void controller(struct exam *e, const struct cg_host *h, unsigned c)
{
	static const char *const lines[CG_CONTROLLERS] = {
		"'memory'", "'pids'", "'cpu'", "'timeout cpu'", "'cpus'",
		"'io'", "'freeze' and 'thaw'",
	};
	const char *name = cgroup_controller_name(c);
	struct fact fact = { arena_printf(e->arena, "cgroup: %s", name), NULL,
			     "delegate it to this user (systemd: Delegate=yes "
			     "in user@.service), or start as root" };
	const struct cg_level *level;
	bool there = false;

	for (int i = 0; i < CG_CONTROLLERS; i++)
		if (c == 1U << i)
			fact.needed_by = lines[i];
	for (size_t i = 0; i < h->ntrees; i++) {
		const struct cg_tree *t = &h->trees[i];

		if (t->v2 || !(t->controllers & c))
			continue;
		if (t->dir && t->writable) {
			fact_row(e, &fact, DOCTOR_YES, "v1, in %s", t->dir);
			return;
		}
		there = true;
	}
	level = there ? NULL : giver(h, c);
	if (level)
		fact_row(e, &fact, DOCTOR_YES, "v2, in %s", level->dir);
	else if (there)
		fact_row(e, &fact, DOCTOR_NO, "v1, not delegated to this user");
	else if (h->nlevels && ((c & CG_UNASKED_V2) ||
				(h->levels[h->nlevels - 1].available & c)))
		fact_row(e, &fact, DOCTOR_NO, "v2, not delegated to this user");
	else
		fact_row(e, &fact, DOCTOR_NO, "this kernel offers none");
}

void doctor_cgroups(struct exam *e)
{
	static const struct fact own = {
		"cgroup: own subtree", "limits of the sandbox",
		"delegate a group to this user, or start as root"
	};
	const struct sandbox box = { .present = true };
	struct cg_host h;
	const char *where = NULL;

	cgroup_probe(&h, &box, e->arena);
	layout(e, &h);
	for (unsigned c = 1; c < CG_ALL; c <<= 1)
		controller(e, &h, c);
	for (size_t i = 0; !where && i < h.ntrees; i++)
		if (h.trees[i].dir && h.trees[i].writable)
			where = h.trees[i].dir;
	for (size_t i = 0; !where && i < h.nlevels; i++)
		if (h.levels[i].writable)
			where = h.levels[i].dir;
	fact_row(e, &own, where ? DOCTOR_YES : DOCTOR_NO, "%s",
		 where ? where : "no group here may be written");
}

/* --- networks ----------------------------------------------------------------- */

static void networks(struct exam *e)
{
	static const struct fact pasta = { "pasta", "'network pasta'",
					   "install the package passt" };
	static const struct fact veth = {
		"veth and bridges", "'network veth'",
		"start as root: it takes CAP_NET_ADMIN"
	};
	struct host_path found;
	bool admin = exam_has_cap(CAP_NET_ADMIN);

	lookup_command("pasta", getenv("PATH"), e->arena, &found);
	fact_row(e, &pasta, found.err ? DOCTOR_NO : DOCTOR_YES, "%s",
		 found.err ? "not installed" : found.path);
	fact_row(e, &veth, admin ? DOCTOR_YES : DOCTOR_NO, "CAP_NET_ADMIN is %s",
		 admin ? "held" : "not held");
}

/* --- looking at others ---------------------------------------------------------- */

static void tracing(struct exam *e)
{
	static const struct fact fact = {
		"ptrace", "'--report' after exec, '--explain'",
		"sysctl kernel.yama.ptrace_scope=1"
	};
	long scope = host_sysctl("/proc/sys/kernel/yama/ptrace_scope");

	if (scope < 0)
		fact_row(e, &fact, DOCTOR_YES, "no Yama: all of one's own");
	else
		fact_row(e, &fact,
			 scope < 2    ? DOCTOR_YES
			 : scope == 2 ? DOCTOR_PARTLY
				      : DOCTOR_NO,
			 "Yama's scope is %ld: %s", scope,
			 scope == 0   ? "all of one's own"
			 : scope == 1 ? "one's own children"
			 : scope == 2 ? "with CAP_SYS_PTRACE only"
				      : "nobody");
}

static bool audit_readable(void)
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1 << (AUDIT_NLGRP_READLOG - 1),
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	bool ok = fd >= 0 &&
		  bind(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0;
	int err = errno;

	if (fd >= 0)
		close(fd);
	errno = err;
	return ok;
}

static void logs(struct exam *e)
{
	static const struct fact audit = {
		"audit records", "seccomp's records, live",
		"start as root: it takes CAP_AUDIT_READ; a kernel with "
		"CONFIG_AUDIT"
	};
	static const struct fact kmsg = {
		"kernel log", "seccomp's records where no audit is",
		"sysctl kernel.dmesg_restrict=0, or CAP_SYSLOG"
	};
	bool has = audit_readable();
	int fd;

	fact_row(e, &audit, has ? DOCTOR_YES : DOCTOR_NO, "%s",
		 has ? "its multicast group can be joined" : strerror(errno));
	fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	fact_row(e, &kmsg, fd >= 0 ? DOCTOR_YES : DOCTOR_NO, "%s",
		 fd >= 0 ? "/dev/kmsg can be read" : strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* --- settings ---------------------------------------------------------------- */

static void core_pattern(struct exam *e)
{
	static const struct fact fact = {
		"core_pattern", "crashes that stay in the sandbox",
		"sysctl kernel.core_pattern=core: a program in it runs outside "
		"every sandbox, as root, on what the crashed one left"
	};
	const char *line = exam_line(e, "/proc/sys/kernel/core_pattern");

	fact_row(e, &fact, *line == '|' ? DOCTOR_PARTLY : DOCTOR_YES, "%s",
		 *line ? line : "empty");
}

static void btf(struct exam *e)
{
	static const struct fact fact = { "BTF", "tools that trace by bpf",
					  "a kernel with "
					  "CONFIG_DEBUG_INFO_BTF" };
	bool has = access("/sys/kernel/btf/vmlinux", R_OK) == 0;

	fact_row(e, &fact, has ? DOCTOR_YES : DOCTOR_NO, "%s",
		 has ? "/sys/kernel/btf/vmlinux" : "none");
}

/* Hints only: what was tried above is the truth. */
static void config(struct exam *e)
{
	static const char *const wanted[] = {
		"CONFIG_SECCOMP_FILTER", "CONFIG_USER_NS", "CONFIG_PID_NS",
		"CONFIG_NET_NS", "CONFIG_CGROUPS", "CONFIG_MEMCG",
		"CONFIG_CGROUP_PIDS", "CONFIG_SECURITY_LANDLOCK",
		"CONFIG_AUDIT", "CONFIG_OVERLAY_FS",
	};
	static const struct fact fact = { "kernel configuration",
					  "nothing: a hint", NULL };
	bool found[ARRAY_LEN(wanted)] = { false };
	char line[512], path[128];
	struct str missing = { 0 };
	struct utsname un;
	FILE *f;

	if (uname(&un))
		BUG("uname failed");
	snprintf(path, sizeof(path), "/boot/config-%.100s", un.release);
	f = fopen(path, "re");
	if (!f) {
		fact_row(e, &fact, DOCTOR_INFO, "%s",
			 access("/proc/config.gz", R_OK)
				 ? "not shown by this kernel"
				 : "zcat /proc/config.gz shows it");
		return;
	}
	while (fgets(line, sizeof(line), f))
		for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
			found[i] |= !strncmp(line, wanted[i],
					     strlen(wanted[i])) &&
				    line[strlen(wanted[i])] == '=';
	fclose(f);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		if (!found[i])
			str_addf(&missing, " %s", wanted[i]);
	fact_row(e, &fact, DOCTOR_INFO, "%s; missing:%s", path,
		 missing.len ? missing.text : " none");
	str_fini(&missing);
}

void doctor_host(struct exam *e)
{
	networks(e);
	tracing(e);
	logs(e);
	core_pattern(e);
	btf(e);
	config(e);
}
