/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every policy includes: kernel types, prototypes of the functions that a
 * policy may call, and a few helpers.
 *
 * docs/policies.md teaches writing a policy.  All callbacks, functions and macros are in
 * docs/policy-reference.md, which is made of the comments of the kernel side, and of those
 * of the macros here.
 */
#ifndef _MAGE_BPF_H
#define _MAGE_BPF_H

/* A newer pahole puts prototypes into vmlinux.h; these here must not clash. */
#define BPF_NO_KFUNC_PROTOTYPES
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

/* ---- Any callback ---- */

/* 0, -EINVAL (no such list), -ENOENT (the page left), -EBUSY (it is a victim). */
extern int mage_frame_move(struct mage_domain *domain, struct mage_frame *frame, u32 list,
			   bool tail) __ksym;
/* A number that names the page while it is local; 0 if it left. */
extern u64 mage_frame_id(struct mage_frame *frame) __ksym;
/* User virtual address at which its area was first mapped (see docs/policies.md). */
extern u64 mage_frame_address(struct mage_frame *frame) __ksym;
/* Slot of its far copy; -1 if it has none.  The copy may be older than the page. */
extern s64 mage_frame_slot(struct mage_frame *frame) __ksym;
/* The list that it is on, or was on before it was walked or picked. */
extern u32 mage_frame_list(struct mage_frame *frame) __ksym;
/* Prefetched, and not yet found to have been used. */
extern bool mage_frame_prefetched(struct mage_frame *frame) __ksym;
extern u64 mage_frame_word(struct mage_domain *domain, struct mage_frame *frame, u32 index) __ksym;
/* 0, or -EINVAL for an index that is not 0 or 1. */
extern int mage_frame_set_word(struct mage_domain *domain, struct mage_frame *frame, u32 index,
			       u64 value) __ksym;
extern u64 mage_list_size(struct mage_domain *domain, u32 list) __ksym;
/* Pages evicted so far, to within a batch: the domain's clock. */
extern u64 mage_clock(struct mage_domain *domain) __ksym;
/* Pages that can be charged before the limit is met; negative above memory.high. */
extern s64 mage_room(struct mage_domain *domain) __ksym;
/* Pages that may be charged. */
extern u64 mage_limit(struct mage_domain *domain) __ksym;
/* Pages of room that the evictors aim for. */
extern u64 mage_headroom(struct mage_domain *domain) __ksym;
/* Local pages under the policy. */
extern u64 mage_frames(struct mage_domain *domain) __ksym;
/* Threads that wait for room. */
extern u32 mage_waiting(struct mage_domain *domain) __ksym;
/* A counter (enum mage_counter), summed over the CPUs: not for every page. */
extern u64 mage_counter(struct mage_domain *domain, u32 counter) __ksym;
/* Evictors that there are. */
extern u32 mage_evictors_count(void) __ksym;
/* 0 with @ghost filled, or -ENOENT: nothing is remembered of that slot. */
extern int mage_ghost_of_slot(struct mage_domain *domain, u32 slot,
			      struct mage_ghost *ghost) __ksym;
/* Nanoseconds that some thread, or all, were stalled for want of memory (memory.pressure). */
extern u64 mage_psi_ns(struct mage_domain *domain, bool full) __ksym;
/* Node whose memory the page is in; -1 if it left. */
extern s32 mage_frame_node(struct mage_frame *frame) __ksym;
/* Nanoseconds that a read from far memory takes just now; 0 before the first. */
extern u64 mage_far_read_ns(void) __ksym;
extern void mage_policy_error(struct mage_domain *domain, const char *message__str) __ksym;
extern int bpf_iter_mage_for_new(struct bpf_iter_mage_for *it, int begin, int end) __ksym;
extern int *bpf_iter_mage_for_next(struct bpf_iter_mage_for *it) __ksym;
extern void bpf_iter_mage_for_destroy(struct bpf_iter_mage_for *it) __ksym;

/* ---- Only select, and tick but for what adds to the batch ---- */

/*
 * 0, -ENOSPC (full), -ENOENT (freed meanwhile), -EBUSY (a victim already); by number also -EXDEV
 * (another domain's), -EAGAIN (on a node that nothing is wanted of now).
 */
