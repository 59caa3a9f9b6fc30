/* SPDX-License-Identifier: GPL-2.0-only */
/* What a configuration file asks for: evictors, far devices, policies of cgroups. */
#ifndef MAGE_CONFIGURATION_SETUP_H
#define MAGE_CONFIGURATION_SETUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "configuration/written.h"
#include "configuration/file.h"
#include "policies/attach.h"

#define CONFIG_FILE "/etc/mage/mage.conf"

struct setup_device {
	const struct config_section *section;
	struct device_options options;
	struct connect_request request;
	int priority;
};

struct setup_cgroup {
	const struct config_section *section;
	char *path; /* below the mount point, without slashes at its end */
	struct policy_choice choice;
	bool create;
	const char *max, *high; /* what the files get, or NULL */
	char max_text[24], high_text[24];
};

struct setup {
	const char *what; /* the command, for messages */
	const char *file;
	bool force; /* bring it up even where nothing can be evicted */
	struct config config;
	const struct config_section *evictors; /* NULL for none */
	const char *cpus;
	struct setup_device *devices;
	size_t nr_devices;
	struct setup_cgroup *cgroups;
	size_t nr_cgroups;
};

/*
 * Reads and checks the whole file, and reports the first thing that is wrong with it, on
 * behalf of @what.  Nothing is changed, and the kernel is not asked.  setup_free() is right in
 * either case.
 */
enum rc setup_read(const char *what, const char *file, struct setup *setup);
void setup_free(struct setup *setup);

#endif
