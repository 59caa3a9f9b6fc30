// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: what KUnit suites stand on that need a process, a domain and swap.
 *
 * All of it is real but for the far store: an address space that the test's thread
 * uses, a cgroup that is a domain, /dev/mageN with a swap area that swapon() took.
 * So the code under test meets what it meets in life, and the store does what the
 * test wants.  It is made for each test anew, and taken down by the thread that
 * cleans up after it, also when the test was broken off.
 *
 * Memory of a process is charged to the cgroup of its owner.  That is a thread of
 * its own, since the test's may end in the cgroup at any time, and the cgroup could
 * not be removed until it has.
 *
 * Tests run at boot, when there is no other far device that victims could go to.
 */
#include <kunit/test.h>
#include <linux/blkdev.h>
#include <linux/cgroup.h>
#include <linux/completion.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/kdev_t.h>
#include <linux/kthread.h>
#include <linux/memcontrol.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/uaccess.h>
#include <asm/syscall.h>
#include "../internal.h"
#include "bed_kunit.h"
#include "callback.h"
#include "device.h"
#include "disk.h"
#include "domain.h"
#include "govern.h"
#include "knobs.h"
#include "pipeline.h"

#define MAGE_BED_ROOT		"/mage-kunit"
#define MAGE_BED_CGROUP		MAGE_BED_ROOT "/bed"
#define MAGE_BED_SWAP		"/mage-kunit.swap"

/* Nothing that tests wait for takes as long. */
#define MAGE_BED_PATIENCE	(60 * HZ)

/* The far store */

static struct mage_bed *mage_bed_of_device(const struct mage_device *dev)
{
	return dev->private;
}

static int mage_bed_read(struct mage_bed_store *store, const struct mage_io *io)
{
	atomic_inc(&store->reads);
	if (store->read_error)
		return store->read_error;
	if (io->slot > MAGE_BED_SLOTS)
		return -EINVAL;
	copy_highpage(io->page, store->page[io->slot]);
	if (store->flips)
		*(u8 *)page_address(io->page) ^= store->flips--;
	return 0;
}

static unsigned int mage_bed_submit_reads(struct mage_device *dev, unsigned int queue,
					  struct mage_read_batch *batch, bool urgent)
{
	struct mage_bed_store *store = &mage_bed_of_device(dev)->store;
	unsigned int i, nr = min(batch->nr, store->accept_reads);

	if (store->full || !nr)
		return 0;
	batch->nr = nr;
	for (i = 0; i < nr; i++)
		batch->io[i].error = mage_bed_read(store, &batch->io[i]);
	if (store->hold_reads)
		store->held_reads = batch;
	else
		batch->arrived(batch, nr);
	return nr;
}

static void mage_bed_await_reads(struct mage_device *dev, unsigned int queue)
{
	struct mage_bed_store *store = &mage_bed_of_device(dev)->store;

	store->awaited++;
	store->full = false;
}

static void mage_bed_overdue_reads(struct mage_device *dev)
{
	struct mage_bed_store *store = &mage_bed_of_device(dev)->store;
	struct mage_read_batch *held = xchg(&store->held_reads, NULL);
	unsigned int i;

	atomic_inc(&store->overdue);
	if (!held)
		return;
	for (i = 0; i < held->nr; i++)
		held->io[i].error = -EIO;
	held->arrived(held, held->nr);
}

static void mage_bed_submit_writes(struct mage_device *dev, unsigned int queue,
				   struct mage_io_batch *batch)
{
	struct mage_bed_store *store = &mage_bed_of_device(dev)->store;
	unsigned int i;

	for (i = 0; i < min(batch->nr, store->accept); i++) {
		struct mage_io *io = &batch->io[i];

		io->error = io->slot > MAGE_BED_SLOTS ? -EINVAL : 0;
		if (test_bit(i, store->bad))
			io->error = store->write_error;
		if (io->error)
			continue;
		copy_highpage(store->page[io->slot], io->page);
		atomic_inc(&store->writes);
	}
	if (store->hold)
		store->held = batch;
	else
		batch->done(batch);
}

/* Of one bed at a time: KUnit runs one test after the other. */
static struct mage_bed *mage_bed_connecting;

static int mage_bed_connect(struct mage_device *dev, const struct mage_connect *to,
			    struct netlink_ext_ack *extack)
{
	dev->private = mage_bed_connecting;
	return 0;
}

