// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "devices/leg.h"
#include "devices/leg_render.h"

static void leg_row(FILE *out, const struct device *device, const struct leg *leg)
{
	char where[STORE_LEN];

	store_text(leg->address, leg->port, leg->path, where, sizeof(where));
	fprintf(out,
		"%-8s %3u %3u %-7s %-10s %6.1f %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64
		" %7" PRIu64 " %6" PRIu64 "  %s\n",
		device->name, leg->number, leg->column, leg->backend, leg->state, leg_percent(leg),
		leg->stale, leg->copied, leg->reads, leg->writes,
		leg->read_errors + leg->write_errors, leg->mismatches, where);
}

static void device_lines(FILE *out, const struct device *device)
{
	char line[LEG_LINE_LEN], todo[LEG_LINE_LEN];

	for (size_t i = 0; i < device->nr_legs; i++) {
		if (leg_trouble(device, &device->legs[i], line, sizeof(line), todo, sizeof(todo)))
			fprintf(out, "%s is degraded: %s; %s\n", device->name, line, todo);
	}
	if (leg_missing(device, line, sizeof(line), todo, sizeof(todo)))
		fprintf(out, "%s is degraded: %s; %s\n", device->name, line, todo);
}

void legs_table(FILE *out, const struct device *devices, size_t nr)
{
	bool begun = false;

	for (size_t i = 0; i < nr; i++) {
		for (size_t k = 0; k < devices[i].nr_legs; k++) {
			if (!begun)
				fprintf(out,
					"\n%-8s %3s %3s %-7s %-10s %6s %10s %10s %10s %10s %7s %6s  %s\n",
					"DEVICE", "LEG", "COL", "BACKEND", "STATE", "SYNC_%",
					"STALE", "COPIED", "READS", "WRITES", "ERRORS", "WRONG",
					"ADDRESS");
			begun = true;
			leg_row(out, &devices[i], &devices[i].legs[k]);
		}
	}
	for (size_t i = 0; i < nr; i++)
		device_lines(out, &devices[i]);
}

static void leg_json(struct json *json, const struct leg *leg)
{
	json_open_object(json, NULL);
	json_u64(json, "number", leg->number);
	json_u64(json, "column", leg->column);
	json_string(json, "backend", leg->backend);
	json_string(json, "state", leg->state);
	json_string(json, "reason", leg->reason[0] ? leg->reason : NULL);
	json_double(json, "in_sync_percent", leg_percent(leg));
	json_string(json, "address", leg->address[0] ? leg->address : NULL);
	if (leg->address[0]) {
		json_u64(json, "port", leg->port);
		json_u64(json, "loss_timeout_ms", leg->loss_timeout_ms);
	} else {
		json_null(json, "port");
		json_null(json, "loss_timeout_ms");
	}
	json_string(json, "path", leg->path[0] ? leg->path : NULL);
	for (size_t i = 0; i < nr_leg_fields; i++)
		json_u64(json, leg_fields[i].json_name, u64_field_value(leg, &leg_fields[i]));
	json_close_object(json);
}

void legs_json(struct json *json, const struct device *device)
{
	json_open_array(json, "legs");
	for (size_t i = 0; i < device->nr_legs; i++)
		leg_json(json, &device->legs[i]);
	json_close_array(json);
}
