// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the state of a local page.
 *
 * A frame is found from its page without a hash (page_ext).  Its memory never
 * goes away while the page is in use, so a frame pointer can always be
 * dereferenced; whether it still stands for the same page of the same domain is
 * decided under the lock of its shard, from owner and state.
 */
#include <linux/mage.h>
#include <linux/page_ext.h>
#include <asm/mage.h>
#include "frame.h"
#include "knobs.h"

/* Long before mage_init() makes up its mind. */
static bool mage_page_ext_need(void)
{
	return mage_enabled && arch_page_tables_are_ours();
}

struct page_ext_operations mage_page_ext_ops = {
	.size = sizeof(struct mage_frame),
	.need = mage_page_ext_need,
};

/**
 * mage_frame_of() - frame of a folio
 * @folio: small folio in use
 *
 * Return: the frame; valid as long as the page stays in use, since page_ext
 * memory goes only with the memory it describes
 */
struct mage_frame *mage_frame_of(const struct folio *folio)
{
	struct page_ext *ext = page_ext_get(&folio->page);
	struct mage_frame *frame;

	if (!ext)
		return NULL;
	frame = page_ext_data(ext, &mage_page_ext_ops);
	page_ext_put(ext);
	return frame;
}

/**
 * mage_frame_by_pfn() - frame of a page frame number that a policy named
 * @pfn: any number
 *
 * Return: the frame, or NULL if no memory has this number
 */
struct mage_frame *mage_frame_by_pfn(u64 pfn)
{
	struct page *page = pfn <= MAGE_OWNER_PFN_MASK ? pfn_to_online_page(pfn) : NULL;

	return page ? mage_frame_of((struct folio *)page) : NULL;
}

void __mage_folio_lazyfree(struct folio *folio)
{
	struct mage_frame *frame;

	if (folio_test_large(folio) || !folio_test_anon(folio))
		return;
	frame = mage_frame_of(folio);
	if (!frame || !READ_ONCE(frame->owner))
		return;
	/* Arm and commit read it under the page table lock, which is held. */
	frame->marks |= MAGE_MARK_SPOILED;
	/* What others map as well is not for one of them to give up. */
	if (PageAnonExclusive(&folio->page))
		frame->marks |= MAGE_MARK_LAZY;
}

/*
 * Arm and commit look at the mark under the page table lock, which is held.  For
 * a page that is not armed it means nothing.
 */
void __mage_pte_aged(pte_t pte)
{
	struct mage_frame *frame;

	if (pte_special(pte) || !pte_present(pte))
		return;
	frame = mage_frame_by_pfn(pte_pfn(pte));
	if (frame && READ_ONCE(frame->owner))
		frame->marks |= MAGE_MARK_AGED;
}
