/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage policy list". */
#ifndef MAGE_COMMANDS_POLICY_LIST_H
#define MAGE_COMMANDS_POLICY_LIST_H

#include "base/exit_codes.h"

enum rc cmd_policy_list(int argc, char **argv);

#endif
