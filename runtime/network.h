/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network.h - which network a sandbox has: facts, decision, and its parts
 */
#ifndef RUNTIME_NETWORK_H
#define RUNTIME_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct diag;
struct diag_sink;
struct host;
struct run;
struct run_request;
struct sandbox_plan;

/* "10.1.0.2/24" in the kernel's form. */
struct net_address {
	int family; /* AF_INET, AF_INET6 */
	unsigned prefix;
	size_t len; /* 4 or 16 */
	uint8_t bytes[16];
};

/* With `prefix`, "/N" is needed (N of at least 1); without, it is wrong. */
bool net_address_parse(const char *text, bool prefix,
		       struct net_address *out);

/* Facts for the network that is asked for. */
void probe_network(struct host *host, const struct run_request *req,
		   struct arena *arena);

/* False with a diagnostic where it can't be had. */
bool plan_network(struct sandbox_plan *plan, const struct host *host,
		  struct diag_sink *diags);

/* Ends pasta, if it was started; false when it had ended by itself. */
bool pasta_stop(struct run *run);

/* The likely cause of a failed step E0851 or E0853. */
void network_explain(struct diag *d, const char *step, int err,
		     const struct run *run);

#endif
