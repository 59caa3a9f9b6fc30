// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <sys/stat.h>

#include "devices/disk.h"
#include "doctor/disk.h"

static const char area[] = "device";

/* The block device that a swap area is, or that the file is on. */
static bool swap_number(const char *path, dev_t *number)
{
	struct stat st;

	if (stat(path, &st))
		return false;
	*number = S_ISBLK(st.st_mode) ? st.st_rdev : st.st_dev;
	return true;
}

/* The first swap area that has a disk in common with a device. */
static const char *find_swap(const struct swap_areas *swaps, const char *sys, dev_t number,
			     char *disk)
{
	for (size_t i = 0; i < swaps->nr; i++) {
		const char *path = swaps->area[i].path;
		dev_t other;

		if (strncmp(path, "/dev/mage", 9) != 0 && swap_number(path, &other) &&
		    disks_meet(sys, number, other, disk))
			return path;
	}
	return NULL;
}

static void look_at_path(struct findings *findings, const char *sys, const struct swap_areas *swaps,
			 const struct device *device, const char *path)
{
	char disk[DISK_NAME_LEN], model[DISK_MODEL_LEN];
	const char *swap;
	dev_t number;

	if (!path[0] || !swap_number(path, &number))
		return;
	disk_model(sys, path, model, sizeof(model));
	finding_add(findings, area, device->name, VERDICT_OK, NULL, "%s stands on %s%s%s%s",
		    device->name, path, model[0] ? " (" : "", model, model[0] ? ")" : "");
	swap = find_swap(swaps, sys, number, disk);
	if (swap)
		finding_add(findings, area, device->name, VERDICT_NOTE,
			    "have the two on different disks",
			    "%s and the swap area %s are on the same disk, %s: each slows the "
			    "other down, and both are gone if it fails",
			    device->name, swap, disk);
}

void doctor_disk(struct findings *findings, const char *sys, const struct swap_areas *swaps,
		 const struct device *device)
{
	look_at_path(findings, sys, swaps, device, device->path);
	for (size_t i = 0; i < device->nr_legs; i++)
		look_at_path(findings, sys, swaps, device, device->legs[i].path);
}
