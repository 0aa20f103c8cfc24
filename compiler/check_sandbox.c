/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_sandbox.c - the sandbox block: the table of its lines, and the walk
 *
 * A line that is part of the language but not of this version is an error:
 * a sandbox that leaves out what was asked for would be no sandbox.
 */
#include <string.h>

#include "base/bug.h"
#include "compiler/sandbox_lines.h"

static const struct sandbox_line lines[] = {
	{ "namespaces", set_namespaces, SUPPORTED, ONCE,
	  "all|none [except NS, ...] or NS, ...", "all|none[:except:NS,...]",
	  "which namespaces are new (default all but time)" },
	{ "join", set_join, SUPPORTED, REPEAT, "NS \"PATH\" or pid NUMBER",
	  "NS:PATH|pid:N", "enter an existing namespace, or a process's" },
	{ "pin", set_pin, SUPPORTED, REPEAT, "NS \"PATH\"", "NS:PATH",
	  "keep a namespace alive under a file" },
	{ "user", set_user, SUPPORTED, ONCE, "UID[:GID]", "UID[:GID]",
	  "who the command is inside" },
	{ "map", set_map, SUPPORTED, WHOLE,
	  "uid|gid INSIDE OUTSIDE COUNT or auto", "uid|gid:I:O:N|auto",
	  "ids inside, ids outside, how many; auto: subordinate ids" },
	{ "root", set_root, SUPPORTED, ONCE, "host|empty|\"PATH\"",
	  "host|empty|PATH", "what '/' is, read-only (default host)" },
	{ "read", set_read, SUPPORTED, REPEAT, "\"PATH\"|@loader ...",
	  "PATH|@loader", "readable in an empty root" },
	{ "write", set_write, SUPPORTED, REPEAT, "\"PATH\" ...", "PATH",
	  "writable" },
	{ "exec", set_exec, SUPPORTED, REPEAT, "\"PATH\"|@loader ...",
	  "PATH|@loader", "readable and executable" },
	{ "bind", set_bind, SUPPORTED, REPEAT, "\"OUTSIDE\" \"INSIDE\" [rw] [idmap]",
	  "FROM:TO[:rw][:idmap]", "show a file or folder at another place" },
	{ "tmpfs", set_tmpfs, SUPPORTED, REPEAT, "\"PATH\" [size SIZE] [exec]",
	  "PATH[:size=SIZE][:exec]", "an empty folder in memory" },
	{ "overlay", set_overlay, SUPPORTED, REPEAT,
	  "\"PATH\" lower \"PATH\" [upper \"PATH\" work \"PATH\"]",
	  "PATH:lower=A[:upper=B:work=C]", "folders laid over each other" },
	{ "hide", set_hide, SUPPORTED, REPEAT, "\"PATH\" ...", "PATH",
	  "cover a file or folder" },
	{ "readonly", set_readonly, SUPPORTED, REPEAT, "\"PATH\" ...", "PATH",
	  "read-only with all below" },
	{ "device", set_device, SUPPORTED, REPEAT, "\"PATH\" ...", "PATH",
	  "a device of the host" },
	{ "propagation", set_propagation, SUPPORTED, ONCE, "private|slave",
	  "private|slave", "whether later mounts of the host appear" },
	{ "keep", set_keep, SUPPORTED, REPEAT, "CAPABILITY|@docker|@all, ...",
	  "CAP,...|@docker|@all", "capabilities to hold (default none)" },
	{ "drop", set_drop, SUPPORTED, REPEAT, "CAPABILITY|@docker|@all, ...",
	  "CAP,...|@docker|@all", "takes back what 'keep' gave" },
	{ "securebits", set_securebits, SUPPORTED, ONCE, "locked|open",
	  "locked|open", "whether root regains capabilities (default locked)" },
	{ "memory", set_memory, SUPPORTED, ONCE, "SIZE [high SIZE] [swap SIZE]",
	  "SIZE[:high=SIZE][:swap=SIZE]", "memory of all processes" },
	{ "pids", set_pids, SUPPORTED, ONCE, "NUMBER", "N",
	  "how many processes and threads" },
	{ "cpu", set_cpu, SUPPORTED, ONCE, "PERCENT% [weight NUMBER]",
	  "N%[:weight=N]", "CPU time of all processes; 100% is one core" },
	{ "cpus", set_cpus, SUPPORTED, ONCE, "CPU[-CPU], ...", "LIST",
	  "which CPUs, such as 0-1,3" },
	{ "io", set_io, SUPPORTED, REPEAT,
	  "\"DEVICE\" [read SIZE] [write SIZE] [read-iops N] [write-iops N]",
	  "DEVICE[:read=SIZE]...", "bytes and operations each second" },
	{ "rlimit", set_rlimit, SUPPORTED, REPEAT, "NAME SOFT[:HARD]|unlimited",
	  "NAME=SOFT[:HARD]", "a limit of each process" },
	{ "timeout", set_timeout, SUPPORTED, ONCE, "TIME [cpu TIME]",
	  "TIME[:cpu=TIME]", "ends the whole sandbox" },
	{ "nice", set_nice, SUPPORTED, ONCE, "NUMBER", "N", "niceness" },
	{ "umask", set_umask, SUPPORTED, ONCE, "0oMASK", "0oMASK",
	  "mode bits that new files lack" },
	{ "oom", set_oom, SUPPORTED, ONCE, "NUMBER", "N",
	  "score when memory runs out, -1000 to 1000" },
	{ "sched", set_sched, SUPPORTED, ONCE, "other|batch|idle",
	  "other|batch|idle", "scheduling policy" },
	{ "network", set_network, SUPPORTED, ONCE,
	  "none|host|pasta|veth { bridge \"B\"; address \"A/N\"; "
	  "gateway \"G\"; }",
	  "none|host|pasta|veth[,KEY=V]...", "default none: loopback only" },
	{ "env", set_env, SUPPORTED, REPEAT, "keep NAME, ... or set NAME \"VALUE\"",
	  "NAME[=VALUE]", "keep or set a variable" },
	{ "fd", set_fd, SUPPORTED, REPEAT, "keep NUMBER, ...", "N,...",
	  "descriptors to keep besides 0, 1 and 2" },
	{ "workdir", set_workdir, SUPPORTED, ONCE, "\"PATH\"", "PATH",
	  "the working directory inside" },
	{ "hostname", set_hostname, SUPPORTED, ONCE, "\"NAME\"", "NAME",
	  "the host's name inside" },
	{ "terminal", set_terminal, SUPPORTED, ONCE, "auto|own|none",
	  "auto|own|none", "whether the sandbox has a terminal of its own" },
	{ "init", set_init, SUPPORTED, ONCE, "on|off", "on|off",
	  "off: the command itself is pid 1" },
	{ "keyring", set_keyring, SUPPORTED, ONCE, "new|host", "new|host",
	  "whose session keyring (default new)" },
	{ "nested-users", set_nested_users, SUPPORTED, ONCE, "refuse|allow",
	  "refuse|allow", "user namespaces inside (default refuse)" },
};

