/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage trace faults", "batches", "rescues" and "waits". */
#ifndef MAGE_COMMANDS_TRACE_H
#define MAGE_COMMANDS_TRACE_H

#include "base/exit_codes.h"

enum rc cmd_trace_faults(int argc, char **argv);
enum rc cmd_trace_batches(int argc, char **argv);
enum rc cmd_trace_rescues(int argc, char **argv);
enum rc cmd_trace_waits(int argc, char **argv);

#endif
