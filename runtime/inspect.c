/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect.c - what /proc tells of a process, as rows
 *
 * One descriptor of /proc/PID is held throughout, so that all rows are of
 * one process.  Names and paths are the process's own choice: they are kept
 * as bytes here and made visible by the writer.
 */
#include "runtime/inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/securebits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/bug.h"
#include "runtime/caps.h"
#include "runtime/plan_process.h"
#include "runtime/probe.h"

enum { PROC_TEXT_MAX = 64 * 1024 };

static void add_row(struct inspection *in, struct inspect_row row)
{
	vec_push(in->arena, &in->rows, row);
}

void inspect_add(struct inspection *in, const char *section, const char *key,
		 const char *value)
{
	add_row(in, (struct inspect_row){ .section = section,
					  .key = key,
					  .value = value });
}

void inspect_lacks(struct inspection *in, const char *section,
		   const char *key, const char *why)
{
	add_row(in, (struct inspect_row){ .section = section,
					  .key = key,
					  .why = why });
}

static void add_name(struct inspection *in, const char *key, const char *value)
{
	add_row(in, (struct inspect_row){ .section = "process",
					  .key = key,
					  .value = value,
					  .is_name = true });
}

/* The kernel's answer, and whom it answers otherwise. */
static const char *why(int err)
{
	switch (err) {
	case EACCES:
	case EPERM:
		return "permission denied: the process is another user's, "
		       "holds more, or is not dumpable, as the init of a "
		       "sandbox";
	case ENOENT:
		return "this kernel does not have it";
	case ESRCH:
		return "the process has ended";
	default:
		return strerror(err);
	}
}

/* A file of the process, whole; NULL and errno. */
static char *read_file(struct inspection *in, const char *name, size_t *len)
{
	char *text = arena_alloc(in->arena, PROC_TEXT_MAX);
	int fd = openat(in->dir, name, O_RDONLY | O_CLOEXEC), err;
	ssize_t n = 0;

	*len = 0;
	if (fd < 0)
		return NULL;
	while (*len < PROC_TEXT_MAX - 1 &&
	       (n = read(fd, text + *len, PROC_TEXT_MAX - 1 - *len)) > 0)
		*len += (size_t)n;
	err = errno;
	close(fd);
	errno = err;
	return n < 0 ? NULL : text;
}

static void add_link(struct inspection *in, const char *section,
		     const char *key, const char *path)
{
	char *target = arena_alloc(in->arena, PATH_MAX);
	ssize_t n = readlinkat(in->dir, path, target, PATH_MAX - 1);

	if (n < 0)
		inspect_lacks(in, section, key, why(errno));
	else
		inspect_add(in, section, key, target);
}

/* The text of one line of status, NULL when it has none. */
static char *status_line(const struct inspection *in, const char *status,
			 const char *name)
{
	size_t len = strlen(name);

	for (const char *at = status; at && *at;) {
		const char *end = strchrnul(at, '\n');

		if (!strncmp(at, name, len) && at[len] == ':') {
			at += len + 1;
			at += strspn(at, "\t ");
			return arena_strndup(in->arena, at,
					     at < end ? (size_t)(end - at) : 0);
		}
		at = *end ? end + 1 : end;
	}
	return NULL;
}

static void add_status(struct inspection *in, const char *status,
		       const char *section, const char *key, const char *name)
{
	char *text = status_line(in, status, name);

	if (!text) {
		inspect_lacks(in, section, key, why(ENOENT));
		return;
	}
	for (char *c = text; *c; c++)
		if (*c == '\t')
			*c = ' ';
	inspect_add(in, section, key, *text ? text : "none");
}

static void read_names(struct inspection *in, const char *status)
{
	size_t len;
	char *text = read_file(in, "comm", &len);

	add_name(in, "pid", arena_printf(in->arena, "%d", (int)in->pid));
	if (text && len)
		text[len - 1] = '\0';
	add_name(in, "name", text ? text : why(errno));
	text = read_file(in, "cmdline", &len);
	for (size_t i = 0; text && i + 1 < len; i++)
		if (!text[i])
			text[i] = ' ';
	add_name(in, "command", !text ? why(errno) : len ? text : "none");
	add_link(in, "process", "program", "exe");
	in->rows.data[in->rows.len - 1].is_name = true;
	text = status_line(in, status, "PPid");
	add_name(in, "parent", text ? text : "unknown");
	text = status_line(in, status, "NSpid");
	for (char *c = text; c && *c; c++)
		if (*c == '\t')
			*c = ' ';
	/* From the reader's namespace inwards. */
	add_name(in, "pids", text ? text : "unknown");
}

