/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage status". */
#ifndef MAGE_COMMANDS_STATUS_H
#define MAGE_COMMANDS_STATUS_H

#include "base/exit_codes.h"

enum rc cmd_status(int argc, char **argv);

#endif
