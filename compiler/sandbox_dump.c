/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox_dump.c - a sandbox as text, for --dump=policy and the tests
 *
 * One line for each field that is not at its default, numbers plain.
 */
#include <inttypes.h>
#include <string.h>

#include "abi/constants.h"
#include "base/bug.h"
#include "base/str.h"
#include "compiler/sandbox.h"

static void dump_kinds(struct str *out, unsigned kinds)
{
	static const char *const names[] = { "user", "mount", "pid", "net",
					     "ipc", "uts", "cgroup", "time" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (kinds & 1u << i)
			str_addf(out, " %s", names[i]);
}

/* " word text", nothing when it is not said. */
static void dump_text(struct str *out, const char *word, const char *text)
{
	if (!text)
		return;
	str_addf(out, " %s\"", word);
	str_add_visible(out, text, strlen(text));
	str_addc(out, '"');
}

static void dump_field(struct str *out, const char *word, const char *text)
{
	if (!text)
		return;
	str_addf(out, "  %s", word);
	dump_text(out, "", text);
	str_addc(out, '\n');
}

static void dump_number(struct str *out, const char *word, bool said,
			int64_t number)
{
	if (said)
		str_addf(out, "  %s %" PRId64 "\n", word, number);
}

static void dump_flag(struct str *out, const char *text, bool said)
{
	if (said)
		str_addf(out, "  %s\n", text);
}

static void dump_namespaces(const struct sandbox *box, struct str *out)
{
	if (box->ns_without) {
		str_add(out, "  without");
		dump_kinds(out, box->ns_without);
		str_addc(out, '\n');
	}
	if (box->ns_with) {
		str_add(out, "  with");
		dump_kinds(out, box->ns_with);
		str_addc(out, '\n');
	}
	for (size_t i = 0; i < box->njoins; i++) {
		str_add(out, "  join");
		dump_kinds(out, box->joins[i].kind);
		if (!box->joins[i].path)
			str_addf(out, " %d", box->joins[i].pid);
		dump_text(out, "", box->joins[i].path);
		str_addc(out, '\n');
	}
	for (size_t i = 0; i < box->npins; i++) {
		str_add(out, "  pin");
		dump_kinds(out, box->pins[i].kind);
		dump_text(out, "", box->pins[i].path);
		str_addc(out, '\n');
	}
}

static void dump_identity(const struct sandbox *box, struct str *out)
{
	if (box->has_user)
		str_addf(out, "  user %u:%u\n", box->uid, box->gid);
	for (size_t i = 0; i < box->nmaps; i++)
		str_addf(out, "  map %s %u %u %u\n",
			 box->maps[i].is_gid ? "gid" : "uid",
			 box->maps[i].inside, box->maps[i].outside,
			 box->maps[i].count);
	dump_flag(out, "map auto", box->map_auto);
	for (unsigned i = 0; i < cap_count(); i++)
		if (box->caps_keep >> i & 1)
			str_addf(out, "  keep %s\n", cap_name(i));
	dump_flag(out, "securebits open", box->securebits_open);
}

static void dump_mounts(const struct sandbox *box, struct str *out)
{
	static const char *const words[] = {
		[MOUNT_READ] = "read",	     [MOUNT_WRITE] = "write",
		[MOUNT_EXEC] = "exec",	     [MOUNT_BIND] = "bind",
		[MOUNT_TMPFS] = "tmpfs",     [MOUNT_OVERLAY] = "overlay",
		[MOUNT_HIDE] = "hide",	     [MOUNT_READONLY] = "readonly",
		[MOUNT_DEVICE] = "device",
	};

	dump_flag(out, "root empty", box->root == ROOT_EMPTY);
	dump_field(out, "root", box->root_path);
	for (size_t i = 0; i < box->nmounts; i++) {
		const struct sandbox_mount *m = &box->mounts[i];

		str_addf(out, "  %s%s", words[m->kind],
			 m->loader ? " @loader" : "");
		dump_text(out, "", m->target);
		dump_text(out, "from ", m->source);
		dump_text(out, "upper ", m->upper);
		dump_text(out, "work ", m->work);
		if (m->size)
			str_addf(out, " size %" PRIu64, m->size);
		str_addf(out, "%s%s%s\n", m->rw ? " rw" : "",
			 m->exec ? " exec" : "", m->idmap ? " idmap" : "");
	}
	dump_flag(out, "propagation slave",
		  box->propagation == PROPAGATION_SLAVE);
}

static void dump_limits(const struct sandbox *box, struct str *out)
{
	const struct sandbox_limits *l = &box->limits;

	dump_number(out, "memory", l->memory_max, (int64_t)l->memory_max);
	dump_number(out, "memory high", l->memory_high,
		    (int64_t)l->memory_high);
	dump_number(out, "memory swap", l->has_swap, (int64_t)l->swap_max);
	dump_number(out, "pids", l->pids, l->pids);
	dump_number(out, "cpu", l->cpu_percent, l->cpu_percent);
	dump_number(out, "cpu weight", l->cpu_weight, l->cpu_weight);
	dump_field(out, "cpus", l->cpus);
	for (size_t i = 0; i < box->nios; i++) {
		const struct sandbox_io *io = &box->ios[i];

		str_add(out, "  io");
		dump_text(out, "", io->device);
		str_addf(out,
			 " read %" PRIu64 " write %" PRIu64
			 " read-iops %" PRIu64 " write-iops %" PRIu64 "\n",
			 io->read_bps, io->write_bps, io->read_iops,
			 io->write_iops);
	}
}

static void dump_process(const struct sandbox *box, struct str *out)
{
	static const char *const sched[] = { "", "other", "batch", "idle" };

	for (size_t i = 0; i < box->nrlimits; i++)
		str_addf(out, "  rlimit %d %" PRIu64 " %" PRIu64 "\n",
			 box->rlimits[i].resource, box->rlimits[i].soft,
			 box->rlimits[i].hard);
	dump_number(out, "timeout", box->timeout_ms, box->timeout_ms);
	dump_number(out, "timeout cpu", box->timeout_cpu_ms,
		    box->timeout_cpu_ms);
	dump_number(out, "nice", box->has_nice, box->nice);
	dump_number(out, "umask", box->has_umask, box->umask);
	dump_number(out, "oom", box->has_oom, box->oom);
	if (box->sched != SCHED_KIND_KEEP)
		str_addf(out, "  sched %s\n", sched[box->sched]);
}

static void dump_network(const struct sandbox *box, struct str *out)
{
	static const char *const kinds[] = { "none", "host", "veth", "pasta" };

	if (box->network.kind != NETWORK_NONE)
		str_addf(out, "  network %s\n", kinds[box->network.kind]);
	dump_field(out, "bridge", box->network.bridge);
	dump_field(out, "address", box->network.address);
	dump_field(out, "gateway", box->network.gateway);
}

static void dump_start(const struct sandbox *box, struct str *out)
{
	for (size_t i = 0; i < box->nenv; i++) {
		str_addf(out, "  env %s", box->env[i].value ? "set" : "keep");
		dump_text(out, "", box->env[i].name);
		dump_text(out, "", box->env[i].value);
		str_addc(out, '\n');
	}
	for (size_t i = 0; i < box->nfds; i++)
		dump_number(out, "fd", true, box->fds[i]);
	dump_field(out, "workdir", box->workdir);
	dump_field(out, "hostname", box->hostname);
	dump_flag(out, "terminal own", box->terminal == TERMINAL_OWN);
	dump_flag(out, "terminal none", box->terminal == TERMINAL_NONE);
	dump_flag(out, "init off", box->init_off);
	dump_flag(out, "keyring host", box->keyring_host);
	dump_flag(out, "nested-users allow", box->nested_users);
}

void sandbox_dump(const struct sandbox *box, struct str *out)
{
	if (!box->present)
		return;
	str_add(out, "sandbox\n");
	dump_namespaces(box, out);
	dump_identity(box, out);
	dump_mounts(box, out);
	dump_limits(box, out);
	dump_process(box, out);
	dump_network(box, out);
	dump_start(box, out);
}