_Static_assert(ARRAY_LEN(lines) <= SANDBOX_LINES_MAX, "one slot for each row");

const struct sandbox_line *sandbox_line_at(size_t i)
{
	return i < ARRAY_LEN(lines) ? &lines[i] : NULL;
}

const struct sandbox_line *sandbox_line_find(const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		if (strlen(lines[i].word) == len &&
		    !memcmp(lines[i].word, word, len))
			return &lines[i];
	return NULL;
}

const struct ast_setting *line_said(const struct sandbox_reader *r,
				    const char *word)
{
	const struct sandbox_line *row = sandbox_line_find(word, strlen(word));

	if (!row)
		BUG("no line '%s'", word);
	return r->said[row - lines];
}

static void report_unknown(struct unit *u, const struct ast_setting *s)
{
	struct diag *d = diag_add(u->diags, E0322, s->word.span,
				  "unknown word '%s' in a sandbox block",
				  s->word.text);
	struct nearest near;

	nearest_init(&near, s->word.text, s->word.len);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		nearest_try(&near, lines[i].word);
	help_nearest(d, &near);
}

static void refuse_later(const struct sandbox_reader *r)
{
	for (size_t i = 0; i < r->later.len; i++) {
		const struct later *l = &r->later.data[i];
		struct diag *d = diag_add(r->u->diags, E0406, l->span,
					  "'%s' in a sandbox block is not "
					  "supported by this version",
					  l->text);

		diag_note(d, "what is not said keeps the safe default");
		diag_help(d, "remove the line, or arrange it outside: the run "
			     "is refused rather than left without it");
	}
}

