/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_startup.c - goal: the table of start-up calls is what programs do,
 * and after its filter is loaded the runner makes no call but execve
 *
 * Method: programs of each C library are built and traced with strace.
 * Every call up to main has a row, every row that is certain a call, with
 * the constants that the row has.  Then they run behind a policy of exactly
 * the names that E0888 proposes.
 */
#include <ctype.h>
#include <stdint.h>

#include "compiler/startup.h"
#include "tests/support/live.h"

enum { TRACE_MAX = 1024 * 1024 };

static char folder[] = "/var/tmp/callgate-startup.XXXXXX";
static char trace[TRACE_MAX];
static const char *callgate;

static int shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static int shell(const char *fmt, ...)
{
	char line[2 * PATH_MAX];
	va_list ap;
	int status;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	fflush(NULL);
	status = system(line);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000;
}

static void slurp(const char *name)
{
	char path[PATH_MAX];
	size_t len = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "r");
	if (f)
		len = fread(trace, 1, sizeof(trace) - 1, f);
	trace[len] = '\0';
	if (f)
		fclose(f);
}

static bool is_constant(const char *word, size_t len)
{
	if (len < 3 || !isupper((unsigned char)*word))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isupper((unsigned char)word[i]) &&
		    !isdigit((unsigned char)word[i]) && word[i] != '_' &&
		    word[i] != '|')
			return false;
	return true;
}

/* Whether a line is a call of the row's name with all of its constants. */
static bool line_has(const char *line, const char *row)
{
	size_t name = strcspn(row, "(");
	const char *end = strchr(line, '\n');
	char text[4096];

	if (!end || strncmp(line, row, name + 1))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)(end - line), line);
	for (const char *p = row + name + 1; *p; p += strspn(p, ", )")) {
		size_t len = strcspn(p, ",)");
		char word[128];

		if (is_constant(p, len)) {
			snprintf(word, sizeof(word), "%.*s", (int)len, p);
			if (!strstr(text, word))
				return false;
		}
		p += len;
	}
	return true;
}

static bool traced(const char *row)
{
	for (const char *line = trace; row && line && *line;) {
		if (line_has(line, row))
			return true;
		line = strchr(line, '\n');
		line += line != NULL;
	}
	return false;
}

static bool has_row(const char *name, size_t len, enum program_libc libc)
{
	struct startup_row row;

	for (size_t i = 0; startup_row(i, libc, &row); i++)
		for (int other = 0; other < 2; other++) {
			const char *call = other ? row.other : row.call;

			if (call && strcspn(call, "(") == len &&
			    !strncmp(call, name, len))
				return true;
		}
	return false;
}

static void compare(enum program_libc libc, bool whole)
{
	struct startup_row row;
	char what[256];

	for (size_t i = 0; startup_row(i, libc, &row); i++) {
		if (!row.certain)
			continue;
		snprintf(what, sizeof(what), "no call is '%s'", row.call);
		live_check(traced(row.call) || traced(row.other), what, trace);
	}
	for (const char *line = trace; whole && *line;) {
		size_t len = strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789_");

		snprintf(what, sizeof(what), "no row for '%.*s'", (int)len,
			 line);
		if (line[len] == '(' && strncmp(line, "execve(", 7))
			live_check(has_row(line, len, libc), what, trace);
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
}

/* With the names that the message proposes it starts; without, it doesn't. */
static void run_with_rows(const char *program)
{
	int got;

	shell("echo 'default kill; allow execve;' >%s/none.gate", folder);
	got = shell("'%s' run %s/none.gate -- %s/%s 2>%s/err", callgate,
		    folder, folder, program, folder);
	slurp("err");
	live_check(got == 125 && strstr(trace, "E0888"), "refused", trace);
	shell("{ echo 'default kill; allow execve;'; sed -n "
	      "'s/.*refuses: allow/allow/p' %s/err; } >%s/rows.gate",
	      folder, folder);
	got = shell("'%s' run %s/rows.gate -- %s/%s 2>%s/err", callgate,
		    folder, folder, program, folder);
	slurp("err");
	live_check(got == 7 && !*trace, "started", trace);
}

static const struct {
	const char *name, *build;
	enum program_libc libc;
} programs[] = {
	{ "dynamic", "cc -O2", LIBC_GLIBC },
	{ "static", "cc -O2 -static", LIBC_GLIBC_STATIC },
	{ "static-pie", "cc -O2 -static-pie", LIBC_GLIBC_STATIC },
	{ "musl", "musl-gcc -O2", LIBC_MUSL },
};

static void test_programs(void)
{
	shell("echo 'int main(void) { return 7; }' >%s/main.c", folder);
	for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
		live_name = programs[i].name;
		if (shell("%s -o %s/%s %s/main.c 2>/dev/null",
			  programs[i].build, folder, programs[i].name,
			  folder)) {
			live_skip("it can't be built here");
			continue;
		}
		shell("cd %s && strace -o trace ./%s", folder,
		      programs[i].name);
		slurp("trace");
		compare(programs[i].libc, true);
		run_with_rows(programs[i].name);
	}
}

