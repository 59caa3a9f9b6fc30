/* SPDX-License-Identifier: GPL-2.0-only */
/* What a far device shall be, as somebody wrote it: in options, or in a section of a file. */
#ifndef MAGE_CONFIGURATION_DEVICE_OPTIONS_H
#define MAGE_CONFIGURATION_DEVICE_OPTIONS_H

#include <stdbool.h>

#include "configuration/file.h"
#include "kernel/state.h"

struct device_options {
	const char *what; /* the command, for messages */
	const struct config_section *section; /* NULL for options of the command line */
	const char *backend;
	const char *address;
	const char *path;
	const char *size;
	const char *secret_file;
	const char *loss_timeout;
	const char *latency;
	const char *bandwidth;
	const char *checksum;
	const char *priority;
	bool swapon;
};

/*
 * Checks all of it before anything is done, and reports a failure.  *priority is -1 if that
 * is left to the kernel.  The secret in *request is to be wiped after use.
 */
enum rc device_options_read(const struct device_options *options, struct connect_request *request,
			    int *priority);

#endif
