/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gen_syscalls.c - syscalls.csv, signatures.csv and what belongs to them
 * as C
 *
 * A signature row serves several ABIs; what an ABI gets is its own list of
 * arguments, with widths from its registers and overrides.csv.  Equal
 * lists are stored once.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/generate/csv.h"

enum { NAMES_MAX = 1024, ARGS = 6, NOT_THERE = -1 };

struct argument {
	const char *names[16]; /* ours, then the aliases */
	size_t nnames;
	bool is_pointer, is_signed;
	int bits, reg, reg_hi;
	size_t family;
};

struct signature {
	const struct csv_row *row; /* NULL: not implemented */
	size_t nargs;
	struct argument args[ARGS];
	size_t first; /* in the pool */
};

struct tables {
	struct csv numbers, signatures, overrides, families, uses, unfiltered;
	struct csv twins;
	bool *override_used, *use_used;
	long nr[NAMES_MAX][ABIS];
	struct signature sigs[NAMES_MAX][ABIS];
	struct text_set lists, names;
	size_t names_at[NAMES_MAX], names_len; /* of each in the pool */
	size_t list_at[NAMES_MAX * ABIS], pool;
};

static struct tables t;

static size_t name_index(const struct csv *csv, const struct csv_row *row,
			 const char *name)
{
	size_t lo = 0, hi = t.numbers.nrows;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int order = strcmp(t.numbers.rows[mid].cells[0], name);

		if (!order)
			return mid;
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	csv_fail(csv, row, "no call is named '%s'", name);
}

static void read_numbers(void)
{
	if (t.numbers.nrows > NAMES_MAX)
		csv_fail(&t.numbers, NULL, "over %d names", NAMES_MAX);
	for (size_t i = 0; i < t.numbers.nrows; i++) {
		const struct csv_row *row = &t.numbers.rows[i];

		if (i && strcmp(row[-1].cells[0], row->cells[0]) >= 0)
			csv_fail(&t.numbers, row, "not in order");
		for (int a = 0; a < ABIS; a++) {
			const char *cell = row->cells[1 + a];

			t.nr[i][a] = *cell ? strtol(cell, NULL, 0) : NOT_THERE;
		}
	}
}

static bool is_reserved(const char *name)
{
	static const char *const words[] = { "if",  "in",   "has",
					     "any", "only", "and",
					     "or",  "not",  "except" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(words[i], name))
			return true;
	return !strncmp(name, "reg", 3) && name[3] >= '0' && name[3] <= '9';
}

static void set_type(const struct csv *csv, const struct csv_row *row,
		     const char *type, int abi, struct argument *arg)
{
	if (!strncmp(type, "ptr", 3)) {
		arg->is_pointer = true;
		arg->bits = type[3] ? atoi(type + 3) : abi_word_bits[abi];
	} else if (!strcmp(type, "long") || !strcmp(type, "ulong")) {
		arg->is_signed = *type == 'l';
		arg->bits = abi_word_bits[abi];
	} else {
		arg->is_signed = *type == 's';
		arg->bits = atoi(type + 1);
		if (*type != 's' && *type != 'u')
			arg->bits = 0;
	}
	if (arg->bits != 8 && arg->bits != 16 && arg->bits != 32 &&
	    arg->bits != 64)
		csv_fail(csv, row, "no such type: '%s'", type);
}

/* "name|alias|alias:type@reg" or "...@reg+reg_hi" */
static void parse_argument(const struct csv_row *row, char *text, int abi,
			   struct argument *arg)
{
	char *words[WORDS_MAX], *names[WORDS_MAX], *regs[WORDS_MAX];
	size_t n = csv_words(text, ":@ ", words);

	if (n != 3)
		csv_fail(&t.signatures, row, "'%s' is no argument", text);
	arg->nnames = csv_words(words[0], "|", names);
	for (size_t i = 0; i < arg->nnames && i < 16; i++) {
		arg->names[i] = names[i];
		if (is_reserved(names[i]))
			csv_fail(&t.signatures, row, "'%s' is a reserved word",
				 names[i]);
	}
	set_type(&t.signatures, row, words[1], abi, arg);
	arg->reg_hi = -1;
	if (csv_words(words[2], "+", regs) == 2)
		arg->reg_hi = atoi(regs[1]);
	arg->reg = atoi(regs[0]);
}

