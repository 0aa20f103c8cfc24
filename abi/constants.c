/* SPDX-License-Identifier: Apache-2.0 */
#include "abi/constants.h"

#include <string.h>
#include <strings.h>

#include "base/bug.h"

struct constant {
	uint32_t name;	   /* offset in constant_names */
	uint16_t values;   /* index in constant_values */
	uint16_t families; /* index in constant_families, ends with 0 */
	uint8_t abis;	   /* which have it, bit 1 << enum abi_id */
	bool same;	   /* one value for all, otherwise one for each ABI */
};

#include "abi/constants_table.h"

_Static_assert(sizeof(constant_values) / 8 <= UINT16_MAX, "index in 16 bits");
_Static_assert(sizeof(constant_families) <= UINT16_MAX, "index in 16 bits");

enum { CAPS_MAX = 64 };

const struct family *family_get(family_id id)
{
	if (id == FAMILY_NONE || id > ARRAY_LEN(families))
		BUG("family %u", id);
	return &families[id - 1];
}

family_id family_find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (strlen(families[i].name) == len &&
		    !memcmp(families[i].name, name, len))
			return (family_id)(i + 1);
	return FAMILY_NONE;
}

size_t family_count(void)
{
	return ARRAY_LEN(families);
}

const struct constant *constant_find(const char *name, size_t len)
{
	size_t lo = 0, hi = ARRAY_LEN(constants);

	if (memchr(name, '\0', len))
		return NULL;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const char *text = constant_names + constants[mid].name;
		int order = strncmp(name, text, len);

		if (!order)
			order = -(text[len] != '\0');
		if (!order)
			return &constants[mid];
		if (order > 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const char *constant_name(const struct constant *c)
{
	return constant_names + c->name;
}

bool constant_value(const struct constant *c, const struct abi *abi,
		    uint64_t *value)
{
	if (!(c->abis & ABI_BIT(abi->id)))
		return false;
	*value = constant_values[c->values + (c->same ? 0 : abi->id)];
	return true;
}

bool constant_in_family(const struct constant *c, family_id family)
{
	for (const uint8_t *f = constant_families + c->families; *f; f++)
		if (*f == family)
			return true;
	return false;
}

family_id constant_family(const struct constant *c)
{
	return constant_families[c->families];
}

size_t constant_count(void)
{
	return ARRAY_LEN(constants);
}

const struct constant *constant_at(size_t i)
{
	if (i >= ARRAY_LEN(constants))
		BUG("constant %zu", i);
	return &constants[i];
}

/* Preferred names come first in a family's list. */
const char *constant_name_of(family_id family, const struct abi *abi,
			     uint64_t value)
{
	uint64_t v;

	if (family == FAMILY_NONE || family > ARRAY_LEN(families))
		return NULL;
	for (size_t i = family_first[family - 1]; i < family_first[family];
	     i++) {
		const struct constant *c = &constants[family_members[i]];

		if (constant_value(c, abi, &v) && v == value)
			return constant_name(c);
	}
	return NULL;
}

bool errno_value(const struct abi *abi, const char *name, size_t len,
		 uint16_t *value)
{
	const struct constant *c = constant_find(name, len);
	uint64_t v;

	if (!c || !constant_in_family(c, FAMILY_ERRNO) ||
	    !constant_value(c, abi, &v))
		return false;
	*value = (uint16_t)v;
	return true;
}

const char *errno_name(const struct abi *abi, uint16_t value)
{
	return constant_name_of(FAMILY_ERRNO, abi, value);
}

/* Capabilities have the same number everywhere. */
int cap_find(const char *name, size_t len)
{
	if (len > 4 && !strncasecmp(name, "CAP_", 4)) {
		name += 4;
		len -= 4;
	}
	for (unsigned cap = 0; cap < cap_count(); cap++) {
		const char *text = cap_name(cap) + 4;

		if (strlen(text) == len && !strncasecmp(text, name, len))
			return (int)cap;
	}
	return -1;
}

const char *cap_name(unsigned cap)
{
	if (cap >= CAPS_MAX)
		return NULL;
	return constant_name_of(FAMILY_CAPABILITY, abi_get(ABI_X86_64), cap);
}

/* Their numbers have no gaps; the tests see to it. */
unsigned cap_count(void)
{
	return family_first[FAMILY_CAPABILITY] -
	       family_first[FAMILY_CAPABILITY - 1];
}
