/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_terminal.c - which of the standard descriptors become the own terminal
 */
#include "runtime/plan_terminal.h"

#include "base/diag.h"
#include "runtime/instance.h"
#include "runtime/plan.h"
#include "runtime/probe.h"

/*
 * Only with both is the keyboard the command's alone: in a pipeline a
 * pager reads it too.  There it sees the caller's terminal from another
 * session, and can neither control it nor push input into it.
 */
bool plan_terminal(struct sandbox_plan *p, const struct host *host,
		   struct diag_sink *diags)
{
	enum terminal_kind kind = p->req->sandbox->terminal;
	const bool *tty = host->fd_is_tty;

	if (p->req->keeper)
		p->kind |= PLAN_NAMED;
	/* Detached, there is no other. */
	if (kind == TERMINAL_AUTO && p->req->keeper &&
	    keeper_detached(p->req->keeper))
		kind = TERMINAL_OWN;
	if (kind == TERMINAL_NONE ||
	    (kind == TERMINAL_AUTO && !(tty[0] && tty[1])))
		return true;
	if ((p->kind & PLAN_NEW_MOUNT) && !p->mounts.has_dev) {
		diag_help(diag_add(diags, E0860, span_none,
				   "cannot give the sandbox a terminal of its "
				   "own: the chosen root has no directory "
				   "/dev"),
			  "make one there, or say terminal none;");
		return false;
	}
	p->kind |= PLAN_TERMINAL;
	for (unsigned fd = 0; fd < 3; fd++)
		if (tty[fd] || kind == TERMINAL_OWN)
			p->terminal_fds |= 1U << fd;
	return true;
}
