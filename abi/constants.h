/* SPDX-License-Identifier: Apache-2.0 */
/*
 * constants.h - named values, per ABI, and the families they belong to
 *
 * A family is what one kind of argument takes: AF_*, O_*, PROT_*, ...
 * A constant may be in several families (SOCK_CLOEXEC is no type by
 * itself, but may stand in `type`).  Generated from abi/constants.csv.
 */
#ifndef ABI_CONSTANTS_H
#define ABI_CONSTANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/abi.h"

typedef uint16_t family_id; /* index; 0 is FAMILY_NONE */

#define FAMILY_NONE ((family_id)0)

struct family {
	const char *name;    /* "socket-domain" */
	const char *pattern; /* for messages: "AF_*" */
	bool is_flags;	     /* values are combined bit by bit */
};

struct constant; /* opaque: one name */

const struct family *family_get(family_id id);
family_id family_find(const char *name, size_t len); /* FAMILY_NONE: none */
size_t family_count(void); /* ids are 1 to count */

const struct constant *constant_find(const char *name, size_t len);
const char *constant_name(const struct constant *c);
/* False when the ABI has no such value. Negative values are sign-extended. */
bool constant_value(const struct constant *c, const struct abi *abi,
		    uint64_t *value);
bool constant_in_family(const struct constant *c, family_id family);
/* The first family of a constant, for messages. */
family_id constant_family(const struct constant *c);

/* All constants, sorted by name. */
size_t constant_count(void);
const struct constant *constant_at(size_t i);

/*
 * The preferred name of a value in a family (for flags: of one that has
 * exactly these bits); NULL when there is none.
 */
const char *constant_name_of(family_id family, const struct abi *abi,
			     uint64_t value);

/* errno by name ("EPERM") or, the other way, by value; NULL when unknown. */
bool errno_value(const struct abi *abi, const char *name, size_t len,
		 uint16_t *value);
const char *errno_name(const struct abi *abi, uint16_t value);

/* Capabilities: "CAP_CHOWN" or "chown", any case, to its number; or -1. */
int cap_find(const char *name, size_t len);
const char *cap_name(unsigned cap); /* "CAP_CHOWN"; NULL when unknown */
unsigned cap_count(void);
uint64_t caps_docker(void); /* the set that Docker keeps by default */

#endif
