/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the switch of the boot, and those for measurements.
 */
#ifndef _MM_MAGE_KNOBS_H
#define _MM_MAGE_KNOBS_H

#include <linux/types.h>

struct dentry;

extern bool mage_enabled;

/* The directory "mage" in debugfs. */
extern struct dentry *mage_debugfs;

/*
 * What a callback may use: the most is what others can be made to wait, the least is far
 * more than the tick of the clock that it is measured by, even a tenth of it.
 */
#define MAGE_CALLBACK_MS_LEAST	100
#define MAGE_CALLBACK_MS_MOST	1000

/**
 * struct mage_knobs - switches for measurements, see knobs.c
 * @depth: batches in flight, 0 for what the policy says
 * @batch: victims a batch, 0 for what the policy says
 * @shards: parts of a domain's lists on each node, 0 for one a CPU
 * @callback_ms: milliseconds of CPU time that a call of a callback may use
 * @flight_ms: milliseconds that a page in flight waits for being touched
 * @resync_mib: MiB a second that are copied to legs of a set, 0 for no limit
 * @leg_ms: milliseconds that a leg of a set has to answer, 0 for all the time
 * @async_shootdown: do not wait for shootdowns
 * @one_shootdown: do without the second one where the processor allows it
 * @mapped_writeback: keep pages mapped while they are written
 * @keep_clean: let a page that is read in keep its far copy
 * @flights: read what a policy has prefetched in flights
 * @pool: let pages go from evictors to faults without the allocator
 */
struct mage_knobs {
	u32 depth;
	u32 batch;
	u32 shards;
	u32 callback_ms;
	u32 flight_ms;
	u32 resync_mib;
	u32 leg_ms;
	bool async_shootdown;
	bool one_shootdown;
	bool mapped_writeback;
	bool keep_clean;
	bool flights;
	bool pool;
};

extern struct mage_knobs mage_knobs;

void mage_knobs_init(void);

#endif /* _MM_MAGE_KNOBS_H */
