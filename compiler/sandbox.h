/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox.h - the sandbox block: its lines, and from tree to struct sandbox
 *
 * The options of the command line are the same lines: their text becomes a
 * block of the same tree, and the same setters read it.
 */
#ifndef COMPILER_SANDBOX_H
#define COMPILER_SANDBOX_H

#include "abi/sandbox.h"
#include "compiler/ast.h"
#include "compiler/unit.h"

enum line_support {
	LATER, /* well-formed, and refused with E0406 */
	SUPPORTED,
};

enum line_count {
	ONCE,	/* an option takes the profile's place */
	REPEAT, /* options are added to the profile's */
	WHOLE,	/* repeats; options take the place of all of the profile's */
};

struct sandbox_reader;

struct sandbox_line {
	const char *word;
	bool (*set)(struct sandbox_reader *r);
	enum line_support support;
	enum line_count count;
	const char *syntax; /* after the word, for messages */
	const char *option; /* the value of --word */
	const char *help;
};

/* NULL past the last. */
const struct sandbox_line *sandbox_line_at(size_t i);
const struct sandbox_line *sandbox_line_find(const char *word, size_t len);

/*
 * The meaning of a block: of `lines`, with those of `options` (may be NULL)
 * in their place or after them.  Diagnostics say what is wrong with them.
 */
void sandbox_read(struct unit *u, const struct ast_setting *lines,
		  const struct ast_setting *options, struct sandbox *out);
/* The same for lines that this version does not carry out (for tests). */
void sandbox_read_all(struct unit *u, const struct ast_setting *lines,
		      const struct ast_setting *options, struct sandbox *out);

struct str;
/*
 * The line that an option means: `--bind /a:/b:rw` is `bind "/a" "/b" rw;`.
 * Whatever the value is, it is one line of the block and nothing else.
 */
void sandbox_option_line(const char *word, const char *value, struct str *out);
/* One line for each decision, in the block's own words. */
void sandbox_dump(const struct sandbox *box, struct str *out);

#endif
