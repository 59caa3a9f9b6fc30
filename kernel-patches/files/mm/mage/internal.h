/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: what its rooms share.
 *
 * Lock order, outermost first:
 *
 *   the BPF struct_ops update mutex
 *     mage_domains_mutex     creation and removal of domains
 *       domain->policy_mutex    change of a domain's policy
 *   page table lock
 *     shard->lock            interrupts off; also inside the LRU lock, under which
 *                            pages are freed; innermost
 *   mage_exits_lock          inside policy_mutex; nothing is taken under it
 *   the swap code's locks are taken with none of ours held
 */
#ifndef _MM_MAGE_INTERNAL_H
#define _MM_MAGE_INTERNAL_H

#include <linux/atomic.h>
#include <linux/bpf.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/mage.h>
#include <linux/mage_backend.h>
#include <linux/mage_policy.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/page_ext.h>
#include <linux/percpu.h>
#include <linux/refcount.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct mage_batch;
struct mage_evictor;
struct mage_ghost_record;
struct mage_list_walk;

/* ---- frames ------------------------------------------------------------- */

/**
 * enum mage_frame_state - where a frame is
 * @MAGE_FRAME_NONE: the page is not Mage's
 * @MAGE_FRAME_LISTED: on a list of its domain
 * @MAGE_FRAME_WALKED: a select callback is looking at it
 * @MAGE_FRAME_VICTIM: in a batch, which holds a reference to the page
 */
enum mage_frame_state {
	MAGE_FRAME_NONE,
	MAGE_FRAME_LISTED,
	MAGE_FRAME_WALKED,
	MAGE_FRAME_VICTIM,
};

/* struct mage_frame.owner: domain id, shard, page frame number, high to low. */
#define MAGE_OWNER_PFN_BITS	40
#define MAGE_OWNER_PFN_MASK	((1ULL << MAGE_OWNER_PFN_BITS) - 1)
#define MAGE_OWNER_SHARD_BITS	14
#define MAGE_OWNER_SHARD_MASK	((1ULL << MAGE_OWNER_SHARD_BITS) - 1)
#define MAGE_OWNER_ID_SHIFT	(MAGE_OWNER_PFN_BITS + MAGE_OWNER_SHARD_BITS)
#define MAGE_DOMAIN_IDS		1024

static_assert(52 - PAGE_SHIFT <= MAGE_OWNER_PFN_BITS);	/* x86: 52 bits at most */
static_assert(CONFIG_NR_CPUS <= 1 << MAGE_OWNER_SHARD_BITS);

/* MADV_FREE met the page while it was a victim: its far copy is not to be used. */
#define MAGE_MARK_SPOILED	BIT(0)
/* Its accessed bit was set since it was armed, and somebody has cleared it. */
#define MAGE_MARK_AGED		BIT(1)

/**
 * struct mage_frame - state of one local page
 * @link: on a list of a shard, or empty; under the shard's lock
 * @owner: page frame number, and above it the number of its shard and the
 *	domain's id; 0 when not owned.  Written under the shard's lock; read
 *	without it to find that lock, and checked again under it.
 * @slot: offset of the far copy on swap device @slot_type - 1.  The frame owns
 *	the swap entry's one count.  The copy equals the page's content unless
 *	a dirty bit (PTE or folio) is set.
 * @slot_type: 0 for no far copy
 * @list: number of the list it is on, or was on before it was walked; under
 *	the shard's lock
 * @state: enum mage_frame_state, under the shard's lock
 * @prefetched: it was prefetched, and not yet found to have been used; under the
 *	shard's lock
 * @marks: MAGE_MARK_*, under the page table lock
 * @epoch: policy epoch that @word belongs to
 * @word: the policy's
 */
struct mage_frame {
	struct list_head link;
	u64 owner;
	u32 slot;
	u8 slot_type;
	u8 list : 4;
	u8 state : 2;
	u8 prefetched : 1;
	u8 marks;
	u8 epoch;
	u64 word[MAGE_FRAME_WORDS];
};

static_assert(sizeof(struct mage_frame) == 48);
static_assert(MAGE_LISTS <= 1 << 4);

/**
 * struct mage_shard - the frames of a domain that came in on one CPU
 * @lock: protects the lists, the counts, and link, owner, list and state of
 *	every frame that belongs here.  Taken with interrupts off, since
 *	the last reference to a page can be dropped in an interrupt.
 * @lists: the policy's lists
 * @nr: frames on each list
 * @hand: for each list the frame that a walk which resumes looks at next; NULL
 *	for the head
 * @frames: frames that belong here, on a list or not
 * @gone: frames that belonged here and have left
 */
struct mage_shard {
	spinlock_t lock;	/* lists and frames, see above */
	struct list_head lists[MAGE_LISTS];
	unsigned long nr[MAGE_LISTS];
	struct mage_frame *hand[MAGE_LISTS];
	unsigned long frames;
	unsigned long gone;
} ____cacheline_aligned_in_smp;

struct mage_frame *mage_frame_of(const struct folio *folio);
struct mage_frame *mage_frame_by_pfn(u64 pfn);

