/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.c - a failure as step, object, reason, likely cause and remedy
 *
 * Runs in the runner after the child is gone, so it may read sysctls to
 * find the cause.  What it did not look up it calls possible.
 */
#include "runtime/report.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bug.h"
#include "runtime/explain.h"
#include "runtime/namespaces.h"
#include "runtime/network.h"
#include "runtime/probe.h"
#include "runtime/report_mount.h"
#include "runtime/scope.h"
#include "runtime/steps.h"

void fail_record(struct fail *fail, int step, int err, const char *object)
{
	size_t len = object ? strlen(object) : 0;

	if (len >= FAIL_OBJECT_MAX)
		len = FAIL_OBJECT_MAX - 1;
	if (len)
		memcpy(fail->object, object, len);
	fail->object[len] = '\0';
	fail->step = step;
	fail->err = err;
}

static const char *const namespace_limits[] = {
	"max_user_namespaces",	 "max_mnt_namespaces", "max_pid_namespaces",
	"max_ipc_namespaces",	 "max_uts_namespaces", "max_net_namespaces",
	"max_cgroup_namespaces", "max_time_namespaces",
};

static void explain_namespace_limit(struct diag *d)
{
	long users = host_sysctl("/proc/sys/user/max_user_namespaces");

	for (size_t i = 0; i < ARRAY_LEN(namespace_limits); i++) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/sys/user/%s",
			 namespace_limits[i]);
		if (host_sysctl(path) != 0)
			continue;
		diag_note(d, "user.%s is 0", namespace_limits[i]);
		diag_help(d, "raise it: sysctl user.%s=1000",
			  namespace_limits[i]);
		return;
	}
	diag_note(d,
		  "user.max_user_namespaces is %ld; it counts for this "
		  "user namespace and all above it, which nest to 32",
		  users);
}

static void explain_namespace_denial(struct diag *d)
{
	if (host_sysctl("/proc/sys/kernel/unprivileged_userns_clone") == 0) {
		diag_note(d, "kernel.unprivileged_userns_clone is 0");
		diag_help(d, "allow it: sysctl "
			     "kernel.unprivileged_userns_clone=1");
	} else if (host_sysctl("/proc/sys/kernel/"
			       "apparmor_restrict_unprivileged_userns") == 1) {
		diag_note(d, "kernel.apparmor_restrict_unprivileged_userns "
			     "is 1");
		diag_help(d, "give callgate an AppArmor profile with "
			     "'userns,', or set it to 0");
	} else if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) > 0) {
		diag_note(d, "the caller runs behind a seccomp filter, as in "
			     "a container; it may refuse namespaces");
		diag_help(d, "let the container's profile allow clone with "
			     "CLONE_NEWUSER");
	} else {
		diag_note(d, "a chroot, an id that its user namespace does "
			     "not map, or a security module refuses it");
	}
}

static void explain_namespaces(struct diag *d, int err)
{
	switch (err) {
	case ENOSPC:
	case EUSERS:
		explain_namespace_limit(d);
		return;
	case EPERM:
	case EACCES:
		explain_namespace_denial(d);
		return;
	case EINVAL:
		diag_note(d, "the kernel was built without one of the "
			     "namespaces; /proc/self/ns lists those it has");
		return;
	case EAGAIN:
		diag_note(d, "the limit of processes is reached (ulimit -u, "
			     "or pids.max of the cgroup)");
		return;
	}
}

static void explain_mount(struct diag *d, const char *step, int err)
{
	if (!strcmp(step, "proc") && err == EPERM) {
		diag_note(d, "a new /proc is refused where the present one is "
			     "partly covered, as in most containers");
		diag_help(d, "start the container with an unmasked /proc "
			     "(podman: --security-opt unmask=ALL)");
	} else if (!strcmp(step, "pivot") && err == EINVAL) {
		diag_note(d, "the host may run from its initial RAM file "
			     "system, which can't be left behind");
	} else if (!strcmp(step, "sources") && err == ENOENT) {
		diag_note(d, "the host's /dev lacks it, or it was removed "
			     "since the plan was made");
	} else if (err == EACCES || err == EPERM) {
		diag_note(d, "a security module, a filter around the caller, "
			     "or a directory closed to the sandbox's id may "
			     "have refused it");
	}
}

