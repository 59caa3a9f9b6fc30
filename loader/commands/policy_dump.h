/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage policy dump". */
#ifndef MAGE_COMMANDS_POLICY_DUMP_H
#define MAGE_COMMANDS_POLICY_DUMP_H

#include "base/exit_codes.h"

enum rc cmd_policy_dump(int argc, char **argv);

#endif