static inline u64 mage_frame_pfn(const struct mage_frame *frame)
{
	return READ_ONCE(frame->owner) & MAGE_OWNER_PFN_MASK;
}

/* The page of a frame that is owned: a small folio, so there is no head to look up. */
static inline struct folio *mage_frame_folio(const struct mage_frame *frame)
{
	return (struct folio *)pfn_to_page(mage_frame_pfn(frame));
}

static inline unsigned int mage_frame_domain_id(const struct mage_frame *frame)
{
	return READ_ONCE(frame->owner) >> MAGE_OWNER_ID_SHIFT;
}

struct mage_shard *mage_frame_lock(struct mage_domain *domain, struct mage_frame *frame,
				   unsigned long *flags);
void mage_frame_link(struct mage_shard *shard, struct mage_frame *frame, u32 list, bool tail);
void mage_frame_unlink(struct mage_shard *shard, struct mage_frame *frame);
unsigned long mage_domain_frames(struct mage_domain *domain);
unsigned long mage_domain_gone(struct mage_domain *domain);
bool mage_frame_insert(struct mage_domain *domain, struct mage_frame *frame, u64 pfn);
bool mage_frame_remove(struct mage_domain *domain, struct mage_frame *frame, bool even_victim);
int mage_frame_pick(struct mage_domain *domain, struct mage_frame *frame);
unsigned int mage_frames_take(struct mage_batch *batch, struct mage_shard *shard, u32 list,
			      unsigned int nr);
int mage_frame_set_list(struct mage_domain *domain, struct mage_frame *frame, u32 list, bool tail);
struct mage_frame *mage_frame_walk(struct mage_domain *domain, struct mage_shard *shard,
				   u32 list);
void mage_frame_unwalk(struct mage_domain *domain, struct mage_frame *frame);
void mage_frames_gather(struct mage_domain *domain);
bool mage_folio_enter(struct folio *folio, enum mage_page_in_reason why);
bool mage_folio_take(struct folio *folio);
bool mage_folio_give_to_lru(struct mage_domain *domain, struct folio *folio);

/* ---- statistics --------------------------------------------------------- */

/**
 * enum mage_stat - what a domain counts; the names are those of
 *	enum mage_domain_attr
 */
enum mage_stat {
	MAGE_STAT_FAULTS,
	MAGE_STAT_FIRST_TOUCHES,
	MAGE_STAT_EVICTIONS,
	MAGE_STAT_CLEAN_DROPS,
	MAGE_STAT_RESCUES,
	MAGE_STAT_EXCLUDED,
	MAGE_STAT_STOCK_RECLAIMED,
	MAGE_STAT_WRITE_ERRORS,
	MAGE_STAT_READ_ERRORS,
	MAGE_STAT_WAITS,
	MAGE_STAT_WAIT_NS,
	MAGE_STAT_FALLBACKS,
	MAGE_STAT_BATCHES,
	MAGE_STAT_SWAPS,
	MAGE_STAT_EJECTIONS,
	MAGE_STAT_UNGOVERNED,
	MAGE_STAT_CLEAN_COPIES,
	MAGE_STAT_SPARED,
	MAGE_STAT_PREFETCHED,
	MAGE_STAT_PREFETCH_HITS,
	MAGE_STAT_PREFETCH_WASTE,
	MAGE_STAT_REFAULTS,
	MAGE_STAT_REFAULT_DISTANCE,
	MAGE_STAT_SELF_EVICTIONS,
	MAGE_STAT_NR,
};

/**
 * struct mage_stats - one CPU's share of a domain's counters; the sum counts
 * @counter: by enum mage_stat
 * @arrivals: pages that came in on this CPU
 * @latency: of faults, see MAGE_LATENCY_BUCKETS
 * @wait_latency: of waits for room, likewise
 */
struct mage_stats {
	u64 counter[MAGE_STAT_NR];
	u64 arrivals;
	u64 latency[MAGE_LATENCY_BUCKETS];
	u64 wait_latency[MAGE_LATENCY_BUCKETS];
};

/* A number that tells address spaces apart while they live, for policies and traces. */
static inline u64 mage_mm_number(const struct mm_struct *mm)
{
	return mm ? hash_ptr(mm, 32) : 0;
}

/* ---- domains ------------------------------------------------------------ */

/* mage_domain.hears: callbacks, called for every page, that a policy has. */
#define MAGE_HEARS_PAGE_OUT	BIT(0)
#define MAGE_HEARS_OUTCOME	BIT(1)
#define MAGE_HEARS_PAGE_IN	BIT(2)
#define MAGE_HEARS_PREFETCH	BIT(3)

