/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_run_terminal.c - goal: a sandbox has a terminal of its own, which
 * behaves like the caller's, and the caller's is left as it was
 *
 * Method: the caller is the leader of a session on a pseudo-terminal whose
 * master the test holds: what is typed there, and its modes, are visible.
 */
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <termios.h>

#include "runtime/sys.h"
#include "tests/support/live.h"

static int outer_master = -1, outer_slave = -1;
static struct termios outer_mode;
static const struct sandbox none = { .terminal = TERMINAL_NONE };
static const struct sandbox own = { .terminal = TERMINAL_OWN };

static void outer_open(void)
{
	const struct winsize size = { .ws_row = 37, .ws_col = 91 };

	outer_master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (outer_master < 0 || grantpt(outer_master) ||
	    unlockpt(outer_master))
		_exit(99);
	outer_slave = ioctl(outer_master, TIOCGPTPEER,
			    O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (outer_slave < 0 || ioctl(outer_slave, TIOCSWINSZ, &size) ||
	    tcgetattr(outer_slave, &outer_mode))
		_exit(99);
}

static void outer_close(void)
{
	close(outer_master);
	close(outer_slave);
}

/* In the caller: the terminal is its controlling one, and all of 0, 1, 2. */
static void take_outer(void)
{
	if (setsid() < 0 || ioctl(outer_slave, TIOCSCTTY, 0))
		_exit(98);
	for (int fd = 0; fd < 3; fd++)
		dup2(outer_slave, fd);
}

static void start(struct live_run *r, const struct live_case *c)
{
	outer_open();
	live_start(r, c);
	close(r->in);
	close(r->out);
	r->in = -1;
	r->out = outer_master;
}

static void type(const char *text)
{
	if (write(outer_master, text, strlen(text)) != (ssize_t)strlen(text))
		live_check(false, "typing", text);
}

static bool is_cooked(void)
{
	struct termios now;

	return tcgetattr(outer_slave, &now) == 0 &&
	       now.c_lflag == outer_mode.c_lflag &&
	       now.c_iflag == outer_mode.c_iflag &&
	       now.c_oflag == outer_mode.c_oflag;
}

/* The runner's end; the slave is still open here, so there is no EOF. */
static int finish(struct live_run *r)
{
	int status;

	waitpid(r->runner, &status, 0);
	for (;;) {
		struct pollfd p = { .fd = outer_master, .events = POLLIN };
		ssize_t n;

		if (poll(&p, 1, 0) <= 0)
			break;
		n = read(outer_master, r->text + r->len,
			 LIVE_OUT_MAX - 1 - r->len);
		if (n <= 0)
			break;
		r->len += (size_t)n;
		r->text[r->len] = '\0';
	}
	live_check(is_cooked(), "the caller's modes are back", r->text);
	outer_close();
	r->code = WIFEXITED(status) ? WEXITSTATUS(status)
				    : 1000 + WTERMSIG(status);
	return r->code;
}

static void test_own(enum live_who who)
{
	struct live_case c = {
		.who = who,
		.prepare = take_outer,
		.argv = { "/bin/sh", "-c",
			  "tty; tty <&2; stty size; : </dev/tty && echo ctty; "
			  "exit 5" },
	};
	struct live_run r;

	start(&r, &c);
	finish(&r);
	live_expect(&r, 5, "/dev/pts/0\r\n/dev/pts/0\r\n37 91\r\nctty\r\n");
}

static void test_none(enum live_who who)
{
	struct live_case c = {
		.who = who,
		.box = &none,
		.prepare = take_outer,
		.argv = { "/bin/sh", "-c",
			  "if (: </dev/tty) 2>/dev/null; then echo control; "
			  "else echo no control; fi; test -t 0 && echo tty" },
	};
	struct live_run r;

	start(&r, &c);
	finish(&r);
	live_expect(&r, 0, "no control\r\ntty\r\n");
}

static void test_keys(enum live_who who)
{
	struct live_case c = { .who = who,
			       .prepare = take_outer,
			       .argv = { live_self, "probe" } };
	const struct winsize size = { .ws_row = 11, .ws_col = 22 };
	struct live_run r;

	start(&r, &c);
	live_check(live_read(&r, "ready\r\n"), "start", r.text);
	live_check(!is_cooked(), "raw while it runs", NULL);
	type("\x03");
	live_check(live_read(&r, "got 2\r\n"), "Ctrl-C", r.text);
	ioctl(outer_master, TIOCSWINSZ, &size);
	live_check(live_read(&r, "size 11 22\r\n"), "window size", r.text);
	type("\x1c");
	live_check(live_read(&r, "got 3\r\n"), "Ctrl-\\", r.text);
	type("abc\n");
	finish(&r);
	live_expect(&r, 3, "line abc\r\n");
}

static void test_job_control(enum live_who who)
{
	struct live_case c = { .who = who,
			       .prepare = take_outer,
			       .argv = { "/bin/bash", "--norc", "--noediting",
					 "-i" } };
	struct live_run r;

	start(&r, &c);
	type("PS1=:; echo be''gun\n");
	live_check(live_read(&r, "begun\r\n"), "a shell", r.text);
	live_check(!live_has(&r, "no job control"), "job control", r.text);
	type("echo o''n; sleep 1000\n");
	live_check(live_read(&r, "on\r\n"), "a job", r.text);
	usleep(100 * 1000);
	type("\x1a");
	live_check(live_read(&r, "Stopped                 sleep 1000\r\n"),
		   "Ctrl-Z", r.text);
	r.len = 0;
	r.text[0] = '\0';
	type("fg\n");
	live_check(live_read(&r, "sleep 1000\r\n"), "fg", r.text);
	usleep(100 * 1000);
	type("\x03");
	usleep(100 * 1000);
	type("echo =$?\n");
	live_check(live_read(&r, "=130\r\n"), "Ctrl-C of a job", r.text);
	type("exit 4\n");
	finish(&r);
	live_expect(&r, 4, NULL);
}

static void test_ended_from_outside(enum live_who who)
{
	static const int signals[] = { SIGTERM, SIGHUP, SIGINT };

	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		struct live_case c = { .who = who,
				       .prepare = take_outer,
				       .argv = { "/bin/sh", "-c",
						 "echo ready; exec sleep "
						 "1000" } };
		struct live_run r;

		start(&r, &c);
		live_check(live_read(&r, "ready\r\n"), "start", r.text);
		/* Would end the runner elsewhere, and waits here. */
		kill(r.runner, SIGALRM);
		kill(r.runner, signals[i]);
		finish(&r);
		live_check(r.code == 1000 + SIGALRM, "its end", r.text);
	}
}

