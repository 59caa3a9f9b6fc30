/* SPDX-License-Identifier: GPL-2.0-only */
/* One far store, a device of its own or a leg of one, as somebody wrote it. */
#ifndef MAGE_CONFIGURATION_STORE_OPTIONS_H
#define MAGE_CONFIGURATION_STORE_OPTIONS_H

#include "configuration/written.h"
#include "kernel/state.h"

/* The option by which stores of this backend are given. */
const char *stores_word(const struct device_options *options);

/* How many are written, from 1 to MAGE_LEGS_MAX, and whether there is such a backend. */
enum rc stores_count(const struct device_options *options, size_t *nr);

/*
 * The one with this number, from 0 on, to a zeroed *store; its column is not touched.  *room is
 * how many bytes it has, UINT64_MAX if that is not known here.  Reports a failure.  The secret
 * is to be wiped after use.
 */
enum rc store_options_read(const struct device_options *options, int nth, struct leg_request *store,
			   uint64_t *room);

#endif
