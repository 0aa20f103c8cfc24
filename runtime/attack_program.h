/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack_program.h - the program of runtime/attack/ as bytes
 *
 * It is part of callgate itself, so that there is always the one that
 * belongs to it, and so that it can be put wherever a sandbox sees it.
 */
#ifndef RUNTIME_ATTACK_PROGRAM_H
#define RUNTIME_ATTACK_PROGRAM_H

extern const unsigned char attack_program[], attack_program_end[];

#endif
