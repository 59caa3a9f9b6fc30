/* SPDX-License-Identifier: GPL-2.0-only */
/* Making a block device swap space. */
#ifndef MAGE_DEVICES_SWAP_H
#define MAGE_DEVICES_SWAP_H

#include "base/exit_codes.h"

/* Writes a swap header (with mkswap) on behalf of @what and reports a failure. */
enum rc swap_format(const char *what, const char *device);

/* Activates it; a negative @priority leaves that to the kernel. */
enum rc swap_activate(const char *what, const char *device, int priority);

#endif
