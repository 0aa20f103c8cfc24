/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"

static void str_reserve(struct str *s, size_t more)
{
	size_t need, cap;

	if (__builtin_add_overflow(s->len, more, &need) ||
	    __builtin_add_overflow(need, (size_t)1, &need))
		oom();
	if (need <= s->cap)
		return;
	cap = s->cap ? s->cap * 2 : 64;
	if (cap < need)
		cap = need;
	s->text = realloc(s->text, cap);
	if (!s->text)
		oom();
	s->cap = cap;
}

void str_add_bytes(struct str *s, const void *bytes, size_t len)
{
	str_reserve(s, len);
	if (len)
		memcpy(s->text + s->len, bytes, len);
	s->len += len;
	s->text[s->len] = '\0';
}

void str_add(struct str *s, const char *text)
{
	str_add_bytes(s, text, strlen(text));
}

void str_addc(struct str *s, char c)
{
	str_add_bytes(s, &c, 1);
}

void str_vaddf(struct str *s, const char *fmt, va_list ap)
{
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		BUG("bad format '%s'", fmt);
	str_reserve(s, (size_t)len);
	vsnprintf(s->text + s->len, (size_t)len + 1, fmt, ap);
	s->len += (size_t)len;
}

void str_addf(struct str *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	str_vaddf(s, fmt, ap);
	va_end(ap);
}

const char *str_text(const struct str *s)
{
	return s->text ? s->text : "";
}

void str_fini(struct str *s)
{
	free(s->text);
	*s = (struct str){ 0 };
}

size_t utf8_next(const char *p, size_t left, unsigned *code)
{
	const unsigned char *u = (const unsigned char *)p;
	static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len;

	if (!left)
		return 0;
	if (u[0] < 0x80) {
		*code = u[0];
		return 1;
	}
	len = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;
	if (u[0] < 0xc2 || u[0] > 0xf4 || left < len)
		return 0;
	*code = u[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (u[i] & 0x3f);
	}
	if (*code < least[len] || *code > 0x10ffff ||
	    (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return len;
}

static bool is_unseen(unsigned code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) ||
	       (code >= 0x200b && code <= 0x200f) ||
	       (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

void str_add_visible(struct str *s, const char *text, size_t len)
{
	while (len) {
		unsigned code = 0;
		size_t n = utf8_next(text, len, &code);

		if (!n)
			str_addf(s, "\\x%02x", (unsigned char)*text);
		else if (!is_unseen(code))
			str_add_bytes(s, text, n);
		else if (code == '\t')
			str_addc(s, ' ');
		else if (code < 0x80)
			str_addf(s, "\\x%02x", code);
		else
			str_addf(s, "\\u{%04x}", code);
		text += n ? n : 1;
		len -= n ? n : 1;
	}
}

void str_add_json(struct str *s, const char *text)
{
	size_t left = strlen(text);

	str_addc(s, '"');
	while (left) {
		unsigned code;
		size_t n = utf8_next(text, left, &code);

		if (!n)
			str_add(s, "\\ufffd");
		else if (code == '"' || code == '\\')
			str_addf(s, "\\%c", (int)code);
		else if (code < 0x20 || code == 0x7f)
			str_addf(s, "\\u%04x", code);
		else
			str_add_bytes(s, text, n);
		text += n ? n : 1;
		left -= n ? n : 1;
	}
	str_addc(s, '"');
}
