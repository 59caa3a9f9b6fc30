// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: prefetch.
 *
 * A policy names pages while a thread faults on another one; they are read in a
 * flight (flight.c).  Those that do not fly, and those of MADV_WILLNEED, are read
 * and mapped by a work.  It does that by the fault path itself, as if a thread of the
 * process had touched the page, so that every rule that holds for a fault holds
 * here; but it does not wait for room, and it takes the accessed bit back, so
 * that an unused page looks unused.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/userfaultfd_k.h>
#include "../internal.h"
#include "prefetch.h"
#include "call.h"
#include "disk.h"
#include "flight.h"
#include "knobs.h"
#include "limit.h"
#include "name.h"
#include "policy.h"
#include "room.h"

/* All that one call names can be on a flight. */
static_assert(MAGE_PREFETCH_MAX <= MAGE_FLIGHT_MAX);

/* Works of a domain that may be under way; what comes on top is not prefetched. */
#define MAGE_PREFETCH_WORKS	64

/* Works that the pages of one call are dealt out to, so that their reads overlap. */
#define MAGE_PREFETCH_SPREAD	8

/* Pages that one call may name in vain after its budget is spent. */
#define MAGE_PREFETCH_REFUSALS	1024

/**
 * struct mage_prefetch - pages to be prefetched
 * @work: does it
 * @domain: whose pages they are, with a reference
 * @mm: their address space, with a reference to the structure
 * @nr: how many
 * @address: where they are to be mapped
 */
struct mage_prefetch {
	struct work_struct work;
	struct mage_domain *domain;
	struct mm_struct *mm;
	unsigned int nr;
	unsigned long address[] __counted_by(nr);
};

/**
 * struct mage_fault_call - a call of a policy's prefetch
 * @fault: what the policy sees
 * @domain: its domain
 * @policy: the policy
 * @vma: the mapping
 * @entry: of the page that was faulted on
 * @refusals: pages named after the budget was spent
 * @address: pages named
 */
struct mage_fault_call {
	struct mage_fault fault;
	struct mage_domain *domain;
	struct mage_ops *policy;
	struct vm_area_struct *vma;
	swp_entry_t entry;
	u32 refusals;
	unsigned long address[MAGE_PREFETCH_MAX];
};

static void mage_prefetch_work(struct work_struct *work);

/**
 * mage_prefetching() - whether the current task prefetches
 */
bool mage_prefetching(void)
{
	struct work_struct *work;

	if (!(current->flags & PF_WQ_WORKER))
		return false;
	work = current_work();
	return work && work->func == mage_prefetch_work;
}

/* Whether a read would wait for a device that may be away for long. */
static bool mage_entry_is_away(swp_entry_t entry)
{
	/* Swapoff waits for a grace period before a device can be let go. */
	guard(rcu)();
	return mage_slot_is_suspended(swp_type(entry), swp_offset(entry));
}

/* Whether a page is being read already, or was and is not mapped yet. */
static bool mage_entry_is_on_its_way(swp_entry_t entry)
{
	/* As above: another page of the mapping may be on a device that is let go. */
	guard(rcu)();
	return mage_disk_of_type(swp_type(entry)) &&
	       READ_ONCE(swp_swap_info(entry)->swap_map[swp_offset(entry)]) ==
		       (SWAP_HAS_CACHE | 1);
}

/*
 * Room for another page, without using up what the faults need next.  It may be charged come
 * what may, so what is charged already is none.
 */
static bool mage_may_prefetch(struct mage_domain *domain)
{
	return !READ_ONCE(domain->shards.closing) &&
	       mage_domain_room_uncharged(domain) > (long)MAGE_BATCH_LEAST &&
	       mage_machine_has_room();
}

static void mage_prefetch_one(struct mm_struct *mm, unsigned long address)
{
	struct vm_area_struct *vma = lock_vma_under_rcu(mm, address);
	unsigned int fault = FAULT_FLAG_VMA_LOCK | FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_KILLABLE |
			     FAULT_FLAG_REMOTE;
	swp_entry_t entry;

	/* Somebody is changing it: not worth waiting for. */
	if (!vma)
		return;
	/*
	 * An entry that MADV_DONTNEED has emptied after the look would be a fault for
	 * whoever watches the area, who need not answer.
	 */
	if (vma_is_accessible(vma) && !userfaultfd_missing(vma) &&
	    mage_pte_is_far(mage_vma_pte(vma, address), &entry) && !mage_entry_is_away(entry) &&
	    handle_mm_fault(vma, address, fault, NULL) & (VM_FAULT_RETRY | VM_FAULT_COMPLETED))
		return;
	vma_end_read(vma);
}

