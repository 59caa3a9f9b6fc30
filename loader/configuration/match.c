// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "base/error.h"
#include "configuration/leg_match.h"
#include "configuration/match.h"

/* The one among those that are there and not @taken, or NULL. */
static const struct device *match(const struct setup_device *wanted, const struct device *devices,
				  size_t nr, bool *taken)
{
	for (size_t i = 0; i < nr; i++) {
		if (taken[i] || !device_is_wanted(&wanted->request, &devices[i]))
			continue;
		taken[i] = true;
		return &devices[i];
	}
	return NULL;
}

enum rc setup_each_device(const struct setup *setup, struct genl *genl,
			  enum rc (*each)(const struct setup_device *wanted,
					  const struct device *there, struct genl *genl,
					  void *context),
			  void *context)
{
	struct device *devices;
	enum rc rc = RC_OK;
	bool *taken;
	size_t nr;
	int err;

	err = genl_devices(genl, &devices, &nr);
	if (err)
		return genl_fail(genl, err, setup->what, NULL, NULL);
	taken = calloc(nr + 1, sizeof(*taken));
	if (!taken)
		rc = report(RC_FAILED, setup->what, NULL, NULL, "out of memory");
	for (size_t i = 0; i < setup->nr_devices && !rc; i++) {
		const struct setup_device *wanted = &setup->devices[i];

		rc = each(wanted, match(wanted, devices, nr, taken), genl, context);
	}
	free(taken);
	free(devices);
	return rc;
}
