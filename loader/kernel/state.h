/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel reports about far devices and domains, and what it is asked for. */
#ifndef MAGE_KERNEL_STATE_H
#define MAGE_KERNEL_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/mage.h>

#include "base/histogram.h"

#define NO_LIMIT UINT64_MAX

/* Longer than what the kernel says. */
#define MAGE_REASON_LEN 256

/* Lists of a policy: more than any kernel has. */
#define MOST_LISTS 64

/* What the kernel counts of a policy, or counted until it left. */
struct policy_calls {
	struct mage_callback_stats callback[MAGE_CALLBACKS];
	size_t nr_lists; /* 0 if the kernel does not say */
	uint64_t list[MOST_LISTS]; /* pages on each */
};

/* One of the far stores of a device that has several. */
struct leg {
	uint32_t number;
	uint32_t column; /* those of one column hold the same pages */
	char backend[MAGE_NAME_LEN];
	char address[MAGE_NAME_LEN]; /* "" unless rdma */
	uint16_t port;
	char path[MAGE_PATH_LEN]; /* "" unless blk */
	char state[MAGE_NAME_LEN]; /* in-sync, resync, suspended or failed */
	char reason[MAGE_REASON_LEN]; /* why it is one of the last two; "" if it is not */
	uint32_t loss_timeout_ms; /* rdma */
	uint64_t latency_ns;
	uint64_t bandwidth;
	uint64_t state_ms; /* for how long it has been suspended or failed */
	uint64_t suspensions;
	uint64_t stale; /* pages that it has not, or has an old copy of */
	uint64_t pages; /* that were ever written to its column; STALE ones are among them */
	uint64_t copied; /* pages, from other legs */
	uint64_t reads;
	uint64_t writes;
	uint64_t read_errors;
	uint64_t write_errors;
	uint64_t mismatches;
};

struct device {
	uint32_t index;
	char name[MAGE_NAME_LEN];
	char backend[MAGE_NAME_LEN];
	char address[MAGE_NAME_LEN]; /* "" unless rdma */
	uint16_t port;
	char path[MAGE_PATH_LEN]; /* of the block device; "" unless blk */
	char state[MAGE_NAME_LEN]; /* connected, suspended or failed */
	char reason[MAGE_REASON_LEN]; /* why it is not connected; "" if it is */
	uint32_t loss_timeout_ms; /* rdma */
	bool swap;
	bool checksums; /* what is read is compared with them */
	uint64_t size;
	uint64_t latency_ns;
	uint64_t bandwidth;
	uint64_t slots;
	uint64_t slots_used;
	uint64_t reads;
	uint64_t writes;
	uint64_t read_errors;
	uint64_t write_errors;
	uint64_t state_ms; /* for how long it has not been connected */
	uint64_t suspensions;
	uint64_t mismatches; /* reads that did not fit their checksum */
	bool degraded; /* a leg does not work, or has stale pages */
	size_t nr_legs; /* 0 unless it is a "set" */
	struct leg legs[MAGE_LEGS_MAX];
};

struct domain {
	uint64_t cgroup_id;
	char policy[MAGE_NAME_LEN];
	bool builtin;
	uint32_t link_id;
	uint64_t local;
	uint64_t limit;
	uint64_t far;
	uint64_t clean_copies;
	uint64_t frames;
	uint64_t faults;
	uint64_t first_touches;
	uint64_t evictions;
	uint64_t clean_drops;
	uint64_t rescues;
	uint64_t excluded;
	uint64_t stock_reclaimed;
	uint64_t write_errors;
	uint64_t read_errors;
	uint64_t waits;
	uint64_t wait_ns;
	uint64_t fallbacks;
	uint64_t batches;
	uint64_t swaps;
	uint64_t ejections;
	uint64_t ungoverned;
	uint64_t prefetched;
	uint64_t prefetch_hits;
	uint64_t prefetch_waste;
	uint64_t refaults;
	uint64_t refault_distance;
	uint64_t self_evictions;
	uint64_t pool_given;
	uint64_t pool_hits;
	uint64_t pool_drained;
	uint64_t spared;
	uint64_t picks;
	uint64_t cleaned;
	uint64_t no_place;
	uint64_t gone;
	uint64_t refused_full;
	uint64_t refused_gone;
	uint64_t refused_taken;
	uint64_t refused_foreign;
	uint64_t refused_node;
	struct histogram latency;
	struct policy_calls calls;
	uint32_t exit_kind;
	char exit_policy[MAGE_NAME_LEN];
	char exit_message[MAGE_MESSAGE_LEN];
};

/* A policy that left. */
struct exit_record {
	uint64_t number;
	uint64_t time_ns; /* since 1970 */
	uint64_t cgroup_id;
	uint32_t kind;
	char policy[MAGE_NAME_LEN];
	char message[MAGE_MESSAGE_LEN];
	struct policy_calls calls; /* no list if it never came to govern */
	char dump[MAGE_DUMP_LEN]; /* what it said, "" for nothing */
	bool dump_cut;
};

/* What a policy says of itself when it is asked. */
struct policy_said {
	char policy[MAGE_NAME_LEN];
	char text[MAGE_DUMP_LEN];
	bool cut; /* there was more, or it took too long */
};

/* A far store that is asked for: a far device of its own, or a leg of one. */
struct leg_request {
	const char *backend;
	uint32_t column;
	char address[MAGE_NAME_LEN]; /* numeric; rdma */
	uint16_t port;
	uint8_t secret[MAGE_SECRET_LEN];
	unsigned int secret_len;
	uint32_t loss_timeout_ms; /* rdma */
	char path[MAGE_PATH_LEN]; /* blk */
	uint64_t latency_ns; /* dram */
	uint64_t bandwidth;
};

/* A far device that is asked for. */
struct connect_request {
	uint64_t size; /* of the whole */
	bool checksums;
	bool set; /* of several legs; else there is one, and that is all of it */
	size_t nr_legs;
	struct leg_request legs[MAGE_LEGS_MAX];
};

/* A 64-bit number: where it comes from, where it is kept, what JSON calls it. */
struct u64_field {
	int attribute;
	size_t offset;
	const char *json_name;
};

/* All but the ones that need special treatment: ids, and a limit of "none". */
extern const struct u64_field device_fields[];
extern const size_t nr_device_fields;
extern const struct u64_field leg_fields[];
extern const size_t nr_leg_fields;
extern const struct u64_field domain_fields[];
extern const size_t nr_domain_fields;

static inline uint64_t *u64_field(void *base, const struct u64_field *field)
{
	return (uint64_t *)((char *)base + field->offset);
}

static inline uint64_t u64_field_value(const void *base, const struct u64_field *field)
{
	return *(const uint64_t *)((const char *)base + field->offset);
}

/* The member of struct mage_ops that an enum mage_callback is. */
const char *callback_name(size_t callback);

/* Why a policy left: one word for programs, or words for people. */
const char *exit_kind_name(uint32_t kind);
const char *exit_kind_text(uint32_t kind);

#endif
