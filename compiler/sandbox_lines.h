/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox_lines.h - the lines of a sandbox block: table, reader, setters
 *
 * check_sandbox.c has the table and walks a block; one setter for each line
 * takes its operands off a reader and fills struct sandbox.  A setter that
 * gives false has said why.  Only check_sandbox*.c include this.
 */
#ifndef COMPILER_SANDBOX_LINES_H
#define COMPILER_SANDBOX_LINES_H

#include "compiler/check_state.h"
#include "compiler/sandbox.h"

enum {
	SANDBOX_LINES_MAX = 64,	    /* rows of the table */
	SANDBOX_ENTRIES_MAX = 1024, /* of one kind in a block (E0334) */
	SANDBOX_MAPS_MAX = 340,	  /* the kernel's, for each of uid and gid */
	SANDBOX_PATH_MAX = 4095,  /* bytes, without the NUL */
	SANDBOX_HOSTNAME_MAX = 64,
	SANDBOX_INTERFACE_MAX = 15,
	SANDBOX_PIDS_MAX = 4194304,
	SANDBOX_CPUS_MAX = 8192,
	SANDBOX_CPU_PERCENT_MAX = SANDBOX_CPUS_MAX * 100,
	SANDBOX_WEIGHT_MAX = 10000,
	SANDBOX_FD_MAX = 1048575,
};

/* The last one, UINT32_MAX, means "no change" to the kernel. */
#define SANDBOX_ID_MAX UINT64_C(4294967294)

/* A line, or a part of one, that has no runtime yet. */
struct later {
	const char *text;
	struct span span;
};

/* What a block said so far, and the line that is being read. */
struct sandbox_reader {
	struct unit *u;
	struct sandbox *out;
	const struct sandbox_line *row;
	const struct ast_setting *line;
	const struct ast_value *next; /* operand; NULL past the last */
	bool block_taken;
	/* By row: the line that counts, NULL when there was none. */
	const struct ast_setting *said[SANDBOX_LINES_MAX];
	/* A `namespaces` that names kinds, and mounts that need the user's. */
	unsigned ns_named;
	const struct ast_setting *idmap;
	VEC(struct sandbox_join) joins;
	VEC(struct sandbox_pin) pins;
	VEC(struct sandbox_map) maps;
	VEC(struct sandbox_mount) mounts;
	VEC(struct sandbox_io) ios;
	VEC(struct sandbox_rlimit) rlimits;
	VEC(struct sandbox_env) env;
	VEC(struct span) env_spans;
	VEC(int) fds;
	VEC(struct span) fd_spans;
	VEC(struct later) later;
};

/* ---- operands: check_sandbox_read.c ---- */

/* The next one; E0323 when there is none ("'memory' lacks a size"). */
const struct ast_value *operand_next(struct sandbox_reader *r,
				     const char *what);
/* Whether another one is there. */
bool operand_more(const struct sandbox_reader *r);
/* The same for an item of a list, before which ',' may stand. */
const struct ast_value *operand_item(struct sandbox_reader *r,
				     const char *what);
/* Whether the next one is this word; takes it then. */
bool operand_word(struct sandbox_reader *r, const char *word);
/* Whether the next one is a string; it stays. */
bool operand_is_string(const struct sandbox_reader *r);
bool value_is_word(const struct ast_value *v, const char *word);
/* E0323 that quotes the operand and shows how the line is written. */
bool operand_wrong(struct sandbox_reader *r, const struct ast_value *v,
		   const char *expected);
/* E0323 when an operand was not taken. */
bool operand_left_over(struct sandbox_reader *r);
void help_line(const struct sandbox_reader *r, struct diag *d);
/* E0329 with the nearest of the words; ends with NULL. */
bool operand_unknown(struct sandbox_reader *r, const struct ast_value *v,
		     const char *what, const char *const *words);
/* A name that is one of the words: its index, or -1 with a diagnostic. */
int operand_choice(struct sandbox_reader *r, const char *what,
		   const char *const *words);
int value_choice(struct sandbox_reader *r, const struct ast_value *v,
		 const char *what, const char *const *words);

/* A non-empty string. */
bool value_text(struct sandbox_reader *r, const struct ast_value *v,
		const char **out);
bool operand_text(struct sandbox_reader *r, const char *what,
		  const char **out);
