// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/state.h"

#define DEVICE_FIELD(ATTR, member, json) \
	{ MAGE_DEVICE_ATTR_##ATTR, offsetof(struct device, member), json }

const struct u64_field device_fields[] = {
	DEVICE_FIELD(SIZE, size, "size_bytes"),
	DEVICE_FIELD(LATENCY_NS, latency_ns, "latency_ns"),
	DEVICE_FIELD(BANDWIDTH, bandwidth, "bandwidth_bytes_per_s"),
	DEVICE_FIELD(SLOTS, slots, "slots"),
	DEVICE_FIELD(SLOTS_USED, slots_used, "slots_used"),
	DEVICE_FIELD(READS, reads, "reads"),
	DEVICE_FIELD(WRITES, writes, "writes"),
	DEVICE_FIELD(READ_ERRORS, read_errors, "read_errors"),
	DEVICE_FIELD(WRITE_ERRORS, write_errors, "write_errors"),
	DEVICE_FIELD(STATE_MS, state_ms, "state_ms"),
	DEVICE_FIELD(SUSPENSIONS, suspensions, "suspensions"),
	DEVICE_FIELD(MISMATCHES, mismatches, "mismatches"),
};

const size_t nr_device_fields = sizeof(device_fields) / sizeof(device_fields[0]);

#define LEG_FIELD(ATTR, member, json) { MAGE_LEG_ATTR_##ATTR, offsetof(struct leg, member), json }

const struct u64_field leg_fields[] = {
	LEG_FIELD(LATENCY_NS, latency_ns, "latency_ns"),
	LEG_FIELD(BANDWIDTH, bandwidth, "bandwidth_bytes_per_s"),
	LEG_FIELD(STATE_MS, state_ms, "state_ms"),
	LEG_FIELD(SUSPENSIONS, suspensions, "suspensions"),
	LEG_FIELD(STALE, stale, "stale_pages"),
	LEG_FIELD(PAGES, pages, "pages"),
	LEG_FIELD(COPIED, copied, "copied"),
	LEG_FIELD(READS, reads, "reads"),
	LEG_FIELD(WRITES, writes, "writes"),
	LEG_FIELD(READ_ERRORS, read_errors, "read_errors"),
	LEG_FIELD(WRITE_ERRORS, write_errors, "write_errors"),
	LEG_FIELD(MISMATCHES, mismatches, "mismatches"),
};

const size_t nr_leg_fields = sizeof(leg_fields) / sizeof(leg_fields[0]);

#define DOMAIN_FIELD(ATTR, member, json) \
	{ MAGE_DOMAIN_ATTR_##ATTR, offsetof(struct domain, member), json }

const struct u64_field domain_fields[] = {
	DOMAIN_FIELD(LOCAL, local, "local_bytes"),
	DOMAIN_FIELD(FAR, far, "far_bytes"),
	DOMAIN_FIELD(CLEAN_COPIES, clean_copies, "clean_copies_bytes"),
	DOMAIN_FIELD(FRAMES, frames, "frames"),
	DOMAIN_FIELD(FAULTS, faults, "faults"),
	DOMAIN_FIELD(FIRST_TOUCHES, first_touches, "first_touches"),
	DOMAIN_FIELD(EVICTIONS, evictions, "evictions"),
	DOMAIN_FIELD(CLEAN_DROPS, clean_drops, "clean_drops"),
	DOMAIN_FIELD(RESCUES, rescues, "rescues"),
	DOMAIN_FIELD(EXCLUDED, excluded, "excluded"),
	DOMAIN_FIELD(STOCK_RECLAIMED, stock_reclaimed, "stock_reclaimed"),
	DOMAIN_FIELD(WRITE_ERRORS, write_errors, "write_errors"),
	DOMAIN_FIELD(READ_ERRORS, read_errors, "read_errors"),
	DOMAIN_FIELD(WAITS, waits, "waits"),
	DOMAIN_FIELD(WAIT_NS, wait_ns, "wait_ns"),
	DOMAIN_FIELD(FALLBACKS, fallbacks, "fallbacks"),
	DOMAIN_FIELD(BATCHES, batches, "batches"),
	DOMAIN_FIELD(SWAPS, swaps, "swaps"),
	DOMAIN_FIELD(EJECTIONS, ejections, "ejections"),
	DOMAIN_FIELD(UNGOVERNED, ungoverned, "ungoverned"),
	DOMAIN_FIELD(PREFETCHED, prefetched, "prefetched"),
	DOMAIN_FIELD(PREFETCH_HITS, prefetch_hits, "prefetch_hits"),
	DOMAIN_FIELD(PREFETCH_WASTE, prefetch_waste, "prefetch_waste"),
	DOMAIN_FIELD(REFAULTS, refaults, "refaults"),
	DOMAIN_FIELD(REFAULT_DISTANCE, refault_distance, "refault_distance"),
	DOMAIN_FIELD(SELF_EVICTIONS, self_evictions, "self_evictions"),
	DOMAIN_FIELD(POOL_GIVEN, pool_given, "pool_given"),
	DOMAIN_FIELD(POOL_HITS, pool_hits, "pool_hits"),
	DOMAIN_FIELD(POOL_DRAINED, pool_drained, "pool_drained"),
	DOMAIN_FIELD(SPARED, spared, "spared"),
	DOMAIN_FIELD(PICKS, picks, "picks"),
	DOMAIN_FIELD(CLEANED, cleaned, "cleaned"),
	DOMAIN_FIELD(NO_PLACE, no_place, "no_place"),
	DOMAIN_FIELD(GONE, gone, "gone"),
	DOMAIN_FIELD(REFUSED_FULL, refused_full, "refused_full"),
	DOMAIN_FIELD(REFUSED_GONE, refused_gone, "refused_gone"),
	DOMAIN_FIELD(REFUSED_TAKEN, refused_taken, "refused_taken"),
	DOMAIN_FIELD(REFUSED_FOREIGN, refused_foreign, "refused_foreign"),
	DOMAIN_FIELD(REFUSED_NODE, refused_node, "refused_node"),
};

const size_t nr_domain_fields = sizeof(domain_fields) / sizeof(domain_fields[0]);

const char *callback_name(size_t callback)
{
	static const char *const names[] = {
		[MAGE_CALLBACK_PAGE_IN] = "page_in",
		[MAGE_CALLBACK_PAGE_OUT] = "page_out",
		[MAGE_CALLBACK_HINT] = "hint",
		[MAGE_CALLBACK_PREFETCH] = "prefetch",
		[MAGE_CALLBACK_NO_ROOM] = "no_room",
		[MAGE_CALLBACK_EVICTORS] = "evictors",
		[MAGE_CALLBACK_DEPTH] = "depth",
		[MAGE_CALLBACK_HEADROOM] = "headroom",
		[MAGE_CALLBACK_BATCH_SIZE] = "batch_size",
		[MAGE_CALLBACK_SELECT] = "select",
		[MAGE_CALLBACK_OUTCOME] = "outcome",
		[MAGE_CALLBACK_TICK] = "tick",
		[MAGE_CALLBACK_DUMP] = "dump",
		[MAGE_CALLBACK_RESERVE] = "reserve",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == MAGE_CALLBACKS, "each has a name");
	return names[callback];
}

static const struct {
	uint32_t kind;
	const char *name;
	const char *text;
} exit_kinds[] = {
	{ MAGE_EXIT_NONE, "none", "has not left" },
	{ MAGE_EXIT_UNLOAD, "unload", "unloaded" },
	{ MAGE_EXIT_REPLACED, "replaced", "replaced by another policy" },
	{ MAGE_EXIT_CGROUP, "cgroup", "the cgroup was removed" },
	{ MAGE_EXIT_INIT, "init", "its init callback failed" },
	{ MAGE_EXIT_FOREIGN_FRAME, "foreign-frame", "ejected: picked a page that is not its own" },
	{ MAGE_EXIT_DOUBLE_PICK, "double-pick", "ejected: picked a page twice" },
	{ MAGE_EXIT_NO_PROGRESS, "no-progress", "ejected: picked nothing while room was needed" },
	{ MAGE_EXIT_BAD_NUMBER, "bad-number", "ejected: answered with a number out of range" },
	{ MAGE_EXIT_SELF, "self", "ejected: reported an error of its own" },
	{ MAGE_EXIT_BAD_FRAME, "bad-frame", "ejected: picked what is no page" },
	{ MAGE_EXIT_OVER_BUDGET, "over-budget", "ejected: used more than its budget in one call" },
	{ MAGE_EXIT_TOO_LONG, "too-long", "refused: its init took too long" },
	{ MAGE_EXIT_SYSRQ, "sysrq", "ejected: all policies were ended by sysrq" },
};

#define NR_EXIT_KINDS (sizeof(exit_kinds) / sizeof(exit_kinds[0]))

const char *exit_kind_name(uint32_t kind)
{
	for (size_t i = 0; i < NR_EXIT_KINDS; i++) {
		if (exit_kinds[i].kind == kind)
			return exit_kinds[i].name;
	}
	return "unknown";
}

const char *exit_kind_text(uint32_t kind)
{
	for (size_t i = 0; i < NR_EXIT_KINDS; i++) {
		if (exit_kinds[i].kind == kind)
			return exit_kinds[i].text;
	}
	return "left for a reason that this version of mage does not know";
}
