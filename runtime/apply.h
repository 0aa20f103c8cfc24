/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply.h - what each step does and says, one pair for each row of steps.c
 *
 * An apply function returns 0 or an errno and names its object in the run.
 * Those of the phases after clone allocate nothing and print nothing.
 */
#ifndef RUNTIME_APPLY_H
#define RUNTIME_APPLY_H

#include <errno.h>
#include <stdio.h>

#include "runtime/plan.h"
#include "runtime/steps.h"

#define STEP_FUNCTIONS(name)                                                   \
	int name(const struct sandbox_plan *plan, struct run *run);            \
	void name##_describe(const struct sandbox_plan *plan, FILE *out)

/* lease.c, ids.c */
STEP_FUNCTIONS(ids_lease);
STEP_FUNCTIONS(ids_deny_setgroups);
STEP_FUNCTIONS(ids_write_maps);
STEP_FUNCTIONS(ids_become);
/* ns.c */
STEP_FUNCTIONS(ns_clone);
STEP_FUNCTIONS(ns_fork);
STEP_FUNCTIONS(ns_hostname);
STEP_FUNCTIONS(ns_loopback);
/* nested.c */
STEP_FUNCTIONS(nested_limit);
STEP_FUNCTIONS(nested_filter);
/* join.c */
STEP_FUNCTIONS(join_open);
/* Into the joined ones, then clone: as ns_clone(), which calls it. */
int join_and_clone(const struct sandbox_plan *plan, struct run *run,
		   unsigned long flags);
/* adopt.c */
STEP_FUNCTIONS(adopt_guard);
/* pin.c */
STEP_FUNCTIONS(pin_make);
/* mount.c */
STEP_FUNCTIONS(mount_private);
STEP_FUNCTIONS(mount_sources);
STEP_FUNCTIONS(mount_root);
STEP_FUNCTIONS(mount_scratch);
STEP_FUNCTIONS(mount_covers);
STEP_FUNCTIONS(mount_dev);
STEP_FUNCTIONS(mount_proc);
STEP_FUNCTIONS(mount_backs);
STEP_FUNCTIONS(mount_pivot);
STEP_FUNCTIONS(mount_seal_proc);
/* mounts.c */
STEP_FUNCTIONS(mounts_take);
STEP_FUNCTIONS(mounts_take_layers);
STEP_FUNCTIONS(mounts_place);
STEP_FUNCTIONS(mounts_shield);
/* landlock.c */
STEP_FUNCTIONS(landlock_build);
STEP_FUNCTIONS(landlock_enter);
/* process.c */
STEP_FUNCTIONS(process_tie);
STEP_FUNCTIONS(process_session);
STEP_FUNCTIONS(process_workdir);
STEP_FUNCTIONS(process_umask);
STEP_FUNCTIONS(process_rlimits);
STEP_FUNCTIONS(process_signals);
STEP_FUNCTIONS(process_exec);
/* cgroup.c */
STEP_FUNCTIONS(cgroup_scope);
STEP_FUNCTIONS(cgroup_make);
STEP_FUNCTIONS(cgroup_join);
STEP_FUNCTIONS(cgroup_namespace);
/* priority.c */
STEP_FUNCTIONS(priority_nice);
STEP_FUNCTIONS(priority_oom);
STEP_FUNCTIONS(priority_sched);
STEP_FUNCTIONS(priority_raise);
/* timer.c */
STEP_FUNCTIONS(timer_open);
/* caps.c */
STEP_FUNCTIONS(caps_no_new_privs);
STEP_FUNCTIONS(caps_apply);
STEP_FUNCTIONS(keyring_join);
/* lock.c */
STEP_FUNCTIONS(lock_owner);
STEP_FUNCTIONS(lock_mounts);
/* fd.c */
STEP_FUNCTIONS(fd_close_others);
/* pty.c */
STEP_FUNCTIONS(pty_open);
STEP_FUNCTIONS(pty_take);
/* instance.c */
STEP_FUNCTIONS(keeper_hold);
/* init.c */
STEP_FUNCTIONS(init_fork);
STEP_FUNCTIONS(init_guard);
STEP_FUNCTIONS(init_await_guard);
/* network.c */
STEP_FUNCTIONS(network_pair);
STEP_FUNCTIONS(network_address);
/* pasta.c */
STEP_FUNCTIONS(pasta_start);
/* meet.c */
STEP_FUNCTIONS(meet_announce);
STEP_FUNCTIONS(meet_await);
/* filter.c */
STEP_FUNCTIONS(filter_load);

static inline int step_failed(struct run *run, const char *object)
{
	run->object = object;
	/* A short write sets none. */
	return errno ? errno : EIO;
}

#endif
