/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine.h - what a container engine and libseccomp make of a JSON profile
 *
 * A reading of the format of its own, after moby's loader and runc's
 * seccomp code, that shares nothing with the Docker reader but base/json.
 */
#ifndef TESTS_SUPPORT_ENGINE_H
#define TESTS_SUPPORT_ENGINE_H

#include "abi/action.h"
#include "abi/scmp.h"
#include "base/json.h"
#include "compiler/target.h"

struct engine {
	const struct json *profile; /* the object with "syscalls" */
	bool is_oci;
	const struct target *target;
};

/* False when the profile says nothing that an engine would load. */
bool engine_default(const struct engine *e, struct action *out);
/* One rule's action; false when there is none. */
bool engine_action(const struct json *rule, struct action *out);
bool engine_applies(const struct engine *e, const struct json *rule);
/*
 * The filter for one ABI, foreign calls kill the process.  NULL with
 * *error: the errno with which the engine would stop.
 */
struct scmp_filter *engine_filter(const struct engine *e,
				  const struct abi *abi, int *error);

#endif
