// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cgroups/cgroup.h"
#include "configuration/match.h"
#include "configuration/take_down.h"
#include "devices/fit_look.h"
#include "devices/make.h"

static enum rc take_device_down(const struct setup_device *wanted, const struct device *there,
				struct genl *genl, void *context)
{
	const char *what = wanted->options.what;
	enum rc rc;

	(void)context;
	if (!there)
		return RC_OK;
	if (there->swap)
		printf("/dev/%s: bringing back its pages\n", there->name);
	fflush(stdout);
	rc = device_remove(what, genl, there, true);
	if (!rc)
		printf("/dev/%s: disconnected\n", there->name);
	return rc;
}

/* The swap that is to go. */
struct swaps {
	uint32_t *indexes;
	size_t nr;
};

static enum rc collect_swap(const struct setup_device *wanted, const struct device *there,
			    struct genl *genl, void *context)
{
	struct swaps *swaps = context;

	(void)wanted;
	(void)genl;
	if (there && there->swap)
		swaps->indexes[swaps->nr++] = there->index;
	return RC_OK;
}

/* All of them together: the pages of one must not go to another that goes next. */
static enum rc check_fit(const struct setup *setup, struct genl *genl)
{
	struct swaps swaps = { .indexes = calloc(setup->nr_devices + 1, sizeof(uint32_t)) };
	enum rc rc;

	if (!swaps.indexes)
		return report(RC_FAILED, setup->what, NULL, NULL, "out of memory");
	rc = setup_each_device(setup, genl, collect_swap, &swaps);
	if (!rc && swaps.nr)
		rc = fit_check(setup->what, "the far devices", genl, swaps.indexes, swaps.nr);
	free(swaps.indexes);
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

static enum rc take_cgroup_down(const char *what, const struct setup_cgroup *cgroup)
{
	struct governed governed;
	enum rc rc = RC_OK;
	uint64_t id;

	if (!cgroup_look(cgroup->path, &id))
		return RC_OK;
	rc = governed_open(what, cgroup->path, &governed);
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
enum rc setup_take_down(const struct setup *setup)
{
	struct genl *genl;
	enum rc rc;

	rc = genl_open(setup->what, &genl);
	if (rc)
		return rc;
	error_note = "the policies stay in force";
	rc = check_fit(setup, genl);
	if (!rc)
		rc = setup_each_device(setup, genl, take_device_down, NULL);
	error_note = NULL;
	for (size_t i = setup->nr_cgroups; i-- && !rc;)
		rc = take_cgroup_down(setup->what, &setup->cgroups[i]);
	genl_close(genl);
	return rc;
}
