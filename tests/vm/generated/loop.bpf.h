/* SPDX-License-Identifier: GPL-2.0-only */
/* How generated policies count: bounded loops, all of them. */
#ifndef GENERATED_LOOP_H
#define GENERATED_LOOP_H

#define generated_for(i, begin, end) mage_for (i, begin, end)

#endif
