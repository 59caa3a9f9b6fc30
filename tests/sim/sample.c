// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames at random.  The kernel's samples are not exactly uniform, as it tries page frame numbers
 * around those of the domain's pages; these are.
 */
#include <assert.h>
#include <string.h>

#include "internal.h"

struct sample {
	struct mage_batch *batch;
	u32 left;
};

static_assert(sizeof(struct sample) <= sizeof(struct bpf_iter_mage_sample), "see mm/mage/walk.c");

void sample_new(struct bpf_iter_mage_sample *it, struct mage_batch *batch, u32 nr)
{
	struct sample *sample = (struct sample *)it;

	memset(it, 0, sizeof(*it));
	sample->batch = batch;
	sample->left = nr;
}

struct mage_frame *sample_next(struct bpf_iter_mage_sample *it)
{
	struct sample *sample = (struct sample *)it;
	struct mage_batch *batch = sample->batch;
	struct mage_domain *domain;
	u32 at;

	if (!sample->left || !batch->walk_budget || (!batch->scan && batch->nr >= batch->max))
		return NULL;
	sample->left--;
	batch->walk_budget--;
	domain = batch->domain;
	at = random_below(&domain->random, domain->frames_nr);
	/* The next one after a frame that is free or a victim. */
	for (u32 i = 0; i < domain->frames_nr; i++) {
		struct mage_frame *frame = &domain->frames[(at + i) % domain->frames_nr];

		if (frame->state == FRAME_LISTED)
			return frame;
	}
	return NULL;
}