static void mage_prefetch_work(struct work_struct *work)
{
	struct mage_prefetch *prefetch = container_of(work, struct mage_prefetch, work);
	struct mage_domain *domain = prefetch->domain;
	struct mm_struct *mm = prefetch->mm;
	unsigned int noreclaim, i;

	if (mmget_not_zero(mm)) {
		/*
		 * Charges neither wait nor reclaim nor kill for this.  Room was
		 * looked for just before, so the limit is overstepped by no more
		 * than a page for each work, for a moment.
		 */
		noreclaim = memalloc_noreclaim_save();
		for (i = 0; i < prefetch->nr && mage_may_prefetch(domain); i++) {
			mage_prefetch_one(mm, prefetch->address[i]);
			cond_resched();
		}
		memalloc_noreclaim_restore(noreclaim);
		mmput_async(mm);
	}
	mmdrop(mm);
	atomic_dec(&domain->prefetching);
	mage_domain_put(domain);
	kfree(prefetch);
}

/* Queues a work for every @step-th of the pages. */
static bool mage_prefetch_queue(struct mage_domain *domain, struct mm_struct *mm,
				const unsigned long *address, unsigned int nr, unsigned int step)
{
	unsigned int i, share = DIV_ROUND_UP(nr, step);
	struct mage_prefetch *prefetch;

	if (atomic_read(&domain->prefetching) >= MAGE_PREFETCH_WORKS)
		return false;
	prefetch = kmalloc(struct_size(prefetch, address, share), GFP_NOWAIT | __GFP_NOWARN);
	if (!prefetch)
		return false;
	if (!mage_domain_get(domain)) {
		kfree(prefetch);
		return false;
	}
	atomic_inc(&domain->prefetching);
	mmgrab(mm);
	prefetch->domain = domain;
	prefetch->mm = mm;
	prefetch->nr = share;
	for (i = 0; i < share; i++)
		prefetch->address[i] = address[i * step];
	INIT_WORK(&prefetch->work, mage_prefetch_work);
	queue_work(system_unbound_wq, &prefetch->work);
	return true;
}

/**
 * mage_prefetch_start() - have pages prefetched
 * @domain: their domain; the caller is in an RCU read-side section
 * @mm: their address space
 * @address: where they are to be mapped, the most wanted first
 * @nr: how many
 *
 * Return: false if too many are under way, or there is no memory; some of them
 * may be prefetched then
 */
bool mage_prefetch_start(struct mage_domain *domain, struct mm_struct *mm,
			 const unsigned long *address, unsigned int nr)
{
	unsigned int i, step = min(nr, MAGE_PREFETCH_SPREAD);

	for (i = 0; i < step; i++)
		if (!mage_prefetch_queue(domain, mm, address + i, nr - i, step))
			return false;
	return true;
}

/*
 * Has read what a policy named: in a flight, and by works what is not of the kind that flies.
 * What flights had no room for is left.
 */
static void mage_prefetch_fetch(struct mage_domain *domain, struct mage_fault_call *call)
{
	unsigned int nr = call->fault.nr;
	unsigned long others;

	if (READ_ONCE(mage_knobs.flights)) {
		mage_flight_start(domain, call->vma, swp_type(call->entry), call->address, nr,
				  &others);
		for (nr = 0; others; others &= others - 1)
			call->address[nr++] = call->address[__ffs(others)];
	}
	if (nr)
		mage_prefetch_start(domain, call->vma->vm_mm, call->address, nr);
}

/* Pages that a policy may name now. */
static u32 mage_prefetch_budget(struct mage_domain *domain)
{
	long pages = (mage_domain_room(domain) - (long)MAGE_BATCH_LEAST) / 2;

	if (READ_ONCE(mage_knobs.flights))
		pages = min(pages, mage_flights_may_start(domain));
	if (atomic_read(&domain->prefetching) >= MAGE_PREFETCH_WORKS)
		pages = 0;
	return clamp(pages, 0L, (long)MAGE_PREFETCH_MAX);
}

static noinline void mage_prefetch_ask(struct mage_domain *domain, struct mage_ops *policy,
				       struct vm_fault *vmf, swp_entry_t entry, bool hit)
{
	struct vm_area_struct *vma = vmf->vma;
	struct mage_fault_call call;
	struct mage_call made;

	call.policy = policy;
	call.fault = (struct mage_fault){
		.address = vmf->address & PAGE_MASK,
		.start = vma->vm_start,
		.end = vma->vm_end,
		.mm = mage_mm_number(vma->vm_mm),
		.slot = swp_offset(entry),
		.budget = mage_prefetch_budget(domain),
		.hit = hit,
		.call = &call,
	};
	call.domain = domain;
	call.vma = vma;
	call.entry = entry;
	call.refusals = 0;
	mage_call_enter(&made, domain, policy, MAGE_CALLBACK_PREFETCH, MAGE_CALL_EACH);
	policy->prefetch(domain, &call.fault);
	made.work = 1 + call.fault.nr;
	mage_call_leave(&made);
	if (call.fault.nr)
		mage_prefetch_fetch(domain, &call);
}