static void test_suspend(enum live_who who)
{
	struct live_case c = { .who = who,
			       .prepare = take_outer,
			       .argv = { "/bin/sh", "-c",
					 "echo ready; read x; echo got $x" } };
	struct live_run r;
	int status;

	start(&r, &c);
	live_check(live_read(&r, "ready\r\n"), "start", r.text);
	kill(r.runner, SIGTSTP);
	waitpid(r.runner, &status, WUNTRACED);
	live_check(WIFSTOPPED(status), "stopped", NULL);
	live_check(is_cooked(), "modes while it is stopped", NULL);
	kill(r.runner, SIGCONT);
	for (int i = 0; i < 100 && is_cooked(); i++)
		usleep(20 * 1000);
	live_check(!is_cooked(), "raw again", NULL);
	type("me\n");
	finish(&r);
	live_expect(&r, 0, "got me\r\n");
}

/* Nothing that is not started touches the terminal. */
static void test_not_started(enum live_who who)
{
	struct live_case c = { .who = who,
			       .prepare = take_outer,
			       .argv = { "/nowhere/at-all" } };
	struct live_run r;

	start(&r, &c);
	finish(&r);
	live_expect(&r, 127, "E0801");
}

/* A machine without pseudo-terminals, as far as the runner can tell. */
static void refuse_peer(void)
{
	const struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TIOCGPTPEER, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSPC),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_LEN(insns),
				   (struct sock_filter *)insns };

	take_outer();
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (sys_seccomp(SECCOMP_SET_MODE_FILTER, 0, &prog))
		_exit(97);
}

