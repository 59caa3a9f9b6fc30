/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage policy unload". */
#ifndef MAGE_COMMANDS_POLICY_UNLOAD_H
#define MAGE_COMMANDS_POLICY_UNLOAD_H

#include "base/exit_codes.h"

enum rc cmd_policy_unload(int argc, char **argv);

#endif
