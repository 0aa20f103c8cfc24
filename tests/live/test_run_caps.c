/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_run_caps.c - goal: the command holds what was kept, in all five sets
 * and past exec, and nothing else; the caller's keys are out of reach
 *
 * Method: this program as a probe in real sandboxes, as root and as an
 * ordinary user, reads its sets and securebits, tries to widen them, and
 * looks for a key that its caller has put into a session keyring.  The mode
 * `effect NAME` is for S15: it does what takes that one capability.
 */
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/netlink.h>
#include <linux/securebits.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <time.h>

#include "tests/support/live.h"

#define BIT(cap) (UINT64_C(1) << (cap))
#define KEY_NAME "callgate-test-key"

static int probe_bad;

static void probe_check(bool ok, const char *what)
{
	if (ok)
		return;
	probe_bad++;
	printf("probe: %s (%s)\n", what, strerror(errno));
}

/* One line of /proc/self/status, as a number. */
static uint64_t status_set(const char *name)
{
	char line[256];
	uint64_t value = UINT64_MAX;
	FILE *f = fopen("/proc/self/status", "re");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			value = strtoull(line + strlen(name) + 1, NULL, 16);
	if (f)
		fclose(f);
	return value;
}

static void probe_sets(uint64_t want)
{
	static const char *const names[] = { "CapInh", "CapPrm", "CapEff",
					     "CapBnd", "CapAmb" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		probe_check(status_set(names[i]) == want, names[i]);
}

/* Nothing that a process can say gives it more, or takes the locks off. */
static void probe_locked(uint64_t held)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct all[_LINUX_CAPABILITY_U32S_3] = {
		{ UINT32_MAX, UINT32_MAX, UINT32_MAX },
	};

	probe_check(prctl(PR_GET_SECUREBITS) == (held ? 0xeb : 0xef),
		    "securebits");
	probe_check(prctl(PR_SET_SECUREBITS, 0) < 0, "securebits unlocked");
	probe_check(prctl(PR_SET_KEEPCAPS, 1) < 0, "PR_SET_KEEPCAPS");
	probe_check(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0,
			  0) < 0,
		    "ambient raised");
	probe_check(syscall(SYS_capset, &head, all) < 0, "capset");
	probe_check(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) < 0 &&
			    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1,
		    "no_new_privs");
}

/* argv: what to probe, the set, whether the securebits are open. */
static void probe_caps(const char *set, const char *open)
{
	uint64_t held = strtoull(set, NULL, 16);

	probe_sets(held);
	if (*open == 'l')
		probe_locked(held);
	else
		probe_check(prctl(PR_GET_SECUREBITS) == 0, "securebits");
}

/* Where this program is; as the working directory no cover hides it. */
static const char *self_dir(void)
{
	static char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%.*s",
		 (int)(strrchr(live_self, '/') - live_self), live_self);
	return dir;
}

static void caps_case(enum live_who who, uint64_t keep, bool open, bool twice)
{
	struct sandbox box = { .caps_keep = keep, .securebits_open = open };
	char set[24];
	/* A shell between: what survives one exec survives the next. */
	struct live_case c = {
		.who = who,
		.box = &box,
		.workdir = self_dir(),
		.argv = { "/bin/sh", "-c", "exec \"$0\" probe $1 $2",
			  live_self, set, open ? "open" : "locked" },
	};
	struct live_run r;

	if (!twice)
		memcpy(c.argv,
		       (const char *[]){ live_self, "probe", set,
					 open ? "open" : "locked", NULL },
		       5 * sizeof(c.argv[0]));
	snprintf(set, sizeof(set), "%llx", (unsigned long long)keep);
	live_run(&r, &c);
	live_expect(&r, 0, "probe ok");
}

static void test_sets(enum live_who who)
{
	static const uint64_t sets[] = {
		0,
		BIT(CAP_NET_BIND_SERVICE),
		BIT(CAP_CHOWN) | BIT(CAP_CHECKPOINT_RESTORE),
		0xa80425fb,
		BIT(CAP_SETPCAP) | BIT(CAP_SYS_ADMIN),
	};

	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		caps_case(who, sets[i], false, false);
		caps_case(who, sets[i], false, true);
		caps_case(who, sets[i], true, true);
	}
}