/**
 * struct mage_domain - a memory cgroup whose anonymous memory Mage manages
 * @id: 1 to MAGE_DOMAIN_IDS - 1
 * @cgroup_id: inode number of the cgroup's directory
 * @memcg: the memory cgroup; the domain holds a reference on its css
 * @refs: one for being attached, one for each user of the moment
 * @all: on mage_domains, under mage_domains_mutex, walked under RCU
 * @rcu: for the free after a grace period
 * @closing: no page is taken in any more
 * @nr_shards: power of two, at least one a CPU
 * @shards: the frames
 * @next_shard: where the next batch of the built-in selection starts to look
 * @walked: victims that walks were to find, for turns among the shards
 * @sample_pfn: page frame number of the last sample, where the next begins
 * @in_flight: batches in the pipelines
 * @victims: pages in those batches
 * @policy: what governs, never NULL; under RCU, changed under @policy_mutex
 * @ejected: a policy that broke a rule; until @eject_work has put the built-in
 *	one in its place, callers treat it as if that had happened
 * @policy_mutex: protects changes of @policy, @link and @exit_info
 * @link: the BPF link that holds @policy, NULL for the built-in one
 * @epoch: counts policies, so that frame words of an earlier one read as 0
 * @eject_lock: protects @ejected and @eject_info
 * @eject_info: why @ejected is to go
 * @eject_work: ends @ejected
 * @exit_info: record of the last policy that left
 * @offline_work: ends the domain after its cgroup or its policy was removed
 * @adopt_work: takes in the pages that were there before the domain
 * @room_wait: threads that wait for room
 * @nr_waiting: how many
 * @progress: pages that the evictors have freed; a waiter that sees it stand
 *	still gives up
 * @demand: progress that the evictors are to reach even if there is room,
 *	since somebody asked for reclaim
 * @stalled: the evictors can free nothing; cleared when they can again
 * @retry_at: jiffies; not before then is a stalled domain tried again
 * @fruitless: selections in a row that picked nothing
 * @bad_picks: picks in a row, by number, of pages that are not to be had
 * @turnover: pages freed while a batch is in flight, a running mean
 * @extra_room: pages of headroom beside what the limit and @turnover ask for,
 *	since threads had to wait lately
 * @extra_at: when @extra_room last changed, jiffies
 * @batch_size: victims that the policy, or the knob, wanted of the batch that was
 *	selected last; 0 if neither did
 * @wanted_room: what the policy wants of headroom, MAGE_HEADROOM_DEFAULT for
 *	nothing in particular
 * @clock: pages evicted
 * @hears: MAGE_HEARS_*, so that a page of a policy without them costs one look;
 *	while a policy takes over, those of both
 * @remembers: the policy wants evicted pages to be remembered
 * @ghost_tag: tells this domain's records from those of others
 * @prefetching: prefetches under way
 * @ticking: @tick_work is queued or runs, and has a reference
 * @tick_work: calls the policy's tick
 * @tick_at: when it did last, ns
 * @tick_seen: the counters then
 * @scan: the batch that tick is given
 * @stock_debt: pages, times 256, that stock reclaim owes for its share
 * @stats: counters
 */
struct mage_domain {
	unsigned int id;
	u64 cgroup_id;
	struct mem_cgroup *memcg;
	refcount_t refs;
	struct list_head all;
	struct rcu_head rcu;
	bool closing;

	unsigned int nr_shards;
	struct mage_shard *shards;
	atomic_t next_shard;
	atomic_long_t walked;
	u64 sample_pfn;
	atomic_t in_flight;
	atomic_long_t victims;

	struct mage_ops __rcu *policy;
	struct mage_ops *ejected;
	struct mutex policy_mutex;	/* changes of the policy */
	struct bpf_link *link;
	u8 epoch;
	spinlock_t eject_lock;		/* the two words about it */
	struct mage_exit_info eject_info;
	struct work_struct eject_work;
	struct mage_exit_info exit_info;
	struct work_struct offline_work;
	struct work_struct adopt_work;

	wait_queue_head_t room_wait;
	atomic_t nr_waiting;
	atomic_long_t progress;
	atomic_long_t demand;
	bool stalled;
	unsigned long retry_at;
	atomic_t fruitless;
	atomic_t bad_picks;
	unsigned long turnover;
	unsigned long extra_room;
	unsigned long extra_at;
	u32 batch_size;
	unsigned long wanted_room;
	atomic_long_t clock;
	u8 hears;
	bool remembers;
	u16 ghost_tag;
	atomic_t prefetching;
	atomic_t ticking;
	struct delayed_work tick_work;
	u64 tick_at;
	u64 tick_seen[MAGE_STAT_NR];
	struct mage_batch *scan;
	atomic_long_t stock_debt;

	struct mage_stats __percpu *stats;
};

/*
 * The shard that keeps a page, by the owner in its frame: so whoever frees the
 * page finds the lock.
 */
static inline struct mage_shard *mage_shard_of(struct mage_domain *domain, u64 owner)
{
	return &domain->shards[owner >> MAGE_OWNER_PFN_BITS & MAGE_OWNER_SHARD_MASK];
}

extern struct list_head mage_domains;
extern struct mutex mage_domains_mutex;

struct mage_domain *mage_domain_of(struct mem_cgroup *memcg);
struct mage_domain *mage_domain_by_id(unsigned int id);
struct mage_domain *mage_domain_create(u64 cgroup_id, struct mage_ops *policy,
				       struct bpf_link *link);
struct mage_domain *mage_domain_find(u64 cgroup_id);
struct mage_domain *mage_domain_alloc(void);
void mage_domain_free(struct rcu_head *rcu);
bool mage_domain_get(struct mage_domain *domain);
void mage_domain_put(struct mage_domain *domain);
void mage_domain_remove(struct mage_domain *domain);

