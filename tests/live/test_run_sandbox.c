/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_run_sandbox.c - goal: a sandbox without options isolates as the product says
 *
 * Method: run commands, or this program as a probe, in real sandboxes as
 * root and as an ordinary user, and look from inside at namespaces, files,
 * privileges, descriptors, environment and network; each isolated thing is
 * compared with the host or provoked to fail.
 */
#include <dirent.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>

#include "tests/support/live.h"

#define SHELL(script) { "/bin/sh", "-c", script }

static void shell_case(struct live_run *r, enum live_who who,
		       const char *script)
{
	struct live_case c = { .who = who, .argv = SHELL(script) };

	live_run(r, &c);
}

static void probe_case(struct live_run *r, enum live_who who,
		       const char *probe, void (*prepare)(void))
{
	struct live_case c = { .who = who,
			       .prepare = prepare,
			       .argv = { live_self, "probe", probe } };

	live_run(r, &c);
	live_expect(r, 0, "probe ok");
}

static void test_namespaces(enum live_who who)
{
	static const char *const kinds[] = { "user", "mnt", "pid", "ipc",
					     "uts",  "net", "cgroup" };
	struct live_run r;

	shell_case(&r, who, "ls -l /proc/self/ns");
	live_expect(&r, 0, NULL);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		char path[64], host[64] = "", kind[64];

		snprintf(kind, sizeof(kind), "%s:[", kinds[i]);
		live_check(live_has(&r, kind), kind, r.text);
		snprintf(path, sizeof(path), "/proc/self/ns/%s", kinds[i]);
		live_check(readlink(path, host, sizeof(host) - 1) > 0, path,
			   NULL);
		live_check(!live_has(&r, host), host, r.text);
	}
}

static void test_identity(enum live_who who)
{
	struct live_run r;
	char want[64];

	shell_case(&r, who, "echo $(id -u):$(id -g) $(cat /proc/self/uid_map)");
	live_expect(&r, 0, NULL);
	if (who == LIVE_ROOT) {
		unsigned outside = 0;

		live_check(sscanf(r.text, "1000:1000 1000 %u 1", &outside) ==
				   1 && outside >= 524288 &&
				   outside <= 1879048191,
			   "a leased id", r.text);
	} else {
		unsigned id = geteuid() ? geteuid() : LIVE_UID;

		snprintf(want, sizeof(want), "%u:%u %u %u 1", id,
			 geteuid() ? getegid() : LIVE_UID, id, id);
		live_check(live_has(&r, want), want, r.text);
	}
	shell_case(&r, who, "cat /proc/self/setgroups; id -G");
	live_expect(&r, 0, who == LIVE_ROOT ? "allow\n1000\n" : "deny\n");
}

static void test_hostname(enum live_who who)
{
	struct live_case c = { .who = who,
			       .hostname = "web",
			       .argv = { "uname", "-n" } };
	struct live_run r;

	live_run(&r, &c);
	live_expect(&r, 0, "web\n");
	c.hostname = NULL;
	live_run(&r, &c);
	live_expect(&r, 0, "sandbox\n");
}

static void test_pids(enum live_who who)
{
	struct live_run r;

	shell_case(&r, who, "echo $$; cd /proc; echo [0-9]*");
	live_expect(&r, 0, "2\n1 2\n");
}

