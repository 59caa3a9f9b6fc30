/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: what a far device stands on.  The core (mm/mage/) knows a backend only
 * by the table of operations below.
 */
#ifndef _LINUX_MAGE_BACKEND_H
#define _LINUX_MAGE_BACKEND_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <uapi/linux/mage.h>

struct mage_device;
struct mage_io_batch;
struct module;
struct netlink_ext_ack;
struct page;

/* Most pages that one batch of writes carries. */
#define MAGE_BATCH_MAX		512

/**
 * struct mage_io - one page on its way to far memory, or from there
 * @page: order-0 page; the submitter holds a reference until it is final
 * @slot: page index on the far device
 * @error: 0, or a negative errno once it is final.  Anything but 0 means that what was
 *	to be written, the far copy or the page, must be taken for garbage.
 * @checksum: the submitter's, of a page that is written
 */
struct mage_io {
	struct page *page;
	pgoff_t slot;
	int error;
	u32 checksum;
};

/**
 * struct mage_io_batch - a chain of page writes that completes as one
 * @nr: number of valid elements of @io, 1 to MAGE_BATCH_MAX
 * @io: array of at least @nr elements, owned by the submitter
 * @done: called exactly once, after every element's @error is final; may run
 *	in interrupt context and inside submit_writes() itself; must not sleep.
 *	The batch may be gone when it returns.
 * @list: for the backend, from submit_writes() to @done
 * @begun: likewise
 * @left: likewise
 * @queue: likewise
 */
struct mage_io_batch {
	unsigned int nr;
	struct mage_io *io;
	void (*done)(struct mage_io_batch *batch);
	struct list_head list;
	unsigned int begun;
	unsigned int left;
	unsigned int queue;
};

/**
 * struct mage_read_batch - a chain of page reads that arrive in order
 * @nr: number of valid elements of @io, at least 1; submit_reads() sets it to what it
 *	has accepted
 * @io: array of at least @nr elements, owned by the submitter
 * @arrived: called when so many of those accepted, from the first on, are final; with a
 *	larger number each time, for the last time with the number of all.  May run in
 *	interrupt context, inside submit_reads() and poll_reads(), and with a lock of the
 *	backend's held: it must neither sleep nor call the backend.  The batch may be
 *	gone when it was called for the last time.
 * @list: for the backend, from submit_reads() to the last @arrived
 * @due: likewise
 * @given: likewise
 * @above: @arrived of the submitter; this and what follows is for a backend that gives the
 *	batch to one that it stands on
 * @via: to which
 * @via_number: the same, when @via may be gone; for blame() after the last @arrived
 * @passed: pages of which the submitter was told
 */
struct mage_read_batch {
	unsigned int nr;
	struct mage_io *io;
	void (*arrived)(struct mage_read_batch *batch, unsigned int nr);
	struct list_head list;
	u64 due;
	unsigned int given;
	void (*above)(struct mage_read_batch *batch, unsigned int nr);
	void *via;
	u32 via_number;
	unsigned int passed;
};

struct mage_leg_connect;

/**
 * struct mage_connect - what to connect to
 * @size: bytes; the core has checked that it is a multiple of the page size
 *	and not zero
 * @path: of a block device, in the mounts of who connects, or "" (blk)
 * @address: numeric IPv4 or IPv6 address, or "" (rdma)
 * @port: host byte order (rdma)
 * @secret: bytes that the memory node must know as well (rdma)
 * @secret_len: number of bytes in @secret
 * @loss_timeout_ms: how long the device may be suspended before it fails, 0: it fails
 *	at once (rdma)
 * @checksums: whether the core keeps checksums of the device's pages
 * @latency_ns: delay of each operation (dram)
 * @bandwidth: bytes a second, 0 for no limit (dram)
 * @legs: of what the device is made, only while it is connected (set)
 * @nr_legs: how many, at most MAGE_LEGS_MAX (set)
 */
