// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the work that does stock reclaim for a domain, beside its evictors.
 *
 * As kswapd does it may wait for whoever holds a lock of a file system, and for
 * shrinkers; the evictors go on meanwhile, and who waits for them holds nothing up.
 */
#include <linux/mage.h>
#include <linux/sched/mm.h>
#include <linux/workqueue.h>
#include "../../kernel/workqueue_internal.h"
#include "background.h"
#include "domain.h"
#include "evictor.h"
#include "policy.h"
#include "room.h"
#include "stock.h"

/* Rounds without a page freed after which a domain counts as stalled. */
#define MAGE_IDLE_ROUNDS	16

/* How soon the work looks whether pages were written; ever later while none was. */
#define MAGE_WRITES_LOOK	((long)HZ / 100 ?: 1)
#define MAGE_WRITES_LOOK_MAX	((long)HZ / 10)

/*
 * Nothing was freed, and there was nothing to select either.  Rounds of a policy that
 * picks nothing do not count: it is ejected, and then the built-in one has its turn.
 * No round is over while pages are in flight, be it that the far store takes its time.
 */
static void mage_background_found_nothing(struct mage_domain *domain)
{
	unsigned int rounds = READ_ONCE(domain->idle_rounds) + 1;

	if (!READ_ONCE(domain->stock_only) || atomic_long_read(&domain->tree_victims) > 0 ||
	    !(mage_policy_is_builtin(domain) || !mage_shards_frames(&domain->shards)))
		return;
	if (rounds < MAGE_IDLE_ROUNDS) {
		WRITE_ONCE(domain->idle_rounds, rounds);
		return;
	}
	WRITE_ONCE(domain->idle_rounds, 0);
	mage_room_stalled(domain);
}

static void mage_background_work(struct work_struct *work)
{
	struct mage_domain *domain = container_of(work, struct mage_domain, stock_work);
	unsigned long owed = mage_stock_owes(domain), freed = 0, got;
	unsigned int looks = 0;
	long pause = MAGE_WRITES_LOOK;
	bool lacking = true;
	/* Charges and allocations of what makes room must not wait for room. */
	unsigned int noreclaim = memalloc_noreclaim_save();

	/* What was sent to a swap area just now is better waited for than made up for. */
	if (mage_stock_writes(domain, 0))
		schedule_timeout_idle(pause);
	while (freed < owed && !READ_ONCE(domain->shards.closing)) {
		got = mage_stock_reclaim(domain);
		freed += got;
		/* The evictors make room, too. */
		lacking = mage_room_is_lacking(domain);
		if (!lacking)
			break;
		if (got) {
			looks = 0;
			pause = MAGE_WRITES_LOOK;
			cond_resched();
		} else if (mage_stock_writes(domain, looks++)) {
			schedule_timeout_idle(pause);
			pause = min(2 * pause, MAGE_WRITES_LOOK_MAX);
		} else {
			break;
		}
	}
	memalloc_noreclaim_restore(noreclaim);
	if (freed)
		WRITE_ONCE(domain->idle_rounds, 0);
	else if (owed && lacking)
		mage_background_found_nothing(domain);
	/*
	 * They have left it to this work; as long as somebody waits, they go on trying.  If
	 * it is for the far store who waits looks himself, now and then.
	 */
	if ((freed && mage_room_is_awaited(domain)) || mage_room_is_idle(domain))
		mage_evictors_kick_all();
	else if (freed && lacking)
		/* For others it was a little only, and somebody is to give more. */
		mage_evictors_kick();
	mage_domain_put(domain);
}

/**
 * mage_background_set_up() - what does stock reclaim for a domain
 * @domain: a new domain
 */
void mage_background_set_up(struct mage_domain *domain)
{
	INIT_WORK(&domain->stock_work, mage_background_work);
}

bool __mage_in_evictor(void)
{
	struct worker *worker = current_wq_worker();

	return worker ? worker->current_func == mage_background_work : mage_is_evictor();
}
