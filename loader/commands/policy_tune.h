/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage policy tune". */
#ifndef MAGE_COMMANDS_POLICY_TUNE_H
#define MAGE_COMMANDS_POLICY_TUNE_H

#include "base/exit_codes.h"

enum rc cmd_policy_tune(int argc, char **argv);

#endif