static void mage_bed_disconnect(struct mage_device *dev)
{
	dev->private = NULL;
}

static struct mage_backend_ops mage_bed_ops = {
	.name = "kunit",
	.connect = mage_bed_connect,
	.disconnect = mage_bed_disconnect,
	.submit_reads = mage_bed_submit_reads,
	.await_reads = mage_bed_await_reads,
	.overdue_reads = mage_bed_overdue_reads,
	.submit_writes = mage_bed_submit_writes,
};

/**
 * mage_bed_complete() - the batch of writes that the store holds is done
 * @bed: the bed
 */
void mage_bed_complete(struct mage_bed *bed)
{
	struct mage_io_batch *held = bed->store.held;

	bed->store.held = NULL;
	if (held)
		held->done(held);
}

/**
 * mage_bed_arrive() - the batch of reads that the store holds arrives
 * @bed: the bed
 */
void mage_bed_arrive(struct mage_bed *bed)
{
	/* A work may find them overdue just now. */
	struct mage_read_batch *held = xchg(&bed->store.held_reads, NULL);

	if (held)
		held->arrived(held, held->nr);
}

/**
 * mage_bed_heed() - swap knows whether the far device answers
 * @bed: the bed, whose device was suspended, resumed or has failed
 */
void mage_bed_heed(struct mage_bed *bed)
{
	flush_work(&bed->disk->offer_work);
}

/**
 * mage_bed_mend() - the far device has never failed
 * @bed: the bed
 */
void mage_bed_mend(struct mage_bed *bed)
{
	WRITE_ONCE(bed->disk->dev.failed, false);
	mage_disk_queue_work(&bed->disk->offer_work);
	mage_bed_heed(bed);
}

static int mage_bed_make_store(struct mage_bed *bed)
{
	struct mage_bed_store *store = &bed->store;
	struct mage_connect to = { .size = sizeof(store->page) / sizeof(*store->page) * PAGE_SIZE };
	union swap_header *header;
	struct mage_disk *disk;
	unsigned int i;
	int err;

	store->accept = UINT_MAX;
	store->accept_reads = UINT_MAX;
	for (i = 0; i <= MAGE_BED_SLOTS; i++) {
		store->page[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!store->page[i])
			return -ENOMEM;
	}
	header = page_address(store->page[0]);
	header->info.version = 1;
	header->info.last_page = MAGE_BED_SLOTS;
	memcpy(header->magic.magic, "SWAPSPACE2", 10);

	err = mage_backend_register(&mage_bed_ops);
	if (err)
		return err;
	mage_bed_connecting = bed;
	disk = mage_disk_connect(mage_bed_ops.name, &to, NULL);
	if (IS_ERR(disk)) {
		mage_backend_unregister(&mage_bed_ops);
		return PTR_ERR(disk);
	}
	mutex_lock(&mage_disks_mutex);
	mage_disk_publish(disk);
	mutex_unlock(&mage_disks_mutex);
	bed->disk = disk;
	return 0;
}

static void mage_bed_drop_store(struct mage_bed *bed)
{
	unsigned long end = jiffies + MAGE_BED_PATIENCE;
	unsigned int i;
	int err = 0;

	while (bed->disk) {
		/* A kernel thread's files are closed by a work, which may be at it. */
		flush_delayed_fput();
		err = mage_disk_disconnect(bed->disk->index, NULL);
		if (err != -EBUSY || time_after(jiffies, end))
			break;
		schedule_timeout_uninterruptible(1);
	}
	KUNIT_EXPECT_EQ(bed->test, err, 0);
	if (bed->disk && !err)
		mage_backend_unregister(&mage_bed_ops);
	for (i = 0; !err && i <= MAGE_BED_SLOTS; i++)
		if (bed->store.page[i])
			__free_page(bed->store.page[i]);
}

/* The process, and what it asks of the kernel */

/**
 * mage_bed_call() - a system call of the process
 * @bed: the bed
 * @nr: its number
 * @arg0: first argument
 * @arg1: second argument
 * @arg2: third argument
 * @arg3: fourth argument
 * @arg4: fifth argument
 *
 * Return: what it returns
 */
long mage_bed_call(struct mage_bed *bed, unsigned int nr, unsigned long arg0,
		   unsigned long arg1, unsigned long arg2, unsigned long arg3,
		   unsigned long arg4)
{
	struct pt_regs regs = {
		.di = arg0, .si = arg1, .dx = arg2, .r10 = arg3, .r8 = arg4, .orig_ax = nr,
	};

	return x64_sys_call(&regs, nr);
}

