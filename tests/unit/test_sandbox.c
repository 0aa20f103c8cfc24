/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: every line of the sandbox block becomes what it says in struct
 * sandbox, options take the place of the profile's lines or follow them,
 * and what the runner cannot do yet is refused (E0406), never left out.
 * Method: blocks as text, read with and without the table's flags; the
 * dump of the result is compared, for errors the code and the places.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/str.h"
#include "compiler/parse.h"
#include "compiler/sandbox.h"

static const struct ast_setting *block_of(struct unit *u, const char *name,
					  const char *body)
{
	const struct ast_file *file;
	struct str text = { 0 };
	uint32_t source;

	if (!body)
		return NULL;
	str_addf(&text, "sandbox { %s }", body);
	source = sources_add(&u->sources, name, text.text, text.len, span_none);
	str_fini(&text);
	file = parse_source(u, source);
	return file->items ? file->items->settings : NULL;
}

static struct sandbox read_lines(struct unit *u, const char *profile,
				 const char *after)
{
	struct sandbox box;
	const struct ast_setting *block = block_of(u, "t.gate", profile);

	sandbox_read_all(u, block, block_of(u, "<options>", after), &box);
	return box;
}

/* The dump without its title and indents, lines joined by "; ". */
static void expect(const char *profile, const char *after, const char *want)
{
	struct unit *u = unit_new();
	struct sandbox box = read_lines(u, profile, after);
	struct str dump = { 0 }, got = { 0 };

	if (diag_errors(u->diags))
		diag_print(u->diags, DIAG_TEXT, stderr);
	ck_assert_uint_eq(diag_errors(u->diags), 0);
	sandbox_dump(&box, &dump);
	for (char *at = strchr(dump.text, '\n') + 1; *at;) {
		size_t len = strcspn(at, "\n");

		str_addf(&got, "%s%.*s", got.len ? "; " : "", (int)len - 2,
			 at + 2);
		at += len + 1;
	}
	ck_assert_str_eq(str_text(&got), want);
	str_fini(&dump);
	str_fini(&got);
	unit_free(u);
}

