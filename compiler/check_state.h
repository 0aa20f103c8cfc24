/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_state.h - what the files check*.c share; nobody else includes it
 *
 * A scope holds the names that the profile defines and the budget of its
 * compilation; a checker holds the rules while they are collected.  Both
 * live in the unit's arena.  Every error marks what it spoilt, so that one
 * mistake is reported once however many calls and ABIs it touches.
 */
#ifndef COMPILER_CHECK_STATE_H
#define COMPILER_CHECK_STATE_H

#include "base/arena.h"
#include "base/nearest.h"
#include "base/str.h"
#include "base/vec.h"
#include "compiler/check.h"
#include "compiler/name_table.h"

enum {
	/* Values, comparisons and rules, counted per call and ABI (E0511). */
	CHECK_WORK_MAX = 1000000,
	/* Constants and groups that are defined by others (E0513). */
	DEFINITION_DEPTH_MAX = 32,
	/* Of one call that messages name. */
	TWINS_MAX = 32,
};

/* ---- names: check_scope.c ---- */

/* A set of call names, one bit for each sysname. */
struct nameset {
	uint64_t *bits;
};

struct const_def {
	struct ast_word name;
	const struct ast_value *value;
	bool active; /* being evaluated: a second entry is a cycle */
	bool bad;    /* was reported; its uses say nothing more */
	bool builtin;
};

struct group_def {
	struct ast_word name;
	const struct ast_names *names;
	struct nameset set; /* bits NULL before its first use */
	bool active, bad;
};

struct check_scope {
	struct unit *u;
	struct name_table consts, groups;
	struct name_table arg_names; /* filled when first asked for */
	bool has_builtin_constants;
	bool exhausted; /* the budget's end was reported */
	uint32_t work;
	unsigned depth; /* of definitions being evaluated */
};

struct check_scope *scope_of(struct unit *u);
/* False when the budget is spent; the first time with E0511 at `at`. */
bool scope_spend(struct check_scope *s, uint32_t work, struct span at);

void scope_add_const(struct check_scope *s, const struct ast_item *item);
void scope_add_group(struct check_scope *s, const struct ast_item *item);
/* Also looks into the constants that are built in. */
struct const_def *scope_const(struct check_scope *s, const char *text,
			      size_t len);

/* Where a rule has a call's name from. */
struct name_origin {
	struct span span;
	bool direct; /* written by itself, not through a group */
};

struct nameset nameset_new(struct arena *a);
bool nameset_has(const struct nameset *set, sysname name);
/*
 * The calls that the list means.  `origins`, if not NULL, has room for
 * every sysname.  False when a name was wrong; the set has the others.
 */
bool names_expand(struct check_scope *s, const struct ast_names *names,
		  struct nameset *out, struct name_origin *origins);
/* Every group that was defined is well-formed. */
void scope_check_groups(struct check_scope *s);

void report_unknown_call(struct unit *u, const struct ast_word *word);
void report_unknown_abi(struct unit *u, const struct ast_word *word);
/* "did you mean ...?", unless nothing is near. */
void help_nearest(struct diag *d, const struct nearest *n);
bool word_is(const struct ast_word *w, const char *text);
/* "x86_64, aarch64 and i386": for messages. */
const char *abi_set_text(struct unit *u, abi_set abis);
/* "x86_64, aarch64, i386": as `arch` and `on` want it. */
const char *abi_list_text(struct unit *u, abi_set abis);

/* ---- values: check_values.c, check_family.c, check_width.c ---- */

/* What is compared: the effective bits of an argument or register. */
struct operand {
	const char *name;
	const char *call; /* NULL for a raw register */
	const struct syscall_desc *desc; /* NULL likewise */
	struct arg_words at;
	uint64_t mask;
	uint8_t bits;
	bool is_signed, is_pointer;
	family_id family;
};

enum value_sign {
	VALUE_PLAIN,
	VALUE_NEGATIVE, /* bits are sign-extended */
	VALUE_OPEN,	/* ~x: all higher bits set, cut to any width */
};

struct value {
	uint64_t bits;
	enum value_sign sign;
};

struct value_context {
	struct check_scope *scope;
	const struct abi *abi;
	const struct operand *operand; /* NULL while definitions are checked */
	struct span use; /* inside a definition: where it was used */
	bool any_family; /* parts of a built-in mask that fits as a whole */
};

typedef VEC(struct interval) interval_vec;

/* At `at`, or where a definition was used with a label at `at`. */
struct diag *value_error(const struct value_context *v, enum diag_code code,
			 struct span at, const char *text);
/* False with E0306 when the operand takes constants of another family. */
bool value_check_family(const struct value_context *v,
			const struct ast_value *ast, const struct constant *c);
/* "'domain' takes constants such as AF_UNIX, ..." */
void help_examples(struct diag *d, const struct value_context *v);
/* Whether some constant in the value is of the family. */
bool value_has_part_of(const struct ast_value *ast, family_id family);

/* One value, typed; false with a diagnostic. */
bool value_single(struct value_context *v, const struct ast_value *ast,
		  struct value *out);
