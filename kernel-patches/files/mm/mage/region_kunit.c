// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of looks at regions of an address space: what is counted and forgotten, what is
 * passed over, which frames are found, and what it counts as.
 */
#include <kunit/test.h>
#include <linux/mman.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/unistd.h>
#include <asm/tlbflush.h>
#include "../internal.h"
#include "bed_kunit.h"
#include "domain.h"
#include "region.h"
#include "shard.h"

#define NR	MAGE_BED_PAGES
#define SEED	1

/* What a call counts as by itself, and each page table. */
#define CALL	8
#define TABLE	1

/* As if the policy were called anew. */
static void begin(struct mage_bed *bed)
{
	bed->batch->walk_budget = MAGE_WALK_BUDGET;
	bed->batch->refusals = 0;
	mage_region_begin(bed->batch, 0);
}

/* All pages are there, and were used when they were written; all lie in one page table. */
static void settle(struct mage_bed *bed)
{
	unsigned long area = (bed->area & PMD_MASK) - 8 * PMD_SIZE;

	KUNIT_ASSERT_EQ(bed->test, vm_munmap(bed->area, NR * PAGE_SIZE), 0);
	KUNIT_ASSERT_EQ(bed->test, vm_mmap(NULL, area, NR * PAGE_SIZE, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, 0),
			area);
	bed->area = area;
	mage_bed_fill(bed, 0, NR, SEED);
	mage_bed_pick(bed, 0, 0);
	bed->batch->max = NR;
	begin(bed);
}

/* As if an evictor had taken some pages, between two calls of the policy. */
static void evict(struct mage_bed *bed, unsigned int first, unsigned int nr)
{
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	mage_bed_evict(bed, first, nr);
	mage_bed_pick(bed, 0, 0);
	bed->batch->max = NR;
	begin(bed);
}

static u32 self(void)
{
	return task_pid_nr(current);
}

/* Looks at pages @first to @last; what is returned. */
static int look(struct mage_bed *bed, unsigned int first, unsigned int last,
		struct mage_region *seen)
{
	return mage_region_look(bed->batch, self(), mage_bed_at(bed, first),
				mage_bed_at(bed, last) + PAGE_SIZE, seen);
}

/* The page is used, and no translation of before hides that. */
static void touch(struct mage_bed *bed, unsigned int i)
{
	flush_tlb_mm(bed->mm);
	KUNIT_EXPECT_TRUE(bed->test, mage_bed_holds(bed, i, SEED));
	KUNIT_EXPECT_TRUE(bed->test, pte_young(mage_bed_pte(bed, i)));
}

static bool is_young(struct mage_bed *bed, unsigned int i)
{
	return pte_young(mage_bed_pte(bed, i));
}

static void expect_seen(struct mage_bed *bed, const struct mage_region *seen, unsigned int local,
			unsigned int used, unsigned int far, unsigned int next)
{
	KUNIT_EXPECT_EQ(bed->test, seen->local, local);
	KUNIT_EXPECT_EQ(bed->test, seen->used, used);
	KUNIT_EXPECT_EQ(bed->test, seen->far, far);
	KUNIT_EXPECT_EQ(bed->test, seen->next, mage_bed_at(bed, next));
}

static void use_is_counted_and_forgotten(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	int users = atomic_read(&bed->mm->mm_users);
	struct mage_region seen;
	unsigned int i;

	settle(bed);
	KUNIT_EXPECT_EQ(test, look(bed, 0, NR - 1, &seen), 0);
	expect_seen(bed, &seen, NR, NR, 0, NR);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_FALSE(test, is_young(bed, i));
	KUNIT_EXPECT_EQ(test, look(bed, 0, NR - 1, &seen), 0);
	expect_seen(bed, &seen, NR, 0, 0, NR);
	touch(bed, 3);
	touch(bed, 63);
	touch(bed, 64);
	KUNIT_EXPECT_EQ(test, look(bed, 0, NR - 1, &seen), 0);
	expect_seen(bed, &seen, NR, 3, 0, NR);
	KUNIT_EXPECT_EQ(test, seen.looks, NR + TABLE + CALL);
	KUNIT_EXPECT_EQ(test, bed->batch->region_budget,
			MAGE_REGION_BUDGET - 3 * (NR + TABLE + CALL));
	KUNIT_EXPECT_EQ(test, mage_region_work(bed->batch), 3 * (NR + TABLE + CALL) / 8);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->mm->mm_users), users);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
}

static void only_the_region_is_looked_at(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_region seen;
	unsigned int i;

	settle(bed);
	/* From within page 5 to within page 9. */
	KUNIT_EXPECT_EQ(test, mage_region_look(bed->batch, self(), mage_bed_at(bed, 5) + 8,
					       mage_bed_at(bed, 9) + 8, &seen), 0);
	expect_seen(bed, &seen, 5, 5, 0, 10);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_EQ(test, is_young(bed, i), i < 5 || i > 9);
}

