/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/constants.h"
#include "base/bug.h"

/* The capabilities that container engines keep. */
#define CAPS_DOCKER UINT64_C(0xa80425fb)

enum { WORDS_MAX = ARGS_MAX + 3 };

struct parse {
	struct arena *arena;
	const char *file;
	unsigned line;
	struct rows *out;
};

static bool complain(struct parse *p, const char *what, const char *word)
{
	printf("%s:%u: %s '%s'\n", p->file, p->line, what, word);
	p->out->errors++;
	return false;
}

static bool parse_number(const char *text, uint64_t *value)
{
	const bool octal = !strncmp(text, "0o", 2);
	char *end;

	errno = 0;
	*value = strtoull(octal ? text + 2 : text, &end, octal ? 8 : 0);
	return *text && !*end && !errno;
}

/* A number, or a constant of the ABI. */
static bool parse_word(const struct abi *abi, const char *text, size_t len,
		       uint64_t *value)
{
	const struct constant *c = constant_find(text, len);
	char copy[64];

	if (c)
		return abi && constant_value(c, abi, value);
	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return parse_number(copy, value);
}

static bool parse_value(struct parse *p, const struct abi *abi,
			const char *text, size_t len, struct row_arg *arg,
			uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i <= len;) {
		const char *bar = memchr(text + i, '|', len - i);
		const size_t n = bar ? (size_t)(bar - text) - i : len - i;
		uint64_t part;

		if (!parse_word(abi, text + i, n, &part))
			return complain(p, "no value:", text);
		*value |= part;
		i += n + 1;
	}
	/* Negative numbers are sign-extended. */
	if ((*value & ~arg->mask) && (*value | arg->mask) != UINT64_MAX) {
		if (!arg->wide)
			return complain(p, "wider than the argument:", text);
		arg->at = arg->whole;
		arg->mask = UINT64_MAX;
	}
	*value &= arg->mask;
	return true;
}

static bool parse_arg(struct parse *p, const struct row *row, const char *text,
		      struct row_arg *arg)
{
	const char *dots = strstr(text, "..");
	const size_t len = strlen(text);

	if (!strcmp(text, "*")) {
		arg->mask = 0;
		return true;
	}
	if (!parse_value(p, row->abi, text, dots ? (size_t)(dots - text) : len,
			 arg, &arg->lo))
		return false;
	arg->hi = arg->lo;
	if (dots && !parse_value(p, row->abi, dots + 2, strlen(dots + 2), arg,
				 &arg->hi))
		return false;
	return arg->lo <= arg->hi || complain(p, "empty range", text);
}

/* Where the i-th argument sits: its signature's place, else the register. */
static void place_arg(const struct abi *abi, const struct syscall_desc *desc,
		      unsigned i, struct row_arg *arg)
{
	if (!abi)
		abi = abi_get(ABI_X86_64);
	if (desc && i < desc->nargs) {
		arg->at = sig_arg_words(abi, &syscall_args(desc)[i]);
		arg->mask = sig_arg_mask(&syscall_args(desc)[i]);
		arg->wide = abi->word_bits == 64 &&
			    syscall_args(desc)[i].reg_hi == ARG_NO_REG;
		arg->whole = abi_reg_words(abi, syscall_args(desc)[i].reg);
	} else {
		arg->at = abi_reg_words(abi, i);
		arg->mask = abi->word_bits == 64 ? UINT64_MAX : UINT32_MAX;
	}
	if (arg->mask <= UINT32_MAX)
		arg->at.hi = ARG_NO_WORD;
}

static bool parse_call(struct parse *p, struct row *row, const char *text,
		       const struct syscall_desc **desc)
{
	uint64_t nr;

	*desc = NULL;
	if (!strncmp(text, "nr:", 3)) {
		if (!parse_number(text + 3, &nr) || nr > UINT32_MAX)
			return complain(p, "no call number:", text);
		row->nr = (uint32_t)nr;
		return true;
	}
	if (row->abi)
		*desc = syscall_by_name(row->abi,
					sysname_find(text, strlen(text)));
	if (!*desc)
		return complain(p, "the ABI has no call", text);
	row->nr = (*desc)->nr;
	return true;
}

static bool parse_action(struct parse *p, const struct abi *abi, char *text,
			 struct action *out)
{
	char *paren = strchr(text, '(');
	uint64_t value = 0;
	uint16_t number;

