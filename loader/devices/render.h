/* SPDX-License-Identifier: GPL-2.0-only */
/* Far devices as a table and as JSON. */
#ifndef MAGE_DEVICES_RENDER_H
#define MAGE_DEVICES_RENDER_H

#include <stdbool.h>
#include <stdio.h>

#include "common/json.h"
#include "kernel/state.h"

#define DEVICE_STATE_LEN 512

/* "mage0 suspended for 3 s: REASON"; false if it is connected, and there is nothing to say. */
bool device_state_text(const struct device *device, char *text, size_t size);

/* With a line below it for each that is not connected; and the legs that there are. */
void devices_table(FILE *out, const struct device *devices, size_t nr);

/* The array "devices" inside an object, and a document that has nothing else. */
void devices_json(struct json *json, const struct device *devices, size_t nr);
void devices_json_document(FILE *out, const struct device *devices, size_t nr);

#endif
