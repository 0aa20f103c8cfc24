/* SPDX-License-Identifier: Apache-2.0 */
/*
 * show.h - outcomes and calls in words, for explain and test
 */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "base/str.h"
#include "compiler/policy.h"
#include "compiler/unit.h"

/* "    rule    web.gate:12: allow socket if ...": why an outcome came. */
void show_reason(struct unit *u, const struct policy *policy,
		 const struct outcome *o, struct str *out);

/* "socket(AF_INET, 3, 0) on x86_64": by the signature, or in numbers. */
void show_call(const struct call *call, struct str *out);

/* One argument of it, as the language writes its value. */
struct sig_arg;
void show_argument(const struct abi *abi, const struct sig_arg *arg,
		   const struct call *call, struct str *out);

/* surface.c: counts and names by action, for each ABI; gives EXIT_DONE. */
int show_surface(const struct policy *policy);

#endif
