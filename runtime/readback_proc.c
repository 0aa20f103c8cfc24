/* SPDX-License-Identifier: Apache-2.0 */
/*
 * readback_proc.c - a process as the kernel describes it, as JSON
 *
 * Everything comes from /proc/PID and ptrace, nothing from the plan; the
 * plan is only compared with it.  What can't be read is said to be so.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "runtime/caps.h"
#include "runtime/namespaces.h"
#include "runtime/readback.h"
#include "runtime/steps.h"

enum { LINE_MAX_BYTES = 8192, MAP_ROWS_MAX = 340 };

struct reader {
	const struct run *run;
	struct readback *rb;
	struct str *out;
	pid_t pid;
};

static FILE *open_proc(const struct reader *r, const char *name)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)r->pid, name);
	f = fopen(path, "re");
	/* Refused for a program whose file is unreadable. */
	if (!f && errno != EACCES)
		readback_lost(r->rb, name);
	return f;
}

static void close_proc(const struct reader *r, FILE *f, const char *name)
{
	if (f && ferror(f))
		readback_lost(r->rb, name);
	if (f)
		fclose(f);
}

void readback_check(struct readback *rb, const char *what, const char *asked,
		    const char *applied)
{
	struct str *s = &rb->checks;

	str_addf(s, "%s\n    {\"what\": \"%s\", \"asked\": ", s->len ? "," : "",
		 what);
	str_add_json(s, asked);
	str_add(s, ", \"applied\": ");
	str_add_json(s, applied);
	str_addf(s, ", \"same\": %s}",
		 strcmp(asked, applied) ? "false" : "true");
}

static void add_check(struct reader *r, const char *what, const char *asked,
		      const char *applied)
{
	readback_check(r->rb, what, asked, applied);
}

static void check_number(struct reader *r, const char *what, uint64_t asked,
			 uint64_t applied)
{
	char a[24], b[24];

	snprintf(a, sizeof(a), "%" PRIu64, asked);
	snprintf(b, sizeof(b), "%" PRIu64, applied);
	add_check(r, what, a, b);
}

/* --- ids, capabilities, filters: /proc/PID/status ---------------------------
 */

/* What an outside id is called inside; the overflow id where it isn't mapped.
 */
static uint64_t inside_id(const struct reader *r, const char *map,
			  uint64_t outside)
{
	uint64_t in, out, count, result = 65534;
	FILE *f = open_proc(r, map);

	if (!f)
		return result;
	while (fscanf(f, "%" SCNu64 " %" SCNu64 " %" SCNu64, &in, &out,
		      &count) == 3)
		if (outside >= out && outside - out < count)
			result = in + (outside - out);
	close_proc(r, f, map);
	return result;
}

static const struct {
	const char *line, *name;
	bool is_hex;
} status_rows[] = {
	{"Uid",		 "uid",		false},
	{ "Gid",		 "gid",		false},
	{ "Groups",	    "groups",	      false},
	{ "CapInh",	    "inheritable",	   true },
	{ "CapPrm",	    "permitted",	 true },
	{ "CapEff",	    "effective",	 true },
	{ "CapBnd",	    "bounding",	true },
	{ "CapAmb",	    "ambient",	       true },
	{ "NoNewPrivs",	"no_new_privs",	false},
	{ "Seccomp",	     "seccomp",		false},
	{ "Seccomp_filters", "seccomp_filters", false},
};

static void add_numbers(struct reader *r, const char *name, char *text)
{
	const char *comma = "";

	str_addf(r->out, ",\n    \"%s\": [", name);
	for (char *end;; text = end, comma = ", ") {
		unsigned long value = strtoul(text, &end, 10);

		if (end == text)
			break;
		str_addf(r->out, "%s%lu", comma, value);
	}
	str_add(r->out, "]");
}

static void check_caps(struct reader *r, const char *what, uint64_t asked,
		       uint64_t applied)
{
	const unsigned last = r->run->plan->cap_last;
	struct str a = { 0 }, b = { 0 };

	caps_text(asked, last, &a);
	caps_text(applied, last, &b);
	add_check(r, what, str_text(&a), str_text(&b));
	str_fini(&a);
	str_fini(&b);
}