struct mage_connect {
	u64 size;
	char path[MAGE_PATH_LEN];
	char address[MAGE_NAME_LEN];
	u16 port;
	u8 secret[MAGE_SECRET_LEN];
	unsigned int secret_len;
	u32 loss_timeout_ms;
	bool checksums;
	u64 latency_ns;
	u64 bandwidth;
	const struct mage_leg_connect *legs;
	unsigned int nr_legs;
};

/**
 * struct mage_leg_connect - one of several far stores of which a device is made
 * @backend: its kind
 * @column: number of its column; legs of one column hold the same pages
 * @to: what to connect to.  Its size is not said: that of the column is taken
 */
struct mage_leg_connect {
	char backend[MAGE_NAME_LEN];
	u32 column;
	struct mage_connect to;
};

/**
 * struct mage_backend_ops - a kind of far store
 * @name: what "mage device connect" calls it.  A module that has it is loaded when
 *	somebody asks for it, if it says MODULE_ALIAS("mage-backend-NAME")
 * @owner: THIS_MODULE, which stays as long as there is a device
 * @connect: reach the far store and make @dev->private.  May sleep.  Returns 0
 *	or a negative errno, with a sentence for people set in @extack that says
 *	what failed, why, and what to do.  On failure nothing stays behind.
 *	Far memory may read as anything after it: nobody reads a slot that was not
 *	written.
 * @disconnect: give everything back.  May sleep.  No operation is under way
 *	and none follows.
 * @submit_reads: start to read all pages of @batch, with one doorbell; @queue, taken
 *	modulo what the backend has, says which queue (a faulting thread takes its
 *	CPU's).  Must not sleep, unless @urgent.  Returns how many pages, from the first on, it has
 *	accepted: fewer than all if the queue has no room, and then none of the others
 *	is under way; after 0 the batch is as it was.  The batch may be gone when it
 *	returns another number.  @urgent: somebody waits for the pages.  So they have
 *	credits of the queue for themselves, and the submitter polls, or calls
 *	poll_reads() with @sleeps before it sleeps; what is not urgent arrives by itself.
 *	Elements' errors: 0, or a negative errno (then the content of the page is
 *	undefined).  -EAGAIN says that the device is suspended, or was until just now,
 *	and that it is to be asked again when it is not.  No reference to a page is
 *	left once it is final.  The slots of elements that are not accepted may have
 *	been changed.
 * @poll_reads: let arrive what is there of @queue.  Must not sleep.  @sleeps: nobody will
 *	poll for what is under way, it has to arrive by itself.  Optional: without it
 *	all reads do.
 * @await_reads: sleep until @queue may have room for an urgent read, or the device does
 *	not work.  Optional for a backend that accepts at least one urgent page always.
 * @overdue_reads: a read has been under way for half a minute: see to it that
 *	all of them become final.  May sleep.  Optional: without it they may take
 *	as long as they like.
 * @submit_writes: start writing all pages of @batch; @queue, taken modulo
 *	mage_device.nr_write_queues, says which queue (an evictor keeps to its
 *	own).  Must not sleep: one far store that does not answer would keep
 *	the evictor from all others.  What the queue has no room for is posted
 *	as room comes.  Errors are reported through the elements' error fields
 *	and done(), never by a return value.
 * @look: whether the page of @slot can be read just now: 0; -EAGAIN if it has to be waited
 *	for, until mage_device_may_read() says to look again; -EIO if it is lost.  Must not
 *	sleep; any context.  Optional: without it all pages can be, unless the device is
 *	suspended or has failed.
 * @blame: the page of @slot, that @batch has read, is not what was written: have it read from
 *	elsewhere.  @sure: it has come in vain more than once, so also a copy that has to be
 *	waited for is better.  Any context.  Returns true if there is another copy, so that
 *	it is worth asking once more.  Optional: without it there is none.
 * @poll: reap completions of @queue now, if the backend has any that it would
 *	otherwise report by interrupt.  Must not sleep.  Optional: without it
 *	completions come by themselves.
 * @list: the registry's, under its lock
 */
