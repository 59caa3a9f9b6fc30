// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the block device /dev/mageN.
 *
 * mkswap and swapon use it, and so does every page that goes the kernel's own
 * way out or in: shared ones, large ones, shared memory.
 */
#include <linux/bio.h>
#include <linux/completion.h>
#include "block.h"
#include "checksum.h"
#include "disk.h"
#include "read.h"

/**
 * struct mage_block_io - the write of one page
 * @chain: batch of one
 * @io: its element
 * @written: completed when it is done
 */
struct mage_block_io {
	struct mage_io_batch chain;
	struct mage_io io;
	struct completion written;
};

static void mage_block_write_done(struct mage_io_batch *chain)
{
	complete(&container_of(chain, struct mage_block_io, chain)->written);
}

/*
 * Who has the page in the swap cache may change it while it is written, and it is dirty then.
 * If its checksum is the same again the slot holds that.
 */
static void mage_block_note_checksum(struct mage_disk *disk, const struct mage_io *io)
{
	if (!io->error && mage_checksum_of(io->page, io->slot) == io->checksum)
		mage_checksum_set(disk, io->slot, io->checksum);
}

/* One page, and wait; the swap code submits pages and mkswap little else. */
static int mage_block_write(struct mage_disk *disk, struct page *page, pgoff_t slot)
{
	struct mage_block_io write = {
		.chain = { .nr = 1, .io = &write.io, .done = mage_block_write_done },
		.io = { .page = page, .slot = slot },
	};

	if (READ_ONCE(disk->dev.failed) || READ_ONCE(disk->dev.suspended))
		return -EIO;
	init_completion(&write.written);
	if (mage_disk_has_checksums(disk))
		write.io.checksum = mage_checksum_begin_write(disk, page, slot);
	disk->dev.ops->submit_writes(&disk->dev, raw_smp_processor_id(), &write.chain);
	wait_for_completion(&write.written);
	if (mage_disk_has_checksums(disk))
		mage_block_note_checksum(disk, &write.io);
	atomic_long_inc(write.io.error ? &disk->write_errors : &disk->writes);
	return write.io.error;
}

static int mage_block_do_page(struct mage_disk *disk, struct bio *bio, struct bio_vec *vec,
			      sector_t sector)
{
	pgoff_t slot = sector >> PAGE_SECTORS_SHIFT;

	if (vec->bv_len != PAGE_SIZE || vec->bv_offset || sector & (PAGE_SECTORS - 1))
		return -EINVAL;
	if (bio_op(bio) == REQ_OP_READ)
		return mage_disk_read(disk, vec->bv_page, slot, MAGE_READ_KILLABLE);

	return mage_block_write(disk, vec->bv_page, slot);
}

static void mage_block_submit(struct bio *bio)
{
	struct mage_disk *disk = bio->bi_bdev->bd_disk->private_data;
	sector_t sector = bio->bi_iter.bi_sector;
	struct bvec_iter iter;
	struct bio_vec vec;
	int err;

	bio_for_each_segment(vec, bio, iter) {
		err = mage_block_do_page(disk, bio, &vec, sector);
		if (err) {
			bio->bi_status = errno_to_blk_status(err);
			break;
		}
		sector += vec.bv_len >> SECTOR_SHIFT;
	}
	bio_endio(bio);
}

static int mage_block_open(struct gendisk *gd, blk_mode_t mode)
{
	struct mage_disk *disk = gd->private_data;

	lockdep_assert_held(&gd->open_mutex);
	return disk->closing ? -ENXIO : 0;
}

const struct block_device_operations mage_block_ops = {
	.owner = THIS_MODULE,
	.open = mage_block_open,
	.submit_bio = mage_block_submit,
};

/**
 * mage_block_add() - make the block device
 * @disk: far device with its index and size set and its backend connected
 *
 * Return: 0 or a negative errno
 */
int mage_block_add(struct mage_disk *disk)
{
	struct queue_limits limits = {
		.logical_block_size = PAGE_SIZE,
		.physical_block_size = PAGE_SIZE,
		/* Writes and reads end inside submit_bio: no swap cache needed. */
		.features = BLK_FEAT_SYNCHRONOUS,
	};
	struct gendisk *gd = blk_alloc_disk(&limits, NUMA_NO_NODE);
	int err;

	if (IS_ERR(gd))
		return PTR_ERR(gd);
	gd->fops = &mage_block_ops;
	gd->private_data = disk;
	gd->flags |= GENHD_FL_NO_PART;
	snprintf(gd->disk_name, DISK_NAME_LEN, "mage%d", disk->index);
	set_capacity(gd, disk->dev.size >> SECTOR_SHIFT);
	disk->disk = gd;
	err = add_disk(gd);
	if (err)
		put_disk(gd);
	return err;
}

/**
 * mage_block_remove() - remove the block device
 * @disk: far device that nobody has open
 */
void mage_block_remove(struct mage_disk *disk)
{
	del_gendisk(disk->disk);
	put_disk(disk->disk);
}
