/* SPDX-License-Identifier: GPL-2.0-only */
/* Where evictors run, as "mage doctor" judges it. */
#ifndef MAGE_DOCTOR_CORES_H
#define MAGE_DOCTOR_CORES_H

#include "doctor/findings.h"

void doctor_cores(struct findings *findings);

#endif
