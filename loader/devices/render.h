/* SPDX-License-Identifier: GPL-2.0-only */
/* Far devices as a table and as JSON. */
#ifndef MAGE_DEVICES_RENDER_H
#define MAGE_DEVICES_RENDER_H

#include <stdio.h>

#include "common/json.h"
#include "kernel/state.h"

void devices_table(FILE *out, const struct device *devices, size_t nr);

/* The array "devices" inside an object, and a document that has nothing else. */
void devices_json(struct json *json, const struct device *devices, size_t nr);
void devices_json_document(FILE *out, const struct device *devices, size_t nr);

#endif
