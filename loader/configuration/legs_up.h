/* SPDX-License-Identifier: GPL-2.0-only */
/* The legs that a configuration file asks for, of a far device that is there. */
#ifndef MAGE_CONFIGURATION_LEGS_UP_H
#define MAGE_CONFIGURATION_LEGS_UP_H

#include "configuration/setup.h"
#include "configuration/undo.h"
#include "kernel/genl.h"

/* Says how they differ from what is written, a line each. */
void legs_say(const struct setup_device *wanted, const struct device *there);

/* Adds those that are missing where a column has fewer than it should, and says the rest. */
enum rc legs_bring_up(const struct setup_device *wanted, const struct device *there,
		      struct genl *genl, struct undo *undo);

#endif