static void far_pages_are_counted(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_region seen;
	unsigned int i;

	settle(bed);
	evict(bed, 20, 10);
	KUNIT_EXPECT_EQ(test, look(bed, 0, NR - 1, &seen), 0);
	expect_seen(bed, &seen, NR - 10, NR - 10, 10, NR);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
	begin(bed);
	KUNIT_EXPECT_EQ(test, look(bed, 0, NR - 1, &seen), 0);
	KUNIT_EXPECT_EQ(test, seen.far, 0);
	KUNIT_EXPECT_EQ(test, seen.local, NR);
}

static void holes_and_other_areas_are_passed_over(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_region seen;
	unsigned long before;

	settle(bed);
	KUNIT_ASSERT_EQ(test, vm_munmap(mage_bed_at(bed, 10), 20 * PAGE_SIZE), 0);
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_mlock, mage_bed_at(bed, 40), PAGE_SIZE, 0,
					    0, 0), 0);
	KUNIT_EXPECT_EQ(test, look(bed, 0, NR - 1, &seen), 0);
	expect_seen(bed, &seen, NR - 20 - 1, NR - 20 - 1, 0, NR);
	/* Three areas, and the locked one. */
	KUNIT_EXPECT_EQ(test, seen.looks, NR - 20 - 1 + 3 * TABLE + 1 + CALL);
	KUNIT_EXPECT_TRUE(test, is_young(bed, 40));
	/* Nothing but a hole. */
	KUNIT_EXPECT_EQ(test, look(bed, 10, 29, &seen), 0);
	expect_seen(bed, &seen, 0, 0, 0, 30);
	/* Page tables that are not there. */
	before = bed->area - 3 * PMD_SIZE;
	KUNIT_ASSERT_EQ(test, vm_mmap(NULL, before, 3 * PMD_SIZE, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, 0),
			before);
	KUNIT_EXPECT_EQ(test, mage_region_look(bed->batch, self(), before, bed->area + PAGE_SIZE,
					       &seen), 0);
	expect_seen(bed, &seen, 1, 0, 0, 1);
	KUNIT_EXPECT_LT(test, seen.looks, CALL + 1 + 4 * (TABLE + 1));
	KUNIT_EXPECT_EQ(test, vm_munmap(before, 3 * PMD_SIZE), 0);
}

static void budget_ends_a_look(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_region seen;

	settle(bed);
	bed->batch->region_budget = CALL + TABLE + 7;
	KUNIT_EXPECT_EQ(test, look(bed, 0, NR - 1, &seen), 0);
	expect_seen(bed, &seen, 7, 7, 0, 7);
	KUNIT_EXPECT_EQ(test, bed->batch->region_budget, 0);
	KUNIT_EXPECT_TRUE(test, is_young(bed, 7));
	KUNIT_EXPECT_EQ(test, look(bed, 7, NR - 1, &seen), -ENOSPC);
	expect_seen(bed, &seen, 0, 0, 0, 7);
	KUNIT_EXPECT_EQ(test, bed->batch->refusals, 1);
	KUNIT_EXPECT_TRUE(test, is_young(bed, 7));
	/* A call that finds nothing is paid for, too. */
	begin(bed);
	KUNIT_EXPECT_EQ(test, mage_region_look(bed->batch, 0, bed->area, bed->area + PAGE_SIZE,
					       &seen), -ESRCH);
	KUNIT_EXPECT_EQ(test, bed->batch->region_budget, MAGE_REGION_BUDGET - CALL);
}

static void budget_grows_with_the_domain(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	settle(bed);
	mage_region_begin(bed->batch, 0);
	KUNIT_EXPECT_EQ(test, bed->batch->region_budget, MAGE_REGION_BUDGET);
	mage_region_begin(bed->batch, 32ULL * MAGE_REGION_BUDGET);
	KUNIT_EXPECT_EQ(test, bed->batch->region_budget, MAGE_REGION_BUDGET);
	/* 256 GiB. */
	mage_region_begin(bed->batch, 1ULL << 26);
	KUNIT_EXPECT_EQ(test, bed->batch->region_budget, 1 << 21);
	KUNIT_EXPECT_EQ(test, mage_region_work(bed->batch), 0);
	mage_region_begin(bed->batch, ~0ULL);
	KUNIT_EXPECT_EQ(test, bed->batch->region_budget, MAGE_REGION_MOST);
}