static inline void mage_count_add(struct mage_domain *domain, enum mage_stat stat, u64 n)
{
	this_cpu_add(domain->stats->counter[stat], n);
}

static inline void mage_count(struct mage_domain *domain, enum mage_stat stat)
{
	mage_count_add(domain, stat, 1);
}

u64 mage_stat_sum(struct mage_domain *domain, enum mage_stat stat);
unsigned int mage_latency_bucket(u64 ns);
void mage_latency_sum(struct mage_domain *domain, u64 *buckets);
void mage_wait_latency_sum(struct mage_domain *domain, u64 *buckets);

/* ---- room --------------------------------------------------------------- */

unsigned long mage_domain_limit(struct mage_domain *domain);
long mage_domain_room(struct mage_domain *domain);
unsigned long mage_domain_headroom(struct mage_domain *domain);
/* A faulting CPU looks at the room once in so many pages. */
#define MAGE_ROOM_CHECK_EVERY	8

void mage_room_turned_over(struct mage_domain *domain, unsigned long nr);
void mage_room_made(struct mage_domain *domain, unsigned long nr);
void mage_room_stalled(struct mage_domain *domain);
void mage_room_check(struct mage_domain *domain);

/* ---- slots -------------------------------------------------------------- */

/**
 * struct mage_disk - a far device: block device, backend and swap area
 * @dev: the part that the backend knows
 * @to: what it is connected to, without the secret
 * @index: N of /dev/mageN
 * @disk: the block device
 * @closing: it is being removed and cannot be opened; under its open_mutex
 * @all: on mage_disks, under mage_disks_mutex
 * @si: swap area that the device serves, or NULL.  Written by swapon and
 *	swapoff; readers take a reference with percpu_ref_tryget_live(&si->users)
 * @draining: swapoff is under way: no frame keeps a slot, no slot is taken
 * @ghosts: what is remembered of pages by slot, see ghost.c
 * @free_later: slots whose frames are gone, to be given back by @free_work;
 *	one bit a slot
 * @free_later_summary: one bit for each BITS_PER_LONG words of @free_later
 * @nr_slots: bits in @free_later
 * @free_work: gives slots back in a context that may take the swap locks
 * @reads: pages read
 * @writes: pages written
 * @read_errors: pages that could not be read
 * @write_errors: pages that could not be written
 */
struct mage_disk {
	struct mage_device dev;
	struct mage_connect to;
	int index;
	struct gendisk *disk;
	bool closing;
	struct list_head all;
	struct swap_info_struct *si;
	bool draining;
	struct mage_ghost_record **ghosts;
	unsigned long *free_later;
	unsigned long *free_later_summary;
	unsigned long nr_slots;
	struct work_struct free_work;
	atomic_long_t reads;
	atomic_long_t writes;
	atomic_long_t read_errors;
	atomic_long_t write_errors;
};

extern struct list_head mage_disks;
extern struct mutex mage_disks_mutex;
extern const struct block_device_operations mage_block_ops;

struct mage_disk *mage_disk_connect(const char *backend, const struct mage_connect *to,
				    struct netlink_ext_ack *extack);
int mage_disk_disconnect(unsigned int index, struct netlink_ext_ack *extack);
int mage_block_add(struct mage_disk *disk);
void mage_block_remove(struct mage_disk *disk);
int mage_disk_read(struct mage_disk *disk, struct page *page, pgoff_t slot);
struct mage_disk *mage_disk_of_type(unsigned int type);
struct mage_disk *mage_disk_for_eviction(void);
void mage_disk_put_swap(struct mage_disk *disk);
unsigned int mage_slots_alloc(struct mage_disk *disk, unsigned int nr, swp_entry_t *entries);
void mage_slot_free_later(unsigned int type, pgoff_t offset);
void mage_frame_drop_slot(struct mage_domain *domain, struct mage_frame *frame);
int mage_disk_init_slots(struct mage_disk *disk);
void mage_disk_free_slots(struct mage_disk *disk);

static inline bool mage_frame_has_slot(const struct mage_frame *frame)
{
	return frame->slot_type;
}

static inline swp_entry_t mage_frame_entry(const struct mage_frame *frame)
{
	return swp_entry(frame->slot_type - 1, frame->slot);
}

static inline void mage_frame_set_slot(struct mage_frame *frame, swp_entry_t entry)
{
	frame->slot = swp_offset(entry);
	frame->slot_type = swp_type(entry) + 1;
}

/* ---- pipeline ----------------------------------------------------------- */

/**
 * enum mage_batch_state - stage that a batch is about to enter
 * @MAGE_BATCH_IDLE: free for new victims
 * @MAGE_BATCH_ARM: clear accessed and dirty bits, ask for a shootdown
 * @MAGE_BATCH_SHOOT: wait until every CPU has forgotten its translations
 * @MAGE_BATCH_WRITE: take slots, post the writes
 * @MAGE_BATCH_WRITING: wait for the completions
 * @MAGE_BATCH_COMMIT: replace the PTEs by swap entries, ask for a shootdown
 * @MAGE_BATCH_SHOOT_AGAIN: wait for that
 * @MAGE_BATCH_FREE: give pages and charges back, report outcomes
 */
