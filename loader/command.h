/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands that "mage" has. */
#ifndef MAGE_COMMAND_H
#define MAGE_COMMAND_H

#include "table.h"

extern const struct command_table command_table;

#endif
