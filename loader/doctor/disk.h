/* SPDX-License-Identifier: GPL-2.0-only */
/* Block devices that far devices stand on, as "mage doctor" judges them. */
#ifndef MAGE_DOCTOR_DISK_H
#define MAGE_DOCTOR_DISK_H

#include "doctor/findings.h"
#include "kernel/memory.h"
#include "kernel/state.h"

/*
 * Adds what it finds about the disks of a far device, if it stands on any.  @sys is "/sys" but
 * in tests.
 */
void doctor_disk(struct findings *findings, const char *sys, const struct swap_areas *swaps,
		 const struct device *device);

#endif
