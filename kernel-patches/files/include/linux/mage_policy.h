/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: what a policy sees.  docs/policies.md teaches writing one.
 *
 * The functions that a policy may call are documented where they are defined.
 * docs/policy-reference.md is made of the comments there and here.
 */
#ifndef _LINUX_MAGE_POLICY_H
#define _LINUX_MAGE_POLICY_H

#include <linux/types.h>
#include <uapi/linux/mage.h>

struct mage_batch;
struct mage_domain;
struct mage_dump;
struct mage_fault_call;
struct mage_frame;

/**
 * define MAGE_LISTS - lists that every domain has
 *
 * A policy gives them their meaning, and names them by an enum of its own.
 * They are there from the start, so that nothing needs to be allocated when
 * memory is short, and no page_in runs before its list exists.  Enough for
 * four generations of four tiers.
 */
#define MAGE_LISTS		16

/**
 * define MAGE_FRAME_WORDS - words of state, of 64 bits, that a policy has in each frame
 */
#define MAGE_FRAME_WORDS	2

/**
 * define MAGE_WALK_BUDGET - frames that one call of select or tick may look at
 */
#define MAGE_WALK_BUDGET	8192

/**
 * define MAGE_AROUND_MAX - entries of a page table that one look around may see, that of the
 *	page itself included
 */
#define MAGE_AROUND_MAX		64

/**
 * define MAGE_AROUND_NONE - where looks around move pages, if pages of all lists are left alone
 *
 * Four bits for each list: the list that pages of it go to, which is its own number if
 * they are left alone.  The lowest are for list 0.
 */
#define MAGE_AROUND_NONE	0xfedcba9876543210ULL

/**
 * define MAGE_REGION_BUDGET - page table entries that one call of select or tick may look at in
 *	regions, at least
 *
 * In tick it grows with the domain, to a 32nd of its local pages if that is more, and to
 * MAGE_REGION_MOST at most.  So in 32 ticks, 3.2 s, a policy can look at as many entries as there
 * are local pages, up to 2^27 of them (512 GiB).  Entries of far and absent pages count as well.
 */
#define MAGE_REGION_BUDGET	65536

/**
 * define MAGE_REGION_MOST - what MAGE_REGION_BUDGET grows to at most
 *
 * About half a second, by an estimate of 100 ns for an entry: below the limit of CPU time of a
 * call, which is 1,000 ms by default.
 */
#define MAGE_REGION_MOST	4194304

/**
 * define MAGE_DEPTH_MAX - batches that an evictor may have in flight
 */
#define MAGE_DEPTH_MAX		8

/**
 * define MAGE_EVICTORS_MAX - evictors that a policy may ask for; there are as many as CPUs
 *	were chosen
 */
#define MAGE_EVICTORS_MAX	4096

/**
 * define MAGE_PREFETCH_MAX - pages that one call of prefetch may name
 */
#define MAGE_PREFETCH_MAX	64

/**
 * define MAGE_SELF_MAX - pages that a thread may be told to evict itself in one go
 */
#define MAGE_SELF_MAX		4096

/**
 * define MAGE_CLEAN_AHEAD - pages that may be picked to be cleaned only before others are
 *	evicted
 */
#define MAGE_CLEAN_AHEAD	2048

/**
 * define MAGE_RESERVE_MAX - pages that may be kept in reserve for favoured threads
 *
 * As many as one more CPU would keep in its charge cache (MEMCG_CHARGE_BATCH).
 */
#define MAGE_RESERVE_MAX	64

/**
 * define MAGE_TICK_MS - milliseconds between two calls of tick
 */
#define MAGE_TICK_MS		100

