/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docker.h - what the parts of the Docker reader share; for read_docker*.c
 *
 * read_docker.c reads the profile and read_docker_rule.c its rules into
 * struct docker; read_docker_build.c makes a policy of that, with
 * read_docker_order.c deciding which of a call's rules comes first.
 * Everything lives in the unit's arena.
 */
#ifndef COMPILER_FORMATS_DOCKER_H
#define COMPILER_FORMATS_DOCKER_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/action.h"
#include "abi/syscalls.h"
#include "base/json.h"
#include "base/vec.h"
#include "compiler/policy.h"
#include "compiler/unit.h"

enum docker_op {
	DOCKER_NE,
	DOCKER_LT,
	DOCKER_LE,
	DOCKER_EQ,
	DOCKER_GE,
	DOCKER_GT,
	DOCKER_MASKED_EQ, /* (argument & value) == value_two */
};

struct docker_arg {
	struct span span;
	struct span value_span;
	uint8_t index;
	enum docker_op op;
	uint64_t value, value_two;
};

struct docker_name {
	struct span span;
	sysname name;
};

struct docker_rule {
	struct span span; /* the object */
	struct action action;
	uint32_t nnames, nargs;
	const struct docker_name *names;
	const struct docker_arg *args;
	/* An index repeats: each condition is a rule of its own. */
	bool one_by_one;
};

struct docker {
	struct unit *u;
	bool is_oci; /* linux.seccomp of a config.json */
	bool is_old; /* of February 2016: snake case, numbers for words */
	struct action fallback;
	struct span fallback_span;
	abi_set abis; /* to build */
	bool log_denials;
	VEC(struct docker_rule) rules;
	bool failed;
};

/* ---- read_docker_words.c: keys and words ---- */

struct docker_keys {
	const char *where; /* "a rule" */
	const char *const *known; /* NULL at the end */
};

/* E0609 or W0601 for each key that is not known. */
void docker_check_keys(struct docker *d, const struct json *object,
		       const struct docker_keys *keys);
/* The member, NULL when it is missing or null. */
const struct json *docker_get(const struct json *object, const char *key);
/* As above, and E0606 (then NULL too) unless it is of that kind. */
const struct json *docker_get_kind(struct docker *d, const struct json *object,
				   const char *key, enum json_kind kind);
bool docker_action_word(struct docker *d, const struct json *v,
			enum action_kind *kind);
bool docker_op_word(struct docker *d, const struct json *v,
		    enum docker_op *op);
/* An architecture's name: *abi is NULL for one that we don't serve. */
bool docker_arch_word(struct docker *d, const struct json *v,
		      const struct abi **abi);
/*
 * The action with its data from `number` (errnoRet) and `word` (Podman's
 * errno); both may be NULL.
 */
bool docker_action(struct docker *d, const struct json *action,
		   const struct json *number, const struct json *word,
		   struct action *out);

/* ---- read_docker_rule.c ---- */

void docker_read_rule(struct docker *d, const struct json *v);

/* ---- read_docker_build.c ---- */

enum {
	DOCKER_ITEMS_MAX = 100 * 1000, /* rules of one ABI, one call each */
	DOCKER_ORDERED_MAX = 1024,     /* conditional rules of one call */
};

/* NULL with diagnostics. */
const struct policy *docker_build(struct docker *d);

/* ---- read_docker_order.c ---- */

/* One rule on one call of one ABI. */
struct docker_item {
	uint32_t nr;
	uint32_t seq; /* position in the file */
	const struct syscall_desc *call;
	const struct docker_rule *rule;
	struct span name;
	uint8_t nargs;
	bool is_mux; /* a sub-call of socketcall or ipc */
	struct docker_arg args[ARGS_MAX]; /* by ascending index */
};

/*
 * Puts the conditional rules of one call, which come in file order, into
 * the order in which libseccomp tests them.  False with *a and *b set to
 * two rules that libseccomp refuses to hold together.
 */
bool docker_order(struct arena *arena, bool two_words, size_t n,
		  struct docker_item *items, const struct docker_item **a,
		  const struct docker_item **b);
/* True when libseccomp sees no condition at all. */
bool docker_item_always(const struct docker_item *item, bool two_words);

#endif
