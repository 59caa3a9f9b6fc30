/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage metrics". */
#ifndef MAGE_COMMANDS_METRICS_H
#define MAGE_COMMANDS_METRICS_H

#include "base/exit_codes.h"

enum rc cmd_metrics(int argc, char **argv);

#endif
