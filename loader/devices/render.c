// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "devices/leg.h"
#include "devices/leg_render.h"
#include "devices/render.h"

/* Of one that has legs, how they stand to one another. */
static void address_text(const struct device *device, char *text, size_t size)
{
	if (device_has_legs(device))
		device_shape(device, text, size);
	else
		store_text(device->address, device->port, device->path, text, size);
}

bool device_state_text(const struct device *device, char *text, size_t size)
{
	if (!device->reason[0])
		return false;
	snprintf(text, size, "%s %s for %" PRIu64 " s: %s", device->name, device->state,
		 device->state_ms / 1000, device->reason);
	return true;
}

void devices_table(FILE *out, const struct device *devices, size_t nr)
{
	if (!nr) {
		fputs("No far device; 'mage device connect' makes one.\n", out);
		return;
	}
	fprintf(out, "%-8s %-7s %-10s %9s %10s %10s %4s %10s %10s %7s %4s  %s\n", "DEVICE",
		"BACKEND", "STATE", "SIZE_MiB", "SLOTS", "USED", "SWAP", "READS", "WRITES",
		"ERRORS", "SUMS", "ADDRESS");
	for (size_t i = 0; i < nr; i++) {
		const struct device *d = &devices[i];
		char address[STORE_LEN];

		address_text(d, address, sizeof(address));
		fprintf(out,
			"%-8s %-7s %-10s %9" PRIu64 " %10" PRIu64 " %10" PRIu64 " %4s %10" PRIu64
			" %10" PRIu64 " %7" PRIu64 " %4s  %s\n",
			d->name, d->backend, d->state, d->size >> 20, d->slots, d->slots_used,
			d->swap ? "yes" : "no", d->reads, d->writes,
			d->read_errors + d->write_errors, d->checksums ? "yes" : "no", address);
	}
	for (size_t i = 0; i < nr; i++) {
		char line[DEVICE_STATE_LEN];

		if (device_state_text(&devices[i], line, sizeof(line)))
			fprintf(out, "%s\n", line);
	}
	legs_table(out, devices, nr);
}

static void device_json(struct json *json, const struct device *device)
{
	json_open_object(json, NULL);
	json_string(json, "name", device->name);
	json_u64(json, "index", device->index);
	json_string(json, "backend", device->backend);
	json_string(json, "state", device->state);
	json_string(json, "reason", device->reason[0] ? device->reason : NULL);
	json_string(json, "address", device->address[0] ? device->address : NULL);
	if (device->address[0])
		json_u64(json, "port", device->port);
	else
		json_null(json, "port");
	json_string(json, "path", device->path[0] ? device->path : NULL);
	json_bool(json, "swap", device->swap);
	json_bool(json, "checksums", device->checksums);
	json_bool(json, "degraded", device_degraded(device));
	if (device->address[0])
		json_u64(json, "loss_timeout_ms", device->loss_timeout_ms);
	else
		json_null(json, "loss_timeout_ms");
	for (size_t i = 0; i < nr_device_fields; i++)
		json_u64(json, device_fields[i].json_name,
			 u64_field_value(device, &device_fields[i]));
	legs_json(json, device);
	json_close_object(json);
}

void devices_json(struct json *json, const struct device *devices, size_t nr)
{
	json_open_array(json, "devices");
	for (size_t i = 0; i < nr; i++)
		device_json(json, &devices[i]);
	json_close_array(json);
}

void devices_json_document(FILE *out, const struct device *devices, size_t nr)
{
	struct json json;

	json_start(&json, out);
	json_open_object(&json, NULL);
	devices_json(&json, devices, nr);
	json_close_object(&json);
	json_end(&json);
}
