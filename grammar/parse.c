/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse.c - the door of this folder: one source in, one tree out
 */
#include "compiler/parse.h"

#include <string.h>

#include "base/bug.h"
#include "grammar/parser.h"
#include "grammar/parser.tab.h"

enum { BINARY_LOOK = 8192 }; /* a NUL among so many first bytes: no text */

static bool starts_with(const struct source *src, const char *bytes, size_t n)
{
	return src->len >= n && !memcmp(src->text, bytes, n);
}

/* Binary files get one message instead of hundreds. */
static bool is_text(struct unit *u, uint32_t source)
{
	const struct source *src = sources_get(&u->sources, source);
	size_t look = src->len < BINARY_LOOK ? src->len : BINARY_LOOK;
	const char *nul = memchr(src->text, '\0', look);
	bool utf16 = starts_with(src, "\xff\xfe", 2) ||
		     starts_with(src, "\xfe\xff", 2);
	struct diag *d;

	if (!nul && !utf16)
		return true;
	d = diag_add(u->diags, E0101, (struct span){ source, 0, 0 },
		     "'%s' looks like a binary file", src->name);
	if (utf16)
		diag_help(d, "it may be UTF-16; a profile is UTF-8 text");
	else
		diag_note(d, "byte %zu is NUL", (size_t)(nul - src->text));
	return false;
}

static void parser_run(struct parser *p, struct unit *u, uint32_t source,
		       int start)
{
	*p = (struct parser){ .u = u,
			      .source = source,
			      .errors = diag_errors(u->diags),
			      .start_kind = start,
			      .is_call = start == T_START_CALL,
			      .before_kind = -1,
			      .head = -1,
			      .replay = { .kind = -1 },
			      .last = { .kind = -1, .span = { source, 0, 0 } } };
	p->text = sources_get(&u->sources, source);
	if (starts_with(p->text, "\xef\xbb\xbf", 3))
		p->at = p->text_start = 3;
	p->file = arena_new_of(u->arena, struct ast_file);
	p->file->source = source;
	if (!is_text(u, source))
		return;
	scan_open(p);
	gate_parse(p);
	scan_close(p);
	p->file->comments = p->comments.data;
	p->file->ncomments = p->comments.len;
}

struct ast_file *parse_source(struct unit *u, uint32_t source)
{
	struct parser p;

	parser_run(&p, u, source, T_START_FILE);
	return p.file;
}

struct ast_call *parse_call(struct unit *u, uint32_t source, bool *bare)
{
	size_t before = diag_errors(u->diags);
	struct parser p;

	parser_run(&p, u, source, T_START_CALL);
	*bare = p.bare;
	return diag_errors(u->diags) == before ? p.call : NULL;
}
