/* SPDX-License-Identifier: Apache-2.0 */
#include "abi/call.h"

#include "base/bug.h"

/* The 64-bit field that holds the word, and the shift to it. */
static uint64_t field_of(const struct call *call, unsigned off)
{
	return off < DATA_ARGS ? call->ip : call->args[(off - DATA_ARGS) / 8];
}

static unsigned shift_of(unsigned off, bool big_endian)
{
	return (off % 8 == 4) != big_endian ? 32 : 0;
}

uint32_t call_word(const struct call *call, unsigned off, bool big_endian)
{
	if (off >= CALL_BYTES || off % 4)
		BUG("word at offset %u", off);
	if (off == DATA_NR)
		return call->nr;
	if (off == DATA_ARCH)
		return call->arch;
	return (uint32_t)(field_of(call, off) >> shift_of(off, big_endian));
}

void call_set_word(struct call *call, unsigned off, bool big_endian,
		   uint32_t value)
{
	unsigned shift = shift_of(off, big_endian);
	uint64_t *field;

	if (off >= CALL_BYTES || off % 4)
		BUG("word at offset %u", off);
	if (off == DATA_NR) {
		call->nr = value;
		return;
	}
	if (off == DATA_ARCH) {
		call->arch = value;
		return;
	}
	field = off < DATA_ARGS ? &call->ip
				: &call->args[(off - DATA_ARGS) / 8];
	*field = (*field & ~((uint64_t)UINT32_MAX << shift)) |
		 (uint64_t)value << shift;
}

uint64_t call_value(const struct call *call, struct arg_words at,
		    bool big_endian)
{
	uint64_t value = call_word(call, at.lo, big_endian);

	if (at.hi != ARG_NO_WORD)
		value |= (uint64_t)call_word(call, at.hi, big_endian) << 32;
	return value;
}

const struct abi *call_abi(const struct call *call)
{
	const struct abi *found = NULL;

	for (int i = 0; i < ABI_COUNT; i++) {
		const struct abi *abi = abi_get((enum abi_id)i);

		if (abi->audit_arch != call->arch)
			continue;
		if (!abi->nr_bit) {
			if (!found)
				found = abi;
		} else if ((call->nr & abi->nr_bit) && call->nr != UINT32_MAX) {
			found = abi;
		}
	}
	return found;
}
