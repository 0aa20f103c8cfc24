/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spawn.c - the runner: starts the child, waits, forwards signals
 *
 * The runner stays outside every namespace.  It polls two descriptors: the
 * `alive` pipe, whose end says that the command runs or that nothing will,
 * and a signalfd.  Owns everything in struct run and releases it.
 */
#include "runtime/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bug.h"
#include "runtime/apply.h"
#include "runtime/explain.h"
#include "runtime/instance.h"
#include "runtime/signals.h"
#include "runtime/timer.h"
#include "runtime/trace.h"

enum { OWN_FDS = 6 };

enum { REAP_AGAIN_MS = 10 };

struct watch {
	struct run *run;
	struct diag_sink *diags;
	struct relay relay;
	struct keeper *keeper; /* NULL: the sandbox has no name */
	int signal_fd;
	sigset_t forwarded;
	bool running; /* the command has been exec'ed */
	bool ended, unreaped;
	int status;	 /* wait status of run->child */
	int interrupted; /* by which signal, before the command ran */
	bool timed_out;
};

static void close_pair(int pair[2])
{
	for (int i = 0; i < 2; i++)
		if (pair[i] >= 0)
			close(pair[i]);
	pair[0] = pair[1] = -1;
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* A closed standard descriptor would be taken by one of ours. */
static bool fill_standard(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    (errno != EBADF || open("/dev/null", O_RDWR) != fd))
			return false;
	return true;
}

/* The new terminal begins as the caller's is. */
static bool prepare_terminal(struct run *run)
{
	struct pty *pty = &run->pty;

	if (!(run->plan->kind & PLAN_TERMINAL))
		return true;
	pty->of_host = !(run->plan->kind & PLAN_NEW_MOUNT);
	pty->has_mode = tcgetattr(0, &pty->mode) == 0;
	pty->has_size = ioctl(0, TIOCGWINSZ, &pty->size) == 0 ||
			ioctl(1, TIOCGWINSZ, &pty->size) == 0;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			  pty->pair) == 0;
}

/* Only for later commands: the others are born where the mounts are. */
static bool prepare_lock(struct run *run)
{
	const uint64_t both = PLAN_LOCK | PLAN_NAMED;

	return (run->plan->kind & both) != both ||
	       socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			  run->lock_pair) == 0;
}

/* Before the run: what is recorded later is about it. */
static bool prepare_explaining(struct run *run)
{
	const uint64_t kind = run->plan->kind;

	if (run->plan->filter_kills && run->plan->req->judge)
		record_open(&run->record);
	if (kind & PLAN_FOLLOW)
		refusals_init(&run->deaths);
	if (kind & PLAN_DENIALS)
		refusals_init(&run->denials.seen);
	return meet_prepare(run);
}

static bool run_prepare(struct run *run, const struct sandbox_plan *plan)
{
	*run = (struct run){
		.plan = plan,
		.go = {-1,  -1},
		.alive = { -1, -1},
		.status = { -1, -1},
		.guard = { -1, -1},
		.lease_fd = -1,
		.timer_fd = -1,
		.pasta_hold = -1,
		.root_fd = -1,
		.scratch_fd = -1,
		.ruleset_fd = -1,
		.lock_owner = -1,
		.lock_pair = { -1, -1 },
		.pty = { .pair = { -1, -1 }, .slave = -1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(run->trees); i++)
		run->trees[i] = -1;
	for (size_t i = 0; i < NS_COUNT; i++)
		run->joins[i] = -1;
	adopt_init(&run->adopt);
	cgroup_run_init(&run->cgroup);
	record_init(&run->record);
	denials_init(&run->denials);
	run->meet.socket[0] = run->meet.socket[1] = -1;
	run->shared = mmap(NULL, sizeof(*run->shared), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (run->shared == MAP_FAILED) {
		run->shared = NULL;
		return false;
	}
	readback_prepare(run);
	return fill_standard() && adopt_begin(run) && prepare_explaining(run) &&
	       prepare_lock(run) &&
	       pipe2(run->go, O_CLOEXEC) == 0 &&
	       pipe2(run->alive, O_CLOEXEC) == 0 &&
	       pipe2(run->status, O_CLOEXEC) == 0 &&
	       pipe2(run->guard, O_CLOEXEC) == 0 && prepare_terminal(run);
}

static void run_release(struct run *run)
{
	adopt_finish(run);
	pasta_stop(run);
	if (!run->started)
		pins_undo(run);
	cgroup_remove(run);
	close_pair(run->go);
	close_pair(run->alive);
	close_pair(run->status);
	close_pair(run->guard);
	close_pair(run->pty.pair);
	close_pair(run->lock_pair);
	meet_release(run);
	record_close(&run->record);
	refusals_fini(&run->deaths);
	denials_fini(&run->denials);
	close_one(&run->lease_fd);
	close_one(&run->timer_fd);
	close_one(&run->root_fd);
	for (size_t i = 0; i < ARRAY_LEN(run->trees); i++)
		close_one(&run->trees[i]);
	for (size_t i = 0; i < NS_COUNT; i++)
		close_one(&run->joins[i]);
	if (run->shared)
		munmap(run->shared, sizeof(*run->shared));
}

/*
 * Everything is blocked across clone, so that no handler of the caller's
 * runs in a child.  SIGCHLD must not be ignored, or nobody could wait.
 */
static bool hold_signals(struct run *run)
{
	const struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t all;

	sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, &run->old_mask) < 0)
		return false;
	if (sigaction(SIGCHLD, &dfl, &run->old_chld) == 0)
		return true;
	sigprocmask(SIG_SETMASK, &run->old_mask, NULL);
	return false;
}

