/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_run_explain.c - goal: a call that a filter refused is named, with the
 * rule that did it and a line that allows it, and following the command
 * changes nothing else about it
 *
 * Method: `callgate run`, as root and as an ordinary user, on this program
 * as a probe that dies in children and threads, traps, stops, is signalled;
 * what is printed is compared, and the line that it proposes is tried.
 */
#include <pthread.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "tests/support/live.h"

enum { TEXT_MAX = 64 * 1024, PROFILE_MAX = 1024, LOG_BURST_MAX = 12 };

static const char *callgate;
static char folder[] = "/var/tmp/callgate-explain.XXXXXX";
static char text[TEXT_MAX];

/* Every profile is tried with the filter alone and in a sandbox. */
static const char *const blocks[] = { "", "sandbox { }" };

static void write_profile(const char *name, const char *rules,
			  const char *block)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	if (!f)
		_exit(99);
	fprintf(f, "%s\n%s\n", rules, block);
	fclose(f);
	chmod(path, 0644);
}

/* `callgate run OPTIONS PROFILE -- probe NAME`: its status and output. */
static int run(enum live_who who, const char *options, const char *profile,
	       const char *probe)
{
	char line[4 * PATH_MAX];
	size_t len = 0, n;
	int status;
	FILE *f;

	snprintf(line, sizeof(line),
		 "cd /usr && exec %s timeout 120 '%s' run %s '%s/%s' -- '%s' "
		 "probe %s </dev/null 2>&1",
		 who == LIVE_USER && geteuid() == 0
			 ? "setpriv --reuid 12345 --regid 12345 --clear-groups"
			 : "",
		 callgate, options, folder, profile, live_self, probe);
	fflush(NULL);
	f = popen(line, "r");
	if (!f)
		_exit(99);
	while ((n = fread(text + len, 1, sizeof(text) - 1 - len, f)) > 0)
		len += n;
	text[len] = '\0';
	status = pclose(f);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000;
}

static void expect(int got, int want, const char *has)
{
	char what[64];

	snprintf(what, sizeof(what), "exit %d, want %d", got, want);
	live_check(got == want, what, text);
	if (has)
		live_check(strstr(text, has) != NULL, has, text);
}

static void expect_not(const char *has)
{
	live_check(strstr(text, has) == NULL, has, text);
}

/* Puts the proposed line where the message says, and runs again. */
static void try_line(enum live_who who, const char *rules, const char *block,
		     const char *probe, int want)
{
	const char *help = strstr(text, "= help: to allow it, put ");
	const char *line = help ? strstr(help, ": allow ") : NULL;
	char fixed[PROFILE_MAX];

	live_check(line != NULL, "a line that allows it", text);
	if (!line)
		return;
	line += 2;
	snprintf(fixed, sizeof(fixed), "%.*s\n%s", (int)strcspn(line, "\n"),
		 line, rules);
	write_profile("fixed", fixed, block);
	expect(run(who, "--explain", "fixed", probe), want, NULL);
	expect_not("filter");
}

static void test_death(enum live_who who)
{
	static const char rules[] = "default allow; kill mkdir if mode == 0o741;";

	for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
		write_profile("p", rules, blocks[i]);
		expect(run(who, "--explain", "p", "mkdir"), 159,
		       "= note: mkdir(ptr, 0o741) on x86_64: kill\n");
		expect(159, 159, "/p:1:\n    1 | default allow; kill mkdir");
		expect(159, 159, ", 0x1e1, 0x22, 0x33, 0x44, 0x55; instruction "
				 "pointer 0x");
		expect(159, 159, "allow mkdir if mode == 0o741;\n");
		try_line(who, rules, blocks[i], "mkdir", 0);
		expect(run(who, "--explain --diag=json", "p", "mkdir"), 159,
		       "\"labels\": [{\"at\": {\"file\": ");
	}
}

static void test_default(enum live_who who)
{
	/* What the probe needs, less one. */
	static const char rules[] =
		"default kill; allow @all except mkdir, ptrace;";

	write_profile("p", rules, "sandbox { }");
	expect(run(who, "--explain=denials", "p", "mkdir"), 159,
	       "put into the profile: allow mkdir;\n");
	try_line(who, rules, "sandbox { }", "mkdir", 0);
}