extern int mage_batch_add(struct mage_batch *batch, struct mage_frame *frame) __ksym;
extern int mage_batch_add_id(struct mage_batch *batch, u64 id) __ksym;
/*
 * mage_batch_add() for a page that is to be written only, and to stay: when it is clean it goes to
 * the tail of list @list, and MAGE_OUTCOME_CLEANED is told. Also -EINVAL (no such list), -EDQUOT
 * (others have to be evicted first: MAGE_CLEAN_AHEAD; or it has no far copy and would get none).
 */
extern int mage_batch_clean(struct mage_batch *batch, struct mage_frame *frame, u32 list) __ksym;
/*
 * The same for up to @nr frames from the head of a list at once. How many were added, or -EINVAL
 * (no such list).
 */
extern int mage_batch_add_list(struct mage_batch *batch, u32 list, u32 nr) __ksym;
/*
 * Looks at up to @nr frames from the head of a list: those that were used go to the tail of list
 * @to, the others are added. Flags are those of walks, and enum mage_pass_flags. How many were
 * looked at, or -EINVAL.
 */
extern int mage_batch_add_unused(struct mage_batch *batch, u32 list, u32 nr, u32 to,
				 u32 flags) __ksym;
/*
 * The same, and of those that were used the neighbours are looked at as by mage_frame_look_around().
 * @to says of each list, in four bits, where pages of it go that were used: MAGE_AROUND_NONE.
 */
extern int mage_batch_add_unused_around(struct mage_batch *batch, u32 list, u32 nr, u64 to,
					u32 flags) __ksym;
/*
 * Moves up to @nr frames from the head of a list to the tail of list @to, or of @used if they were
 * used, and forgets that they were. How many were not, or -EINVAL.
 */
extern int mage_list_move(struct mage_batch *batch, u32 list, u32 nr, u32 to, u32 used) __ksym;
/* Node that victims are wanted of; -1 if pages of all will do. */
extern s32 mage_batch_node(struct mage_batch *batch) __ksym;
/* Used since it was asked last; forgets that it was. */
extern bool mage_frame_accessed(struct mage_batch *batch, struct mage_frame *frame) __ksym;
/*
 * The same, and if it was, its neighbours in the page table are looked at, too: those that were
 * used go to the tail of the list that @to names for theirs, in four bits; its own: left alone. How
 * many frames it counts as, 0 if the page was not used.
 */
extern u32 mage_frame_look_around(struct mage_batch *batch, struct mage_frame *frame,
				  u64 to) __ksym;
/* Eviction would have to write it; changes nothing. */
extern bool mage_frame_dirty(struct mage_batch *batch, struct mage_frame *frame) __ksym;
/* Both in one look: enum mage_look_bits. Forgets that it was used. */
extern u32 mage_frame_look(struct mage_batch *batch, struct mage_frame *frame) __ksym;
/*
 * Name of the area that a page is mapped in, as set by prctl(PR_SET_VMA_ANON_NAME), or "[heap]" or
 * "[stack]"; @name has 1 to 80 bytes, and all are written. Its length, 0 if it has none, -ENOENT
 * (the page left), -EAGAIN (not to be told without waiting), or -EINVAL.
 */
extern int mage_frame_name(struct mage_batch *batch, struct mage_frame *frame, char *name,
			   u32 name__sz) __ksym;
/*
 * Process that has the page mapped, as of bpf_get_current_pid_tgid() >> 32; 0 if that is not to be
 * told.
 */
extern u32 mage_frame_process(struct mage_batch *batch, struct mage_frame *frame) __ksym;
/*
 * Counts the local and far pages of a region of a process, and those that were used, and forgets
 * that they were. 0, -EAGAIN (it is being changed at seen->next), -ESRCH (no such process), -EXDEV
 * (its memory is another cgroup's), -EINVAL (no page), -ENOSPC (MAGE_REGION_BUDGET is spent).
 */
extern int mage_region_look(struct mage_batch *batch, u32 process, u64 start, u64 end,
			    struct mage_region *seen) __ksym;
extern int bpf_iter_mage_region_new(struct bpf_iter_mage_region *it, struct mage_batch *batch,
				    u32 process, u64 start, u64 end) __ksym;
extern struct mage_frame *bpf_iter_mage_region_next(struct bpf_iter_mage_region *it) __ksym;
extern void bpf_iter_mage_region_destroy(struct bpf_iter_mage_region *it) __ksym;
extern int bpf_iter_mage_list_new(struct bpf_iter_mage_list *it, struct mage_batch *batch, u32 list,
				  u32 flags) __ksym;
