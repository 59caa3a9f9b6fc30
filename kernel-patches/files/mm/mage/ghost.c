// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: what is remembered of pages that were evicted, by slot.
 *
 * Commit writes a record while the slot is its batch's, a fault reads it while
 * the slot is the page table entry's; a policy that asks for any slot reads
 * without a lock, and may get half of an old and half of a new record.  Nothing
 * but a policy's choice hangs on it.
 *
 * Records are allocated a page at a time, when the first slot of that part of
 * the device is used by a domain whose policy wants them.  They stay until the
 * device is disconnected.
 */
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include "ghost.h"
#include "disk.h"

/**
 * struct mage_ghost_record - what is remembered by a slot
 * @stamp: the domain's clock at the eviction
 * @word: low half of the policy's word 1
 * @page: user virtual address, in pages
 * @domain: tag of the domain, which is not 0; written last
 * @epoch: what counts the policies of the domain, when @word was written: unlike the epoch in a
 *	frame it is not swept, and comes again after 65,536
 */
struct mage_ghost_record {
	u32 stamp;
	u32 word;
	u32 page;
	u16 domain;
	u16 epoch;
};

#define MAGE_GHOST_CHUNK	(PAGE_SIZE / sizeof(struct mage_ghost_record))

/**
 * mage_ghosts_init() - make place for the records of a device
 * @disk: the far device, with its number of slots set
 *
 * Return: 0 or -ENOMEM
 */
int mage_ghosts_init(struct mage_disk *disk)
{
	disk->ghosts = kvcalloc(DIV_ROUND_UP(disk->nr_slots, MAGE_GHOST_CHUNK),
				sizeof(*disk->ghosts), GFP_KERNEL);
	return disk->ghosts ? 0 : -ENOMEM;
}

/**
 * mage_ghosts_free() - forget all that a device's slots stood for
 * @disk: a far device that is not in use, or whose init failed
 */
void mage_ghosts_free(struct mage_disk *disk)
{
	unsigned long i;

	if (!disk->ghosts)
		return;
	for (i = 0; i < DIV_ROUND_UP(disk->nr_slots, MAGE_GHOST_CHUNK); i++)
		free_page((unsigned long)disk->ghosts[i]);
	kvfree(disk->ghosts);
	disk->ghosts = NULL;
}

static struct mage_ghost_record *mage_ghost_record(struct mage_disk *disk, u64 slot)
{
	struct mage_ghost_record *chunk;

	if (slot >= disk->nr_slots)
		return NULL;
	/* Pairs with the release in mage_ghost_record_make(). */
	chunk = smp_load_acquire(&disk->ghosts[slot / MAGE_GHOST_CHUNK]);
	return chunk ? chunk + slot % MAGE_GHOST_CHUNK : NULL;
}

/* As above, but makes it if there is memory at hand. */
static struct mage_ghost_record *mage_ghost_record_make(struct mage_disk *disk, u64 slot)
{
	struct mage_ghost_record *record = mage_ghost_record(disk, slot), *chunk;

	if (record || slot >= disk->nr_slots)
		return record;
	/* Evictors may use the last reserves, but not for this. */
	chunk = (void *)__get_free_page(GFP_NOWAIT | __GFP_ZERO | __GFP_NOWARN |
					__GFP_NOMEMALLOC);
	if (!chunk)
		return NULL;
	/* Another evictor may be as fast; its chunk is as good. */
	if (cmpxchg_release(&disk->ghosts[slot / MAGE_GHOST_CHUNK], NULL, chunk))
		free_page((unsigned long)chunk);
	return mage_ghost_record(disk, slot);
}

/**
 * mage_ghost_remember() - a page is about to be in far memory only
 * @entry: where it goes; the page table lock is held
 * @key: its domain's, now
 * @address: where it is mapped
 * @word: what its policy wants to be remembered
 */
void mage_ghost_remember(swp_entry_t entry, struct mage_ghost_key key, unsigned long address,
			 u32 word)
{
	struct mage_disk *disk = mage_disk_of_type(swp_type(entry));
	struct mage_ghost_record *record;

	record = mage_ghost_record_make(disk, swp_offset(entry));
	if (!record)
		return;
	WRITE_ONCE(record->stamp, key.now);
	WRITE_ONCE(record->word, word);
	WRITE_ONCE(record->page, (u32)(address >> PAGE_SHIFT));
	WRITE_ONCE(record->epoch, key.epoch);
	WRITE_ONCE(record->domain, key.tag);
}

/**
 * mage_ghost_read() - what is remembered of the page in a slot
 * @disk: the far device
 * @slot: any number
 * @key: the domain's that asks, now
 * @ghost: filled if something is remembered
 *
 * Return: whether something is, of a page of that domain
 */
bool mage_ghost_read(struct mage_disk *disk, u64 slot, struct mage_ghost_key key,
		     struct mage_ghost *ghost)
{
	struct mage_ghost_record *record = mage_ghost_record(disk, slot);
	s32 distance;

	if (!record || READ_ONCE(record->domain) != key.tag)
		return false;
	/* The clock does not yet count the batches that are being evicted now. */
	distance = key.now - READ_ONCE(record->stamp);
	ghost->distance = max(distance, 0);
	ghost->address = (u64)READ_ONCE(record->page) << PAGE_SHIFT;
	ghost->word = READ_ONCE(record->epoch) == key.epoch ? READ_ONCE(record->word) : 0;
	ghost->slot = slot;
	return true;
}

/**
 * mage_ghost_address() - where the page in a slot was mapped
 * @entry: the slot
 * @key: the domain's that asks
 * @near: an address; what is remembered has no more than its low 44 bits
 *
 * Return: the address, or 0 if nothing is remembered
 */
unsigned long mage_ghost_address(swp_entry_t entry, struct mage_ghost_key key,
				 unsigned long near)
{
	struct mage_disk *disk = mage_disk_of_type(swp_type(entry));
	const unsigned long low = (1UL << (32 + PAGE_SHIFT)) - 1;
	struct mage_ghost ghost;

	if (!disk || !mage_ghost_read(disk, swp_offset(entry), key, &ghost))
		return 0;
	return (near & ~low) | ghost.address;
}