/**
 * enum mage_ops_flags - flags of a policy
 * @MAGE_OPS_SPARE_YOUNG: a victim that was used since it came or was spared
 *	last stays, once more, at the tail of list 0 (MAGE_OUTCOME_SPARED).
 *	The kernel sees it when it clears the accessed bit to evict the page,
 *	which costs nothing, unlike mage_frame_accessed().  While threads wait
 *	for room no victim is spared.
 * @MAGE_OPS_GHOST: remember of each page that is evicted when that was, from
 *	where, and the low half of the policy's word 1.  Costs 16 bytes for
 *	each slot of the far device that is used while such a policy governs,
 *	and one store a page evicted.
 * @MAGE_OPS_IDLE_TICK: tick comes as long as the policy governs and the cgroup is
 *	there, also while nothing happens in it.  Costs one wake-up of a kernel
 *	worker each MAGE_TICK_MS for each cgroup that is governed.
 * @MAGE_OPS_TAKEOVER: page_in tells of the pages that are there when the policy takes
 *	over from another (MAGE_PAGE_IN_TAKEOVER).
 */
enum mage_ops_flags {
	MAGE_OPS_SPARE_YOUNG = 1 << 0,
	MAGE_OPS_GHOST = 1 << 1,
	MAGE_OPS_IDLE_TICK = 1 << 2,
	MAGE_OPS_TAKEOVER = 1 << 3,
};

#define MAGE_OPS_FLAGS		(MAGE_OPS_SPARE_YOUNG | MAGE_OPS_GHOST | MAGE_OPS_IDLE_TICK | \
				 MAGE_OPS_TAKEOVER)

/**
 * enum mage_walk_flags - how bpf_iter_mage_list_new() walks
 * @MAGE_WALK_TURN: from the head; a frame that is left alone goes to the tail
 * @MAGE_WALK_TAIL: from the tail; a frame that is left alone goes to the head.
 *	Not with @MAGE_WALK_STAY.
 * @MAGE_WALK_STAY: from the head; a frame that is left alone stays where it is
 * @MAGE_WALK_RESUME: with @MAGE_WALK_STAY: in each shard start with the frame
 *	after the one that the last such walk of this list ended with (if that
 *	has left the list since, the one that followed it), and from the head
 *	after the tail.  The list so has a hand that stays between calls.
 */
enum mage_walk_flags {
	MAGE_WALK_TURN = 0,
	MAGE_WALK_TAIL = 1 << 0,
	MAGE_WALK_STAY = 1 << 1,
	MAGE_WALK_RESUME = 1 << 2,
};

/**
 * enum mage_pass_flags - what mage_batch_add_unused() takes beside those of walks
 * @MAGE_PASS_AGAIN: the first use of a page that was prefetched is its arrival, and
 *	does not count
 */
enum mage_pass_flags {
	MAGE_PASS_AGAIN = 1 << 3,
};

/**
 * enum mage_look_bits - what mage_frame_look() sees of a page
 * @MAGE_LOOK_ACCESSED: it was used since it was asked last, or was armed
 * @MAGE_LOOK_DIRTY: to be evicted it would have to be written: it has no far copy, or was
 *	written to since it had one
 */
enum mage_look_bits {
	MAGE_LOOK_ACCESSED = 1 << 0,
	MAGE_LOOK_DIRTY = 1 << 1,
};

/**
 * enum mage_page_in_reason - why a page arrived
 * @MAGE_PAGE_IN_NEW: first touch, copy on write, or back from the kernel's
 *	hands (migration, MADV_PAGEOUT)
 * @MAGE_PAGE_IN_FAULT: a thread faulted on it and it was read from far memory
 * @MAGE_PAGE_IN_ADOPTED: it was there when the domain came to be, or comes back from
 *	another part of the kernel that had taken it
 * @MAGE_PAGE_IN_PREFETCH: the policy's prefetch callback, or MADV_WILLNEED,
 *	named it and it was read from far memory; nobody has used it yet
 * @MAGE_PAGE_IN_TAKEOVER: it was there, under another policy, when this one took over; with
 *	MAGE_OPS_TAKEOVER
 */
enum mage_page_in_reason {
	MAGE_PAGE_IN_NEW,
	MAGE_PAGE_IN_FAULT,
	MAGE_PAGE_IN_ADOPTED,
	MAGE_PAGE_IN_PREFETCH,
	MAGE_PAGE_IN_TAKEOVER,
};

