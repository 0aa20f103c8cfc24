/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enter.h - one more process in a running sandbox
 */
#ifndef RUNTIME_ENTER_H
#define RUNTIME_ENTER_H

#include <sys/types.h>

#include "runtime/namespaces.h"

struct freezer;
struct run;

/* Opens those of the child that are not ours; 0 or an errno. */
int enter_hold(int ns[NS_COUNT], pid_t child);

/* Another one of that kind, which becomes the list's. */
void enter_replace(int ns[NS_COUNT], const char *name, int fd);

struct entry {
	const struct run *run; /* the sandbox's */
	const int *ns;
	const struct freezer *freezer;
	int sock;	   /* to who asked */
	int fds[3];	   /* that become 0, 1 and 2 */
	unsigned terminal; /* set of those that a terminal replaces */
	char *const *argv;
	char *const *paths; /* where the command may be, NULL at the end */
};

/* In a fork of the keeper: never returns. */
_Noreturn void enter_main(const struct entry *entry);

#endif
