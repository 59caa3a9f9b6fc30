// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the "blk" backend, a far store on any block device.
 *
 * A page is a bio; the block layer merges those side by side.  What somebody waits for is
 * submitted by the thread that waits.  All else is submitted by works, since submit_bio()
 * may sleep: for a request, for a stripe, for whatever a stacked driver needs.  So a device
 * that does not answer keeps its own works, and no evictor.
 *
 * Evictors wait for the writes and have no memory to spare.  Bios and copies come from pools
 * of the device's own, in which reads and writes are apart; the works have a rescuer, and
 * those that write reclaim nothing themselves.
 *
 * Pages are written while they are mapped, and may change meanwhile.  Such a copy is never
 * used.  But a driver that looks at a page twice, for parity, digests, compression or
 * encryption, would be led astray.  It gets a copy that nobody changes.
 */
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/cleanup.h>
#include <linux/cpumask.h>
#include <linux/file.h>
#include <linux/highmem.h>
#include <linux/list.h>
#include <linux/major.h>
#include <linux/mage_backend.h>
#include <linux/mempool.h>
#include <linux/minmax.h>
#include <linux/netlink.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "blk.h"
#include "block.h"

/* Queues, at most: so many CPUs submit at a time. */
#define MAGE_BLK_QUEUES		8U

/* Pages under way that a queue has room for; what somebody waits for goes on top. */
#define MAGE_BLK_READS		128U

/* What is kept in the pools: with less memory than that nothing stands still. */
#define MAGE_BLK_BIOS		64
#define MAGE_BLK_COPIES		64

/* The error of a page that is not final yet, which no final one has. */
#define MAGE_BLK_PENDING	1

/**
 * struct mage_blk_queue - batches on their way to the block layer
 * @blk: of which store
 * @lock: protects what follows, and the counts and order in batches of this queue.  It is
 *	held while arrivals of several pages are told, so that they rise
 * @reads: batches that @read_work submits
 * @writes: batches that @write_work submits
 * @nr_reads: pages that nobody waits for and that are not final
 * @read_work: submits reads
 * @write_work: submits writes
 */
struct mage_blk_queue {
	struct mage_blk *blk;
	spinlock_t lock;	/* held for moments, taken in interrupts too */
	struct list_head reads;
	struct list_head writes;
	unsigned int nr_reads;
	struct work_struct read_work;
	struct work_struct write_work;
} ____cacheline_aligned_in_smp;

/**
 * struct mage_blk - a block device that is a far store
 * @dev: the far device
 * @file: the block device, claimed
 * @bdev: the same
 * @is_stacked: its driver does something of its own with pages, so that they must not change
 * @is_loop: it is a loop device, or a part of one
 * @is_used: something was written
 * @read_bios: where bios of reads come from
 * @write_bios: likewise, apart: reads must not wait for writes
 * @copies: pages for what must not change while it is written
 * @works: runs the works of @queues
 * @nr_queues: how many
 * @queues: by which CPU reads, or which evictor writes
 */
struct mage_blk {
	struct mage_device *dev;
	struct file *file;
	struct block_device *bdev;
	bool is_stacked;
	bool is_loop;
	bool is_used;
	struct bio_set read_bios;
	struct bio_set write_bios;
	mempool_t copies;
	struct workqueue_struct *works;
	unsigned int nr_queues;
	struct mage_blk_queue queues[] __counted_by(nr_queues);
};

/**
 * struct mage_blk_read - the read of a page
 * @queue: whose
 * @batch: whose page it is
 * @index: which page of it
 * @urgent: somebody waits for it
 * @bio: the bio; what is before it is in front of every bio of its set
 */
struct mage_blk_read {
	struct mage_blk_queue *queue;
	struct mage_read_batch *batch;
	unsigned int index;
	bool urgent;
	struct bio bio;
};

/**
 * struct mage_blk_write - the write of a page
 * @queue: whose
 * @batch: whose page it is
 * @io: the element of it
 * @copy: what is written in place of the page, or NULL
 * @bio: the bio
 */
