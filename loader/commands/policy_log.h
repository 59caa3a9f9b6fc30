/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage policy log". */
#ifndef MAGE_COMMANDS_POLICY_LOG_H
#define MAGE_COMMANDS_POLICY_LOG_H

#include "base/exit_codes.h"

enum rc cmd_policy_log(int argc, char **argv);

#endif
