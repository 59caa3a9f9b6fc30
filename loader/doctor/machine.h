/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings of the machine that far memory is slower with, as "mage doctor" judges them. */
#ifndef MAGE_DOCTOR_MACHINE_H
#define MAGE_DOCTOR_MACHINE_H

#include "base/cpu_list.h"
#include "doctor/findings.h"

/* Adds what it finds below @sys, which is "/sys" but in tests.  @evictors may be NULL. */
void doctor_machine(struct findings *findings, const char *sys, const struct cpu_list *evictors);

#endif
