/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_run_mounts.c - goal: every mount line does what it says and no more
 *
 * Method: sandboxes as root and as an ordinary user over a folder of our
 * own; what is written inside is looked at from outside, what must not be
 * possible is tried, and a second process swaps folders for links meanwhile.
 */
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "tests/support/live.h"

#define SHELL(script) { "/bin/sh", "-c", script }

static char top[64]; /* our folder, new for each test */

static const char *at(const char *name)
{
	static char paths[8][160];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", top, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(at(name), "we");

	live_check(f && fputs(text, f) >= 0 && fclose(f) == 0 &&
			   chmod(at(name), 0644) == 0,
		   "write", name);
}

static void folder(const char *name, uid_t owner)
{
	live_check(mkdir(at(name), 0755) == 0 && chmod(at(name), 0755) == 0,
		   "mkdir", name);
	if (geteuid() == 0)
		live_check(chown(at(name), owner, owner) == 0, "chown", name);
}

static void clean(void)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -rf %s", top);
	live_check(system(command) == 0, "clean", NULL);
}

/* data/f says "outside", data belongs to the ordinary user. */
static void begin(void)
{
	strcpy(top, "/var/tmp/callgate-live.XXXXXX");
	live_check(mkdtemp(top) && chmod(top, 0755) == 0, "mkdtemp", NULL);
	folder("data", LIVE_UID);
	put("data/f", "outside\n");
	if (geteuid() == 0)
		live_check(chown(at("data/f"), LIVE_UID, LIVE_UID) == 0,
			   "chown", NULL);
}

static void run_box(struct live_run *r, enum live_who who, enum root_kind root,
		    const char *root_path, const struct sandbox_mount *mounts,
		    size_t n, const char *const *argv)
{
	const struct sandbox box = {
		.present = true,
		.root = root,
		.root_path = root_path,
		.mounts = mounts,
		.nmounts = n,
	};
	struct live_case c = { .who = who, .box = &box };

	for (size_t i = 0; argv[i]; i++)
		c.argv[i] = argv[i];
	live_run(r, &c);
}

static void shell(struct live_run *r, enum live_who who, enum root_kind root,
		  const struct sandbox_mount *mounts, size_t n,
		  const char *script)
{
	const char *argv[] = { "/bin/sh", "-c", script, NULL };

	run_box(r, who, root, NULL, mounts, n, argv);
}

static uid_t owner_of(const char *name)
{
	struct stat st;

	return stat(at(name), &st) == 0 ? st.st_uid : (uid_t)-1;
}

/* Started by root, what the sandbox writes is the folder's owner's. */
static void test_write(enum live_who who)
{
	struct sandbox_mount m = { .kind = MOUNT_WRITE };
	struct live_run r;
	char script[400];

	begin();
	m.target = at("data");
	snprintf(script, sizeof(script),
		 "cd %s && cat f && echo inside >new && echo more >>f && "
		 "printf '#!/bin/sh\\n' >x && chmod 755 x; ./x; echo st $?; "
		 "stat -c %%u new f; id -u; touch ../sibling /usr/x",
		 at("data"));
	shell(&r, who, ROOT_HOST, &m, 1, script);
	live_expect(&r, 1, "outside\n");
	live_check(live_has(&r, "st 126"), "noexec", r.text);
	live_check(access(at("sibling"), F_OK) != 0, "read-only around", NULL);
	live_check(owner_of("data/new") ==
			   (geteuid() ? geteuid() : (uid_t)LIVE_UID),
		   "the owner outside", r.text);
	if (who == LIVE_ROOT)
		live_check(live_has(&r, "1000\n1000\n1000\n"), "inside ids",
			   r.text);
	clean();
}

static void test_bind(enum live_who who)
{
	struct sandbox_mount m[] = {
		{ .kind = MOUNT_BIND, .target = "/tmp/a/ro" },
		{ .kind = MOUNT_BIND, .target = "/home/rw", .rw = true },
		{ .kind = MOUNT_BIND, .target = "/tmp/file" },
		{ .kind = MOUNT_BIND,
		  .target = "/run/id",
		  .rw = true,
		  .idmap = true },
	};
	struct live_run r;

	begin();
	m[0].source = m[1].source = m[3].source = at("data");
	m[2].source = at("data/f");
	if (geteuid() == 0)
		live_check(chmod(at("data"), 0755) == 0, "chmod", NULL);
	shell(&r, who, ROOT_HOST, m, 4,
	      "cat /tmp/a/ro/f /home/rw/f /tmp/file; touch /tmp/a/ro/x; "
	      "echo x >>/tmp/file; touch /home/rw/rw && echo made rw; "
	      "touch /run/id/id && echo made id");
	live_expect(&r, 0, "outside\noutside\noutside\n");
	live_check(live_has(&r, "made id"), "idmap", r.text);
	live_check(access(at("data/x"), F_OK) != 0, "read-only", r.text);
	/* A leased id owns nothing without the map. */
	live_check(live_has(&r, "made rw") == (who == LIVE_USER),
		   "not mapped", r.text);
	live_check(owner_of("data/id") ==
			   (geteuid() ? geteuid() : (uid_t)LIVE_UID),
		   "owner", r.text);
	clean();
}

