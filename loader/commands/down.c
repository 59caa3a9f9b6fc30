// SPDX-License-Identifier: GPL-2.0-only
/* "mage down": the reverse of "mage up". */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/options.h"
#include "cgroups/cgroup.h"
#include "command.h"
#include "configuration/setup.h"
#include "devices/make.h"

#define WHAT "down"

static enum rc take_devices_down(const struct setup *setup, struct genl *genl)
{
	struct device *devices;
	enum rc rc = RC_OK;
	bool *taken;
	size_t nr;
	int err;

	err = genl_devices(genl, &devices, &nr);
	if (err)
		return genl_fail(genl, err, WHAT, NULL, NULL);
	taken = calloc(nr + 1, sizeof(*taken));
	if (!taken)
		rc = report(RC_FAILED, WHAT, NULL, NULL, "out of memory");
	for (size_t i = 0; i < setup->nr_devices && !rc; i++) {
		const struct device *device = setup_match(&setup->devices[i], devices, nr, taken);

		if (!device)
			continue;
		if (device->swap)
			printf("/dev/%s: bringing back its pages\n", device->name);
		fflush(stdout);
		rc = device_remove(WHAT, genl, device, true);
		if (!rc)
			printf("/dev/%s: disconnected\n", device->name);
	}
	free(taken);
	free(devices);
	return rc;
}

/* One that "mage up" may have made goes, too, unless something is in it. */
static void remove_cgroup(const struct setup_cgroup *cgroup)
{
	if (cgroup->create && !rmdir(cgroup->path))
		printf("%s: removed\n", cgroup->path);
	else if (cgroup->create && (errno == EBUSY || errno == ENOTEMPTY))
		printf("%s: stays, something is in it\n", cgroup->path);
}

static enum rc take_cgroup_down(const struct setup_cgroup *cgroup)
{
	struct governed governed;
	enum rc rc = RC_OK;
	uint64_t id;

	if (!cgroup_look(cgroup->path, &id))
		return RC_OK;
	rc = governed_open(WHAT, cgroup->path, &governed);
	if (!rc && governed.is_domain && governed.domain.link_id && governed.pin != PIN_LIVE) {
		printf("%s: stays governed by the policy '%s', which mage did not load\n",
		       cgroup->path, governed.domain.policy);
	} else if (!rc && (governed.is_domain || governed.pin != PIN_NONE)) {
		rc = policy_detach(&governed);
		if (!rc)
			printf("%s: no longer governed\n", cgroup->path);
	}
	governed_close(&governed);
	if (!rc)
		remove_cgroup(cgroup);
	return rc;
}

/* The devices first: as long as one is in use the policies are needed. */
static enum rc take_down(const struct setup *setup)
{
	struct genl *genl;
	enum rc rc;

	rc = genl_open(WHAT, &genl);
	if (rc)
		return rc;
	error_note = "the policies stay in force";
	rc = take_devices_down(setup, genl);
	error_note = NULL;
	for (size_t i = setup->nr_cgroups; i-- && !rc;)
		rc = take_cgroup_down(&setup->cgroups[i]);
	genl_close(genl);
	return rc;
}

enum rc cmd_down(int argc, char **argv)
{
	const char *file = CONFIG_FILE;
	const struct option_spec specs[] = {
		{ "config", .value = &file },
		{ 0 },
	};
	struct operands operands;
	struct setup setup;
	enum rc rc;

	if ((rc = options_parse(WHAT, argc, argv, specs, &operands)) ||
	    (rc = operands_check(WHAT, &operands, 0, 0, "")))
		return rc;
	pin_sweep();
	rc = setup_read(WHAT, file, &setup);
	if (!rc)
		rc = take_down(&setup);
	setup_free(&setup);
	return rc;
}