/* Pid 1 holds nothing, whatever the command does. */
static void test_init(enum live_who who)
{
	struct sandbox box = { .caps_keep = 0xa80425fb };
	struct live_case c = {
		.who = who,
		.box = &box,
		.argv = { "/bin/sh", "-c",
			  "grep -c '^Cap[IPEBA].*:.0*$' /proc/1/status" },
	};
	struct live_run r;

	live_run(&r, &c);
	live_expect(&r, 0, "5\n");
}

static void test_unknown(enum live_who who)
{
	struct sandbox box = { .caps_keep = BIT(63) };
	struct live_case c = { .who = who, .box = &box,
			       .argv = { "/bin/true" } };
	struct live_run r;

	live_run(&r, &c);
	live_expect(&r, 125, "E0880");
}

/* --- keyrings --- */

static void probe_keyring(const char *key, const char *want)
{
	char text[16];
	long serial = strtol(key, NULL, 10);
	bool found = syscall(SYS_keyctl, KEYCTL_SEARCH,
			     KEY_SPEC_SESSION_KEYRING, "user", KEY_NAME,
			     0) == serial;
	bool readable = syscall(SYS_keyctl, KEYCTL_READ, serial, text,
				sizeof(text)) == 6;
	bool asked = syscall(SYS_request_key, "user", KEY_NAME, NULL, 0) ==
		     serial;

	probe_check(found == (*want == 'y'), "search");
	probe_check(readable == (*want == 'y'), "read");
	probe_check(asked == (*want == 'y'), "request_key");
}

static void add_key_for_caller(void)
{
	char text[24];
	long serial;

	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0)
		_exit(98);
	serial = syscall(SYS_add_key, "user", KEY_NAME, "secret", (size_t)6,
			 KEY_SPEC_SESSION_KEYRING);
	if (serial < 0)
		_exit(98);
	snprintf(text, sizeof(text), "%ld", serial);
	setenv("KEY", text, 1);
}

static void test_keyring(enum live_who who)
{
	static const struct sandbox_env keep = { "KEY", NULL };

	for (int host = 0; host < 2; host++) {
		struct sandbox box = { .keyring_host = host, .env = &keep,
				       .nenv = 1 };
		struct live_case c = {
			.who = who,
			.box = &box,
			.workdir = self_dir(),
			.prepare = add_key_for_caller,
			.argv = { "/bin/sh", "-c",
				  "exec \"$0\" keyring $KEY $1", live_self,
				  host ? "yes" : "no" },
		};
		struct live_run r;

		live_run(&r, &c);
		if (r.code == 98) {
			live_skip("no keys here");
			return;
		}
		live_expect(&r, 0, "probe ok");
	}
}

/* --- what each capability of @docker is for, as yes or no --- */

static const char file[] = "/tmp/callgate-effect";

/* A child with the user and group 1, to make or be what is another's. */
static pid_t other_user(bool waits)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (setgroups(0, NULL) || setresgid(1, 1, 1) || setresuid(1, 1, 1))
		_exit(1);
	if (waits)
		for (;;)
			pause();
	_exit(open(file, O_CREAT | O_EXCL | O_WRONLY, 0600) < 0);
}

static bool others_file(void)
{
	int status;
	pid_t pid = other_user(false);

	return waitpid(pid, &status, 0) == pid && status == 0;
}

static bool own_file(void)
{
	return close(open(file, O_CREAT | O_EXCL | O_WRONLY, 0600)) == 0;
}

static int does_chown(void)
{
	return own_file() ? chown(file, 1, 1) : -2;
}

static int does_dac_override(void)
{
	return others_file() ? open(file, O_RDONLY) : -2;
}

static int does_fowner(void)
{
	return others_file() ? chmod(file, 0644) : -2;
}

/* No error: the bit of a group that is not ours is left out. */
static int does_fsetid(void)
{
	struct stat st;

	if (!own_file() || chown(file, (uid_t)-1, 1) || chmod(file, 02755) ||
	    stat(file, &st))
		return -2;
	errno = EPERM;
	return st.st_mode & S_ISGID ? 0 : -1;
}

