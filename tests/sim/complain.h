/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SIM_COMPLAIN_H
#define SIM_COMPLAIN_H

#include <stdbool.h>

/* One line on standard error, "mage-sim: ...".  Returns false. */
bool complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