void __mage_policy_prefetch(struct mage_domain *domain, struct vm_fault *vmf, swp_entry_t entry,
			    bool hit)
{
	struct mage_ops *policy = mage_policy(domain);

	/* Apart, as a kernel may clear the whole of a stack frame on entry. */
	if (policy->prefetch && !mage_prefetching())
		mage_prefetch_ask(domain, policy, vmf, entry, hit);
}

static int mage_fault_take(struct mage_fault_call *call, unsigned long address)
{
	struct mage_fault *fault = &call->fault;
	swp_entry_t entry;
	unsigned int i;
	pte_t pte;

	address &= PAGE_MASK;
	if (address < fault->start || address >= fault->end)
		return -EINVAL;
	if (fault->nr >= fault->budget) {
		if (++call->refusals == MAGE_PREFETCH_REFUSALS)
			mage_policy_eject(call->domain, call->policy, MAGE_EXIT_OVER_BUDGET,
					  "prefetch named %d pages more than its budget of %u in one call",
					  MAGE_PREFETCH_REFUSALS, fault->budget);
		return -ENOSPC;
	}
	if (address == fault->address)
		return -EEXIST;
	for (i = 0; i < fault->nr; i++)
		if (call->address[i] == address)
			return -EEXIST;
	pte = mage_vma_pte(call->vma, address);
	if (pte_present(pte))
		return -EEXIST;
	if (!mage_pte_is_far(pte, &entry))
		return -ENOENT;
	if (mage_entry_is_on_its_way(entry))
		return -EEXIST;
	call->address[fault->nr++] = address;
	return 0;
}

__bpf_kfunc_start_defs();

/**
 * mage_prefetch_address() - name a page to be prefetched
 * @fault: the fault that prefetch was given
 * @address: user virtual address, in the same mapping
 *
 * Return: 0; -EINVAL outside the mapping; -ENOENT if the page is not on a far
 * device; -EEXIST if it is local or on its way, is the one faulted on, or was named already;
 * -ENOSPC when the budget is spent.  A program that goes on and on after that
 * breaks a rule (MAGE_EXIT_OVER_BUDGET).
 */
__bpf_kfunc int mage_prefetch_address(struct mage_fault *fault, u64 address)
{
	return mage_fault_take(fault->call, address);
}

/**
 * mage_prefetch_slot() - name a page to be prefetched by its slot
 * @fault: the fault that prefetch was given
 * @slot: slot of the device that the page faulted on is on
 *
 * Pages that were evicted together lie in slots side by side.  The page's
 * address is what is remembered of it, so this needs MAGE_OPS_GHOST.
 *
 * Return: as mage_prefetch_address(); -ENOENT also if nothing is remembered, or
 * the slot is not that of a page of the same mapping
 */
__bpf_kfunc int mage_prefetch_slot(struct mage_fault *fault, u32 slot)
{
	struct mage_fault_call *call = fault->call;
	swp_entry_t entry = swp_entry(swp_type(call->entry), slot), there;
	unsigned long address = mage_ghost_address(entry, mage_domain_ghost_key(call->domain),
						    fault->address);

	if (!address || address < fault->start || address >= fault->end ||
	    !mage_pte_is_far(mage_vma_pte(call->vma, address), &there) ||
	    there.val != entry.val)
		return -ENOENT;
	return mage_fault_take(call, address);
}

/**
 * mage_fault_look() - how a page of the same mapping fares
 * @fault: the fault that prefetch was given
 * @address: user virtual address
 *
 * So a prefetcher learns what became of what it named before.
 *
 * Return: 0 not local; 1 local, but not used since its accessed bit was last
 * cleared, which for a prefetched page means never; 2 local and used; -EINVAL
 * outside the mapping
 */
__bpf_kfunc int mage_fault_look(struct mage_fault *fault, u64 address)
{
	struct mage_fault_call *call = fault->call;
	struct mage_frame *frame;
	pte_t pte;

	if (address < fault->start || address >= fault->end)
		return -EINVAL;
	pte = mage_vma_pte(call->vma, address & PAGE_MASK);
	if (!pte_present(pte))
		return 0;
	if (!pte_young(pte))
		return 1;
	frame = mage_frame_by_pfn(pte_pfn(pte));
	if (frame)
		mage_domain_used(call->domain, frame);
	return 2;
}

/**
 * mage_fault_name() - the name of the area that a thread faults in
 * @fault: the fault that prefetch was given
 * @name: filled to its end, as by mage_frame_name()
 * @name__sz: its size, 1 to 80 bytes
 *
 * Return: length of the name; 0 if the area has none; -EINVAL for a bad size
 */
__bpf_kfunc int mage_fault_name(struct mage_fault *fault, char *name, u32 name__sz)
{
	struct mage_fault_call *call = fault->call;

	if (!mage_name_size_is_good(name__sz))
		return -EINVAL;
	/* The fault has it locked. */
	return mage_vma_name(call->vma, name, name__sz);
}

__bpf_kfunc_end_defs();