static void explain_lease(struct diag *d, int err)
{
	switch (err) {
	case EBUSY:
		diag_note(d, "another sandbox has some of them now, and two "
			     "never share a host id");
		diag_help(d, "map other ids, or wait for its end");
		return;
	case EUSERS:
		diag_note(d, "none is free, or 4,096 in a row are locked or in "
			     "use");
		return;
	case EPERM:
		diag_note(d, "the directory must be root's with mode 0700, or "
			     "others could break the locks");
		return;
	}
}

/* Of newuidmap and newgidmap: what they say is the reason. */
static void explain_id_helper(struct diag *d, const struct run *run)
{
	diag_note(d, "it says: %s", run->ids_said);
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		diag_note(d, "the caller has no_new_privs, so that nothing it "
			     "starts is setuid");
}

static void explain_maps(struct diag *d, int err)
{
	switch (err) {
	case EPERM:
		diag_note(d, "the kernel lets the caller map only ids that its "
			     "own user namespace has, one unprivileged; or a "
			     "security module refuses it");
		return;
	case EINVAL:
		diag_note(d, "the kernel takes at most 340 lines and one page "
			     "of text");
		return;
	case EACCES:
		if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 1)
			diag_note(d, "the runner is not dumpable: its program "
				     "file is unreadable, or it changed ids "
				     "without exec");
		return;
	case ENOENT:
		diag_note(d, "the runner needs a /proc of its own pid "
			     "namespace");
		return;
	}
}

static void explain_ids(struct diag *d, const struct run *run, const char *step,
			int err)
{
	if (!strcmp(step, "lease"))
		explain_lease(d, err);
	else if (*run->ids_said)
		explain_id_helper(d, run);
	else
		explain_maps(d, err);
}

static void explain_other(struct diag *d, const char *step, int err)
{
	if (!strcmp(step, "nested-users") && err == EROFS)
		diag_help(d, "/proc/sys is read-only here, as in a container: "
			     "keep pid and mount among the namespaces, which "
			     "brings a new /proc, or say nested-users allow;");
	else if (!strcmp(step, "nested-users"))
		diag_help(d, "the kernel needs CONFIG_SYSCTL and user "
			     "namespaces with limits (Linux 4.9)");
	else if (!strcmp(step, "keyring") && err == EDQUOT)
		diag_help(d, "a user may have kernel.keys.maxkeys keys, and "
			     "each sandbox takes one: raise it, or say "
			     "'keyring host'");
	else if (!strcmp(step, "lock-owner") &&
		 (err == ENOSPC || err == EUSERS))
		diag_note(d, "keep sys_admin takes one user namespace more, "
			     "so that its mounts stay: a limit is reached "
			     "(user.max_user_namespaces)");
	else if (!strcmp(step, "await-init"))
		diag_note(d, "pid 1 of the sandbox ended; the kernel log may "
			     "say why");
	else if (!strcmp(step, "filter") && err == EBUSY)
		diag_note(d, "the caller runs behind a filter with a "
			     "supervisor of its own, and the kernel allows one");
	else if (!strcmp(step, "filter") && err == EINVAL)
		diag_note(d, "the kernel did not accept the program");
	else if (!strcmp(step, "filter") && err == ENOMEM)
		diag_note(d, "the filters of one process may have 32,768 "
			     "instructions together");
	else if (err == ECANCELED)
		diag_note(d, "it ended before the sandbox was built");
}

static void explain_limit(struct diag *d, const char *step, int err)
{
	if (err != EPERM && err != EACCES)
		return;
	if (!strcmp(step, "oom")) {
		diag_note(d, "lowering the OOM score needs CAP_SYS_RESOURCE");
		diag_help(d, "ask for a score that is not below the caller's");
	} else {
		diag_note(d, "going beyond the caller's own value needs "
			     "privileges on the host, not in a container's "
			     "user namespace; limits have a maximum too "
			     "(fs.nr_open)");
	}
}

