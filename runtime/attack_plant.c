/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack_plant.c - made before the attacks, removed after them
 */
#include "runtime/attack_plant.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/str.h"
#include "runtime/attack/words.h"
#include "runtime/attack_program.h"
#include "runtime/sys.h"

enum { SHM_BYTES = 4096, PATH_ROOM = PLANT_NAME + 32 };

/* Names below the folder, to make and, backwards, to remove. */
static const char *const inside[] = {
	"in",	       "in/file",      "in/new",     "in/core",
	"bin",	       "bin/new",      "bin/callgate", "bin/callgate-attack",
	"secret",      "sock",	       "link.gate",  "victim",
	"victim/made",
	"rootfs",      "rootfs/mnt",   "rootfs/tmp", "rootfs/proc",
	"rootfs/dev",  "rootfs/callgate-attack",
};

static const char *below(char path[PATH_ROOM], const struct plants *p,
			 const char *name)
{
	snprintf(path, PATH_ROOM, "%s/%s", p->dir, name);
	return path;
}

static int write_file(const char *path, const void *bytes, size_t len,
		      mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	const char *at = bytes;
	ssize_t n;

	if (fd < 0)
		return errno;
	while (len && (n = write(fd, at, len)) > 0) {
		at += n;
		len -= (size_t)n;
	}
	/* Whatever the caller's umask is. */
	if (len || fchmod(fd, mode)) {
		int err = errno;

		close(fd);
		return err ? err : EIO;
	}
	close(fd);
	return 0;
}

/* A copy of the runner that its user may write: so does many an install. */
static int copy_self(const char *path)
{
	int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0777);
	int err = in < 0 || out < 0 ? errno : 0;
	struct stat st;

	if (!err && fstat(in, &st) == 0)
		while (st.st_size > 0) {
			ssize_t n = sendfile(out, in, NULL,
					     (size_t)st.st_size);

			if (n <= 0) {
				err = errno ? errno : EIO;
				break;
			}
			st.st_size -= n;
		}
	if (!err && fchmod(out, 0777))
		err = errno;
	close(in);
	close(out);
	return err;
}

static int make_dir(const char *path, mode_t mode)
{
	return mkdir(path, mode) || chmod(path, mode) ? errno : 0;
}

static int make_program(const char *path)
{
	return write_file(path, attack_program,
			  (size_t)(attack_program_end - attack_program), 0755);
}

static int make_files(struct plants *p)
{
	const size_t len = strlen(ATTACK_MARK);
	char path[PATH_ROOM];
	int err;

	/* Only these two are to be seen in a sandbox, and nothing beside. */
	err = make_dir(below(path, p, "in"), 0777);
	if (!err)
		err = make_dir(below(path, p, "bin"), 0755);
	if (!err)
		err = write_file(below(path, p, "in/file"), ATTACK_MARK, len,
				 0666);
	if (!err)
		err = write_file(below(path, p, "secret"), ATTACK_MARK, len,
				 0644);
	if (!err)
		err = write_file(p->secret, ATTACK_MARK, len, 0644);
	if (!err)
		err = make_program(below(path, p, "bin/callgate-attack"));
	if (!err)
		err = copy_self(below(path, p, "bin/callgate"));
	return err;
}

/* A root whose folder mnt is a link that leads out of it. */
static int make_root(struct plants *p)
{
	static const char *const dirs[] = { "victim", "rootfs", "rootfs/tmp",
					    "rootfs/proc", "rootfs/dev" };
	char path[PATH_ROOM], text[PATH_ROOM + 80];
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(dirs) / sizeof(*dirs); i++)
		err = make_dir(below(path, p, dirs[i]), 0755);
	if (!err && symlink("../victim", below(path, p, "rootfs/mnt")))
		err = errno;
	if (!err)
		err = make_program(below(path, p, "rootfs/callgate-attack"));
	snprintf(text, sizeof(text),
		 "default allow;\nsandbox { root \"%s\"; tmpfs \"/mnt/made\"; "
		 "workdir \"/\"; }\n",
		 below(path, p, "rootfs"));
	if (!err)
		err = write_file(below(path, p, "link.gate"), text,
				 strlen(text), 0644);
	return err;
}

/* Nobody accepts: that a connection is possible is all there is to know. */
static bool listen_on(struct plants *p, int family, const void *addr,
		      socklen_t len)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	if (bind(fd, addr, len) || listen(fd, 64)) {
		close(fd);
		return false;
	}
	p->listeners[p->nlisteners++] = fd;
	return true;
}

static bool listen_unix(struct plants *p, const char *path, size_t len)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	memcpy(addr.sun_path, path, len);
	return listen_on(p, AF_UNIX, &addr,
			 (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				     len));
}

static void make_sockets(struct plants *p)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(in);
	char path[PATH_ROOM] = "";

	below(path, p, "sock");
	if (listen_unix(p, path, strlen(path)))
		chmod(path, 0777);
	if (listen_unix(p, p->socket, strlen(p->socket)))
		chmod(p->socket, 0777);
	else
		p->socket[0] = '\0';
	memset(path, 0, sizeof(path));
	strcpy(path + 1, p->name);
	p->has_abstract = listen_unix(p, path, strlen(p->name) + 1);
	if (listen_on(p, AF_INET, &in, sizeof(in)) &&
	    getsockname(p->listeners[p->nlisteners - 1], (void *)&in, &len) ==
		    0)
		p->port = ntohs(in.sin_port);
}

