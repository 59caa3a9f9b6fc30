/* SPDX-License-Identifier: GPL-2.0-only */
/* Samples in Prometheus' text format, version 0.0.4: what a server scrapes. */
#ifndef MAGE_DOMAINS_METRICS_H
#define MAGE_DOMAINS_METRICS_H

#include <stdio.h>

#include "domains/sample.h"

/*
 * All of @sample, with @version as that of the program. The names are an interface: mage(8) lists
 * them. Units are seconds and bytes; what is unknown or has no limit is left out.
 */
void metrics_write(FILE *out, const struct sample *sample, const char *version);

#endif