static const struct {
	const char *lines, *dump;
} lines[] = {
	{ "", "" },
	{ "namespaces all;", "" },
	{ "namespaces all except net;", "without net" },
	{ "namespaces all, time;", "with time" },
	{ "namespaces all, time except net, uts;",
	  "without net uts; with time" },
	{ "namespaces none;", "without user mount pid net ipc uts cgroup" },
	{ "namespaces none except user, mount;",
	  "without pid net ipc uts cgroup" },
	{ "namespaces user, mount, pid, time;",
	  "without net ipc uts cgroup; with time" },
	{ "join net \"/run/netns/web\"; join pid 4711;",
	  "join net \"/run/netns/web\"; join pid 4711" },
	{ "pin uts \"/run/web-uts\";", "pin uts \"/run/web-uts\"" },
	{ "user 1000:1001;", "user 1000:1001" },
	{ "user 0 5;", "user 0:5" },
	{ "user 4294967294;", "user 4294967294:4294967294" },
	{ "map uid 0 100000 65536; map gid 0 100000 65536;",
	  "map uid 0 100000 65536; map gid 0 100000 65536" },
	{ "map uid 0 1000 1; map uid 1 100000 65535;",
	  "map uid 0 1000 1; map uid 1 100000 65535" },
	{ "map auto;", "map auto" },
	{ "root host;", "" },
	{ "root empty; read \"/usr\", \"/lib\" \"/etc//ssl/\" @loader;",
	  "root empty; read \"/usr\"; read \"/lib\"; read \"/etc/ssl\"; "
	  "read @loader" },
	{ "root \"/srv/root\";", "root \"/srv/root\"" },
	{ "write \"/var/log/web\"; exec \"/opt/x\";",
	  "write \"/var/log/web\"; exec \"/opt/x\"" },
	{ "bind \"/data\" \"/srv/data\" rw idmap; bind \"/a\" \"/b\";",
	  "bind \"/srv/data\" from \"/data\" rw idmap; "
	  "bind \"/b\" from \"/a\"" },
	{ "tmpfs \"/tmp\" size 64M; tmpfs \"/x\" exec;",
	  "tmpfs \"/tmp\" size 67108864; tmpfs \"/x\" exec" },
	{ "overlay \"/t\" lower \"/a\" upper \"/b\" work \"/c\";",
	  "overlay \"/t\" from \"/a\" upper \"/b\" work \"/c\"" },
	{ "overlay \"/t\" lower \"/a\";", "overlay \"/t\" from \"/a\"" },
	{ "hide \"/proc/kcore\"; readonly \"/proc/sys\"; device \"/dev/fuse\";",
	  "hide \"/proc/kcore\"; readonly \"/proc/sys\"; "
	  "device \"/dev/fuse\"" },
	{ "propagation private;", "" },
	{ "propagation slave;", "propagation slave" },
	{ "keep net_bind_service, CAP_CHOWN;",
	  "keep CAP_CHOWN; keep CAP_NET_BIND_SERVICE" },
	{ "keep @all; drop @all; keep kill;", "keep CAP_KILL" },
	{ "keep chown kill; drop cap_chown;", "keep CAP_KILL" },
	{ "securebits locked;", "" },
	{ "securebits open;", "securebits open" },
	{ "memory 256M high 200M swap 0;",
	  "memory 268435456; memory high 209715200; memory swap 0" },
	{ "memory 1T; pids 64;", "memory 1099511627776; pids 64" },
	{ "cpu 50% weight 25; cpus 0-1,3;",
	  "cpu 50; cpu weight 25; cpus \"0-1,3\"" },
	{ "cpu 250%; cpus 7;", "cpu 250; cpus \"7\"" },
	{ "io \"/dev/sda\" read 10M write 1G read-iops 100 write-iops 7;",
	  "io \"/dev/sda\" read 10485760 write 1073741824 read-iops 100 "
	  "write-iops 7" },
	{ "rlimit nofile 1024; rlimit nproc 10:20; rlimit core 0;",
	  "rlimit 7 1024 1024; rlimit 6 10 20; rlimit 4 0 0" },
	{ "rlimit stack 8M unlimited; rlimit cpu 10s 20s; rlimit rttime 5ms;",
	  "rlimit 3 8388608 18446744073709551615; rlimit 0 10 20; "
	  "rlimit 15 5000 5000" },
	{ "rlimit as unlimited;",
	  "rlimit 9 18446744073709551615 18446744073709551615" },
	{ "timeout 30s cpu 10s;", "timeout 30000; timeout cpu 10000" },
	{ "timeout cpu 500ms;", "timeout cpu 500" },
	{ "timeout 2h;", "timeout 7200000" },
	{ "nice 5; umask 0o022; oom 500; sched batch;",
	  "nice 5; umask 18; oom 500; sched batch" },
	{ "nice -20; umask 0; oom -1000; sched other;",
	  "nice -20; umask 0; oom -1000; sched other" },
	{ "sched idle;", "sched idle" },
	{ "network none;", "" },
	{ "network host;", "network host" },
	{ "network pasta;", "network pasta" },
	{ "network veth;", "network veth" },
	{ "network veth { bridge \"br0\"; address \"10.1.0.2/24\"; "
	  "gateway \"10.1.0.1\"; };",
	  "network veth; bridge \"br0\"; address \"10.1.0.2/24\"; "
	  "gateway \"10.1.0.1\"" },
	{ "network veth { address \"fd00::2/64\"; gateway \"fd00::1\"; }",
	  "network veth; address \"fd00::2/64\"; gateway \"fd00::1\"" },
	{ "network veth { address \"FD::/64\"; gateway \"fd::\"; }",
	  "network veth; address \"FD::/64\"; gateway \"fd::\"" },
	{ "network veth { address \"::/0\"; gateway \"::\"; }",
	  "network veth; address \"::/0\"; gateway \"::\"" },
	{ "network veth { address \"1:2:3:4:5:6:7:8/128\"; }",
	  "network veth; address \"1:2:3:4:5:6:7:8/128\"" },
	{ "env keep LANG, TERM; env set HOME \"/\"; env set EMPTY \"\";",
	  "env keep \"LANG\"; env keep \"TERM\"; env set \"HOME\" \"/\"; "
	  "env set \"EMPTY\" \"\"" },
	{ "fd keep 3, 7;", "fd 3; fd 7" },
	{ "workdir \"/\"; hostname \"web\";",
	  "workdir \"/\"; hostname \"web\"" },
	{ "terminal auto; init on; keyring new; nested-users refuse;", "" },
	{ "terminal own; init off; keyring host; nested-users allow;",
	  "terminal own; init off; keyring host; nested-users allow" },
	{ "terminal none;", "terminal none" },
};

