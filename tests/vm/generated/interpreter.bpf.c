// SPDX-License-Identifier: GPL-2.0-only
/*
 * All generated policies: each does what a table of it says, which is made at random and set before
 * the load.
 *
 * The table is constant then: the verifier goes only where this one leads, and takes out the rest.
 * So each load is another program to it, and to the kernel, though clang is needed only once. There
 * are several in an object, as most of what a load takes is to find the types of the kernel.
 */
#include "mage.bpf.h"
#include "../policies/spied.h"
#include "loop.bpf.h"
#include "table.h"

#define KEPT 256

const volatile struct table tables[TOGETHER] SEC(".rodata.table");
volatile struct seen seen SEC(".data.seen");

/* It outlives the policy, as a map of a careless one may. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, KEPT);
	__type(key, u32);
	__type(value, u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} mage_generated SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, KEPT);
	__type(key, u64);
	__type(value, u64);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, u64);
} tasks SEC(".maps");

/* Ids of pages that are a policy's, for one that remembers. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TOGETHER *KEPT);
	__type(key, u32);
	__type(value, u64);
} remembered SEC(".maps");

static __always_inline u64 *kept_at_random(void)
{
	u32 key = bpf_get_prandom_u32() % KEPT;

	return bpf_map_lookup_elem(&mage_generated, &key);
}

static __always_inline u64 *remembered_at(u32 policy, u64 at)
{
	u32 key = policy * KEPT + at % KEPT;

	return bpf_map_lookup_elem(&remembered, &key);
}

static __noinline u64 number(struct mage_domain *domain, const volatile struct action *a, u64 last)
{
	u32 key = bpf_get_prandom_u32() % SPIED;
	u64 *value = NULL;

	switch (a->kind) {
	case NUMBER_VALUE:
		return a->value;
	case NUMBER_LAST:
		return last + a->value;
	case NUMBER_DICE:
		return a->value ? bpf_get_prandom_u32() % a->value : seen.tuned;
	case NUMBER_ANY:
		return (u64)bpf_get_prandom_u32() << 32 | bpf_get_prandom_u32();
	case NUMBER_ROOM:
		return (u64)mage_room(domain);
	case NUMBER_LIMIT:
		return mage_limit(domain);
	case NUMBER_HEADROOM:
		return mage_headroom(domain);
	case NUMBER_FRAMES:
		return mage_frames(domain);
	case NUMBER_WAITING:
		return mage_waiting(domain);
	case NUMBER_CLOCK:
		return mage_clock(domain);
	case NUMBER_COUNTER:
		return mage_counter(domain, a->list);
	case NUMBER_LIST_SIZE:
		return mage_list_size(domain, a->list);
	case NUMBER_EVICTORS:
		return mage_evictors_count();
	case NUMBER_KEPT:
		value = kept_at_random();
		break;
	case NUMBER_SPIED:
		value = bpf_map_lookup_elem(&mage_spied, &key);
		break;
	}
	return value ? *value : 0;
}

static __noinline u64 look_up(u64 key)
{
	u64 *value = bpf_map_lookup_elem(&hash, &key);

	if (value)
		__sync_fetch_and_add(value, 1);
	else
		bpf_map_update_elem(&hash, &key, &key, BPF_ANY);
	if (key % 3 == 0)
		bpf_map_delete_elem(&hash, &key);
	return value ? *value : key;
}

static __noinline u64 of_task(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u64 *count = bpf_task_storage_get(&tasks, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

	return count ? __sync_fetch_and_add(count, 1) : 0;
}

static __noinline u64 keep(u64 value)
{
	u64 *slot = kept_at_random();

	if (slot)
		*slot = value;
	return value;
}

static __noinline u64 ghost_of(struct mage_domain *domain, u64 slot)
{
	struct mage_ghost ghost;

	return mage_ghost_of_slot(domain, slot, &ghost) ? slot : ghost.address + ghost.word;
}

static __always_inline bool dice(const volatile struct action *a)
{
	return a->chance == 255 || bpf_get_prandom_u32() % 255 < a->chance;
}

static __noinline u64 anywhere(struct mage_domain *domain, const volatile struct action *a,
			       u64 last)
{
	u64 n;
	u32 i;

	if (a->op == OP_NONE || !dice(a))
		return last;
	n = number(domain, a, last);
	switch (a->op) {
	case OP_KEEP:
		return keep(n);
	case OP_HASH:
		return look_up(n);
	case OP_TASK:
		return of_task();
	case OP_GHOST:
		return ghost_of(domain, n);
	case OP_LOOP:
		generated_for(i, 0, (u32)a->list * ROUNDS) n ^= number(domain, a, n);
		break;
	}
	return n;
}

/* Not for init and exit. */
static __always_inline u64 governing(struct mage_domain *domain, const volatile struct action *a,
				     u64 last)
{
	if (a->op != OP_ERROR)
		return anywhere(domain, a, last);
	if (dice(a))
		mage_policy_error(domain, "the dice say so");
	return last;
}

