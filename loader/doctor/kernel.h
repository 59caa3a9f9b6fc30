/* SPDX-License-Identifier: GPL-2.0-only */
/* What of the kernel "mage doctor" looks at. */
#ifndef MAGE_DOCTOR_KERNEL_H
#define MAGE_DOCTOR_KERNEL_H

#include "doctor/findings.h"

/* Adds what it finds; false if the kernel has no Mage. */
bool doctor_kernel(struct findings *findings);

#endif