/* A string in the process's memory; there is place for a few. */
static unsigned long mage_bed_text(struct mage_bed *bed, unsigned int place, const char *text)
{
	unsigned long address = bed->text + place * 64;

	return copy_to_user((void __user *)address, text, strlen(text) + 1) ? 0 : address;
}

/* A system call that takes a path first. */
static long mage_bed_call_path(struct mage_bed *bed, unsigned int nr, const char *path,
			       unsigned long arg1, unsigned long arg2)
{
	return mage_bed_call(bed, nr, mage_bed_text(bed, 0, path), arg1, arg2, 0, 0);
}

static int mage_bed_make_process(struct mage_bed *bed)
{
	struct mm_struct *mm = mm_alloc();
	unsigned long address;

	if (!mm)
		return -ENOMEM;
	mm->task_size = TASK_SIZE;
	arch_pick_mmap_layout(mm, &current->signal->rlim[RLIMIT_STACK]);
	/* One user is this thread, until its exit; the bed is another. */
	mmget(mm);
	kthread_use_mm(mm);
	bed->mm = mm;

	address = vm_mmap(NULL, 0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(address))
		return address;
	bed->text = address;
	bed->spare = address + PAGE_SIZE;
	if (!mage_bed_text(bed, 0, ""))
		return -EFAULT;
	/* With nothing mapped on either side, or it would be one mapping with that. */
	address = vm_mmap(NULL, 0, (MAGE_BED_PAGES + 2) * PAGE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(address))
		return address;
	bed->area = address + PAGE_SIZE;
	return vm_munmap(address, PAGE_SIZE) ?: vm_munmap(mage_bed_at(bed, MAGE_BED_PAGES),
							  PAGE_SIZE);
}

/* The cgroup */

static int mage_bed_write_file(const char *path, const char *text)
{
	struct file *file = filp_open(path, O_WRONLY, 0);
	ssize_t len = strlen(text), written;
	loff_t at = 0;

	if (IS_ERR(file))
		return PTR_ERR(file);
	written = kernel_write(file, text, len, &at);
	filp_close(file, NULL);
	return written == len ? 0 : written < 0 ? written : -EIO;
}

static int mage_bed_owner(void *started)
{
	complete(started);
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

/* Moves the owner to the cgroup in a directory. */
static int mage_bed_move_owner(struct mage_bed *bed, const char *procs)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", task_pid_nr(bed->owner));
	return mage_bed_write_file(procs, pid);
}

static int mage_bed_make_cgroup(struct mage_bed *bed)
{
	DECLARE_COMPLETION_ONSTACK(started);
	struct task_struct *owner;
	long err;

	err = mage_bed_call_path(bed, __NR_mkdir, MAGE_BED_ROOT, 0700, 0);
	if (err)
		return err;
	err = mage_bed_call(bed, __NR_mount, mage_bed_text(bed, 0, "none"),
			    mage_bed_text(bed, 1, MAGE_BED_ROOT),
			    mage_bed_text(bed, 2, "cgroup2"), 0, 0);
	if (err)
		return err;
	bed->mounted = true;
	/* It stays so: whoever comes after us wants it as well, or has it already. */
	err = mage_bed_write_file(MAGE_BED_ROOT "/cgroup.subtree_control", "+memory");
	if (err)
		return err;
	err = mage_bed_call_path(bed, __NR_mkdir, MAGE_BED_CGROUP, 0700, 0);
	if (err)
		return err;
	bed->cgroup = true;

	owner = kthread_run(mage_bed_owner, &started, "mage_bed_owner");
	if (IS_ERR(owner))
		return PTR_ERR(owner);
	bed->owner = owner;
	/* Not before it has started can it be moved. */
	wait_for_completion(&started);
	err = mage_bed_move_owner(bed, MAGE_BED_CGROUP "/cgroup.procs");
	if (err)
		return err;
	rcu_assign_pointer(bed->mm->owner, owner);
	return 0;
}

/* The two children that the cgroup may have. */
static const char *const mage_bed_child[] = { MAGE_BED_CGROUP "/0", MAGE_BED_CGROUP "/1" };
static const char *const mage_bed_child_procs[] = {
	MAGE_BED_CGROUP "/0/cgroup.procs", MAGE_BED_CGROUP "/1/cgroup.procs",
};