static void test_missing(enum live_who who)
{
	struct sandbox_mount m = { .kind = MOUNT_BIND };
	struct live_run r;

	begin();
	m.source = "/no/such/source";
	m.target = "/tmp/x";
	shell(&r, who, ROOT_HOST, &m, 1, "echo IT-RAN");
	live_expect(&r, 125, "E0821");
	m.source = at("data");
	m.target = "/usr/no-such-target";
	shell(&r, who, ROOT_HOST, &m, 1, "echo IT-RAN");
	live_expect(&r, 125, "E0822");
	live_check(!live_has(&r, "IT-RAN\n"), "it ran", r.text);
	live_check(access("/usr/no-such-target", F_OK) != 0, "created", NULL);
	m.target = "relative";
	shell(&r, who, ROOT_HOST, &m, 1, "echo IT-RAN");
	live_expect(&r, 125, "E0820");
	m.target = "/usr/../etc";
	shell(&r, who, ROOT_HOST, &m, 1, "echo IT-RAN");
	live_expect(&r, 125, "E0820");
	m = (struct sandbox_mount){ .kind = MOUNT_DEVICE,
				    .target = "/etc/passwd" };
	shell(&r, who, ROOT_HOST, &m, 1, "echo IT-RAN");
	live_expect(&r, 125, "E0824");
	/* The error names the file system that has no such maps. */
	m = (struct sandbox_mount){ .kind = MOUNT_BIND,
				    .source = "/sys/kernel",
				    .target = "/tmp/x",
				    .idmap = true };
	shell(&r, who, ROOT_HOST, &m, 1, "echo IT-RAN");
	live_expect(&r, 125, who == LIVE_ROOT ? "sysfs" : "E0823");
	m = (struct sandbox_mount){ .kind = MOUNT_READ, .target = "/usr" };
	shell(&r, who, ROOT_HOST, &m, 1, "echo IT-RAN");
	live_expect(&r, 125, "E0827");
	clean();
}

static void test_tmpfs(enum live_who who)
{
	const struct sandbox_mount m[] = {
		{ .kind = MOUNT_TMPFS, .target = "/tmp", .size = 1 << 20 },
		{ .kind = MOUNT_TMPFS, .target = "/opt", .exec = true },
		{ .kind = MOUNT_BIND, .target = "/tmp/in/usr", .source = "/usr" },
	};
	struct live_run r;

	shell(&r, who, ROOT_HOST, m, 3,
	      "head -c 2000000 /dev/zero >/tmp/big; stat -c %s /tmp/big; "
	      "cp /bin/true /opt/t && /opt/t && echo ran; "
	      "cp /bin/true /tmp/t; rm /tmp/big; cp /bin/true /tmp/t; /tmp/t; "
	      "echo st $?; test -d /tmp/in/usr/bin && echo bound");
	live_expect(&r, 0, "No space left on device");
	live_check(live_has(&r, "\n1048576\n") || live_has(&r, "ran"), "size",
		   r.text);
	live_check(live_has(&r, "ran\n"), "exec", r.text);
	live_check(live_has(&r, "st 126"), "noexec", r.text);
	live_check(live_has(&r, "bound"), "place in a tmpfs", r.text);
}

static void test_hide_readonly(enum live_who who)
{
	struct sandbox_mount m[] = {
		{ .kind = MOUNT_HIDE, .target = "/proc/version" },
		{ .kind = MOUNT_HIDE, .target = "/usr/share" },
		{ .kind = MOUNT_READONLY, .target = "/tmp" },
		{ .kind = MOUNT_READONLY, .target = "/proc/sys" },
		{ .kind = MOUNT_WRITE },
		{ .kind = MOUNT_READONLY },
	};
	struct live_run r;
	char script[200];

	begin();
	shell(&r, who, ROOT_HOST, m, 4,
	      "wc -c </proc/version; echo .$(ls -A /usr/share).; touch /tmp/x; "
	      "cat /proc/sys/kernel/ostype; grep ' /proc/sys ' "
	      "/proc/self/mountinfo");
	live_expect(&r, 0, "0\n..\n");
	live_check(live_has(&r, "Read-only file system") &&
			   live_has(&r, "Linux\n") && live_has(&r, " ro,"),
		   "readonly", r.text);
	folder("data/sub", LIVE_UID);
	m[4].target = at("data");
	m[5].target = at("data/sub");
	snprintf(script, sizeof(script),
		 "touch %s/yes && touch %s/no; echo st $?", at("data"),
		 at("data/sub"));
	shell(&r, who, ROOT_HOST, m + 4, 2, script);
	live_expect(&r, 0, "st 1");
	live_check(access(at("data/yes"), F_OK) == 0 &&
			   access(at("data/sub/no"), F_OK) != 0,
		   "the more specific line", r.text);
	m[0].target = "/no/such";
	shell(&r, who, ROOT_HOST, m, 1, "true");
	live_expect(&r, 125, "E0822");
	clean();
}