/**
 * enum mage_page_out_reason - why a page left
 * @MAGE_PAGE_OUT_FREED: unmapped, or its process exited
 * @MAGE_PAGE_OUT_EVICTED: it now is in far memory only
 * @MAGE_PAGE_OUT_TAKEN: another part of the kernel took it (migration,
 *	MADV_PAGEOUT), or it went to the stock LRU
 */
enum mage_page_out_reason {
	MAGE_PAGE_OUT_FREED,
	MAGE_PAGE_OUT_EVICTED,
	MAGE_PAGE_OUT_TAKEN,
};

/**
 * enum mage_outcome - what became of a victim
 * @MAGE_OUTCOME_EVICTED: written to far memory and freed
 * @MAGE_OUTCOME_CLEAN: freed without a write, since its far copy was still valid, it
 *	was all zeroes, or MADV_FREE had given its content up
 * @MAGE_OUTCOME_RESCUED: touched or used while in flight, or written to while it was
 *	cleaned; it stays, at the tail of list 0 unless the outcome callback moves it
 * @MAGE_OUTCOME_EXCLUDED: mapped write-back cannot take it (shared, pinned,
 *	mlocked ...); it went to the stock LRU
 * @MAGE_OUTCOME_NO_SLOT: far memory is full, or memory.swap.max is reached; it stays.  Of
 *	one that was to be cleaned: it has no far copy, and three quarters of either
 *	are in use
 * @MAGE_OUTCOME_WRITE_FAILED: the far store did not acknowledge the write; it
 *	stays
 * @MAGE_OUTCOME_GONE: its mapping went away, or was being changed, while in
 *	flight
 * @MAGE_OUTCOME_SPARED: it was used since it came or was spared last; with
 *	MAGE_OPS_SPARE_YOUNG, and with the default select
 * @MAGE_OUTCOME_CLEANED: it was to be cleaned only (mage_batch_clean()), and its far copy
 *	equals it now, or MADV_FREE had given its content up; it is at the tail of
 *	the list named, or of list 0 if another policy has taken over since:
 *	mage_frame_list() tells
 */
enum mage_outcome {
	MAGE_OUTCOME_EVICTED,
	MAGE_OUTCOME_CLEAN,
	MAGE_OUTCOME_RESCUED,
	MAGE_OUTCOME_EXCLUDED,
	MAGE_OUTCOME_NO_SLOT,
	MAGE_OUTCOME_WRITE_FAILED,
	MAGE_OUTCOME_GONE,
	MAGE_OUTCOME_SPARED,
	MAGE_OUTCOME_CLEANED,
};

/**
 * enum mage_hint - what an application said about a page
 * @MAGE_HINT_COLD: madvise(MADV_COLD): not needed soon.  Its accessed bit has
 *	been cleared.
 * @MAGE_HINT_PAGEOUT: madvise(MADV_PAGEOUT): to be evicted now.  The kernel
 *	does that itself after the callback, the stock way.
 * @MAGE_HINT_WILLNEED: madvise(MADV_WILLNEED), of a page that is local.  Pages
 *	in far memory are prefetched by the kernel and arrive by page_in.
 */
enum mage_hint {
	MAGE_HINT_COLD,
	MAGE_HINT_PAGEOUT,
	MAGE_HINT_WILLNEED,
};

/**
 * enum mage_counter - what mage_counter() reads; all count from the
 *	domain's begin, and only grow
 * @MAGE_COUNTER_FAULTS: pages that threads faulted in from far memory
 * @MAGE_COUNTER_NEW: pages that arrived new
 * @MAGE_COUNTER_EVICTIONS: pages evicted, clean ones included
 * @MAGE_COUNTER_CLEAN: pages evicted without a write
 * @MAGE_COUNTER_RESCUES: victims that were touched and stay
 * @MAGE_COUNTER_WAITS: times that a thread waited for room
 * @MAGE_COUNTER_WAIT_NS: nanoseconds that threads waited for room
 * @MAGE_COUNTER_PREFETCHED: pages that were prefetched
 * @MAGE_COUNTER_PREFETCH_HITS: of these, found to have been used
 * @MAGE_COUNTER_PREFETCH_WASTE: of these, evicted unused
 * @MAGE_COUNTER_REFAULTS: pages that came back and were remembered
 *	(MAGE_OPS_GHOST)
 * @MAGE_COUNTER_REFAULT_DISTANCE: sum of their distances
 * @MAGE_COUNTER_FAULT_NS: nanoseconds that the faults of @MAGE_COUNTER_FAULTS took, from
 *	the look for a place to the page's being mapped, summed over all threads
 */
