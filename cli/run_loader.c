/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_loader.c - reads the command's file and asks the start-up table
 */
#include "cli/run_loader.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/str.h"
#include "compiler/startup.h"

enum { SCRIPTS_MAX = 5 }; /* as the kernel follows them */

static size_t read_at(void *arg, uint64_t at, void *to, size_t len)
{
	const int *fd = arg;
	ssize_t n;

	if (at > INT64_MAX)
		return 0;
	do
		n = pread(*fd, to, len, (off_t)at);
	while (n < 0 && errno == EINTR);
	return n < 0 ? 0 : (size_t)n;
}

static bool read_program(const char *path, struct program *p)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	const struct program_file file = { read_at, &fd };
	struct stat st;
	bool ok = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);

	if (ok)
		program_read(&file, p);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* The ELF file that the kernel loads in the end. */
static bool find_program(const char *path, struct program *p)
{
	char interp[PROGRAM_INTERP_MAX];

	for (int i = 0; i <= SCRIPTS_MAX; i++) {
		if (!read_program(path, p))
			return false;
		if (p->kind != PROGRAM_SCRIPT)
			return p->kind == PROGRAM_ELF;
		strcpy(interp, p->interp);
		path = interp;
	}
	return false;
}

static const struct abi *abi_of(const struct program *p)
{
	if (p->is_big_endian || p->machine != EM_X86_64)
		return NULL;
	return abi_get(p->is_64_bit ? ABI_X86_64 : ABI_X32);
}

static const char *libc_name(enum program_libc libc)
{
	switch (libc) {
	case LIBC_GLIBC:
		return "glibc";
	case LIBC_GLIBC_STATIC:
		return "glibc, static";
	case LIBC_MUSL:
		return "musl";
	case LIBC_UNKNOWN:
		break;
	}
	BUG("C library %d", (int)libc);
}

/* "allow brk, mmap;": each name once. */
static void allow_all(const struct startup_refusal *list, size_t n,
		      struct str *out)
{
	const char *comma = "allow ";

	for (size_t i = 0; i < n; i++) {
		bool again = false;

		for (size_t k = 0; k < i; k++)
			again |= list[k].name == list[i].name;
		if (again)
			continue;
		str_addf(out, "%s%s", comma, sysname_text(list[i].name));
		comma = ", ";
	}
	str_addc(out, ';');
}

/* One message for all, about `worst`, which is one of them. */
static void report(struct explainer *e, const struct startup_refusal *list,
		   size_t n, const struct startup_refusal *worst, bool fatal,
		   const char *libc, const char *path)
{
	struct str line = { 0 };
	struct diag *d;

	d = diag_add(e->unit->diags, fatal ? E0888 : W0889, span_none,
		     fatal ? "the filter does not let '%s' start: it kills for "
			     "a call that its C library (%s) makes before main"
			   : "the filter may not let '%s' start: it refuses a "
			     "call that its C library (%s) makes before main",
		     path, libc);
	diag_note(d, "%s", worst->call);
	run_explain_place(e, &worst->outcome, d);
	allow_all(list, n, &line);
	diag_help(d, "what it makes, and the filter refuses: %s",
		  str_text(&line));
	str_fini(&line);
}

uint32_t run_starts(struct unit *u, const struct policy *policy,
		    const struct abi *abi)
{
	struct startup_refusal list[STARTUP_CALLS_MAX];
	uint32_t set = 0;

	for (int libc = LIBC_UNKNOWN + 1; libc <= LIBC_MUSL; libc++)
		if (!startup_refusals(u, policy, abi, (enum program_libc)libc,
				      list))
			set |= 1U << libc;
	return set;
}

bool run_check_loader(struct explainer *e, const char *path)
{
	const struct abi *native = abi_get(e->unit->target.machine);
	struct startup_refusal list[STARTUP_CALLS_MAX];
	const struct startup_refusal *fatal = NULL;
	struct program p;
	const struct abi *abi;
	size_t n;

	if (!find_program(path, &p) || p.libc == LIBC_UNKNOWN)
		return true;
	abi = abi_of(&p);
	if (!abi || (abi == native && e->starts >> p.libc & 1))
		return true;
	if (!explainer_policy(e))
		return true;
	n = startup_refusals(e->unit, e->policy, abi, p.libc, list);
	for (size_t i = 0; i < n; i++)
		if (list[i].kills && list[i].certain && !fatal)
			fatal = &list[i];
	if (n)
		report(e, list, n, fatal ? fatal : list, fatal,
		       libc_name(p.libc), path);
	return !fatal;
}
