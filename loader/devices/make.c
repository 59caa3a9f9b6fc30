// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "base/error.h"
#include "devices/contents.h"
#include "devices/drain.h"
#include "devices/make.h"
#include "devices/swap.h"

#define PATH_LEN (MAGE_NAME_LEN + 8)

static void device_path(const struct device *device, char *path)
{
	snprintf(path, PATH_LEN, "/dev/%s", device->name);
}

enum rc device_connect(const char *what, const char *on, struct genl *genl,
		       const struct connect_request *request, struct device *device)
{
	enum rc rc = RC_OK;
	int err;

	for (size_t i = 0; !rc && i < request->nr_legs; i++)
		rc = contents_check(what, request->legs[i].path);
	if (rc)
		return rc;
	err = genl_device_connect(genl, request, device);
	if (!err)
		return RC_OK;
	rc = genl_fail(genl, err, what, on, NULL);
	/* "Not found" is for what the user named and this machine lacks. */
	return rc == RC_NOT_FOUND ? RC_FAILED : rc;
}

enum rc device_activate(const char *what, const struct device *device, int priority)
{
	char path[PATH_LEN];
	enum rc rc;

	device_path(device, path);
	rc = swap_format(what, path);
	return rc ? rc : swap_activate(what, path, priority);
}

enum rc device_remove(const char *what, struct genl *genl, const struct device *device,
		      bool may_swapoff)
{
	char path[PATH_LEN];
	enum rc rc;
	int err;

	device_path(device, path);
	if (device->swap && !may_swapoff)
		return report(RC_EXISTS, what, path, "add --swapoff to bring its pages back first",
			      "it is active as swap");
	if (device->swap) {
		rc = device_drain(what, genl, device);
		if (rc)
			return rc;
	}
	err = genl_device_disconnect(genl, device->index);
	return err ? genl_fail(genl, err, what, path, NULL) : RC_OK;
}