/* An interpreter makes more calls, but those too; a script has its loader. */
static void test_python(void)
{
	live_name = "python3";
	if (shell("strace -o %s/trace /usr/bin/python3 -c '' 2>/dev/null",
		  folder)) {
		live_skip("no /usr/bin/python3");
		return;
	}
	slurp("trace");
	compare(LIBC_GLIBC, false);
}

static void write_scripts(int depth)
{
	shell("cd %s && printf '#!%s/dynamic\\n' >s1 && chmod 755 s1", folder,
	      folder);
	for (int i = 2; i <= depth; i++)
		shell("cd %s && printf '#!%s/s%d\\n' >s%d && chmod 755 s%d",
		      folder, folder, i - 1, i, i);
}

static void test_scripts(void)
{
	live_name = "scripts";
	write_scripts(5);
	for (int i = 1; i <= 5; i++) {
		int got = shell("'%s' run %s/none.gate -- %s/s%d 2>%s/err",
				callgate, folder, folder, i, folder);

		slurp("err");
		live_check(got == 125 && strstr(trace, "(glibc)"), "refused",
			   trace);
	}
}

/* seccomp() and execve() of the command, and what it calls in between. */
static void test_runner(void)
{
	static const char *const options[] = { "", "--report /dev/null" };

	live_name = "the runner's last calls";
	shell("echo 'default allow; sandbox { }' >%s/box.gate", folder);
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		/* The command's process is the one that execs. */
		int got = shell("cd /usr && strace -f -o %s/trace '%s' run %s "
				"%s/box.gate -- /bin/true && awk '"
				"/ execve\\(\"[^\"]*\\/true\"/ { "
				"  print last[$1]; found = 1 } "
				"{ last[$1] = $2 == \"<...\" ? $3 : $2 } "
				"END { exit !found }' %s/trace >%s/last",
				folder, callgate, options[i], folder, folder,
				folder);

		slurp("last");
		live_check(got == 0 && !strncmp(trace, "seccomp", 7),
			   "execve follows seccomp", trace);
	}
}

int main(void)
{
	live_as = geteuid() ? "user" : "root";
	callgate = getenv("CALLGATE");
	if (!callgate) {
		puts("skip: CALLGATE names no program");
		return 77;
	}
#ifndef __x86_64__
	puts("skip: the table has x86_64 only");
	return 77;
#endif
	if (shell("strace -o /dev/null true 2>/dev/null")) {
		puts("skip: strace does not work here");
		return 77;
	}
	if (!mkdtemp(folder) || chmod(folder, 0755))
		return 1;
	test_programs();
	test_python();
	test_scripts();
	test_runner();
	shell("rm -rf '%s'", folder);
	printf("%d passed, %d failed, %d skipped\n", live_passed, live_failed,
	       live_skipped);
	return live_failed != 0;
}
