/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroup.c - the sandbox's own groups: made, entered, removed
 *
 * The runner holds a lock on each of its directories as long as it lives.
 * One that anybody can lock is empty or about to be, and its runner is
 * dead: whoever makes a group beside it removes it.  rmdir of a group with
 * processes fails, so nothing in use can be lost.
 */
#include "runtime/cgroup.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/bug.h"
#include "runtime/apply.h"
#include "runtime/scope.h"
#include "runtime/sys.h"

static const char prefix[] = "callgate-";

enum {
	MAKE_TRIES = 1000,
	MAKE_QUICK = 16, /* so many of them without a pause */
	REMOVE_TRIES = 100,
	PAUSE_NS = 1000000,
};

static void pause_briefly(void)
{
	const struct timespec pause = { 0, PAUSE_NS };

	nanosleep(&pause, NULL);
}

void cgroup_run_init(struct cg_run *cg)
{
	for (size_t i = 0; i < CG_TREES_MAX; i++)
		cg->parents[i] = cg->dirs[i] = -1;
	cg->aside = -1;
}

static bool write_at(int dir, const char *file, const char *text)
{
	int fd = openat(dir, file, O_WRONLY | O_CLOEXEC), err = 0;
	ssize_t n;

	if (fd < 0)
		return false;
	n = write(fd, text, strlen(text));
	if (n != (ssize_t)strlen(text))
		err = n < 0 ? errno : EIO;
	close(fd);
	errno = err;
	return !err;
}