extern struct mage_frame *bpf_iter_mage_list_next(struct bpf_iter_mage_list *it) __ksym;
extern void bpf_iter_mage_list_destroy(struct bpf_iter_mage_list *it) __ksym;
extern int bpf_iter_mage_sample_new(struct bpf_iter_mage_sample *it, struct mage_batch *batch,
				    u32 nr) __ksym;
extern struct mage_frame *bpf_iter_mage_sample_next(struct bpf_iter_mage_sample *it) __ksym;
extern void bpf_iter_mage_sample_destroy(struct bpf_iter_mage_sample *it) __ksym;
extern int bpf_iter_mage_victim_new(struct bpf_iter_mage_victim *it, struct mage_batch *batch,
				    u32 from) __ksym;
extern struct mage_frame *bpf_iter_mage_victim_next(struct bpf_iter_mage_victim *it) __ksym;
extern void bpf_iter_mage_victim_destroy(struct bpf_iter_mage_victim *it) __ksym;

/* ---- Only tick ---- */

/* Has so many pages evicted though there is room; how many were asked for. */
extern u32 mage_reclaim_ahead(struct mage_domain *domain, u32 nr) __ksym;

/* ---- Only prefetch ---- */

/*
 * 0; -ENOSPC (budget spent); -EINVAL (outside the mapping); -ENOENT (not in far
 * memory); -EEXIST (local, or named already).
 */
extern int mage_prefetch_address(struct mage_fault *fault, u64 address) __ksym;
extern int mage_prefetch_slot(struct mage_fault *fault, u32 slot) __ksym;
/*
 * How a page of the mapping fares: 0 not local; 1 local, and not used since its
 * accessed bit was last cleared; 2 local and used.  -EINVAL outside the mapping.
 */
extern int mage_fault_look(struct mage_fault *fault, u64 address) __ksym;
/* The name of the mapping, as mage_frame_name(). */
extern int mage_fault_name(struct mage_fault *fault, char *name, u32 name__sz) __ksym;

/* ---- Only dump ---- */

/* 0; -ENOSPC (the text is full); -EINVAL (the format). mage_dump() makes the arguments. */
extern int mage_dump_bstr(struct mage_dump *dump, const char *fmt__str, const u64 *data,
			  u32 data__sz) __ksym;

/**
 * mage_dump() - write formatted text in the callback dump
 * @dump: what the callback was given
 * @fmt: format, as of bpf_printk(); a literal
 * @args: up to 12 arguments
 *
 * For example::
 *
 *	mage_dump(dump, "aim %lld of %llu pages\n", aim, mage_frames(domain));
 *
 * Return: as mage_dump_bstr()
 */
#define mage_dump(dump, fmt, args...)                                                          \
	({                                                                                     \
		u64 mage_args[___bpf_narg(args) ?: 1] = {};                                    \
                                                                                               \
		/* For %s an argument is a pointer. */                                         \
		_Pragma("GCC diagnostic push")                                                 \
			_Pragma("GCC diagnostic ignored \"-Wint-conversion\"")                 \
				___bpf_fill(mage_args, args);                                  \
		_Pragma("GCC diagnostic pop")                                                  \
			mage_dump_bstr(dump, fmt, mage_args, ___bpf_narg(args) * sizeof(u64)); \
	})

/**
 * mage_for() - count, in a loop that ends
 * @i: an integer variable
 * @begin: its first value
 * @end: the one after the last; there is no round if it is not above @begin
 *
 * As bpf_for(), which policies cannot use: this ends by itself when the callback has used
 * the time that it may.  For few rounds, of a constant number, a plain "for" does as well.
 * For example::
 *
 *	u32 i;
 *
 *	mage_for (i, 0, nr)
 *		sum += weight[i & MASK];
 */
#define mage_for(i, begin, end)                                                            \
	for (struct bpf_iter_mage_for mage_loop                                            \
	     __attribute__((aligned(8), cleanup(bpf_iter_mage_for_destroy))),              \
	     *mage_begun                                                                   \
	     __attribute__((unused)) = (bpf_iter_mage_for_new(&mage_loop, (begin), (end)), \
					(void)bpf_iter_mage_for_destroy, (void *)0);       \
	     ({                                                                            \
		     int *mage_at = bpf_iter_mage_for_next(&mage_loop);                    \
		     mage_at && ((i) = *mage_at, (i) >= (begin) && (i) < (end));           \
	     });)