static void test_files(enum live_who who)
{
	struct live_run r;

	shell_case(&r, who,
		   "for d in / /usr /etc /run /home /root /dev /sys /var; do "
		   "[ -w $d ] && echo writable $d; done; touch /usr/x; "
		   "for d in /tmp /var/tmp /dev/shm; do "
		   "echo a >$d/f && cat $d/f && echo good; done; "
		   "ls -A /home /root /run | grep -v ':$'; "
		   "printf '#!/bin/sh\n' >/tmp/x; chmod 755 /tmp/x; /tmp/x; "
		   "echo status $?; echo >/dev/null && head -c 1 /dev/zero | "
		   "wc -c; echo /dev/*; true");
	live_expect(&r, 0, "a\ngood\na\ngood\na\ngood\n");
	live_check(!live_has(&r, "writable"), "read-only", r.text);
	live_check(live_has(&r, "Read-only file system"), "EROFS", r.text);
	live_check(live_has(&r, "status 126"), "/tmp is noexec", r.text);
	live_check(live_has(&r, "1\n/dev/fd /dev/full /dev/null /dev/ptmx "
				"/dev/pts /dev/random /dev/shm /dev/stderr "
				"/dev/stdin /dev/stdout /dev/tty "
				"/dev/urandom /dev/zero\n"),
		   "/dev", r.text);
	/* Private: nothing of it is left for the next one, or the host. */
	shell_case(&r, who, "cat /tmp/f /var/tmp/f /dev/shm/f; ls -A /tmp");
	live_expect(&r, 0, "No such file");
	live_check(access("/tmp/f", F_OK) != 0, "the host's /tmp", NULL);
}

static void test_mount_flags(enum live_who who)
{
	struct live_run r;
	char *line, *save = NULL;
	int devices = 0, n = 0;

	shell_case(&r, who, "cut -d' ' -f5,6 /proc/self/mountinfo");
	live_expect(&r, 0, NULL);
	for (line = strtok_r(r.text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save), n++) {
		bool device = !strncmp(line, "/dev/", 5) &&
			      !strstr(line, ",nodev");

		devices += device;
		live_check(strstr(line, "nosuid"), "nosuid", line);
		live_check(device || strstr(line, "nodev"), "nodev", line);
		live_check(strstr(line, " ro,") || strstr(line, "noexec"),
			   "writable and executable", line);
	}
	live_check(n > 8, "mounts were listed", NULL);
	/* Six devices and devpts. */
	live_check(devices == 7, "only /dev has devices", NULL);
}

static void test_workdir(enum live_who who)
{
	char dir[] = "/tmp/callgate-live.XXXXXX", path[64];
	struct live_case c = { .who = who,
			       .argv = SHELL("pwd; cat f; touch g; ls /tmp") };
	struct live_run r;
	int fd;

	live_check(mkdtemp(dir) && chmod(dir, 0755) == 0, "mkdtemp", NULL);
	snprintf(path, sizeof(path), "%s/f", dir);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	live_check(fd >= 0 && write(fd, "inside\n", 7) == 7, "write", NULL);
	close(fd);
	c.workdir = dir;
	live_run(&r, &c);
	live_expect(&r, 0, "inside\n");
	live_check(live_has(&r, "Read-only file system"), "EROFS", r.text);
	live_check(live_has(&r, strrchr(dir, '/') + 1), "visible", r.text);
	unlink(path);
	rmdir(dir);
	c.workdir = "/nonexistent";
	live_run(&r, &c);
	live_expect(&r, 125, "E0812");
	c.workdir = "/proc/self";
	live_run(&r, &c);
	live_expect(&r, 125, "E0812");
}

static void test_privileges(enum live_who who)
{
	struct live_run r;

	shell_case(&r, who,
		   "grep -E '^(Cap|NoNew|Seccomp:)' /proc/self/status");
	live_expect(&r, 0, "CapInh:\t0000000000000000\n"
			   "CapPrm:\t0000000000000000\n"
			   "CapEff:\t0000000000000000\n"
			   "CapBnd:\t0000000000000000\n"
			   "CapAmb:\t0000000000000000\n"
			   "NoNewPrivs:\t1\nSeccomp:\t2\n");
	probe_case(&r, who, "privileges", NULL);
}

/* The runner's own and one that the caller leaks on purpose. */
static void leak_descriptor(void)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY);

	if (fd < 0 || dup2(fd, 77) != 77)
		_exit(98);
	setenv("SECRET", "value", 1);
	setenv("LD_PRELOAD", "", 1);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	umask(0);
}