static void read_namespaces(struct inspection *in)
{
	static const char *const names[] = { "user", "mnt", "pid", "net",
					     "ipc", "uts", "cgroup", "time" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		add_link(in, "namespaces", names[i],
			 arena_printf(in->arena, "ns/%s", names[i]));
}

/* "0 100000 65536" for each line: inside, outside, how many. */
static void add_map(struct inspection *in, const char *key, const char *file)
{
	size_t len;
	const char *text = read_file(in, file, &len), *end;
	unsigned long inside, outside, count;
	struct str out = { 0 };
	int used;

	if (!text) {
		inspect_lacks(in, "ids", key, why(errno));
		return;
	}
	for (; sscanf(text, "%lu %lu %lu%n", &inside, &outside, &count,
		      &used) == 3;
	     text = *end ? end + 1 : end) {
		str_add(&out, out.len ? "; " : "");
		if (count == 1)
			str_addf(&out, "%lu is %lu outside", inside, outside);
		else
			str_addf(&out, "%lu-%lu are %lu-%lu outside", inside,
				 inside + count - 1, outside,
				 outside + count - 1);
		end = strchrnul(text + used, '\n');
	}
	inspect_add(in, "ids", key,
		    out.len ? arena_strndup(in->arena, out.text, out.len)
			    : "none");
	str_fini(&out);
}

static void read_ids(struct inspection *in, const char *status)
{
	size_t len;
	char *text;

	/* Real, effective, saved, file system; as seen from here. */
	add_status(in, status, "ids", "uids", "Uid");
	add_status(in, status, "ids", "gids", "Gid");
	add_status(in, status, "ids", "groups", "Groups");
	add_map(in, "uid-map", "uid_map");
	add_map(in, "gid-map", "gid_map");
	text = read_file(in, "setgroups", &len);
	if (!text || !len) {
		inspect_lacks(in, "ids", "setgroups", why(errno));
		return;
	}
	text[len - 1] = '\0';
	inspect_add(in, "ids", "setgroups", text);
}

static void read_caps(struct inspection *in, const char *status)
{
	static const struct {
		const char *key, *name;
	} sets[] = {
		{ "inheritable", "CapInh" }, { "permitted", "CapPrm" },
		{ "effective", "CapEff" },   { "bounding", "CapBnd" },
		{ "ambient", "CapAmb" },
	};

	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		const char *text = status_line(in, status, sets[i].name);
		struct inspect_row row = { .section = "capabilities",
					   .key = sets[i].key,
					   .is_set = true };
		struct str words = { 0 };

		if (!text) {
			inspect_lacks(in, row.section, row.key, why(ENOENT));
			continue;
		}
		row.set = strtoull(text, NULL, 16);
		caps_text(row.set, in->cap_last, &words);
		row.value = arena_strndup(in->arena, words.text, words.len);
		str_fini(&words);
		add_row(in, row);
	}
}

static const char *securebits_text(struct inspection *in, int bits)
{
	static const char *const names[] = {
		"noroot",	   "noroot-locked",
		"no-setuid-fixup", "no-setuid-fixup-locked",
		"keep-caps",	   "keep-caps-locked",
		"no-ambient-raise", "no-ambient-raise-locked",
	};
	struct str out = { 0 };
	const char *text;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (bits & 1 << i)
			str_addf(&out, "%s%s", out.len ? ", " : "", names[i]);
	text = out.len ? arena_strndup(in->arena, out.text, out.len) : "none";
	str_fini(&out);
	return text;
}