static void restore_signals(const struct run *run)
{
	sigaction(SIGCHLD, &run->old_chld, NULL);
	sigprocmask(SIG_SETMASK, &run->old_mask, NULL);
}

/* What the caller ignores (nohup) is not forwarded. */
static void choose_signals(sigset_t *set)
{
	signals_to_forward(set);
	for (int sig = 1; sig < SIGRTMIN; sig++) {
		struct sigaction old;

		if (sigismember(set, sig) == 1 &&
		    sigaction(sig, NULL, &old) == 0 &&
		    old.sa_handler == SIG_IGN)
			sigdelset(set, sig);
	}
}

static void block_endings(sigset_t *mask)
{
	static const int list[] = { SIGALRM, SIGPIPE, SIGVTALRM, SIGPROF,
				    SIGXCPU, SIGXFSZ, SIGIO,	 SIGPWR,
				    SIGSTKFLT };

	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		sigaddset(mask, list[i]);
	for (int sig = SIGRTMIN; sig <= SIGRTMAX; sig++)
		sigaddset(mask, sig);
}

static bool watch_signals(struct watch *w)
{
	sigset_t wanted, mask = w->run->old_mask;
	bool terminal = w->run->plan->kind & PLAN_TERMINAL;

	choose_signals(&w->forwarded);
	wanted = w->forwarded;
	sigaddset(&wanted, SIGCHLD);
	if (terminal)
		sigaddset(&wanted, SIGTSTP);
	w->signal_fd = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	if (w->signal_fd < 0)
		return false;
	for (int sig = 1; sig < SIGRTMIN; sig++)
		if (sigismember(&wanted, sig) == 1)
			sigaddset(&mask, sig);
	/* Nothing may end us while the terminal is raw; it waits its turn. */
	if (terminal)
		block_endings(&mask);
	/* The stop signals of the terminal work as for any process. */
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return true;
}

/* Also a tracee's end is waited for here, before its parent hears of it. */
static void took(struct watch *w, pid_t pid, int status)
{
	struct run *run = w->run;

	if (WIFSTOPPED(status)) {
		trace_stopped(run, pid, status);
	} else if (pid == run->child) {
		w->status = status;
		w->ended = true;
	} else if (pid == run->pasta_guard) {
		run->pasta_reaped = true;
		run->pasta_status = status;
	}
}

static void reap(struct watch *w)
{
	const bool follow = w->run->plan->kind & PLAN_FOLLOW;
	int status;
	pid_t pid;

	do {
		pid = waitpid(follow ? -1 : w->run->child, &status,
			      follow ? WNOHANG | __WALL : WNOHANG);
		if (pid > 0)
			took(w, pid, status);
	} while ((pid < 0 && errno == EINTR) ||
		 (pid > 0 && follow && !w->ended));
	/* No second signal comes: it is asked again after a while. */
	w->unreaped = pid < 0 && errno != ECHILD;
	if (pid < 0 && errno == ECHILD) {
		kill(w->run->child, SIGKILL);
		w->ended = true;
	}
	if (w->keeper)
		keeper_reap(w->keeper);
}

/*
 * Before the command runs there is nobody to ask: the child is killed.
 * What the terminal sends reaches a plain command without our help.
 */
static void forward(struct watch *w, const struct signalfd_siginfo *info)
{
	bool plain = w->run->plan->kind & PLAN_PLAIN;

	if (!w->running && info->ssi_signo != SIGWINCH &&
	    info->ssi_signo != SIGCONT) {
		w->interrupted = (int)info->ssi_signo;
		kill(w->run->child, SIGKILL);
	} else if (!plain || info->ssi_code != SI_KERNEL) {
		kill(w->run->child, (int)info->ssi_signo);
	}
}

