/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM mage

#if !defined(_TRACE_MAGE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_MAGE_H

#include <linux/tracepoint.h>

/*
 * A thread has faulted a page in from far memory.  @mm is a number that tells
 * address spaces apart while they live.
 */
TRACE_EVENT(mage_fault_in,

	TP_PROTO(u64 cgroup_id, u64 mm, u64 address, u64 slot, bool write, u64 ns),

	TP_ARGS(cgroup_id, mm, address, slot, write, ns),

	TP_STRUCT__entry(
		__field(u64, cgroup_id)
		__field(u64, mm)
		__field(u64, address)
		__field(u64, slot)
		__field(bool, write)
		__field(u64, ns)
	),

	TP_fast_assign(
		__entry->cgroup_id = cgroup_id;
		__entry->mm = mm;
		__entry->address = address;
		__entry->slot = slot;
		__entry->write = write;
		__entry->ns = ns;
	),

	TP_printk("cgroup_id=%llu mm=%llx address=%llx slot=%llu write=%d ns=%llu",
		  __entry->cgroup_id, __entry->mm, __entry->address, __entry->slot,
		  __entry->write, __entry->ns)
);

/*
 * A page has come under a domain's policy, for @why, enum mage_page_in_reason;
 * before mage_fault_in if a thread faulted it in.  @mm is that of the thread
 * that brought it, 0 for an adopted page.  @address is where it is mapped; for one
 * that was not in far memory, where its area was first mapped.
 */
TRACE_EVENT(mage_page_in,

	TP_PROTO(u64 cgroup_id, u64 mm, u64 address, unsigned int why),

	TP_ARGS(cgroup_id, mm, address, why),

	TP_STRUCT__entry(
		__field(u64, cgroup_id)
		__field(u64, mm)
		__field(u64, address)
		__field(unsigned int, why)
	),

	TP_fast_assign(
		__entry->cgroup_id = cgroup_id;
		__entry->mm = mm;
		__entry->address = address;
		__entry->why = why;
	),

	TP_printk("cgroup_id=%llu mm=%llx address=%llx why=%s",
		  __entry->cgroup_id, __entry->mm, __entry->address,
		  __print_symbolic(__entry->why,
				   { 0, "new" }, { 1, "fault" }, { 2, "adopted" },
				   { 3, "prefetch" }))
);

/* A batch has gone through a stage; 0 (select): it has its victims, and its stages begin. */
TRACE_EVENT(mage_batch_stage,

	TP_PROTO(u64 cgroup_id, const void *batch, unsigned int stage, unsigned int nr),

	TP_ARGS(cgroup_id, batch, stage, nr),

	TP_STRUCT__entry(
		__field(u64, cgroup_id)
		__field(const void *, batch)
		__field(unsigned int, stage)
		__field(unsigned int, nr)
	),

	TP_fast_assign(
		__entry->cgroup_id = cgroup_id;
		__entry->batch = batch;
		__entry->stage = stage;
		__entry->nr = nr;
	),

	TP_printk("cgroup_id=%llu batch=%p stage=%s nr=%u",
		  __entry->cgroup_id, __entry->batch,
		  __print_symbolic(__entry->stage,
				   { 0, "select" }, { 1, "arm" }, { 2, "shoot" },
				   { 3, "write" }, { 4, "writing" }, { 5, "commit" },
				   { 6, "shoot again" }, { 7, "free" }),
		  __entry->nr)
);

TRACE_EVENT(mage_rescue,

	TP_PROTO(u64 cgroup_id, u64 pfn),

	TP_ARGS(cgroup_id, pfn),

	TP_STRUCT__entry(
		__field(u64, cgroup_id)
		__field(u64, pfn)
	),

	TP_fast_assign(
		__entry->cgroup_id = cgroup_id;
		__entry->pfn = pfn;
	),

	TP_printk("cgroup_id=%llu pfn=%llu", __entry->cgroup_id, __entry->pfn)
);

TRACE_EVENT(mage_wait,

	TP_PROTO(u64 cgroup_id, u64 ns, bool room, bool favoured, unsigned long passed,
		 unsigned long yielded),

	TP_ARGS(cgroup_id, ns, room, favoured, passed, yielded),

	TP_STRUCT__entry(
		__field(u64, cgroup_id)
		__field(u64, ns)
		__field(unsigned long, passed)
		__field(unsigned long, yielded)
		__field(bool, room)
		__field(bool, favoured)
	),

	TP_fast_assign(
		__entry->cgroup_id = cgroup_id;
		__entry->ns = ns;
		__entry->passed = passed;
		__entry->yielded = yielded;
		__entry->room = room;
		__entry->favoured = favoured;
	),

	TP_printk("cgroup_id=%llu ns=%llu room=%d favoured=%d passed=%lu yielded=%lu",
		  __entry->cgroup_id, __entry->ns, __entry->room, __entry->favoured,
		  __entry->passed, __entry->yielded)
);

TRACE_EVENT(mage_reserve,

	TP_PROTO(u64 cgroup_id, unsigned int left),

	TP_ARGS(cgroup_id, left),

	TP_STRUCT__entry(
		__field(u64, cgroup_id)
		__field(unsigned int, left)
	),

	TP_fast_assign(
		__entry->cgroup_id = cgroup_id;
		__entry->left = left;
	),

	TP_printk("cgroup_id=%llu left=%u", __entry->cgroup_id, __entry->left)
);

TRACE_EVENT(mage_policy_exit,

	TP_PROTO(u64 cgroup_id, const char *policy, unsigned int kind, const char *message),

	TP_ARGS(cgroup_id, policy, kind, message),

	TP_STRUCT__entry(
		__field(u64, cgroup_id)
		__string(policy, policy)
		__field(unsigned int, kind)
		__string(message, message)
	),

	TP_fast_assign(
		__entry->cgroup_id = cgroup_id;
		__assign_str(policy);
		__entry->kind = kind;
		__assign_str(message);
	),

	TP_printk("cgroup_id=%llu policy=%s kind=%u message=%s",
		  __entry->cgroup_id, __get_str(policy), __entry->kind, __get_str(message))
);

#endif /* _TRACE_MAGE_H */

/* This part must be outside protection */
#include <trace/define_trace.h>
