/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fmt.h - the line filler of fmt.c, and what its parts share
 *
 * Text is put into chunks that are never broken; between chunks stands a
 * space or nothing, and there a line longer than FMT_WIDTH breaks and goes
 * on at `hang`.  Comments are put out before the first chunk that stood
 * behind them in the source, so none is lost and a second run finds each
 * where the first one left it.
 */
#ifndef COMPILER_FMT_H
#define COMPILER_FMT_H

#include "base/str.h"
#include "compiler/ast.h"

enum { FMT_WIDTH = 80, FMT_INDENT = 4 };

enum fmt_gap {
	GAP_NONE,  /* never broken */
	GAP_SOFT,  /* nothing, or a new line */
	GAP_SPACE, /* a space, or a new line */
	GAP_LINE,  /* a new line; a space when flat */
};

struct filler {
	const struct ast_file *file;
	const char *text; /* the source's */
	struct str *out;
	struct str *chunk;
	enum fmt_gap gap; /* before the chunk */
	size_t column;
	unsigned indent; /* of lines */
	unsigned hang;	 /* of what continues a line */
	unsigned gap_hang; /* the same when the gap was asked for */
	size_t comment;	 /* next one to put out */
	uint32_t seen;	 /* end of the last thing that was put out */
	bool closed;	 /* a comment ends the current line */
	bool first;	 /* nothing yet in this block: no blank line */
	bool flat;	 /* measuring: no breaks, no comments */
};

void fill_text(struct filler *f, const char *text);
void fill_bytes(struct filler *f, const char *text, size_t len);
void fill_gap(struct filler *f, enum fmt_gap gap);
/* A space inside a chunk. */
void fill_space(struct filler *f);
/* Puts the chunk into the output. */
void fill_flush(struct filler *f);
/* Before something that stands at `at` in the source. */
void fill_at(struct filler *f, uint32_t at);
/* Starts a line for what stands at `at`; keeps one blank line before it. */
void fill_line(struct filler *f, uint32_t at);
/* The comments before `at`, which closes a block or the file. */
void fill_end(struct filler *f, uint32_t at);
/*
 * Prints node on one line where it fits and holds no comment, else as
 * print() breaks it.
 */
void fill_fitting(struct filler *f,
		  void (*print)(struct filler *f, const void *node),
		  const void *node);

/* ---- fmt_value.c ---- */

/* What a value may be without parentheses: this or something tighter. */
enum fmt_binding {
	BIND_RANGE,
	BIND_OR,
	BIND_AND,
	BIND_SHIFT,
	BIND_UNARY,
	BIND_PRIMARY,
};

void fmt_word(struct filler *f, const struct ast_word *word);
/* Between quotes, escaped. */
void fmt_string(struct filler *f, const char *text, size_t len);
void fmt_value(struct filler *f, const struct ast_value *v, unsigned least);
/* Through `next`, with commas. */
void fmt_list(struct filler *f, const struct ast_value *v);
/* " except ..."; nothing for NULL. */
void fmt_except(struct filler *f, const struct ast_value *except);
void fmt_cond(struct filler *f, const struct ast_cond *c, unsigned least);

#endif
