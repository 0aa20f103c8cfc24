/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_run_ids.c - goal: a sandbox is who it should be, and nobody else's
 *
 * Method: real sandboxes as root and as an ordinary user, with each kind of
 * map and without a user namespace.  A probe inside tries to become others
 * and to make user namespaces on every ABI; ids outside are compared while
 * several sandboxes run at once.
 */
#include <sched.h>
#include <sys/syscall.h>

#include "tests/support/live.h"

#define SHELL(script) { "/bin/sh", "-c", script }

enum { CROWD = 6, X32 = 0x40000000 };

/* Far from what others map; of this process, as tests run in parallel. */
static uint32_t base_id(void)
{
	return 2000000000u + (uint32_t)(getpid() % 20000) * 65536u;
}

static struct sandbox_map range(bool is_gid, uint32_t inside, uint32_t outside,
				uint32_t count)
{
	return (struct sandbox_map){ is_gid, inside, outside, count, { 0 } };
}

/* ---- inside: what a probe finds ---- */

static int wrong;

static void want(bool ok, const char *what)
{
	if (ok)
		return;
	printf("%s: %s\n", what, strerror(errno));
	wrong = 1;
}

static bool refused(long result)
{
	return result == -1 && (errno == EPERM || errno == ENOSYS ||
				errno == ENOSPC);
}

#if defined(__x86_64__)
static long int80(long nr, long arg)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "0"(nr), "b"(arg), "c"(0L), "d"(0L), "S"(0L), "D"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	if (result < 0 && result > -4096) {
		errno = (int)-result;
		return -1;
	}
	return result;
}

static void try_other_abis(void)
{
	want(refused(int80(310, CLONE_NEWUSER)), "i386 unshare");
	want(refused(int80(120, CLONE_NEWUSER | SIGCHLD)), "i386 clone");
	want(refused(syscall(X32 | SYS_unshare, CLONE_NEWUSER)),
	     "x32 unshare");
	want(refused(syscall(X32 | SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0,
			     0)),
	     "x32 clone");
}
#else
static void try_other_abis(void)
{
}
#endif

/* A child of clone would go on here: it ends at once. */
static long try_clone(unsigned long flags)
{
	long pid = syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(0);
	return pid;
}

static long try_clone3(uint64_t flags)
{
	uint64_t args[8] = { flags, 0, 0, 0, SIGCHLD };
	long pid = syscall(SYS_clone3, args, sizeof(args));

	if (pid == 0)
		_exit(0);
	return pid;
}

static void probe_nested(void)
{
	want(refused(unshare(CLONE_NEWUSER)), "unshare");
	want(refused(unshare(CLONE_NEWUSER | CLONE_NEWNS)), "unshare two");
	want(refused(syscall(SYS_unshare, CLONE_NEWUSER | 1UL << 63)) ||
		     errno == EINVAL,
	     "unshare with ignored bits");
	want(refused(try_clone(CLONE_NEWUSER)), "clone");
	want(refused(try_clone3(CLONE_NEWUSER)), "clone3");
	try_other_abis();
	/* Everything else still works. */
	want(try_clone(0) > 0, "clone without");
	want(unshare(CLONE_FILES) == 0, "unshare of files");
}

/* By the filter, whatever the limit says. */
static void probe_filtered(void)
{
	probe_nested();
	want(unshare(CLONE_NEWUSER) == -1 && errno == EPERM, "EPERM");
	want(try_clone3(0) == -1 && errno == ENOSYS, "ENOSYS");
}

static void probe_allowed(void)
{
	want(unshare(CLONE_NEWUSER) == 0, "unshare -U");
}

static void probe_others(void)
{
	gid_t group = getgid();

	want(setuid(getuid() ? 0 : 1) == -1 && errno != 0, "setuid");
	want(setgid(getgid() ? 0 : 1) == -1 && errno != 0, "setgid");
	want(setgroups(0, NULL) == -1 && errno == EPERM, "setgroups");
	want(setgroups(1, &group) == -1 && errno == EPERM, "setgroups");
	want(chown("/tmp", 1, 1) == -1, "chown");
	want(sethostname("x", 1) == -1 && errno == EPERM, "sethostname");
}

static const struct {
	const char *name;
	void (*probe)(void);
} probes[] = {
	{ "nested", probe_nested },
	{ "filtered", probe_filtered },
	{ "allowed", probe_allowed },
	{ "others", probe_others },
};

static int probe_main(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(probes); i++)
		if (!strcmp(name, probes[i].name))
			probes[i].probe();
	if (!wrong)
		puts("probe ok");
	return wrong;
}