enum mage_counter {
	MAGE_COUNTER_FAULTS,
	MAGE_COUNTER_NEW,
	MAGE_COUNTER_EVICTIONS,
	MAGE_COUNTER_CLEAN,
	MAGE_COUNTER_RESCUES,
	MAGE_COUNTER_WAITS,
	MAGE_COUNTER_WAIT_NS,
	MAGE_COUNTER_PREFETCHED,
	MAGE_COUNTER_PREFETCH_HITS,
	MAGE_COUNTER_PREFETCH_WASTE,
	MAGE_COUNTER_REFAULTS,
	MAGE_COUNTER_REFAULT_DISTANCE,
	MAGE_COUNTER_FAULT_NS,
};

/**
 * define MAGE_NO_DISTANCE - distance of a page of which nothing is remembered
 */
#define MAGE_NO_DISTANCE	(~0ULL)

/**
 * struct mage_ghost - what is remembered of a page that was evicted
 * @distance: pages that the domain has evicted between that page's eviction and
 *	now, itself counted, to within a batch; MAGE_NO_DISTANCE if nothing is
 *	remembered, and then @address and @word are 0.  Right up to 2^31
 *	evictions.
 * @address: user virtual address at which it was mapped, page-aligned, below
 *	2^44; higher bits are lost
 * @word: low half of the policy's word 1 in its frame when it was evicted; 0 if
 *	another policy governed then
 * @slot: slot of the far device
 */
struct mage_ghost {
	u64 distance;
	u64 address;
	u32 word;
	u32 slot;
};

/**
 * struct mage_region - what a look at a region of an address space has found
 * @next: address after the last page that was looked at, page-aligned; the end of the region if
 *	all of it was
 * @local: pages of the domain that are mapped there
 * @used: of these, those that were used since they were looked at last
 * @far: pages that are in far memory
 * @looks: what the look took of MAGE_REGION_BUDGET
 */
struct mage_region {
	u64 next;
	u32 local;
	u32 used;
	u32 far;
	u32 looks;
};

/**
 * struct mage_fault - a demand fault on a page in far memory, or on one in flight
 * @address: user virtual address, page-aligned
 * @start: first address of the mapping (VMA) that it lies in
 * @end: first address after that mapping
 * @mm: a number that tells address spaces apart while they live
 * @slot: slot of the far device that holds the page
 * @budget: pages that prefetch may name in this call, MAGE_PREFETCH_MAX or
 *	less: never more than there is room for, so 0 when room is short
 * @nr: pages named so far
 * @hit: 1 if prefetch named the page before, and it is in flight: it is being read, or was
 *	and has been mapped by this fault just now; once a page.  With it comes what else of
 *	the pages named with it has arrived, without a fault.  So the page named first tells
 *	that it is time to name those that follow the ones on their way.  0 for any other fault
 * @call: the kernel's.  As a structure with a pointer in it is no plain memory to
 *	the verifier, no policy can hand one that it made up to a function.
 */
struct mage_fault {
	u64 address;
	u64 start;
	u64 end;
	u64 mm;
	u32 slot;
	u32 budget;
	u32 nr;
	u32 hit;
	struct mage_fault_call *call;
};