/* ---- one line ---- */

/* What a setter left over was not meant to be there. */
static bool nothing_left(struct sandbox_reader *r)
{
	if (operand_left_over(r))
		return false;
	if (!r->line->has_block || r->block_taken)
		return true;
	help_line(r, diag_add(r->u->diags, E0323, r->line->span,
			      "'%s' takes no block here", r->row->word));
	return false;
}

static bool is_repeated(struct sandbox_reader *r, const struct ast_setting *s)
{
	const struct ast_setting *first = r->said[r->row - lines];

	if (r->row->count != ONCE || !first)
		return false;
	diag_label(diag_add(r->u->diags, E0407, s->word.span,
			    "'%s' is given twice", s->word.text),
		   first->word.span, "first given here");
	return true;
}

/* True when it was read; what is wrong was reported. */
static bool read_line(struct sandbox_reader *r, const struct ast_setting *s)
{
	r->row = sandbox_line_find(s->word.text, s->word.len);
	if (!r->row) {
		report_unknown(r->u, s);
		return false;
	}
	if (is_repeated(r, s))
		return false;
	r->line = s;
	r->next = s->operands;
	r->block_taken = false;
	r->said[r->row - lines] = s;
	return r->row->set(r) && nothing_left(r);
}

/* ---- the block ---- */

/* An option says the same and comes later. */
static bool is_overruled(const struct ast_setting *s,
			 const struct ast_setting *options)
{
	const struct sandbox_line *row =
		sandbox_line_find(s->word.text, s->word.len);

	if (!row || row->count == REPEAT)
		return false;
	for (; options; options = options->next)
		if (word_is(&options->word, row->word))
			return true;
	return false;
}

static void hand_over(const struct sandbox_reader *r)
{
	struct sandbox *out = r->out;

	out->joins = r->joins.data;
	out->njoins = r->joins.len;
	out->pins = r->pins.data;
	out->npins = r->pins.len;
	out->maps = r->maps.data;
	out->nmaps = r->maps.len;
	out->mounts = r->mounts.data;
	out->nmounts = r->mounts.len;
	out->ios = r->ios.data;
	out->nios = r->ios.len;
	out->rlimits = r->rlimits.data;
	out->nrlimits = r->rlimits.len;
	out->env = r->env.data;
	out->nenv = r->env.len;
	out->fds = r->fds.data;
	out->nfds = r->fds.len;
}

static void read_block(struct sandbox_reader *r, const struct ast_setting *s,
		       const struct ast_setting *overruled_by)
{
	for (; s; s = s->next) {
		if (is_overruled(s, overruled_by))
			continue;
		if (read_line(r, s) && r->row->support == LATER)
			vec_push(r->u->arena, &r->later,
				 (struct later){ r->row->word, s->word.span });
	}
}

/* Of lines that are wrong themselves nothing more is worth saying. */
static void read_all(struct sandbox_reader *r, const struct ast_setting *block,
		     const struct ast_setting *options)
{
	size_t errors = diag_errors(r->u->diags);

	*r->out = (struct sandbox){ .present = true };
	read_block(r, block, options);
	read_block(r, options, NULL);
	hand_over(r);
	if (diag_errors(r->u->diags) == errors)
		sandbox_check_meaning(r);
	if (diag_errors(r->u->diags) != errors)
		r->later.len = 0;
}

void sandbox_read(struct unit *u, const struct ast_setting *block,
		  const struct ast_setting *options, struct sandbox *out)
{
	struct sandbox_reader r = { .u = u, .out = out };

	read_all(&r, block, options);
	refuse_later(&r);
}

void sandbox_read_all(struct unit *u, const struct ast_setting *block,
		      const struct ast_setting *options, struct sandbox *out)
{
	struct sandbox_reader r = { .u = u, .out = out };

	read_all(&r, block, options);
}
