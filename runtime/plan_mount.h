/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_mount.h - decides root, mounts and Landlock rules
 */
#ifndef RUNTIME_PLAN_MOUNT_H
#define RUNTIME_PLAN_MOUNT_H

#include "runtime/plan.h"

/*
 * Fills plan->mounts and adds to plan->kind; the covers are decided.  False
 * with diagnostics when a line can't be kept.
 */
bool plan_mounts(struct sandbox_plan *plan, const struct host *host,
		 struct diag_sink *diags);

/* Whether the directory is the host's in the new tree too. */
bool plan_shows(const struct sandbox_plan *plan, const char *path);

#endif
