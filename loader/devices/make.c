// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "cgroups/path.h"
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
	int err = genl_device_connect(genl, request, device);
	enum rc rc;

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

/* Bytes of swap that are free, on other devices than this one. */
static uint64_t free_elsewhere(const struct device *device)
{
	uint64_t here = (device->slots - device->slots_used) * (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t kib, all = 0;
	FILE *stream = fopen("/proc/meminfo", "re");
	char line[128];

	while (stream && fgets(line, sizeof(line), stream)) {
		if (sscanf(line, "SwapFree: %" SCNu64, &kib) == 1)
			all = kib << 10;
	}
	if (stream)
		fclose(stream);
	return all > here ? all - here : 0;
}

/*
 * The kernel finds out half way, and then kills processes of the cgroup.  File pages do not
 * count: they go when there is need.
 */
static enum rc pages_fit(const char *what, struct genl *genl, const struct device *device,
			 const char *path)
{
	uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE), too_much = 0;
	char todo[PATH_MAX], *worst = NULL;
	struct domain *domains;
	size_t nr;
	int err;

	err = genl_domains(genl, &domains, &nr);
	if (err)
		return genl_fail(genl, err, what, path, NULL);
	for (size_t i = 0; i < nr; i++) {
		uint64_t needs = domains[i].frames * page_size + domains[i].far;

		if (domains[i].limit == NO_LIMIT || needs <= domains[i].limit || !domains[i].far)
			continue;
		too_much += needs - domains[i].limit;
		if (!worst)
			worst = cgroup_path(domains[i].cgroup_id);
	}
	free(domains);
	if (too_much <= free_elsewhere(device)) {
		free(worst);
		return RC_OK;
	}
	snprintf(todo, sizeof(todo), "raise memory.max of %.1000s, or end what runs in it",
		 worst ? worst : "the cgroup");
	free(worst);
	return report(RC_EXISTS, what, path, todo,
		      "its pages do not fit into local memory, by %" PRIu64 " MiB",
		      (too_much + (1 << 20) - 1) >> 20);
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
		if ((rc = pages_fit(what, genl, device, path)) ||
		    (rc = swap_deactivate(what, path)))
			return rc;
	}
	err = genl_device_disconnect(genl, device->index);
	return err ? genl_fail(genl, err, what, path, NULL) : RC_OK;
}
