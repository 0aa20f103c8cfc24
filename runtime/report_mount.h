/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_mount.h - why a mount of the profile failed
 */
#ifndef RUNTIME_REPORT_MOUNT_H
#define RUNTIME_REPORT_MOUNT_H

#include "base/diag.h"
#include "runtime/plan.h"
#include "runtime/report.h"

void explain_profile_mount(struct diag *d, const struct sandbox_plan *plan,
			   const struct fail *fail);

#endif