START_TEST(meaning)
{
	expect(lines[_i].lines, NULL, lines[_i].dump);
}
END_TEST

START_TEST(options)
{
	/* A line that stands once is replaced, others are added. */
	expect("hostname \"a\"; workdir \"/x\";", "hostname \"b\";",
	       "workdir \"/x\"; hostname \"b\"");
	expect("write \"/a\";", "write \"/b\";", "write \"/a\"; write \"/b\"");
	expect("keep chown;", "drop chown; keep kill;", "keep CAP_KILL");
	/* Of the lists with names the same name is replaced. */
	expect("rlimit nofile 5; rlimit nproc 6;", "rlimit nofile 7;",
	       "rlimit 7 7 7; rlimit 6 6 6");
	expect("env keep A; env set B \"1\";", "env set A \"2\";",
	       "env set \"A\" \"2\"; env set \"B\" \"1\"");
	expect("io \"/dev/a\" read 1M;", "io \"/dev/a\" write 1M;",
	       "io \"/dev/a\" read 0 write 1048576 read-iops 0 write-iops 0");
	expect("join net \"/a\";", "join net \"/b\";", "join net \"/b\"");
	expect("fd keep 3;", "fd keep 3, 4;", "fd 3; fd 4");
	/* Maps are one decision. */
	expect("map uid 0 1 1; map gid 0 1 1;", "map auto;", "map auto");
	/* Without a block the options are all there is. */
	expect(NULL, "pids 9;", "pids 9");
	expect("hostname \"a\";", "", "hostname \"a\"");
}
END_TEST

/* ---- options of the command line ---- */

static const struct {
	const char *word, *value, *line;
} values[] = {
	{ "memory", "256M", "memory 256M;" },
	{ "memory", "256M:high=200M:swap=0", "memory 256M high 200M swap 0;" },
	{ "memory", "256M high 200M", "memory 256M high 200M;" },
	{ "bind", "/a:/b:rw", "bind \"/a\" \"/b\" rw;" },
	{ "bind", "\"/a\" \"/b\" rw", "bind \"/a\" \"/b\" rw;" },
	{ "bind", "\"/a:b\":/c", "bind \"/a:b\" \"/c\";" },
	{ "bind", "/a=b:/c", "bind \"/a=b\" \"/c\";" },
	{ "write", "/a\\\"b", "write \"/a\\\\\\\"b\";" },
	{ "write", "/a\n", "write \"/a\\x0a\";" },
	{ "write", "\"/open", "write \"/open\";" },
	{ "read", "/usr,/lib:@loader", "read \"/usr\", \"/lib\" @loader;" },
	{ "tmpfs", "/t:size=64M:exec", "tmpfs \"/t\" size 64M exec;" },
	{ "namespaces", "all:except:net,uts",
	  "namespaces all except net, uts;" },
	{ "user", "1000:1001", "user 1000 1001;" },
	{ "map", "uid:0:100000:65536", "map uid 0 100000 65536;" },
	{ "rlimit", "nofile=10:20", "rlimit nofile 10 20;" },
	{ "cpus", "0-1,3", "cpus 0-1, 3;" },
	{ "cpu", "50%:weight=25", "cpu 50% weight 25;" },
	{ "oom", "-500", "oom -500;" },
	{ "io", "/dev/sda:read-iops=5", "io \"/dev/sda\" read-iops 5;" },
	{ "fd", "3,4", "fd keep 3, 4;" },
	{ "env", "A=b=c d", "env set \"A\" \"b=c d\";" },
	{ "env", "A=", "env set \"A\" \"\";" },
	{ "env", "A,B", "env keep \"A\", \"B\";" },
	{ "hostname", "web", "hostname \"web\";" },
	{ "hostname", "a\"; keep @all;", "hostname \"a\\\"; keep @all;\";" },
	{ "workdir", "/a b", "workdir \"/a b\";" },
	{ "network", "none", "network none;" },
	{ "network", "veth,bridge=br0,address=fd00::2/64",
	  "network veth { bridge \"br0\"; address \"fd00::2/64\"; };" },
	/* No value ends its line. */
	{ "pids", "1;keep", "pids \"1;keep\";" },
	{ "pids", "1}", "pids \"1}\";" },
	{ "pids", "1#", "pids \"1#\";" },
	{ "pids", "", "pids;" },
	{ "network", "veth;,a}b=c", "network \"veth;\" { \"a}b\" \"c\"; };" },
};

