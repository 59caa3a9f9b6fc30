/* SPDX-License-Identifier: GPL-2.0-only */
/* What can be said of the legs of a far device.  Pure functions. */
#ifndef MAGE_DEVICES_LEG_H
#define MAGE_DEVICES_LEG_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel/state.h"

#define STORE_LEN (MAGE_PATH_LEN + 16)
#define LEG_LINE_LEN 640

/* "10.0.0.1:7471", "[fe80::1]:7471", the path, or "-": of a device that is one store, or a leg. */
void store_text(const char *address, uint16_t port, const char *path, char *text, size_t size);

/* One whose legs can come and go. */
bool device_has_legs(const struct device *device);

/* "mirror of 2", "stripe of 2", "stripe of 2 mirrors"; "" if it has no legs. */
void device_shape(const struct device *device, char *text, size_t size);

/* The one with that number, or NULL. */
const struct leg *leg_find(const struct device *device, uint32_t number);

/* The one that came last: no number is given twice. */
const struct leg *leg_newest(const struct device *device);

/* The columns that its pages are spread over: those that have legs. */
size_t device_columns(const struct device *device);

/* Legs of a column that have not failed. */
size_t column_legs(const struct device *device, uint32_t column);

bool leg_failed(const struct leg *leg);
bool leg_suspended(const struct leg *leg);

/* It has every page as it is now. */
bool leg_in_sync(const struct leg *leg);

/* How much of its column it has, in percent; 100 only if that is all. */
double leg_percent(const struct leg *leg);

/* The command that puts another one in its place, with words in capitals for what is to be chosen. */
void leg_replacement(const struct device *device, const struct leg *leg, char *text, size_t size);

/*
 * What is not as it should be: "leg 1 (10.0.0.2:7471) has failed 12 s ago: REASON", and what to do
 * about that.  False for a leg that is in sync.
 */
bool leg_trouble(const struct device *device, const struct leg *leg, char *text, size_t size,
		 char *todo, size_t todo_size);

/* A column has one leg only, though there were to be copies: in which column, and what to do. */
bool leg_missing(const struct device *device, char *text, size_t size, char *todo,
		 size_t todo_size);

/* Pages would be lost with one leg: by what the kernel says, or because one is missing. */
bool device_degraded(const struct device *device);

#endif
