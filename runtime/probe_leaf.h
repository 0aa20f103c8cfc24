/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe_leaf.h - asks the running kernel which leaf each call reaches
 *
 * The filter's every return must be ERRNO with 1 to 4095: then nothing is
 * executed, whatever is asked.  Anything else is refused.
 */
#ifndef RUNTIME_PROBE_LEAF_H
#define RUNTIME_PROBE_LEAF_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/call.h"

enum {
	LEAF_SKIPPED = -1, /* the kernel asks no filter about this call */
	LEAF_FOREIGN = -2, /* this machine can't make calls of that ABI */
	LEAF_UNANSWERED =
		-3, /* the time was up, or the kernel answered oddly */
};

/* Whether this build can make calls of the ABI; NULL is none. */
bool leaf_can_ask(const struct abi *abi);
/* The ABI of this build's own calls; NULL where none can be made. */
const struct abi *leaf_native(void);

/*
 * Each answers[i] is the errno of calls[i] or one of the above.  Of a call
 * its arch, nr and arguments count; ip is what it is.  Returns 0, or an
 * errno with *step as static text: EINVAL for a filter with other returns,
 * ENOTSUP on machines other than x86_64 and aarch64.
 */
int probe_leaves(const struct sock_filter *insns, size_t len,
		 const struct call *calls, size_t ncalls, unsigned timeout_ms,
		 int *answers, const char **step);

#endif
