// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "devices/target.h"

/* A device in use with fewer free slots than a batch has victims is full. */
#define A_BATCH 64

enum target device_target(const struct device *device)
{
	if (!strcmp(device->state, "failed"))
		return TARGET_FAILED;
	if (!strcmp(device->state, "suspended"))
		return TARGET_SUSPENDED;
	if (!device->swap)
		return TARGET_NO_SWAP;
	if (device->slots_used && device->slots_used + A_BATCH > device->slots)
		return TARGET_FULL;
	return TARGET_FINE;
}

static const char *const states[] = {
	[TARGET_FINE] = "can be evicted to", [TARGET_NO_SWAP] = "is not active as swap",
	[TARGET_FULL] = "is full",	     [TARGET_SUSPENDED] = "is suspended",
	[TARGET_FAILED] = "has failed",
};

static const char *const todos[] = {
	[TARGET_FINE] = "",
	[TARGET_NO_SWAP] = "activate it with mkswap and swapon",
	[TARGET_FULL] = "connect another one",
	[TARGET_SUSPENDED] = "wait for it to come back, or see that its memory node can be reached",
	[TARGET_FAILED] = "see that its memory node runs, disconnect it, and connect it again",
};

enum rc targets_check(const char *what, const char *on, const struct device *devices, size_t nr)
{
	char list[256] = "", todo[192];
	enum target target = TARGET_FINE;
	size_t used = 0;

	for (size_t i = 0; i < nr; i++) {
		target = device_target(&devices[i]);
		if (target == TARGET_FINE)
			return RC_OK;
		if (used < sizeof(list))
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s %s",
						 used ? ", " : "", devices[i].name, states[target]);
	}
	if (!nr)
		return report(RC_FAILED, what, on,
			      "make one with 'mage device connect --swapon', or add --force",
			      "there is no far device to evict to");
	/* With several of them, the last that was met is as good as any. */
	snprintf(todo, sizeof(todo), "%s, or add --force", todos[target]);
	return report(RC_FAILED, what, on, todo, "there is no far device to evict to: %s", list);
}
