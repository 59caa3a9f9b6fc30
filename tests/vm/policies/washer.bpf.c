// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cleans and evicts at random, and counts what becomes of what it cleans. A page that it has picked
 * to be cleaned has its word 0 set until it hears of it.
 */
#include "mage.bpf.h"

enum list {
	ANY,
	CLEAN,
};

u64 picked, refused, reaped;
u64 cleaned, rescued, at_place;
u64 wrong_list, wrong_outcome;

void MAGE_OP(washer_select, struct mage_domain *domain, struct mage_batch *batch)
{
	struct mage_frame *frame;

	mage_for_each (frame, batch, CLEAN) {
		u32 dice = bpf_get_prandom_u32() % 8;

		if (dice < 4) {
			if (!mage_batch_add(batch, frame))
				reaped++;
		} else if (dice < 5) {
			mage_frame_move(domain, frame, ANY, true);
		} else if (dice < 6 && !mage_batch_clean(batch, frame, ANY)) {
			mage_frame_set_word(domain, frame, 0, 1 + ANY);
		}
	}
	mage_for_each (frame, batch, ANY) {
		u32 dice = bpf_get_prandom_u32() % 8;

		if (dice < 2) {
			mage_batch_add(batch, frame);
		} else if (dice < 6) {
			if (mage_batch_clean(batch, frame, CLEAN)) {
				refused++;
			} else {
				picked++;
				mage_frame_set_word(domain, frame, 0, 1 + CLEAN);
			}
		}
	}
	if (!batch->nr)
		mage_batch_add_list(batch, ANY, batch->max);
}

void MAGE_OP(washer_outcome, struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	u64 word = mage_frame_word(domain, frame, 0);
	u32 list = mage_frame_list(frame);

	mage_frame_set_word(domain, frame, 0, 0);
	if (outcome == MAGE_OUTCOME_CLEANED) {
		__sync_fetch_and_add(&cleaned, 1);
		if (!word)
			__sync_fetch_and_add(&wrong_outcome, 1);
		else if (list == CLEAN && word == 1 + CLEAN)
			__sync_fetch_and_add(&at_place, 1);
		else if (list != ANY) /* where a hint puts pages meanwhile */
			__sync_fetch_and_add(&wrong_list, 1);
	} else if (word && outcome == MAGE_OUTCOME_RESCUED) {
		__sync_fetch_and_add(&rescued, 1);
	}
}

MAGE_POLICY(washer, .select = (void *)washer_select, .outcome = (void *)washer_outcome);
