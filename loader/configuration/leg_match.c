// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "configuration/leg_match.h"
#include "devices/leg.h"

static bool is_same(const struct leg_request *request, const struct leg *leg)
{
	return request->column == leg->column && !strcmp(request->backend, leg->backend) &&
	       !strcmp(request->address, leg->address) && request->port == leg->port &&
	       !strcmp(request->path, leg->path);
}

void leg_match(const struct connect_request *request, const struct device *device,
	       struct leg_match *match)
{
	memset(match, 0, sizeof(*match));
	for (size_t i = 0; i < request->nr_legs; i++) {
		match->lacks[request->legs[i].column]++;
		for (size_t k = 0; k < device->nr_legs && !match->there[i]; k++) {
			if (match->wanted[k] || !is_same(&request->legs[i], &device->legs[k]))
				continue;
			match->there[i] = true;
			match->wanted[k] = true;
			match->nr++;
		}
	}
	for (size_t k = 0; k < device->nr_legs; k++) {
		uint32_t column = device->legs[k].column;

		if (column < MAGE_LEGS_MAX && match->lacks[column])
			match->lacks[column]--;
	}
}

static bool set_is_wanted(const struct connect_request *request, const struct device *device)
{
	struct leg_match match;

	leg_match(request, device, &match);
	return device_has_legs(device) && match.nr &&
	       device_columns(device) == request->legs[request->nr_legs - 1].column + (size_t)1;
}

static bool store_is_wanted(const struct leg_request *store, const struct device *device)
{
	return !strcmp(device->backend, store->backend) &&
	       !strcmp(device->address, store->address) && device->port == store->port &&
	       !strcmp(device->path, store->path) && device->latency_ns == store->latency_ns &&
	       device->bandwidth == store->bandwidth &&
	       device->loss_timeout_ms == store->loss_timeout_ms;
}

bool device_is_wanted(const struct connect_request *request, const struct device *device)
{
	if (device->size != request->size || device->checksums != request->checksums)
		return false;
	return request->set ? set_is_wanted(request, device) :
			      store_is_wanted(&request->legs[0], device);
}