START_TEST(option_lines)
{
	struct str got = { 0 };

	sandbox_option_line(values[_i].word, values[_i].value, &got);
	ck_assert_uint_gt(got.len, 0);
	ck_assert_int_eq(got.text[got.len - 1], '\n');
	got.text[got.len - 1] = '\0';
	ck_assert_str_eq(got.text, values[_i].line);
	str_fini(&got);
}
END_TEST

/* Any bytes at all stay one line: the tree has that word and no second. */
START_TEST(option_is_one_line)
{
	static const char bytes[] = "a/\"\\;{}#:,= \n'1@-";
	uint32_t seed = 12345;

	for (int round = 0; round < 3000; round++) {
		const struct sandbox_line *row;
		struct unit *u = unit_new();
		struct str text = { 0 };
		const struct ast_setting *s;
		char value[9] = { 0 };

		for (size_t i = 0; i < sizeof(value) - 1; i++) {
			seed = seed * 1664525u + 1013904223u;
			value[i] = bytes[(seed >> 16) % sizeof(bytes)];
		}
		row = sandbox_line_at((seed >> 8) % 39);
		sandbox_option_line(row->word, value, &text);
		s = block_of(u, "<options>", text.text);
		ck_assert_msg(!s || (!strcmp(s->word.text, row->word) &&
				     !s->next),
			      "%s '%s' became: %s", row->word, value,
			      text.text);
		str_fini(&text);
		unit_free(u);
	}
}
END_TEST

static void count_codes(const char *text, const char *code, size_t *n)
{
	for (*n = 0; (text = strstr(text, code)); (*n)++)
		text += strlen(code);
}

/* The block gives exactly one error, of this code. */
static void refuse(const char *block, const char *code)
{
	struct unit *u = unit_new();
	char *text = NULL;
	size_t len, n;
	FILE *out = open_memstream(&text, &len);

	read_lines(u, block, NULL);
	diag_print(u->diags, DIAG_TEXT, out);
	fclose(out);
	count_codes(text, code, &n);
	ck_assert_msg(diag_errors(u->diags) == 1 && n == 1,
		      "'%s' must give %s once, not:\n%s", block, code, text);
	free(text);
	unit_free(u);
}