struct mage_blk_write {
	struct mage_blk_queue *queue;
	struct mage_io_batch *batch;
	struct mage_io *io;
	struct page *copy;
	struct bio bio;
};

static struct mage_blk_queue *mage_blk_queue(struct mage_device *dev, unsigned int queue)
{
	struct mage_blk *blk = dev->private;

	return &blk->queues[queue % blk->nr_queues];
}

static bool mage_blk_has_slot(const struct mage_blk *blk, pgoff_t slot)
{
	return slot < blk->dev->size >> PAGE_SHIFT;
}

static void mage_blk_aim(struct bio *bio, struct page *page, pgoff_t slot)
{
	bio->bi_iter.bi_sector = (sector_t)slot << PAGE_SECTORS_SHIFT;
	__bio_add_page(bio, page, PAGE_SIZE, 0);
}

/*
 * What became of a bio.  Whoever asks again would be told the same: the layers below have
 * done that, as long as they are set up to.
 */
static int mage_blk_error(const struct bio *bio)
{
	return likely(!bio->bi_status) ? 0 : -EIO;
}

/* ---- reads -------------------------------------------------------------- */

/*
 * A page of a batch is final.  With the last one the batch may be gone, and then the device:
 * mage_blk_disconnect() waits for who still has the lock.
 */
static void mage_blk_arrived(struct mage_blk_queue *queue, struct mage_read_batch *batch,
			     unsigned int index, int error, bool urgent)
{
	unsigned long flags;
	unsigned int given;

	/* The only one of its batch needs no order. */
	if (urgent && batch->nr == 1) {
		batch->io->error = error;
		batch->arrived(batch, 1);
		return;
	}
	spin_lock_irqsave(&queue->lock, flags);
	if (!urgent)
		queue->nr_reads--;
	batch->io[index].error = error;
	given = batch->given;
	while (batch->given < batch->nr && batch->io[batch->given].error != MAGE_BLK_PENDING)
		batch->given++;
	if (batch->given != given)
		batch->arrived(batch, batch->given);
	spin_unlock_irqrestore(&queue->lock, flags);
}

static void mage_blk_read_end(struct bio *bio)
{
	struct mage_blk_read *read = container_of(bio, struct mage_blk_read, bio);
	struct mage_blk_queue *queue = read->queue;
	struct mage_read_batch *batch = read->batch;
	int error = mage_blk_error(bio);
	unsigned int index = read->index;
	bool urgent = read->urgent;

	/* First: the device may go once the last page has arrived. */
	bio_put(bio);
	mage_blk_arrived(queue, batch, index, error, urgent);
}

/* May sleep, until a bio comes back. */
static void mage_blk_read(struct mage_blk_queue *queue, struct mage_read_batch *batch,
			  unsigned int index, bool urgent)
{
	struct mage_io *io = &batch->io[index];
	struct mage_blk *blk = queue->blk;
	struct mage_blk_read *read;
	struct bio *bio;
	/* Merged with others it would share their errors, and its error is somebody's end. */
	blk_opf_t alone = urgent ? REQ_NOMERGE : 0;

	if (unlikely(!mage_blk_has_slot(blk, io->slot))) {
		mage_blk_arrived(queue, batch, index, -EINVAL, urgent);
		return;
	}
	bio = bio_alloc_bioset(blk->bdev, 1, REQ_OP_READ | alone, GFP_NOIO, &blk->read_bios);
	read = container_of(bio, struct mage_blk_read, bio);
	read->queue = queue;
	read->batch = batch;
	read->index = index;
	read->urgent = urgent;
	bio->bi_end_io = mage_blk_read_end;
	mage_blk_aim(bio, io->page, io->slot);
	submit_bio(bio);
}

