/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gen_constants.c - families.csv and constants.csv as C
 *
 * Strings go into one pool and are named by offset, so that the tables
 * need no relocation when the program starts.
 */
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/generate/csv.h"

enum { FAMILIES_MAX = 256 };

struct all {
	struct csv families, constants;
	size_t nvalues, nmembers, pool;
};

static size_t family_index(const struct all *all, const struct csv_row *row,
			   const char *name)
{
	for (size_t i = 0; i < all->families.nrows; i++)
		if (!strcmp(all->families.rows[i].cells[0], name))
			return i + 1;
	csv_fail(&all->constants, row, "no family is called '%s'", name);
}

static int64_t number(const struct all *all, const struct csv_row *row,
		      const char *text)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = *text == '-' ? (uint64_t)strtoll(text, &end, 0)
			     : strtoull(text, &end, 0);
	if (errno || end == text || *end)
		csv_fail(&all->constants, row, "'%s' is no number", text);
	return (int64_t)value;
}

/* "V abi:W abi:-": V everywhere but there; gives the ABIs that have one. */
static unsigned parse_values(const struct all *all, const struct csv_row *row,
			     int64_t values[ABIS])
{
	char *words[WORDS_MAX];
	size_t n = csv_words(text_of("%s", row->cells[2]), " ", words);
	unsigned have = 0;

	for (size_t i = 0; i < n; i++) {
		char *colon = strchr(words[i], ':');
		int abi = -1;

		if (colon) {
			*colon = '\0';
			abi = abi_index(words[i]);
			if (abi < 0)
				csv_fail(&all->constants, row,
					 "no ABI is called '%s'", words[i]);
			if (!strcmp(colon + 1, "-")) {
				have &= ~(1u << abi);
				continue;
			}
		}
		for (int a = 0; a < ABIS; a++) {
			if (abi >= 0 && a != abi)
				continue;
			values[a] =
				number(all, row, colon ? colon + 1 : words[i]);
			have |= 1u << a;
		}
	}
	if (!have)
		csv_fail(&all->constants, row, "no value");
	return have;
}

static bool all_same(unsigned have, const int64_t values[ABIS])
{
	for (int a = 1; a < ABIS; a++)
		if (values[a] != values[0])
			return false;
	return have == (1u << ABIS) - 1;
}

static void print_names(struct all *all)
{
	printf("static const char constant_names[] =\n");
	for (size_t i = 0; i < all->constants.nrows; i++) {
		const struct csv_row *row = &all->constants.rows[i];

		if (i && strcmp(row[-1].cells[0], row->cells[0]) >= 0)
			csv_fail(&all->constants, row, "not in order");
		printf("\t\"%s\\0\"\n", row->cells[0]);
	}
	puts(";\n");
}

static void print_values(struct all *all)
{
	puts("static const uint64_t constant_values[] = {");
	for (size_t i = 0; i < all->constants.nrows; i++) {
		int64_t v[ABIS] = { 0 };
		unsigned have = parse_values(all, &all->constants.rows[i], v);
		int n = all_same(have, v) ? 1 : ABIS;

		putchar('\t');
		for (int a = 0; a < n; a++)
			printf("0x%" PRIx64 "ull, ", (uint64_t)v[a]);
		putchar('\n');
	}
	puts("};\n");
}

static void print_families_of(struct all *all)
{
	puts("static const uint8_t constant_families[] = {");
	for (size_t i = 0; i < all->constants.nrows; i++) {
		struct csv_row *row = &all->constants.rows[i];
		char *words[WORDS_MAX];
		size_t n = csv_words(text_of("%s", row->cells[1]), " ", words);

		putchar('\t');
		for (size_t k = 0; k < n; k++)
			printf("%zu, ", family_index(all, row, words[k]));
		puts("0,");
	}
	puts("};\n");
}

static void print_constants(struct all *all)
{
	size_t name = 0, value = 0, families = 0;

	puts("static const struct constant constants[] = {");
	for (size_t i = 0; i < all->constants.nrows; i++) {
		struct csv_row *row = &all->constants.rows[i];
		char *words[WORDS_MAX];
		int64_t v[ABIS] = { 0 };
		unsigned have = parse_values(all, row, v);
		bool same = all_same(have, v);

		printf("\t{ %zu, %zu, %zu, 0x%x, %s },\n", name, value,
		       families, have, same ? "true" : "false");
		name += strlen(row->cells[0]) + 1;
		value += same ? 1 : ABIS;
		families +=
			csv_words(text_of("%s", row->cells[1]), " ", words) + 1;
	}
	puts("};\n");
}

static bool has_word(const char *cell, const char *word)
{
	char *words[WORDS_MAX];
	size_t n = csv_words(text_of("%s", cell), " ", words);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(words[i], word))
			return true;
	return false;
}

static bool is_second(const struct csv_row *family, const char *name)
{
	char *words[WORDS_MAX];
	size_t n = csv_words(text_of("%s", family->cells[4]), " ", words);

	for (size_t i = 0; i < n; i++)
		if (!fnmatch(words[i], name, 0))
			return true;
	return false;
}

/* A family's constants, those to print for a value before the others. */
static size_t print_members(struct all *all, const struct csv_row *family)
{
	size_t n = 0;

	for (int second = 0; second < 2; second++) {
		for (size_t i = 0; i < all->constants.nrows; i++) {
			const struct csv_row *row = &all->constants.rows[i];

			if (has_word(row->cells[1], family->cells[0]) &&
			    is_second(family, row->cells[0]) == second) {
				printf("%zu, ", i);
				n++;
			}
		}
	}
	putchar('\n');
	return n;
}

static void print_families(struct all *all)
{
	size_t first[FAMILIES_MAX], at = 0;

	if (all->families.nrows >= FAMILIES_MAX)
		csv_fail(&all->families, NULL, "too many families");
	puts("static const uint16_t family_members[] = {");
	for (size_t i = 0; i < all->families.nrows; i++) {
		first[i] = at;
		putchar('\t');
		at += print_members(all, &all->families.rows[i]);
		if (at == first[i])
			csv_fail(&all->families, &all->families.rows[i],
				 "no constant is in it");
	}
	puts("};\n\nstatic const struct family families[] = {");
	for (size_t i = 0; i < all->families.nrows; i++) {
		char **cell = all->families.rows[i].cells;

		printf("\t{ \"%s\", \"%s\", %s },\n", cell[0], cell[1],
		       strcmp(cell[2], "flags") ? "false" : "true");
	}
	puts("};\n\nstatic const uint16_t family_first[] = {");
	for (size_t i = 0; i < all->families.nrows; i++)
		printf("\t%zu,\n", first[i]);
	printf("\t%zu,\n};\n\nenum {\n", at);
	for (size_t i = 0; i < all->families.nrows; i++) {
		char *name = text_of("%s", all->families.rows[i].cells[0]);

		for (char *c = name; *c; c++)
			*c = *c == '-' ? '_' : (char)toupper(*c);
		printf("\tFAMILY_%s = %zu,\n", name, i + 1);
	}
	puts("};");
}

int generate_constants(const char *folder)
{
	struct all all = {
		.families = csv_read(folder, "families.csv",
				     "family,pattern,kind,members,second"),
		.constants = csv_read(folder, "constants.csv",
				      "name,families,value"),
	};

	puts("/* Made by abi/generate/tables.c from constants.csv. */");
	print_names(&all);
	print_values(&all);
	print_families_of(&all);
	print_constants(&all);
	print_families(&all);
	return fflush(stdout) || ferror(stdout);
}