/* The kernel's own record, where it can be read. */
static void test_record(enum live_who who)
{
	static const char rules[] =
		"default allow; kill mkdir if mode == 0o741;";

	for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
		write_profile("p", rules, blocks[i]);
		expect(run(who, "", "p", "mkdir"), 159, "--explain");
		if (strstr(text, "can't be read") ||
		    strstr(text, "can't be told from")) {
			live_check(who == LIVE_USER || geteuid() ||
					   strstr(text, "pid namespace"),
				   "root reads records", text);
			continue;
		}
		expect(159, 159, "= note: mkdir on x86_64\n");
		expect(159, 159, "kill mkdir if mode == 0o741;\n");
		try_line(who, rules, blocks[i], "mkdir", 0);
		/* More than the kernel log takes: from the audit group. */
		for (int k = 0; k < LOG_BURST_MAX; k++)
			expect(run(who, "", "p", "mkdir"), 159,
			       "= note: mkdir on x86_64\n");
	}
}

static void test_children(enum live_who who)
{
	for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
		write_profile("p", "default allow; kill mkdir, rmdir;",
			      blocks[i]);
		expect(run(who, "--explain", "p", "children"), 7,
		       "was killed by its filter, 3 times: mkdir(ptr, "
		       "0o741) on x86_64: kill\n");
		expect(7, 7, "was killed by its filter: rmdir(ptr) on "
			     "x86_64: kill\n");
		expect(7, 7, "parent ok");
	}
}

/* Of many threads the one that made the call is named. */
static void test_threads(enum live_who who)
{
	for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
		write_profile("p", "default allow; kill mkdir;", blocks[i]);
		expect(run(who, "--explain", "p", "threads"), 159,
		       "= note: mkdir(ptr, 0o741) on x86_64: kill\n");
		expect_not("W0886");
		write_profile("p", "default allow; kill_thread mkdir;",
			      blocks[i]);
		expect(run(who, "--explain", "p", "thread"), 7,
		       "warning[W0886]: a thread of ");
		expect(7, 7, "mkdir(ptr, 0o741) on x86_64: kill_thread\n");
	}
}

static void test_trap(enum live_who who)
{
	write_profile("p", "default allow; trap mkdir;", "sandbox { }");
	expect(run(who, "--explain", "p", "mkdir"), 159,
	       "mkdir(ptr, 0o741) on x86_64: trap");
	expect(run(who, "--explain", "p", "handled"), 7, "handled SIGSYS");
	expect_not("filter");
	/* The same signal, sent by a program. */
	expect(run(who, "--explain", "p", "raise"), 159,
	       "it was not seen in which call");
}

#ifdef __x86_64__
static void test_other_abi(enum live_who who)
{
	static const char rules[] =
		"arch x86_64, i386; default allow; kill mkdir;";
	int code;

	write_profile("p", rules, "");
	code = run(who, "--explain", "p", "int80");
	if (code == 77) {
		live_skip("this kernel runs no i386 calls");
		return;
	}
	expect(code, 159, "= note: mkdir(ptr, 0o741) on i386: kill\n");
	expect(code, 159, "on i386 { allow mkdir; }\n");
	write_profile("p", "default allow;", "");
	expect(run(who, "--explain", "p", "int80"), 159,
	       "list its ABI with 'arch'");
}
#endif

/* Job control, forwarded signals, time limits: as without a tracer. */
static void test_unchanged(enum live_who who)
{
	static const char *const options[] = { "", "--explain",
					       "--explain=denials" };

	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		char line[64];

		write_profile("p", "default allow; kill mkdir; deny rmdir;", "");
		expect(run(who, options[i], "p", "stops"), 7, "stopped, "
							      "continued");
		expect(run(who, options[i], "p", "forwarded"), 9, NULL);
		write_profile("p", "default allow; kill mkdir; deny rmdir;",
			      "sandbox { }");
		expect(run(who, options[i], "p", "stops"), 7, "stopped, "
							      "continued");
		snprintf(line, sizeof(line), "%s --timeout 1s", options[i]);
		expect(run(who, line, "p", "sleep"), 124, NULL);
	}
}

