/* SPDX-License-Identifier: GPL-2.0-only */
/* What the commands "mage trace ..." have in common: the cgroup, and the end that is asked for. */
#ifndef MAGE_TRACING_REQUEST_H
#define MAGE_TRACING_REQUEST_H

#include <signal.h>
#include <stdint.h>

#include "base/exit_codes.h"

/* A signal has asked for the end; trace_catch_signals() lets it. */
extern volatile sig_atomic_t trace_ended;
void trace_catch_signals(void);

/* Is there Mage, and is the cgroup a domain? @typed may be NULL, for all of them; then *id is 0. */
enum rc trace_find_domain(const char *what, const char *typed, uint64_t *id);

/* On behalf of @what: seconds, or a number from 1 to @max, as the option @name has them. */
enum rc trace_read_seconds(const char *what, const char *name, const char *typed, double *seconds);
enum rc trace_read_number(const char *what, const char *name, const char *typed, uint64_t max,
			  uint64_t *number);

/* Seconds of a clock that nobody sets. */
double trace_clock(void);

#endif
