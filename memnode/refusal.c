// SPDX-License-Identifier: GPL-2.0-only
#include "refusal.h"

#include <stddef.h>

#include <linux/mage_wire.h>

static const char *const names[REFUSAL_NR] = {
	[MAGE_WIRE_GARBAGE] = "garbage",
	[MAGE_WIRE_BAD_VERSION] = "bad_version",
	[MAGE_WIRE_BAD_SECRET] = "bad_secret",
	[MAGE_WIRE_BAD_SIZE] = "bad_size",
	[MAGE_WIRE_TOO_LARGE] = "too_large",
	[MAGE_WIRE_FULL] = "full",
	[MAGE_WIRE_TOO_MANY] = "too_many",
	[MAGE_WIRE_BAD_TOKEN] = "bad_token",
	[MAGE_WIRE_NO_MEMORY] = "no_memory",
	[MAGE_WIRE_STOPPING] = "stopping",
	[MAGE_WIRE_STALE] = "stale",
	[MAGE_WIRE_ELSEWHERE] = "elsewhere",
	[REFUSAL_TOO_FAST] = "too_fast",
	[REFUSAL_SOURCE_FULL] = "source_full",
	[REFUSAL_UNPROVEN_FULL] = "unproven_full",
	[REFUSAL_DISPLACED] = "displaced",
	[REFUSAL_QUOTA] = "quota",
	[REFUSAL_SILENT] = "silent",
	[REFUSAL_BROKEN_OFF] = "broken_off",
};

const char *refusal_name(unsigned int cause)
{
	return cause < REFUSAL_NR ? names[cause] : NULL;
}
