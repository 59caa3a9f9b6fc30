/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage policy load" and "mage policy swap". */
#ifndef MAGE_COMMANDS_POLICY_LOAD_H
#define MAGE_COMMANDS_POLICY_LOAD_H

#include "base/exit_codes.h"

enum rc cmd_policy_load(int argc, char **argv);
enum rc cmd_policy_swap(int argc, char **argv);

#endif