static void bad_regions_and_processes_are_refused(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long at = bed->area;
	struct mage_region seen;

	settle(bed);
	at = bed->area;
	KUNIT_EXPECT_EQ(test, mage_region_look(bed->batch, self(), at, at, &seen), -EINVAL);
	KUNIT_EXPECT_EQ(test, mage_region_look(bed->batch, self(), at + PAGE_SIZE, at, &seen),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, mage_region_look(bed->batch, self(), TASK_SIZE_MAX, ~0ULL, &seen),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, mage_region_look(bed->batch, ~0U, at, at + PAGE_SIZE, &seen),
			-ESRCH);
	/* A thread of the kernel's own, and init, which is in another cgroup. */
	KUNIT_EXPECT_EQ(test, mage_region_look(bed->batch, 2, at, at + PAGE_SIZE, &seen), -ESRCH);
	KUNIT_EXPECT_NE(test, mage_region_look(bed->batch, 1, at, at + PAGE_SIZE, &seen), 0);
	KUNIT_EXPECT_EQ(test, seen.local, 0);
	/* All that there is: the end is no number that wraps. */
	KUNIT_EXPECT_EQ(test, mage_region_look(bed->batch, self(), 0, ~0ULL, &seen), 0);
	KUNIT_EXPECT_GE(test, seen.local, NR);
	KUNIT_EXPECT_EQ(test, seen.next, PAGE_ALIGN(TASK_SIZE_MAX));
}

static void pages_of_other_cgroups_are_passed_over(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_domain *domain = bed->domain;
	struct mage_region seen;

	settle(bed);
	KUNIT_ASSERT_EQ(test, mage_bed_enter(bed, 0), 0);
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_madvise, mage_bed_at(bed, 38), PAGE_SIZE,
					    MADV_DONTNEED, 0, 0), 0);
	mage_bed_fill(bed, 38, 1, SEED);
	/* The process is the child's now. */
	KUNIT_EXPECT_EQ(test, look(bed, 0, NR - 1, &seen), -EXDEV);
	expect_seen(bed, &seen, 0, 0, 0, 0);
	KUNIT_EXPECT_TRUE(test, is_young(bed, 0));
	bed->batch->domain = mage_bed_domain(bed, 38);
	KUNIT_EXPECT_PTR_NE(test, bed->batch->domain, domain);
	KUNIT_EXPECT_EQ(test, look(bed, 0, NR - 1, &seen), 0);
	expect_seen(bed, &seen, 1, 1, 0, NR);
	KUNIT_EXPECT_TRUE(test, is_young(bed, 37));
	KUNIT_EXPECT_FALSE(test, is_young(bed, 38));
	bed->batch->domain = domain;
}

static void area_that_is_changed_is_not_waited_for(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct vm_area_struct *vma;
	struct mage_region seen;

	settle(bed);
	/* The first 10 pages are an area of their own. */
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_mprotect, mage_bed_at(bed, 0),
					    10 * PAGE_SIZE, PROT_READ, 0, 0), 0);
	mmap_write_lock(bed->mm);
	vma = find_vma(bed->mm, mage_bed_at(bed, 10));
	vma_start_write(vma);
	KUNIT_EXPECT_EQ(test, look(bed, 0, NR - 1, &seen), -EAGAIN);
	mmap_write_unlock(bed->mm);
	expect_seen(bed, &seen, 10, 10, 0, 10);
	KUNIT_EXPECT_EQ(test, look(bed, 10, NR - 1, &seen), 0);
	expect_seen(bed, &seen, NR - 10, NR - 10, 0, NR);
}

/* The marks of such a page are under more locks than one. */
static void shared_page_keeps_its_bit(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_region seen;
	struct folio *folio;

	settle(bed);
	folio = mage_bed_folio(bed, 7);
	atomic_inc(&folio->_mapcount);
	KUNIT_EXPECT_EQ(test, look(bed, 0, NR - 1, &seen), 0);
	atomic_dec(&folio->_mapcount);
	expect_seen(bed, &seen, NR, NR, 0, NR);
	KUNIT_EXPECT_TRUE(test, is_young(bed, 7));
	KUNIT_EXPECT_FALSE(test, is_young(bed, 8));
}

static void first_use_of_a_prefetched_page_is_a_hit(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_region seen;

	settle(bed);
	mage_bed_frame(bed, 3)->prefetched = true;
	KUNIT_EXPECT_EQ(test, look(bed, 0, NR - 1, &seen), 0);
	KUNIT_EXPECT_FALSE(test, mage_bed_frame(bed, 3)->prefetched);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCH_HITS), 1);
}