static void test_no_pty(enum live_who who)
{
	struct live_case c = { .who = who,
			       .prepare = refuse_peer,
			       .argv = { "/bin/true" } };
	struct live_run r;

	start(&r, &c);
	finish(&r);
	live_expect(&r, 125, "E0860");
	live_check(live_has(&r, "step 'pty', '/dev/pts/ptmx': No space left"),
		   "step, object and reason", r.text);
}

/* The caller's terminal must not get a byte that it did not type. */
static void test_push_back(enum live_who who)
{
	for (int piped = 0; piped < 2; piped++) {
		struct live_case c = {
			.who = who,
			.box = piped ? &none : NULL,
			.prepare = take_outer,
			.argv = { live_self, "probe", "push" },
		};
		struct live_run r;
		struct pollfd p;

		start(&r, &c);
		live_check(live_read(&r, "pushed\r\n"), "start", r.text);
		waitpid(r.runner, NULL, WNOHANG);
		type("\n");
		live_check(live_read(&r, "done\r\n"), "end", r.text);
		waitid(P_PID, (id_t)r.runner, &(siginfo_t){ 0 },
		       WEXITED | WNOWAIT);
		p = (struct pollfd){ .fd = outer_slave, .events = POLLIN };
		live_check(poll(&p, 1, 0) == 0, "something was pushed", r.text);
		finish(&r);
		live_expect(&r, 0, piped ? "refused" : "done");
	}
}

static void test_without_a_terminal(enum live_who who)
{
	struct live_case c = { .who = who,
			       .box = &own,
			       .argv = { "/bin/sh", "-c",
					 "tty; read x; echo got $x; cat; "
					 "exit 6" } };
	struct live_run r;

	live_start(&r, &c);
	live_check(live_read(&r, "/dev/pts/0\r\n"), "a terminal", r.text);
	if (write(r.in, "one\ntwo", 7) != 7)
		live_check(false, "typing", NULL);
	close(r.in);
	r.in = -1;
	live_finish(&r);
	live_expect(&r, 6, "got one\r\n");
	live_check(live_has(&r, "two"), "an open line", r.text);
}

/* For each signal and line one line of text; ends after a line. */
static int probe_keys(void)
{
	sigset_t set;
	char line[64];

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, NULL);
	puts("ready");
	fflush(stdout);
	for (int n = 0; n < 3; n++) {
		struct winsize size = { 0 };
		int sig;

		sigwait(&set, &sig);
		ioctl(0, TIOCGWINSZ, &size);
		if (sig == SIGWINCH)
			printf("size %d %d\n", size.ws_row, size.ws_col);
		else
			printf("got %d\n", sig);
		fflush(stdout);
	}
	if (fgets(line, sizeof(line), stdin))
		printf("line %s", line);
	return 3;
}

static int probe_push(void)
{
	/* Also with bits above the low 32, which the kernel cuts off. */
	const unsigned long requests[] = { TIOCSTI, TIOCSTI | 1UL << 32 };
	bool refused = true;
	int c;

	for (size_t i = 0; i < ARRAY_LEN(requests); i++)
		for (int fd = 0; fd < 3; fd++)
			refused &= syscall(SYS_ioctl, fd, requests[i], "X") < 0;
	puts(refused ? "refused" : "taken by its own");
	puts("pushed");
	fflush(stdout);
	do
		c = getchar();
	while (c != '\n' && c != EOF);
	puts("done");
	return 0;
}

int main(int argc, char **argv)
{
	static const struct live_test tests[] = {
		{ "own terminal",	 test_own		 },
		{ "none",		 test_none		 },
		{ "keys and size",	 test_keys		 },
		{ "job control",	 test_job_control	 },
		{ "ended from outside",	 test_ended_from_outside },
		{ "suspend",		 test_suspend		 },
		{ "not started",	 test_not_started	 },
		{ "no pseudo-terminal",	 test_no_pty		 },
		{ "push back",		 test_push_back		 },
		{ "without a terminal",	 test_without_a_terminal },
	};

	(void)argv;
	if (argc == 2)
		return probe_keys();
	if (argc == 3)
		return probe_push();
	return live_main(tests, ARRAY_LEN(tests));
}
