// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of epochs, of which there are few: what a policy has written in a frame is
 * read by none that follows, however many.
 */
#include <kunit/test.h>
#include "bed_kunit.h"
#include "domain.h"
#include "replace.h"

#define NR	8
#define SEED	1

/* More than there are epochs, of which each makes two. */
#define CHANGES	300

/* The page that is a victim all the time. */
#define VICTIM	(NR - 1)

static void write_words(struct mage_bed *bed)
{
	unsigned int i;

	for (i = 0; i < NR; i++) {
		struct mage_frame *frame = mage_bed_frame(bed, i);

		frame->word[0] = 7;
		WRITE_ONCE(frame->epoch, bed->domain->shards.epoch);
	}
}

/* Frames whose words are those of what governs. */
static unsigned int known(struct mage_bed *bed)
{
	unsigned int i, nr = 0;

	for (i = 0; i < NR; i++)
		nr += READ_ONCE(mage_bed_frame(bed, i)->epoch) == bed->domain->shards.epoch;
	return nr;
}

static void change_policy(struct mage_bed *bed, struct mage_ops *next)
{
	struct mage_exit_info info = { .kind = MAGE_EXIT_REPLACED };
	struct mage_leaver leaver;

	mutex_lock(&bed->domain->policy_mutex);
	mage_policy_replace(bed->domain, next, &info, &leaver);
	mutex_unlock(&bed->domain->policy_mutex);
}

static void words_are_read_by_none_that_follows(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_shards *shards = &bed->domain->shards;
	struct mage_ops next = bed->policy;
	unsigned int i, stale = 0, far = 0;

	mage_bed_fill(bed, 0, NR, SEED);
	mage_bed_pick(bed, VICTIM, 1);
	write_words(bed);
	KUNIT_EXPECT_EQ(test, known(bed), NR);
	for (i = 0; i < CHANGES; i++) {
		change_policy(bed, i % 2 ? &bed->policy : &next);
		stale += known(bed);
		far += (u16)(shards->epochs - READ_ONCE(shards->swept)) >= MAGE_EPOCH_MOST;
		KUNIT_EXPECT_NE(test, (u32)shards->epoch, MAGE_EPOCH_NOBODY);
	}
	KUNIT_EXPECT_EQ(test, stale, 0);
	KUNIT_EXPECT_EQ(test, far, 0);
	KUNIT_EXPECT_EQ(test, (u32)mage_bed_frame(bed, VICTIM)->state, MAGE_FRAME_VICTIM);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
}

static void words_of_what_governs_stay(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_shards *shards = &bed->domain->shards;
	struct mage_shards other = { .id = shards->id + 1, .epoch = shards->epoch + 1 };
	struct mage_frame *frame;

	mage_bed_fill(bed, 0, NR, SEED);
	write_words(bed);
	frame = mage_bed_frame(bed, 0);
	mage_frame_forget_words(shards, frame);
	KUNIT_EXPECT_EQ(test, known(bed), NR);
	/* Nor does another domain make them nobody's. */
	mage_frame_forget_words(&other, frame);
	KUNIT_EXPECT_EQ(test, known(bed), NR);
	mage_shards_next_epoch(shards);
	mage_frame_forget_words(shards, frame);
	KUNIT_EXPECT_EQ(test, (u32)frame->epoch, MAGE_EPOCH_NOBODY);
	KUNIT_EXPECT_NE(test, (u32)mage_bed_frame(bed, 1)->epoch, MAGE_EPOCH_NOBODY);
}

static struct kunit_case epoch_cases[] = {
	KUNIT_CASE(words_are_read_by_none_that_follows),
	KUNIT_CASE(words_of_what_governs_stay),
	{}
};

static struct kunit_suite epoch_suite = {
	.name = "mage_epoch",
	.init = mage_bed_init,
	.exit = mage_bed_exit,
	.test_cases = epoch_cases,
};

kunit_test_suite(epoch_suite);
