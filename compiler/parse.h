/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse.h - the door to grammar/: text to syntax tree
 */
#ifndef COMPILER_PARSE_H
#define COMPILER_PARSE_H

#include "compiler/ast.h"
#include "compiler/unit.h"

/*
 * Parses one source.  Never NULL; syntax errors are diagnostics and the
 * tree holds what could be read.  Recovers at ';' and '}'.
 */
struct ast_file *parse_source(struct unit *u, uint32_t source);

/*
 * Parses a single call, `socket(AF_INET, SOCK_RAW, 0)` or a bare name (then
 * call->args is NULL and *bare is true).  NULL with diagnostics.
 */
struct ast_call *parse_call(struct unit *u, uint32_t source, bool *bare);

/*
 * Loads what the file includes, depth first, into the items' `included`:
 * beside the including file, then the unit's folders, then the profiles
 * built into the program ("groups/..."). Diagnostics for cycles (both
 * places), depth past INCLUDE_DEPTH_MAX, files that can't be read.
 */
enum { INCLUDE_DEPTH_MAX = 16, INCLUDE_FILES_MAX = 256 };

void include_resolve(struct unit *u, struct ast_file *file);

/*
 * The built-in file of a well-known group: "@file-system" is defined in
 * groups/file-system.gate.  NULL when there is none.
 */
struct ast_file *include_builtin_group(struct unit *u, const char *name,
				       size_t len);
/* groups/constants.gate: always in scope. */
struct ast_file *include_builtin_constants(struct unit *u);

/* All built-in groups' names ("@default"), sorted; NULL past the last. */
const char *builtin_group_name(size_t i);

/* The canonical layout; appends to out.  Only for a tree without errors. */
struct str;
void fmt_file(struct unit *u, const struct ast_file *file, struct str *out);

#endif