/* A cgroup with children that have memory controllers has no processes itself. */
static int mage_bed_divide(struct mage_bed *bed)
{
	unsigned int i;
	long err;

	err = mage_bed_move_owner(bed, MAGE_BED_ROOT "/cgroup.procs");
	if (err)
		return err;
	err = mage_bed_write_file(MAGE_BED_CGROUP "/cgroup.subtree_control", "+memory");
	for (i = 0; i < ARRAY_SIZE(mage_bed_child) && !err; i++)
		err = mage_bed_call_path(bed, __NR_mkdir, mage_bed_child[i], 0700, 0);
	bed->divided = !err;
	return err;
}

/**
 * mage_bed_memcg() - the memory cgroup that the process is in
 * @bed: the bed
 *
 * Return: the cgroup, which stays as long as the process is in it
 */
struct mem_cgroup *mage_bed_memcg(struct mage_bed *bed)
{
	struct mem_cgroup *memcg;

	rcu_read_lock();
	memcg = mem_cgroup_from_task(bed->owner);
	rcu_read_unlock();
	return memcg;
}

/**
 * mage_bed_enter() - what the process touches from now on is a child cgroup's
 * @bed: the bed
 * @child: 0 or 1
 *
 * The children are governed by the bed's domain, and have domains of their own.
 *
 * Return: 0 or a negative errno
 */
int mage_bed_enter(struct mage_bed *bed, unsigned int child)
{
	int err = bed->divided ? 0 : mage_bed_divide(bed);

	return err ?: mage_bed_move_owner(bed, mage_bed_child_procs[child]);
}

/**
 * mage_bed_remove() - remove a child cgroup
 * @bed: the bed, whose process is not in it
 * @child: 0 or 1
 *
 * Return: 0 or a negative errno
 */
int mage_bed_remove(struct mage_bed *bed, unsigned int child)
{
	int err = mage_bed_call_path(bed, __NR_rmdir, mage_bed_child[child], 0, 0);

	bed->removed[child] = !err;
	return err;
}

static void mage_bed_drop_cgroup(struct mage_bed *bed)
{
	struct kunit *test = bed->test;
	unsigned int i;

	if (bed->owner) {
		rcu_assign_pointer(bed->mm->owner, NULL);
		KUNIT_EXPECT_EQ(test, mage_bed_move_owner(bed, MAGE_BED_ROOT "/cgroup.procs"), 0);
		kthread_stop(bed->owner);
	}
	for (i = 0; bed->divided && i < ARRAY_SIZE(mage_bed_child); i++)
		if (!bed->removed[i])
			KUNIT_EXPECT_EQ(test, mage_bed_remove(bed, i), 0);
	if (bed->cgroup)
		KUNIT_EXPECT_EQ(test, mage_bed_call_path(bed, __NR_rmdir, MAGE_BED_CGROUP, 0, 0),
				0);
	if (bed->mounted)
		KUNIT_EXPECT_EQ(test, mage_bed_call_path(bed, __NR_umount2, MAGE_BED_ROOT,
							 MNT_DETACH, 0), 0);
	mage_bed_call_path(bed, __NR_rmdir, MAGE_BED_ROOT, 0, 0);
}

/* Swap */

static int mage_bed_make_swap(struct mage_bed *bed)
{
	long err;

	err = mage_bed_call_path(bed, __NR_mknod, MAGE_BED_SWAP, S_IFBLK | 0600,
				 new_encode_dev(disk_devt(bed->disk->disk)));
	if (!err)
		err = mage_bed_call_path(bed, __NR_swapon, MAGE_BED_SWAP, 0, 0);
	if (err)
		return err;
	bed->swap = true;
	return 0;
}

static void mage_bed_drop_swap(struct mage_bed *bed)
{
	if (bed->swap)
		KUNIT_EXPECT_EQ(bed->test,
				mage_bed_call_path(bed, __NR_swapoff, MAGE_BED_SWAP, 0, 0), 0);
	mage_bed_call_path(bed, __NR_unlink, MAGE_BED_SWAP, 0, 0);
}

/* The domain */

static u32 mage_bed_no_evictors(struct mage_domain *domain)
{
	return 0;
}

