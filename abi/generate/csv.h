/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv.h - the tables under abi/ as rows of cells, at build time
 *
 * Cells have no quotes and no commas; lines that start with '#' are
 * comments; the first line names the columns.  Every failure ends the
 * program with the place: a table with a mistake must not build.
 * Nothing is freed, the program is short-lived.
 */
#ifndef GENERATE_CSV_H
#define GENERATE_CSV_H

#include <stddef.h>

enum { CSV_CELLS_MAX = 12, WORDS_MAX = 256 };

struct csv_row {
	int line;
	char *cells[CSV_CELLS_MAX];
};

struct csv {
	const char *path;
	size_t nrows;
	struct csv_row *rows;
};

/* Reads FOLDER/NAME, whose first line must be exactly `columns`. */
struct csv csv_read(const char *folder, const char *name, const char *columns);

_Noreturn void csv_fail(const struct csv *csv, const struct csv_row *row,
			const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Splits a cell in place at any of the separators; gives the count. */
size_t csv_words(char *cell, const char *separators, char *words[WORDS_MAX]);

/* Formats into fresh memory. */
char *text_of(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Distinct strings in order of arrival; gives the index of `text`. */
struct text_set {
	size_t len, cap;
	const char **items;
};

size_t text_set_add(struct text_set *set, const char *text);

enum { ABIS = 8 };

/* The order of enum abi_id; -1 when there is none of that name. */
int abi_index(const char *name);
/* A cell of ABI names, "*" for all, as bits. */
unsigned abi_bits(const struct csv *csv, const struct csv_row *row, char *cell);
extern const char *const abi_names[ABIS];
extern const int abi_word_bits[ABIS];

int generate_syscalls(const char *folder);
int generate_constants(const char *folder);

#endif
