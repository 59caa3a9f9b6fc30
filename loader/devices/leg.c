// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "devices/leg.h"

void store_text(const char *address, uint16_t port, const char *path, char *text, size_t size)
{
	bool v6 = strchr(address, ':');

	if (address[0])
		snprintf(text, size, "%s%s%s:%u", v6 ? "[" : "", address, v6 ? "]" : "", port);
	else
		snprintf(text, size, "%s", path[0] ? path : "-");
}

bool device_has_legs(const struct device *device)
{
	return !strcmp(device->backend, "set");
}

const struct leg *leg_find(const struct device *device, uint32_t number)
{
	for (size_t i = 0; i < device->nr_legs; i++) {
		if (device->legs[i].number == number)
			return &device->legs[i];
	}
	return NULL;
}

const struct leg *leg_newest(const struct device *device)
{
	const struct leg *newest = &device->legs[0];

	for (size_t i = 0; i < device->nr_legs; i++) {
		if (device->legs[i].number > newest->number)
			newest = &device->legs[i];
	}
	return newest;
}

size_t device_columns(const struct device *device)
{
	uint32_t last = 0;

	for (size_t i = 0; i < device->nr_legs; i++) {
		if (device->legs[i].column > last)
			last = device->legs[i].column;
	}
	return device->nr_legs ? (size_t)last + 1 : 0;
}

size_t column_legs(const struct device *device, uint32_t column)
{
	size_t nr = 0;

	for (size_t i = 0; i < device->nr_legs; i++)
		nr += device->legs[i].column == column && !leg_failed(&device->legs[i]);
	return nr;
}

bool leg_failed(const struct leg *leg)
{
	return !strcmp(leg->state, "failed");
}

bool leg_suspended(const struct leg *leg)
{
	return !strcmp(leg->state, "suspended");
}

bool leg_in_sync(const struct leg *leg)
{
	return !strcmp(leg->state, "in-sync") && !leg->stale;
}

double leg_percent(const struct leg *leg)
{
	double percent;

	if (!leg->stale)
		return 100;
	if (leg->stale >= leg->pages)
		return 0;
	percent = 100.0 * (double)(leg->pages - leg->stale) / (double)leg->pages;
	/* Rounding must not tell of all of it. */
	return percent > 99.9 ? 99.9 : percent;
}

void device_shape(const struct device *device, char *text, size_t size)
{
	size_t columns = device_columns(device);
	const char *what = device->nr_legs == columns ? "" : " mirrors";

	text[0] = '\0';
	if (columns == 1)
		snprintf(text, size, "mirror of %zu", device->nr_legs);
	else if (columns)
		snprintf(text, size, "stripe of %zu%s", columns, what);
}

/* The options that name a store like this one. */
static void store_options_text(const char *backend, char *text, size_t size)
{
	if (!strcmp(backend, "rdma"))
		snprintf(text, size, "--address HOST --secret-file FILE");
	else if (!strcmp(backend, "blk"))
		snprintf(text, size, "--path FILE");
	else
		snprintf(text, size, "--backend %s", backend);
}

void leg_replacement(const struct device *device, const struct leg *leg, char *text, size_t size)
{
	char options[64], where[STORE_LEN];

	store_options_text(leg->backend, options, sizeof(options));
	store_text(leg->address, leg->port, leg->path, where, sizeof(where));
	/* A node that was rebooted can take the place that it had; a disk is held by the leg. */
	if (leg->address[0])
		snprintf(text, size, "mage device replace %s %u --address %s --secret-file FILE",
			 device->name, leg->number, where);
	else
		snprintf(text, size, "mage device replace %s %u %s", device->name, leg->number,
			 options);
}

bool leg_trouble(const struct device *device, const struct leg *leg, char *text, size_t size,
		 char *todo, size_t todo_size)
{
	char where[STORE_LEN], command[128];

	if (leg_in_sync(leg))
		return false;
	store_text(leg->address, leg->port, leg->path, where, sizeof(where));
	if (leg_failed(leg)) {
		leg_replacement(device, leg, command, sizeof(command));
		snprintf(text, size, "leg %u (%s) failed %" PRIu64 " s ago: %s", leg->number, where,
			 leg->state_ms / 1000, leg->reason);
		snprintf(todo, todo_size, "replace it: %s", command);
	} else if (leg_suspended(leg)) {
		snprintf(text, size, "leg %u (%s) has not answered for %" PRIu64 " s: %s",
			 leg->number, where, leg->state_ms / 1000, leg->reason);
		snprintf(todo, todo_size,
			 "see that it can be reached; what it misses is then copied to it");
	} else {
		snprintf(text, size,
			 "leg %u (%s) is being filled: %.1f %%, %" PRIu64 " pages are left",
			 leg->number, where, leg_percent(leg), leg->stale);
		snprintf(todo, todo_size, "wait for it: mage device wait %s --in-sync",
			 device->name);
	}
	return true;
}

/* Of its legs, whatever their state. */
static size_t column_has(const struct device *device, uint32_t column)
{
	size_t nr = 0;

	for (size_t i = 0; i < device->nr_legs; i++)
		nr += device->legs[i].column == column;
	return nr;
}

/* A column of one leg: copies were wanted if another column has some, or if there is no other. */
static bool find_missing(const struct device *device, uint32_t *missing)
{
	size_t columns = device_columns(device);

	if (device->nr_legs == columns && device->nr_legs != 1)
		return false;
	for (*missing = 0; *missing < columns; ++*missing) {
		if (column_has(device, *missing) == 1)
			return true;
	}
	return false;
}

bool leg_missing(const struct device *device, char *text, size_t size, char *todo, size_t todo_size)
{
	char options[64];
	uint32_t column;

	if (!find_missing(device, &column))
		return false;
	store_options_text(device->legs[0].backend, options, sizeof(options));
	snprintf(text, size, "a leg of column %u is missing", column);
	snprintf(todo, todo_size, "add one: mage device add-leg %s %s", device->name, options);
	return true;
}

bool device_degraded(const struct device *device)
{
	uint32_t column;

	return device->degraded || find_missing(device, &column);
}
