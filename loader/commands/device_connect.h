/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage device connect". */
#ifndef MAGE_COMMANDS_DEVICE_CONNECT_H
#define MAGE_COMMANDS_DEVICE_CONNECT_H

#include "base/exit_codes.h"

enum rc cmd_device_connect(int argc, char **argv);

#endif
