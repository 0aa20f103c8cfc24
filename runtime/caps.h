/* SPDX-License-Identifier: Apache-2.0 */
/*
 * caps.h - capabilities: what the caller holds, and sets in words
 */
#ifndef RUNTIME_CAPS_H
#define RUNTIME_CAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct run;
struct sandbox_plan;

enum { CAP_NUMBER_MAX = 63 };

/* All of them, securebits locked: for init and whatever helps. */
int caps_drop(const struct sandbox_plan *plan, struct run *run);

bool caps_permitted(uint64_t *set); /* of this process */

/* "net_bind_service"; the number where it has no name here. */
void cap_text(unsigned cap, struct str *out);
/* "none", or names with commas. */
void caps_names(uint64_t set, struct str *out);
/* "none", "all" (of this kernel's), "all but kill", or names with commas. */
void caps_text(uint64_t set, unsigned cap_last, struct str *out);

/* False where the kernel, or a filter around the caller, has no keyrings. */
bool keyring_answers(void);

#endif
