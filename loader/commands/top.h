/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage top". */
#ifndef MAGE_COMMANDS_TOP_H
#define MAGE_COMMANDS_TOP_H

#include "base/exit_codes.h"

enum rc cmd_top(int argc, char **argv);

#endif
