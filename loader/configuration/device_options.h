/* SPDX-License-Identifier: GPL-2.0-only */
/* What a far device shall be, as somebody wrote it: in options, or in a section of a file. */
#ifndef MAGE_CONFIGURATION_DEVICE_OPTIONS_H
#define MAGE_CONFIGURATION_DEVICE_OPTIONS_H

#include "configuration/written.h"
#include "kernel/state.h"

/*
 * Checks all of it before anything is done, and reports a failure.  *priority is -1 if that
 * is left to the kernel.  The secrets in *request are to be wiped after use.
 */
enum rc device_options_read(const struct device_options *options, struct connect_request *request,
			    int *priority);

#endif