/* Nothing but a pad may be skipped, and no register may have two names. */
static void check_signature(const struct signature *sig)
{
	unsigned regs = 0;

	for (size_t i = 0; i < sig->nargs; i++) {
		const struct argument *arg = &sig->args[i];
		int both[2] = { arg->reg, arg->reg_hi };

		for (int k = 0; k < 2 && both[k] >= 0; k++) {
			if (both[k] >= ARGS || regs & 1u << both[k])
				csv_fail(&t.signatures, sig->row,
					 "register %d twice or too high",
					 both[k]);
			regs |= 1u << both[k];
		}
		for (size_t j = 0; j < i; j++)
			for (size_t a = 0; a < arg->nnames; a++)
				for (size_t b = 0; b < sig->args[j].nnames; b++)
					if (!strcmp(arg->names[a],
						    sig->args[j].names[b]))
						csv_fail(&t.signatures,
							 sig->row,
							 "'%s' names two",
							 arg->names[a]);
	}
}

static void read_signature(const struct csv_row *row, size_t name, int abi)
{
	struct signature *sig = &t.sigs[name][abi];
	char *words[WORDS_MAX];
	size_t n = csv_words(text_of("%s", row->cells[3]), ";", words);

	if (t.nr[name][abi] == NOT_THERE || sig->row)
		csv_fail(&t.signatures, row, "twice, or no number on %s",
			 abi_names[abi]);
	if (n > ARGS)
		csv_fail(&t.signatures, row, "over %d arguments", ARGS);
	sig->row = row;
	sig->nargs = n;
	for (size_t i = 0; i < n; i++)
		parse_argument(row, words[i], abi, &sig->args[i]);
	check_signature(sig);
}

static void read_signatures(void)
{
	for (size_t i = 0; i < t.signatures.nrows; i++) {
		const struct csv_row *row = &t.signatures.rows[i];
		size_t name = name_index(&t.signatures, row, row->cells[0]);
		unsigned abis = abi_bits(&t.signatures, row, row->cells[1]);

		for (int a = 0; a < ABIS; a++)
			if (abis & 1u << a)
				read_signature(row, name, a);
	}
}

static struct argument *find_argument(struct signature *sig, const char *name)
{
	for (size_t i = 0; i < sig->nargs; i++)
		if (!strcmp(sig->args[i].names[0], name))
			return &sig->args[i];
	return NULL;
}

/* An override may only take bits away; one without effect is a mistake. */
static void override_one(const struct csv_row *row, size_t name, int abi,
			 bool *any)
{
	struct argument *arg = find_argument(&t.sigs[name][abi], row->cells[2]);
	struct argument was;

	if (!arg)
		return;
	was = *arg;
	set_type(&t.overrides, row, row->cells[3], abi, arg);
	if (arg->bits > was.bits || arg->is_pointer != was.is_pointer)
		csv_fail(&t.overrides, row, "wider than the prototype on %s",
			 abi_names[abi]);
	if (arg->bits < was.bits)
		*any = true;
}

static void apply_overrides(void)
{
	for (size_t i = 0; i < t.overrides.nrows; i++) {
		const struct csv_row *row = &t.overrides.rows[i];
		unsigned abis = abi_bits(&t.overrides, row, row->cells[1]);
		char *calls[WORDS_MAX];
		size_t n = csv_words(text_of("%s", row->cells[0]), " ", calls);

		for (size_t k = 0; k < n; k++) {
			size_t name = name_index(&t.overrides, row, calls[k]);
			bool any = false;

			for (int a = 0; a < ABIS; a++)
				if (abis & 1u << a)
					override_one(row, name, a, &any);
			if (!any)
				csv_fail(&t.overrides, row,
					 "narrows nothing in %s", calls[k]);
		}
	}
}

static size_t family_index(const struct csv_row *row, const char *family)
{
	for (size_t i = 0; i < t.families.nrows; i++)
		if (!strcmp(t.families.rows[i].cells[0], family))
			return i + 1;
	csv_fail(&t.uses, row, "no family is called '%s'", family);
}

static bool use_family(const struct csv_row *row, size_t name,
		       const char *argument)
{
	bool any = false;

	for (int a = 0; a < ABIS; a++) {
		struct argument *arg =
			find_argument(&t.sigs[name][a], argument);

		if (!arg)
			continue;
		arg->family = family_index(row, row->cells[2]);
		any = true;
	}
	return any;
}

