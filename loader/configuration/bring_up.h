/* SPDX-License-Identifier: GPL-2.0-only */
/* What a configuration file asks for, all of it or nothing. */
#ifndef MAGE_CONFIGURATION_BRING_UP_H
#define MAGE_CONFIGURATION_BRING_UP_H

#include "configuration/setup.h"

/*
 * Each reports a failure.  The first only checks what can be known before anything is changed,
 * the second does that as well.  It says what it changes, and if it fails what it takes back; the
 * signals that end a program wait from then on.
 */
enum rc setup_check(const struct setup *setup);
enum rc setup_bring_up(const struct setup *setup);

#endif