/**
 * struct mage_rates - what a domain did since the last call of tick
 * @ns: nanoseconds since then; for the first call since the policy took over,
 *	or since the domain was last idle
 * @faults: pages that threads faulted in from far memory
 * @new: pages that arrived new
 * @prefetched: pages that were prefetched
 * @prefetch_hits: prefetched pages found to have been used
 * @prefetch_waste: prefetched pages evicted unused
 * @evictions: pages evicted, clean ones included
 * @rescues: victims that were touched and stay
 * @waits: times that a thread waited for room
 * @wait_ns: nanoseconds that threads waited for room
 * @refaults: pages that came back and were remembered (MAGE_OPS_GHOST)
 * @refault_distance: sum of their distances, in pages evicted
 * @room: pages that can be charged now before the limit is met; negative above
 *	memory.high
 * @headroom: pages of room that the evictors aim for now
 * @limit: pages that may be charged
 * @frames: local pages under the policy now
 * @waiting: threads that wait for room now
 * @fault_ns: nanoseconds that the @faults took, summed over all threads: with @wait_ns
 *	what far memory has cost the application
 */
struct mage_rates {
	u64 ns;
	u64 faults;
	u64 new;
	u64 prefetched;
	u64 prefetch_hits;
	u64 prefetch_waste;
	u64 evictions;
	u64 rescues;
	u64 waits;
	u64 wait_ns;
	u64 refaults;
	u64 refault_distance;
	s64 room;
	u64 headroom;
	u64 limit;
	u64 frames;
	u32 waiting;
	u64 fault_ns;
};

/**
 * struct mage_exit_info - why a policy leaves its domain
 * @kind: enum mage_exit_kind
 * @policy: name of the policy
 * @message: a sentence for people
 */
struct mage_exit_info {
	u32 kind;
	char policy[MAGE_NAME_LEN];
	char message[MAGE_MESSAGE_LEN];
};

/**
 * struct mage_ops - a policy
 *
 * Every callback is optional; an empty table is a working policy.  Callbacks
 * run concurrently on all CPUs.  But for @init and @exit none may sleep, and
 * each runs wholly inside one RCU read-side section.
 *
 * A policy governs a memory cgroup and those below it, down to the next that has a
 * policy of its own.  Each is a domain by itself, and each callback but @init and @exit
 * is called for any of them.
 *
 * A number out of the range that a callback may return ejects the policy
 * (MAGE_EXIT_BAD_NUMBER); a number within it that cannot be had is clamped.
 */
struct mage_ops {
	/* ---- life ---- */

	/**
	 * @init: The policy is about to take over @domain, that of the cgroup
	 * that it is attached to, and those below it.  May sleep.  Not
	 * concurrent with the policy's other callbacks.  No list, frame or
	 * number of the domain is the policy's yet.
	 *
	 * It must return within 5 s (MAGE_EXIT_TOO_LONG).  Nobody waits for it
	 * but who attaches the policy.
	 *
	 * Return: 0, or a negative errno to refuse; the load or swap then fails
	 * with it and whatever governed before goes on.  After a 0 it still fails
	 * if the cgroup was removed meanwhile (-ENOENT), or what is to be replaced
	 * was ejected (-ENOLINK); @exit is not called then.
	 *
	 * Default: 0.
	 */
	s32 (*init)(struct mage_domain *domain);

	/**
	 * @exit: The policy has left @domain, that of the cgroup that it was
	 * attached to, and those below it; @info says why.  May sleep.  None
	 * of its callbacks is called any more.
	 */
	void (*exit)(struct mage_domain *domain, const struct mage_exit_info *info);

	/* ---- pages ---- */

	/**
	 * @page_in: A page arrived, for @why (enum mage_page_in_reason).  It is
	 * at the tail of list 0; mage_frame_move() puts it elsewhere.  Its
	 * words are 0.  Called under the page's page table lock.
	 *
	 * @ghost tells what is remembered of it if it comes from far memory and
	 * the policy has MAGE_OPS_GHOST; else its distance is
	 * MAGE_NO_DISTANCE.
	 *
	 * With MAGE_OPS_TAKEOVER it is called as well for the pages that are there
	 * when the policy takes over from another, one after the other, soon after
	 * that and beside other callbacks, with no page table lock held.  Until
	 * then a page is on list 0 with words of 0, and @select may have been shown
	 * it.  One that the policy has given a word already is not told of, as it
	 * is known; nor is one that is a victim just then, which @outcome tells of.
	 */
	void (*page_in)(struct mage_domain *domain, struct mage_frame *frame, u32 why,
			const struct mage_ghost *ghost);

