/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ast.h - the syntax tree of a profile: what was written, not what it means
 *
 * The grammar builds it, fmt prints it, check.c gives it meaning.  Names
 * are not resolved, numbers not typed.  Lists keep source order.  All of
 * it lives in the unit's arena.
 */
#ifndef COMPILER_AST_H
#define COMPILER_AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/source.h"

struct ast_word {
	const char *text; /* NUL-terminated */
	uint32_t len;
	struct span span;
};

/*
 * No tree is deeper than this, parentheses included; chains of `and`, `or`,
 * `|` and `&` count as one level and are balanced, so that a walk may
 * recurse.
 */
enum { AST_DEPTH_MAX = 64, AST_WORD_MAX = 255 };

/* ---- values: the right side of a comparison, arguments, constants ---- */

enum ast_value_kind {
	VAL_NUMBER,   /* number; in a sandbox line `word` may hold a unit */
	VAL_NAME,     /* word */
	VAL_STRING,   /* word: the bytes between the quotes, escapes undone */
	VAL_WILDCARD, /* _ ; only in tests */
	VAL_NOT,      /* ~ left */
	VAL_NEGATE,   /* - left */
	VAL_OR,	      /* left | right */
	VAL_AND,      /* left & right */
	VAL_SHIFT,    /* left << right */
	VAL_RANGE,    /* left .. right */
	VAL_SET,      /* { items } [ except items ] */
};

struct ast_value {
	enum ast_value_kind kind;
	struct span span;
	bool parens; /* was written in parentheses */
	bool comma;  /* operand of a sandbox line: ',' stood before it */
	uint16_t depth;
	uint64_t number;
	uint8_t base; /* 2, 8, 10, 16: fmt keeps it */
	struct ast_word word;
	struct ast_value *left, *right;
	struct ast_value *items, *except; /* VAL_SET; through `next` */
	struct ast_value *next;
};

/* ---- conditions ---- */

enum ast_op {
	OP_EQ,
	OP_NE,
	OP_LT,
	OP_LE,
	OP_GT,
	OP_GE,
	OP_HAS,
	OP_ANY,
	OP_ONLY,
	OP_IN,
};

enum ast_cond_kind {
	AST_COND_COMPARE,
	AST_COND_NOT,
	AST_COND_AND,
	AST_COND_OR,
};

struct ast_cond {
	enum ast_cond_kind kind;
	struct span span;
	bool parens;
	bool mask_parens; /* (arg & mask) == ... */
	uint16_t depth;
	struct ast_cond *next; /* of a chain being built; then NULL */
	struct ast_cond *left, *right; /* NOT has only left */
	/* AST_COND_COMPARE: arg [& mask] op value */
	struct ast_word arg;
	struct ast_value *mask; /* NULL when none */
	enum ast_op op;
	struct span op_span;
	struct ast_value *value;
};

/* ---- calls and actions ---- */

/* `read`, `@file-system`, in a list with `except`. */
struct ast_name {
	struct ast_word word; /* with its '@' */
	bool is_group;
	struct ast_name *next;
};

struct ast_names {
	struct ast_name *items, *except;
	struct span span;
};

struct ast_action {
	struct ast_word word;	/* allow, deny, kill, ... */
	struct ast_value *data; /* in parentheses; NULL when none */
	struct span span;
};

/* ---- items of a file ---- */

enum ast_item_kind {
	ITEM_INCLUDE,
	ITEM_ARCH,
	ITEM_DEFAULT,
	ITEM_UNKNOWN,
	ITEM_FOREIGN,
	ITEM_OPTION,
	ITEM_CONST,
	ITEM_GROUP,
	ITEM_RULE,
	ITEM_ON,
	ITEM_SANDBOX,
	ITEM_TEST,
};

/* A line of the sandbox block: word, operands, maybe a nested block. */
struct ast_setting {
	struct ast_word word;
	struct ast_value *operands;
	bool has_block;
	struct ast_setting *block;
	struct span span;
	struct ast_setting *next;
};

enum ast_test_kind {
	TEST_CALL, /* name(args) => action */
	TEST_RUN,  /* run "cmd", "arg" => expectations */
	TEST_ON,   /* on ABI { ... } */
};

enum ast_expect_kind {
	EXPECT_EXIT,	   /* exit N */
	EXPECT_SIGNAL,	   /* signal SIGSYS */
	EXPECT_STDOUT_HAS, /* stdout has "text" */
	EXPECT_STDERR_HAS,
};

struct ast_expect {
	enum ast_expect_kind kind;
	struct span span;
	struct ast_value *value;
	struct ast_expect *next;
};

struct ast_call {
	struct ast_word name;
	struct ast_value *args;
	struct span span;
};

struct ast_test_line {
	enum ast_test_kind kind;
	struct span span;
	struct ast_call call;
	struct ast_action action;
	struct ast_value *command; /* VAL_STRING list */
	struct ast_expect *expects;
	struct ast_word *abis; /* TEST_ON */
	size_t nabis;
	struct ast_test_line *lines; /* TEST_ON */
	struct ast_test_line *next;
};

struct ast_item {
	enum ast_item_kind kind;
	struct span span;    /* the whole item with its ';' or '}' */
	struct span keyword; /* its first word */
	struct ast_item *next;

	struct ast_word word; /* INCLUDE: path; OPTION, CONST, GROUP: name */
	struct ast_word *abis; /* ARCH, ON */
	size_t nabis;
	struct ast_action action; /* DEFAULT, UNKNOWN, FOREIGN, RULE */
	struct ast_value *value;  /* CONST */
	struct ast_names names;	  /* RULE, GROUP */
	struct ast_cond *cond;	  /* RULE; NULL when none */
	struct ast_item *items;	  /* ON: rules and nothing else */
	struct ast_setting *settings; /* SANDBOX */
	const char *title;	      /* TEST; NUL-terminated */
	struct span title_span;
	struct ast_test_line *lines;  /* TEST */
	/*
	 * INCLUDE: the file, once include_resolve() has loaded it; NULL when
	 * it was loaded before (a file counts once) or failed.
	 */
	struct ast_file *included;
};

/* A comment as it stood; fmt puts it back. */
struct ast_comment {
	struct span span; /* from '#' to before the end of line */
	bool own_line;	  /* nothing but space before it */
};

struct ast_file {
	uint32_t source;
	struct ast_item *items;
	struct ast_comment *comments; /* in source order */
	size_t ncomments;
};

/*
 * The text of --dump=ast: one line for an item, without spans, comments
 * and parentheses that change nothing.  Two files with the same dump mean
 * the same.
 */
struct str;
void ast_dump(const struct ast_file *file, struct str *out);

/* As it is written: "==", "has". */
const char *ast_op_text(enum ast_op op);

#endif
