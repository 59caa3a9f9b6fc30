/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage policy new". */
#ifndef MAGE_COMMANDS_POLICY_NEW_H
#define MAGE_COMMANDS_POLICY_NEW_H

#include "base/exit_codes.h"

enum rc cmd_policy_new(int argc, char **argv);

#endif
