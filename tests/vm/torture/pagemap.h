/* SPDX-License-Identifier: GPL-2.0-only */
/* /proc/self/pagemap for pages of the region. */
#ifndef TORTURE_PAGEMAP_H
#define TORTURE_PAGEMAP_H

#include <stdint.h>

/* Of a page that is not present: its swap device, or a larger number for a migration. */
#define PAGEMAP_TYPE_MASK 0x1full
#define SWAP_DEVICES 16u

#define PAGEMAP_SOFT_DIRTY (1ull << 55)
#define PAGEMAP_SWAPPED (1ull << 62)
#define PAGEMAP_PRESENT (1ull << 63)

uint64_t pagemap_read(uint32_t index);

#endif
