// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the path of a page in, from do_swap_page() past the swap cache.
 */
#include <linux/mage.h>
#include <linux/memcontrol.h>
#include <linux/pagemap.h>
#include <linux/sched/clock.h>
#include <linux/swap.h>
#include <linux/swapfile.h>
#include <linux/vmstat.h>
/* Has types of others, and does not include them. */
#include <linux/delayacct.h>
#include "../swap.h"
#include "disk.h"
#include "domain.h"
#include "prefetch.h"
#include "read.h"
#include "recycle.h"

u64 __mage_swapin_begin(void)
{
	return local_clock();
}

/*
 * The swap map marks a slot as cached before its folio goes into the swap cache
 * and until after it has left.  Who marks it after this look is met by the
 * fault's own swapcache_prepare().
 */
bool __mage_is_uncached(struct swap_info_struct *si, swp_entry_t entry)
{
	return mage_disk_of_type(si->type) && READ_ONCE(si->swap_map[swp_offset(entry)]) == 1;
}

bool __mage_reads_alone(swp_entry_t entry)
{
	return mage_disk_of_type(swp_type(entry));
}

struct folio *__mage_swapin_recycled(struct vm_fault *vmf, swp_entry_t entry)
{
	return mage_disk_of_type(swp_type(entry)) ? mage_recycled_page(vmf->vma, entry) : NULL;
}

struct mage_frame *__mage_swapin_claim(struct folio *folio)
{
	struct mage_domain *domain;

	if (folio_test_large(folio))
		return NULL;
	rcu_read_lock();
	domain = mage_domain_of(folio_memcg(folio));
	rcu_read_unlock();
	return domain ? mage_frame_of(folio) : NULL;
}

static void mage_count_read_error(struct folio *folio)
{
	struct mage_domain *domain;

	rcu_read_lock();
	domain = mage_domain_of(folio_memcg(folio));
	if (domain)
		mage_count(domain->stats, MAGE_STAT_READ_ERRORS);
	rcu_read_unlock();
}

/* What nobody waits for, or somebody who is killed, can be had later, if it is his alone. */
static enum mage_read_wait mage_read_wait(const struct folio *folio)
{
	if (folio_test_swapcache(folio))
		return MAGE_READ_SURELY;
	return mage_prefetching() ? MAGE_READ_NOW : MAGE_READ_KILLABLE;
}

/* As the block layer's way ends. */
static void mage_swap_read_end(struct folio *folio, int err)
{
	/* Whatever comes of it. */
	count_vm_events(PSWPIN, folio_nr_pages(folio));
	if (err && !mage_read_was_given_up(err))
		mage_count_read_error(folio);
	if (!err)
		folio_mark_uptodate(folio);
	folio_unlock(folio);
}

bool __mage_swap_read(struct folio *folio, struct swap_info_struct *si)
{
	struct mage_disk *disk = mage_disk_of_type(si->type);
	pgoff_t slot = swp_offset(folio->swap);
	unsigned int i;
	int err = 0;

	if (!disk)
		return false;
	for (i = 0; i < folio_nr_pages(folio) && !err; i++)
		err = mage_disk_read(disk, folio_page(folio, i), slot + i, mage_read_wait(folio));
	mage_swap_read_end(folio, err);
	return true;
}

static void mage_swapin_ask(struct vm_fault *vmf, struct folio *folio)
{
	struct mage_domain *domain;

	rcu_read_lock();
	domain = mage_domain_of(folio_memcg(folio));
	if (domain)
		mage_policy_prefetch(domain, vmf, folio->swap, false);
	rcu_read_unlock();
}

/* The page that is waited for goes first, and while it is on its way the policy thinks. */
static void mage_swapin_read_far(struct vm_fault *vmf, struct folio *folio, struct mage_disk *disk)
{
	struct page *page = folio_page(folio, 0);
	pgoff_t slot = swp_offset(folio->swap);
	/* To clear it first would be in vain. */
	struct mage_read read __uninitialized;
	int err;

	mage_read_begin(disk, &read, page, slot);
	mage_swapin_ask(vmf, folio);
	err = mage_read_end(disk, &read, MAGE_READ_NOW);
	if (unlikely(err == -EAGAIN))
		err = mage_disk_read(disk, page, slot, mage_read_wait(folio));
	mage_swap_read_end(folio, err);
}

void __mage_swapin_read(struct vm_fault *vmf, struct folio *folio)
{
	struct mage_disk *disk = mage_disk_of_type(swp_type(folio->swap));

	if (!disk) {
		mage_swapin_ask(vmf, folio);
		swap_read_folio(folio, NULL);
		return;
	}
	delayacct_swapin_start();
	if (swap_read_folio_locally(folio)) {
		folio_unlock(folio);
		mage_swapin_ask(vmf, folio);
	} else {
		mage_swapin_read_far(vmf, folio, disk);
	}
	delayacct_swapin_end();
}

/* The same for what the page's cgroup may have there. */
static bool mage_swap_is_scarce(struct folio *folio)
{
	struct mage_domain *domain;
	bool scarce;

	rcu_read_lock();
	domain = mage_domain_of(folio_memcg(folio));
	scarce = !domain || READ_ONCE(domain->swap_is_scarce);
	rcu_read_unlock();
	return scarce;
}

/*
 * A slot of which the zeromap says that it is all zeroes is kept as any other: the
 * mark stands in for the far copy until the slot is written to, or given back.
 */
bool __mage_swapin_keep_slot(struct mage_frame *frame, struct folio *folio, swp_entry_t entry)
{
	struct mage_disk *disk = mage_disk_of_type(swp_type(entry));

	if (!disk || !mage_disk_may_keep(disk) || mage_swap_is_scarce(folio))
		return false;
	/*
	 * The page was read from zswap, which goes on holding it, and the slot holds
	 * something older.  The fault has marked the slot as cached, so zswap cannot
	 * write it back meanwhile.  Nor does zswap get a slot while a frame keeps it:
	 * that takes a dirty page in the swap cache, and what readahead puts there for
	 * such a slot is clean, and mapped by nobody.
	 */
	if (zswap_holds(entry))
		return false;
	/* fork() may have made a second owner before the PTE was locked. */
	if (__swap_count(entry) != 1)
		return false;
	mage_frame_set_slot(frame, entry);
	return true;
}
