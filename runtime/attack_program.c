/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack_program.c - build/attack/callgate-attack, taken in as it is
 */
#include "runtime/attack_program.h"

__asm__(".pushsection .rodata.attack_program,\"a\"\n"
	".balign 16\n"
	".globl attack_program, attack_program_end\n"
	".hidden attack_program, attack_program_end\n"
	"attack_program:\n"
	".incbin \"build/attack/callgate-attack\"\n"
	"attack_program_end:\n"
	".byte 0\n"
	".popsection\n");
