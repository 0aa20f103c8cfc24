/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signals.h - the signals that the runner passes on
 *
 * Terminal stop signals are not among them: the command of a sandbox is
 * in a session of its own, that of a plain run gets them itself.
 */
#ifndef RUNTIME_SIGNALS_H
#define RUNTIME_SIGNALS_H

#include <signal.h>

static inline void signals_to_forward(sigset_t *set)
{
	static const int list[] = { SIGHUP,  SIGINT,  SIGQUIT,	SIGTERM,
				    SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT };

	sigemptyset(set);
	for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		sigaddset(set, list[i]);
}

#endif