/**
 * mage_repeat() - a loop that ends, without a number
 * @nr: rounds
 *
 * As mage_for() otherwise.
 */
#define mage_repeat(nr)                                                                          \
	for (struct bpf_iter_mage_for mage_loop                                                  \
	     __attribute__((aligned(8), cleanup(bpf_iter_mage_for_destroy))),                    \
	     *mage_begun __attribute__((unused)) = (bpf_iter_mage_for_new(&mage_loop, 0, (nr)),  \
						    (void)bpf_iter_mage_for_destroy, (void *)0); \
	     bpf_iter_mage_for_next(&mage_loop);)

/**
 * mage_for_each() - walk a list from its head
 * @frame: a variable, the frame
 * @batch: what select or tick was given
 * @list: 0 to MAGE_LISTS - 1
 *
 * A frame that was neither added nor moved goes to the tail of its list.  In select the walk
 * ends when the batch is full; bpf_iter_mage_list_new() says what else ends it.  For example::
 *
 *	struct mage_frame *frame;
 *
 *	mage_for_each (frame, batch, 0)
 *		mage_batch_add(batch, frame);
 */
#define mage_for_each(frame, batch, list) bpf_for_each (mage_list, frame, batch, list, 0)

/**
 * mage_walk() - walk a list as flags say
 * @frame: a variable, the frame
 * @batch: what select or tick was given
 * @list: 0 to MAGE_LISTS - 1
 * @flags: enum mage_walk_flags
 *
 * As mage_for_each() otherwise.
 */
#define mage_walk(frame, batch, list, flags) bpf_for_each (mage_list, frame, batch, list, flags)

/**
 * mage_for_each_sample() - look at frames of the domain, taken at random
 * @frame: a variable, the frame
 * @batch: what select or tick was given
 * @nr: how many at most
 *
 * They stay where they are.  bpf_iter_mage_sample_next() says how random they are.
 */
#define mage_for_each_sample(frame, batch, nr) bpf_for_each (mage_sample, frame, batch, nr)

/**
 * mage_for_each_in_region() - look at frames that are mapped in a region of a process
 * @frame: a variable, the frame
 * @batch: what select or tick was given
 * @process: id of the process, as of bpf_get_current_pid_tgid() >> 32
 * @start: address of the first page
 * @end: address after the last
 *
 * They come by address, and stay where they are.  bpf_iter_mage_region_next() says what ends it.
 * For example::
 *
 *	mage_for_each_in_region (frame, batch, process, address, address + PAGE_SIZE)
 *		mage_frame_move(domain, frame, HOT, true);
 */
#define mage_for_each_in_region(frame, batch, process, start, end) \
	bpf_for_each (mage_region, frame, batch, process, start, end)

/**
 * mage_for_each_victim() - look at what this call has added to the batch
 * @frame: a variable, the frame
 * @batch: what select was given
 * @from: number of the first victim in question: what batch->nr was before
 *
 * For example::
 *
 *	u32 before = batch->nr;
 *
 *	mage_batch_add_unused(batch, QUEUE, looks, QUEUE, 0);
 *	mage_for_each_victim (frame, batch, before)
 *		mage_frame_set_word(domain, frame, 1, ++departed);
 */
#define mage_for_each_victim(frame, batch, from) bpf_for_each (mage_victim, frame, batch, from)

/**
 * MAGE_OP() - define a callback that may not sleep: any but init and exit
 * @name: name of the function
 * @args: parameters, as of the member of struct mage_ops; those at its end that are not
 *	used can be left out
 *
 * For example::
 *
 *	void MAGE_OP(fifo_select, struct mage_domain *domain, struct mage_batch *batch)
 */
