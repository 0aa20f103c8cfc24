/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words.h - what both halves of the attack know without telling each other
 */
#ifndef RUNTIME_ATTACK_WORDS_H
#define RUNTIME_ATTACK_WORDS_H

/* Arguments that a careless runner takes for its own, or gives to a shell. */
enum { ATTACK_WORDS = 6 };
static const char *const attack_words[ATTACK_WORDS] = {
	"--dry-run", "-o", "$(id)", "; exit 0 #", "a\nb", "",
};

/* A variable of the caller's, and what is written in its files. */
#define ATTACK_VARIABLE "CALLGATE_ATTACK_SECRET"
#define ATTACK_MARK	"the host's own\n"
#define ATTACK_PUSHED	'#'

/* The orphan's word, and descriptors that the caller leaves open. */
#define ATTACK_READY "orphans ready\n"
enum { ATTACK_FD_DIR = 17, ATTACK_FD_FILE = 30 };

/* Of a process that could not even become the runner. */
enum { ATTACK_EXIT = 119 };

#endif
