/* SPDX-License-Identifier: GPL-2.0-only */
/* The far device that somebody names. */
#ifndef MAGE_DEVICES_NAMED_H
#define MAGE_DEVICES_NAMED_H

#include "kernel/genl.h"

/* From "mage0" or "/dev/mage0"; reports what is no such name. */
enum rc device_number(const char *what, const char *typed, uint32_t *index);

/* The one with that number; @typed is its name for messages.  Reports if there is none. */
enum rc device_find(const char *what, const char *typed, struct genl *genl, uint32_t index,
		    struct device *found);

/* Reports that it is one store, and has no legs to do something with. */
enum rc device_without_legs(const char *what, const char *typed);

#endif
