/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroup_report.c - what the kernel counted, and which limits were felt
 *
 * Read by the runner after the last process ended and before the groups
 * are removed.  A counter that a kernel lacks is left out, never guessed.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "runtime/apply.h"
#include "runtime/cgroup.h"

static bool read_at(int dir, const char *file, char *text, size_t size)
{
	int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, text, size - 1);
	close(fd);
	if (len < 0)
		return false;
	text[len] = '\0';
	return true;
}

/* The number after `key` at a line's begin; for NULL the file's only one. */
static bool read_number(int dir, const char *file, const char *key,
			uint64_t *out)
{
	char text[4096], *at = text;
	size_t len = key ? strlen(key) : 0;

	if (dir < 0 || !read_at(dir, file, text, sizeof(text)))
		return false;
	while (key && (strncmp(at, key, len) != 0 || at[len] != ' ')) {
		at = strchr(at, '\n');
		if (!at)
			return false;
		at++;
	}
	return sscanf(at + len, "%" SCNu64, out) == 1;
}

/* The group that has the controller, -1 where there is none. */
static int group_dir(const struct run *run, unsigned controller, bool *v2)
{
	const struct cg_plan *p = &run->plan->cgroup;
	int group;

	if (!(run->plan->kind & PLAN_CGROUP))
		return -1;
	group = p->group_of[__builtin_ctz(controller)];
	if (group == CG_NO_GROUP)
		return -1;
	*v2 = p->groups[group].v2;
	return run->cgroup.dirs[group];
}

bool cgroup_cpu_time(const struct run *run, uint64_t *ns)
{
	bool v2 = false;
	int dir = group_dir(run, CG_CPUACCT, &v2);

	if (!v2)
		return read_number(dir, "cpuacct.usage", NULL, ns);
	if (!read_number(dir, "cpu.stat", "usage_usec", ns))
		return false;
	*ns *= 1000;
	return true;
}

void cgroup_read_figures(const struct run *run, struct cg_figures *out)
{
	bool v2 = false;
	int dir = group_dir(run, CG_MEMORY, &v2);

	*out = (struct cg_figures){ 0 };
	out->has_memory =
		read_number(dir,
			    v2 ? "memory.peak" : "memory.max_usage_in_bytes",
			    NULL, &out->memory_peak);
	read_number(dir, v2 ? "memory.events" : "memory.oom_control",
		    "oom_kill", &out->oom_kills);
	dir = group_dir(run, CG_PIDS, &v2);
	out->has_pids =
		read_number(dir, "pids.events", "max", &out->pids_refused);
	out->has_cpu = cgroup_cpu_time(run, &out->cpu_ns);
}

static const char *size_text(char text[32], uint64_t bytes)
{
	static const char units[] = "\0KMGT";
	size_t unit = 0;

	while (bytes >= 10240 && unit < 4) {
		bytes /= 1024;
		unit++;
	}
	while (bytes && bytes % 1024 == 0 && unit < 4) {
		bytes /= 1024;
		unit++;
	}
	snprintf(text, 32, "%" PRIu64 "%.1s", bytes, units + unit);
	return text;
}

void cgroup_report(const struct run *run, struct diag_sink *diags)
{
	const struct sandbox_limits *l = &run->plan->req->sandbox->limits;
	struct cg_figures f;
	char limit[32], peak[32];
	struct diag *d;

	if (!(run->plan->kind & PLAN_CGROUP))
		return;
	cgroup_read_figures(run, &f);
	if (f.oom_kills) {
		d = diag_add(diags, E0846, span_none,
			     "the memory limit of %s ended %" PRIu64
			     " process%s in the sandbox",
			     size_text(limit, l->memory_max), f.oom_kills,
			     f.oom_kills == 1 ? "" : "es");
		if (f.has_memory)
			diag_note(d,
				  "the kernel counted oom_kill %" PRIu64
				  " and a peak of %s",
				  f.oom_kills, size_text(peak, f.memory_peak));
	}
	if (f.pids_refused)
		diag_add(diags, W0847, span_none,
			 "the limit of %u processes was reached: %" PRIu64
			 " more %s refused",
			 l->pids, f.pids_refused,
			 f.pids_refused == 1 ? "was" : "were");
}