static void run_box(struct live_run *r, enum live_who who,
		    const struct sandbox *box, const char *script)
{
	struct live_case c = { .who = who, .box = box, .argv = SHELL(script) };

	live_run(r, &c);
}

static void run_probe(struct live_run *r, enum live_who who,
		      const struct sandbox *box, const char *probe)
{
	struct live_case c = { .who = who,
			       .box = box,
			       .argv = { live_self, "probe", probe } };

	live_run(r, &c);
	live_expect(r, 0, "probe ok");
}

/* ---- maps ---- */

/* Root inside, nobody outside; its name gives no right. */
static void test_root_inside(enum live_who who)
{
	const struct sandbox box = { .has_user = true };
	struct live_run r;
	unsigned outside = 0, count = 0;

	run_box(&r, who, &box,
		"id -u; id -g; cat /proc/self/uid_map; grep Cap "
		"/proc/self/status; cat /etc/shadow; echo a >/tmp/f && "
		"stat -c %u /tmp/f");
	live_check(sscanf(r.text, "0\n0\n 0 %u %u", &outside, &count) == 2 &&
			   count == 1 && outside != 0 && outside != 65534,
		   "one id, not root's", r.text);
	live_check(live_has(&r, "CapEff:\t0000000000000000") &&
			   live_has(&r, "CapBnd:\t0000000000000000"),
		   "no capability", r.text);
	live_expect(&r, 0, "Permission denied");
	run_probe(&r, who, &box, "others");
}

static void test_ranges(enum live_who who)
{
	const uint32_t base = base_id();
	const struct sandbox_map maps[] = { range(false, 0, base, 1000),
					    range(false, 5000, base + 5000, 1),
					    range(true, 0, base, 65536) };
	struct sandbox box = { .maps = maps, .nmaps = 3 };
	struct live_run r;
	char want_text[128];

	box.has_user = true;
	box.uid = 5000;
	box.gid = 44;
	run_box(&r, who, &box,
		"id; echo $(cat /proc/self/uid_map); id -G; stat -c %u:%g "
		"/tmp");
	if (who == LIVE_USER) {
		live_expect(&r, 125, "E0877");
		return;
	}
	snprintf(want_text, sizeof(want_text), "0 %u 1000 5000 %u 1\n44\n",
		 base, base + 5000);
	live_expect(&r, 0, want_text);
	live_check(live_has(&r, "uid=5000 "), "uid", r.text);
	run_probe(&r, who, &box, "others");
	run_probe(&r, who, &box, "nested");
}

static void test_own_id(enum live_who who)
{
	unsigned uid = geteuid() ? geteuid() : LIVE_UID;
	unsigned gid = geteuid() ? getegid() : LIVE_UID;
	const struct sandbox_map maps[] = { range(false, 7, uid, 1),
					    range(true, 8, gid, 1) };
	const struct sandbox box = { .maps = maps, .nmaps = 2 };
	struct live_run r;

	if (who == LIVE_ROOT)
		return;
	run_box(&r, who, &box, "id -u; id -g; cat /proc/self/setgroups");
	live_expect(&r, 0, "7\n8\ndeny\n");
	run_probe(&r, who, &box, "others");
}

static void test_auto(enum live_who who)
{
	const struct sandbox box = { .map_auto = true, .has_user = true };
	struct live_run r;
	unsigned outside = 0;

	if (who == LIVE_USER)
		return; /* scenario S8, with subordinate ids of its own */
	run_box(&r, who, &box, "id -u; cat /proc/self/uid_map");
	live_expect(&r, 0, NULL);
	live_check(sscanf(r.text, "0\n 0 %u 65536", &outside) == 1 &&
			   outside >= 524288 && outside % 65536 == 0,
		   "a block", r.text);
}

static void test_refusals(enum live_who who)
{
	const struct sandbox_map root = range(false, 0, 0, 1);
	struct sandbox box = { .maps = &root, .nmaps = 1 };
	struct live_run r;

	run_box(&r, who, &box, "echo ran");
	live_expect(&r, 125, "E0876");
	live_check(!live_has(&r, "ran\n"), "not started", r.text);
	if (who == LIVE_ROOT || geteuid())
		return;
	/* No name, no files: the remedy is shown. */
	box = (struct sandbox){ .map_auto = true };
	run_box(&r, who, &box, "echo ran");
	live_expect(&r, 125, "E0877");
	live_check(!live_has(&r, "ran\n"), "not started", r.text);
}

