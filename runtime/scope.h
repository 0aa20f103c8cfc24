/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scope.h - a delegated group from systemd: a transient scope over D-Bus
 */
#ifndef RUNTIME_SCOPE_H
#define RUNTIME_SCOPE_H

#include <stddef.h>
#include <stdint.h>

struct diag;
struct run;

/*
 * Puts the caller into a new scope and says where its group is, below the
 * hierarchy's top.  0 or an errno; *object then is what failed.
 */
int scope_enter(uint32_t number, char *path, size_t size, const char **object);
/* The cause and the remedy of such a failure. */
void scope_explain(struct diag *d, int err);

#endif