static void check_status(struct reader *r, const char *name, const char *text,
			 bool is_hex)
{
	const struct sandbox_plan *p = r->run->plan;
	const uint64_t value = strtoull(text, NULL, is_hex ? 16 : 10);
	const bool box = p->kind & PLAN_SANDBOX;

	if (!strcmp(name, "no_new_privs"))
		check_number(r, name, 1, value);
	else if (!strcmp(name, "seccomp"))
		check_number(r, name, SECCOMP_MODE_FILTER, value);
	else if (box && !strcmp(name, "uid"))
		check_number(r, name, ids_uid(p, r->run),
			     inside_id(r, "uid_map", value));
	else if (box && !strcmp(name, "gid"))
		check_number(r, name, ids_gid(p, r->run),
			     inside_id(r, "gid_map", value));
	else if (box && is_hex)
		check_caps(r, name, p->caps, value);
}

static uint64_t read_status(struct reader *r)
{
	FILE *f = open_proc(r, "status");
	char line[LINE_MAX_BYTES];
	uint64_t filters = 0;

	while (f && fgets(line, sizeof(line), f)) {
		char *text = strchr(line, ':');

		if (!text)
			continue;
		*text++ = '\0';
		text += strspn(text, "\t ");
		text[strcspn(text, "\n")] = '\0';
		for (size_t i = 0; i < ARRAY_LEN(status_rows); i++) {
			if (strcmp(line, status_rows[i].line))
				continue;
			if (status_rows[i].is_hex)
				str_addf(r->out, ",\n    \"%s\": \"0x%s\"",
					 status_rows[i].name, text);
			else
				add_numbers(r, status_rows[i].name, text);
			check_status(r, status_rows[i].name, text,
				     status_rows[i].is_hex);
			if (!strcmp(line, "Seccomp_filters"))
				filters = strtoull(text, NULL, 10);
		}
	}
	close_proc(r, f, "status");
	return filters;
}

/* --- namespaces
 * --------------------------------------------------------------- */

/* What the plan says of it, in the words that the kernel's answer gets. */
static const char *asked_of(const struct sandbox_plan *p,
			    const struct ns_row *row)
{
	if (p->joined_ns & row->kind)
		return "joined";
	return p->new_ns & row->kind ? "new" : "the caller's";
}

/* Of a process, or with 0 of the runner itself. */
static bool read_link(pid_t pid, const char *file, char text[64])
{
	char path[64];
	ssize_t len;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, file);
	else
		snprintf(path, sizeof(path), "/proc/self/ns/%s", file);
	len = readlink(path, text, 63);
	text[len < 0 ? 0 : len] = '\0';
	return len > 0;
}

/* "net:[4026531840]": the number is the inode of what was opened. */
static bool is_joined(const struct run *run, size_t row, const char *theirs)
{
	const char *number = strchr(theirs, '[');
	struct stat st;

	return run->joins[row] >= 0 && fstat(run->joins[row], &st) == 0 &&
	       number && strtoull(number + 1, NULL, 10) == st.st_ino;
}

static void lost_namespace(struct reader *r, const char *file)
{
	char name[16];

	snprintf(name, sizeof(name), "ns/%s", file);
	readback_lost(r->rb, name);
}

static void read_namespaces(struct reader *r)
{
	const struct run *run = r->run;
	const char *comma = "";

	str_add(r->out, ",\n    \"namespaces\": {");
	for (size_t i = 0; i < NS_COUNT; i++) {
		const struct ns_row *row = &ns_rows[i];
		char theirs[64], ours[64];
		bool same;

		if (!read_link(0, row->file, ours)) {
			if (errno != ENOENT) /* the kernel lacks it */
				lost_namespace(r, row->file);
			continue;
		}
		str_addf(r->out, "%s\n      \"%s\": ", comma, row->file);
		comma = ",";
		if (!read_link(r->pid, row->file, theirs)) {
			/* As of any program whose file is unreadable. */
			if (errno != EACCES)
				lost_namespace(r, row->file);
			str_add(r->out, "null");
			continue;
		}
		same = !strcmp(ours, theirs);
		str_addf(r->out, "{\"id\": \"%s\", \"callers\": %s}", theirs,
			 same ? "true" : "false");
		if (run->plan->kind & PLAN_SANDBOX)
			add_check(r, row->file, asked_of(run->plan, row),
				  same			       ? "the caller's"
				  : is_joined(run, i, theirs) ? "joined"
							      : "new");
	}
	str_add(r->out, "\n    }");
}

/* --- mounts, limits, cgroup
 * --------------------------------------------------- */