static void write_as(const struct sandbox *shape, uint32_t owner)
{
	char dir[] = "/var/tmp/callgate-ids.XXXXXX", file[64];
	struct sandbox_mount line = { .kind = MOUNT_WRITE, .target = dir };
	struct sandbox box = *shape;
	const struct live_case c = { .box = &box,
				     .argv = { "/usr/bin/touch", file } };
	struct stat st = { 0 };
	struct live_run r;

	box.mounts = &line;
	box.nmounts = 1;
	if (!mkdtemp(dir) || chown(dir, owner, owner))
		live_check(false, dir, strerror(errno));
	snprintf(file, sizeof(file), "%s/f", dir);
	live_run(&r, &c);
	live_expect(&r, 0, NULL);
	live_check(stat(file, &st) == 0 && st.st_uid == owner &&
			   st.st_gid == owner,
		   "the folder's owner", r.text);
	unlink(file);
	rmdir(dir);
}

/* What is made in a folder belongs to its owner outside. */
static void test_written_owner(enum live_who who)
{
	const uint32_t base = base_id();
	const struct sandbox_map maps[] = { range(false, 0, base, 65536),
					    range(true, 0, base, 65536) };
	const struct sandbox named = { .maps = maps,
				       .nmaps = 2,
				       .has_user = true };
	const struct sandbox block = { .map_auto = true },
			     bare = { .ns_without = NS_USER },
			     renamed = { .has_user = true };

	if (who == LIVE_USER)
		return;
	write_as(&named, 4321);
	write_as(&named, base);
	write_as(&block, 4321);
	write_as(&bare, 4321);
	write_as(&renamed, 4321);
}

/* Terminals are of the group tty where the sandbox has that. */
static void test_tty_group(enum live_who who)
{
	static const char script[] = "grep ' devpts ' /proc/self/mountinfo";
	const uint32_t base = base_id();
	const struct sandbox_map map = range(true, 0, base, 100);
	const struct sandbox with = { .maps = &map, .nmaps = 1 },
			     without = { 0 }, bare = { .ns_without = NS_USER };
	struct live_run r;
	char gid[32];

	run_box(&r, who, &without, script);
	live_expect(&r, 0, "ptmxmode=666");
	live_check(!live_has(&r, "gid="), "no such group", r.text);
	if (who == LIVE_USER)
		return;
	snprintf(gid, sizeof(gid), "gid=%u,mode=620", base + 5);
	run_box(&r, who, &with, script);
	live_expect(&r, 0, gid);
	run_box(&r, who, &bare, script);
	live_expect(&r, 0, "gid=5,mode=620");
}

/* ---- without a user namespace ---- */

static void test_bare(enum live_who who)
{
	const struct sandbox box = { .ns_without = NS_USER };
	struct live_run r;
	char host[64] = "";
	unsigned id = 0;

	run_box(&r, who, &box,
		"id -u; id -G; readlink /proc/self/ns/user; grep "
		"'Cap\\|Groups\\|NoNew' /proc/self/status; head -n 1 "
		"/etc/passwd; echo a >/tmp/f && echo b >/var/tmp/g && stat -c "
		"'owner %u' /tmp/f; cat /etc/shadow; echo $$; mount -t tmpfs x "
		"/tmp");
	if (who == LIVE_USER) {
		live_expect(&r, 125, "E0879");
		live_check(!live_has(&r, "root:"), "not started", r.text);
		return;
	}
	live_check(sscanf(r.text, "%u\n", &id) == 1 && id >= 524288 &&
			   id <= 1879048191,
		   "a leased id", r.text);
	if (readlink("/proc/self/ns/user", host, sizeof(host) - 1) > 0)
		live_check(live_has(&r, host), "the host's", r.text);
	snprintf(host, sizeof(host), "owner %u\n", id);
	live_check(live_has(&r, host), host, r.text);
	live_check(live_has(&r, "root:x:0:0"), "reads", r.text);
	live_check(live_has(&r, "Groups:\t \n"), "no groups", r.text);
	live_check(live_has(&r, "NoNewPrivs:\t1\n"), "no_new_privs", r.text);
	for (const char *p = r.text; (p = strstr(p, "\nCap")); p++)
		live_check(!strncmp(p + 8, "\t0000000000000000\n", 18),
			   "no capability", r.text);
	live_check(live_has(&r, "Permission denied\n2\n"), "shadow, pid",
		   r.text);
	live_check(r.code != 0, "no mount", r.text);
	run_probe(&r, who, &box, "others");
	run_probe(&r, who, &box, "filtered");
}