/* The batch may be gone once the last page is submitted. */
static void mage_blk_read_all(struct mage_blk_queue *queue, struct mage_read_batch *batch,
			      bool urgent)
{
	unsigned int i, nr = batch->nr;
	struct blk_plug plug;

	blk_start_plug(&plug);
	for (i = 0; i < nr; i++)
		mage_blk_read(queue, batch, i, urgent);
	blk_finish_plug(&plug);
}

static struct mage_read_batch *mage_blk_next_reads(struct mage_blk_queue *queue)
{
	struct mage_read_batch *batch;

	spin_lock_irq(&queue->lock);
	batch = list_first_entry_or_null(&queue->reads, struct mage_read_batch, list);
	if (batch)
		list_del(&batch->list);
	spin_unlock_irq(&queue->lock);
	return batch;
}

static void mage_blk_read_work(struct work_struct *work)
{
	struct mage_blk_queue *queue = container_of(work, struct mage_blk_queue, read_work);
	unsigned int flags = memalloc_noio_save();
	struct mage_read_batch *batch;

	while ((batch = mage_blk_next_reads(queue))) {
		mage_blk_read_all(queue, batch, batch->due);
		cond_resched();
	}
	memalloc_noio_restore(flags);
}

/* How many of @nr pages that nobody waits for the queue has room for; under its lock. */
static unsigned int mage_blk_accept(struct mage_blk_queue *queue, unsigned int nr)
{
	nr = min(nr, MAGE_BLK_READS - queue->nr_reads);
	queue->nr_reads += nr;
	return nr;
}

/*
 * Have the work do it.  The work may be through with the batch as soon as the lock is let go.
 * What is urgent is in the batch from submission on, in place of the time that other
 * backends keep there.
 */
static unsigned int mage_blk_hand_reads(struct mage_blk_queue *queue,
					struct mage_read_batch *batch, bool urgent)
{
	unsigned long flags;
	unsigned int i, nr;

	spin_lock_irqsave(&queue->lock, flags);
	nr = urgent ? batch->nr : mage_blk_accept(queue, batch->nr);
	if (nr) {
		batch->nr = nr;
		batch->given = 0;
		batch->due = urgent;
		for (i = 0; i < nr; i++)
			batch->io[i].error = MAGE_BLK_PENDING;
		list_add_tail(&batch->list, &queue->reads);
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	if (nr)
		queue_work(queue->blk->works, &queue->read_work);
	return nr;
}

/*
 * Below submit_bio(), as where the page is asked for by way of /dev/mageN, bios are kept
 * until the caller is back, and he would wait for them.  So a thread there asks the work.
 * Likewise for a leg of a set: who waits for a request that a device which does not answer
 * has taken could not be given the page of another leg.
 */
static unsigned int mage_blk_submit_reads(struct mage_device *dev, unsigned int index,
					  struct mage_read_batch *batch, bool urgent)
{
	struct mage_blk_queue *queue = mage_blk_queue(dev, index);

	if (!urgent || batch->nr > 1 || current->bio_list || dev->owner)
		return mage_blk_hand_reads(queue, batch, urgent);
	mage_blk_read(queue, batch, 0, true);
	return 1;
}

/* ---- writes ------------------------------------------------------------- */

/* A page of a batch is final; with the last one the batch is gone, and maybe the device. */
static void mage_blk_written(struct mage_blk_queue *queue, struct mage_io_batch *batch,
			     struct mage_io *io, int error)
{
	unsigned long flags;
	bool last;

