/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether there is a far device that pages can be evicted to. */
#ifndef MAGE_DEVICES_TARGET_H
#define MAGE_DEVICES_TARGET_H

#include <stddef.h>

#include "base/exit_codes.h"
#include "kernel/state.h"

enum target {
	TARGET_FINE,
	TARGET_NO_SWAP, /* it is not active as swap */
	TARGET_FULL,
	TARGET_SUSPENDED,
	TARGET_FAILED,
};

enum target device_target(const struct device *device);

/* Is one of them fine?  Reports on behalf of @what if not; @on may be NULL. */
enum rc targets_check(const char *what, const char *on, const struct device *devices, size_t nr);

#endif
