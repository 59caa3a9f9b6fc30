/* SPDX-License-Identifier: GPL-2.0-only */
/* A policy as an object that was loaded, and the link by which a cgroup is governed. */
#ifndef GENERATED_POLICY_H
#define GENERATED_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "make.h"

struct policy;

/*
 * Loads what was made, at most TOGETHER of them, the first of which has that number: NULL takes the
 * place of one that the kernel refuses.  What it said last is in refusal().
 */
void policies_load(struct policy **p, const char *object, const struct made *made, unsigned int nr,
		   uint64_t number, uint64_t cgroup);
const char *refusal(void);
void policy_free(struct policy *p);

/* Changes a number of a policy while it runs. */
void policy_tune(struct policy *p, uint64_t value);

/* Governs with it, in the place of what governed; 0, or a negative errno of attaching it. */
int policy_govern(struct policy *p);

/* Whether what governs was ejected, and the link has hung up. */
bool policy_hung_up(void);

/* Ends the link, and with it the policy that it has. */
void policy_unload(void);

/* What exit was told, and how often it was called. */
struct ending {
	uint32_t exits;
	uint32_t kind;
	const char *message;
};
struct ending policy_ending(const struct policy *p);

#endif
