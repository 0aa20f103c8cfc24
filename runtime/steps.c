/* SPDX-License-Identifier: Apache-2.0 */
/*
 * steps.c - the order in which a sandbox is built
 *
 * The table is the design: phases ascend, and within a phase a step may
 * rely on all above it.  The comment on a row says why it stands there.
 */
#include "runtime/steps.h"

#include "base/bug.h"
#include "runtime/apply.h"
#include "runtime/probe.h"

#define STEP(fn) fn, fn##_describe

const struct step steps[] = {
	/* Before clone: the child must find the id already its own. */
	{ "lease", PHASE_RUNNER, PLAN_LEASED | PLAN_CLAIM, 0, E0807,
	  STEP(ids_lease) },
	/* With the caller's rights, which no child has. */
	{ "trees", PHASE_RUNNER, PLAN_EARLY, HOST_MOUNT_API, E0822,
	  STEP(mounts_take) },
	/* The group below which the next step makes its own. */
	{ "scope", PHASE_RUNNER, PLAN_SCOPE, 0, E0848, STEP(cgroup_scope) },
	/* Limited from its first instant on, so before clone. */
	{ "cgroup", PHASE_RUNNER, PLAN_CGROUP, 0, E0845, STEP(cgroup_make) },
	/* With the caller's rights, and while paths mean the host's files. */
	{ "join", PHASE_RUNNER, PLAN_JOIN, 0, E0871, STEP(join_open) },
	/* All namespaces at once: each is owned by the new user namespace. */
	{ "namespaces", PHASE_RUNNER, PLAN_SANDBOX, 0, E0805, STEP(ns_clone) },
	/* A plain run forks too, so that a death by filter is reported. */
	{ "process", PHASE_RUNNER, PLAN_PLAIN, 0, E0809, STEP(ns_fork) },

	/* The kernel takes an unprivileged gid map only after the denial. */
	{ "setgroups", PHASE_MAPS, PLAN_DENY_GROUPS, 0, E0806,
	  STEP(ids_deny_setgroups) },
	/* From outside: inside, init has no rights over the parent's ids. */
	{ "id-maps", PHASE_MAPS, PLAN_NEW_USER, HOST_USERNS, E0806,
	  STEP(ids_write_maps) },
	/* Needs the child: one end is born in its network namespace. */
	{ "network", PHASE_MAPS, PLAN_VETH, 0, E0851, STEP(network_pair) },
	/* After the maps: pasta enters the user namespace. */
	{ "pasta", PHASE_MAPS, PLAN_PASTA, 0, E0853, STEP(pasta_start) },

	/* While pid 1 waits: all that it starts is born there. */
	{ "cgroup-join", PHASE_MAPS, PLAN_CGROUP, 0, E0845,
	  STEP(cgroup_join) },
	/* From outside: inside, nobody could raise any of these. */
	{ "nice", PHASE_MAPS, PLAN_NICE, 0, E0840, STEP(priority_nice) },
	{ "sched", PHASE_MAPS, PLAN_SCHED, 0, E0840, STEP(priority_sched) },
	{ "oom", PHASE_MAPS, PLAN_OOM, 0, E0840, STEP(priority_oom) },
	{ "raise", PHASE_MAPS, PLAN_RAISE, 0, E0840, STEP(priority_raise) },
	/* Until init locks itself, /proc shows its namespaces. */
	{ "keeper", PHASE_MAPS, PLAN_NAMED, 0, E0867, STEP(keeper_hold) },
	/* From here on the runner's death leaves nobody behind. */
	{ "guard", PHASE_MAPS, PLAN_ADOPT, 0, E0809, STEP(adopt_guard) },
	/* With the runner's rights: the files are the host's. */
	{ "pin", PHASE_MAPS, PLAN_PIN, HOST_MOUNT_API, E0872, STEP(pin_make) },
	/* The last before init goes on: the time that the sandbox has. */
	{ "timeout", PHASE_MAPS, PLAN_TIMEOUT, 0, E0840, STEP(timer_open) },

	/* Its root is the group that pid 1 is in at this moment. */
	{ "cgroup-ns", PHASE_INIT, PLAN_CGROUP, 0, E0805,
	  STEP(cgroup_namespace) },
	/* First in init: no later mistake can gain what exec would give. */
	{ "no-new-privs", PHASE_INIT, PLAN_SANDBOX, 0, E0809,
	  STEP(caps_no_new_privs) },
	/* Still as the caller; a mount of its own needs a new namespace. */
	{ "trees", PHASE_INIT, PLAN_LATE, HOST_MOUNT_API, E0822,
	  STEP(mounts_take) },
	{ "layers", PHASE_INIT, PLAN_OVERLAY, HOST_MOUNT_API, E0822,
	  STEP(mounts_take_layers) },
	/* Before any file is made or opened, so that all is done as this id. */
	{ "identity", PHASE_INIT, PLAN_SANDBOX, 0, E0809, STEP(ids_become) },
	/* Before any mount, or it would show on the host. */
	{ "propagation", PHASE_INIT, PLAN_NEW_MOUNT, 0, E0808,
	  STEP(mount_private) },
	/* While the host's paths still mean the host's files. */
	{ "sources", PHASE_INIT, PLAN_NEW_MOUNT, HOST_MOUNT_API, E0808,
	  STEP(mount_sources) },
	/* Read-only while nothing else is in the tree: one recursive call. */
	{ "root", PHASE_INIT, PLAN_NEW_MOUNT, HOST_MOUNT_API, E0808,
	  STEP(mount_root) },
	/* Filled while it is detached: nobody sees it half made. */
	{ "scratch", PHASE_INIT, PLAN_NEW_MOUNT, HOST_MOUNT_API, E0808,
	  STEP(mount_scratch) },
	{ "covers", PHASE_INIT, PLAN_NEW_MOUNT, HOST_MOUNT_API, E0808,
	  STEP(mount_covers) },
	{ "dev", PHASE_INIT, PLAN_NEW_MOUNT, HOST_MOUNT_API, E0808,
	  STEP(mount_dev) },
	/* The kernel wants a fully visible /proc in reach: before pivot. */
	{ "proc", PHASE_INIT, PLAN_NEW_MOUNT, HOST_MOUNT_API, E0808,
	  STEP(mount_proc) },
	/* Over the covers. */
	{ "bind-back", PHASE_INIT, PLAN_NEW_MOUNT, HOST_MOUNT_API, E0808,
	  STEP(mount_backs) },
	/* Over all that is there by default. */
	{ "mounts", PHASE_INIT, PLAN_MOUNTS, HOST_MOUNT_API, E0822,
	  STEP(mounts_place) },
	/* The host's tree is complete: enter it and let go of the old one. */
	{ "pivot", PHASE_INIT, PLAN_NEW_MOUNT, HOST_MOUNT_API, E0808,
	  STEP(mount_pivot) },
	/* Rules name files of the new tree. */
	{ "rules", PHASE_INIT, PLAN_LANDLOCK, 0, E0826, STEP(landlock_build) },
	/* The new devpts is in place, and the command not yet there. */
	{ "pty", PHASE_INIT, PLAN_TERMINAL, 0, E0860, STEP(pty_open) },
	{ "hostname", PHASE_INIT, PLAN_NEW_UTS, 0, E0809, STEP(ns_hostname) },
	{ "loopback", PHASE_INIT, PLAN_NET, 0, E0809, STEP(ns_loopback) },
	{ "address", PHASE_INIT, PLAN_VETH, 0, E0851, STEP(network_address) },
	/* Before the limit below, which is for everybody inside. */
	{ "lock-owner", PHASE_INIT, PLAN_LOCK, 0, E0809, STEP(lock_owner) },
	/* Needs the new /proc, and capabilities that nobody has afterwards. */
	{ "nested-users", PHASE_INIT, PLAN_LIMIT_USERS, 0, E0809,
	  STEP(nested_limit) },
	/* The step above writes there. */
	{ "seal-proc", PHASE_INIT, PLAN_HOST_PROC, HOST_MOUNT_API, E0808,
	  STEP(mount_seal_proc) },
	/* Over files of /proc that the steps above write. */
	{ "shields", PHASE_INIT, PLAN_SHIELDS, HOST_MOUNT_API, E0822,
	  STEP(mounts_shield) },
	/* The last mounts are in place. */
	{ "lock", PHASE_INIT, PLAN_LOCK, 0, E0809, STEP(lock_mounts) },
	/* Never pid 1 itself: signals to itself would be ignored. */
	{ "process", PHASE_INIT, PLAN_INIT, 0, E0809, STEP(init_fork) },

	/* There is no pid 1 of ours that would take it along. */
	{ "tie", PHASE_COMMAND, PLAN_PLAIN | PLAN_ALONE | PLAN_ADOPT, 0, E0809,
	  STEP(process_tie) },
	{ "no-new-privs", PHASE_COMMAND, PLAN_PLAIN, 0, E0809,
	  STEP(caps_no_new_privs) },
	{ "session", PHASE_COMMAND, PLAN_SANDBOX, 0, E0809,
	  STEP(process_session) },
	/* Only the leader of a session without a terminal may take one. */
	{ "terminal", PHASE_COMMAND, PLAN_TERMINAL, 0, E0860, STEP(pty_take) },
	/* After pivot: no descriptor or directory of the old root is left. */
	{ "workdir", PHASE_COMMAND, PLAN_SANDBOX, 0, E0812,
	  STEP(process_workdir) },
	{ "umask", PHASE_COMMAND, PLAN_SANDBOX, 0, E0809, STEP(process_umask) },
	{ "rlimits", PHASE_COMMAND, PLAN_SANDBOX, 0, E0840,
	  STEP(process_rlimits) },
	{ "signals", PHASE_COMMAND, PLAN_SANDBOX | PLAN_PLAIN, 0, E0809,
	  STEP(process_signals) },
	/* As the sandbox's id, whose quota it is; init keeps the caller's. */
	{ "keyring", PHASE_COMMAND, PLAN_KEYRING, 0, E0809,
	  STEP(keyring_join) },
	/* The bounding set needs CAP_SETPCAP, so it goes before the others. */
	{ "capabilities", PHASE_COMMAND, PLAN_SANDBOX, 0, E0809,
	  STEP(caps_apply) },
	/* What follows opens no file but the command's own. */
	{ "landlock", PHASE_COMMAND, PLAN_LANDLOCK, 0, E0826,
	  STEP(landlock_enter) },
	/* Everything above may have opened some. */
	{ "descriptors", PHASE_COMMAND, PLAN_SANDBOX, HOST_CLOSE_RANGE, E0809,
	  STEP(fd_close_others) },

	/* Beside the command's steps; the command waits for it below. */
	{ "init", PHASE_GUARD, PLAN_INIT, HOST_SECCOMP, E0809,
	  STEP(init_guard) },

	/* The workload could take over an init that is not yet locked. */
	{ "await-init", PHASE_LAST, PLAN_INIT, 0, E0809,
	  STEP(init_await_guard) },
	/* While calls are free; the filter may refuse any. */
	{ "announce", PHASE_LAST, PLAN_MEET | PLAN_ANNOUNCE, 0, E0809,
	  STEP(meet_announce) },
	/* Before the profile's, which may refuse to load another. */
	{ "nested-users", PHASE_LAST, PLAN_FILTER_USERS, HOST_SECCOMP, E0810,
	  STEP(nested_filter) },
	/* Last: it may forbid everything but the exec that follows. */
	{ "filter", PHASE_LAST, PLAN_SANDBOX | PLAN_PLAIN, HOST_SECCOMP, E0810,
	  STEP(filter_load) },
	{ "await-runner", PHASE_LAST, PLAN_MEET, 0, E0809,
	  STEP(meet_await) },
	{ "exec", PHASE_LAST, PLAN_SANDBOX | PLAN_PLAIN, 0, E0802,
	  STEP(process_exec) },
};

const int steps_len = (int)ARRAY_LEN(steps);

bool steps_apply(struct run *run, enum phase phase, struct fail *fail)
{
	for (int i = 0; i < steps_len; i++) {
		const struct step *step = &steps[i];
		int err;

		if (step->phase != phase || !(step->when & run->plan->kind))
			continue;
		run->step = i;
		run->object = NULL;
		fail->step = i;
		err = step->apply(run->plan, run);
		if (!err)
			continue;
		fail_record(fail, i, err, run->object);
		return false;
	}
	return true;
}

static const char *const phase_names[] = {
	[PHASE_RUNNER] = "runner",   [PHASE_MAPS] = "runner",
	[PHASE_INIT] = "init",	     [PHASE_COMMAND] = "command",
	[PHASE_GUARD] = "init",	     [PHASE_LAST] = "command",
};

void plan_describe(const struct sandbox_plan *plan, FILE *out)
{
	for (int i = 0; i < steps_len; i++) {
		const struct step *step = &steps[i];

		if (!(step->when & plan->kind))
			continue;
		fprintf(out, "%-7s  %-12s  ", phase_names[step->phase],
			step->name);
		step->describe(plan, out);
		fputc('\n', out);
	}
}