static void test_denials(enum live_who who)
{
	static const char rules[] =
		"default allow; deny(ENOTEMPTY) rmdir; "
		"deny(EACCES) mkdir if mode == 0o741; deny mkdir;";

	for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
		write_profile("p", rules, blocks[i]);
		expect(run(who, "--explain=denials", "p", "denied"), 7,
		       "note[W0887]: ");
		expect(7, 7, "was denied a call, 200 times: "
			     "rmdir(ptr) on x86_64: deny(ENOTEMPTY)\n");
		expect(7, 7, "mkdir(ptr, 0o741) on x86_64: deny(EACCES)\n");
		expect(7, 7, "mkdir(ptr, 0o700) on x86_64: deny(EPERM)\n");
		expect(7, 7, "before that rule: allow mkdir if mode == 0o700;");
	}
	/* Those of the loader too: it asks for /etc/ld.so.preload. */
	write_profile("p", "default allow; deny(ENOENT) access;", "sandbox { }");
	expect(run(who, "--explain=denials", "p", "nothing"), 0,
	       "access(ptr, R_OK) on x86_64: deny(ENOENT)");
}

/* A bounded number of kinds; the rest is counted. */
static void test_many(enum live_who who)
{
	write_profile("p", "default allow; deny fcntl if cmd >= 2000;", "");
	expect(run(who, "--explain=denials", "p", "many"), 7, NULL);
	write_profile("p", "default allow; deny umask;", "");
	expect(run(who, "--explain=denials", "p", "many-umask"), 7,
	       "more denied calls are not shown");
}

static void test_report(enum live_who who)
{
	char options[PATH_MAX + 64];

	write_profile("p", "default allow; kill mkdir; deny rmdir;",
		      "sandbox { }");
	for (int i = 0; i < 2; i++) {
		snprintf(options, sizeof(options), "%s --report %s/%s",
			 i ? "--explain=denials" : "--explain", folder,
			 live_as);
		expect(run(who, options, "p", "mkdir"), 159,
		       "mkdir(ptr, 0o741) on x86_64: kill");
		snprintf(options, sizeof(options),
			 "grep -q 'after exec' %s/%s", folder, live_as);
		live_check(system(options) == 0, "taken after exec", NULL);
	}
}

static void test_refused(enum live_who who)
{
	write_profile("p", "default allow; kill mkdir;", "sandbox { }");
	expect(run(who, "-d --explain", "p", "nothing"), 125, "E0885");
	expect(run(who, "--name x --explain", "p", "nothing"), 125, "E0885");
	expect(run(who, "--explain=all", "p", "nothing"), 2, "--explain=denials");
	write_profile("p", "default kill; allow @all;", "sandbox { }");
	expect(run(who, "--explain", "p", "nothing"), 125,
	       "a rule allows ptrace: ");
	write_profile("p", "default allow;", "sandbox { keep sys_ptrace; }");
	expect(run(who, "--explain", "p", "nothing"), 125, "keep");
}

/* --- the probes -------------------------------------------------------------- */

static long make(const char *path, unsigned mode)
{
	return syscall(SYS_mkdir, path, mode, 0x22L, 0x33L, 0x44L, 0x55L);
}

static int probe_mkdir(void)
{
	make("/nowhere/x", 0741);
	return 0;
}

static int probe_children(void)
{
	for (int i = 0; i < 4; i++) {
		int status;
		pid_t pid = fork();

		if (pid == 0) {
			if (i < 3)
				make("/nowhere/x", 0741);
			syscall(SYS_rmdir, "/nowhere/x");
			_exit(0);
		}
		if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status) ||
		    WTERMSIG(status) != SIGSYS)
			return 1;
	}
	puts("parent ok");
	return 7;
}

static void *wait_for_ever(void *arg)
{
	int fds[2];
	char byte;

	if (pipe(fds) == 0 && arg)
		while (read(fds[0], &byte, 1) < 0)
			continue;
	return NULL;
}

static void *die(void *arg)
{
	make("/nowhere/x", 0741);
	return arg;
}

static int probe_threads(void)
{
	pthread_t threads[9];

	for (int i = 0; i < 8; i++)
		if (pthread_create(&threads[i], NULL, wait_for_ever, text))
			return 1;
	if (pthread_create(&threads[8], NULL, die, NULL))
		return 1;
	pthread_join(threads[8], NULL);
	return 1;
}

static int probe_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, die, NULL))
		return 1;
	pthread_join(thread, NULL);
	return 7;
}

static void on_sigsys(int sig)
{
	(void)sig;
	puts("handled SIGSYS");
	fflush(stdout);
	_exit(7);
}

static int probe_handled(void)
{
	signal(SIGSYS, on_sigsys);
	make("/nowhere/x", 0741);
	return 1;
}

static int probe_raise(void)
{
	raise(SIGSYS);
	return 1;
}