	if (paren) {
		const size_t len = strcspn(paren + 1, ")");

		if (strcmp(paren + 1 + len, ")"))
			return complain(p, "no action:", text);
		*paren = '\0';
		if (errno_value(abi ? abi : abi_get(ABI_X86_64), paren + 1, len,
				&number))
			value = number;
		else if (!parse_word(abi, paren + 1, len, &value))
			return complain(p, "no value:", paren + 1);
	}
	for (unsigned kind = 0; kind < ACT_COUNT; kind++) {
		if (strcmp(action_keyword((enum action_kind)kind), text))
			continue;
		if (kind == ACT_ERRNO && !paren)
			value = EPERM;
		*out = (struct action){ (enum action_kind)kind,
					(uint16_t)value };
		return true;
	}
	return complain(p, "no action:", text);
}

static bool parse_abi(struct parse *p, const char *text, size_t len,
		      struct row *row)
{
	uint64_t raw;

	row->abi = abi_find(text, len);
	if (row->abi) {
		row->arch = row->abi->audit_arch;
		p->out->abis |= ABI_BIT(row->abi->id);
		return true;
	}
	if (!parse_word(NULL, text, len, &raw) || raw > UINT32_MAX)
		return complain(p, "no ABI:", text);
	row->arch = (uint32_t)raw;
	return true;
}

/* One row for one of its ABIs; words[0] is the list of all. */
static void parse_for_abi(struct parse *p, const char *abi, size_t abi_len,
			  unsigned nwords, char **words, const char *action)
{
	char *copy = arena_strndup(p->arena, action, strlen(action));
	const struct syscall_desc *desc;
	struct row row = { .line = p->line };

	if (!parse_abi(p, abi, abi_len, &row) ||
	    !parse_call(p, &row, words[1], &desc))
		return;
	row.nargs = nwords - 2;
	for (unsigned i = 0; i < row.nargs; i++) {
		place_arg(row.abi, desc, i, &row.args[i]);
		if (!parse_arg(p, &row, words[2 + i], &row.args[i]))
			return;
	}
	if (parse_action(p, row.abi, copy, &row.want))
		vec_push(p->arena, &p->out->list, row);
}

static void parse_caps(struct parse *p, char *list)
{
	p->out->caps = 0;
	for (char *save = NULL, *word = strtok_r(list, ", \t", &save); word;
	     word = strtok_r(NULL, ", \t", &save)) {
		const int cap = cap_find(word, strlen(word));

		if (!strcmp(word, "docker"))
			p->out->caps = CAPS_DOCKER;
		else if (cap >= 0)
			p->out->caps |= UINT64_C(1) << cap;
		else if (strcmp(word, "none"))
			complain(p, "no capability:", word);
	}
}

static void parse_line(struct parse *p, char *line)
{
	char *words[WORDS_MAX], *save = NULL, *arrow, *action;
	unsigned n = 0;

	line[strcspn(line, "#")] = '\0';
	if (!strncmp(line, "%caps", 5)) {
		parse_caps(p, line + 5);
		return;
	}
	if (!line[strspn(line, " \t")])
		return;
	arrow = strstr(line, "=>");
	if (!arrow) {
		complain(p, "no '=>' in", line);
		return;
	}
	*arrow = '\0';
	action = strtok_r(arrow + 2, " \t", &save);
	for (char *word = strtok_r(line, " \t", &save); word && n < WORDS_MAX;
	     word = strtok_r(NULL, " \t", &save))
		words[n++] = word;
	if (!action || n < 2 || n == WORDS_MAX) {
		complain(p, "not 'ABI CALL ARG... => ACTION':", line);
		return;
	}
	for (const char *abi = words[0]; *abi;) {
		const size_t len = strcspn(abi, ",");

		parse_for_abi(p, abi, len, n, words, action);
		abi += len + (abi[len] == ',');
	}
}

void rows_parse(struct arena *a, const char *file, const char *text,
		struct rows *out)
{
	struct parse p = { .arena = a, .file = file, .out = out };

	*out = (struct rows){ .caps = CAPS_DOCKER };
	while (*text) {
		const size_t len = strcspn(text, "\n");

		p.line++;
		parse_line(&p, arena_strndup(a, text, len));
		text += len + (text[len] == '\n');
	}
}
