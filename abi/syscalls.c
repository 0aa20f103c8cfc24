/* SPDX-License-Identifier: Apache-2.0 */
#include "abi/syscalls.h"

#include <string.h>

#include "base/bug.h"

struct abi_calls {
	const struct syscall_desc *calls; /* ascending by number */
	const uint16_t *places; /* of a name in calls, plus 1; 0: none */
	size_t ncalls;
};

#include "abi/syscalls_table.h"

_Static_assert(sizeof(arg_names) <= UINT16_MAX, "offsets in 16 bits");
_Static_assert(ARRAY_LEN(sig_args) <= UINT16_MAX, "index in 16 bits");
_Static_assert(ARRAY_LEN(abi_calls) == ABI_COUNT, "one list for each ABI");

size_t sysname_count(void)
{
	return ARRAY_LEN(name_at);
}

const char *sysname_text(sysname name)
{
	if (name >= ARRAY_LEN(name_at))
		BUG("system call name %u", name);
	return name_pool + name_at[name];
}

/* As strcmp, with the first string not ended by NUL. */
static int compare(const char *name, size_t len, const char *text)
{
	int order = strncmp(name, text, len);

	return order ? order : -(text[len] != '\0');
}

sysname sysname_find(const char *name, size_t len)
{
	size_t lo = 0, hi = ARRAY_LEN(name_at);

	if (memchr(name, '\0', len))
		return SYSNAME_NONE;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int order = compare(name, len, name_pool + name_at[mid]);

		if (!order)
			return (sysname)mid;
		if (order > 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return SYSNAME_NONE;
}

const struct syscall_desc *syscall_by_name(const struct abi *abi, sysname name)
{
	const struct abi_calls *all = &abi_calls[abi->id];

	if (name >= ARRAY_LEN(name_at) || !all->places[name])
		return NULL;
	return &all->calls[all->places[name] - 1];
}

const struct syscall_desc *syscall_by_nr(const struct abi *abi, uint32_t nr)
{
	const struct abi_calls *all = &abi_calls[abi->id];
	size_t lo = 0, hi = all->ncalls;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (all->calls[mid].nr == nr)
			return &all->calls[mid];
		if (all->calls[mid].nr < nr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

size_t syscall_count(const struct abi *abi)
{
	return abi_calls[abi->id].ncalls;
}

const struct syscall_desc *syscall_at(const struct abi *abi, size_t i)
{
	if (i >= syscall_count(abi))
		BUG("call %zu of %s", i, abi->name);
	return &abi_calls[abi->id].calls[i];
}

const struct sig_arg *syscall_args(const struct syscall_desc *call)
{
	return sig_args + call->first_arg;
}

const char *sig_arg_name(const struct sig_arg *arg)
{
	return arg_names + arg->names;
}

const char *sig_arg_alias(const struct sig_arg *arg, size_t i)
{
	const char *a = arg_names + arg->names;

	for (a += strlen(a) + 1; *a && i; i--)
		a += strlen(a) + 1;
	return *a ? a : NULL;
}

static bool is_named(const struct sig_arg *arg, const char *name, size_t len)
{
	for (const char *a = arg_names + arg->names; *a; a += strlen(a) + 1)
		if (!compare(name, len, a))
			return true;
	return false;
}

const struct sig_arg *syscall_arg(const struct syscall_desc *call,
				  const char *name, size_t len)
{
	const struct sig_arg *args = syscall_args(call);

	if (memchr(name, '\0', len))
		return NULL;
	for (size_t i = 0; i < call->nargs; i++)
		if (is_named(&args[i], name, len))
			return &args[i];
	return NULL;
}

struct arg_words sig_arg_words(const struct abi *abi, const struct sig_arg *arg)
{
	struct arg_words at = abi_reg_words(abi, arg->reg);

	if (arg->reg_hi != ARG_NO_REG)
		at.hi = abi_reg_words(abi, arg->reg_hi).lo;
	else if (arg->bits <= 32)
		at.hi = ARG_NO_WORD;
	return at;
}

uint64_t sig_arg_mask(const struct sig_arg *arg)
{
	return arg->bits >= 64 ? UINT64_MAX : (UINT64_C(1) << arg->bits) - 1;
}

size_t sysname_twins(sysname name, sysname *out, size_t max)
{
	size_t first, n;

	if (name >= ARRAY_LEN(name_at))
		BUG("system call name %u", name);
	first = twins_first[name];
	n = twins_first[name + 1] - first;
	for (size_t i = 0; i < n && i < max; i++)
		out[i] = twins[first + i];
	return n;
}

const char *syscalls_kernel_version(void)
{
	return "6.18";
}
