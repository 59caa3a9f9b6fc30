// SPDX-License-Identifier: GPL-2.0-only
/*
 * mage - the built-in policy, as a policy that can be read and tuned
 *
 * Algorithm:	first in, first out by shard, with a second chance for pages that were
 *		used.  Evictors keep room for twice the pages that go while a batch is on its
 *		way, more for a while after a thread had to wait, and a thread always waits.
 *		A batch is half of that room.  As many evictors work as there is work for.
 * Source:	"Scalable Far Memory: Balancing Faults and Evictions", SOSP 2025, and
 *		mm/mage/room.c, batch.c, evictor.c.
 * When:	the default; load it to set what the built-in policy finds out by itself.
 * Approximates: an order of use, by shards without a lock in common and one bit.  What a
 *		batch turns over is taken from the clock of the selections before it, as
 *		many as may be in flight, and not from each batch's own.
 */
#include "mage.bpf.h"
#include "prefetch.bpf.h"

enum {
	BATCH_LEAST = 32,
	SELECTIONS = 64, /* a power of two */
	EXTRA_STEP_NS = 4000000, /* extra room grows no more often */
	EXTRA_LASTS_NS = 100000000, /* without a wait, before it shrinks */
};

MAGE_TUNABLE(
	u32, p, 0, 0, 97,
	"percent of the limit that may be used before evictors start; 0: by turnover and waits");
MAGE_TUNABLE(u32, batch, 0, 0, 512, "pages in a batch; 0: half of the room kept free");
MAGE_TUNABLE(u32, evictors, 0, 0, 4096, "evictors that may run; 0: as many as there is work for");
MAGE_TUNABLE(u32, depth, 4, 1, 8, "batches that an evictor may have in flight");

/* The clock at each of the last selections. */
u64 clock_at[SELECTIONS];
u64 selections;
/* Pages evicted while a batch is on its way, of late. */
u64 turnover;
/* Room for threads that had to wait, and when it was last changed. */
u64 extra_room, extra_at;

/* Selections race here, and one's numbers may be lost: they are estimates. */
static void mage_default_turn_over(struct mage_domain *domain)
{
	u32 there = mage_evictors_count();
	u64 in_flight = depth * (evictors && evictors < there ? evictors : there);
	u64 at = selections++, now = mage_clock(domain), extra = extra_room, passed;

	if (in_flight > SELECTIONS - 1)
		in_flight = SELECTIONS - 1;
	passed = now - clock_at[(at - in_flight) % SELECTIONS];
	/* It may be another cgroup's clock: what cannot be is left out. */
	if (at >= in_flight && passed <= mage_limit(domain))
		turnover = (7 * turnover + passed) / 8;
	clock_at[at % SELECTIONS] = now;
	if (extra && bpf_ktime_get_ns() - extra_at > EXTRA_LASTS_NS) {
		extra_at = bpf_ktime_get_ns();
		extra_room = extra - (extra + 15) / 16;
	}
}

void MAGE_OP(mage_default_select, struct mage_domain *domain, struct mage_batch *batch)
{
	mage_batch_add_list(batch, 0, batch->max);
}

u64 MAGE_OP(mage_default_headroom, struct mage_domain *domain, u64 limit)
{
	u64 room = limit / 32;

	if (p)
		return limit / 100 * (100 - p);
	if (room < 2 * turnover)
		room = 2 * turnover;
	room += extra_room;
	return room < limit / 8 ? room : limit / 8;
}

/* Asked once for each batch. */
u32 MAGE_OP(mage_default_batch_size, struct mage_domain *domain, u32 wanted)
{
	u64 most = mage_headroom(domain) / 2;

	mage_default_turn_over(domain);
	if (batch)
		return batch;
	if (wanted < most)
		most = wanted;
	return most < BATCH_LEAST ? BATCH_LEAST : most > MAGE_BATCH_MAX ? MAGE_BATCH_MAX : most;
}

u32 MAGE_OP(mage_default_evictors, struct mage_domain *domain)
{
	return evictors ?: MAGE_EVICTORS_MAX;
}

u32 MAGE_OP(mage_default_depth, struct mage_domain *domain)
{
	return depth;
}

/* The thread waits; the room was too small. */
u32 MAGE_OP(mage_default_no_room, struct mage_domain *domain, u32 nr)
{
	u64 now = bpf_ktime_get_ns(), most = mage_limit(domain) / 8;
	u64 extra = extra_room + extra_room / 2 + BATCH_LEAST;

	if (now - extra_at > EXTRA_STEP_NS) {
		extra_at = now;
		extra_room = extra < most ? extra : most;
	}
	return 0;
}

MAGE_POLICY(mage, .select = (void *)mage_default_select, .headroom = (void *)mage_default_headroom,
	    .batch_size = (void *)mage_default_batch_size,
	    .evictors = (void *)mage_default_evictors, .depth = (void *)mage_default_depth,
	    .no_room = (void *)mage_default_no_room, MAGE_PREFETCH, .flags = MAGE_OPS_SPARE_YOUNG);