static void make_ipc(struct plants *p)
{
	mqd_t q = mq_open(p->queue, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
			  0666, NULL);

	if (q == (mqd_t)-1)
		p->queue[0] = '\0';
	else
		mq_close(q);
	/* Never IPC_PRIVATE, which is 0. */
	p->shm_key = getpid() | 0x43000000;
	p->shm_id = shmget((key_t)p->shm_key, SHM_BYTES,
			   IPC_CREAT | IPC_EXCL | 0666);
}

/* Of the same user, and as open to it as any process of a user is. */
static void make_victim(struct plants *p)
{
	p->victim = fork();
	if (p->victim)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	prctl(PR_SET_NAME, "attack-victim", 0, 0, 0);
	for (;;)
		pause();
}

int plants_make(struct plants *p, const char *root, const char **object)
{
	int err;

	*p = (struct plants){ .shm_id = -1 };
	strcpy(p->dir, "/var/tmp/callgate-attack.XXXXXX");
	*object = "/var/tmp";
	if (!mkdtemp(p->dir)) {
		p->dir[0] = '\0';
		return errno;
	}
	if (chmod(p->dir, 0755))
		return errno;
	strcpy(p->word, strrchr(p->dir, '.') + 1);
	snprintf(p->name, sizeof(p->name), "callgate-attack.%s", p->word);
	snprintf(p->secret, sizeof(p->secret), "/tmp/%.40s", p->name);
	snprintf(p->socket, sizeof(p->socket), "/run/%.40s", p->name);
	snprintf(p->queue, sizeof(p->queue), "/%.40s", p->name);
	*object = p->dir;
	err = make_files(p);
	if (!err)
		err = make_root(p);
	if (!err && root) {
		*object = root;
		if (asprintf(&p->in_root, "%s/%s", root, p->name) < 0)
			oom();
		err = make_program(p->in_root);
	}
	if (err)
		return err;
	make_sockets(p);
	make_ipc(p);
	make_victim(p);
	return 0;
}

void plants_remove(struct plants *p)
{
	char path[PATH_ROOM];

	if (!p->dir[0])
		return;
	if (p->victim > 0) {
		kill(p->victim, SIGKILL);
		waitpid(p->victim, NULL, 0);
	}
	for (int i = 0; i < p->nlisteners; i++)
		close(p->listeners[i]);
	if (p->shm_id >= 0)
		shmctl(p->shm_id, IPC_RMID, NULL);
	if (p->queue[0])
		mq_unlink(p->queue);
	if (p->socket[0])
		unlink(p->socket);
	unlink(p->secret);
	if (p->in_root)
		unlink(p->in_root);
	free(p->in_root);
	for (size_t i = sizeof(inside) / sizeof(*inside); i-- > 0;)
		if (unlink(below(path, p, inside[i])))
			rmdir(path);
	rmdir(p->dir);
}

static void leave_key(const struct plants *p)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, p->name) < 0)
		return;
	syscall(SYS_add_key, "user", p->name, "x", (size_t)1,
		KEY_SPEC_SESSION_KEYRING);
}

static void leave_capabilities(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (sys_capget(&head, data))
		return;
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		data[i].inheritable = data[i].permitted;
	sys_capset(&head, data);
}

static void leave_descriptors(const struct plants *p)
{
	char path[PATH_ROOM];
	int dir = open(p->dir, O_RDONLY | O_DIRECTORY);
	int file = open(below(path, p, "in/file"), O_RDWR);

	dup2(dir, ATTACK_FD_DIR);
	dup2(file, ATTACK_FD_FILE);
	if (dir != ATTACK_FD_DIR)
		close(dir);
	if (file != ATTACK_FD_FILE)
		close(file);
}

static void leave_signals(void)
{
	sigset_t set;

	signal(SIGUSR1, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_SETMASK, &set, NULL);
}

void plants_leave(const struct plants *p)
{
	static const gid_t groups[] = { 4, 24, 30 };
	char path[PATH_ROOM];

	leave_key(p);
	leave_descriptors(p);
	leave_signals();
	setenv(ATTACK_VARIABLE, "1", 1);
	setenv("LD_LIBRARY_PATH", "/nonexistent", 1);
	/* Only who may; others keep those that they have. */
	if (setgroups(sizeof(groups) / sizeof(*groups), groups) && errno != EPERM)
		_exit(ATTACK_EXIT);
	leave_capabilities();
	if (chdir(below(path, p, "in")))
		_exit(ATTACK_EXIT);
}

static void word(struct str *out, const char *key, const char *value)
{
	if (!*value)
		return;
	str_addf(out, "%s=%s", key, value);
	str_addc(out, '\0');
}

static void number(struct str *out, const char *key, long value)
{
	if (value <= 0)
		return;
	str_addf(out, "%s=%ld", key, value);
	str_addc(out, '\0');
}

void plants_words(const struct plants *p, struct str *out)
{
	word(out, "dir", p->dir);
	word(out, "secret", p->secret);
	word(out, "socket", p->socket);
	word(out, "abstract", p->has_abstract ? p->name : "");
	/* Container filters refuse keyctl, as some kernels do. */
	if (syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID,
		    KEY_SPEC_SESSION_KEYRING, 0) >= 0 || errno == ENOKEY)
		word(out, "key", p->name);
	word(out, "queue", p->queue);
	number(out, "port", p->port);
	number(out, "shm", p->shm_id < 0 ? 0 : p->shm_key);
	number(out, "victim", p->victim);
}

bool plants_file_intact(const struct plants *p)
{
	char path[PATH_ROOM], text[64] = "";
	int fd = open(below(path, p, "in/file"), O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	close(fd);
	return n >= 0 && !strcmp(text, ATTACK_MARK);
}

bool plants_victim_touched(const struct plants *p)
{
	char path[PATH_ROOM];

	return access(below(path, p, "victim/made"), F_OK) == 0;
}