static void apply_families(void)
{
	for (size_t i = 0; i < t.uses.nrows; i++) {
		const struct csv_row *row = &t.uses.rows[i];
		char *calls[WORDS_MAX], *names[WORDS_MAX];
		size_t ncalls, nnames;

		ncalls = csv_words(text_of("%s", row->cells[0]), " ", calls);
		nnames = csv_words(text_of("%s", row->cells[1]), " ", names);
		for (size_t k = 0; k < ncalls; k++) {
			size_t name = name_index(&t.uses, row, calls[k]);
			bool any = false;

			for (size_t j = 0; j < nnames; j++)
				any |= use_family(row, name, names[j]);
			if (!any)
				csv_fail(&t.uses, row, "'%s' has none of these",
					 calls[k]);
		}
	}
}

/* Ours and the aliases, as they stand in the pool; gives where. */
static size_t place_names(const struct argument *arg)
{
	char *text = text_of("%s", "");
	size_t len = 1, had = t.names.len, at;

	for (size_t i = 0; i < arg->nnames; i++) {
		text = text_of("%s%s\\0", text, arg->names[i]);
		len += strlen(arg->names[i]) + 1;
	}
	at = text_set_add(&t.names, text);
	if (at == NAMES_MAX)
		csv_fail(&t.signatures, NULL, "over %d names", NAMES_MAX);
	if (at == had) {
		t.names_at[at] = t.names_len;
		t.names_len += len;
	}
	return t.names_at[at];
}

static const char *list_text(const struct signature *sig)
{
	char *text = text_of("%s", "");

	for (size_t i = 0; i < sig->nargs; i++) {
		const struct argument *a = &sig->args[i];
		char *hi = text_of("ARG_NO_REG");

		if (a->reg_hi >= 0)
			hi = text_of("%d", a->reg_hi);
		text = text_of("%s\t{ %zu, %s, %d, %s, %d, %s, %zu },\n",
			       text, place_names(a),
			       a->is_pointer ? "ARG_POINTER" : "ARG_INTEGER",
			       a->bits, a->is_signed ? "true" : "false", a->reg,
			       hi, a->family);
	}
	return text;
}

static void place_lists(void)
{
	for (size_t i = 0; i < t.numbers.nrows; i++) {
		for (int a = 0; a < ABIS; a++) {
			struct signature *sig = &t.sigs[i][a];
			size_t had = t.lists.len, list;

			list = text_set_add(&t.lists, list_text(sig));
			if (list == had) {
				t.list_at[list] = t.pool;
				t.pool += sig->nargs;
			}
			sig->first = t.list_at[list];
		}
	}
}

static void print_arguments(void)
{
	puts("static const char arg_names[] =");
	for (size_t i = 0; i < t.names.len; i++)
		printf("\t\"%s\\0\"\n", t.names.items[i]);
	puts(";\n\nstatic const struct sig_arg sig_args[] = {");
	for (size_t i = 0; i < t.lists.len; i++)
		fputs(t.lists.items[i], stdout);
	puts("};\n");
}

static void print_names(void)
{
	size_t at = 0;

	puts("static const char name_pool[] =");
	for (size_t i = 0; i < t.numbers.nrows; i++)
		printf("\t\"%s\\0\"\n", t.numbers.rows[i].cells[0]);
	puts(";\n\nstatic const uint16_t name_at[] = {");
	for (size_t i = 0; i < t.numbers.nrows; i++) {
		printf("\t%zu,\n", at);
		at += strlen(t.numbers.rows[i].cells[0]) + 1;
	}
	puts("};\n");
}

static int by_number(const void *a, const void *b, void *abi)
{
	long x = t.nr[*(const size_t *)a][*(int *)abi];
	long y = t.nr[*(const size_t *)b][*(int *)abi];

	return (x > y) - (x < y);
}

static bool is_unfiltered(size_t name, int abi)
{
	for (size_t i = 0; i < t.unfiltered.nrows; i++) {
		const struct csv_row *row = &t.unfiltered.rows[i];

		if (name_index(&t.unfiltered, row, row->cells[0]) == name &&
		    abi_bits(&t.unfiltered, row, row->cells[1]) & 1u << abi)
			return true;
	}
	return false;
}

static void print_call(size_t name, int abi)
{
	const struct signature *sig = &t.sigs[name][abi];
	const char *handler = sig->row ? sig->row->cells[2] : "";
	bool compat = strstr(handler, "compat_") || strstr(handler, "ia32_");

	printf("\t{ %zu, 0x%lx, %zu, %s, %s, %s, %zu },\n", name,
	       (unsigned long)t.nr[name][abi], sig->nargs,
	       sig->row ? "false" : "true",
	       is_unfiltered(name, abi) ? "true" : "false",
	       compat ? "true" : "false", sig->first);
}

