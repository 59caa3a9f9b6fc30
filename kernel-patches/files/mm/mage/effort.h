/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: what a policy does for the CPU time that it uses.
 */
#ifndef _MM_MAGE_EFFORT_H
#define _MM_MAGE_EFFORT_H

#include <linux/jiffies.h>
#include <linux/time64.h>
#include <linux/types.h>

struct mage_domain;
struct mage_ops;

/*
 * A second of CPU time is enough to look at so many pages a thousand times over.  Who
 * takes longer than this for it leaves an evictor nine tenths of its time.
 */
#define MAGE_EFFORT_NS		NSEC_PER_SEC
#define MAGE_EFFORT_LEAST	4096
#define MAGE_EFFORT_WITHIN	(10 * HZ)

void mage_effort_spent(struct mage_domain *domain, struct mage_ops *policy,
		       const char *callback, u64 ns, unsigned long work);
void mage_effort_forget(struct mage_domain *domain);

#endif /* _MM_MAGE_EFFORT_H */