static int does_kill(void)
{
	pid_t pid = other_user(true);
	char path[64], line[256];
	int uid = 0;
	time_t end = time(NULL) + LIVE_PATIENCE_MS / 1000;

	/* Until it is another user's. */
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	while (uid != 1 && time(NULL) < end) {
		FILE *f = fopen(path, "re");

		while (f && fgets(line, sizeof(line), f))
			sscanf(line, "Uid: %d", &uid);
		if (f)
			fclose(f);
	}
	/* Where it may not be killed, the sandbox's end takes it along. */
	return uid == 1 ? kill(pid, SIGKILL) : -2;
}

static int does_setgid(void)
{
	return setresgid(1, 1, 1);
}

static int does_setuid(void)
{
	return setresuid(1, 1, 1);
}

static int does_setpcap(void)
{
	return prctl(PR_CAPBSET_DROP, CAP_CHOWN, 0, 0, 0);
}

static int does_net_bind_service(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_port = htons(25) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return bind(fd, (struct sockaddr *)&addr, sizeof(addr));
}

static int does_net_raw(void)
{
	return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static int does_sys_chroot(void)
{
	return chroot("/");
}

static int does_mknod(void)
{
	return mknod(file, S_IFCHR | 0600, makedev(1, 3));
}

/* A message that says what it is; the kernel answers whether it took it. */
static int does_audit_write(void)
{
	struct {
		struct nlmsghdr head;
		char text[32];
	} msg = {
		.head = { .nlmsg_len = sizeof(msg),
			  .nlmsg_type = AUDIT_USER,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.text = "op=callgate-test",
	};
	struct {
		struct nlmsghdr head;
		struct nlmsgerr err;
		char rest[256];
	} answer = { 0 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);

	if (fd < 0 || send(fd, &msg, sizeof(msg), 0) < 0 ||
	    recv(fd, &answer, sizeof(answer), 0) < (ssize_t)sizeof(int))
		return -1;
	errno = -answer.err.error;
	return answer.err.error ? -1 : 0;
}

static int does_setfcap(void)
{
	const struct vfs_cap_data data = {
		.magic_etc = VFS_CAP_REVISION_2,
		.data = { { 1, 0 } },
	};

	if (!own_file())
		return -2;
	return setxattr(file, "security.capability", &data, sizeof(data), 0);
}

static int effect(const char *name)
{
	static const struct {
		const char *name;
		int (*does)(void);
	} effects[] = {
		{ "chown", does_chown },
		{ "dac_override", does_dac_override },
		{ "fowner", does_fowner },
		{ "fsetid", does_fsetid },
		{ "kill", does_kill },
		{ "setgid", does_setgid },
		{ "setuid", does_setuid },
		{ "setpcap", does_setpcap },
		{ "net_bind_service", does_net_bind_service },
		{ "net_raw", does_net_raw },
		{ "sys_chroot", does_sys_chroot },
		{ "mknod", does_mknod },
		{ "audit_write", does_audit_write },
		{ "setfcap", does_setfcap },
	};

	for (size_t i = 0; i < ARRAY_LEN(effects); i++) {
		int got;

		if (strcmp(effects[i].name, name))
			continue;
		unlink(file);
		got = effects[i].does();
		if (got >= 0)
			puts("yes");
		else
			printf("%s: %s\n", got == -1 ? "no" : "lost",
			       strerror(errno));
		return 0;
	}
	return 1;
}

int main(int argc, char **argv)
{
	static const struct live_test tests[] = {
		{ "sets",    test_sets	  },
		{ "init",    test_init	  },
		{ "unknown", test_unknown },
		{ "keyring", test_keyring },
	};

	if (argc == 3 && !strcmp(argv[1], "effect"))
		return effect(argv[2]);
	if (argc != 4)
		return live_main(tests, ARRAY_LEN(tests));
	if (!strcmp(argv[1], "probe"))
		probe_caps(argv[2], argv[3]);
	else
		probe_keyring(argv[2], argv[3]);
	if (!probe_bad)
		puts("probe ok");
	return probe_bad != 0;
}