static int open_dir(int at, const char *name)
{
	return openat(at, name,
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* In v1 a frozen process can't even die; v2 ends all of a group at once. */
static void thaw(int dir)
{
	write_at(dir, "freezer.state", "THAWED");
	write_at(dir, "cgroup.kill", "1");
}

void cgroup_thaw(const struct run *run)
{
	for (size_t i = 0; i < CG_TREES_MAX; i++)
		if (run->cgroup.dirs[i] >= 0)
			thaw(run->cgroup.dirs[i]);
}

static void sweep_one(int parent, const char *name)
{
	int dir = open_dir(parent, name);

	if (dir < 0)
		return;
	if (flock(dir, LOCK_EX | LOCK_NB) == 0) {
		thaw(dir);
		unlinkat(parent, name, AT_REMOVEDIR);
	}
	close(dir);
}

void cgroup_sweep(int dir)
{
	int copy = open_dir(dir, ".");
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (!list) {
		if (copy >= 0)
			close(copy);
		return;
	}
	while ((entry = readdir(list)))
		if (!strncmp(entry->d_name, prefix, sizeof(prefix) - 1))
			sweep_one(dir, entry->d_name);
	closedir(list);
}

/* Whether the locked directory is still the one of that name. */
static bool is_still_there(int parent, const char *name, int dir)
{
	struct stat named, held;

	return fstatat(parent, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstat(dir, &held) == 0 && named.st_ino == held.st_ino;
}

/*
 * Between mkdir and the lock a sweeper may take it for a dead runner's.
 * Nobody else can open it, so no sandbox can hold such a lock.
 */
static int make_locked(int parent, const char *name)
{
	for (int i = 0; i < MAKE_TRIES; i++) {
		int dir;

		if (mkdirat(parent, name, 0700) < 0 &&
		    (i == 0 || errno != EEXIST))
			return -1;
		dir = open_dir(parent, name);
		if (dir >= 0 && flock(dir, LOCK_EX | LOCK_NB) == 0 &&
		    is_still_there(parent, name, dir))
			return dir;
		if (dir >= 0)
			close(dir);
		if (i < MAKE_QUICK)
			sched_yield();
		else
			pause_briefly();
	}
	errno = EAGAIN;
	return -1;
}

static bool enable(struct cg_run *cg, int parent, unsigned controllers)
{
	for (size_t i = 0; i < CG_CONTROLLERS; i++) {
		char text[16];

		if (!(controllers & 1U << i))
			continue;
		snprintf(text, sizeof(text), "+%s",
			 cgroup_controller_name(1U << i));
		snprintf(cg->what, sizeof(cg->what),
			 "cgroup.subtree_control = %s", text);
		if (!write_at(parent, "cgroup.subtree_control", text))
			return false;
	}
	return true;
}

/* A group with processes enables nothing for those below it. */
static bool step_aside(struct cg_run *cg, int parent)
{
	char name[CG_NAME_MAX];

	snprintf(name, sizeof(name), "%srunner-%d", prefix, (int)getpid());
	cg->aside = make_locked(parent, name);
	return cg->aside >= 0 && write_at(cg->aside, "cgroup.procs", "0");
}

/* Where the group of plan i is made, which for a scope turned out now. */
static const char *parent_of(const struct run *run, size_t i)
{
	const char *parent = run->plan->cgroup.groups[i].parent;

	return parent ? parent : run->cgroup.scope;
}

static int make_group(const struct cg_group *group, struct run *run, size_t i)
{
	struct cg_run *cg = &run->cgroup;
	const char *parent = parent_of(run, i);

	cg->parents[i] = open_dir(AT_FDCWD, parent);
	if (cg->parents[i] < 0)
		return step_failed(run, parent);
	cgroup_sweep(cg->parents[i]);
	if (group->aside && !step_aside(cg, cg->parents[i]))
		return step_failed(run, parent);
	if (!enable(cg, cg->parents[i], group->enable))
		return step_failed(run, cg->what);
	cg->dirs[i] = make_locked(cg->parents[i], cg->name);
	return cg->dirs[i] < 0 ? step_failed(run, parent) : 0;
}

int cgroup_scope(const struct sandbox_plan *plan, struct run *run)
{
	char path[CG_PATH_MAX / 2];
	const char *object;
	uint32_t number = 0;
	int err;

	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) < 0)
		return step_failed(run, "a random number");
	err = scope_enter(number, path, sizeof(path), &object);
	if (err) {
		run->object = object;
		return err;
	}
	snprintf(run->cgroup.scope, sizeof(run->cgroup.scope), "%s%s",
		 plan->cgroup.scope_top, path);
	return 0;
}

void cgroup_scope_describe(const struct sandbox_plan *plan, FILE *out)
{
	fprintf(out, "ask systemd over D-Bus (%s bus) for a delegated scope",
		plan->caller_uid ? "the user's" : "the system's");
}

/* "As in the parent": v1's cpuset has to be told. */
static bool copy_setting(const struct cg_run *cg, const struct cg_setting *s)
{
	char text[4096];
	int fd = openat(cg->parents[s->group], s->file, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	/* A list that does not fit would be cut inside a number. */
	if (len == sizeof(text) - 1)
		errno = ENAMETOOLONG;
	if (len < 0 || len == sizeof(text) - 1)
		return false;
	text[len] = '\0';
	return write_at(cg->dirs[s->group], s->file, text);
}

int cgroup_make(const struct sandbox_plan *plan, struct run *run)
{
	const struct cg_plan *p = &plan->cgroup;
	struct cg_run *cg = &run->cgroup;
	unsigned number = 0;
	int err = 0;

	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) < 0)
		return step_failed(run, "a random number");
	snprintf(cg->name, sizeof(cg->name), "%s%d-%08x", prefix, (int)getpid(),
		 number);
	for (size_t i = 0; i < p->ngroups && !err; i++)
		err = make_group(&p->groups[i], run, i);
	for (size_t i = 0; i < p->nsettings && !err; i++) {
		const struct cg_setting *s = &p->settings[i];

		if (!(s->value ? write_at(cg->dirs[s->group], s->file, s->value)
			       : copy_setting(cg, s)))
			err = step_failed(run, s->what);
	}
	return err;
}