static __always_inline u64 of_any_frame(struct mage_domain *domain, struct mage_frame *frame,
					const volatile struct action *a, u64 last)
{
	u64 n;

	if (a->op < OP_ANYWHERE_END)
		return governing(domain, a, last);
	if (a->op >= OP_FRAME_END || !dice(a))
		return last;
	n = number(domain, a, last);
	switch (a->op) {
	case OP_MOVE:
		return mage_frame_move(domain, frame, a->list, n & 1);
	case OP_ID:
		return mage_frame_id(frame);
	case OP_ADDRESS:
		return mage_frame_address(frame);
	case OP_SLOT:
		return mage_frame_slot(frame);
	case OP_LIST:
		return mage_frame_list(frame);
	case OP_PREFETCHED:
		return mage_frame_prefetched(frame);
	case OP_WORD:
		return mage_frame_word(domain, frame, a->list);
	case OP_SET_WORD:
		return mage_frame_set_word(domain, frame, a->list, n);
	}
	return n;
}

static __noinline u64 of_frame(struct mage_domain *domain, struct mage_frame *frame,
			       const volatile struct action *a, u64 last)
{
	return of_any_frame(domain, frame, a, last);
}

/*
 * An innocent policy does not go on to look at regions when a call's budget is spent. A second is
 * longer than a call.
 */
static __always_inline bool may_look(void)
{
	return bpf_ktime_get_ns() - seen.spent_at > 1000000000;
}

/* Of some process that a page had once, or any number. */
static __noinline u64 region_look(struct mage_batch *batch, u64 start, u64 pages)
{
	u64 end = start + pages % (2 * MAGE_REGION_BUDGET) * PAGE_SIZE;
	struct mage_region found;
	int err;

	if (!may_look())
		return start;
	err = mage_region_look(batch, pages & 1 ? seen.process : pages, start, end, &found);
	if (err == -ENOSPC)
		seen.spent_at = bpf_ktime_get_ns();
	return err ?: found.next + found.used;
}

static __noinline u64 process_of(struct mage_batch *batch, struct mage_frame *frame)
{
	u32 process = mage_frame_process(batch, frame);

	if (process)
		seen.process = process;
	return mage_frame_address(frame);
}

static __noinline u64 of_victim(struct mage_domain *domain, struct mage_batch *batch,
				struct mage_frame *frame, const volatile struct action *a, u64 last)
{
	u64 n;