static void test_bare_user(enum live_who who)
{
	struct sandbox box = { .ns_without = NS_USER, .has_user = true };
	struct live_run r;

	if (who == LIVE_USER)
		return;
	box.uid = box.gid = base_id();
	run_box(&r, who, &box, "test $(id -u) -gt 1999999999 && echo mine");
	live_expect(&r, 0, "mine\n");
	box.uid = 0;
	run_box(&r, who, &box, "echo ran");
	live_expect(&r, 125, "E0876");
}

/* ---- user namespaces inside ---- */

static void test_nested(enum live_who who)
{
	struct sandbox box = { 0 };
	struct live_run r;

	run_probe(&r, who, &box, "nested");
	/* What could raise the limit can't pass the filter. */
	box.caps_keep = 1ULL << 24;
	run_probe(&r, who, &box, "filtered");
	box = (struct sandbox){ .nested_users = true };
	run_probe(&r, who, &box, "allowed");
	run_box(&r, who, &box, "unshare -U true && echo nested");
	live_expect(&r, 0, "nested\n");
	box.ns_without = NS_USER;
	if (who == LIVE_ROOT)
		run_probe(&r, who, &box, "allowed");
}

/* ---- several at once ---- */

/* The ids outside of one that waits: first and count. */
static bool outside_of(struct live_run *r, unsigned long *first,
		       unsigned long *count)
{
	unsigned long inside, uid;

	return live_read(r, "here\n") &&
	       sscanf(r->text, "%lu\n %lu %lu %lu", &uid, &inside, first,
		      count) == 4 &&
	       (*count < UINT32_MAX ||
		(*first = uid, *count = 1, true)); /* the host's own map */
}

/* No two sandboxes that root starts have a host id in common. */
static void test_crowd(enum live_who who)
{
	static const struct sandbox kinds[] = {
		{ .has_user = true },
		{ .map_auto = true },
		{ .ns_without = NS_USER },
	};
	unsigned long first[CROWD], count[CROWD];
	struct live_run *r = calloc(CROWD, sizeof(*r));

	if (!r || who == LIVE_USER) {
		free(r);
		return;
	}
	for (int i = 0; i < CROWD; i++) {
		struct live_case c = {
			.who = who,
			.box = &kinds[i % (int)ARRAY_LEN(kinds)],
			.argv = SHELL("id -u; cat /proc/self/uid_map; echo "
				      "here; read x"),
		};

		live_start(&r[i], &c);
	}
	for (int i = 0; i < CROWD; i++) {
		live_check(outside_of(&r[i], &first[i], &count[i]), "ids",
			   r[i].text);
		for (int k = 0; k < i; k++)
			live_check(first[i] >= first[k] + count[k] ||
					   first[k] >= first[i] + count[i],
				   "ids of its own", r[i].text);
	}
	for (int i = 0; i < CROWD; i++)
		live_check(live_finish(&r[i]) == 0, "its end", r[i].text);
	free(r);
}

static void test_busy(enum live_who who)
{
	const uint32_t base = base_id();
	const struct sandbox_map one[] = { range(false, 0, base, 100),
					   range(true, 0, base, 100) };
	const struct sandbox_map two[] = { range(false, 0, base + 99, 1),
					   range(true, 0, base + 200, 1) };
	const struct sandbox first = { .maps = one, .nmaps = 2 };
	const struct sandbox second = { .maps = two, .nmaps = 2 };
	const struct live_case c = { .who = who,
				     .box = &first,
				     .argv = SHELL("echo here; read x") };
	struct live_run r, other;

	if (who == LIVE_USER)
		return;
	live_start(&r, &c);
	live_check(live_read(&r, "here\n"), "started", r.text);
	run_box(&other, who, &second, "echo ran");
	live_expect(&other, 125, "error[E0807]");
	live_check(live_has(&other, "another sandbox has some of them"),
		   "why", other.text);
	live_check(live_finish(&r) == 0, "its end", r.text);
	run_box(&other, who, &second, "echo ran");
	live_expect(&other, 0, "ran\n");
}

int main(int argc, char **argv)
{
	static const struct live_test tests[] = {
		{ "root inside", test_root_inside },
		{ "ranges", test_ranges },
		{ "own id", test_own_id },
		{ "auto", test_auto },
		{ "refusals", test_refusals },
		{ "written owner", test_written_owner },
		{ "tty group", test_tty_group },
		{ "bare", test_bare },
		{ "bare user", test_bare_user },
		{ "nested", test_nested },
		{ "crowd", test_crowd },
		{ "busy", test_busy },
	};

	if (argc == 3)
		return probe_main(argv[2]);
	return live_main(tests, ARRAY_LEN(tests));
}
