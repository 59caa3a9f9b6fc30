/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage up" and "mage down". */
#ifndef MAGE_COMMANDS_SETUP_H
#define MAGE_COMMANDS_SETUP_H

#include "base/exit_codes.h"

enum rc cmd_up(int argc, char **argv);
enum rc cmd_down(int argc, char **argv);

#endif
