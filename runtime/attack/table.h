/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h - the attacks by number, for the program and for its caller
 */
#ifndef RUNTIME_ATTACK_TABLE_H
#define RUNTIME_ATTACK_TABLE_H

enum attack_id {
#define ATTACK(name, start, tried, remedy) ATTACK_##name,
#include "runtime/attack/attacks.def"
#undef ATTACK
	ATTACK_COUNT
};

enum attack_state {
	STATE_NONE,
	STATE_BLOCKED = 'B',
	STATE_OPEN = 'O',
	STATE_NOT = 'N', /* not applicable */
};

/* Room for what stopped an attack, or what succeeded. */
enum { WHY_MAX = 160 };

#endif
