/* SPDX-License-Identifier: GPL-2.0-only */
/* How the legs of a far device stand to one another: copies, and columns that pages are spread
 * over. */
#ifndef MAGE_CONFIGURATION_LEG_SHAPE_H
#define MAGE_CONFIGURATION_LEG_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "configuration/written.h"

struct leg_shape {
	size_t nr; /* of legs: those with numbers from 0 to copies - 1 are column 0, and so on */
	size_t copies; /* of each page */
	bool set; /* false: one store, which is no leg */
};

/* From what is written; ->nr is there.  Reports what does not go together. */
enum rc leg_shape_read(const struct device_options *options, struct leg_shape *shape);

/* The bytes that a leg of a column gets of a device with @size bytes. */
uint64_t leg_shape_share(const struct leg_shape *shape, size_t column, uint64_t size,
			 uint64_t page_size);

/* The most bytes of a device whose legs have @room bytes each. */
uint64_t leg_shape_size(const struct leg_shape *shape, uint64_t room, uint64_t page_size);

#endif
