/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the trace programs count: the layout of their map "counts", for them and for who reads it.
 * Include the types __u32 and __u64 first: vmlinux.h in a BPF program, <linux/types.h> elsewhere.
 */
#ifndef MAGE_TRACE_H
#define MAGE_TRACE_H

/*
 * The latency histogram of <linux/mage.h>, which cannot be included beside vmlinux.h: four buckets
 * to a power of two nanoseconds.
 */
#define TRACE_BUCKETS 160

/* Domains times classes that a program has room for. */
#define TRACE_KEYS 256

/* What happened belongs to one class of its kind; of batches that is the stage. */
enum trace_fault_class {
	TRACE_FAULT_READ,
	TRACE_FAULT_WRITE,
};

enum trace_rescue_class {
	TRACE_RESCUE_FIRST, /* the page has not been rescued before, as far as is known */
	TRACE_RESCUE_AGAIN, /* its times are those since the last rescue of the page */
};

enum trace_wait_class {
	TRACE_WAIT_ROOM, /* there was room in the end */
	TRACE_WAIT_GIVEN_UP,
};

/* As enum mage_batch_state of the kernel has them. */
enum trace_stage {
	TRACE_STAGE_SELECT,
	TRACE_STAGE_ARM,
	TRACE_STAGE_SHOOT,
	TRACE_STAGE_WRITE,
	TRACE_STAGE_WRITING,
	TRACE_STAGE_COMMIT,
	TRACE_STAGE_SHOOT_AGAIN,
	TRACE_STAGE_FREE,
};

struct trace_key {
	__u64 cgroup_id;
	__u32 class;
	__u32 zero;
};

struct trace_counts {
	__u64 events;
	__u64 pages;
	__u64 ns; /* the sum */
	__u64 bucket[TRACE_BUCKETS];
};

#endif