static const struct {
	const char *lines, *code;
} wrong[] = {
	{ "namespaces;", "E0323" },
	{ "namespaces net, net;", "E0323" },
	{ "namespaces none, net;", "E0323" },
	{ "namespaces net except uts;", "E0323" },
	{ "namespaces network;", "E0329" },
	{ "namespaces \"net\";", "E0329" },
	{ "join net;", "E0323" },
	{ "join net 4711;", "E0323" },
	{ "join pid 0;", "E0327" },
	{ "join net \"/a\"; join net \"/b\";", "E0407" },
	{ "pin uts \"a\";", "E0328" },
	{ "pin uts \"/a\"; pin ipc \"/a\";", "E0407" },
	{ "pin time \"/a\";", "E0330" },
	{ "user root;", "E0323" },
	{ "user 0-1;", "E0323" },
	{ "user 010:1;", "E0323" },
	{ "user 4294967295;", "E0327" },
	{ "user 4294967295:0;", "E0327" },
	{ "user 99999999999999999999:0;", "E0323" },
	{ "map uid 0 1;", "E0323" },
	{ "map uid 0 1 0;", "E0327" },
	{ "map uid 1 1 4294967295;", "E0327" },
	{ "map uid 0 1 10; map uid 5 100 1;", "E0333" },
	{ "map uid 0 1 10; map uid 10 5 1;", "E0333" },
	{ "map auto; map uid 0 1 1;", "E0330" },
	{ "root \"srv\";", "E0328" },
	{ "root other;", "E0323" },
	{ "read \"/usr\";", "E0331" },
	{ "root host; read \"/usr\";", "E0331" },
	{ "write @loader;", "E0323" },
	{ "write \"/a/../b\";", "E0328" },
	{ "write \"/a/.\";", "E0328" },
	{ "write \"\";", "E0328" },
	{ "hide \"/\";", "E0328" },
	{ "bind \"/a\";", "E0323" },
	{ "bind \"/a\", \"/b\";", "E0323" },
	{ "bind \"/a\" \"/b\" rw rw;", "E0323" },
	{ "bind \"/a\" \"/b\" ro;", "E0329" },
	{ "bind \"/a\" \"//\";", "E0328" },
	{ "tmpfs \"/a\" size 64;", "E0326" },
	{ "tmpfs \"/a\" size 0;", "E0323" },
	{ "tmpfs \"/a\" exec exec;", "E0323" },
	{ "overlay \"/a\";", "E0323" },
	{ "overlay \"/a\" lower \"/b\" upper \"/c\";", "E0323" },
	{ "propagation shared;", "E0329" },
	{ "keep net_bind;", "E0329" },
	{ "keep \"chown\";", "E0323" },
	{ "keep;", "E0323" },
	{ "securebits;", "E0323" },
	{ "memory 256;", "E0326" },
	{ "memory 256s;", "E0326" },
	{ "memory 0;", "E0323" },
	{ "memory 17179869184G;", "E0327" },
	{ "memory 1M high 2M;", "E0327" },
	{ "memory 1M low 1M;", "E0329" },
	{ "memory 1M swap 0 swap 0;", "E0323" },
	{ "pids 0;", "E0327" },
	{ "pids 64K;", "E0326" },
	{ "pids -1;", "E0327" },
	{ "pids 4194305;", "E0327" },
	{ "cpu 50;", "E0326" },
	{ "cpu 0%;", "E0327" },
	{ "cpu 50% weight 10001;", "E0327" },
	{ "cpus 3-1;", "E0327" },
	{ "cpus 8192;", "E0327" },
	{ "cpus 1:2;", "E0323" },
	{ "io \"/dev/sda\";", "E0323" },
	{ "io \"/dev/sda\" read 10;", "E0326" },
	{ "io \"/dev/a\" read 1M; io \"/dev/a\" write 1M;", "E0407" },
	{ "rlimit files 1;", "E0329" },
	{ "rlimit nofile 2:1;", "E0327" },
	{ "rlimit stack 8;", "E0326" },
	{ "rlimit cpu 10;", "E0326" },
	{ "rlimit cpu 10ms;", "E0323" },
	{ "rlimit nofile 1; rlimit nofile 2;", "E0407" },
	{ "timeout 30;", "E0326" },
	{ "timeout 0s;", "E0327" },
	{ "timeout 1200h;", "E0327" },
	{ "nice 20;", "E0327" },
	{ "nice -21;", "E0327" },
	{ "umask 22;", "E0323" },
	{ "umask 0o1000;", "E0327" },
	{ "oom 1001;", "E0327" },
	{ "sched fifo;", "E0329" },
	{ "network bridge;", "E0329" },
	{ "network none { bridge \"b\"; }", "E0323" },
	{ "network veth { speed \"1\"; }", "E0329" },
	{ "network veth { bridge \"a b\"; }", "E0323" },
	{ "network veth { bridge \"sixteen-letters-\"; }", "E0323" },
	{ "network veth { bridge \"a\"; bridge \"b\"; }", "E0407" },
	{ "network veth { bridge; }", "E0323" },
	{ "network veth { address \"10.1.0.2\"; }", "E0323" },
	{ "network veth { address \"10.1.0.256/24\"; }", "E0323" },
	{ "network veth { address \"10.1.0.2/33\"; }", "E0323" },
	{ "network veth { address \"1:2:3/64\"; }", "E0323" },
	{ "network veth { address \"1:2:3:4:5:6:7:8:9/64\"; }", "E0323" },
	{ "network veth { address \"1::2::3/64\"; }", "E0323" },
	{ "network veth { address \"::g/64\"; }", "E0323" },
	{ "network veth { address \"/24\"; }", "E0323" },
	{ "network veth { address \"\\x11::1/24\"; }", "E0323" },
	{ "network veth { address \"1:/24\"; }", "E0323" },
	{ "network veth { address \":1/24\"; }", "E0323" },
	{ "network veth { address \"1:2:3:4::5:6:7:8/24\"; }", "E0323" },
	{ "network veth { address \"10.1.0.2/\"; }", "E0323" },
	{ "network veth { address \"10.01.0.2/24\"; }", "E0323" },
	{ "network veth { gateway \":\"; }", "E0323" },
	{ "network veth { gateway \"10.1.0.1\"; }", "E0330" },
	{ "network veth { address \"10.1.0.2/24\"; gateway \"10.2.0.1\"; }",
	  "E0330" },
	{ "env LANG;", "E0329" },
	{ "env keep;", "E0323" },
	{ "env keep \"A=B\";", "E0323" },
	{ "env set A;", "E0323" },
	{ "env keep A, A;", "E0407" },
	{ "fd keep 2;", "E0327" },
	{ "fd keep 3, 3;", "E0407" },
	{ "fd 3;", "E0329" },
	{ "workdir \"srv\";", "E0328" },
	{ "hostname \"\";", "E0323" },
	{ "terminal tty;", "E0329" },
	{ "init;", "E0323" },
	{ "init off off;", "E0323" },
	{ "pids 1; pids 1;", "E0407" },
	{ "pid 1;", "E0322" },
	/* Contradictions. */
	{ "namespaces net; join net \"/a\";", "E0330" },
	{ "join net \"/a\"; network veth;", "E0330" },
	{ "join pid 1; network none;", "E0330" },
	{ "namespaces all except net; network none;", "E0330" },
	{ "namespaces all, net; network host;", "E0330" },
	{ "namespaces all except user; map auto;", "E0330" },
	{ "namespaces all except user; bind \"/a\" \"/b\" idmap;", "E0330" },
	{ "namespaces all except mount; tmpfs \"/a\";", "E0330" },
	{ "namespaces all except uts; hostname \"a\";", "E0330" },
	{ "namespaces all except uts; pin uts \"/a\";", "E0330" },
	{ "namespaces all except pid; init off;", "E0330" },
	{ "join user \"/a\"; user 0;", "E0330" },
	{ "join uts \"/a\"; hostname \"a\";", "E0330" },
};