enum mage_batch_state {
	MAGE_BATCH_IDLE,
	MAGE_BATCH_ARM,
	MAGE_BATCH_SHOOT,
	MAGE_BATCH_WRITE,
	MAGE_BATCH_WRITING,
	MAGE_BATCH_COMMIT,
	MAGE_BATCH_SHOOT_AGAIN,
	MAGE_BATCH_FREE,
	MAGE_BATCH_STATES,
};

/* Outcome of a victim that has none yet. */
#define MAGE_OUTCOME_PENDING	255

/**
 * struct mage_victim - a page in a batch, which holds a reference to it
 * @folio: the page
 * @frame: its frame
 * @mm: address space that mapped it when it was armed
 * @address: where
 * @io: index of its write in mage_batch.io, -1 for none
 * @outcome: enum mage_outcome, or MAGE_OUTCOME_PENDING
 * @dirty: its dirty bit was set when it was armed; the knowledge lives here
 *	until the write is acknowledged
 * @holds_mm: it holds a reference to @mm, for itself and those that follow
 */
struct mage_victim {
	struct folio *folio;
	struct mage_frame *frame;
	struct mm_struct *mm;
	unsigned long address;
	s16 io;
	u8 outcome;
	bool dirty : 1;
	bool holds_mm : 1;
};

/*
 * Whether a page is of the kind that Mage manages: private, anonymous, small, and
 * with nothing in the way.  One look at each of the two words that tell.
 */
static inline bool mage_folio_is_eligible(const struct folio *folio)
{
	const unsigned long must = BIT(PG_swapbacked);
	const unsigned long must_not = BIT(PG_head) | BIT(PG_swapcache) | BIT(PG_unevictable) |
				       __PG_MLOCKED | __PG_HWPOISON;

	/* What is anonymous and nothing else: KSM has another flag beside it. */
	return ((unsigned long)READ_ONCE(folio->mapping) & PAGE_MAPPING_FLAGS) ==
		       PAGE_MAPPING_ANON &&
	       (READ_ONCE(folio->flags) & (must | must_not)) == must;
}

/* Whether a victim is in far memory only by now. */
static inline bool mage_victim_is_out(const struct mage_victim *victim)
{
	return victim->outcome == MAGE_OUTCOME_EVICTED || victim->outcome == MAGE_OUTCOME_CLEAN;
}

/* Whether a victim stays with its domain. */
static inline bool mage_victim_stays(const struct mage_victim *victim)
{
	const u32 stay = BIT(MAGE_OUTCOME_RESCUED) | BIT(MAGE_OUTCOME_WRITE_FAILED) |
			 BIT(MAGE_OUTCOME_GONE) | BIT(MAGE_OUTCOME_SPARED);

	return victim->outcome != MAGE_OUTCOME_PENDING && stay & BIT(victim->outcome);
}

/**
 * struct mage_shootdown - the TLB shootdowns of an evictor
 * @evictor: woken when a round is over
 * @next: CPUs that the next round asks
 * @wanted: somebody waits for the next round
 * @sent: rounds started
 * @over: rounds that every CPU has answered
 * @unanswered: CPUs that have not answered yet
 * @interrupts: sent so far
 * @call: what asks each CPU; in use from being sent to being handled
 *
 * All but @over, @unanswered and @call are the evictor's alone.
 */
struct mage_shootdown {
	struct mage_evictor *evictor;
	struct cpumask next;
	bool wanted;
	u64 sent;
	u64 over;
	atomic_t unanswered;
	u64 interrupts;
	call_single_data_t __percpu *call;
};

int mage_shootdown_init(struct mage_shootdown *shoot, struct mage_evictor *evictor);
void mage_shootdown_free(struct mage_shootdown *shoot);
bool mage_shoot_send(struct mage_shootdown *shoot);

/**
 * struct mage_batch - victims that travel through the pipeline together
 * @nr: victims so far
 * @max: victims that the policy may add
 * @domain: whose pages they are
 * @policy: which policy picks them
 * @walk_budget: frames that the policy may still look at
 * @refusals: walks that it began after that
 * @gone: mage_domain_gone() when the policy was called
 * @foreign: pages of other domains that it has picked in this call
 * @walk: the walk that returned a frame last, or NULL
 * @scan: it takes no victims, but is for looking
 * @self: it is selected by a thread that needs room itself
 * @out: victims that have been evicted
 * @state: next stage
 * @armed: victims that have been armed
 * @refills: times that it was filled up after victims were spared
 * @spare_young: a victim that was used lately is spared
 * @evictor: whose pipeline it is in
 * @disk: where it is written to, with a reference on its swap area, or NULL
 * @written: set by the backend's completion, read by the evictor
 * @chain: the writes
 * @tlb: CPUs whose translations must go
 * @shoots_twice: what mage_shoots_twice() said when it was committed
 * @shoot: the evictor's shootdowns
 * @round: the one of them that it waits for
 * @last_mm: address space of the victim armed last
 * @progress: the domain's progress when it was selected
 * @victim: the victims
 * @io: their writes
 */
