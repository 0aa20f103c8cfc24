/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bug.h - failures that are ours: say where, then abort
 *
 * BUG() is for states that no input can reach.  main() turns the abort
 * into exit code 4; user mistakes are diagnostics and machine failures
 * are struct fail, never this.
 */
#ifndef BASE_BUG_H
#define BASE_BUG_H

#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)

_Noreturn void bug_at(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Out of memory: says so on standard error and exits with code 3. */
_Noreturn void oom(void);

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