START_TEST(refused)
{
	refuse(wrong[_i].lines, wrong[_i].code);
}
END_TEST

/* One line more than there is room for. */
START_TEST(too_many)
{
	struct str text = { 0 };

	for (int i = 0; i < 1025; i++)
		str_addf(&text, "write \"/%d\"; ", i);
	refuse(text.text, "E0334");
	str_fini(&text);
	for (int i = 0; i < 341; i++)
		str_addf(&text, "map uid %d %d 1; ", i, i);
	refuse(text.text, "E0334");
	str_fini(&text);
}
END_TEST

/* A sample of each word in the table, from the dumps above. */
static const char *sample_of(const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		const char *at = lines[i].lines;

		for (; at && *at; at = strstr(at, "; ")) {
			at += *at == ';' ? 2 : 0;
			if (!strncmp(at, word, len) && at[len] == ' ')
				return lines[i].lines;
		}
	}
	ck_abort_msg("no sample of '%s'", word);
}

/* E0406 names each line whose flag says LATER, and no other. */
START_TEST(later)
{
	for (size_t i = 0; sandbox_line_at(i); i++) {
		const struct sandbox_line *row = sandbox_line_at(i);
		struct str quoted = { 0 };
		struct unit *u = unit_new();
		struct sandbox box;
		const char *sample = sample_of(row->word);
		char *text = NULL;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		sandbox_read(u, block_of(u, "t.gate", sample), NULL, &box);
		diag_print(u->diags, DIAG_TEXT, out);
		fclose(out);
		str_addf(&quoted, "error[E0406]: '%s' in a", row->word);
		ck_assert_int_eq(strstr(text, quoted.text) != NULL,
				 row->support == LATER);
		str_fini(&quoted);
		free(text);
		unit_free(u);
	}
}
END_TEST

/* What help prints beside an option is there and fits. */
START_TEST(table)
{
	for (size_t i = 0; sandbox_line_at(i); i++) {
		const struct sandbox_line *row = sandbox_line_at(i);

		ck_assert(row->syntax && row->option && row->help);
		ck_assert_ptr_eq(
			sandbox_line_find(row->word, strlen(row->word)), row);
	}
	ck_assert_ptr_null(sandbox_line_find("x", 1));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sandbox");
	TCase *t = tcase_create("sandbox");
	SRunner *r;
	int failed;

	tcase_add_loop_test(t, meaning, 0, ARRAY_LEN(lines));
	tcase_add_loop_test(t, refused, 0, ARRAY_LEN(wrong));
	tcase_add_test(t, options);
	tcase_add_loop_test(t, option_lines, 0, ARRAY_LEN(values));
	tcase_add_test(t, option_is_one_line);
	tcase_add_test(t, too_many);
	tcase_add_test(t, later);
	tcase_add_test(t, table);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
