/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage device disconnect" and "mage device list". */
#ifndef MAGE_COMMANDS_DEVICE_H
#define MAGE_COMMANDS_DEVICE_H

#include "base/exit_codes.h"

enum rc cmd_device_disconnect(int argc, char **argv);
enum rc cmd_device_list(int argc, char **argv);

#endif
