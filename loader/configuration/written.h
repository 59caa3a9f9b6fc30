/* SPDX-License-Identifier: GPL-2.0-only */
/* What somebody wrote about a far device, in options or in a section of a file; and where. */
#ifndef MAGE_CONFIGURATION_WRITTEN_H
#define MAGE_CONFIGURATION_WRITTEN_H

#include <stdbool.h>

#include "base/options.h"
#include "common/quantity.h"
#include "configuration/file.h"

struct device_options {
	const char *what; /* the command, for messages */
	const struct config_section *section; /* NULL for options of the command line */
	const char *backend;
	struct word_list addresses; /* of each leg, in their order */
	struct word_list paths;
	struct word_list secret_files; /* one for all legs, or one each */
	const char *legs; /* how many; dram */
	const char *size;
	const char *loss_timeout;
	const char *latency;
	const char *bandwidth;
	const char *checksum;
	const char *priority;
	bool mirror;
	const char *copies; /* of each page; NULL for the default */
	bool stripe;
	bool swapon;
};

/* Where the option is, as report() wants it: "COMMAND", or "COMMAND: FILE:LINE". */
const char *written_place(const struct device_options *options, const char *option);

/* The same of one of several, the first is 0. */
const char *written_nth_place(const struct device_options *options, const char *option, int nth);

/* Before the name of an option. */
const char *written_dashes(const struct device_options *options);

/* These report, unless they return RC_OK. */
enum rc written_badly(const struct device_options *options, const char *option, const char *value,
		      enum parse_result result, const char *todo);
enum rc written_needed(const struct device_options *options, const char *option, bool there);
/* Nothing that the backend knows. */
enum rc written_for_nothing(const struct device_options *options, const char *option, bool there);

#define WRITTEN_STORES_LEN 512

/* What the device is called in messages: "node1", "node1, node2", or "dram". */
void written_stores(const struct device_options *options, char *text, size_t size);

#endif