	if (a->op < OP_FRAME_END)
		return of_any_frame(domain, frame, a, last);
	if (!dice(a))
		return last;
	n = number(domain, a, last);
	switch (a->op) {
	case OP_ADD:
		return mage_batch_add(batch, frame);
	case OP_ACCESSED:
		return mage_frame_accessed(batch, frame);
	case OP_LOOK_AROUND:
		return mage_frame_look_around(batch, frame, n);
	case OP_DIRTY:
		return mage_frame_dirty(batch, frame);
	case OP_ADD_ID:
		return mage_batch_add_id(batch, n);
	case OP_ADD_LIST:
		return mage_batch_add_list(batch, a->list, n);
	case OP_ADD_UNUSED:
		return mage_batch_add_unused(batch, a->list, n, last % MAGE_LISTS, n >> 32);
	case OP_ADD_UNUSED_AROUND:
		return mage_batch_add_unused_around(batch, a->list, n, last, n >> 32);
	case OP_LIST_MOVE:
		return mage_list_move(batch, a->list, n, last % MAGE_LISTS, n % MAGE_LISTS);
	case OP_PROCESS:
		return process_of(batch, frame);
	case OP_REGION_LOOK:
		return region_look(batch, last, n);
	}
	return last;
}

static __always_inline u64 of_shown(struct mage_domain *domain, struct mage_batch *batch,
				    struct mage_frame *frame, const volatile struct walk *w,
				    u64 last)
{
	last = of_victim(domain, batch, frame, &w->frame[0], last);
	last = of_victim(domain, batch, frame, &w->frame[1], last);
	return of_victim(domain, batch, frame, &w->frame[2], last);
}

static __noinline u64 walk_inside(struct mage_domain *domain, struct mage_batch *batch,
				  const volatile struct walk *w, u64 last)
{
	struct mage_frame *frame;
	u32 nr = seen.nought;

	if (!w->most)
		return last;
	if (w->sample) {
		mage_for_each_sample(frame, batch, w->most)
			last = of_shown(domain, batch, frame, w, last);
		return last;
	}
	mage_walk(frame, batch, w->list, w->flags)
	{
		last = of_shown(domain, batch, frame, w, last);
		if (++nr >= w->most)
			break;
	}
	return last;
}

static __always_inline u64 of_nest(struct mage_domain *domain, struct mage_batch *batch,
				   struct mage_frame *frame, const volatile struct nest *n,
				   u64 last)
{
	last = of_shown(domain, batch, frame, &n->outer, last);
	last = walk_inside(domain, batch, &n->inner, last);
	return of_victim(domain, batch, frame, &n->after, last);
}

static __noinline u64 walk(struct mage_domain *domain, struct mage_batch *batch,
			   const volatile struct nest *n, u64 last)
{
	const volatile struct walk *w = &n->outer;
	struct mage_frame *frame, *kept = NULL;
	u32 nr = seen.nought;

	if (!w->most)
		return last;
	if (w->sample) {
		mage_for_each_sample(frame, batch, w->most)
		{
			last = of_nest(domain, batch, frame, n, last);
			kept = frame;
		}
	} else {
		mage_walk(frame, batch, w->list, w->flags)
		{
			last = of_nest(domain, batch, frame, n, last);
			kept = frame;
			if (++nr >= w->most)
				break;
		}
	}
	if (w->keep && kept)
		last = of_shown(domain, batch, kept, w, last);
	return last;
}

static __noinline u64 answer(struct mage_domain *domain, const volatile struct answer *a, u64 most)
{
	u64 n = dice(&a->number) ? number(domain, &a->number, most) : 0, span = a->span;

	if (span > most)
		span = most;
	return span ? a->least + n % span : n;
}

/* The place of an id is in word 0, so that page_out finds it. */
static __noinline void remember(u32 policy, struct mage_domain *domain, struct mage_frame *frame)
{
	u32 at = bpf_get_prandom_u32() % KEPT;
	u64 *id = remembered_at(policy, at);

	if (id) {
		mage_frame_set_word(domain, frame, 0, at + 1);
		*id = mage_frame_id(frame);
	}
}

static __noinline void forget(u32 policy, struct mage_domain *domain, struct mage_frame *frame)
{
	u64 at = mage_frame_word(domain, frame, 0), *id = remembered_at(policy, at - 1);

	/* It may be of a page that came later; that one then is forgotten as well. */
	if (at && id)
		*id = 0;
}

