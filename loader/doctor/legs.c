// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "devices/disk.h"
#include "devices/leg.h"
#include "doctor/legs.h"

static const char area[] = "device";

static void look_at_state(struct findings *findings, const struct device *device,
			  const struct leg *leg)
{
	bool wrong = leg_failed(leg) || leg_suspended(leg);
	char text[LEG_LINE_LEN], todo[LEG_LINE_LEN];

	if (leg_trouble(device, leg, text, sizeof(text), todo, sizeof(todo)))
		finding_add(findings, area, device->name, wrong ? VERDICT_WRONG : VERDICT_NOTE,
			    todo, "%s is degraded: %s", device->name, text);
}

/* What was wrong once is so again. */
static void look_at_mismatches(struct findings *findings, const struct device *device,
			       const struct leg *leg)
{
	char todo[LEG_LINE_LEN];

	if (!leg->mismatches)
		return;
	leg_replacement(device, leg, todo, sizeof(todo));
	finding_add(findings, area, device->name, VERDICT_WRONG, todo,
		    "leg %u of %s has had %llu reads of pages that were not what was written",
		    leg->number, device->name, (unsigned long long)leg->mismatches);
}

static bool same_disk(const char *sys, const struct leg *one, const struct leg *other, char *disk)
{
	struct stat first, second;

	return one->path[0] && other->path[0] && !stat(one->path, &first) &&
	       !stat(other->path, &second) && disks_meet(sys, first.st_rdev, second.st_rdev, disk);
}

/* Two copies that go at once are one. */
static void look_at_pair(struct findings *findings, const char *sys, const struct device *device,
			 const struct leg *one, const struct leg *other)
{
	char disk[DISK_NAME_LEN];

	if (one->address[0] && !strcmp(one->address, other->address))
		finding_add(
			findings, area, device->name, VERDICT_NOTE, "have them on two machines",
			"legs %u and %u of %s are on the same memory node, %s: both are gone if "
			"it fails",
			one->number, other->number, device->name, one->address);
	else if (same_disk(sys, one, other, disk))
		finding_add(findings, area, device->name, VERDICT_NOTE, "have them on two disks",
			    "legs %u and %u of %s are on the same disk, %s: both are gone if it "
			    "fails",
			    one->number, other->number, device->name, disk);
}

void doctor_legs(struct findings *findings, const char *sys, const struct device *device)
{
	char text[LEG_LINE_LEN], todo[LEG_LINE_LEN];
	size_t in_sync = 0;

	for (size_t i = 0; i < device->nr_legs; i++) {
		const struct leg *leg = &device->legs[i];

		in_sync += leg_in_sync(leg);
		look_at_state(findings, device, leg);
		look_at_mismatches(findings, device, leg);
		for (size_t k = i + 1; k < device->nr_legs; k++) {
			if (device->legs[k].column == leg->column)
				look_at_pair(findings, sys, device, leg, &device->legs[k]);
		}
	}
	if (leg_missing(device, text, sizeof(text), todo, sizeof(todo)))
		finding_add(findings, area, device->name, VERDICT_WRONG, todo, "%s is degraded: %s",
			    device->name, text);
	else if (in_sync && in_sync == device->nr_legs)
		finding_add(findings, area, device->name, VERDICT_OK, NULL,
			    "all %zu legs of %s are in sync", in_sync, device->name);
}