static void test_inherited(enum live_who who)
{
	struct live_case c = { .who = who,
			       .prepare = leak_descriptor,
			       .argv = { "env" } };
	struct live_run r;

	probe_case(&r, who, "inherited", leak_descriptor);
	live_run(&r, &c);
	live_expect(&r, 0, "HOME=/tmp\nTERM=xterm\nLANG=C.UTF-8\n");
	live_check(!live_has(&r, "SECRET") && !live_has(&r, "LD_PRELOAD"),
		   "closed environment", r.text);
	/* A plain run leaves all that to the command. */
	c.plain = true;
	live_run(&r, &c);
	live_expect(&r, 0, "SECRET=value\n");
}

static void test_network(enum live_who who)
{
	struct live_run r;

	probe_case(&r, who, "network", NULL);
	shell_case(&r, who, "cut -d: -f1 -s /proc/net/dev");
	live_expect(&r, 0, "    lo\n");
}

static void test_orphans(enum live_who who)
{
	struct live_run r;

	probe_case(&r, who, "orphans", NULL);
}

/* What stays behind in a sandbox ends with its command. */
static void test_leftovers(enum live_who who)
{
	struct live_run r;

	shell_case(&r, who, "setsid sleep 1000 & sleep 1000 & exit 4");
	live_expect(&r, 4, NULL);
}

static void test_two_ids(enum live_who who)
{
	struct live_case c = { .who = who,
			       .argv = SHELL("cat /proc/self/uid_map; "
					     "echo ready; read x") };
	struct live_run a, b;
	unsigned one = 0, two = 0;

	if (who != LIVE_ROOT)
		return;
	live_start(&a, &c);
	live_start(&b, &c);
	live_check(live_read(&a, "ready") && live_read(&b, "ready"), "start",
		   a.text);
	live_check(sscanf(a.text, " 1000 %u", &one) == 1 &&
			   sscanf(b.text, " 1000 %u", &two) == 1 && one &&
			   one != two,
		   "two sandboxes, two host ids", b.text);
	live_finish(&a);
	live_finish(&b);
}

/* --- probes: run inside; say what is wrong and "probe ok" at the end --- */

static int probe_bad;

static void probe_check(bool ok, const char *what)
{
	if (ok)
		return;
	probe_bad++;
	printf("probe: %s (%s)\n", what, strerror(errno));
}

static void probe_privileges(void)
{
	struct rlimit core = { 1, 1 };
	int fd;

	probe_check(unshare(CLONE_NEWUSER) < 0 && errno == ENOSPC,
		    "nested user namespace");
	probe_check(sethostname("x", 1) < 0 && errno == EPERM, "sethostname");
	fd = open("/proc/sys/user/max_user_namespaces", O_WRONLY);
	probe_check(fd < 0, "max_user_namespaces can be written");
	fd = open("/proc/sys/kernel/core_pattern", O_WRONLY);
	probe_check(fd < 0, "core_pattern can be written");
	fd = open("/proc/sysrq-trigger", O_WRONLY);
	probe_check(fd < 0, "sysrq-trigger can be written");
	probe_check(prctl(PR_GET_SECUREBITS) == 0xef, "securebits");
	probe_check(getrlimit(RLIMIT_CORE, &core) == 0 && !core.rlim_max,
		    "core limit");
}

static void probe_inherited(void)
{
	sigset_t set;

	for (int fd = 3; fd < 1024; fd++)
		probe_check(fcntl(fd, F_GETFD) < 0, "an open descriptor");
	for (int fd = 0; fd < 3; fd++)
		probe_check(fcntl(fd, F_GETFD) >= 0, "a closed descriptor");
	for (int sig = 1; sig < NSIG; sig++) {
		struct sigaction act;

		/* Handlers end with exec; only SIG_IGN could have come along. */
		if (sigaction(sig, NULL, &act) == 0)
			probe_check(act.sa_handler != SIG_IGN, "disposition");
	}
	sigprocmask(SIG_BLOCK, NULL, &set);
	for (int sig = 1; sig < NSIG; sig++)
		probe_check(sigismember(&set, sig) != 1, "blocked signal");
	probe_check(umask(0) == 022, "umask");
	probe_check(getsid(0) == getpid() && getpgrp() == getpid(), "session");
	probe_check(open("/dev/tty", O_RDWR) < 0 && errno == ENXIO,
		    "controlling terminal");
}