struct mage_batch {
	u32 nr;
	u32 max;
	struct mage_domain *domain;
	struct mage_ops *policy;
	u32 walk_budget;
	u32 refusals;
	unsigned long gone;
	u32 foreign;
	struct mage_list_walk *walk;
	bool scan;
	bool self;
	u32 out;
	enum mage_batch_state state;
	u32 armed;
	u32 refills;
	bool spare_young;
	struct mage_evictor *evictor;
	struct mage_disk *disk;
	bool written;
	struct mage_io_batch chain;
	struct arch_tlbflush_unmap_batch tlb;
	bool shoots_twice;
	struct mage_shootdown *shoot;
	u64 round;
	struct mm_struct *last_mm;
	long progress;
	struct mage_victim victim[MAGE_BATCH_MAX];
	struct mage_io io[MAGE_BATCH_MAX];
};

/**
 * struct mage_mapping - the page table entry looked at last, and what keeps it
 * @batch: whose shootdown covers the changes
 * @vma: area of the last page found; mage_mapping_reach() holds its lock
 * @address: where the last page found is mapped
 * @anon_vma: locked for reading by mage_mapping_find()
 * @mm: held by mage_mapping_reach()
 * @ptes: the page table, locked, or NULL
 * @ptl: its lock
 * @table_mm: whose page table it is
 * @table: the address that it begins at
 * @looks: entries looked at since it was locked
 * @near: its entry for the first page of @vma that it maps
 * @near_address: that page's address
 * @near_index: that page's index in its anon_vma
 * @nr_near: pages of @vma that it maps; 0 if that is not known
 * @changed: entries were changed so that a shootdown must follow
 * @replaced: entries were replaced by swap entries, this many
 */
struct mage_mapping {
	struct mage_batch *batch;
	struct vm_area_struct *vma;
	unsigned long address;
	struct anon_vma *anon_vma;
	struct mm_struct *mm;
	pte_t *ptes;
	spinlock_t *ptl;	/* of @ptes */
	struct mm_struct *table_mm;
	unsigned long table;
	unsigned int looks;
	pte_t *near;
	unsigned long near_address;
	pgoff_t near_index;
	unsigned long nr_near;
	bool changed;
	long replaced;
};

pte_t *mage_mapping_glance(struct mage_mapping *map, struct folio *folio);
pte_t *mage_mapping_find(struct mage_mapping *map, struct folio *folio);
pte_t *mage_mapping_reach(struct mage_mapping *map, struct mm_struct *mm,
			  unsigned long address, struct folio *folio);
void mage_mapping_end(struct mage_mapping *map);

/* Batches that an evictor has in flight when nobody says. */
#define MAGE_DEPTH_DEFAULT	4

/* Batch size when the policy names none: at most, and at least. */
#define MAGE_BATCH_DEFAULT	MAGE_BATCH_MAX
#define MAGE_BATCH_LEAST	32

bool mage_batch_step(struct mage_batch *batch);
enum mage_batch_state mage_batch_next_state(enum mage_batch_state state);
int mage_batch_select(struct mage_batch *batch, struct mage_domain *domain, unsigned long wanted);
void mage_batch_select_builtin(struct mage_domain *domain, struct mage_batch *batch);
u32 mage_batch_default_size(struct mage_domain *domain);
int mage_batch_take(struct mage_batch *batch, struct mage_frame *frame);
int mage_batch_take_id(struct mage_batch *batch, u64 id);
void mage_batch_drop(struct mage_batch *batch, struct mage_frame *frame);
void mage_batch_arm(struct mage_batch *batch);
void mage_batch_disarm(struct mage_batch *batch);
unsigned long mage_victims_remove(struct mage_batch *batch);
void mage_victims_relist(struct mage_batch *batch, unsigned int first);
unsigned long mage_batch_unmap_first(struct mage_batch *batch);
bool mage_shoots_twice(void);
void mage_shoot_join(struct mage_batch *batch);
bool mage_shoot_is_over(const struct mage_batch *batch);
void mage_batch_write(struct mage_batch *batch);
void mage_batch_commit(struct mage_batch *batch);
bool mage_vma_is_eligible(const struct vm_area_struct *vma);
void mage_tlb_add(struct mage_batch *batch, struct mm_struct *mm);

/* ---- evictors ----------------------------------------------------------- */

int mage_evictors_start(void);
void mage_evictors_kick(void);
void mage_evictors_kick_all(void);
void mage_evictor_wake(struct mage_evictor *evictor);
unsigned int mage_evictor_queue(const struct mage_evictor *evictor);
int mage_evictors_set_cpus(const struct cpumask *cpus);
void mage_evictors_get_cpus(struct cpumask *cpus);
u32 mage_evictors_nr(void);

/* ---- policies ----------------------------------------------------------- */

extern struct mage_ops mage_builtin_policy;

struct mage_ops *mage_policy(struct mage_domain *domain);
bool mage_policy_is_builtin(struct mage_domain *domain);
void mage_policy_eject(struct mage_domain *domain, struct mage_ops *policy,
		       enum mage_exit_kind kind, const char *fmt, ...) __printf(4, 5);
