/* SPDX-License-Identifier: GPL-2.0-only */
/* The reverse of configuration/bring_up.h. */
#ifndef MAGE_CONFIGURATION_TAKE_DOWN_H
#define MAGE_CONFIGURATION_TAKE_DOWN_H

#include "configuration/setup.h"

/*
 * Devices first: as long as one is in use the policies are needed.  Says what it changes, reports
 * a failure and leaves what comes after it.
 */
enum rc setup_take_down(const struct setup *setup);

#endif
