// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "base/error.h"
#include "base/parse.h"
#include "devices/named.h"

enum rc device_number(const char *what, const char *typed, uint32_t *index)
{
	if (parse_device(typed, index) == PARSE_OK)
		return RC_OK;
	return report(RC_USAGE, what, typed, "give one as in mage0 or /dev/mage0",
		      "is no far device's name");
}

enum rc device_find(const char *what, const char *typed, struct genl *genl, uint32_t index,
		    struct device *found)
{
	struct device *devices;
	enum rc rc = RC_OK;
	size_t nr, i;
	int err;

	err = genl_devices(genl, &devices, &nr);
	if (err)
		return genl_fail(genl, err, what, typed, NULL);
	for (i = 0; i < nr && devices[i].index != index; i++)
		;
	if (i < nr)
		*found = devices[i];
	else
		rc = report(RC_NOT_FOUND, what, typed, "see 'mage device list'",
			    "no such far device");
	free(devices);
	return rc;
}

enum rc device_without_legs(const char *what, const char *typed)
{
	return report(RC_FAILED, what, typed,
		      "a device that is connected with --mirror or --stripe has some",
		      "it is one store, and has no legs");
}
