/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SIM_MAPS_H
#define SIM_MAPS_H

/* Forgets all maps and what is in them. */
void maps_free(void);

#endif
