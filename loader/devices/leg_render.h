/* SPDX-License-Identifier: GPL-2.0-only */
/* The legs of far devices as a table and as JSON. */
#ifndef MAGE_DEVICES_LEG_RENDER_H
#define MAGE_DEVICES_LEG_RENDER_H

#include <stdio.h>

#include "common/json.h"
#include "kernel/state.h"

/* Of all devices that have legs, with a line below it for each that is not in sync; or nothing. */
void legs_table(FILE *out, const struct device *devices, size_t nr);

/* The array "legs" inside an object. */
void legs_json(struct json *json, const struct device *device);

#endif
