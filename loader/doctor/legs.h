/* SPDX-License-Identifier: GPL-2.0-only */
/* The legs of far devices, as "mage doctor" judges them. */
#ifndef MAGE_DOCTOR_LEGS_H
#define MAGE_DOCTOR_LEGS_H

#include "doctor/findings.h"
#include "kernel/state.h"

/* Adds what it finds about a far device that has legs.  @sys is "/sys" but in tests. */
void doctor_legs(struct findings *findings, const char *sys, const struct device *device);

#endif