void mage_policy_end(struct mage_domain *domain, enum mage_exit_kind kind, const char *why);
void mage_policy_eject_work(struct work_struct *work);
int mage_policy_call_init(struct mage_domain *domain, struct mage_ops *policy);
void mage_policy_takes_over(struct mage_domain *domain, struct mage_ops *policy);
int mage_policy_init(void);
int mage_kfunc_init(void);
bool mage_prog_is_policy(const struct bpf_prog *prog);

/* CPU time that one call of select or tick may use, and time that init may take. */
#define MAGE_CALLBACK_MS	1000
#define MAGE_INIT_MS		5000

#define MAGE_HEADROOM_DEFAULT	ULONG_MAX

u64 mage_callback_begin(void);
void mage_callback_end(struct mage_domain *domain, struct mage_ops *policy,
		       const char *callback, u64 begin);
void __mage_policy_page_in(struct mage_domain *domain, struct mage_frame *frame, u32 why,
			   swp_entry_t from);
void __mage_policy_page_out(struct mage_domain *domain, struct mage_frame *frame, u32 why);
void __mage_policy_outcome(struct mage_domain *domain, struct mage_frame *frame, u32 outcome);

static inline u8 mage_policy_hears(const struct mage_ops *policy)
{
	return (policy->page_out ? MAGE_HEARS_PAGE_OUT : 0) |
	       (policy->outcome ? MAGE_HEARS_OUTCOME : 0) |
	       (policy->page_in || policy->flags & MAGE_OPS_GHOST ? MAGE_HEARS_PAGE_IN : 0) |
	       (policy->prefetch ? MAGE_HEARS_PREFETCH : 0);
}

/*
 * A page arrived, in its frame on list 0; @why is an enum mage_page_in_reason, @from
 * where it was read from, or an entry of 0.  The page table lock is held.
 */
static inline void mage_policy_page_in(struct mage_domain *domain, struct mage_frame *frame,
				       u32 why, swp_entry_t from)
{
	if (READ_ONCE(domain->hears) & MAGE_HEARS_PAGE_IN)
		__mage_policy_page_in(domain, frame, why, from);
}

/* A page left: tells a policy that wants to hear of it. */
static inline void mage_policy_page_out(struct mage_domain *domain, struct mage_frame *frame,
					u32 why)
{
	if (READ_ONCE(domain->hears) & MAGE_HEARS_PAGE_OUT)
		__mage_policy_page_out(domain, frame, why);
}

/* What became of a victim: tells a policy that wants to hear of it. */
static inline void mage_policy_outcome(struct mage_domain *domain, struct mage_frame *frame,
				       u32 outcome)
{
	if (READ_ONCE(domain->hears) & MAGE_HEARS_OUTCOME)
		__mage_policy_outcome(domain, frame, outcome);
}

/**
 * struct mage_exit_record - a policy that left
 * @number: counts from 1
 * @time_ns: when it left, of the wall clock
 * @cgroup_id: its domain's
 * @info: why it left
 */
struct mage_exit_record {
	u64 number;
	u64 time_ns;
	u64 cgroup_id;
	struct mage_exit_info info;
};

void mage_exit_log(u64 cgroup_id, const struct mage_exit_info *info);
bool mage_exit_log_next(u64 after, struct mage_exit_record *record);

void mage_policy_hint(struct mage_domain *domain, struct mage_frame *frame, u32 what);
u32 mage_policy_evictors(struct mage_domain *domain);
u32 mage_policy_depth(struct mage_domain *domain);
void mage_policy_ask_headroom(struct mage_domain *domain);
u32 mage_policy_no_room(struct mage_domain *domain, u32 nr);
void __mage_policy_prefetch(struct mage_domain *domain, struct vm_fault *vmf, swp_entry_t entry);

/*
 * A demand fault found @entry, in far memory: asks a policy that has it in mind what
 * to prefetch.  In an RCU read-side section; the lock of the fault's mapping is held,
 * its page table is not.
 */
static inline void mage_policy_prefetch(struct mage_domain *domain, struct vm_fault *vmf,
					swp_entry_t entry)
{
	if (READ_ONCE(domain->hears) & MAGE_HEARS_PREFETCH)
		__mage_policy_prefetch(domain, vmf, entry);
}

/* ---- walks and samples -------------------------------------------------- */

/**
 * struct bpf_iter_mage_list - an open-coded iterator over a list of a domain
 * @__opaque: the kernel's
 */
struct bpf_iter_mage_list {
	u64 __opaque[20];
} __aligned(8);

/**
 * struct bpf_iter_mage_sample - an open-coded iterator over a sample of a domain
 * @__opaque: the kernel's
 */
struct bpf_iter_mage_sample {
	u64 __opaque[3];
} __aligned(8);

/* Frames that a walk takes at a time. */
#define MAGE_WALK_ROW		16

/**
 * struct mage_list_walk - what the iterator holds
 * @batch: the batch being filled
 * @row: frames taken from the list; with MAGE_WALK_STAY they are on it still
 * @nr: how many
 * @at: how many of them the program has been given
 * @picked: which of those it has picked, a bit each; they become victims under
 *	the next hold of the shard's lock
 * @list: the list
 * @flags: enum mage_walk_flags
 * @shard: index of the shard being walked, counted from @start
 * @start: the shard that comes first
 * @left: frames of this shard that have not been seen
 */
