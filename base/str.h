/* SPDX-License-Identifier: Apache-2.0 */
/*
 * str.h - a string builder on the heap
 *
 * Invariant: `text` is NUL-terminated once anything was added; before that
 * it is NULL and `len` is 0.  The holder calls str_fini().
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct str {
	char *text;
	size_t len, cap;
};

void str_add(struct str *s, const char *text);
void str_add_bytes(struct str *s, const void *bytes, size_t len);
void str_addc(struct str *s, char c);
void str_addf(struct str *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void str_vaddf(struct str *s, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
/* Never NULL. */
const char *str_text(const struct str *s);
void str_fini(struct str *s);

/*
 * Appends text as it may be shown on a terminal: control bytes, bytes that
 * are not UTF-8 and bidirectional overrides become \xNN or \u{...}.
 */
void str_add_visible(struct str *s, const char *text, size_t len);

/* Appends text as a JSON string, quotes included. */
void str_add_json(struct str *s, const char *text);

/*
 * Length in bytes of the valid UTF-8 sequence at p (1 to 4), 0 when there
 * is none; *code gets the code point.
 */
size_t utf8_next(const char *p, size_t left, unsigned *code);

#endif
