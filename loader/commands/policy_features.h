/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage policy features". */
#ifndef MAGE_COMMANDS_POLICY_FEATURES_H
#define MAGE_COMMANDS_POLICY_FEATURES_H

#include "base/exit_codes.h"

enum rc cmd_policy_features(int argc, char **argv);

#endif