void cgroup_make_describe(const struct sandbox_plan *plan, FILE *out)
{
	const struct cg_plan *p = &plan->cgroup;

	for (size_t i = 0; i < p->ngroups; i++)
		fprintf(out, "%s%s'%s/%sPID-RANDOM'", i ? ", " : "",
			p->groups[i].aside ? "step aside, make "
			: i		   ? ""
					   : "make ",
			p->groups[i].parent ? p->groups[i].parent
					    : "the scope",
			prefix);
	for (size_t i = 0; i < p->nsettings; i++)
		fprintf(out, "%s%s", i ? ", " : "; ", p->settings[i].what);
}

static bool is_all_v2(const struct cg_plan *p)
{
	return p->ngroups == 1 && p->groups[0].v2;
}

pid_t cgroup_clone(const struct sandbox_plan *plan, struct run *run,
		   unsigned long flags)
{
	pid_t pid;

	if (!(plan->kind & PLAN_CGROUP))
		return sys_fork_into(flags);
	/* Born in the group: moving a process later is ten times as slow. */
	if (is_all_v2(&plan->cgroup)) {
		pid = sys_clone3(flags, run->cgroup.dirs[0]);
		run->cgroup.born = pid > 0;
		/* The filters of some containers know no clone3. */
		if (pid >= 0 || errno != ENOSYS)
			return pid;
	}
	/* The root of a cgroup namespace is where its maker is: not yet. */
	run->cgroup.own_ns = flags & CLONE_NEWCGROUP;
	return sys_fork_into(flags & ~(unsigned long)CLONE_NEWCGROUP);
}

int cgroup_join(const struct sandbox_plan *plan, struct run *run)
{
	char pid[16];

	if (run->cgroup.born)
		return 0;
	snprintf(pid, sizeof(pid), "%d", (int)run->child);
	for (size_t i = 0; i < plan->cgroup.ngroups; i++)
		if (!write_at(run->cgroup.dirs[i], "cgroup.procs", pid))
			return step_failed(run, parent_of(run, i));
	return 0;
}

void cgroup_join_describe(const struct sandbox_plan *plan, FILE *out)
{
	fputs(is_all_v2(&plan->cgroup) ? "pid 1 is cloned into the group"
				       : "put pid 1 into the groups",
	      out);
}

int cgroup_namespace(const struct sandbox_plan *plan, struct run *run)
{
	(void)plan;
	if (run->cgroup.own_ns && unshare(CLONE_NEWCGROUP) < 0)
		return step_failed(run, NULL);
	return 0;
}

void cgroup_namespace_describe(const struct sandbox_plan *plan, FILE *out)
{
	if (!(plan->new_ns & NS_CGROUP)) {
		fputs("none of its own", out);
		return;
	}
	fputs(is_all_v2(&plan->cgroup)
		      ? "made with the others: its root is the group"
		      : "only now, so that its root is the group",
	      out);
}

/* A process counts until the kernel has taken its last part away. */
static void remove_group(int parent, const char *name)
{
	for (int i = 0; i < REMOVE_TRIES; i++) {
		if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno != EBUSY)
			return;
		pause_briefly();
	}
}

void cgroup_remove(struct run *run)
{
	struct cg_run *cg = &run->cgroup;

	for (size_t i = 0; i < CG_TREES_MAX; i++) {
		if (cg->dirs[i] >= 0) {
			remove_group(cg->parents[i], cg->name);
			close(cg->dirs[i]);
		}
		if (cg->parents[i] >= 0)
			close(cg->parents[i]);
	}
	if (cg->aside >= 0)
		close(cg->aside);
	cgroup_run_init(cg);
}

const char *cgroup_freezer(const struct sandbox_plan *plan, int *group)
{
	const struct cg_plan *p = &plan->cgroup;

	if (!(plan->kind & PLAN_CGROUP))
		return NULL;
	*group = p->group_of[__builtin_ctz(CG_FREEZER)];
	if (*group == CG_NO_GROUP)
		return NULL;
	return p->groups[*group].v2 ? "cgroup.freeze" : "freezer.state";
}
