/* SPDX-License-Identifier: GPL-2.0-only */
/* Which of the far devices that a configuration file asks for are there. */
#ifndef MAGE_CONFIGURATION_MATCH_H
#define MAGE_CONFIGURATION_MATCH_H

#include "configuration/setup.h"
#include "kernel/genl.h"

/*
 * Calls @each for each of them, in their order, until it fails; @there is NULL for one that is not
 * there.  Reports a failure of its own.
 */
enum rc setup_each_device(const struct setup *setup, struct genl *genl,
			  enum rc (*each)(const struct setup_device *wanted,
					  const struct device *there, struct genl *genl,
					  void *context),
			  void *context);

#endif
