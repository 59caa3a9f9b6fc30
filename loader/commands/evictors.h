/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage evictors". */
#ifndef MAGE_COMMANDS_EVICTORS_H
#define MAGE_COMMANDS_EVICTORS_H

#include "base/exit_codes.h"

enum rc cmd_evictors(int argc, char **argv);

#endif