#define MAGE_OP(name, args...)   \
	SEC("struct_ops/" #name) \
	BPF_PROG(name, ##args)

/**
 * MAGE_OP_SLEEPABLE() - define a callback that may sleep: init or exit
 * @name: as of MAGE_OP()
 * @args: as of MAGE_OP()
 */
#define MAGE_OP_SLEEPABLE(name, args...) \
	SEC("struct_ops.s/" #name)       \
	BPF_PROG(name, ##args)

/**
 * define MAGE_OPTIONAL - stands before a callback that older kernels may lack
 *
 * Where the kernel lacks it "mage" leaves the callback out, and says so.  For example::
 *
 *	MAGE_OPTIONAL void MAGE_OP(mine_foresee, struct mage_domain *domain)
 */
#define MAGE_OPTIONAL __attribute__((btf_decl_tag("mage:optional")))

/**
 * MAGE_POLICY() - define the table of callbacks
 * @id: name of the policy
 * @ops: members of struct mage_ops; cgroup_id is set by whoever loads it
 *
 * For example::
 *
 *	MAGE_POLICY(fifo, .select = (void *)fifo_select);
 */
#define MAGE_POLICY(id, ops...) \
	SEC(".struct_ops.link") \
	struct mage_ops id = { .name = #id, ops }

/**
 * MAGE_TUNABLE() - define a number that whoever runs the policy may set
 * @type: an integer of 1 to 8 bytes, or bool
 * @name: name of the variable, by which it is set
 * @initial: its value if nothing is set; a literal
 * @min: the least that may be set; a literal
 * @max: the most that may be set; a literal
 * @text: what it is, a literal; "mage policy show" prints it
 *
 * It can be set while the policy runs, and is read anew at each use.  "mage" checks values
 * against the range.  For example::
 *
 *	MAGE_TUNABLE(u32, chances, 8, 0, 512, "second chances for each victim wanted");
 */
#define MAGE_TUNABLE(type, name, initial, min, max, text) \
	__mage_tunable(volatile type, name, initial, min, max, text)

/**
 * MAGE_TUNABLE_AT_LOAD() - define a number that may be set until the policy is loaded
 * @type: as of MAGE_TUNABLE()
 * @name: as of MAGE_TUNABLE()
 * @initial: as of MAGE_TUNABLE()
 * @min: as of MAGE_TUNABLE()
 * @max: as of MAGE_TUNABLE()
 * @text: as of MAGE_TUNABLE()
 *
 * It is a constant to the verifier, which takes out what it does not lead to.  If it has the
 * name of a callback and is 0, "mage" leaves that callback out.
 */
#define MAGE_TUNABLE_AT_LOAD(type, name, initial, min, max, text) \
	__mage_tunable(const volatile type, name, initial, min, max, text)

/**
 * MAGE_COUNTER() - define a number that tells whoever runs the policy how it fares
 * @type: an integer of 1 to 8 bytes, or bool
 * @name: name of the variable
 * @unit: its unit, a literal
 * @text: what it is, a literal
 *
 * It is a global variable like any other, and begins with 0.  "mage policy show CGROUP"
 * prints it, whatever the kernel.  For example::
 *
 *	MAGE_COUNTER(u64, remembered, "pages", "came back while they were remembered");
 */
#define MAGE_COUNTER(type, name, unit, text)               \
	__attribute__((btf_decl_tag("mage:counter:" unit), \
		       btf_decl_tag("mage:help:" text))) type name

#define __mage_literal(x) #x
#define __mage_range(min, max) "mage:range:" __mage_literal(min) ".." __mage_literal(max)
#define __mage_tunable(type, name, initial, min, max, text)                   \
	__attribute__((btf_decl_tag(__mage_range(min, max)),                  \
		       btf_decl_tag("mage:initial:" __mage_literal(initial)), \
		       btf_decl_tag("mage:help:" text))) type name = initial

/* Macros of the kernel's that its type information does not carry. */
#define MAGE_LISTS 16
#define MAGE_FRAME_WORDS 2
#define MAGE_WALK_BUDGET 8192
#define MAGE_BATCH_MAX 512
#define MAGE_AROUND_MAX 64
#define MAGE_AROUND_NONE 0xfedcba9876543210ULL
#define MAGE_REGION_BUDGET 65536
#define MAGE_REGION_MOST 4194304
#define MAGE_DEPTH_MAX 8
#define MAGE_EVICTORS_MAX 4096
#define MAGE_PREFETCH_MAX 64
#define MAGE_SELF_MAX 4096
#define MAGE_CLEAN_AHEAD 2048
#define MAGE_RESERVE_MAX 64
#define MAGE_TICK_MS 100
#define MAGE_NO_DISTANCE (~0ULL)
#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)

#define ENOENT 2
#define ESRCH 3
#define EAGAIN 11
#define EBUSY 16
#define EEXIST 17
#define EXDEV 18
#define EINVAL 22
#define ENOSPC 28
#define EDQUOT 122

#endif /* _MAGE_BPF_H */
