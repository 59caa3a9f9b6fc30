// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: what goes wrong in emulated remote memory when a test asks for it.
 *
 * In debugfs under mage/dram/ there is a directory of fault attributes for each
 * (Documentation/fault-injection/fault-injection.rst says what "probability",
 * "interval", "times", "space" and "task-filter" are) and the file "faults":
 *
 *   1   they are in force, for all emulated devices
 *   0   nothing goes wrong; writing it lets go of what is held
 *
 * "held" says how many operations are.
 */
#include <linux/debugfs.h>
#include <linux/fault-inject.h>
#include <linux/spinlock.h>
#include "dram_faults.h"

/* An emulated device costs what it did as long as nobody asks for faults. */
DEFINE_STATIC_KEY_FALSE(mage_dram_faulty);

/* Unlike FAULT_ATTR_INITIALIZER: without end, and without a word for each. */
#define MAGE_DRAM_FAULT_ATTR {					\
	.interval = 1,						\
	.times = ATOMIC_INIT(-1),				\
	.require_end = ULONG_MAX,				\
	.ratelimit_state = RATELIMIT_STATE_INIT_DISABLED,	\
}

static struct {
	const char *name;
	struct fault_attr attr;
} mage_dram_faults[MAGE_DRAM_NR_FAULTS] = {
	[MAGE_DRAM_FAIL_READ] = { "fail_read", MAGE_DRAM_FAULT_ATTR },
	[MAGE_DRAM_FAIL_WRITE] = { "fail_write", MAGE_DRAM_FAULT_ATTR },
	[MAGE_DRAM_CUT_WRITE] = { "cut_write", MAGE_DRAM_FAULT_ATTR },
	[MAGE_DRAM_TEAR_WRITE] = { "tear_write", MAGE_DRAM_FAULT_ATTR },
	[MAGE_DRAM_DELAY_WRITE] = { "delay_write", MAGE_DRAM_FAULT_ATTR },
	[MAGE_DRAM_LOSE_WRITE] = { "lose_write", MAGE_DRAM_FAULT_ATTR },
	[MAGE_DRAM_FLIP_READ] = { "flip_read", MAGE_DRAM_FAULT_ATTR },
	[MAGE_DRAM_FLIP_SLOT] = { "flip_slot", MAGE_DRAM_FAULT_ATTR },
	[MAGE_DRAM_SWAP_SLOTS] = { "swap_slots", MAGE_DRAM_FAULT_ATTR },
	[MAGE_DRAM_HOLD_READ] = { "hold_read", MAGE_DRAM_FAULT_ATTR },
	[MAGE_DRAM_HOLD_WRITE] = { "hold_write", MAGE_DRAM_FAULT_ATTR },
};

/* Protects what follows. */
static DEFINE_SPINLOCK(mage_dram_held_lock);
static bool mage_dram_holds;
static LIST_HEAD(mage_dram_held);
static u32 mage_dram_nr_held;

bool __mage_dram_fails(enum mage_dram_fault what)
{
	return should_fail(&mage_dram_faults[what].attr, 1);
}

/**
 * mage_dram_hold() - hold an operation back until faults are switched off
 * @held: the operation
 *
 * Return: true if it is held; false if faults were switched off meanwhile, and
 * it ends as if it had never been to be held
 */
bool mage_dram_hold(struct mage_dram_held *held)
{
	bool holds;

	spin_lock(&mage_dram_held_lock);
	holds = mage_dram_holds;
	if (holds) {
		list_add_tail(&held->list, &mage_dram_held);
		WRITE_ONCE(mage_dram_nr_held, mage_dram_nr_held + 1);
	}
	spin_unlock(&mage_dram_held_lock);
	return holds;
}

static void mage_dram_release(void)
{
	struct mage_dram_held *held, *next;
	LIST_HEAD(released);

	spin_lock(&mage_dram_held_lock);
	mage_dram_holds = false;
	list_splice_init(&mage_dram_held, &released);
	WRITE_ONCE(mage_dram_nr_held, 0);
	spin_unlock(&mage_dram_held_lock);

	list_for_each_entry_safe(held, next, &released, list)
		held->release(held);
}

static int mage_dram_faults_get(void *data, u64 *value)
{
	*value = static_key_enabled(&mage_dram_faulty);
	return 0;
}

static int mage_dram_faults_set(void *data, u64 value)
{
	if (value) {
		spin_lock(&mage_dram_held_lock);
		mage_dram_holds = true;
		spin_unlock(&mage_dram_held_lock);
		static_branch_enable(&mage_dram_faulty);
	} else {
		/*
		 * First, as a CPU that is going offline may wait for what is held, and
		 * the other for that CPU.
		 */
		mage_dram_release();
		static_branch_disable(&mage_dram_faulty);
	}
	return 0;
}

DEFINE_DEBUGFS_ATTRIBUTE(mage_dram_faults_fops, mage_dram_faults_get, mage_dram_faults_set,
			 "%llu\n");

/**
 * mage_dram_faults_init() - make the files
 * @parent: the directory "mage" in debugfs
 */
void __init mage_dram_faults_init(struct dentry *parent)
{
	struct dentry *dir = debugfs_create_dir("dram", parent);
	unsigned int i;

	debugfs_create_file_unsafe("faults", 0600, dir, NULL, &mage_dram_faults_fops);
	debugfs_create_u32("held", 0400, dir, &mage_dram_nr_held);
	for (i = 0; i < MAGE_DRAM_NR_FAULTS; i++)
		fault_create_debugfs_attr(mage_dram_faults[i].name, dir, &mage_dram_faults[i].attr);
}
