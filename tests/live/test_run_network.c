/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_run_network.c - goal: each network is what its name says, reaches what
 * it should and nothing else, and is gone with the sandbox
 *
 * Method: the caller moves into network and mount namespaces of its own,
 * where it makes a bridge, an upstream peer or a tun device; commands in
 * real sandboxes look at interfaces and talk to a server in the caller's
 * namespace.  Nothing leaves the test's own namespaces.
 */
#include <arpa/inet.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>

#include "tests/support/live.h"

#define SHELL(text)                     \
	{                               \
		"/bin/sh", "-c", (text) \
	}
#define INTERFACES "sed -n 's/^ *\\([a-z0-9]*\\):.*/\\1/p' /proc/net/dev"

/* A process that answers "hello" on a port, in the caller's namespaces. */
static void serve(const char *address, uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(port) };
	int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	inet_pton(AF_INET, address, &at.sin_addr);
	setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(sock, (struct sockaddr *)&at, sizeof(at)) || listen(sock, 8))
		_exit(98);
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(1);
		close(2);
		for (;;) {
			int c = accept(sock, NULL, NULL);

			if (c >= 0 && write(c, "hello\n", 6) == 6)
				close(c);
		}
	}
	close(sock);
}

static void shell(const char *text)
{
	if (system(text))
		_exit(97);
}

/* As the test's user: a network namespace needs a user namespace then. */
static void own_network(void)
{
	if (unshare(geteuid() ? CLONE_NEWUSER | CLONE_NEWNET : CLONE_NEWNET))
		_exit(96);
}

static void bridge(void)
{
	own_network();
	shell("ip link set lo up && ip link add br0 type bridge && "
	      "ip addr add 10.1.0.1/24 dev br0 && "
	      "ip addr add fd00:1::1/64 dev br0 nodad && ip link set br0 up");
	serve("10.1.0.1", 4444);
}

static void no_bridge(void)
{
	own_network();
}

static void test_none(enum live_who who)
{
	struct live_case c = { .who = who, .argv = SHELL(INTERFACES) };
	struct live_run r;

	live_run(&r, &c);
	live_expect(&r, 0, NULL);
	live_check(!strcmp(r.text, "lo\n"), "only lo", r.text);
}

static void loopback_server(void)
{
	own_network();
	shell("ip link set lo up");
	serve("127.0.0.1", 4444);
}

#define CLIENT(address) "nc -d -w 5 " address " 4444"

static void test_host(enum live_who who)
{
	struct sandbox box = { .network = { .kind = NETWORK_HOST } };
	struct live_case c = {
		.who = who,
		.box = &box,
		.argv = SHELL(CLIENT("127.0.0.1")),
		.prepare = loopback_server,
	};
	struct live_run r;

	if (who == LIVE_USER)
		return; /* its network would come with a user namespace */
	live_run(&r, &c);
	live_expect(&r, 0, "hello");
	box.network.kind = NETWORK_NONE;
	live_run(&r, &c);
	live_expect(&r, 1, NULL);
	live_check(!live_has(&r, "hello"), "reached without a network", r.text);
}

static void test_same_namespace(enum live_who who)
{
	char here[64] = "";
	struct sandbox box = { .network = { .kind = NETWORK_HOST } };
	struct live_case c = {
		.who = who,
		.box = &box,
		.argv = {"/bin/readlink", "/proc/self/ns/net"},
	};
	struct live_run r;

	live_check(readlink("/proc/self/ns/net", here, sizeof(here) - 1) > 0,
		   "readlink", NULL);
	live_run(&r, &c);
	live_expect(&r, 0, here);
	box.network.kind = NETWORK_NONE;
	live_run(&r, &c);
	live_expect(&r, 0, "net:[");
	live_check(!live_has(&r, here), "the host's network", r.text);
}

static void veth_case(struct live_case *c, struct sandbox *box,
		      const char *command)
{
	*box = (struct sandbox){
		.network = {.kind = NETWORK_VETH,
			     .bridge = "br0",
			     .address = "10.1.0.2/24",
			     .gateway = "10.1.0.1"},
	};
	*c = (struct live_case){
		.who = LIVE_ROOT,
		.box = box,
		.prepare = bridge,
		.argv = SHELL(command),
	};
}

