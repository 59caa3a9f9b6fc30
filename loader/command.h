/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands that "mage" has. */
#ifndef MAGE_COMMAND_H
#define MAGE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/exit_codes.h"

struct command {
	const char *group; /* "device", or NULL for a command of one word */
	const char *name;
	const char *summary;
	const char *synopsis; /* after the name: "DEVICE [--swapoff]" */
	const char *details; /* whole lines, or NULL */
	/* The exit status; run has those of its command beside those of enum rc. */
	enum rc (*run)(int argc, char **argv);
	bool has_command; /* what follows its options is a command with its own */
};

extern const struct command commands[];
extern const size_t nr_commands;

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
enum rc cmd_help(int argc, char **argv);

/*
 * The command that argv names, or NULL after an error line; *used is the
 * number of words that its name took.  A group without a command is an error too.
 */
const struct command *find_command(int argc, char **argv, int *used);

/* Is it the first word of commands of two words? */
bool is_command_group(const char *word);

/* Prints a line for each command, of one group only unless it is NULL. */
void print_overview(const char *group);
/* Prints all about one command. */
void print_help(const struct command *command);

#endif