static void print_abi(int abi)
{
	size_t order[NAMES_MAX], place[NAMES_MAX] = { 0 }, n = 0;

	for (size_t i = 0; i < t.numbers.nrows; i++)
		if (t.nr[i][abi] != NOT_THERE)
			order[n++] = i;
	qsort_r(order, n, sizeof(*order), by_number, &abi);
	printf("static const struct syscall_desc calls_%s[] = {\n",
	       abi_names[abi]);
	for (size_t i = 0; i < n; i++) {
		if (i && t.nr[order[i]][abi] == t.nr[order[i - 1]][abi])
			csv_fail(&t.numbers, &t.numbers.rows[order[i]],
				 "a number of %s twice", abi_names[abi]);
		print_call(order[i], abi);
		place[order[i]] = i + 1;
	}
	printf("};\n\nstatic const uint16_t places_%s[] = {\n", abi_names[abi]);
	for (size_t i = 0; i < t.numbers.nrows; i++)
		printf("%zu,%c", place[i], i % 16 == 15 ? '\n' : ' ');
	puts("\n};\n");
}

static void print_abis(void)
{
	for (int a = 0; a < ABIS; a++)
		print_abi(a);
	puts("static const struct abi_calls abi_calls[] = {");
	for (int a = 0; a < ABIS; a++)
		printf("\t{ calls_%s, places_%s, ARRAY_LEN(calls_%s) },\n",
		       abi_names[a], abi_names[a], abi_names[a]);
	puts("};\n");
}

static bool in_words(size_t n, char *words[], const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(words[i], word))
			return true;
	return false;
}

static void mark_twins(size_t name, bool twin[NAMES_MAX])
{
	const char *text = t.numbers.rows[name].cells[0];

	for (size_t i = 0; i < t.twins.nrows; i++) {
		const struct csv_row *row = &t.twins.rows[i];
		char *calls[WORDS_MAX], *also[WORDS_MAX];
		size_t n = csv_words(text_of("%s", row->cells[1]), " ", calls);
		size_t m = csv_words(text_of("%s", row->cells[2]), " ", also);

		if (!in_words(n, calls, text))
			continue;
		for (size_t k = 0; k < n; k++)
			twin[name_index(&t.twins, row, calls[k])] = true;
		for (size_t k = 0; k < m; k++)
			twin[name_index(&t.twins, row, also[k])] = true;
	}
	twin[name] = false;
}

static void print_twins(void)
{
	size_t first[NAMES_MAX], at = 0;

	for (size_t i = 0; i < t.twins.nrows; i++) {
		const struct csv_row *row = &t.twins.rows[i];
		char *calls[WORDS_MAX];
		size_t n = csv_words(text_of("%s %s", row->cells[1],
					     row->cells[2]),
				     " ", calls);

		for (size_t k = 0; k < n; k++)
			name_index(&t.twins, row, calls[k]);
	}
	puts("static const sysname twins[] = {");
	for (size_t i = 0; i < t.numbers.nrows; i++) {
		bool twin[NAMES_MAX] = { false };

		first[i] = at;
		mark_twins(i, twin);
		for (size_t k = 0; k < t.numbers.nrows; k++)
			if (twin[k] && ++at)
				printf("\t%zu,\n", k);
	}
	puts("};\n\nstatic const uint16_t twins_first[] = {");
	for (size_t i = 0; i < t.numbers.nrows; i++)
		printf("\t%zu,\n", first[i]);
	printf("\t%zu,\n};\n", at);
}

int generate_syscalls(const char *folder)
{
	t.numbers = csv_read(folder, "syscalls.csv",
			     "name,x86_64,i386,x32,aarch64,arm,riscv64,"
			     "s390x,ppc64le");
	t.signatures = csv_read(folder, "signatures.csv",
				"call,abis,handler,arguments");
	t.overrides = csv_read(folder, "overrides.csv",
			       "calls,abis,argument,type,source,shown");
	t.families = csv_read(folder, "families.csv",
			      "family,pattern,kind,members,second");
	t.uses = csv_read(folder, "argument_families.csv",
			  "calls,argument,family");
	t.unfiltered = csv_read(folder, "unfiltered.csv", "call,abis,source");
	t.twins = csv_read(folder, "twins.csv", "effect,calls,also");
	read_numbers();
	read_signatures();
	apply_overrides();
	apply_families();
	place_lists();
	puts("/* Made by abi/generate/tables.c from the tables in abi/. */");
	print_arguments();
	print_names();
	print_abis();
	print_twins();
	return fflush(stdout) || ferror(stdout);
}