static void test_veth(enum live_who who)
{
	struct sandbox box;
	struct live_case c;
	struct live_run r;

	veth_case(&c, &box,
		  INTERFACES "; " CLIENT("10.1.0.1") "; cat /proc/net/route; "
						     "ip -6 addr show eth0");
	if (who == LIVE_USER)
		return;
	live_run(&r, &c);
	live_expect(&r, 0, "eth0\n");
	live_check(live_has(&r, "hello"), "the server", r.text);
	/* Default through 10.1.0.1, as the kernel writes it. */
	live_check(live_has(&r, "eth0\t00000000\t0100010A\t0003"),
		   "the default route", r.text);
	box.network.address = "fd00:1::2/64";
	box.network.gateway = "fd00:1::1";
	live_run(&r, &c);
	live_check(live_has(&r, "inet6 fd00:1::2/64"), "IPv6", r.text);
	box.network = (struct sandbox_network){ .kind = NETWORK_VETH };
	live_run(&r, &c);
	live_check(live_has(&r, "eth0\n") && !live_has(&r, "hello"),
		   "a pair without a bridge", r.text);
}

static void test_veth_refused(enum live_who who)
{
	struct sandbox box;
	struct live_case c;
	struct live_run r;

	veth_case(&c, &box, "echo IT-RAN");
	c.who = who;
	if (who == LIVE_USER) {
		c.prepare = NULL;
		live_run(&r, &c);
		live_expect(&r, 125, "E0850");
		live_check(live_has(&r, "CAP_NET_ADMIN"), "named", r.text);
		return;
	}
	c.prepare = no_bridge;
	live_run(&r, &c);
	live_expect(&r, 125, "no interface 'br0'");
	box.network.bridge = "lo";
	live_run(&r, &c);
	live_expect(&r, 125, "E0851");
	live_check(live_has(&r, "'lo'") && live_has(&r, "no bridge"),
		   "names the bridge", r.text);
	veth_case(&c, &box, "echo IT-RAN");
	box.network.gateway = "10.2.0.1";
	live_run(&r, &c);
	live_expect(&r, 125, "E0851");
	live_check(live_has(&r, "step 'address', '10.2.0.1'"), "the gateway",
		   r.text);
	live_check(!live_has(&r, "IT-RAN\n"), "the command ran", r.text);
}

/* The bridge is empty again, also when the runner was killed. */
static void test_veth_gone(enum live_who who)
{
	static const char bridge_ports[] =
		"for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; "
		"do [ -z \"$(ip -o link show master br0)\" ] && exit 0; "
		"sleep 0.1; done; exit 1";
	struct sandbox box;
	struct live_case c;
	struct live_run r;

	if (who == LIVE_USER)
		return;
	for (int killed = 0; killed < 2; killed++) {
		pid_t pid;
		int status;

		veth_case(&c, &box, "echo up; read x");
		c.prepare = NULL;
		fflush(NULL);
		pid = fork();
		if (pid == 0) {
			bridge();
			live_start(&r, &c);
			if (!live_read(&r, "up\n"))
				_exit(2);
			shell("ip -o link show master br0 | grep -q callgate");
			if (killed)
				kill(r.runner, SIGKILL);
			live_finish(&r);
			_exit(system(bridge_ports) ? 3 : 0);
		}
		waitpid(pid, &status, 0);
		live_check(status == 0, killed ? "after SIGKILL" : "at the end",
			   NULL);
	}
}

/* As root, before a user's sandbox: an upstream network, and the device. */
static void upstream(void)
{
	own_network();
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "/dev/net", "tmpfs", 0, "mode=755") ||
	    mknod("/dev/net/tun", S_IFCHR | 0666, makedev(10, 200)) ||
	    chmod("/dev/net/tun", 0666))
		_exit(95);
	shell("ip link set lo up && ip link add br0 type bridge && "
	      "ip addr add 10.9.0.1/24 dev br0 && ip link set br0 up && "
	      "ip route add default via 10.9.0.2 dev br0 && "
	      "ip addr add 10.9.0.2/32 dev lo");
	serve("10.9.0.2", 4444);
	serve("127.0.0.1", 4445);
}

static bool has_pasta(void)
{
	if (geteuid() == 0 && access("/usr/bin/pasta", X_OK) == 0 &&
	    access("/dev/net/tun", F_OK) == 0)
		return true;
	live_skip("needs pasta, /dev/net/tun, and root to prepare a network");
	return false;
}

/* Runs `body` in a process that has the upstream network. */
static void with_upstream(int (*body)(void), const char *what)
{
	char text[32];
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		upstream();
		status = body();
		fflush(NULL);
		_exit(status);
	}
	waitpid(pid, &status, 0);
	snprintf(text, sizeof(text), "wait status 0x%x", status);
	live_check(status == 0, what, text);
}

static const struct sandbox pasta_box = {
	.network = { .kind = NETWORK_PASTA },
};

