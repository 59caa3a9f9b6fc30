/* SPDX-License-Identifier: GPL-2.0-only */
/* RDMA devices, as "mage doctor" judges them. */
#ifndef MAGE_DOCTOR_NIC_H
#define MAGE_DOCTOR_NIC_H

#include "base/cpu_list.h"
#include "doctor/findings.h"

/* Adds what it finds below @sys, which is "/sys" but in tests.  @evictors may be NULL. */
void doctor_nics(struct findings *findings, const char *sys, const struct cpu_list *evictors);

#endif
