/* SPDX-License-Identifier: Apache-2.0 */
#include "abi/generate/csv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const abi_names[ABIS] = { "x86_64", "i386",	   "x32",   "aarch64",
				      "arm",	"riscv64", "s390x", "ppc64le" };
const int abi_word_bits[ABIS] = { 64, 32, 64, 64, 32, 64, 64, 64 };

static void *checked(void *p)
{
	if (!p) {
		perror("tables");
		exit(1);
	}
	return p;
}

char *text_of(const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	return checked(text);
}

void csv_fail(const struct csv *csv, const struct csv_row *row, const char *fmt,
	      ...)
{
	va_list ap;

	fprintf(stderr, "%s:%d: ", csv->path, row ? row->line : 1);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static void add_row(struct csv *csv, char *text, int line, size_t ncells)
{
	struct csv_row row = { .line = line };
	size_t n = 0;

	for (char *cell; (cell = strsep(&text, ","));) {
		if (n == ncells)
			csv_fail(csv, &row, "more than %zu cells", ncells);
		row.cells[n++] = cell;
	}
	if (n != ncells)
		csv_fail(csv, &row, "%zu cells, not %zu", n, ncells);
	csv->rows = checked(realloc(csv->rows, (csv->nrows + 1) * sizeof(row)));
	csv->rows[csv->nrows++] = row;
}

static size_t count_cells(const char *columns)
{
	size_t n = 1;

	for (; *columns; columns++)
		n += *columns == ',';
	return n;
}

struct csv csv_read(const char *folder, const char *name, const char *columns)
{
	struct csv csv = { .path = text_of("%s/%s", folder, name) };
	FILE *file = checked(fopen(csv.path, "r"));
	size_t ncells = count_cells(columns), cap = 0;
	char *text = NULL;
	int header = 0;
	ssize_t len;

	for (int line = 1; (len = getline(&text, &cap, file)) > 0; line++) {
		if (text[len - 1] == '\n')
			text[len - 1] = '\0';
		if (text[0] == '#' || text[0] == '\0')
			continue;
		if (header++)
			add_row(&csv, text_of("%s", text), line, ncells);
		else if (strcmp(text, columns))
			csv_fail(&csv, NULL, "the columns are not '%s'",
				 columns);
	}
	free(text);
	fclose(file);
	return csv;
}

size_t csv_words(char *cell, const char *separators, char *words[WORDS_MAX])
{
	size_t n = 0;

	for (char *word; (word = strsep(&cell, separators));) {
		if (!*word)
			continue;
		if (n == WORDS_MAX) {
			fprintf(stderr, "tables: over %d words\n", WORDS_MAX);
			exit(1);
		}
		words[n++] = word;
	}
	return n;
}

size_t text_set_add(struct text_set *set, const char *text)
{
	for (size_t i = 0; i < set->len; i++)
		if (!strcmp(set->items[i], text))
			return i;
	if (set->len == set->cap) {
		set->cap = set->cap ? 2 * set->cap : 256;
		set->items = checked(
			realloc(set->items, set->cap * sizeof(*set->items)));
	}
	set->items[set->len] = text_of("%s", text);
	return set->len++;
}

int abi_index(const char *name)
{
	for (int i = 0; i < ABIS; i++)
		if (!strcmp(abi_names[i], name))
			return i;
	return -1;
}

unsigned abi_bits(const struct csv *csv, const struct csv_row *row, char *cell)
{
	char *words[WORDS_MAX];
	size_t n;
	unsigned bits = 0;

	if (!strcmp(cell, "*"))
		return (1u << ABIS) - 1;
	n = csv_words(text_of("%s", cell), " ", words);
	for (size_t i = 0; i < n; i++) {
		int abi = abi_index(words[i]);

		if (abi < 0)
			csv_fail(csv, row, "no ABI is called '%s'", words[i]);
		bits |= 1u << abi;
	}
	return bits;
}
