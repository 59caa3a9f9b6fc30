/* SPDX-License-Identifier: GPL-2.0-only */
/* The policy that "mage policy new" begins with: templates/policy.bpf.c. */
#ifndef MAGE_POLICIES_TEMPLATE_H
#define MAGE_POLICIES_TEMPLATE_H

#include <stdio.h>

/* Writes it with @name in the place of "new_policy". */
void policy_template_write(FILE *out, const char *name);

#endif
