/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack.h - the program that runs inside a sandbox and tries to get out
 *
 * Static and on its own, so that it starts in an empty root.  Each attack
 * is a function of a forked child, and each try in it a fork of that, so
 * that a filter which kills stops one try and not the program.  Nothing
 * here harms a host on which it succeeds: what is opened is not changed,
 * what is made is removed, what is attached to is let go.
 */
#ifndef RUNTIME_ATTACK_ATTACK_H
#define RUNTIME_ATTACK_ATTACK_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/attack/table.h"

/* Shared with the children. */
struct verdict {
	enum attack_state state;
	int tries;
	bool weak;	   /* what stopped it was but a missing file */
	char why[WHY_MAX]; /* what stopped it, or what succeeded */
	char what[WHY_MAX]; /* the try that is going on */
};

/* What the outer half has planted, from the arguments. */
struct planted {
	const char *dir;      /* its folder; NULL: none of these */
	const char *secret;   /* a file in /tmp */
	const char *socket;   /* of a service, outside that folder */
	const char *abstract; /* name of an abstract socket */
	const char *key;      /* description of a key */
	const char *queue;    /* name of a message queue */
	int port;	      /* on 127.0.0.1 */
	long shm;	      /* a key of SysV shared memory */
	int victim;	      /* a host process of the same user */
	unsigned long tty_dev, tty_ino; /* the caller's terminal */
	long pids;	      /* limits of the profile; 0: none */
	uint64_t memory;
	bool arguments_intact;
};

typedef void attack_fn(struct verdict *v, const struct planted *p);

#define ATTACK(name, start, tried, remedy) attack_fn attack_##name;
#include "runtime/attack/attacks.def"
#undef ATTACK

/*
 * True in a child, which then ends with try_end(); false in the caller when
 * the child's outcome is in v.
 */
bool try_fork(struct verdict *v, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* any: errors but EPERM and the like also mean that it was permitted. */
_Noreturn void try_end(struct verdict *v, long ret, bool any);

/* Open when expr is not negative. */
#define TRY(v, expr, ...)                                                      \
	do {                                                                   \
		if (try_fork((v), __VA_ARGS__)) {                              \
			errno = 0;                                             \
			try_end((v), (long)(expr), false);                     \
		}                                                              \
	} while (0)

/* Open also when it fails for a reason that comes after the permission. */
#define TRY_RIGHT(v, expr, ...)                                                \
	do {                                                                   \
		if (try_fork((v), __VA_ARGS__)) {                              \
			errno = 0;                                             \
			try_end((v), (long)(expr), true);                      \
		}                                                              \
	} while (0)

/* Judgements without a call of their own; open wins over blocked. */
void say_open(struct verdict *v, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void say_blocked(struct verdict *v, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void say_not(struct verdict *v, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Small help: a path made in place, a file's text, a line of /proc. */
const char *path_of(char buf[256], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Its length, -1 with errno; text is terminated. */
long read_text(const char *path, char *text, size_t size);
/* The hexadecimal number behind "Name:" in /proc/self/status. */
bool status_hex(const char *name, uint64_t *value);
/* Calls fn for each process in /proc but this program's own. */
void each_process(struct verdict *v, void (*fn)(struct verdict *v, int pid));
/* Whether a mount of this type is at or above path. */
bool on_fs(const char *path, unsigned long magic);

#endif