static int mage_bed_make_domain(struct mage_bed *bed)
{
	struct mage_domain *domain;
	bool created;
	u64 id;

	strscpy(bed->policy.name, "kunit");
	bed->policy.evictors = mage_bed_no_evictors;
	rcu_read_lock();
	id = cgroup_id(task_dfl_cgroup(bed->owner));
	rcu_read_unlock();
	domain = mage_domain_attach(id, &bed->policy, NULL, &created);
	if (IS_ERR(domain))
		return PTR_ERR(domain);
	bed->domain = domain;
	return 0;
}

/**
 * mage_bed_govern() - the bed's policy has got callbacks, or flags
 * @bed: the bed
 */
void mage_bed_govern(struct mage_bed *bed)
{
	WRITE_ONCE(bed->domain->hears, mage_policy_hears(&bed->policy));
	WRITE_ONCE(bed->domain->remembers, bed->policy.flags & MAGE_OPS_GHOST);
}

/**
 * mage_bed_init() - make a test's bed
 * @test: the test
 *
 * Return: 0 or a negative errno; mage_bed_exit() takes down what is there
 */
int mage_bed_init(struct kunit *test)
{
	struct mage_bed *bed = kunit_kzalloc(test, sizeof(*bed), GFP_KERNEL);
	int err;

	if (!mage_enabled)
		kunit_skip(test, "booted with mage=off");
	if (!bed)
		return -ENOMEM;
	test->priv = bed;
	bed->test = test;
	bed->knobs = mage_knobs;
	mage_bell_init(&bed->bell);
	bed->buffer = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	bed->batch = kvzalloc(sizeof(*bed->batch), GFP_KERNEL);
	if (!bed->buffer || !bed->batch)
		return -ENOMEM;
	err = mage_shootdown_init(&bed->shoot, &bed->bell);
	if (!err)
		err = mage_bed_make_process(bed);
	if (!err)
		err = mage_bed_make_store(bed);
	if (!err)
		err = mage_bed_make_swap(bed);
	if (!err)
		err = mage_bed_make_cgroup(bed);
	if (!err)
		err = mage_bed_make_domain(bed);
	return err;
}

/* A test that was broken off may have left a batch, and a store that misbehaves. */
static void mage_bed_settle(struct mage_bed *bed)
{
	struct mage_bed_store *store = &bed->store;

	store->hold = false;
	store->accept = UINT_MAX;
	store->read_error = 0;
	store->flips = 0;
	store->accept_reads = UINT_MAX;
	store->hold_reads = false;
	mage_bed_arrive(bed);
	bitmap_zero(store->bad, MAGE_BATCH_MAX);
	mage_bed_complete(bed);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	mage_bed_wait_prefetch(bed);
}

/**
 * mage_bed_exit() - take a test's bed down
 * @test: the test; the caller is another thread than the test's
 */
void mage_bed_exit(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	if (!bed)
		return;
	mage_knobs = bed->knobs;
	if (bed->mm) {
		kthread_use_mm(bed->mm);
		if (bed->domain)
			mage_bed_settle(bed);
		if (bed->area)
			vm_munmap(bed->area, MAGE_BED_PAGES * PAGE_SIZE);
		if (bed->domain) {
			mage_domain_remove(bed->domain, true);
			KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_CLEAN_COPIES), 0);
			mage_domain_put(bed->domain);
		}
		mage_bed_drop_swap(bed);
		mage_bed_drop_cgroup(bed);
		kthread_unuse_mm(bed->mm);
		/* What the test's thread took with the mm, and its exit leaves behind. */
		mmdrop(bed->mm);
		mmput(bed->mm);
	}
	mage_bed_drop_store(bed);
	mage_shootdown_free(&bed->shoot);
	kvfree(bed->batch);
}

/* The knob, as it was. */
static unsigned int mage_bed_shards_before;

/**
 * mage_bed_init_in_order() - mage_bed_init() with one shard, so that pages are in one order
 * @test: the test
 *
 * Return: as mage_bed_init(); mage_bed_exit_in_order() takes down what is there
 */
int mage_bed_init_in_order(struct kunit *test)
{
	mage_bed_shards_before = mage_knobs.shards;
	mage_knobs.shards = 1;
	return mage_bed_init(test);
}

/**
 * mage_bed_exit_in_order() - take it down
 * @test: the test
 */
void mage_bed_exit_in_order(struct kunit *test)
{
	mage_bed_exit(test);
	mage_knobs.shards = mage_bed_shards_before;
}

/* The pages of the process */

static u64 mage_bed_word(unsigned int i, u32 seed, unsigned int word)
{
	return (u64)seed << 32 | i << 16 | word;
}

