/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the "blk" backend.
 */
#ifndef _MM_MAGE_BLK_H
#define _MM_MAGE_BLK_H

#include <linux/init.h>

#ifdef CONFIG_MAGE_BLK
int mage_blk_init(void);
#else
static inline int __init mage_blk_init(void)
{
	return 0;
}
#endif

#endif /* _MM_MAGE_BLK_H */
