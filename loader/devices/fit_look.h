/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether the pages on far devices that are to go fit elsewhere: as things are now. */
#ifndef MAGE_DEVICES_FIT_LOOK_H
#define MAGE_DEVICES_FIT_LOOK_H

#include <stddef.h>
#include <stdint.h>

#include "devices/fit_scene.h"
#include "kernel/genl.h"

/* Of @nr far devices, by index.  0 or a negative errno. */
int fit_look(struct genl *genl, const uint32_t *indexes, size_t nr, struct fit_report *report);

/* The same as an error of @what if it does not fit, or if that cannot be said; @on may be NULL. */
enum rc fit_check(const char *what, const char *on, struct genl *genl, const uint32_t *indexes,
		  size_t nr);

#endif