static void probe_network(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	struct if_nameindex *list = if_nameindex();
	int server, client;

	probe_check(list && list[0].if_name && !strcmp(list[0].if_name, "lo"),
		    "lo");
	probe_check(list && !list[1].if_name, "another interface");
	if_freenameindex(list);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server = socket(AF_INET, SOCK_STREAM, 0);
	client = socket(AF_INET, SOCK_STREAM, 0);
	probe_check(bind(server, (struct sockaddr *)&addr, len) == 0 &&
			    listen(server, 1) == 0 &&
			    getsockname(server, (struct sockaddr *)&addr,
					&len) == 0 &&
			    connect(client, (struct sockaddr *)&addr, len) == 0,
		    "connection over lo");
	addr.sin_addr.s_addr = htonl(0x08080808);
	client = socket(AF_INET, SOCK_DGRAM, 0);
	probe_check(connect(client, (struct sockaddr *)&addr, len) < 0,
		    "a route to elsewhere");
	probe_check(socket(AF_PACKET, SOCK_RAW, 0) < 0, "raw socket");
}

/* A grandchild that outlives its parent must vanish, not stay a zombie. */
static void probe_orphans(void)
{
	int pids[2], hold[2];
	time_t end = time(NULL) + 10;
	pid_t middle, orphan = 0;

	if (pipe(pids) || pipe(hold))
		_exit(1);
	middle = fork();
	if (middle == 0) {
		orphan = fork();
		if (orphan == 0) {
			char c;

			close(hold[1]);
			_exit(read(hold[0], &c, 1) == 0 ? 0 : 1);
		}
		_exit(write(pids[1], &orphan, sizeof(orphan)) < 0);
	}
	probe_check(read(pids[0], &orphan, sizeof(orphan)) > 0, "pipe");
	waitpid(middle, NULL, 0);
	probe_check(kill(orphan, 0) == 0, "the orphan lives");
	close(hold[1]);
	while (kill(orphan, 0) == 0 && time(NULL) < end)
		sched_yield();
	probe_check(kill(orphan, 0) < 0 && errno == ESRCH, "not reaped");
}

static int probe_main(const char *name)
{
	static const struct {
		const char *name;
		void (*probe)(void);
	} probes[] = {
		{ "privileges", probe_privileges },
		{ "inherited",	probe_inherited	 },
		{ "network",	probe_network	 },
		{ "orphans",	probe_orphans	 },
	};

	for (size_t i = 0; i < ARRAY_LEN(probes); i++)
		if (!strcmp(probes[i].name, name))
			probes[i].probe();
	if (!probe_bad)
		puts("probe ok");
	return probe_bad != 0;
}

int main(int argc, char **argv)
{
	static const struct live_test tests[] = {
		{ "namespaces",	 test_namespaces  },
		{ "identity",	 test_identity	  },
		{ "hostname",	 test_hostname	  },
		{ "pids",	 test_pids	  },
		{ "files",	 test_files	  },
		{ "mount flags", test_mount_flags },
		{ "workdir",	 test_workdir	  },
		{ "privileges",	 test_privileges  },
		{ "inherited",	 test_inherited	  },
		{ "network",	 test_network	  },
		{ "orphans",	 test_orphans	  },
		{ "leftovers",	 test_leftovers	  },
		{ "two ids",	 test_two_ids	  },
	};

	if (argc == 3 && !strcmp(argv[1], "probe"))
		return probe_main(argv[2]);
	return live_main(tests, ARRAY_LEN(tests));
}
