/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parser.h - what lexer.l, parser.y and their helpers share
 *
 * text -> scan_token() (flex) -> gate_lex() (feed.c: braces, recovery)
 *      -> gate_parse() (bison) -> nodes (build.c) in the unit's arena
 *
 * struct parser lives on the stack of parse_source() and parse_call().
 * Nothing in this folder gives meaning to a name or a number.
 */
#ifndef GRAMMAR_PARSER_H
#define GRAMMAR_PARSER_H

#include <stdbool.h>

#include "base/vec.h"
#include "compiler/ast.h"
#include "compiler/parse.h"

enum {
	OPEN_MAX = 16,	 /* places of '{' kept for messages */
	GIVE_UP_AT = 200, /* errors in one text, after which it is not read on */
};

/* A list under construction: `next` links the nodes. */
#define LIST(type)                                                             \
	struct {                                                               \
		type *head, *tail;                                             \
	}

/* Nodes of a chain of `and`, `or`, `|` or `&`, in source order. */
struct cond_chain {
	struct ast_cond *head, *tail;
	uint32_t n;
};

struct value_chain {
	struct ast_value *head, *tail;
	uint32_t n;
};

struct number {
	uint64_t value;
	uint8_t base;
	struct ast_word unit; /* len 0: none */
};

struct words {
	struct ast_word *data;
	size_t len, cap;
};

/* Bison's semantic value; the fields are the tags of its %type lines. */
union node {
	struct ast_word word;
	struct number number;
	struct words words;
	enum ast_op op;
	struct ast_value *value;
	struct value_chain values;
	struct ast_cond *cond;
	struct cond_chain conds;
	struct ast_names names;
	struct ast_name *name;
	LIST(struct ast_name) name_list;
	struct ast_action action;
	struct ast_item *item;
	LIST(struct ast_item) items;
	struct ast_setting *setting;
	LIST(struct ast_setting) settings;
	struct ast_call call;
	struct ast_test_line *line;
	LIST(struct ast_test_line) lines;
	struct ast_expect *expect;
	LIST(struct ast_expect) expects;
};

struct token {
	int kind; /* 0: end of the text */
	union node value;
	struct span span;
};

struct parser {
	struct unit *u;
	const struct source *text;
	uint32_t source;
	void *scanner;
	uint32_t at; /* offset of the lexer */
	uint32_t text_start; /* 3 after a byte order mark */

	/* feed.c */
	int start_kind;	    /* first token: which grammar; then 0 */
	bool is_call;	    /* one call, not a file */
	struct token last;  /* newest token that bison was given */
	struct span before; /* the one before it */
	int before_kind;
	struct token replay; /* to be given again; kind -1: none */
	bool semicolon;	     /* give a ';' that was not written */
	bool recovering;
	bool skip_block; /* the token in error opened a block */
	unsigned in_set; /* open braces of sets and groups */
	bool gave_up;	 /* it makes no sense to read on */
	size_t errors;	 /* in the sink before this text */
	bool at_start;	 /* the next token starts a line */
	int head;	 /* the token that started this line */
	unsigned nopen;
	struct span open[OPEN_MAX];

	bool too_deep; /* said once */
	bool unclosed; /* the last string: its line's ';' may be inside */

	struct ast_file *file;
	struct ast_item *tail;
	VEC(struct ast_comment) comments;

	/* parse_call() */
	struct ast_call *call;
	bool bare;
};

/* The generated scanner; 0 at the end of the text. */
int scan_token(union node *value, struct span *span, void *scanner);
int scan_open(struct parser *p);
void scan_close(struct parser *p);

/* lexeme.c: from matched bytes to tokens; messages for bad ones. */
int lex_name(struct parser *p, const char *text, size_t len, union node *value,
	     struct span span);
int lex_number(struct parser *p, const char *text, size_t len,
	       union node *value, struct span span);
int lex_string(struct parser *p, const char *text, size_t len,
	       union node *value, struct span span);
void lex_comment(struct parser *p, struct span span);
void lex_foreign_comment(struct parser *p, const char *text, struct span span);
void lex_unclosed_string(struct parser *p, struct span span);
void lex_foreign_operator(struct parser *p, const char *written,
			  const char *ours, struct span span);
void lex_bad_byte(struct parser *p, const char *text, size_t len,
		  struct span span);
struct ast_word lex_word(struct parser *p, const char *text, size_t len,
			 struct span span);

/* Keywords as data: NULL past the last. */
enum keyword_class {
	KEYWORD_RESERVED,
	KEYWORD_ITEM,
	KEYWORD_ACTION,
	KEYWORD_TEST,
};

struct keyword {
	const char *text;
	uint8_t len;
	enum keyword_class class;
	int kind;
};

const struct keyword *keyword_at(size_t i);
/* NULL when the token is no keyword. */
const struct keyword *keyword_of(int kind);

/* feed.c */
int gate_lex(union node *value, struct span *span, struct parser *p);
void feed_recovered(struct parser *p);

/* message.c */
struct syntax_error {
	const int *expected; /* token kinds, at most EXPECTED_MAX */
	int nexpected;
};
enum { EXPECTED_MAX = 80 };
void message_syntax(struct parser *p, const struct syntax_error *e);
void message_too_deep(struct parser *p, struct span at);

/* build.c */
struct ast_value *build_value(struct parser *p, enum ast_value_kind kind,
			      struct span span);
struct ast_value *build_word(struct parser *p, enum ast_value_kind kind,
			     struct ast_word word);
struct ast_value *build_number(struct parser *p, struct number n,
			       struct span span);
struct ast_value *build_unary(struct parser *p, enum ast_value_kind kind,
			      struct ast_value *of, struct span span);
struct ast_value *build_binary(struct parser *p, enum ast_value_kind kind,
			       struct ast_value *left, struct ast_value *right);
struct ast_value *build_value_parens(struct parser *p, struct ast_value *v,
				     struct span span);
struct ast_value *build_value_chain(struct parser *p, enum ast_value_kind kind,
				    struct value_chain chain);
struct ast_cond *build_compare(struct parser *p, struct ast_cond *left,
			       enum ast_op op, struct span op_span,
			       struct ast_value *value, struct span span);
struct ast_cond *build_left(struct parser *p, struct ast_word arg,
			    struct ast_value *mask, struct span span);
struct ast_cond *build_not(struct parser *p, struct ast_cond *of,
			   struct span span);
struct ast_cond *build_cond_parens(struct parser *p, struct ast_cond *c,
				   struct span span);
struct ast_cond *build_cond_chain(struct parser *p, enum ast_cond_kind kind,
				  struct cond_chain chain);
struct ast_name *build_name(struct parser *p, struct ast_word word,
			    bool is_group);
struct ast_expect *build_expect(struct parser *p, enum ast_expect_kind kind,
				struct ast_value *value, struct span span);
struct ast_setting *build_setting(struct parser *p, struct ast_word word,
				  struct ast_value *operands, struct span span);
void build_block(struct parser *p, struct ast_setting *s,
		 struct ast_setting *block);
struct ast_test_line *build_test_line(struct parser *p,
				      enum ast_test_kind kind,
				      struct span span);
struct ast_item *build_item(struct parser *p, enum ast_item_kind kind,
			    struct span keyword, struct span span);
void build_append(struct parser *p, struct ast_item *item);

#endif
