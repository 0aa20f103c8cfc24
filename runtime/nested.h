/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nested.h - whether the sandbox can make user namespaces
 */
#ifndef RUNTIME_NESTED_H
#define RUNTIME_NESTED_H

#include "runtime/plan.h"

/* By which means they are refused; the namespaces are decided. */
void nested_decide(struct sandbox_plan *plan);

#endif
