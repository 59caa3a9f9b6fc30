/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the "dram" backend.
 */
#ifndef _MM_MAGE_DRAM_H
#define _MM_MAGE_DRAM_H

int mage_dram_init(void);

#endif /* _MM_MAGE_DRAM_H */
