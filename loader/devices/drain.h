/* SPDX-License-Identifier: GPL-2.0-only */
/* Far devices that end being swap, without a program being killed for that. */
#ifndef MAGE_DEVICES_DRAIN_H
#define MAGE_DEVICES_DRAIN_H

#include "kernel/genl.h"

/*
 * Brings back all that is there and deactivates it.  Refused if that does not fit elsewhere, and
 * given up, with the device in use as before, if it does not any more.  Reports on behalf of @what.
 */
enum rc device_drain(const char *what, struct genl *genl, const struct device *device);

#endif