	io->error = error;
	spin_lock_irqsave(&queue->lock, flags);
	last = !--batch->left;
	spin_unlock_irqrestore(&queue->lock, flags);
	if (last)
		batch->done(batch);
}

static void mage_blk_write_end(struct bio *bio)
{
	struct mage_blk_write *write = container_of(bio, struct mage_blk_write, bio);
	struct mage_blk_queue *queue = write->queue;
	struct mage_blk *blk = queue->blk;
	struct mage_io_batch *batch = write->batch;
	struct mage_io *io = write->io;
	int error = mage_blk_error(bio);

	if (write->copy)
		mempool_free(write->copy, &blk->copies);
	bio_put(bio);
	mage_blk_written(queue, batch, io, error);
}

/* May change while the device is in use. */
static bool mage_blk_wants_copies(const struct mage_blk *blk)
{
	return blk->is_stacked || blk->is_loop || bdev_stable_writes(blk->bdev);
}

/*
 * May sleep, until a bio or a copy comes back: to wait for that submits what was plugged.
 * Nobody has to be throttled for the write: it is what makes room.
 */
static void mage_blk_write(struct mage_blk_queue *queue, struct mage_io_batch *batch,
			   struct mage_io *io)
{
	blk_opf_t opf = REQ_OP_WRITE | REQ_SYNC | REQ_IDLE | REQ_SWAP;
	struct mage_blk *blk = queue->blk;
	struct mage_blk_write *write;
	struct bio *bio;

	if (unlikely(!mage_blk_has_slot(blk, io->slot))) {
		mage_blk_written(queue, batch, io, -EINVAL);
		return;
	}
	if (unlikely(READ_ONCE(blk->dev->failed))) {
		mage_blk_written(queue, batch, io, -EIO);
		return;
	}
	/* Its driver takes a request of which a part was written for one that was (6.12.117). */
	if (blk->is_loop)
		opf |= REQ_NOMERGE;
	bio = bio_alloc_bioset(blk->bdev, 1, opf, GFP_NOIO, &blk->write_bios);
	write = container_of(bio, struct mage_blk_write, bio);
	write->queue = queue;
	write->batch = batch;
	write->io = io;
	write->copy = NULL;
	if (mage_blk_wants_copies(blk)) {
		write->copy = mempool_alloc(&blk->copies, GFP_NOIO);
		copy_highpage(write->copy, io->page);
	}
	bio->bi_end_io = mage_blk_write_end;
	mage_blk_aim(bio, write->copy ?: io->page, io->slot);
	submit_bio(bio);
}

/* The batch may be gone once the last page is submitted. */
static void mage_blk_write_all(struct mage_blk_queue *queue, struct mage_io_batch *batch)
{
	unsigned int i, nr = batch->nr;
	struct mage_io *io = batch->io;
	struct blk_plug plug;

	blk_start_plug(&plug);
	for (i = 0; i < nr; i++)
		mage_blk_write(queue, batch, &io[i]);
	blk_finish_plug(&plug);
}

static struct mage_io_batch *mage_blk_next_writes(struct mage_blk_queue *queue)
{
	struct mage_io_batch *batch;

	spin_lock_irq(&queue->lock);
	batch = list_first_entry_or_null(&queue->writes, struct mage_io_batch, list);
	if (batch)
		list_del(&batch->list);
	spin_unlock_irq(&queue->lock);
	return batch;
}

/* As kswapd it may use the last memory, and reclaims none: what it writes makes some. */
static void mage_blk_write_work(struct work_struct *work)
{
	struct mage_blk_queue *queue = container_of(work, struct mage_blk_queue, write_work);
	unsigned int flags = memalloc_noreclaim_save();
	struct mage_io_batch *batch;

	while ((batch = mage_blk_next_writes(queue))) {
		mage_blk_write_all(queue, batch);
		cond_resched();
	}
	memalloc_noreclaim_restore(flags);
}

static void mage_blk_submit_writes(struct mage_device *dev, unsigned int index,
				   struct mage_io_batch *batch)
{
	struct mage_blk_queue *queue = mage_blk_queue(dev, index);
	struct mage_blk *blk = queue->blk;
	unsigned long flags;

