// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the switch of the boot, and those for measurements, in debugfs under mage/.
 *
 * Booted with mage=off there are no frames, no threads and no interfaces.
 *
 * Each of the others takes effect at once, for the next page or batch.  They are
 * there to tell what each part of the pipeline is worth, not to be tuned.
 *
 *   async_shootdown   Y: shootdowns are not waited for; N: the evictor waits
 *   one_shootdown     Y: a batch needs no second one, on processors that allow
 *                     it; N: it has two everywhere
 *   mapped_writeback  Y: pages stay mapped while they are written; N: victims
 *                     go the stock way, unmapped first, by the swap cache
 *   keep_clean        Y: a page that is read in keeps its far copy; N: it
 *                     is written again whenever it is evicted
 *   flights           Y: pages that a policy has prefetched are read in flights; N: by
 *                     works, which fault on them
 *   pool              Y: faults get pages that evictors have emptied, still charged; N: all are
 *                     freed, allocated and charged anew
 *   flight_ms         milliseconds that a page in flight waits for being touched
 *   depth             batches in flight an evictor; 0: what the policy says
 *   batch             victims a batch; 0: what the policy says
 *   shards            parts that a domain's lists have; 0: one a CPU
 *
 * And three are limits:
 *
 *   resync_mib        MiB a second that are copied to legs of a set, at most; 0: no limit
 *   leg_ms            milliseconds that a leg of a set has to answer where others would, before
 *                     it is left out; 0: all the time.  See set_stall.c
 *   callback_ms       milliseconds of CPU time that a call of a policy's callback may use,
 *                     100 to 1000; under a page table lock it is a tenth of that, with
 *                     interrupts off a twentieth
 */
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/kstrtox.h>
#include <linux/mage.h>
#include "knobs.h"

DEFINE_STATIC_KEY_FALSE(mage_active);
bool mage_enabled __ro_after_init = true;

static int __init mage_setup(char *value)
{
	return kstrtobool(value, &mage_enabled);
}
early_param("mage", mage_setup);

struct mage_knobs mage_knobs = {
	.async_shootdown = true,
	.one_shootdown = true,
	.mapped_writeback = true,
	.keep_clean = true,
	.flights = true,
	.pool = true,
	.flight_ms = 100,
	.resync_mib = 256,
	.leg_ms = 3000,
	.callback_ms = MAGE_CALLBACK_MS_MOST,
};

struct dentry *mage_debugfs;

static int callback_ms_get(void *data, u64 *value)
{
	*value = READ_ONCE(mage_knobs.callback_ms);
	return 0;
}

static int callback_ms_set(void *data, u64 value)
{
	if (value < MAGE_CALLBACK_MS_LEAST || value > MAGE_CALLBACK_MS_MOST)
		return -EINVAL;
	WRITE_ONCE(mage_knobs.callback_ms, value);
	return 0;
}

DEFINE_DEBUGFS_ATTRIBUTE(callback_ms_fops, callback_ms_get, callback_ms_set, "%llu\n");

void __init mage_knobs_init(void)
{
	struct dentry *dir = debugfs_create_dir("mage", NULL);

	mage_debugfs = dir;
	debugfs_create_bool("async_shootdown", 0644, dir, &mage_knobs.async_shootdown);
	debugfs_create_bool("one_shootdown", 0644, dir, &mage_knobs.one_shootdown);
	debugfs_create_bool("mapped_writeback", 0644, dir, &mage_knobs.mapped_writeback);
	debugfs_create_bool("keep_clean", 0644, dir, &mage_knobs.keep_clean);
	debugfs_create_bool("flights", 0644, dir, &mage_knobs.flights);
	debugfs_create_bool("pool", 0644, dir, &mage_knobs.pool);
	debugfs_create_u32("flight_ms", 0644, dir, &mage_knobs.flight_ms);
	debugfs_create_u32("depth", 0644, dir, &mage_knobs.depth);
	debugfs_create_u32("batch", 0644, dir, &mage_knobs.batch);
	debugfs_create_u32("shards", 0644, dir, &mage_knobs.shards);
	debugfs_create_u32("resync_mib", 0644, dir, &mage_knobs.resync_mib);
	debugfs_create_u32("leg_ms", 0644, dir, &mage_knobs.leg_ms);
	debugfs_create_file("callback_ms", 0644, dir, NULL, &callback_ms_fops);
}
