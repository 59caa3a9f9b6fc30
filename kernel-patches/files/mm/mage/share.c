// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: which of the domains below a limit gives pages.
 *
 * A batch is of one domain, as its pages are on one set of lists.  Which one gives the
 * next is drawn by lot, and each has as many lots as it has pages that are not
 * protected: so over time all give in proportion, large ones in whole batches, and
 * nothing need be kept of who has given what.
 */
#include <linux/cgroup.h>
#include <linux/math64.h>
#include <linux/memcontrol.h>
#include <linux/page_counter.h>
#include <linux/random.h>
#include "share.h"
#include "domain.h"
#include "limit.h"
#include "room.h"
#include "stock.h"

/**
 * struct mage_lots - a draw under way
 * @total: lots so far
 * @drawn: whose lot is drawn, of those so far
 * @refused: somebody has some, but may give nothing now
 */
struct mage_lots {
	u64 total;
	struct mage_domain *drawn;
	bool refused;
};

/*
 * Each one after the other, with the right chance to take the place of those before; and
 * only who would take it is asked whether he may.
 */
static void mage_lots_add(struct mage_lots *lots, struct mage_domain *domain, u64 nr,
			  mage_share_filter *may, void *data)
{
	u64 total = lots->total + nr;

	if (!nr)
		return;
	if (lots->drawn && get_random_u64() % total >= nr) {
		lots->total = total;
	} else if (may(domain, data)) {
		lots->total = total;
		lots->drawn = domain;
	} else {
		lots->refused = true;
	}
}

/**
 * struct mage_protection - what of a memory cgroup is protected from a limit above it
 * @pages: pages that are to be kept
 * @is_min: it is below memory.min
 * @is_low: it is below memory.low
 */
struct mage_protection {
	unsigned long pages;
	bool is_min;
	bool is_low;
};

/* Where it comes to what is below memory.low that keeps nothing any more. */
static struct mage_protection mage_share_protection(struct mem_cgroup *limited,
						    struct mem_cgroup *memcg)
{
	struct mage_protection kept = {
		.is_min = mem_cgroup_below_min(limited, memcg),
		.is_low = mem_cgroup_below_low(limited, memcg),
	};
	unsigned long min, low;

	mem_cgroup_protection(limited, memcg, &min, &low);
	kept.pages = kept.is_low ? min : max(min, low);
	return kept;
}

/*
 * Pages that a memory cgroup could give, as stock reclaim counts them: less what is to be
 * kept.  Those on @domain's lists, if it has one, and those of the stock LRU.
 */
static u64 mage_share_lots(struct mem_cgroup *memcg, const struct mage_domain *domain,
			   unsigned long keep)
{
	u64 pages = mage_stock_pages(memcg);
	u64 kept;

	if (domain)
		pages += mage_shards_frames(&domain->shards);
	if (!pages)
		return 0;
	kept = mul_u64_u64_div_u64(pages, keep, page_counter_read(&memcg->memory) + 1);
	return kept < pages ? pages - kept : 1;
}

/**
 * mage_share_draw() - the domain that is to give pages
 * @domain: the domain that is short of them; the caller is in an RCU read-side section
 * @may: whether a domain may give pages now
 * @data: for @may
 *
 * What is below memory.min is left alone.  So is what is below memory.low as long as there
 * is something else, be it that it may not give now.  For those without lists below it
 * @domain gives, as it asks stock reclaim when it has nothing on its own.
 *
 * Return: @domain or one below it; @domain if none has anything to give; NULL if none
 * may now
 */
struct mage_domain *mage_share_draw(struct mage_domain *domain, mage_share_filter *may,
				    void *data)
{
	struct mem_cgroup *limited = domain->memcg;
	struct mage_lots lots = {}, low = {};
	struct cgroup_subsys_state *css;
	bool protects;

	/* Most have none below. */
	if (list_empty(&limited->css.children))
		return may(domain, data) ? domain : NULL;
	/* To work it out would overwrite what reclaim for another limit has just worked out. */
	protects = mage_memcg_protects(limited);
	/* Protections are worked out from the top. */
	css_for_each_descendant_pre(css, &limited->css) {
		struct mem_cgroup *memcg = mem_cgroup_from_css(css);
		struct mage_domain *other = rcu_dereference(memcg->mage_domain);
		struct mage_protection kept = {};

		if (protects) {
			mem_cgroup_calculate_protection(limited, memcg);
			kept = mage_share_protection(limited, memcg);
		}
		if (kept.is_min || (other && mage_room_is_stalled(other)))
			continue;
		mage_lots_add(kept.is_low ? &low : &lots, other ?: domain,
			      mage_share_lots(memcg, other, kept.pages), may, data);
	}
	if (lots.drawn)
		return lots.drawn;
	/* Its turn comes: what is protected does not take its place. */
	if (lots.refused)
		return NULL;
	if (low.drawn)
		memcg_memory_event(low.drawn->memcg, MEMCG_LOW);
	if (low.drawn || low.refused)
		return low.drawn;
	return may(domain, data) ? domain : NULL;
}

/**
 * mage_share_frames() - local pages of a domain and those below it
 * @domain: the domain
 * @root: only those that it governs; NULL for all
 */
unsigned long mage_share_frames(struct mage_domain *domain, struct mage_domain *root)
{
	struct cgroup_subsys_state *css;
	unsigned long frames = 0;

	rcu_read_lock();
	css_for_each_descendant_pre(css, &domain->memcg->css) {
		struct mage_domain *other =
			rcu_dereference(mem_cgroup_from_css(css)->mage_domain);

		if (other && (!root || mage_domain_root(other) == root))
			frames += mage_shards_frames(&other->shards);
	}
	rcu_read_unlock();
	return frames;
}