static bool mage_bed_is_content(const u64 *word, unsigned int i, u32 seed)
{
	unsigned int n;

	for (n = 0; n < PAGE_SIZE / sizeof(*word); n++)
		if (word[n] != mage_bed_word(i, seed, n))
			return false;
	return true;
}

/**
 * mage_bed_write() - the process writes a page
 * @bed: the bed
 * @i: which of its pages
 * @seed: what tells one content of the page from another
 *
 * Return: false if it could not
 */
bool mage_bed_write(struct mage_bed *bed, unsigned int i, u32 seed)
{
	u64 *word = bed->buffer;
	unsigned int n;

	for (n = 0; n < PAGE_SIZE / sizeof(*word); n++)
		word[n] = mage_bed_word(i, seed, n);
	return !copy_to_user((void __user *)mage_bed_at(bed, i), bed->buffer, PAGE_SIZE);
}

/**
 * mage_bed_holds_at() - what the process reads at an address
 * @bed: the bed
 * @address: page-aligned
 * @i: which page is to be there
 * @seed: with which content
 *
 * Return: false if it reads something else, or cannot read
 */
bool mage_bed_holds_at(struct mage_bed *bed, unsigned long address, unsigned int i, u32 seed)
{
	return !copy_from_user(bed->buffer, (void __user *)address, PAGE_SIZE) &&
	       mage_bed_is_content(bed->buffer, i, seed);
}

/**
 * mage_bed_holds() - what the process reads in a page
 * @bed: the bed
 * @i: which of its pages
 * @seed: the content that is to be there
 *
 * Return: false if it reads something else, or cannot read
 */
bool mage_bed_holds(struct mage_bed *bed, unsigned int i, u32 seed)
{
	return mage_bed_holds_at(bed, mage_bed_at(bed, i), i, seed);
}

/**
 * mage_bed_stores() - what the far store has
 * @bed: the bed
 * @slot: where
 * @i: which page is to be there
 * @seed: with which content
 *
 * Return: false if it has something else
 */
bool mage_bed_stores(struct mage_bed *bed, pgoff_t slot, unsigned int i, u32 seed)
{
	return slot <= MAGE_BED_SLOTS &&
	       mage_bed_is_content(page_address(bed->store.page[slot]), i, seed);
}

/**
 * mage_bed_fill() - the process writes pages
 * @bed: the bed
 * @first: the first
 * @nr: how many
 * @seed: see mage_bed_write()
 */
void mage_bed_fill(struct mage_bed *bed, unsigned int first, unsigned int nr, u32 seed)
{
	unsigned int i;

	for (i = first; i < first + nr; i++)
		KUNIT_ASSERT_TRUE(bed->test, mage_bed_write(bed, i, seed));
}

/**
 * mage_bed_pte() - how a page of the process is mapped
 * @bed: the bed
 * @i: which of its pages
 *
 * Return: its page table entry, 0 if there is no page table
 */
pte_t mage_bed_pte(struct mage_bed *bed, unsigned int i)
{
	pte_t *pte, value = __pte(0);
	pmd_t *pmd;

	mmap_read_lock(bed->mm);
	pmd = mm_find_pmd(bed->mm, mage_bed_at(bed, i));
	pte = pmd ? pte_offset_map(pmd, mage_bed_at(bed, i)) : NULL;
	if (pte) {
		value = ptep_get_lockless(pte);
		pte_unmap(pte);
	}
	mmap_read_unlock(bed->mm);
	return value;
}

/**
 * mage_bed_is_far() - whether a page of the process is in far memory only
 * @bed: the bed
 * @i: which of its pages
 * @entry: set to its swap entry, unless it is NULL
 */
bool mage_bed_is_far(struct mage_bed *bed, unsigned int i, swp_entry_t *entry)
{
	pte_t pte = mage_bed_pte(bed, i);
	swp_entry_t there;

	if (!is_swap_pte(pte))
		return false;
	there = pte_to_swp_entry(pte);
	if (non_swap_entry(there) || mage_disk_of_type(swp_type(there)) != bed->disk)
		return false;
	if (entry)
		*entry = there;
	return true;
}

/**
 * mage_bed_folio() - the folio of a page that is local
 * @bed: the bed
 * @i: which page of the process
 */
struct folio *mage_bed_folio(struct mage_bed *bed, unsigned int i)
{
	pte_t pte = mage_bed_pte(bed, i);