#ifdef __x86_64__
static int probe_int80(void)
{
	static const char name[] = "/nowhere/x";
	long got = 39;

	signal(SIGSEGV, SIG_DFL);
	if (access("/proc/sys/abi/vsyscall32", F_OK) &&
	    access("/proc/sys/vm/vdso_enabled", F_OK))
		return 77;
	__asm__ volatile("int $0x80"
			 : "+a"(got)
			 : "b"(name), "c"(0741L)
			 : "memory", "r8", "r9", "r10", "r11");
	return 77;
}
#endif

static int probe_stops(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		raise(SIGSTOP);
		_exit(5);
	}
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status) ||
	    WSTOPSIG(status) != SIGSTOP)
		return 1;
	printf("stopped, ");
	fflush(stdout);
	kill(pid, SIGCONT);
	if (waitpid(pid, &status, WCONTINUED) != pid)
		return 1;
	if (WIFCONTINUED(status) && waitpid(pid, &status, 0) != pid)
		return 1;
	puts("continued");
	return WIFEXITED(status) && WEXITSTATUS(status) == 5 ? 7 : 1;
}

static void on_term(int sig)
{
	(void)sig;
	_exit(9);
}

static _Noreturn void wait_for_signals(void)
{
	for (;;)
		pause();
}

static int probe_forwarded(void)
{
	signal(SIGTERM, on_term);
	kill(getppid(), SIGTERM);
	wait_for_signals();
}

static int probe_sleep(void)
{
	wait_for_signals();
}

static int wrong;

static void *be_denied(void *arg)
{
	for (int i = 0; i < 100; i++)
		if (syscall(SYS_rmdir, "/nowhere/x") != -1 ||
		    errno != ENOTEMPTY)
			wrong++;
	return arg;
}

static int probe_denied(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, be_denied, NULL))
		return 1;
	be_denied(NULL);
	pthread_join(thread, NULL);
	if (make("/nowhere/x", 0741) != -1 || errno != EACCES ||
	    make("/nowhere/x", 0700) != -1 || errno != EPERM)
		wrong++;
	return wrong ? 1 : 7;
}

static int probe_many(void)
{
	for (int i = 0; i < 200; i++)
		if (syscall(SYS_fcntl, 0, 2000 + i, 0) != -1)
			return 1;
	return 7;
}

static int probe_many_umask(void)
{
	for (int i = 0; i < 200; i++)
		if (syscall(SYS_umask, i) != -1)
			return 1;
	return 7;
}

static int probe_nothing(void)
{
	return 0;
}

static const struct {
	const char *name;
	int (*probe)(void);
} probes[] = {
	{ "mkdir", probe_mkdir },     { "children", probe_children },
	{ "threads", probe_threads }, { "thread", probe_thread },
	{ "handled", probe_handled }, { "raise", probe_raise },
#ifdef __x86_64__
	{ "int80", probe_int80 },
#endif
	{ "stops", probe_stops },     { "forwarded", probe_forwarded },
	{ "sleep", probe_sleep },     { "denied", probe_denied },
	{ "many", probe_many },	      { "many-umask", probe_many_umask },
	{ "nothing", probe_nothing },
};

static const struct live_test tests[] = {
	{ "death", test_death },	 { "default", test_default },
	{ "record", test_record },	 { "children", test_children },
	{ "threads", test_threads },	 { "trap", test_trap },
#ifdef __x86_64__
	{ "other ABI", test_other_abi },
#endif
	{ "unchanged", test_unchanged }, { "denials", test_denials },
	{ "many", test_many },		 { "report", test_report },
	{ "refused", test_refused },
};

int main(int argc, char **argv)
{
	char line[PATH_MAX];
	int code;

	for (size_t i = 0; argc == 3 && i < ARRAY_LEN(probes); i++)
		if (!strcmp(argv[2], probes[i].name))
			return probes[i].probe();
	callgate = getenv("CALLGATE");
	if (!callgate) {
		puts("skip: CALLGATE names no program");
		return 77;
	}
#ifndef __x86_64__
	puts("skip: the texts are those of x86_64");
	return 77;
#endif
	if (!mkdtemp(folder) || chmod(folder, 01777))
		return 1;
	code = live_main(tests, ARRAY_LEN(tests));
	snprintf(line, sizeof(line), "rm -rf '%s'", folder);
	if (system(line))
		return 1;
	return code;
}
