/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage policy show". */
#ifndef MAGE_COMMANDS_POLICY_SHOW_H
#define MAGE_COMMANDS_POLICY_SHOW_H

#include "base/exit_codes.h"

enum rc cmd_policy_show(int argc, char **argv);

#endif
