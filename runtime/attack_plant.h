/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack_plant.h - what a careless host leaves around a sandbox
 *
 * Files, sockets, keys, a process: all are made for the attacks, named
 * after one random word, and removed again.  What can't be made here is
 * left out, and its attack is not applicable.
 */
#ifndef RUNTIME_ATTACK_PLANT_H
#define RUNTIME_ATTACK_PLANT_H

#include <stdbool.h>
#include <sys/types.h>

struct str;

enum { PLANT_NAME = 64, PLANT_LISTENERS = 4 };

struct plants {
	char word[16];
	char dir[PLANT_NAME];	 /* in /var/tmp; "" when there is none */
	char secret[PLANT_NAME]; /* in /tmp */
	char socket[PLANT_NAME]; /* in /run; "" where that is not allowed */
	char name[PLANT_NAME];	 /* of abstract socket and key */
	char queue[PLANT_NAME];
	char *in_root; /* the program in a chosen root; NULL: none */
	int listeners[PLANT_LISTENERS];
	int nlisteners;
	int port;
	bool has_abstract;
	long shm_key;
	int shm_id; /* -1: none */
	pid_t victim;
};

/*
 * root: a chosen one, which gets the program for the time being, or NULL.
 * 0, or an errno with *object; what was made is still to be removed.
 */
int plants_make(struct plants *p, const char *root, const char **object);
void plants_remove(struct plants *p);

/* In the process that becomes the runner: all that it should not pass on. */
void plants_leave(const struct plants *p);

/* "dir=... secret=...": for the attack program, each word by NUL. */
void plants_words(const struct plants *p, struct str *out);

/* What the attacks did to them, seen from outside. */
bool plants_file_intact(const struct plants *p);
bool plants_victim_touched(const struct plants *p);

#endif
