/* SPDX-License-Identifier: GPL-2.0-only */
/* Making a far device swap, and removing it. */
#ifndef MAGE_DEVICES_MAKE_H
#define MAGE_DEVICES_MAKE_H

#include "kernel/genl.h"
#include "kernel/state.h"

/* Connects it; @on is what it is called in messages: its address, its path or its backend. */
enum rc device_connect(const char *what, const char *on, struct genl *genl,
		       const struct connect_request *request, struct device *device);

/* Writes a swap header and activates it.  Reports a failure. */
enum rc device_activate(const char *what, const struct device *device, int priority);

/* Removes it; one that is swap only if @may_swapoff. */
enum rc device_remove(const char *what, struct genl *genl, const struct device *device,
		      bool may_swapoff);

#endif
