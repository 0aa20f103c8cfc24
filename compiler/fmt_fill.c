/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/fmt.h"

#include <string.h>

static size_t width(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

static void put(struct filler *f, const char *text, size_t len)
{
	str_add_bytes(f->out, text, len);
	f->column += width(text, len);
}

static void new_line(struct filler *f, unsigned indent)
{
	if (f->out->len)
		str_addc(f->out, '\n');
	f->column = 0;
	f->closed = false;
	for (unsigned i = 0; i < indent; i++)
		put(f, " ", 1);
}

void fill_bytes(struct filler *f, const char *text, size_t len)
{
	str_add_bytes(f->chunk, text, len);
}

void fill_text(struct filler *f, const char *text)
{
	fill_bytes(f, text, strlen(text));
}

void fill_space(struct filler *f)
{
	if (f->chunk->len)
		fill_text(f, " ");
	else if (!f->closed)
		fill_gap(f, GAP_SPACE);
}

void fill_flush(struct filler *f)
{
	size_t w = width(str_text(f->chunk), f->chunk->len);
	bool space = f->gap == GAP_SPACE || f->gap == GAP_LINE;

	if (!f->chunk->len)
		return;
	if (f->closed || (f->gap == GAP_LINE && !f->flat) ||
	    (f->gap != GAP_NONE && !f->flat &&
	     f->column + space + w > FMT_WIDTH))
		new_line(f, f->gap == GAP_NONE ? f->hang : f->gap_hang);
	else if (space)
		put(f, " ", 1);
	put(f, f->chunk->text, f->chunk->len);
	f->chunk->len = 0;
	f->gap = GAP_NONE;
}

void fill_gap(struct filler *f, enum fmt_gap gap)
{
	fill_flush(f);
	f->gap = gap;
	f->gap_hang = f->hang;
}

static void put_comment(struct filler *f, const struct ast_comment *c)
{
	uint32_t end = c->span.end;

	while (end > c->span.start + 1 && strchr(" \t\f\v\r", f->text[end - 1]))
		end--;
	put(f, f->text + c->span.start, end - c->span.start);
	f->seen = c->span.end;
	f->closed = true;
	f->comment++;
}

static const struct ast_comment *comment_before(const struct filler *f,
						uint32_t at)
{
	const struct ast_comment *c;

	if (f->flat || f->comment == f->file->ncomments)
		return NULL;
	c = &f->file->comments[f->comment];
	return c->span.start < at ? c : NULL;
}

static void trailing(struct filler *f, const struct ast_comment *c)
{
	while (f->out->len && f->out->text[f->out->len - 1] == ' ') {
		f->out->len--;
		f->column--;
	}
	put(f, "  ", 2);
	put_comment(f, c);
}

void fill_at(struct filler *f, uint32_t at)
{
	const struct ast_comment *c;

	if (!comment_before(f, at))
		return;
	fill_flush(f);
	while ((c = comment_before(f, at))) {
		if (!c->own_line && !f->closed) {
			trailing(f, c);
			continue;
		}
		new_line(f, f->hang);
		put_comment(f, c);
	}
}

static bool blank_between(const struct filler *f, uint32_t at)
{
	unsigned lines = 0;

	for (uint32_t i = f->seen; i < at; i++)
		lines += f->text[i] == '\n';
	return lines > 1 && !f->first;
}

static void start_line(struct filler *f, uint32_t at)
{
	if (blank_between(f, at))
		str_addc(f->out, '\n');
	new_line(f, f->indent);
	f->first = false;
}

void fill_end(struct filler *f, uint32_t at)
{
	const struct ast_comment *c;

	fill_flush(f);
	while ((c = comment_before(f, at))) {
		if (!c->own_line && !f->closed && f->out->len) {
			trailing(f, c);
			continue;
		}
		start_line(f, c->span.start);
		put_comment(f, c);
	}
}

void fill_line(struct filler *f, uint32_t at)
{
	fill_end(f, at);
	start_line(f, at);
	f->gap = GAP_NONE;
}

/* Takes back what was put out since the state was saved. */
static void rewind_to(struct filler *f, const struct filler *saved, size_t len)
{
	*f = *saved;
	f->out->len = len;
	if (f->out->text)
		f->out->text[len] = '\0';
}

void fill_fitting(struct filler *f,
		  void (*print)(struct filler *f, const void *node),
		  const void *node)
{
	struct filler saved;
	size_t len;

	fill_flush(f);
	saved = *f;
	len = f->out->len;
	print(f, node);
	fill_flush(f);
	if (f->flat || f->comment != saved.comment)
		return;
	rewind_to(f, &saved, len);
	f->flat = true;
	print(f, node);
	fill_flush(f);
	f->flat = false;
	if (f->column <= FMT_WIDTH)
		return;
	rewind_to(f, &saved, len);
	print(f, node);
	fill_flush(f);
}