static __noinline void pick_remembered(u32 policy, struct mage_batch *batch)
{
	u64 *id = remembered_at(policy, bpf_get_prandom_u32()), picked = 0;

	if (id)
		picked = __sync_lock_test_and_set(id, 0);
	if (picked)
		mage_batch_add_id(batch, picked);
}

static __noinline u64 of_fault(struct mage_domain *domain, struct mage_fault *fault,
			       const volatile struct action *a, u64 last)
{
	u64 n;
	u32 i;

	if (a->op < OP_ANYWHERE_END)
		return governing(domain, a, last);
	if (a->op < OP_BATCH_END || !dice(a))
		return last;
	n = number(domain, a, last);
	switch (a->op) {
	case OP_PREFETCH_ADDRESS:
		return mage_prefetch_address(fault, n);
	case OP_PREFETCH_PAGES:
		generated_for(i, 0, (u32)a->list * ROUNDS) last =
			mage_prefetch_address(fault, fault->address + (i - n % 64) * PAGE_SIZE);
		return last;
	case OP_PREFETCH_SLOT:
		return mage_prefetch_slot(fault, fault->slot + n);
	case OP_LOOK:
		return mage_fault_look(fault, a->list & 1 ? n : fault->start + n * PAGE_SIZE);
	}
	return last;
}

static __always_inline u64 nests(struct mage_domain *domain, struct mage_batch *batch,
				 const volatile struct nest *n)
{
	u64 last = walk(domain, batch, &n[0], 0);

	last = walk(domain, batch, &n[1], last);
	return walk(domain, batch, &n[2], last);
}

/* Whatever is there, and each is told that it goes. */
static __noinline void take_all(struct mage_domain *domain, struct mage_batch *batch)
{
	struct mage_frame *frame;
	u32 i;

	generated_for(i, 0, MAGE_LISTS)
	{
		mage_for_each (frame, batch, i)
			mage_batch_add(batch, frame);
	}
	mage_for_each_victim(frame, batch, 0) mage_frame_set_word(domain, frame, 1, batch->nr);
}

#define ACT(callback, how, args...)                                 \
	({                                                          \
		u64 __n = how(args, &TABLE.action[callback][0], 0); \
		__n = how(args, &TABLE.action[callback][1], __n);   \
		how(args, &TABLE.action[callback][2], __n);         \
	})

/* Names are put together before they are used for others. */
#define OP(name, args...) MAGE_OP(name, args)
#define OP_SLEEPABLE(name, args...) MAGE_OP_SLEEPABLE(name, args)
#define POLICY_TABLE(name, ops...) MAGE_POLICY(name, ops)
#define JOIN(name, policy) generated_##name##_##policy
#define NAME_OF(name, policy) JOIN(name, policy)
#define NAME(name) NAME_OF(name, POLICY)
#define TABLE tables[POLICY]

#define POLICY 0
#include "callbacks.bpf.h"
#undef POLICY
#define POLICY 1
#include "callbacks.bpf.h"
#undef POLICY
#define POLICY 2
#include "callbacks.bpf.h"
#undef POLICY
#define POLICY 3
#include "callbacks.bpf.h"
#undef POLICY
#define POLICY 4
#include "callbacks.bpf.h"
#undef POLICY
#define POLICY 5
#include "callbacks.bpf.h"
#undef POLICY
#define POLICY 6
#include "callbacks.bpf.h"
#undef POLICY
#define POLICY 7
#include "callbacks.bpf.h"
#undef POLICY
#define POLICY 8
#include "callbacks.bpf.h"
#undef POLICY
#define POLICY 9
#include "callbacks.bpf.h"
#undef POLICY
#define POLICY 10
#include "callbacks.bpf.h"
#undef POLICY
#define POLICY 11
#include "callbacks.bpf.h"
#undef POLICY
#define POLICY 12
#include "callbacks.bpf.h"
#undef POLICY
#define POLICY 13
#include "callbacks.bpf.h"
#undef POLICY
#define POLICY 14
#include "callbacks.bpf.h"
#undef POLICY
#define POLICY 15
#include "callbacks.bpf.h"
#undef POLICY