/* 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw */
static void add_mount(struct reader *r, char *line, const char *comma)
{
	char *at[10] = { 0 }, *rest = line, *dash = strstr(line, " - ");
	size_t n = 0;

	if (!dash)
		return;
	*dash = '\0';
	for (char *word; n < 6 && (word = strsep(&rest, " "));)
		at[n++] = word;
	rest = dash + 3;
	for (char *word; n >= 6 && n < 9 && (word = strsep(&rest, " "));)
		at[n++] = word;
	if (n < 9)
		return;
	str_addf(r->out, "%s\n      {\"target\": ", comma);
	str_add_json(r->out, at[4]);
	str_add(r->out, ", \"root\": ");
	str_add_json(r->out, at[3]);
	str_addf(r->out, ", \"type\": \"%s\", \"options\": \"%s\"}", at[6],
		 at[5]);
}

static void read_mounts(struct reader *r)
{
	FILE *f = open_proc(r, "mountinfo");
	char line[LINE_MAX_BYTES];
	const char *comma = "";

	str_add(r->out, ",\n    \"mounts\": [");
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		add_mount(r, line, comma);
		comma = ",";
	}
	close_proc(r, f, "mountinfo");
	str_add(r->out, "\n    ]");
}

/* Fixed columns: the name has 26, soft and hard limit 21 each. */
static void read_limits(struct reader *r)
{
	FILE *f = open_proc(r, "limits");
	char line[LINE_MAX_BYTES], soft[32], hard[32];
	const char *comma = "";

	str_add(r->out, ",\n    \"limits\": {");
	while (f && fgets(line, sizeof(line), f)) {
		size_t len = 26;

		if (strncmp(line, "Max ", 4) ||
		    sscanf(line + len, "%31s %31s", soft, hard) != 2)
			continue;
		while (len && line[len - 1] == ' ')
			len--;
		str_addf(r->out, "%s\n      \"%.*s\": [\"%s\", \"%s\"]", comma,
			 (int)len, line, soft, hard);
		comma = ",";
	}
	close_proc(r, f, "limits");
	str_add(r->out, "\n    }");
}

static void read_cgroups(struct reader *r)
{
	FILE *f = open_proc(r, "cgroup");
	char line[LINE_MAX_BYTES];
	const char *comma = "";

	str_add(r->out, ",\n    \"cgroups\": [");
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		str_add(r->out, comma);
		str_add_json(r->out, line);
		comma = ", ";
	}
	close_proc(r, f, "cgroup");
	str_add(r->out, "]");
}

/* --- the filters themselves
 * --------------------------------------------------- */

static void read_filters(struct reader *r, uint64_t count)
{
	const struct run_request *req = r->run->plan->req;
	struct sock_filter *insns =
		calloc(BPF_MAXINSNS, sizeof(struct sock_filter));
	const char *found = "missing";
	long len = -1;

	if (!insns)
		oom();
	str_addf(r->out, ",\n    \"filters\": {\"count\": %" PRIu64, count);
	errno = ESRCH;
	for (uint64_t i = 0; r->rb->after_exec && i < count; i++) {
		bool same;

		len = ptrace(PTRACE_SECCOMP_GET_FILTER, r->pid, (void *)i,
			     insns);
		if (len < 0 && errno != EACCES && errno != EIO)
			readback_lost(r->rb, "the filters");
		if (len < 0)
			break;
		same = (size_t)len == req->ninsns &&
		       !memcmp(insns, req->insns, (size_t)len * sizeof(*insns));
		found = same ? "loaded" : found;
		str_addf(r->out, "%s{\"instructions\": %ld, \"asked\": %s}",
			 i ? ", " : ", \"programs\": [", len,
			 same ? "true" : "false");
	}
	if (len >= 0) {
		str_add(r->out, "]}");
		add_check(r, "filter", "loaded", found);
	} else {
		str_addf(r->out, ", \"programs\": null, \"why\": \"%s\"}",
			 !r->rb->after_exec
				 ? "the runner may not trace the command"
			 : errno == EACCES
				 ? "it takes CAP_SYS_ADMIN and a caller "
				   "without a filter of its own"
			 : errno == EIO ? "it takes CONFIG_CHECKPOINT_RESTORE"
					: strerror(errno));
	}
	free(insns);
}

void readback_read(struct run *run)
{
	struct readback *rb = &run->readback;
	struct reader r = { run, rb, &rb->applied, run->meet.pid };
	uint64_t filters;

	str_addf(r.out, "{\n    \"pid\": %d", (int)run->meet.pid);
	filters = read_status(&r);
	readback_ids(run);
	read_namespaces(&r);
	read_mounts(&r);
	read_limits(&r);
	read_cgroups(&r);
	read_filters(&r, filters);
	str_add(r.out, "\n  }");
}
