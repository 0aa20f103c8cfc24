/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format.h - the languages that a policy is read from and written to
 *
 * Readers give a policy or NULL with diagnostics; writers take what their
 * `needs` says.  They meet in struct policy and never call each other.
 */
#ifndef COMPILER_FORMAT_H
#define COMPILER_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler/bpf.h"
#include "compiler/policy.h"
#include "compiler/unit.h"

struct ast_file;
struct str;

enum stage {
	STAGE_POLICY,
	STAGE_BPF,
};

struct compiled {
	const struct policy *policy;
	const struct bpf_prog *prog; /* NULL before STAGE_BPF */
};

struct format {
	const char *name;
	const char *suffix;
	const char *summary;
	enum stage needs; /* by `write` */
	const struct policy *(*read)(struct unit *u, uint32_t source);
	void (*write)(struct unit *u, const struct compiled *c,
		      struct str *out);
};

const struct format *format_find(const char *name, size_t len);
/* NULL past the last. */
const struct format *format_at(size_t i);

/*
 * The format of an operand: by `--from`, else by suffix, else by its first
 * byte that is not space ('{' is JSON).  Never NULL.
 */
const struct format *format_guess(const char *path, const char *text,
				  size_t len);

const struct policy *gate_read(struct unit *u, uint32_t source);
/* Also gives the tree, for the test blocks in it. */
const struct policy *gate_read_file(struct unit *u, uint32_t source,
				    struct ast_file **out);
const struct policy *docker_read(struct unit *u, uint32_t source);
void bpf_write(struct unit *u, const struct compiled *c, struct str *out);
void asm_write(struct unit *u, const struct compiled *c, struct str *out);
void c_write(struct unit *u, const struct compiled *c, struct str *out);

#endif
