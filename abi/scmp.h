/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scmp.h - libseccomp as a referee: the only way to it
 *
 * For tests and comparisons; the compiler does not link it.
 */
#ifndef ABI_SCMP_H
#define ABI_SCMP_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/abi.h"

/* False when the library lacks the ABI or the call on it. */
bool scmp_resolve(const struct abi *abi, const char *name, uint32_t *nr);
/* Whether this version of the library knows the ABI at all. */
bool scmp_has_abi(const struct abi *abi);
/* major * 10000 + minor * 100 + micro. */
unsigned scmp_library_version(void);

#endif