/* An absolute path without `.` and `..`; single slashes (E0328). */
bool value_path(struct sandbox_reader *r, const struct ast_value *v,
		const char **out);
bool operand_path(struct sandbox_reader *r, const char **out);

/* Numbers without a unit; E0326 with one, E0327 out of lo..hi. */
bool value_number(struct sandbox_reader *r, const struct ast_value *v,
		  uint64_t lo, uint64_t hi, uint64_t *out);
bool operand_number(struct sandbox_reader *r, const char *what, uint64_t lo,
		    uint64_t hi, uint64_t *out);
bool operand_signed(struct sandbox_reader *r, const char *what, int lo, int hi,
		    int *out);
/* 64K, 256M, 1G, 1T, 100B; 0 needs no unit. */
bool value_size(struct sandbox_reader *r, const struct ast_value *v,
		uint64_t *out);
bool operand_size(struct sandbox_reader *r, const char *what, uint64_t *out);
/* 500ms, 30s, 5m, 2h: in microseconds. */
bool value_time(struct sandbox_reader *r, const struct ast_value *v,
		uint64_t *us);
bool operand_time_ms(struct sandbox_reader *r, const char *what,
		     uint32_t *ms);
bool operand_percent(struct sandbox_reader *r, const char *what, uint32_t hi,
		     uint32_t *out);
/* `12:34` in one word, two decimal numbers. */
bool word_pair(const struct ast_word *w, uint64_t *a, uint64_t *b);

/* False with E0334 when one more is too many. */
bool room_for(struct sandbox_reader *r, size_t have, size_t most,
	      const char *what);
/* E0407, with the first place. */
bool said_twice(struct sandbox_reader *r, struct span at, struct span first,
		const char *what);
/* For an operand that has no runtime yet: E0406 once all else is right. */
void operand_later(struct sandbox_reader *r, const struct ast_value *v);

/* ---- setters, by subject ---- */

bool set_namespaces(struct sandbox_reader *r);
bool set_join(struct sandbox_reader *r);
bool set_pin(struct sandbox_reader *r);
bool set_user(struct sandbox_reader *r);
bool set_map(struct sandbox_reader *r);

bool set_root(struct sandbox_reader *r);
bool set_read(struct sandbox_reader *r);
bool set_write(struct sandbox_reader *r);
bool set_exec(struct sandbox_reader *r);
bool set_bind(struct sandbox_reader *r);
bool set_tmpfs(struct sandbox_reader *r);
bool set_overlay(struct sandbox_reader *r);
bool set_hide(struct sandbox_reader *r);
bool set_readonly(struct sandbox_reader *r);
bool set_device(struct sandbox_reader *r);
bool set_propagation(struct sandbox_reader *r);

bool set_keep(struct sandbox_reader *r);
bool set_drop(struct sandbox_reader *r);
bool set_securebits(struct sandbox_reader *r);

bool set_memory(struct sandbox_reader *r);
bool set_pids(struct sandbox_reader *r);
bool set_cpu(struct sandbox_reader *r);
bool set_cpus(struct sandbox_reader *r);
bool set_io(struct sandbox_reader *r);
bool set_rlimit(struct sandbox_reader *r);
bool set_timeout(struct sandbox_reader *r);
bool set_nice(struct sandbox_reader *r);
bool set_umask(struct sandbox_reader *r);
bool set_oom(struct sandbox_reader *r);
bool set_sched(struct sandbox_reader *r);

bool set_network(struct sandbox_reader *r);

bool set_env(struct sandbox_reader *r);
bool set_fd(struct sandbox_reader *r);
bool set_workdir(struct sandbox_reader *r);
bool set_hostname(struct sandbox_reader *r);
bool set_terminal(struct sandbox_reader *r);
bool set_init(struct sandbox_reader *r);
bool set_keyring(struct sandbox_reader *r);
bool set_nested_users(struct sandbox_reader *r);

/* ---- what lines say together: check_sandbox_meaning.c ---- */

extern const char *const ns_names[]; /* by bit of enum ns_kind; then NULL */

const struct ast_setting *line_said(const struct sandbox_reader *r,
				    const char *word);
/* Contradictions (E0330 and E0331), each with both places. */
void sandbox_check_meaning(struct sandbox_reader *r);

#endif
