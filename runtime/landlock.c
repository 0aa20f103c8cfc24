/* SPDX-License-Identifier: Apache-2.0 */
/*
 * landlock.c - read, write and exec once more, by the kernel's Landlock
 *
 * Mounts decide what is there; Landlock repeats it for the process, so that
 * a mistake in one is caught by the other.  In an empty root everything
 * needs a rule; under a readable root only what changes something does.
 */
#include "runtime/apply.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "runtime/mount_calls.h"
#include "runtime/sys.h"

/* Newer than the headers of some systems. */
enum {
	FS_REFER = 1 << 13,    /* version 2 */
	FS_TRUNCATE = 1 << 14, /* version 3 */
	SCOPE_SIGNAL = 1 << 1, /* version 6 */
};

struct ruleset_attr {
	uint64_t fs, net, scoped;
};

enum {
	FS_READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	FS_NODES = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK,
	/* Device nodes are nobody's to make. */
	FS_WRITE = LANDLOCK_ACCESS_FS_WRITE_FILE |
		   LANDLOCK_ACCESS_FS_REMOVE_DIR |
		   LANDLOCK_ACCESS_FS_REMOVE_FILE |
		   LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
		   LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
		   LANDLOCK_ACCESS_FS_MAKE_SYM | FS_REFER | FS_TRUNCATE,
	/* All that a rule for a single file may name. */
	FS_FILE = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
		  LANDLOCK_ACCESS_FS_READ_FILE | FS_TRUNCATE,
};

static uint64_t spell(unsigned access)
{
	uint64_t fs = 0;

	if (access & LANDLOCK_READ)
		fs |= FS_READ;
	if (access & LANDLOCK_EXEC)
		fs |= LANDLOCK_ACCESS_FS_EXECUTE;
	if (access & LANDLOCK_WRITE)
		fs |= FS_WRITE;
	if (access & LANDLOCK_USE)
		fs |= LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE;
	if (access & LANDLOCK_LIST)
		fs |= LANDLOCK_ACCESS_FS_READ_DIR;
	return fs;
}

static unsigned mount_access(const struct plan_mount *m)
{
	unsigned access = LANDLOCK_READ;

	if (m->kind == MOUNT_HIDE || m->kind == MOUNT_READONLY)
		return 0;
	if (m->kind == MOUNT_DEVICE)
		return LANDLOCK_READ | LANDLOCK_USE;
	if (!(m->attrs & MOUNT_ATTR_RDONLY))
		access |= LANDLOCK_WRITE;
	if (m->kind != MOUNT_READ && !(m->attrs & MOUNT_ATTR_NOEXEC))
		access |= LANDLOCK_EXEC;
	return access;
}

static void rule(struct plan_mounts *m, const char *path, unsigned access)
{
	if (access && m->nrules < RULES_MAX)
		m->rules[m->nrules++] = (struct plan_rule){ path, access };
}

void landlock_decide(struct sandbox_plan *plan, int version)
{
	struct plan_mounts *m = &plan->mounts;

	if (!m->wants_landlock || version < 1)
		return;
	m->handled = FS_WRITE | FS_NODES;
	if (m->root == ROOT_EMPTY)
		m->handled |= FS_READ | LANDLOCK_ACCESS_FS_EXECUTE;
	if (version < 2)
		m->handled &= ~(uint64_t)FS_REFER;
	if (version < 3)
		m->handled &= ~(uint64_t)FS_TRUNCATE;
	rule(m, "/", LANDLOCK_LIST);
	rule(m, "/proc", LANDLOCK_READ | LANDLOCK_USE);
	if (m->has_dev)
		rule(m, "/dev", LANDLOCK_READ | LANDLOCK_WRITE);
	for (size_t i = 0; i < plan->ncovers; i++)
		rule(m, plan->covers[i].path,
		     LANDLOCK_READ |
			     (plan->covers[i].writable ? LANDLOCK_WRITE : 0));
	for (size_t i = 0; i < m->n; i++)
		rule(m, m->at[i].target, mount_access(&m->at[i]));
}

void landlock_scope(struct sandbox_plan *plan, int version)
{
	if (!(plan->kind & PLAN_ADOPT) || version < 6)
		return;
	plan->mounts.scoped = SCOPE_SIGNAL;
	plan->kind |= PLAN_LANDLOCK;
}

static int add_rule(int ruleset, const struct plan_rule *r, uint64_t handled)
{
	struct landlock_path_beneath_attr beneath = {
		.allowed_access = spell(r->access) & handled,
	};
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_NO_MAGICLINKS,
	};
	struct stat st;
	int err = 0;

	if (!beneath.allowed_access)
		return 0;
	beneath.parent_fd = sys_openat2(AT_FDCWD, r->path, &how);
	if (beneath.parent_fd < 0)
		return -1;
	if (fstat(beneath.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		beneath.allowed_access &= FS_FILE;
	if (beneath.allowed_access &&
	    syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		    &beneath, 0) < 0)
		err = errno;
	close(beneath.parent_fd);
	errno = err;
	return err ? -1 : 0;
}

int landlock_build(const struct sandbox_plan *plan, struct run *run)
{
	const struct plan_mounts *m = &plan->mounts;
	const struct ruleset_attr attr = { .fs = m->handled,
					   .scoped = m->scoped };
	/* The first field only: all that version 1 knows. */
	const size_t size = m->scoped ? sizeof(attr) : sizeof(attr.fs);

	if (!m->handled && !m->scoped)
		return 0;
	run->ruleset_fd = (int)syscall(SYS_landlock_create_ruleset, &attr, size,
				       0);
	if (run->ruleset_fd < 0)
		return step_failed(run, "the ruleset");
	for (size_t i = 0; i < m->nrules; i++)
		if (add_rule(run->ruleset_fd, &m->rules[i], m->handled) < 0)
			return step_failed(run, m->rules[i].path);
	return 0;
}

void landlock_build_describe(const struct sandbox_plan *plan, FILE *out)
{
	const struct plan_mounts *m = &plan->mounts;

	if (m->scoped)
		fputs("Landlock keeps signals and tracing inside", out);
	if (m->scoped && !m->handled)
		return;
	if (!m->handled) {
		fputs("none: this kernel has no Landlock; the mounts alone "
		      "decide",
		      out);
		return;
	}
	fputs(m->scoped ? "; it allows" : "Landlock allows", out);
	for (size_t i = 0; i < m->nrules; i++) {
		unsigned access = m->rules[i].access;

		fprintf(out, " %s:%s%s%s%s", m->rules[i].path,
			access & LANDLOCK_READ ? "r" : "",
			access & (LANDLOCK_WRITE | LANDLOCK_USE) ? "w" : "",
			access & LANDLOCK_EXEC ? "x" : "",
			access & LANDLOCK_LIST ? "l" : "");
	}
}

int landlock_enter(const struct sandbox_plan *plan, struct run *run)
{
	if (!plan->mounts.handled && !plan->mounts.scoped)
		return 0;
	if (syscall(SYS_landlock_restrict_self, run->ruleset_fd, 0) < 0)
		return step_failed(run, NULL);
	return 0;
}

void landlock_enter_describe(const struct sandbox_plan *plan, FILE *out)
{
	fputs(plan->mounts.handled || plan->mounts.scoped
		      ? "enter these rules, for good"
		      : "none",
	      out);
}