	/**
	 * @page_out: A page left, for @why (enum mage_page_out_reason).  It is
	 * on no list any more.  Any context, interrupts included.
	 */
	void (*page_out)(struct mage_domain *domain, struct mage_frame *frame, u32 why);

	/**
	 * @hint: An application said @what (enum mage_hint) about a page.
	 * Called under the page's page table lock.
	 *
	 * Default: a page that is not needed soon goes to the head of list 0, as
	 * the next to be evicted, and one that is needed to the tail of it.
	 */
	void (*hint)(struct mage_domain *domain, struct mage_frame *frame, u32 what);

	/* ---- fault path ---- */

	/**
	 * @prefetch: A thread faulted on a page in far memory, the read of which has
	 * been posted, and is waited for when this returns.  What
	 * mage_prefetch_address() and mage_prefetch_slot() name is read by another
	 * thread, and mapped without its accessed bit.
	 *
	 * Default: nothing is prefetched.
	 */
	void (*prefetch)(struct mage_domain *domain, struct mage_fault *fault);

	/**
	 * @no_room: A thread needs room for @nr pages and there is none.
	 *
	 * Return: 0 to wait for the evictors; else how many pages it is to evict
	 * itself before it tries again, 1 to MAGE_SELF_MAX.  Those are selected
	 * by @select (with batch->self set), and leave the stock way, unmapped
	 * before they are written; no @outcome is called for them, and nothing
	 * is remembered of them (MAGE_OPS_GHOST).  If none can be evicted the
	 * thread waits all the same.
	 *
	 * Default: 0.
	 */
	u32 (*no_room)(struct mage_domain *domain, u32 nr);

	/* ---- eviction path ---- */

	/**
	 * @evictors: How many evictors may serve @domain now.  Asked by each of
	 * them before it starts a batch.  An answer of 0 means none; while
	 * threads wait for room, or somebody has asked for reclaim, it means one.
	 *
	 * Return: 0 to MAGE_EVICTORS_MAX; those that are not there do not count.
	 *
	 * Default: all; the second and later ones join when more is to be
	 * evicted than the others have in flight.
	 */
	u32 (*evictors)(struct mage_domain *domain);

	/**
	 * @depth: How many batches of @domain an evictor may have in flight.
	 * Asked before each batch.
	 *
	 * Return: 1 to MAGE_DEPTH_MAX (8).
	 *
	 * Default: 4.
	 */
	u32 (*depth)(struct mage_domain *domain);

	/**
	 * @headroom: How many pages of room the evictors are to keep free, of
	 * the @limit pages that may be charged: with less than that they start.
	 * Asked before each batch and each tick, not by faults; the answer holds
	 * until the next time.
	 *
	 * Return: 0 to @limit; clamped to at least what the CPUs' charge caches
	 * may hold, and to at most half the limit.
	 *
	 * Default: what the turnover and the waits of late ask for, between a
	 * thirty-second and an eighth of the limit.
	 */
	u64 (*headroom)(struct mage_domain *domain, u64 limit);

	/**
	 * @batch_size: How many victims the next batch is to have, given that
	 * @wanted pages are to be evicted now.
	 *
	 * Return: 1 to MAGE_BATCH_MAX (512); anything else ejects the policy.
	 *
	 * Default: half of the room that is kept free, 32 to 512.
	 */
	u32 (*batch_size)(struct mage_domain *domain, u32 wanted);

	/**
	 * @select: Fill @batch with up to @batch->max victims, by walking lists
	 * (mage_for_each()), sampling (mage_for_each_sample()) or from memory,
	 * and calling mage_batch_add().  mage_batch_clean() names pages that are to be
	 * written and stay.  Fewer victims, even none, are fine as
	 * long as the domain's waiting threads get room in the end; a policy
	 * that picks nothing while they wait is ejected (MAGE_EXIT_NO_PROGRESS),
	 * as is one that uses more CPU time in one call than the knob
	 * callback_ms says, or much in many for few pages, or goes on walking
	 * when MAGE_WALK_BUDGET frames have been looked at
	 * (MAGE_EXIT_OVER_BUDGET).
	 *
	 * With MAGE_OPS_SPARE_YOUNG it is called again for the same batch when
	 * most of the victims were spared.
	 *
	 * When memory is short on one node of several, @batch is for pages of
	 * that one: walks and samples show no others, and others that are named
	 * by number are refused (-EAGAIN).  A policy that finds none is called
	 * again at once, and if it finds none then, the built-in selection
	 * fills the batch; that is no fault.
	 *
	 * Default: the heads of list 0, then of list 1, and so on, with
	 * MAGE_OPS_SPARE_YOUNG.
	 */
	void (*select)(struct mage_domain *domain, struct mage_batch *batch);

