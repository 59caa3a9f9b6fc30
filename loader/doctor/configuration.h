/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration file, as "mage doctor" judges it. */
#ifndef MAGE_DOCTOR_CONFIGURATION_H
#define MAGE_DOCTOR_CONFIGURATION_H

#include "doctor/findings.h"

/*
 * Adds the first thing that keeps "mage up" from bringing up what @file asks for, as "mage up
 * --check" finds it.  Without @ask_kernel only the file is looked at, and what it names.  Nothing
 * is added if there is no such file, or to somebody who is not root, as the secrets are root's.
 */
void doctor_configuration(struct findings *findings, const char *file, bool ask_kernel);

#endif
