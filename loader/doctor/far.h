/* SPDX-License-Identifier: GPL-2.0-only */
/* Far memory, as "mage doctor" judges it: each function adds what it finds about one area. */
#ifndef MAGE_DOCTOR_FAR_H
#define MAGE_DOCTOR_FAR_H

#include <stdbool.h>
#include <stdint.h>

#include "doctor/findings.h"

/* A memory node to try. */
struct node_to_try {
	const char *address; /* HOST[:PORT], NULL for none */
	const char *secret_file;
	uint64_t size; /* bytes, whole pages */
};

/* Far devices and domains that there are; false if the kernel cannot be asked. */
bool doctor_running(struct findings *findings);
/* By connecting for a moment. */
void doctor_node(struct findings *findings, const struct node_to_try *node);

#endif
