/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the simulated kernel know of each other. */
#ifndef SIM_INTERNAL_H
#define SIM_INTERNAL_H

#include <stddef.h>

#include "machine.h"
#include "random.h"

#define PAGE_BITS 12

#define NO_FRAME (~0U)
#define NO_SLOT (~0U)

/* Victims of a batch that nobody says more of, as MAGE_BATCH_LEAST and MAGE_BATCH_DEFAULT. */
#define BATCH_LEAST 32U
#define BATCH_DEFAULT 512U
#define BATCH_MAX 512U

struct link {
	struct link *next, *before;
};

enum frame_state {
	FRAME_FREE,
	FRAME_LISTED,
	FRAME_WALKED,
	FRAME_VICTIM
};

struct mage_frame {
	struct link link; /* first, so that a link is a frame */
	u32 page;
	u8 list;
	u8 state;
	bool prefetched;
	u64 word[MAGE_FRAME_WORDS];
};

/* An entry of the page table, and what is known of the page's far copy. */
struct entry {
	u32 frame; /* NO_FRAME while it is not local */
	u32 slot; /* NO_SLOT before its first eviction; then it keeps it */
	bool accessed;
	bool dirty;
};

struct list {
	struct link head;
	struct mage_frame *hand; /* of walks that resume; NULL for the head */
	u64 nr;
};

/* By slot. */
struct ghost {
	u64 stamp;
	u32 word;
	u32 page;
	bool valid;
};

struct batch {
	struct mage_batch seen; /* what the policy is given */
	u32 armed;
	u32 refills;
	bool spare_young;
	struct mage_frame *victim[BATCH_MAX];
	u8 clean_to[BATCH_MAX]; /* list of one that is only cleaned; MAGE_LISTS if it leaves */
};

struct mage_domain {
	const struct mage_ops *policy;
	struct machine_setup setup;
	struct machine_counts counts, at_tick;
	u64 next_tick;
	u64 headroom;
	u64 clock;
	u64 cleaned; /* the clock, and above it pages cleaned that none was evicted for */
	bool waiting; /* for room, as the policy picked nothing */
	u32 fruitless;
	struct list lists[MAGE_LISTS];
	struct mage_frame *frames; /* frames_nr of them, the free ones on @free */
	u32 frames_nr;
	u32 frames_used;
	struct link free;
	struct entry *entries;
	struct ghost *ghosts;
	u32 slots_used;
	struct random random;
	struct batch batch;
	struct mage_batch scan;
	void (*evicted)(void *context, u32 page);
	void *context;
	char broken[256];
};

/* Whose policy is being run: for helpers that are not told. */
extern struct mage_domain *machine_now;

/* machine.c */
void machine_break(struct mage_domain *domain, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
u64 machine_nanoseconds(const struct mage_domain *domain);
s64 machine_room(const struct mage_domain *domain);
u64 machine_limit(const struct mage_domain *domain);
bool machine_page_is_far(const struct mage_domain *domain, u32 page);
void machine_page_in(struct mage_domain *domain, u32 page, u32 why);

/* lists.c */
void lists_init(struct mage_domain *domain);
void frame_link(struct mage_domain *domain, struct mage_frame *frame, u32 list, bool tail);
void frame_unlink(struct mage_domain *domain, struct mage_frame *frame);
int frame_move(struct mage_domain *domain, struct mage_frame *frame, u32 list, bool tail);
struct mage_frame *list_first(const struct list *list);
struct mage_frame *list_last(const struct list *list);
struct mage_frame *list_after(const struct list *list, const struct mage_frame *frame);

/* around.c */
struct around {
	struct mage_batch *batch;
	u32 *left; /* what the walk that found the page has left of its list, or NULL */
	u32 walked; /* that list */
	u64 to; /* as of mage_frame_look_around() */
	bool tail;
	bool again;
};

u32 around_list(u64 to, u32 list);
u32 around_look(const struct around *around, const struct mage_frame *frame);

/* walk.c */
u32 walk_look_around(struct mage_batch *batch, struct mage_frame *frame, u64 to);
int walk_new(struct bpf_iter_mage_list *it, struct mage_batch *batch, u32 list, u32 flags);
struct mage_frame *walk_next(struct bpf_iter_mage_list *it);
void walk_end(struct bpf_iter_mage_list *it);
int walk_pick(struct mage_batch *batch, struct mage_frame *frame);
bool walk_may_begin(struct mage_batch *batch);
bool batch_may_look(struct mage_batch *batch, u32 left, u32 budget, const char *what);
int pass_pick(struct mage_batch *batch, u32 list, u32 nr, u32 to, u32 flags);
int pass_pick_around(struct mage_batch *batch, u32 list, u32 nr, u64 to, u32 flags);
int pass_move(struct mage_batch *batch, u32 list, u32 nr, u32 to, u32 used);

/* region.c */
u32 region_budget(const struct mage_domain *domain);
int region_look(struct mage_batch *batch, u32 process, u64 start, u64 end,
		struct mage_region *seen);
int region_new(struct bpf_iter_mage_region *it, struct mage_batch *batch, u32 process, u64 start,
	       u64 end);
struct mage_frame *region_next(struct bpf_iter_mage_region *it);

/* sample.c */
void sample_new(struct bpf_iter_mage_sample *it, struct mage_batch *batch, u32 nr);
struct mage_frame *sample_next(struct bpf_iter_mage_sample *it);

/* batch.c */
void batch_evict(struct mage_domain *domain);
int batch_take(struct mage_batch *batch, struct mage_frame *frame);
int batch_take_to_clean(struct mage_batch *batch, struct mage_frame *frame, u32 list);
int batch_take_list(struct mage_batch *batch, u32 list, u32 nr);
struct mage_frame *batch_victim(struct mage_batch *seen, u32 at);
void batch_push(struct mage_batch *batch, struct mage_frame *frame);
void batch_drop(struct mage_batch *batch, const struct mage_frame *frame);
bool frame_accessed(struct mage_domain *domain, struct mage_frame *frame);

/* ghost.c */
void ghost_remember(struct mage_domain *domain, const struct mage_frame *frame, u32 out);
void ghost_recall(struct mage_domain *domain, u32 page, u32 why, struct mage_ghost *ghost);
int ghost_read(struct mage_domain *domain, u32 slot, struct mage_ghost *ghost);

/* prefetch.c */
void prefetch_fault(struct mage_domain *domain, u32 page);
int prefetch_page(struct mage_fault *fault, u64 address);
int prefetch_slot(struct mage_fault *fault, u32 slot);
int prefetch_look(struct mage_fault *fault, u64 address);
void prefetch_used(struct mage_domain *domain, struct mage_frame *frame);

/* tick.c */
void tick_maybe(struct mage_domain *domain);

#endif