static void explain_cgroup(struct diag *d, int err)
{
	switch (err) {
	case ENOENT:
		diag_note(d, "the kernel was built without it, the group was "
			     "not given that controller, or it is switched "
			     "off at boot (swap accounting: swapaccount=1)");
		return;
	case EBUSY:
		diag_note(d, "the group above has processes: the kernel "
			     "enables no controller below such a group");
		return;
	case EACCES:
	case EPERM:
	case EROFS:
		diag_note(d, "the group is not delegated to the caller");
		return;
	case EINVAL:
	case ERANGE:
		diag_note(d, "the value is more than a group above it has, "
			     "or not one that the kernel takes");
		return;
	case ENODEV:
		diag_note(d, "limits are for whole disks, not for "
			     "partitions");
		return;
	}
}

/* An empty root has what its lines name, and its programs need a loader. */
static void help_exec(struct diag *d, const struct run *run, const char *path)
{
	if (!(run->plan->kind & PLAN_SANDBOX) ||
	    run->plan->mounts.root != ROOT_EMPTY)
		return;
	diag_help(d,
		  "show the program and what its loader needs: "
		  "exec \"%s\"; exec @loader;",
		  path);
}

static int report_exec(const struct run *run, const struct fail *fail,
		       struct diag_sink *diags)
{
	const char *name = run->plan->req->argv[0];
	struct diag *d;

	if (fail->err == ENOENT) {
		d = diag_add(diags, E0801, span_none,
			     "cannot find the command '%s'%s", name,
			     run->plan->kind & PLAN_SANDBOX ? " in the sandbox"
							    : "");
		diag_note(d,
			  "'%s' or the interpreter that it names does not "
			  "exist there",
			  fail->object);
		help_exec(d, run, fail->object);
		return RUN_NOT_FOUND;
	}
	d = diag_add(diags, E0802, span_none, "cannot execute '%s': %s", name,
		     strerror(fail->err));
	if (fail->err == ENOEXEC)
		diag_note(d, "it is neither a program of this machine nor a "
			     "script with a '#!' line");
	else if (fail->err == EACCES && run->plan->ids.stranger)
		diag_note(d, "the sandbox has host id %u, not the caller's",
			  ids_host_uid(run->plan, run));
	return RUN_NOT_EXECUTABLE;
}

int report_failure(const struct run *run, const struct fail *fail,
		   struct diag_sink *diags)
{
	const struct step *step = &steps[fail->step];
	struct diag *d;

	if (step->code == E0802)
		return report_exec(run, fail, diags);
	d = diag_add(diags, step->code, span_none,
		     "cannot build the sandbox: step '%s'%s%s%s: %s",
		     step->name, *fail->object ? ", '" : "", fail->object,
		     *fail->object ? "'" : "", strerror(fail->err));
	if (fail->err == ENOSYS)
		diag_note(d, "the kernel, or a filter around the caller, "
			     "does not have the call");
	else if (step->code == E0805 && (run->plan->kind & PLAN_JOIN) &&
		 fail->err != ENOSPC)
		join_explain(d, run, fail);
	else if (step->code == E0805)
		explain_namespaces(d, fail->err);
	else if (step->code == E0806 || step->code == E0807)
		explain_ids(d, run, step->name, fail->err);
	else if (step->code == E0845)
		explain_cgroup(d, fail->err);
	else if (step->code == E0848)
		scope_explain(d, fail->err);
	else if (step->code == E0840)
		explain_limit(d, step->name, fail->err);
	else if (step->code == E0822)
		explain_profile_mount(d, run->plan, fail);
	else if (step->code == E0808)
		explain_mount(d, step->name, fail->err);
	else if (step->code == E0871)
		join_explain(d, run, fail);
	else if (step->code == E0872)
		pin_explain(d, fail->err);
	else if (step->code == E0851 || step->code == E0853)
		network_explain(d, step->name, fail->err, run);
	else
		explain_other(d, step->name, fail->err);
	diag_note(d, "the command was not started");
	return RUN_NOT_BUILT;
}

int report_status(struct run *run, int status, struct diag_sink *diags)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (WTERMSIG(status) == SIGSYS)
		explain_death(run, diags);
	return RUN_SIGNALLED + WTERMSIG(status);
}