	if (unlikely(!READ_ONCE(blk->is_used)))
		WRITE_ONCE(blk->is_used, true);
	batch->left = batch->nr;
	spin_lock_irqsave(&queue->lock, flags);
	list_add_tail(&batch->list, &queue->writes);
	spin_unlock_irqrestore(&queue->lock, flags);
	queue_work(blk->works, &queue->write_work);
}

/* ---- connecting --------------------------------------------------------- */

/* The block device is about to go, by surprise or not: its pages go with it. */
static void mage_blk_mark_dead(struct block_device *bdev, bool surprise)
	__releases(&bdev->bd_holder_lock)
{
	struct mage_blk *blk = bdev->bd_holder;

	/* Under the lock, which disconnect() takes as it gives the claim back. */
	mage_device_fail(blk->dev, "the block device was removed");
	mutex_unlock(&bdev->bd_holder_lock);
}

static const struct blk_holder_ops mage_blk_holder_ops = {
	.mark_dead = mage_blk_mark_dead,
};

static int mage_blk_cannot_open(int err, struct netlink_ext_ack *extack)
{
	switch (err) {
	case -ENOENT:
		NL_SET_ERR_MSG(extack, "there is no such file");
		break;
	case -ENOTBLK:
		NL_SET_ERR_MSG(extack, "this is no block device");
		break;
	case -EBUSY:
		NL_SET_ERR_MSG(extack,
			       "the block device is in use: mounted, active as swap, or part of another");
		break;
	case -EACCES:
		NL_SET_ERR_MSG(extack, "the block device is read-only");
		break;
	default:
		NL_SET_ERR_MSG_FMT(extack, "the block device cannot be opened (%pe)",
				   ERR_PTR(err));
	}
	return err;
}

/* Whether a device that was opened will do. */
static int mage_blk_check(struct block_device *bdev, const struct mage_connect *to,
			  struct netlink_ext_ack *extack)
{
	if (bdev->bd_disk->fops == &mage_block_ops) {
		NL_SET_ERR_MSG(extack, "this is a far device itself");
		return -EINVAL;
	}
	if (bdev_is_zoned(bdev)) {
		NL_SET_ERR_MSG(extack, "a zoned block device cannot be written at random");
		return -EOPNOTSUPP;
	}
	if (bdev_logical_block_size(bdev) > PAGE_SIZE) {
		NL_SET_ERR_MSG_FMT(extack, "its blocks of %u bytes are larger than a page",
				   bdev_logical_block_size(bdev));
		return -EOPNOTSUPP;
	}
	if (bdev_nr_bytes(bdev) < to->size) {
		NL_SET_ERR_MSG_FMT(extack, "the block device has %llu bytes only",
				   (unsigned long long)bdev_nr_bytes(bdev));
		return -ENOSPC;
	}
	return 0;
}

/* What others have written to the page cache of it is not to be written later, over pages. */
static int mage_blk_settle(struct block_device *bdev, struct netlink_ext_ack *extack)
{
	int err = sync_blockdev(bdev);

	if (err)
		NL_SET_ERR_MSG_FMT(extack, "what was written to it before cannot be kept (%pe)",
				   ERR_PTR(err));
	else
		invalidate_bdev(bdev);
	return err;
}

static int mage_blk_open(struct mage_blk *blk, const struct mage_connect *to,
			 struct netlink_ext_ack *extack)
{
	const blk_mode_t mode = BLK_OPEN_READ | BLK_OPEN_WRITE | BLK_OPEN_RESTRICT_WRITES;
	struct file *file = bdev_file_open_by_path(to->path, mode, blk, &mage_blk_holder_ops);
	int err;