static int pasta_reaches(void)
{
	struct live_case c = {
		.who = LIVE_USER,
		.box = &pasta_box,
		.argv = SHELL(CLIENT(
			"10.9.0.2") "; " INTERFACES "; "
				    "nc -d -w 2 127.0.0.1 4445; "
				    "nc -d -w 2 10.9.0.2 4445; echo done"),
	};
	struct live_run r;

	live_run(&r, &c);
	live_expect(&r, 0, "hello\n");
	live_check(live_has(&r, "lo\nbr0\ndone\n"),
		   "interfaces, and nothing of the host's loopback", r.text);
	return live_failed != 0;
}

/* "PID COMM" of pasta and its guard in the test's network namespace. */
#define PASTAS                                                           \
	"here=$(readlink /proc/self/ns/net); for p in /proc/[0-9]*; do " \
	"[ \"$(readlink $p/ns/net)\" = \"$here\" ] && "                  \
	"echo ${p#/proc/} $(cat $p/comm); done 2>/dev/null | "           \
	"grep -E ' (pass?t|callgate-pasta)'"

static int pastas(void)
{
	return system(PASTAS " >/dev/null");
}

static int pasta_ends(void)
{
	for (int killed = 0; killed < 2; killed++) {
		struct live_case c = { .who = LIVE_USER,
				       .box = &pasta_box,
				       .argv = SHELL("echo up; read x") };
		struct live_run r;
		int tries = 50;

		live_start(&r, &c);
		if (!live_read(&r, "up\n") || pastas() != 0)
			return 2;
		if (killed)
			kill(r.runner, SIGKILL);
		live_finish(&r);
		while (pastas() == 0 && tries--)
			usleep(100 * 1000);
		if (pastas() == 0)
			return 3 + killed;
	}
	return 0;
}

static int pasta_dies(void)
{
	struct live_case c = { .who = LIVE_USER,
			       .box = &pasta_box,
			       .argv = SHELL("echo up; read x; exit 4") };
	struct live_run r;

	live_start(&r, &c);
	if (!live_read(&r, "up\n"))
		return 2;
	shell("kill -9 $(" PASTAS " | sed -n 's/ pas.*//p')");
	usleep(200 * 1000);
	live_finish(&r);
	live_expect(&r, 4, "W0853");
	return live_failed != 0;
}

static int pasta_fails(void)
{
	struct live_case c = { .who = LIVE_USER,
			       .box = &pasta_box,
			       .argv = SHELL("echo IT-RAN") };
	struct live_run r;

	chmod("/dev/net/tun", 0600);
	live_run(&r, &c);
	live_expect(&r, 125, "E0853");
	live_check(live_has(&r, "pasta says: "), "its own words", r.text);
	live_check(!live_has(&r, "IT-RAN\n"), "the command ran", r.text);
	return live_failed != 0;
}

static int pasta_missing(void)
{
	struct live_case c = { .who = LIVE_USER,
			       .box = &pasta_box,
			       .argv = SHELL("echo IT-RAN") };
	struct live_run r;

	if (mount("/dev/null", "/usr/bin/pasta", NULL, MS_BIND, NULL))
		return 2;
	live_run(&r, &c);
	live_expect(&r, 125, "E0852");
	live_check(live_has(&r, "passt"), "names the package", r.text);
	return live_failed != 0;
}

static void test_pasta(enum live_who who)
{
	struct live_case c = { .who = LIVE_ROOT,
			       .box = &pasta_box,
			       .argv = SHELL("echo IT-RAN") };
	struct live_run r;

	if (who == LIVE_ROOT) {
		live_run(&r, &c);
		live_expect(&r, 125,
			    access("/usr/bin/pasta", X_OK) ? "E0852" : "E0850");
		return;
	}
	if (!has_pasta())
		return;
	with_upstream(pasta_reaches, "pasta reaches the network");
	with_upstream(pasta_ends, "pasta ends with the sandbox");
	with_upstream(pasta_dies, "pasta's end is told");
	with_upstream(pasta_fails, "pasta's failure is told");
	with_upstream(pasta_missing, "pasta's absence is told");
}

static const struct live_test tests[] = {
	{"none",		  test_none	    },
	{ "host",		  test_host	    },
	{ "the host's namespace", test_same_namespace},
	{ "veth",		  test_veth	    },
	{ "veth refused",	  test_veth_refused  },
	{ "veth gone",	       test_veth_gone     },
	{ "pasta",		   test_pasta	      },
};

int main(void)
{
	return live_main(tests, ARRAY_LEN(tests));
}