static void read_privileges(struct inspection *in, const char *status)
{
	static const char *const modes[] = { "off", "strict", "filter" };
	const char *text;
	unsigned long mode, count;

	if (in->pid == getpid())
		inspect_add(in, "privileges", "securebits",
			    securebits_text(in, prctl(PR_GET_SECUREBITS)));
	else
		inspect_lacks(in, "privileges", "securebits",
			      "the kernel shows them to the process alone");
	text = status_line(in, status, "NoNewPrivs");
	if (text)
		inspect_add(in, "privileges", "no-new-privs",
			    *text == '1' ? "yes" : "no");
	else
		inspect_lacks(in, "privileges", "no-new-privs", why(ENOENT));
	text = status_line(in, status, "Seccomp");
	mode = text ? strtoul(text, NULL, 10) : ARRAY_LEN(modes);
	if (mode < ARRAY_LEN(modes))
		inspect_add(in, "privileges", "seccomp", modes[mode]);
	else
		inspect_lacks(in, "privileges", "seccomp", why(ENOENT));
	text = status_line(in, status, "Seccomp_filters");
	if (!text) {
		inspect_lacks(in, "privileges", "filters", why(ENOENT));
		return;
	}
	count = strtoul(text, NULL, 10);
	inspect_add(in, "privileges", "filters", text);
	if (count)
		inspect_filters(in, (unsigned)count);
}

/* Fixed columns: the name has 26; the rows are in the kernel's order. */
static void read_limits(struct inspection *in)
{
	size_t len;
	char *text = read_file(in, "limits", &len), *line;
	int resource = 0;

	if (!text)
		inspect_lacks(in, "limits", "all", why(errno));
	while (text && (line = strsep(&text, "\n")) && resource < HOST_RLIMITS) {
		char soft[32], hard[32];

		if (strncmp(line, "Max ", 4) ||
		    sscanf(line + 26, "%31s %31s", soft, hard) != 2)
			continue;
		inspect_add(in, "limits", rlimit_name(resource++),
			    strcmp(soft, hard)
				    ? arena_printf(in->arena, "%s to %s", soft,
						   hard)
				    : arena_strndup(in->arena, soft,
						    strlen(soft)));
	}
}

/* "5:cpu,cpuacct:/a/b"; version 2 has no controllers in its line. */
static void read_cgroups(struct inspection *in)
{
	size_t len;
	char *text = read_file(in, "cgroup", &len), *line;

	if (!text)
		inspect_lacks(in, "cgroups", "all", why(errno));
	while (text && (line = strsep(&text, "\n")) && *line) {
		char *names, *path;

		strsep(&line, ":");
		names = strsep(&line, ":");
		path = line;
		if (names && path)
			inspect_add(in, "cgroups", *names ? names : "v2",
				    path);
	}
}

static bool read_all(struct inspection *in, struct diag_sink *diags)
{
	char path[32];
	const char *status = NULL;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%d", (int)in->pid);
	in->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (in->dir >= 0)
		status = read_file(in, "status", &len);
	if (!status) {
		struct diag *d = diag_add(
			diags, E0883, span_none, "cannot inspect process %d: %s",
			(int)in->pid, strerror(errno));

		if (errno == ENOENT)
			diag_note(d, "there is no such process, or /proc "
				     "hides it (hidepid), or the number is of "
				     "another pid namespace");
		if (in->dir >= 0)
			close(in->dir);
		return false;
	}
	read_names(in, status);
	read_namespaces(in);
	read_ids(in, status);
	read_caps(in, status);
	read_privileges(in, status);
	read_limits(in);
	read_cgroups(in);
	add_link(in, "files", "root", "root");
	add_link(in, "files", "directory", "cwd");
	close(in->dir);
	return true;
}

bool inspect_process(const struct inspect_request *req, struct arena *arena,
		     struct str *out, struct diag_sink *diags)
{
	struct inspection one = {
		.arena = arena,
		.pid = req->pid,
		.filters = req->filters,
		.cap_last = host_cap_last(),
	};
	struct inspection two = {
		.arena = arena,
		.pid = req->other ? req->other : getpid(),
		.itself = !req->other,
		.filters = req->filters,
		.cap_last = one.cap_last,
	};

	if (!read_all(&one, diags) || !read_all(&two, diags))
		return false;
	inspect_write(&one, &two, req->json, out);
	return true;
}
