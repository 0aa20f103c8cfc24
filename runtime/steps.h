/* SPDX-License-Identifier: Apache-2.0 */
/*
 * steps.h - the table of steps and the state of a run
 *
 * struct run is what a run accumulates: descriptors, ids, the record of a
 * failure.  The children have their own copy of it after clone; only
 * `shared` is common memory.
 */
#ifndef RUNTIME_STEPS_H
#define RUNTIME_STEPS_H

#include <signal.h>
#include <stdio.h>
#include <sys/types.h>

#include "runtime/adopt.h"
#include "runtime/denials.h"
#include "runtime/meet.h"
#include "runtime/plan.h"
#include "runtime/pty.h"
#include "runtime/readback.h"
#include "runtime/record.h"
#include "runtime/refusal.h"
#include "runtime/report.h"

/* Who does a step, and when; the table is sorted by it. */
enum phase {
	PHASE_RUNNER,  /* the runner, before clone; clone itself is last */
	PHASE_MAPS,    /* the runner, while init waits */
	PHASE_INIT,    /* pid 1, with every capability over its namespaces */
	PHASE_COMMAND, /* the process that becomes the command */
	PHASE_GUARD,   /* pid 1, before the command may run */
	PHASE_LAST,    /* the command's process: filter, exec */
};

enum { SOURCES_MAX = 16 };

struct run {
	const struct sandbox_plan *plan;
	int step;	    /* index into the table, for a failure */
	const char *object; /* what the step was working on */
	struct shared *shared;
	sigset_t old_mask;
	struct sigaction old_chld;
	/*
	 * go: runner to init, closed when the runner dies.  alive: held by
	 * init and the command until the command runs.  status: init to
	 * runner.  guard: init to the command.  [0] reads, [1] writes.
	 */
	int go[2], alive[2], status[2], guard[2];
	pid_t child;   /* init, or the command of a plain run */
	pid_t command; /* in init: the command as pid 1 sees it */
	int lease_fd;
	int timer_fd;
	uint64_t deadline_ns; /* on CLOCK_MONOTONIC; 0: none */
	bool cpu_over;
	struct cg_run cgroup;
	uint32_t leased;		    /* the first of its leased ids */
	char ids_said[FAIL_OBJECT_MAX]; /* newuidmap's last message */
	pid_t pasta_guard; /* ends pasta when pasta_hold is closed */
	int pasta_hold;
	char pasta_said[FAIL_OBJECT_MAX]; /* its last message */
	bool pasta_reaped; /* by who waits for any child; with this status */
	int pasta_status;
	int root_fd, scratch_fd;
	struct meet meet;
	struct readback readback;
	struct record record;
	struct refusals deaths; /* with PLAN_FOLLOW */
	struct call last_death; /* in the command's own process */
	bool has_last_death, death_told;
	struct denials denials;
	int sources[SOURCES_MAX];
	int trees[MOUNTS_MAX]; /* what the profile mounts */
	int layers[LAYER_FDS_MAX];
	int ruleset_fd;
	int lock_owner;	  /* of init: a user namespace */
	int lock_pair[2]; /* init to runner: the locked mounts */
	int joins[NS_COUNT]; /* what is entered; -1: nothing */
	size_t npinned;
	bool started; /* the command has been exec'ed */
	struct adopt adopt;
	struct pty pty;
};

struct step {
	const char *name;
	enum phase phase;
	uint64_t when;	     /* set of enum plan_kind */
	unsigned needs;	     /* set of enum host_feature */
	enum diag_code code; /* of its failure */
	/* 0 or an errno, with run->object set. */
	int (*apply)(const struct sandbox_plan *plan, struct run *run);
	void (*describe)(const struct sandbox_plan *plan, FILE *out);
};

extern const struct step steps[];
extern const int steps_len;

/* The steps of one phase that the plan wants; false after the first failure. */
bool steps_apply(struct run *run, enum phase phase, struct fail *fail);

#endif
