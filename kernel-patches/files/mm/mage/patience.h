/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: how long a thread may wait for others that free pages.
 */
#ifndef _MM_MAGE_PATIENCE_H
#define _MM_MAGE_PATIENCE_H

#include <linux/gfp_types.h>

/**
 * enum mage_patience - how long a thread waits
 * @MAGE_WAIT_NOT: not at all
 * @MAGE_WAIT_ONCE: for one slice
 * @MAGE_WAIT_SHORT: for one slice, then it evicts for itself; but if it is the far store
 *	that keeps all waiting, as it would then this thread, too, as the next
 * @MAGE_WAIT_LONG: until the evictors are given up
 */
enum mage_patience {
	MAGE_WAIT_NOT,
	MAGE_WAIT_ONCE,
	MAGE_WAIT_SHORT,
	MAGE_WAIT_LONG,
};

enum mage_patience mage_patience(gfp_t gfp_mask);

#endif /* _MM_MAGE_PATIENCE_H */
