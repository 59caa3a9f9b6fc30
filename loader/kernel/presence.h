/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether the kernel that runs has Mage, and if not, why. */
#ifndef MAGE_KERNEL_PRESENCE_H
#define MAGE_KERNEL_PRESENCE_H

#include <stdbool.h>

#include "base/exit_codes.h"

/* Has it, and is it on? */
bool mage_is_there(void);

/* Does this command line of a kernel switch Mage off? */
bool switches_mage_off(const char *command_line);

/* Was this kernel booted so? */
bool mage_is_off(void);

/* What has Mage cannot be reached: reports why on behalf of @what. Returns RC_NO_MAGE. */
enum rc no_mage(const char *what);

#endif
