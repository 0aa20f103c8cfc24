/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source.h - the bytes that were read, and places in them
 *
 * Every node, rule and instruction carries a struct span: a source number
 * and two byte offsets.  Line and column are computed when something is
 * printed.  Source numbers start at 1; span_none means "no place".
 */
#ifndef BASE_SOURCE_H
#define BASE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct span {
	uint32_t source;
	uint32_t start, end; /* byte offsets, end exclusive */
};

#define span_none ((struct span){ 0, 0, 0 })

static inline bool span_is_none(struct span s)
{
	return s.source == 0;
}

/* From the start of a to the end of b; both of one source. */
static inline struct span span_join(struct span a, struct span b)
{
	return (struct span){ a.source, a.start, b.end };
}

struct source {
	const char *name; /* as shown to the user */
	const char *text; /* NUL after the last byte, not counted */
	uint32_t len;
	/* Offsets of the first byte of each line; filled by sources_add. */
	const uint32_t *lines;
	uint32_t nlines;
	/* The directive that included it; span_none for an operand. */
	struct span included_from;
};

struct place {
	uint32_t line, column; /* from 1; column in characters, not bytes */
};

struct sources {
	struct arena *arena;
	struct source *list; /* list[0] is number 1 */
	uint32_t len, cap;
};

enum { SOURCE_MAX_BYTES = 16 * 1024 * 1024 };

void sources_init(struct sources *s, struct arena *arena);

/* Copies name and text; len must be at most SOURCE_MAX_BYTES. */
uint32_t sources_add(struct sources *s, const char *name, const char *text,
		     size_t len, struct span included_from);
const struct source *sources_get(const struct sources *s, uint32_t number);

struct place source_place(const struct source *src, uint32_t offset);
/* The text of a line (from 1) without its end; *len in bytes. */
const char *source_line(const struct source *src, uint32_t line, size_t *len);

/* "name:line" for messages about rules; the arena's. */
const char *sources_where(const struct sources *s, struct span span);

/*
 * Reads a whole file, "-" for standard input.  Returns 0 and a heap block
 * with a NUL after its len bytes (the caller frees it), or an errno:
 * EFBIG past max bytes, EISDIR for a directory, as well as open's and
 * read's own.  Never blocks on a FIFO without a writer.
 */
int file_read(const char *path, size_t max, char **text, size_t *len);

/* What a path names, whatever it is called. */
struct file_id {
	uint64_t device, inode;
	bool regular;
};

/* 0, or the errno of stat(). */
int file_identify(const char *path, struct file_id *id);

#endif
