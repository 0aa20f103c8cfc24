/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bug.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { EXIT_MACHINE = 3, EXIT_BUG = 4 };

void bug_at(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "callgate: bug at %s:%d: ", file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs("\nthis is a mistake in callgate, not in your input; "
	      "please report it with the command and the file\n",
	      stderr);
	fflush(NULL);
	/* Sanitizer and fuzzer builds want the stack; users want the code. */
#if defined(CALLGATE_ABORT_ON_BUG)
	abort();
#endif
	_Exit(EXIT_BUG);
}

void oom(void)
{
	fputs("callgate: out of memory\n", stderr);
	_Exit(EXIT_MACHINE);
}
