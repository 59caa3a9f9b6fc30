/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: what goes wrong in emulated remote memory when a test asks for it.
 */
#ifndef _MM_MAGE_DRAM_FAULTS_H
#define _MM_MAGE_DRAM_FAULTS_H

#include <linux/jump_label.h>
#include <linux/list.h>
#include <linux/types.h>

/**
 * enum mage_dram_fault - what can go wrong
 * @MAGE_DRAM_FAIL_READ: a page is not read, and what is in it is rubbish
 * @MAGE_DRAM_FAIL_WRITE: a page is not written, and what is in the slot is rubbish
 * @MAGE_DRAM_CUT_WRITE: the store takes the first pages of a batch only, and
 *	keeps in the other slots what they held
 * @MAGE_DRAM_TEAR_WRITE: half of each page of a batch is fetched when the write
 *	begins, the rest when it ends
 * @MAGE_DRAM_DELAY_WRITE: a batch is overtaken by others
 * @MAGE_DRAM_LOSE_WRITE: a page is acknowledged, and its slot keeps what it held
 * @MAGE_DRAM_FLIP_READ: a page arrives with a bit flipped; its slot is as it was
 * @MAGE_DRAM_FLIP_SLOT: a bit flips in the slot of a page that is acknowledged
 * @MAGE_DRAM_SWAP_SLOTS: the first and the last slot of a batch that is acknowledged
 *	have each other's page
 * @MAGE_DRAM_HOLD_READ: a page is read when faults are switched off, no sooner
 * @MAGE_DRAM_HOLD_WRITE: a batch is acknowledged then
 * @MAGE_DRAM_NR_FAULTS: how many there are
 */
enum mage_dram_fault {
	MAGE_DRAM_FAIL_READ,
	MAGE_DRAM_FAIL_WRITE,
	MAGE_DRAM_CUT_WRITE,
	MAGE_DRAM_TEAR_WRITE,
	MAGE_DRAM_DELAY_WRITE,
	MAGE_DRAM_LOSE_WRITE,
	MAGE_DRAM_FLIP_READ,
	MAGE_DRAM_FLIP_SLOT,
	MAGE_DRAM_SWAP_SLOTS,
	MAGE_DRAM_HOLD_READ,
	MAGE_DRAM_HOLD_WRITE,
	MAGE_DRAM_NR_FAULTS,
};

/**
 * struct mage_dram_held - an operation that is held back
 * @list: among the others
 * @release: called once when it may end, in a context that may sleep; @held may
 *	be gone when it returns
 */
struct mage_dram_held {
	struct list_head list;
	void (*release)(struct mage_dram_held *held);
};

struct dentry;

#ifdef CONFIG_FAULT_INJECTION_DEBUG_FS

DECLARE_STATIC_KEY_FALSE(mage_dram_faulty);

bool __mage_dram_fails(enum mage_dram_fault what);
bool mage_dram_hold(struct mage_dram_held *held);
void mage_dram_faults_init(struct dentry *parent);

/**
 * mage_dram_is_faulty() - whether anything may go wrong
 *
 * Any context.
 */
static inline bool mage_dram_is_faulty(void)
{
	return static_branch_unlikely(&mage_dram_faulty);
}

/**
 * mage_dram_fails() - whether this is to go wrong now
 * @what: what
 *
 * Any context.
 */
static inline bool mage_dram_fails(enum mage_dram_fault what)
{
	return mage_dram_is_faulty() && __mage_dram_fails(what);
}

#else

static inline bool mage_dram_is_faulty(void)
{
	return false;
}

static inline bool mage_dram_fails(enum mage_dram_fault what)
{
	return false;
}

static inline bool mage_dram_hold(struct mage_dram_held *held)
{
	return false;
}

static inline void mage_dram_faults_init(struct dentry *parent) {}

#endif

#endif /* _MM_MAGE_DRAM_FAULTS_H */
