/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: no text crashes the parser, include or fmt; what parses is printed
 * as a text that parses to the same tree and prints the same again.
 * Method: libFuzzer.  The source has no folder, so that only built-in files
 * can be included; absolute names are left out.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "compiler/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void call(const char *text, size_t len)
{
	struct unit *u = unit_new();
	bool bare;
	struct ast_call *c = parse_call(
		u, sources_add(&u->sources, "<fuzz>", text, len, span_none),
		&bare);

	if (!c != (diag_errors(u->diags) > 0))
		abort();
	unit_free(u);
}

static bool reads_disk(const struct ast_file *file)
{
	for (const struct ast_item *i = file->items; i; i = i->next)
		if (i->kind == ITEM_INCLUDE && i->word.text[0] == '/')
			return true;
	return false;
}

/* The tree's text and its canonical print; false when it has errors. */
static bool print(const char *text, size_t len, struct str *tree,
		  struct str *canonical)
{
	struct unit *u = unit_new();
	struct ast_file *file = parse_source(
		u, sources_add(&u->sources, "<fuzz>", text, len, span_none));
	bool good = !diag_errors(u->diags);

	if (good) {
		ast_dump(file, tree);
		fmt_file(u, file, canonical);
	}
	if (!reads_disk(file))
		include_resolve(u, file);
	unit_free(u);
	return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str tree = { 0 }, text = { 0 }, tree2 = { 0 }, text2 = { 0 };

	call((const char *)data, size);
	if (print((const char *)data, size, &tree, &text)) {
		if (!print(str_text(&text), text.len, &tree2, &text2))
			abort(); /* the print has errors */
		if (tree.len != tree2.len ||
		    strcmp(str_text(&tree), str_text(&tree2)) != 0)
			abort(); /* the print means something else */
		if (text.len != text2.len ||
		    strcmp(str_text(&text), str_text(&text2)) != 0)
			abort(); /* no fixed point */
	}
	str_fini(&tree);
	str_fini(&tree2);
	str_fini(&text);
	str_fini(&text2);
	return 0;
}
