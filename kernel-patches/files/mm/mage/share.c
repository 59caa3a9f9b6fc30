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

/* Each one after the other, with the right chance to take the place of those before. */
static void mage_lots_add(struct mage_lots *lots, struct mage_domain *domain, u64 nr)
{
	lots->total += nr;
	if (nr && (lots->total == nr || get_random_u64() % lots->total < nr))
		lots->drawn = domain;
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
 * Whether anything is protected from a limit: if nothing right below its cgroup is,
 * nothing further down is either.  Then nothing is worked out, which would overwrite what
 * reclaim for another limit has just worked out in the same place.
 */
static bool mage_share_protects(struct mem_cgroup *limited)
{
	return atomic_long_read(&limited->memory.children_min_usage) ||
	       atomic_long_read(&limited->memory.children_low_usage);
}

/* Pages that a domain could give, as stock reclaim counts them: less what is to be kept. */
static u64 mage_share_lots(struct mage_domain *domain, unsigned long keep)
{
	u64 pages = mage_shards_frames(&domain->shards) + mage_stock_pages(domain->memcg);
	u64 kept;

	if (!pages)
		return 0;
	kept = mul_u64_u64_div_u64(pages, keep, page_counter_read(&domain->memcg->memory) + 1);
	return kept < pages ? pages - kept : 1;
}

/**
 * mage_share_draw() - the domain that is to give pages for a limit
 * @domain: the domain of the limit's cgroup, or a topmost one below; the caller is in
 *	an RCU read-side section
 * @limited: that cgroup
 * @may: whether a domain may give pages now
 * @data: for @may
 *
 * What is below memory.min is left alone.  So is what is below memory.low as long as there
 * is something else, be it that it may not give now; and, as what others below a limit
 * further up have is not known here, for such a limit as long as no thread waits.
 *
 * Return: @domain or one below it; @domain if none has anything to give; NULL if none
 * may now, or all is protected
 */
struct mage_domain *mage_share_draw(struct mage_domain *domain, struct mem_cgroup *limited,
				    mage_share_filter *may, void *data)
{
	struct mage_lots lots = {}, low = {};
	struct cgroup_subsys_state *css;
	bool protects;

	/* Most limits are of a cgroup with none below it. */
	if (domain->memcg == limited && list_empty(&limited->css.children))
		return may(domain, data) ? domain : NULL;
	protects = mage_share_protects(limited);
	/* Protections are worked out from the top. */
	css_for_each_descendant_pre(css, &limited->css) {
		struct mem_cgroup *memcg = mem_cgroup_from_css(css);
		struct mage_domain *other = rcu_dereference(memcg->mage_domain);
		struct mage_protection kept = {};
		struct mage_lots *its;
		u64 nr;

		if (protects) {
			mem_cgroup_calculate_protection(limited, memcg);
			kept = mage_share_protection(limited, memcg);
		}
		if (!other || !mem_cgroup_is_descendant(memcg, domain->memcg) ||
		    kept.is_min || mage_room_is_stalled(other))
			continue;
		its = kept.is_low ? &low : &lots;
		nr = mage_share_lots(other, kept.pages);
		if (nr && !may(other, data))
			its->refused = true;
		else
			mage_lots_add(its, other, nr);
	}
	if (lots.drawn)
		return lots.drawn;
	/* Its turn comes: what is protected does not take its place. */
	if (lots.refused)
		return NULL;
	if (low.drawn) {
		if (domain->memcg != limited && !atomic_read(&domain->nr_waiting)) {
			mage_room_kept(domain, limited, false);
			return NULL;
		}
		memcg_memory_event(low.drawn->memcg, MEMCG_LOW);
		return low.drawn;
	}
	if (low.refused)
		return NULL;
	if (protects && mem_cgroup_below_min(limited, domain->memcg)) {
		/* Who waits at this limit must not wait for that; at others he may. */
		mage_room_kept(domain, limited, true);
		return NULL;
	}
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
