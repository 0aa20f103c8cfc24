/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: no text crashes the Docker reader; what it refuses it explains,
 * and what it accepts is a policy that keeps every invariant.
 * Method: libFuzzer; the first byte chooses machine, capabilities and
 * kernel.  docker_read() ends with policy_verify().
 */
#include "compiler/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum abi_id machines[] = { ABI_X86_64, ABI_AARCH64,
						ABI_S390X, ABI_PPC64LE };
	struct unit *u = unit_new();
	uint8_t choice = size ? *data : 0;
	const struct policy *p;
	uint32_t source;

	/* '{' is a fine choice too, so that seeds need no extra byte. */
	u->target.machine = machines[choice % 4];
	u->target.abis = abi_set_of_machine(u->target.machine);
	u->target.caps = choice & 4 ? UINT64_MAX : 0;
	u->target.kernel_major = choice & 8 ? 4 : 6;
	if (size && choice != '{')
		data++, size--;
	source = sources_add(&u->sources, "fuzz", (const char *)data, size,
			     span_none);
	p = docker_read(u, source);
	if (!p && !diag_errors(u->diags))
		__builtin_trap();
	unit_free(u);
	return 0;
}
