/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The commands.  Each reads its own words, argv[0] being the last word of its name, reports what is
 * wrong, and returns the exit status.
 */
#ifndef MAGE_COMMANDS_COMMANDS_H
#define MAGE_COMMANDS_COMMANDS_H

#include "base/exit_codes.h"

enum rc cmd_device_connect(int argc, char **argv);
enum rc cmd_device_disconnect(int argc, char **argv);
enum rc cmd_device_list(int argc, char **argv);
enum rc cmd_policy_load(int argc, char **argv);
enum rc cmd_policy_swap(int argc, char **argv);
enum rc cmd_policy_unload(int argc, char **argv);
enum rc cmd_policy_list(int argc, char **argv);
enum rc cmd_policy_show(int argc, char **argv);
enum rc cmd_policy_tune(int argc, char **argv);
enum rc cmd_policy_log(int argc, char **argv);
enum rc cmd_policy_features(int argc, char **argv);
enum rc cmd_policy_new(int argc, char **argv);
enum rc cmd_trace_faults(int argc, char **argv);
enum rc cmd_trace_batches(int argc, char **argv);
enum rc cmd_trace_rescues(int argc, char **argv);
enum rc cmd_trace_waits(int argc, char **argv);
enum rc cmd_trace_record(int argc, char **argv);
enum rc cmd_evictors(int argc, char **argv);
enum rc cmd_doctor(int argc, char **argv);
enum rc cmd_top(int argc, char **argv);
enum rc cmd_run(int argc, char **argv);
enum rc cmd_status(int argc, char **argv);
enum rc cmd_up(int argc, char **argv);
enum rc cmd_down(int argc, char **argv);

#endif
