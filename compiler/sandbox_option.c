/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox_option.c - the value of an option to the line of a sandbox block
 *
 * `--bind /a:/b:rw` is the line `bind "/a" "/b" rw;`.  In a value ':' or a
 * space stands between operands, ',' between those of a list, '=' after a
 * word and before its value.  What begins with '/' is a path and needs no
 * quotes; what is in quotes is taken as it is.  Nothing in a value can end
 * the line: what is no word becomes a string, which the line then refuses.
 */
#include <string.h>

#include "base/str.h"
#include "compiler/sandbox.h"

static const char word_bytes[] = "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789_-%@";

static void add_string(struct str *out, const char *text, size_t len)
{
	str_addc(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\')
			str_addf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			str_addf(out, "\\x%02x", c);
		else
			str_addc(out, (char)c);
	}
	str_addc(out, '"');
}

static void add_word(struct str *out, const char *text, size_t len)
{
	if (text[0] == '/' || strspn(text, word_bytes) < len)
		add_string(out, text, len);
	else
		str_add_bytes(out, text, len);
}

/* Up to the quote that closes; without one, all of it. */
static const char *add_quoted(struct str *out, const char *at)
{
	const char *end = strchr(at + 1, '"');
	size_t len = end ? (size_t)(end - at - 1) : strlen(at + 1);

	add_string(out, at + 1, len);
	return at + 1 + len + (end ? 1 : 0);
}

static void add_operands(struct str *out, const char *at)
{
	while (*at) {
		size_t len = strcspn(at, *at == '/' ? ": ," : ": ,=");

		if (*at == '"') {
			str_addc(out, ' ');
			at = add_quoted(out, at);
		} else if (len) {
			str_addc(out, ' ');
			add_word(out, at, len);
			at += len;
		} else {
			if (*at == ',')
				str_addc(out, ',');
			at++;
		}
	}
}

/* NAME=VALUE sets, NAME keeps; names may be a list. */
static void add_variable(struct str *out, const char *value)
{
	size_t len = strcspn(value, "=");

	if (value[len]) {
		str_add(out, " set ");
		add_string(out, value, len);
		str_addc(out, ' ');
		add_string(out, value + len + 1, strlen(value + len + 1));
		return;
	}
	str_add(out, " keep");
	for (const char *at = value; *at; at += len + (at[len] ? 1 : 0)) {
		len = strcspn(at, ",");
		str_add(out, at == value ? " " : ", ");
		add_string(out, at, len);
	}
}

/* KIND[,KEY=VALUE]...; addresses have ':' in them. */
static void add_network(struct str *out, const char *value)
{
	size_t len = strcspn(value, ", ");

	str_addc(out, ' ');
	if (len)
		add_word(out, value, len);
	if (!value[len])
		return;
	str_add(out, " {");
	for (const char *at = value + len; *at; at += len) {
		size_t key;

		at += strspn(at, ", ");
		len = strcspn(at, ", ");
		if (!len)
			break;
		key = strcspn(at, "=");
		key = key < len ? key : len;
		str_addc(out, ' ');
		add_word(out, at, key);
		str_addc(out, ' ');
		if (key < len)
			add_string(out, at + key + 1, len - key - 1);
		str_addc(out, ';');
	}
	str_add(out, " }");
}

void sandbox_option_line(const char *word, const char *value, struct str *out)
{
	str_add(out, word);
	if (!strcmp(word, "hostname") || !strcmp(word, "workdir")) {
		str_addc(out, ' ');
		add_string(out, value, strlen(value));
	} else if (!strcmp(word, "env")) {
		add_variable(out, value);
	} else if (!strcmp(word, "network")) {
		add_network(out, value);
	} else {
		if (!strcmp(word, "fd"))
			str_add(out, " keep");
		add_operands(out, value);
	}
	str_add(out, ";\n");
}
