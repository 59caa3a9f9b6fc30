/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage run". */
#ifndef MAGE_COMMANDS_RUN_H
#define MAGE_COMMANDS_RUN_H

#include "base/exit_codes.h"

enum rc cmd_run(int argc, char **argv);

#endif
