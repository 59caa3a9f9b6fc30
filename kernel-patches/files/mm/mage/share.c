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
 * @stalled: somebody has some, but evictors can free nothing there for now
 */
struct mage_lots {
	u64 total;
	struct mage_giver drawn;
	bool refused;
	bool stalled;
};

/* Each one after the other, with the right chance to take the place of those before. */
static void mage_lots_add(struct mage_lots *lots, struct mage_giver giver, u64 nr)
{
	lots->total += nr;
	if (nr && get_random_u64() % lots->total < nr)
		lots->drawn = giver;
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

/*
 * Of a memory cgroup that has so many pages, those not counted that leave already.  Where it
 * comes to what is below memory.low that keeps nothing any more.
 */
static struct mage_protection mage_share_protection(struct mem_cgroup *limited,
						    struct mem_cgroup *memcg, unsigned long has)
{
	struct mage_protection kept = {};
	unsigned long min, low;

	mem_cgroup_protection(limited, memcg, &min, &low);
	kept.is_min = min && min >= has;
	kept.is_low = low && low >= has;
	kept.pages = kept.is_low ? min : max(min, low);
	return kept;
}

/* Pages of a memory cgroup that do not leave already, and have not left to its pool. */
static unsigned long mage_share_has(struct mem_cgroup *memcg, const struct mage_domain *domain)
{
	long coming = domain ? mage_domain_coming(domain) : 0;
	long has = page_counter_read(&memcg->memory);

	if (domain)
		has -= mage_pool_pages(domain->pool);
	return max(has - max(coming, 0), 0);
}

/*
 * Pages that a memory cgroup could give, as stock reclaim counts them: less what is to be
 * kept.  Those on @domain's lists, if it has one, and those of the stock LRU.
 */
static u64 mage_share_lots(struct mem_cgroup *memcg, const struct mage_domain *domain,
			   unsigned long keep)
{
	u64 charged = page_counter_read(&memcg->memory);
	u64 pages = mage_stock_pages(memcg);
	u64 kept;

	if (domain)
		pages += mage_shards_frames(&domain->shards);
	if (!pages)
		return 0;
	/* What is protected can be anything: no more than there is. */
	kept = mul_u64_u64_div_u64(pages, min(keep, charged), charged + 1);
	return kept < pages ? pages - kept : 1;
}

/*
 * One draw for what @domain is short of, of those that @may lets, if it is not NULL.  The
 * first lots are of what is not protected, the second of what is below memory.low.
 */
static void mage_lots_draw(struct mage_lots lots[2], struct mage_domain *domain,
			   mage_share_filter *may, void *data)
{
	struct mem_cgroup *limited = domain->memcg;
	struct cgroup_subsys_state *css;
	bool protects = mage_memcg_protects(limited);

	/* Protections are worked out from the top. */
	css_for_each_descendant_pre(css, &limited->css) {
		struct mem_cgroup *memcg = mem_cgroup_from_css(css);
		struct mage_domain *other = rcu_dereference(memcg->mage_domain);
		struct mage_giver giver = { .domain = other ?: domain, .by_stock = !other };
		unsigned long has = mage_share_has(memcg, other);
		struct mage_protection kept = {};
		u64 nr;

		/* This overwrites what reclaim for another limit has just worked out. */
		if (protects) {
			mem_cgroup_calculate_protection(limited, memcg);
			kept = mage_share_protection(limited, memcg, has);
		}
		if (kept.is_min)
			continue;
		giver.most = has - min(has, kept.pages);
		nr = mage_share_lots(memcg, other, kept.pages);
		if (nr && other && mage_room_is_stalled(other))
			lots[kept.is_low].stalled = true;
		else if (nr && may && other && !may(other, data))
			lots[kept.is_low].refused = true;
		else
			mage_lots_add(&lots[kept.is_low], giver, nr);
	}
}

/* What is protected does not take the place of what is not, be it that this waits for its turn. */
static struct mage_lots *mage_lots_that_count(struct mage_lots lots[2])
{
	return &lots[!lots[0].total && !lots[0].refused];
}

/**
 * mage_share_draw() - who is to give pages
 * @domain: the domain that is short of them; the caller is in an RCU read-side section
 * @may: whether a domain may give pages now
 * @data: for @may
 *
 * What is below memory.min is left alone.  So is what is below memory.low as long as there
 * is something else, be it that it may not give now, and as long as nobody waits: it is not
 * taken to have room for those who may come.
 *
 * Return: @domain or one below it; @domain if none has anything to give; none if none
 * may now
 */
struct mage_giver mage_share_draw(struct mage_domain *domain, mage_share_filter *may, void *data)
{
	struct mage_lots lots[2] = {}, *count;

	/* Most have none below. */
	if (!list_empty(&domain->memcg->css.children)) {
		mage_lots_draw(lots, domain, NULL, NULL);
		count = mage_lots_that_count(lots);
		/* All are asked, which costs more than a draw, if the answer might matter only. */
		if (count->total && !count->drawn.by_stock && !may(count->drawn.domain, data)) {
			memset(lots, 0, sizeof(lots));
			mage_lots_draw(lots, domain, may, data);
			count = mage_lots_that_count(lots);
		}
		if (count == &lots[1] && (count->total || count->stalled) &&
		    !mage_room_may_take_low(domain)) {
			mage_room_kept(domain);
			return (struct mage_giver){};
		}
		/* Where stock reclaim takes them it says so itself. */
		if (count->total && count == &lots[1] && !count->drawn.by_stock)
			memcg_memory_event(count->drawn.domain->memcg, MEMCG_LOW);
		if (count->total || count->refused)
			return count->drawn;
	}
	return (struct mage_giver){
		.domain = may(domain, data) ? domain : NULL,
		.most = ULONG_MAX,
	};
}

/**
 * mage_share_most() - what a thread may take of its own memory cgroup for a limit
 * @limited: the limit's memory cgroup
 * @memcg: that of the thread, the same or one below it
 * @domain: where its pages are
 *
 * Nothing if all that it has is protected, be it by memory.low only: others give first then,
 * and who they are the evictors find out.
 *
 * Return: pages; ULONG_MAX if nothing protects any
 */
unsigned long mage_share_most(struct mem_cgroup *limited, struct mem_cgroup *memcg,
			      const struct mage_domain *domain)
{
	struct mem_cgroup *at = limited, *next;
	struct mage_protection kept;
	unsigned long has;

	if (memcg == limited || !mage_memcg_protects(limited))
		return ULONG_MAX;
	/* Worked out anew, from the top: what is there may be for another limit. */
	for (; at != memcg; at = next) {
		for (next = memcg; parent_mem_cgroup(next) != at;)
			next = parent_mem_cgroup(next);
		mem_cgroup_calculate_protection(limited, next);
	}
	has = mage_share_has(memcg, domain->memcg == memcg ? domain : NULL);
	kept = mage_share_protection(limited, memcg, has);
	return kept.is_min || kept.is_low ? 0 : has - min(has, kept.pages);
}