struct mage_backend_ops {
	const char *name;
	struct module *owner;
	int (*connect)(struct mage_device *dev, const struct mage_connect *to,
		       struct netlink_ext_ack *extack);
	void (*disconnect)(struct mage_device *dev);
	unsigned int (*submit_reads)(struct mage_device *dev, unsigned int queue,
				     struct mage_read_batch *batch, bool urgent);
	void (*poll_reads)(struct mage_device *dev, unsigned int queue, bool sleeps);
	void (*await_reads)(struct mage_device *dev, unsigned int queue);
	void (*overdue_reads)(struct mage_device *dev);
	void (*submit_writes)(struct mage_device *dev, unsigned int queue,
			      struct mage_io_batch *batch);
	int (*look)(struct mage_device *dev, pgoff_t slot);
	bool (*blame)(struct mage_device *dev, struct mage_read_batch *batch, pgoff_t slot,
		      bool sure);
	void (*poll)(struct mage_device *dev, unsigned int queue);
	struct list_head list;
};

/**
 * struct mage_device_owner - who owns a far store that is part of a far device
 * @suspend: in the place of mage_device_suspend(), and so on
 * @resume: likewise
 * @fail: likewise
 */
struct mage_device_owner {
	void (*suspend)(struct mage_device *dev, const char *why);
	void (*resume)(struct mage_device *dev);
	void (*fail)(struct mage_device *dev, const char *why);
};

/**
 * struct mage_device - a far device as its backend sees it
 * @ops: the backend
 * @owner: NULL: it is a far device itself; otherwise one of several far stores of one
 * @private: the backend's own state, set by connect()
 * @size: bytes
 * @nr_write_queues: number of independent write queues; 1 when the backend
 *	does not set it in connect()
 * @read_spin_ns: for how long it is sensible to poll for a read before sleeping, 0: not
 *	at all; the backend may set it in connect()
 * @suspended: set by mage_device_suspend()
 * @failed: set by mage_device_fail(); operations return -EIO from then on
 */
struct mage_device {
	const struct mage_backend_ops *ops;
	const struct mage_device_owner *owner;
	void *private;
	u64 size;
	unsigned int nr_write_queues;
	u32 read_spin_ns;
	bool suspended;
	bool failed;
};

int mage_backend_register(struct mage_backend_ops *ops);
void mage_backend_unregister(struct mage_backend_ops *ops);

/**
 * mage_device_suspend() - the far store does not answer, and may come back
 * @dev: the far device
 * @why: a sentence for people, for the kernel log
 *
 * Any context.  Faults on pages that are there wait until mage_device_resume() or
 * mage_device_fail(), one of which has to follow in bounded time, as has
 * disconnect().  Nothing is evicted to the device meanwhile; writes that are under
 * way are to be given back as failed.
 */
void mage_device_suspend(struct mage_device *dev, const char *why);

/**
 * mage_device_resume() - the far store is back, with every page that it had
 * @dev: the far device
 *
 * Any context.  Nothing may be under way any more from before.
 */
void mage_device_resume(struct mage_device *dev);

/**
 * mage_device_fail() - the far store is gone for good
 * @dev: the far device
 * @why: a sentence for people, for the kernel log
 *
 * Any context.  Pages whose only copy was there are lost: faults on them
 * raise SIGBUS, and nothing is evicted to the device any more.
 */
void mage_device_fail(struct mage_device *dev, const char *why);

/**
 * mage_device_may_read() - pages that could not be read may be there
 * @dev: the far device, which has the operation look()
 *
 * Any context.  Who waits for a page looks again.
 */
void mage_device_may_read(struct mage_device *dev);

/**
 * mage_device_changed() - something of a far device is to be told to who listens
 * @dev: the far device
 *
 * Any context.
 */
void mage_device_changed(struct mage_device *dev);

#endif /* _LINUX_MAGE_BACKEND_H */
