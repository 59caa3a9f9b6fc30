/* SPDX-License-Identifier: GPL-2.0-only */
/* Which of the far devices that a configuration file asks for are there. */
#ifndef MAGE_CONFIGURATION_MATCH_H
#define MAGE_CONFIGURATION_MATCH_H

#include "configuration/setup.h"
#include "kernel/genl.h"

/* What is done about one; @there is NULL if it is not there. */
typedef enum rc (*setup_device_fn)(const struct setup_device *wanted, const struct device *there,
				   struct genl *genl, void *context);

/* Does it for each, in their order, until it fails; reports a failure of its own. */
enum rc setup_each_device(const struct setup *setup, struct genl *genl, setup_device_fn each,
			  void *context);

#endif
