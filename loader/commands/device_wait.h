/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage device wait". */
#ifndef MAGE_COMMANDS_DEVICE_WAIT_H
#define MAGE_COMMANDS_DEVICE_WAIT_H

#include "base/exit_codes.h"

enum rc cmd_device_wait(int argc, char **argv);

#endif