	KUNIT_ASSERT_TRUE(bed->test, pte_present(pte));
	return page_folio(pte_page(pte));
}

/**
 * mage_bed_frame() - the frame of a page that is local
 * @bed: the bed
 * @i: which page of the process
 */
struct mage_frame *mage_bed_frame(struct mage_bed *bed, unsigned int i)
{
	return mage_frame_of(mage_bed_folio(bed, i));
}

/**
 * mage_bed_domain() - the domain that has a page that is local
 * @bed: the bed
 * @i: which page of the process
 *
 * Return: the domain, which stays as long as the page does, or NULL
 */
struct mage_domain *mage_bed_domain(struct mage_bed *bed, unsigned int i)
{
	struct mage_frame *frame = mage_bed_frame(bed, i);
	struct mage_domain *domain;

	rcu_read_lock();
	domain = mage_domain_by_id(mage_frame_domain_id(frame));
	rcu_read_unlock();
	return domain;
}

/* A batch */

/**
 * mage_bed_pick() - have a batch with pages of the process as victims
 * @bed: the bed, whose batch is idle
 * @first: the first; the others are of the same domain
 * @nr: how many
 */
void mage_bed_pick(struct mage_bed *bed, unsigned int first, unsigned int nr)
{
	struct mage_domain *domain = mage_bed_domain(bed, first);
	struct mage_batch *batch = bed->batch;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(bed->test, domain);
	KUNIT_ASSERT_EQ(bed->test, batch->state, MAGE_BATCH_IDLE);
	memset(batch, 0, sizeof(*batch));
	KUNIT_ASSERT_TRUE(bed->test, mage_domain_get(domain));
	batch->domain = domain;
	batch->policy = &bed->policy;
	batch->max = nr;
	batch->bell = &bed->bell;
	batch->shoot = &bed->shoot;
	batch->progress = atomic_long_read(&domain->progress);
	batch->state = MAGE_BATCH_ARM;
	atomic_inc(&domain->in_flight);
	for (i = first; i < first + nr; i++) {
		struct mage_frame *frame = mage_bed_frame(bed, i);

		KUNIT_ASSERT_EQ(bed->test, mage_frame_pick(&domain->shards, frame), 0);
		mage_batch_push(batch, frame, mage_frame_folio(frame));
		mage_domain_add_victims(domain, 1);
	}
}

/**
 * mage_bed_step() - take the batch on
 * @bed: the bed
 * @until: before which stage it is to stop
 */
void mage_bed_step(struct mage_bed *bed, enum mage_batch_state until)
{
	unsigned long end = jiffies + MAGE_BED_PATIENCE;

	while (bed->batch->state != until) {
		KUNIT_ASSERT_TRUE(bed->test, time_before(jiffies, end));
		mage_shoot_send(&bed->shoot);
		if (!mage_batch_step(bed->batch))
			cond_resched();
	}
}

/**
 * mage_bed_evict() - evict pages of the process
 * @bed: the bed
 * @first: the first
 * @nr: how many
 */
void mage_bed_evict(struct mage_bed *bed, unsigned int first, unsigned int nr)
{
	unsigned int i;

	mage_bed_pick(bed, first, nr);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	for (i = first; i < first + nr; i++)
		KUNIT_ASSERT_TRUE(bed->test, mage_bed_is_far(bed, i, NULL));
}

/**
 * mage_bed_used_slots() - slots that somebody has, once those that were given up are back
 * @bed: the bed
 */
unsigned int mage_bed_used_slots(struct mage_bed *bed)
{
	flush_work(&bed->disk->free_work);
	return READ_ONCE(bed->disk->si->inuse_pages);
}

/**
 * mage_bed_count() - what the domain has counted
 * @bed: the bed
 * @stat: of what
 */
u64 mage_bed_count(struct mage_bed *bed, enum mage_stat stat)
{
	return mage_stat_sum(bed->domain->stats, stat);
}

/**
 * mage_bed_wait_prefetch() - wait until no prefetch is under way
 * @bed: the bed
 */
void mage_bed_wait_prefetch(struct mage_bed *bed)
{
	unsigned long end = jiffies + MAGE_BED_PATIENCE;

	while (atomic_read(&bed->domain->prefetching)) {
		KUNIT_ASSERT_TRUE(bed->test, time_before(jiffies, end));
		schedule_timeout_uninterruptible(1);
	}
}