	if (IS_ERR(file))
		return mage_blk_cannot_open(PTR_ERR(file), extack);
	blk->file = file;
	blk->bdev = file_bdev(file);
	err = mage_blk_check(blk->bdev, to, extack);
	if (!err)
		err = mage_blk_settle(blk->bdev, extack);
	if (err) {
		bdev_fput(file);
		blk->file = NULL;
		return err;
	}
	/* Drivers that get bios rather than requests, as dm, md and zram, do more than pass on. */
	blk->is_stacked = !queue_is_mq(bdev_get_queue(blk->bdev));
	/* Of the disk: a partition of one has another number. */
	blk->is_loop = blk->bdev->bd_disk->major == LOOP_MAJOR;
	return 0;
}

static int mage_blk_make_pools(struct mage_blk *blk)
{
	int err;

	err = bioset_init(&blk->read_bios, MAGE_BLK_BIOS, offsetof(struct mage_blk_read, bio),
			  BIOSET_NEED_BVECS);
	if (!err)
		err = bioset_init(&blk->write_bios, MAGE_BLK_BIOS,
				  offsetof(struct mage_blk_write, bio), BIOSET_NEED_BVECS);
	if (!err)
		err = mempool_init_page_pool(&blk->copies, MAGE_BLK_COPIES, 0);
	if (err)
		return err;
	blk->works = alloc_workqueue("mage_blk/%pg", WQ_MEM_RECLAIM | WQ_UNBOUND, 0, blk->bdev);
	return blk->works ? 0 : -ENOMEM;
}

/* Of whatever there is; the file goes first, as its claim leads to the rest. */
static void mage_blk_free(struct mage_blk *blk)
{
	if (blk->works)
		destroy_workqueue(blk->works);
	mempool_exit(&blk->copies);
	bioset_exit(&blk->write_bios);
	bioset_exit(&blk->read_bios);
	if (blk->file)
		bdev_fput(blk->file);
	kfree(blk);
}

static struct mage_blk *mage_blk_alloc(struct mage_device *dev)
{
	unsigned int i, nr = min(num_possible_cpus(), MAGE_BLK_QUEUES);
	struct mage_blk *blk = kzalloc(struct_size(blk, queues, nr), GFP_KERNEL);

	if (!blk)
		return NULL;
	blk->dev = dev;
	blk->nr_queues = nr;
	for (i = 0; i < nr; i++) {
		struct mage_blk_queue *queue = &blk->queues[i];

		queue->blk = blk;
		spin_lock_init(&queue->lock);
		INIT_LIST_HEAD(&queue->reads);
		INIT_LIST_HEAD(&queue->writes);
		INIT_WORK(&queue->read_work, mage_blk_read_work);
		INIT_WORK(&queue->write_work, mage_blk_write_work);
	}
	return blk;
}

static int mage_blk_connect(struct mage_device *dev, const struct mage_connect *to,
			    struct netlink_ext_ack *extack)
{
	struct mage_blk *blk;
	int err;

	if (!to->path[0]) {
		NL_SET_ERR_MSG(extack, "the path of a block device is needed");
		return -EINVAL;
	}
	blk = mage_blk_alloc(dev);
	if (!blk)
		return -ENOMEM;
	err = mage_blk_open(blk, to, extack);
	if (!err)
		err = mage_blk_make_pools(blk);
	if (err) {
		mage_blk_free(blk);
		return err;
	}
	dev->private = blk;
	dev->nr_write_queues = blk->nr_queues;
	return 0;
}

/*
 * What is left there is of no use to anybody, and takes memory, or wears the disk: of a device
 * that can forget it, and was written to.  Slots are not discarded as they become free: they
 * are written again soon.
 */
static void mage_blk_forget(struct mage_blk *blk)
{
	if (blk->is_used && !blk->dev->failed && bdev_max_discard_sectors(blk->bdev))
		blkdev_issue_discard(blk->bdev, 0, blk->dev->size >> SECTOR_SHIFT, GFP_KERNEL);
}

static void mage_blk_disconnect(struct mage_device *dev)
{
	struct mage_blk *blk = dev->private;

	/* Who told of the last arrival may still be about to let go of the lock, irqs off. */
	synchronize_rcu();
	mage_blk_forget(blk);
	mage_blk_free(blk);
}

static struct mage_backend_ops mage_blk_ops = {
	.name = "blk",
	.connect = mage_blk_connect,
	.disconnect = mage_blk_disconnect,
	.submit_reads = mage_blk_submit_reads,
	.submit_writes = mage_blk_submit_writes,
};

/**
 * mage_blk_init() - offer the "blk" backend
 *
 * Return: 0 or a negative errno
 */
int __init mage_blk_init(void)
{
	return mage_backend_register(&mage_blk_ops);
}
