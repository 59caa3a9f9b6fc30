/* SPDX-License-Identifier: GPL-2.0-only */
/* What a kernel offers to policies, and what a policy needs of it. */
#ifndef MAGE_POLICIES_FEATURES_H
#define MAGE_POLICIES_FEATURES_H

#include <stdbool.h>

#include <bpf/btf.h>

#include "policies/object.h"

#define MOST_FEATURES 256

struct feature {
	const char *kind; /* "callback", "function", "flag" ... */
	char name[64];
	bool in_kernel;
	bool optional; /* the policy does without it */
};

struct features {
	size_t nr;
	struct feature feature[MOST_FEATURES];
};

/* What a kernel of these types has, and the functions that only this program knows. */
void features_of_kernel(const struct btf *kernel, struct features *features);

/* What an opened policy, of the file @path, needs: 0 or a negative errno. */
int features_of_policy(const struct btf *kernel, const char *path,
		       const struct policy_object *policy, struct features *features);

/* How many there must be and are not. */
size_t features_missing(const struct features *features);

#endif