/* Sets, ranges and single values as unsigned intervals of the operand. */
bool value_set(struct value_context *v, const struct ast_value *ast,
	       interval_vec *out);
/* The value as a pattern of the operand's bits; E0308 when it has more. */
bool value_fit(struct value_context *v, const struct ast_value *ast,
	       const struct value *value, uint64_t *out);
/* As value_fit(), but for order on signed operands. */
bool value_fit_signed(struct value_context *v, const struct ast_value *ast,
		      const struct value *value, int64_t *out);
/* Patterns of the signed interval lo..hi. */
void push_signed(struct arena *a, interval_vec *out, const struct operand *o,
		 int64_t lo, int64_t hi);
/* Constants that the profile defines: names exist, no cycles. */
void scope_check_consts(struct check_scope *s, const struct abi *abi);

/* ---- conditions: check_cond.c ---- */

enum verdict_bits {
	SEEN_TRUE = 1,
	SEEN_FALSE = 2,
	SEEN_OTHER = 4,
	SEEN_ERROR = 8,
};

/* One comparison of a condition, over all calls and ABIs of its rule. */
struct leaf {
	const struct ast_cond *ast;
	unsigned seen; /* enum verdict_bits */
	const char *why; /* a constant verdict's reason */
	bool inverted; /* below an odd number of `not` */
	bool is_flags; /* the operand's values are combined bit by bit */
};

struct leaves {
	struct leaf *list;
	size_t n;
};

/* The comparisons, left to right. */
void leaves_collect(struct unit *u, const struct ast_cond *cond,
		    struct leaves *out);

/* How a call's argument is found on one ABI. */
enum operand_state {
	OPERAND_OK,
	OPERAND_NO_ARGUMENT, /* the call has none of that name here */
	OPERAND_NO_REGISTER,
};

enum operand_state operand_find(const struct abi *abi,
				const struct syscall_desc *call,
				const struct ast_word *name,
				struct operand *out);
/* The register's number of "reg0" to "reg5", otherwise -1. */
int register_of(const struct ast_word *name);
/* "on i386, mmap takes arg"; without the ABI when it is NULL. */
void note_arguments(struct diag *d, const struct syscall_desc *call,
		    const struct abi *abi);

/* The condition for one call of one ABI; errors are kept in the leaves. */
const struct cond *cond_build(struct check_scope *s, const struct ast_cond *ast,
			      const struct abi *abi,
			      const struct syscall_desc *call,
			      struct leaves *leaves);
/* What the verdicts say about each comparison: E0404, W0404, W0411. */
void leaves_report(struct unit *u, const struct leaves *leaves,
		   struct action action);

/* ---- rules: check_rules.c, check_mux.c, check_warn.c ---- */

struct rule_node {
	struct rule rule;
	uint32_t order; /* of the rule in the profile, from 1 */
	struct rule_node *next;
};

/*
 * The rules of one call name on one ABI.  Where the ABI reaches the call
 * only through a multiplexer the conditions are not true ones.
 */
struct rule_list {
	struct rule_node *first, *last;
	bool named; /* directly, not through a group */
};

struct abi_rules {
	const struct abi *abi;
	struct rule_list *lists; /* by sysname */
	struct action fallback, unknown;
};

/* A call that a rule denies by name: its twins are looked at in the end. */
struct denied {
	const struct ast_item *item;
	sysname name;
	abi_set abis;
	struct span span;
	uint32_t order; /* of its rule */
};

struct checker {
	struct unit *u;
	struct check_scope *scope;
	abi_set listed;
	bool arch_implied; /* no `arch` was written: this machine's ABI */
	struct abi_rules abis[ABI_COUNT]; /* by enum abi_id; some unused */
	struct name_origin *origins;	  /* scratch of the rule at hand */
	uint32_t nrules;
	VEC(struct denied) denied;
	/* The first item of each kind that a profile has once. */
	const struct ast_item *once[ITEM_TEST + 1];
	const struct ast_file *main;
};

void rule_check(struct checker *c, const struct ast_item *item, abi_set abis,
		bool included);
/* As many as there are listed ABIs. */
struct abi_policy *rules_finish(struct checker *c);
/*
 * The listed ABIs among the named ones.  None: E0403, except in an include,
 * which may serve more profiles than this.
 */
abi_set abis_of_words(struct checker *c, const struct ast_word *words, size_t n,
		      bool included);

/* True when the ABI has the call only as a number of socketcall or ipc. */
bool mux_reaches(const struct abi *abi, sysname name);
bool mux_is(const struct abi *abi, sysname name);
/* Adds the rules of sub-calls to their multiplexers (W0413). */
void mux_derive(struct checker *c, struct abi_rules *rules);

/* Denied calls whose effect is reachable otherwise (W0412). */
void warn_twins(struct checker *c);

/* ---- the rest ---- */

void test_check(struct checker *c, const struct ast_item *item,
		bool has_sandbox);

/* The ids in a set. */
#define abi_foreach(id, set)                                                   \
	for (int id = 0; id < ABI_COUNT; id++)                                 \
		if ((set) & ABI_BIT(id))

#endif