	/* ---- feedback ---- */

	/**
	 * @outcome: What became (enum mage_outcome) of a victim.  When it stays
	 * it is on a list again, mostly at the tail of list 0, and can be moved.  When it was
	 * evicted its frame can still be read, and @page_out follows.
	 */
	void (*outcome)(struct mage_domain *domain, struct mage_frame *frame, u32 outcome);

	/**
	 * @tick: Every MAGE_TICK_MS milliseconds while pages of @domain are
	 * evicted or faulted in, with MAGE_OPS_IDLE_TICK always; @rates tells
	 * what happened since the last time.
	 * @scan is a batch that takes no victims: with it lists can be walked
	 * and accessed bits be looked at, under the same budgets as in @select.
	 * Not concurrent with itself, but with all others.
	 */
	void (*tick)(struct mage_domain *domain, const struct mage_rates *rates,
		     struct mage_batch *scan);

	/**
	 * @dump: Say how things are, in lines of text for people, by
	 * mage_dump_bstr() (mage_dump() in a program): MAGE_DUMP_LEN - 1
	 * (4095) bytes at most.  Called when somebody asks ("mage policy
	 * dump"), of @domain, that of the cgroup that the policy is attached
	 * to; and once when the policy is ejected, before its lists are taken
	 * apart, so that the text comes into its exit record.  Not concurrent
	 * with itself, but with all others but @init and @exit.  No lock is
	 * held.
	 *
	 * Default: nothing is said.
	 */
	void (*dump)(struct mage_domain *domain, struct mage_dump *dump);

	/* ---- order of waits ---- */

	/**
	 * @reserve: The current thread needs room for @nr pages and there is
	 * none: whether it is favoured.  @domain is the one at whose limit it
	 * would have to wait; the thread may be of a cgroup below.  Called once
	 * for each such charge, before no_room, and never for one that fits.
	 *
	 * A favoured thread takes its pages from the reserve; if that has too
	 * few it waits ahead of those that are not, in order of arrival among
	 * its like.  The reserve is filled from what evictors free, before
	 * others are served, and its pages count as used (memory.current).
	 *
	 * No thread starves by that: while others wait, one of them is served
	 * after every 4 pages that went to favoured ones or to the reserve, so
	 * a policy that favours all favours none.  The reserve is given back
	 * when another policy governs, the cgroup goes, memory.max or
	 * memory.high is lowered below what is used, and before the OOM killer
	 * is called.
	 *
	 * Return: 0: it waits in its turn; 1 to MAGE_RESERVE_MAX: it is
	 * favoured, and the reserve of @domain is to have so many pages until
	 * this is answered for another one that is.
	 *
	 * Default: 0.
	 */
	u32 (*reserve)(struct mage_domain *domain, u32 nr);

	/* ---- data ---- */

	/**
	 * @cgroup_id: Inode number of the directory of the cgroup to govern.
	 * It must be on cgroup v2 with the memory controller enabled.  The
	 * nearest governed ancestor's policy governs a page.
	 *
	 * Default (0): the cgroup of the task that attaches the policy; for a
	 * replacement, that of the policy replaced.
	 */
	u64 cgroup_id;

	/** @flags: Any of enum mage_ops_flags; an unknown flag fails the load. */
	u64 flags;

	/** @name: For people and tools; 1 to MAGE_NAME_LEN - 1 (63) characters. */
	char name[MAGE_NAME_LEN];
};

#endif /* _LINUX_MAGE_POLICY_H */