/* As any program with a raw terminal; SIGCONT makes it raw again. */
static void suspend(struct watch *w)
{
	relay_restore(&w->relay);
	kill(getpid(), SIGSTOP);
}

/* True when the terminal has passed it on, or it was for us alone. */
static bool is_for_terminal(struct watch *w, uint32_t signo)
{
	if (!(w->run->plan->kind & PLAN_TERMINAL))
		return false;
	if (signo == SIGTSTP)
		suspend(w);
	if (signo == SIGCONT)
		relay_resume(&w->relay);
	if (signo == SIGWINCH)
		relay_resize(&w->relay);
	return signo == SIGTSTP || signo == SIGCONT || signo == SIGWINCH;
}

static void take_signals(struct watch *w)
{
	struct signalfd_siginfo info;

	while (read(w->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			reap(w);
		else if (!is_for_terminal(w, info.ssi_signo))
			forward(w, &info);
	}
}

/* The pipe's end: exec has closed it, or both children are gone. */
static void settle_start(struct watch *w)
{
	const struct shared *shared = w->run->shared;
	int master = -1;

	close_one(&w->run->alive[0]);
	w->running = atomic_load(&shared->at_exec) && !shared->init.err &&
		     !shared->command.err;
	w->run->started = w->running;
	if (!w->running && !w->ended)
		kill(w->run->child, SIGKILL);
	if (w->running && w->run->pty.pair[0] >= 0)
		master = pty_receive(w->run->pty.pair[0]);
	if (w->running && w->run->lock_pair[0] >= 0)
		keeper_mounts(w->keeper, pty_receive(w->run->lock_pair[0]));
	if (w->running && w->keeper)
		keeper_started(w->keeper, master);
	if (master >= 0 && !(w->keeper && keeper_detached(w->keeper)))
		relay_begin(&w->relay, master, 0, 1);
}

/* Pid 1 takes everything in the sandbox along. */
static void time_is_up(struct watch *w)
{
	if (!timer_expired(w->run))
		return;
	w->timed_out = true;
	cgroup_thaw(w->run);
	sandbox_kill(w->run);
	close_one(&w->run->timer_fd);
}

/* The command has ended; what it left is not ended by the kernel. */
static int status_fd(const struct watch *w)
{
	return (w->run->plan->kind & PLAN_ADOPT) && !w->run->adopt.sweeping
		       ? w->run->status[0]
		       : -1;
}

static int patience(const struct run *run)
{
	int own = meet_patience(run), sweep = adopt_patience(run);

	return own < 0 || (sweep >= 0 && sweep < own) ? sweep : own;
}

static void wait_for_end(struct watch *w)
{
	reap(w);
	while (!w->ended) {
		struct pollfd fds[OWN_FDS + RELAY_FDS + KEEPER_FDS] = {
			{.fd = w->signal_fd,      .events = POLLIN},
			{ .fd = w->run->alive[0], .events = POLLIN},
			{ .fd = w->run->timer_fd, .events = POLLIN},
			{ .fd = status_fd(w),     .events = POLLIN},
			{ .fd = w->run->record.audit_fd, .events = POLLIN},
			{ .fd = w->run->denials.listener, .events = POLLIN},
		};
		size_t nrelay = relay_poll(&w->relay, fds + OWN_FDS);
		struct pollfd *asked = fds + OWN_FDS + nrelay;
		size_t nasked = w->keeper && w->running
					? keeper_poll(w->keeper, asked)
					: 0;

		int n = poll(fds, OWN_FDS + nrelay + nasked,
			     w->unreaped ? REAP_AGAIN_MS
					 : patience(w->run));

		if (w->unreaped)
			reap(w);
		if (n < 0)
			continue;
		relay_handle(&w->relay, fds + OWN_FDS, nrelay);
		meet_poll(w->run);
		if (nasked)
			keeper_handle(w->keeper, asked, nasked);
		if (fds[1].revents)
			settle_start(w);
		if (fds[0].revents)
			take_signals(w);
		if (fds[2].revents && !w->ended)
			time_is_up(w);
		if (fds[3].revents && !w->ended)
			sandbox_kill(w->run);
		if (!w->ended)
			adopt_turn(w->run);
		if (fds[4].revents)
			record_drain(&w->run->record);
		if (fds[5].revents)
			denials_handle(w->run, fds[5].revents);
	}
	if (w->run->alive[0] >= 0)
		settle_start(w);
	relay_end(&w->relay);
}

static void note_end(struct diag *d, int status)
{
	if (WIFSIGNALED(status))
		diag_note(d, "it was ended by signal %d (%s)", WTERMSIG(status),
			  strsignal(WTERMSIG(status)));
}

/* Neither child said what went wrong: both were ended. */
static int not_started(struct watch *w)
{
	const struct shared *shared = w->run->shared;
	int step = shared->command.step ? shared->command.step
		   : shared->init.step	? shared->init.step
					: w->run->step;
	struct diag *d = diag_add(w->diags, E0814, span_none,
				  "cannot build the sandbox: step '%s': its "
				  "process ended",
				  steps[step].name);

	note_end(d, w->status);
	diag_note(d, "the command was not started");
	return RUN_NOT_BUILT;
}

/* Pid 1's own end means nothing; what it wrote about the command does. */
static int sandbox_result(struct watch *w)
{
	int status;
	struct diag *d;

	if (read(w->run->status[0], &status, sizeof(status)) ==
	    sizeof(status)) {
		readback_status(w->run, status);
		return report_status(w->run, status, w->diags);
	}
	d = diag_add(w->diags, E0814, span_none,
		     "%s of the sandbox ended before the command did",
		     w->run->plan->kind & PLAN_ADOPT ? "init" : "pid 1");
	note_end(d, w->status);
	return RUN_SIGNALLED + SIGKILL;
}

static int result(struct watch *w)
{
	const struct shared *shared = w->run->shared;

	if (w->interrupted)
		return RUN_SIGNALLED + w->interrupted;
	if (w->run->meet.err)
		return explain_failure(w->run, w->diags);
	if (shared->init.err)
		return report_failure(w->run, &shared->init, w->diags);
	if (shared->command.err)
		return report_failure(w->run, &shared->command, w->diags);
	if (*w->run->readback.lost)
		return readback_refused(w->run, w->diags);
	if (w->timed_out)
		return timer_report(w->run, w->diags);
	if (!w->running)
		return not_started(w);
	if (w->run->plan->kind & (PLAN_PLAIN | PLAN_ALONE)) {
		readback_status(w->run, w->status);
		return report_status(w->run, w->status, w->diags);
	}
	return sandbox_result(w);
}

/* The child's ends are the child's alone: their closing is a message. */
static bool release_child(struct run *run, struct fail *fail)
{
	close_one(&run->alive[1]);
	close_one(&run->status[1]);
	close_one(&run->pty.pair[1]);
	close_one(&run->lock_pair[1]);
	close_pair(run->guard);
	if (!steps_apply(run, PHASE_MAPS, fail))
		return false;
	if (run->plan->kind & PLAN_PLAIN)
		return true;
	/* go[0] is still open here: no SIGPIPE when the child is gone. */
	return write(run->go[1], "", 1) == 1;
}

static int supervise(struct run *run, struct diag_sink *diags)
{
	struct watch w = {
		.run = run,
		.diags = diags,
		.relay = { .master = -1 },
		.keeper = run->plan->req->keeper,
		.signal_fd = -1,
	};
	struct fail fail = { 0 };
	int exit_code;

	if (!steps_apply(run, PHASE_RUNNER, &fail))
		return report_failure(run, &fail, diags);
	if (!release_child(run, &fail) || !watch_signals(&w)) {
		kill(run->child, SIGKILL);
		waitpid(run->child, NULL, 0);
		if (fail.err)
			return report_failure(run, &fail, diags);
		diag_add(diags, E0809, span_none,
			 "cannot watch the sandbox: %s", strerror(errno));
		return RUN_NOT_BUILT;
	}
	wait_for_end(&w);
	close(w.signal_fd);
	if (!pasta_stop(run))
		diag_add(diags, W0853, span_none,
			 "pasta ended before the command did: the sandbox had "
			 "no network from then on");
	exit_code = result(&w);
	explain_others(run, diags);
	cgroup_report(run, diags);
	return exit_code;
}

int plan_run(const struct sandbox_plan *plan, struct diag_sink *diags)
{
	struct run run;
	int exit_code;

	if (!run_prepare(&run, plan) || !hold_signals(&run)) {
		diag_add(diags, E0809, span_none, "cannot prepare the run: %s",
			 strerror(errno));
		exit_code = RUN_NOT_BUILT;
	} else {
		exit_code = supervise(&run, diags);
		if (plan->req->keeper)
			keeper_ended(plan->req->keeper, exit_code);
		restore_signals(&run);
	}
	run_release(&run);
	readback_finish(&run, exit_code);
	return exit_code;
}
