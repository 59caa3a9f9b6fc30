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

/*
 * What to do if the kernel has version @kernels of the interface, and this program is for another:
 * the older of the two is to be replaced.
 */
const char *version_todo(unsigned int kernels);

/* RC_OK if it is the same version; else reports it on behalf of @what and returns RC_NO_MAGE. */
enum rc version_check(const char *what, unsigned int kernels);

#endif