static void test_overlay(enum live_who who)
{
	struct sandbox_mount m = { .kind = MOUNT_OVERLAY, .target = "/opt" };
	struct live_run r;
	char list[200];

	begin();
	folder("second", LIVE_UID);
	put("second/g", "second\n");
	folder("upper", LIVE_UID);
	folder("work", LIVE_UID);
	m.source = at("data");
	shell(&r, who, ROOT_HOST, &m, 1, "cat /opt/f; touch /opt/x");
	live_expect(&r, 1, "outside\n");
	snprintf(list, sizeof(list), "%s:%s", at("data"), at("second"));
	m.source = list;
	shell(&r, who, ROOT_HOST, &m, 1,
	      "cat /opt/f /opt/g; touch /opt/x; grep /opt "
	      "/proc/self/mountinfo");
	live_expect(&r, 0, "outside\nsecond\n");
	live_check(live_has(&r, "overlay"), "overlay", r.text);
	m.upper = at("upper");
	m.work = at("work");
	shell(&r, who, ROOT_HOST, &m, 1,
	      "cd /opt && cat g && echo new >new && echo more >>f && cat f");
	if (who == LIVE_ROOT) {
		live_expect(&r, 125, "E0823");
	} else {
		live_expect(&r, 0, "second\noutside\nmore\n");
		live_check(access(at("upper/new"), F_OK) == 0 &&
				   access(at("upper/f"), F_OK) == 0 &&
				   access(at("data/new"), F_OK) != 0,
			   "copied up", r.text);
	}
	clean();
}

static void test_device(enum live_who who)
{
	const struct sandbox_mount fuse = { .kind = MOUNT_DEVICE,
					    .target = "/dev/fuse" };
	struct live_run r;

	if (access("/dev/fuse", F_OK)) {
		live_skip("this machine has no /dev/fuse");
		return;
	}
	shell(&r, who, ROOT_HOST, &fuse, 1, "ls /dev; test -c /dev/fuse");
	live_expect(&r, 0, "fuse\n");
}

/* What is not named is not there. */
static void test_empty_root(enum live_who who)
{
	struct sandbox_mount m[] = {
		{ .kind = MOUNT_READ, .loader = true },
		{ .kind = MOUNT_EXEC, .target = "/usr/bin" },
		{ .kind = MOUNT_WRITE },
		{ .kind = MOUNT_READ, .target = "/etc/debian_version" },
	};
	struct live_run r;
	char script[300];

	begin();
	m[2].target = at("data");
	snprintf(script, sizeof(script),
		 "echo /*; ls /etc /var /var/tmp; touch /x /etc/x; "
		 "echo a >/tmp/a && cat /tmp/a; echo b >%s/new; "
		 "cat %s/f; echo >/dev/null; test -e /usr/share; echo st $?",
		 at("data"), at("data"));
	shell(&r, who, ROOT_EMPTY, m, 4, script);
	live_expect(&r, 0, "outside\n");
	live_check(live_has(&r, "/bin /dev /etc /lib /lib64 /proc /tmp /usr "
				"/var\n") ||
			   live_has(&r, "/dev /etc /lib"),
		   "what is there", r.text);
	live_check(live_has(&r, "Read-only") || live_has(&r, "Permission"),
		   "the root is read-only", r.text);
	live_check(live_has(&r, "\na\n") && live_has(&r, "st 1"), "content",
		   r.text);
	live_check(access(at("data/new"), F_OK) == 0, "write", r.text);
	clean();
}

int main(void)
{
	static const struct live_test tests[] = {
		{ "write",	   test_write	      },
		{ "bind",	   test_bind	      },
		{ "missing",	   test_missing	      },
		{ "tmpfs",	   test_tmpfs	      },
		{ "hide readonly", test_hide_readonly },
		{ "overlay",	   test_overlay	      },
		{ "device",	   test_device	      },
		{ "empty root",	   test_empty_root    },
	};

	return live_main(tests, ARRAY_LEN(tests));
}