struct mage_list_walk {
	struct mage_batch *batch;
	struct mage_frame *row[MAGE_WALK_ROW];
	u32 picked;
	u8 nr;
	u8 at;
	u8 list;
	u8 flags;
	u32 shard;
	u32 start;
	u32 left;
};

static_assert(sizeof(struct mage_list_walk) <= sizeof(struct bpf_iter_mage_list));
static_assert(MAGE_WALK_ROW <= 32);	/* bits of mage_list_walk.picked */

int bpf_iter_mage_list_new(struct bpf_iter_mage_list *it, struct mage_batch *batch, u32 list,
			   u32 flags);
struct mage_frame *bpf_iter_mage_list_next(struct bpf_iter_mage_list *it);
void bpf_iter_mage_list_destroy(struct bpf_iter_mage_list *it);
int mage_walk_pick(struct mage_batch *batch, struct mage_frame *frame);

/* Adds a victim; of a frame that is owned. */
static inline void mage_batch_push(struct mage_batch *batch, struct mage_frame *frame)
{
	struct mage_victim *victim = &batch->victim[batch->nr++];

	victim->folio = mage_frame_folio(frame);
	victim->frame = frame;
	victim->outcome = MAGE_OUTCOME_PENDING;
	victim->holds_mm = false;
}

/**
 * mage_walk_pick_shown() - pick the frame that a walk has just returned
 * @batch: the batch being filled
 * @frame: the frame
 *
 * That is how most victims are picked.  So as not to lock the shard for each of
 * them, the frame becomes a victim when the walk puts its row back; until then
 * it is walked, and the batch names it without holding it.
 *
 * Return: false if that is not what the frame is, or not all is well with it
 */
static inline bool mage_walk_pick_shown(struct mage_batch *batch, struct mage_frame *frame)
{
	struct mage_list_walk *walk = batch->walk;
	u32 bit;

	/* A walk that has shown something has it in its row until it goes on. */
	if (!walk || !walk->at || walk->row[walk->at - 1] != frame || batch->nr >= batch->max)
		return false;
	bit = BIT(walk->at - 1);
	if (walk->picked & bit || !READ_ONCE(frame->owner))
		return false;
	walk->picked |= bit;
	mage_batch_push(batch, frame);
	/* What was picked in vain before was no row of such picks. */
	if (atomic_read(&batch->domain->bad_picks))
		atomic_set(&batch->domain->bad_picks, 0);
	return true;
}

int bpf_iter_mage_sample_new(struct bpf_iter_mage_sample *it, struct mage_batch *batch, u32 nr);
struct mage_frame *bpf_iter_mage_sample_next(struct bpf_iter_mage_sample *it);
void bpf_iter_mage_sample_destroy(struct bpf_iter_mage_sample *it);

/* ---- ghosts, prefetch, ticks, threads that evict ------------------------ */

int mage_ghosts_init(struct mage_disk *disk);
void mage_ghosts_free(struct mage_disk *disk);
void mage_ghost_remember(struct mage_batch *batch, struct mage_victim *victim,
			 swp_entry_t entry);
void mage_ghost_recall(struct mage_domain *domain, const struct mage_ops *policy,
		       swp_entry_t from, struct mage_ghost *ghost);
unsigned long mage_ghost_address(struct mage_domain *domain, swp_entry_t entry,
				 unsigned long near);

bool mage_prefetching(void);
bool mage_prefetch_start(struct mage_domain *domain, struct mm_struct *mm,
			 const unsigned long *address, unsigned int nr);
void mage_frame_used(struct mage_domain *domain, struct mage_frame *frame);

void mage_tick_work(struct work_struct *work);
void mage_tick_call(struct mage_domain *domain, const struct mage_rates *rates,
		    struct mage_batch *scan);
void mage_tick_start(struct mage_domain *domain);
void mage_tick_stop(struct mage_domain *domain);

unsigned long mage_self_evict(struct mage_domain *domain, unsigned long nr);

/* ---- the rest ----------------------------------------------------------- */

/**
 * struct mage_knobs - switches for measurements, see knobs.c
 * @depth: batches in flight, 0 for what the policy says
 * @batch: victims a batch, 0 for what the policy says
 * @shards: parts of a domain's lists, 0 for one a CPU
 * @async_shootdown: do not wait for shootdowns
 * @one_shootdown: do without the second one where the processor allows it
 * @mapped_writeback: keep pages mapped while they are written
 * @keep_clean: let a page that is read in keep its far copy
 */
struct mage_knobs {
	u32 depth;
	u32 batch;
	u32 shards;
	bool async_shootdown;
	bool one_shootdown;
	bool mapped_writeback;
	bool keep_clean;
};

extern struct mage_knobs mage_knobs;
void mage_knobs_init(void);

extern bool mage_enabled;
int mage_netlink_init(void);
int mage_dram_init(void);

#endif /* _MM_MAGE_INTERNAL_H */
