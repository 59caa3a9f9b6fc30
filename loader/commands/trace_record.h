/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage trace record". */
#ifndef MAGE_COMMANDS_TRACE_RECORD_H
#define MAGE_COMMANDS_TRACE_RECORD_H

#include "base/exit_codes.h"

enum rc cmd_trace_record(int argc, char **argv);

#endif