static void frames_come_by_address(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct bpf_iter_mage_region it;
	struct mage_frame *frame;
	unsigned int i = 1;

	settle(bed);
	evict(bed, 20, 10);
	/* Wherever they are on lists. */
	KUNIT_EXPECT_EQ(test, mage_frame_set_list(&bed->domain->shards, mage_bed_frame(bed, 2), 9,
						  false), 0);
	KUNIT_EXPECT_EQ(test, bpf_iter_mage_region_new(&it, bed->batch, self(),
						       mage_bed_at(bed, 1), mage_bed_at(bed, 70)),
			0);
	while ((frame = bpf_iter_mage_region_next(&it))) {
		KUNIT_EXPECT_PTR_EQ(test, frame, mage_bed_frame(bed, i));
		KUNIT_EXPECT_TRUE(test, is_young(bed, i));
		i += i == 19 ? 11 : 1;
	}
	bpf_iter_mage_region_destroy(&it);
	KUNIT_EXPECT_EQ(test, i, 70);
	KUNIT_EXPECT_EQ(test, bed->batch->walk_budget, MAGE_WALK_BUDGET - 59);
	/* 69 entries in rows of 16 frames, 59 in all. */
	KUNIT_EXPECT_EQ(test, bed->batch->region_budget,
			MAGE_REGION_BUDGET - 69 - 4 * (CALL + TABLE));
}

static unsigned int frames_shown(struct mage_bed *bed)
{
	struct bpf_iter_mage_region it;
	unsigned int nr = 0;

	bpf_iter_mage_region_new(&it, bed->batch, self(), mage_bed_at(bed, 0),
				 mage_bed_at(bed, NR));
	while (bpf_iter_mage_region_next(&it))
		nr++;
	bpf_iter_mage_region_destroy(&it);
	return nr;
}

static void budgets_end_frames(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct bpf_iter_mage_region it;

	settle(bed);
	KUNIT_EXPECT_EQ(test, frames_shown(bed), NR);
	/* A victim is passed over. */
	mage_bed_frame(bed, 2)->state = MAGE_FRAME_VICTIM;
	KUNIT_EXPECT_EQ(test, frames_shown(bed), NR - 1);
	mage_bed_frame(bed, 2)->state = MAGE_FRAME_LISTED;
	bed->batch->walk_budget = 20;
	KUNIT_EXPECT_EQ(test, frames_shown(bed), 20);
	KUNIT_EXPECT_EQ(test, frames_shown(bed), 0);
	KUNIT_EXPECT_EQ(test, bed->batch->refusals, 1);
	begin(bed);
	bed->batch->region_budget = CALL + TABLE + 5;
	KUNIT_EXPECT_EQ(test, frames_shown(bed), 5);
	KUNIT_EXPECT_EQ(test, frames_shown(bed), 0);
	begin(bed);
	bed->batch->max = 0;
	KUNIT_EXPECT_EQ(test, frames_shown(bed), 0);
	bed->batch->max = NR;
	KUNIT_EXPECT_EQ(test, bpf_iter_mage_region_new(&it, bed->batch, self(), 1, 0), -EINVAL);
	KUNIT_EXPECT_NULL(test, bpf_iter_mage_region_next(&it));
	bpf_iter_mage_region_destroy(&it);
	bpf_iter_mage_region_new(&it, bed->batch, ~0U, bed->area, bed->area + PAGE_SIZE);
	KUNIT_EXPECT_NULL(test, bpf_iter_mage_region_next(&it));
	bpf_iter_mage_region_destroy(&it);
}

static void process_of_a_page_is_told(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	settle(bed);
	KUNIT_EXPECT_EQ(test, mage_frame_process(bed->batch, mage_bed_frame(bed, 5)),
			task_tgid_nr(bed->owner));
	folio_lock(mage_bed_folio(bed, 5));
	KUNIT_EXPECT_EQ(test, mage_frame_process(bed->batch, mage_bed_frame(bed, 5)), 0);
	folio_unlock(mage_bed_folio(bed, 5));
}

static struct kunit_case region_test_cases[] = {
	KUNIT_CASE(use_is_counted_and_forgotten),
	KUNIT_CASE(only_the_region_is_looked_at),
	KUNIT_CASE(far_pages_are_counted),
	KUNIT_CASE(holes_and_other_areas_are_passed_over),
	KUNIT_CASE(budget_ends_a_look),
	KUNIT_CASE(budget_grows_with_the_domain),
	KUNIT_CASE(bad_regions_and_processes_are_refused),
	KUNIT_CASE(pages_of_other_cgroups_are_passed_over),
	KUNIT_CASE(area_that_is_changed_is_not_waited_for),
	KUNIT_CASE(shared_page_keeps_its_bit),
	KUNIT_CASE(first_use_of_a_prefetched_page_is_a_hit),
	KUNIT_CASE(frames_come_by_address),
	KUNIT_CASE(budgets_end_frames),
	KUNIT_CASE(process_of_a_page_is_told),
	{}
};

static struct kunit_suite region_test_suite = {
	.name = "mage_region",
	.init = mage_bed_init_in_order,
	.exit = mage_bed_exit_in_order,
	.test_cases = region_test_cases,
};

kunit_test_suite(region_test_suite);
