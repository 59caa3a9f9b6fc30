/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Mage: far memory.  The generic netlink interface between the kernel and
 * the "mage" command.
 *
 * Every request that fails carries a sentence for people in the extended
 * acknowledgment (NLMSGERR_ATTR_MSG); tools print it as it is.
 */
#ifndef _UAPI_LINUX_MAGE_H
#define _UAPI_LINUX_MAGE_H

#define MAGE_GENL_NAME		"mage"
#define MAGE_GENL_VERSION	1

/* The multicast group that hears of far devices. */
#define MAGE_GENL_EVENTS	"events"

/* Longest names, the terminating NUL included. */
#define MAGE_NAME_LEN		64
#define MAGE_MESSAGE_LEN	128
#define MAGE_SECRET_LEN		64
#define MAGE_PATH_LEN		256

/* How long a far device may be suspended if nothing is said about that. */
#define MAGE_LOSS_TIMEOUT_MS	60000

/**
 * enum mage_genl_cmd - requests of the family "mage"
 * @MAGE_CMD_UNSPEC: not used
 * @MAGE_CMD_DEVICE_CONNECT: make a far device; CAP_SYS_ADMIN.  Takes BACKEND
 *	and SIZE; for "rdma" also ADDRESS, PORT, SECRET, and optionally
 *	LOSS_TIMEOUT_MS; for "dram" optionally LATENCY_NS and BANDWIDTH; for "blk"
 *	also PATH; for each optionally CHECKSUMS.  For "set" a LEG for each far store of
 *	which it is made.  Replies with one DEVICE_GET message.
 * @MAGE_CMD_DEVICE_DISCONNECT: remove the far device INDEX; CAP_SYS_ADMIN.
 *	-EBUSY while it is active as swap or open.
 * @MAGE_CMD_DEVICE_GET: dump of all far devices
 * @MAGE_CMD_DOMAIN_GET: dump of all domains
 * @MAGE_CMD_DOMAIN_REMOVE: end the domain CGROUP_ID, which no policy may be
 *	attached to (-EBUSY); its pages return to the stock LRU; CAP_SYS_ADMIN
 * @MAGE_CMD_EXIT_GET: dump of the last MAGE_EXIT_RECORDS policies that left, of
 *	all domains, those that are gone included; the oldest first
 * @MAGE_CMD_POLICY_DUMP: have the policy of the domain CGROUP_ID say how it is, by its
 *	callback dump (-EOPNOTSUPP if it has none); CAP_SYS_ADMIN
 * @MAGE_CMD_LEG_ADD: connect one more LEG of the far device INDEX, a "set", which is then
 *	filled from the others of its column; CAP_SYS_ADMIN.  Replies with one DEVICE_GET
 *	message, as the next one does.
 * @MAGE_CMD_LEG_REMOVE: disconnect the LEG with NUMBER of the far device INDEX;
 *	CAP_SYS_ADMIN.  -EBUSY if it has pages whose only copy is there.
 * @MAGE_CMD_DEVICE_EVENT: sent to the group MAGE_GENL_EVENTS when the state of a far device,
 *	or of a leg, has changed; looks like a DEVICE_GET message
 */
enum mage_genl_cmd {
	MAGE_CMD_UNSPEC,
	MAGE_CMD_DEVICE_CONNECT,
	MAGE_CMD_DEVICE_DISCONNECT,
	MAGE_CMD_DEVICE_GET,
	MAGE_CMD_DOMAIN_GET,
	MAGE_CMD_DOMAIN_REMOVE,
	MAGE_CMD_EXIT_GET,
	MAGE_CMD_POLICY_DUMP,
	MAGE_CMD_LEG_ADD,
	MAGE_CMD_LEG_REMOVE,
	MAGE_CMD_DEVICE_EVENT,
	__MAGE_CMD_MAX,
};

#define MAGE_CMD_MAX		(__MAGE_CMD_MAX - 1)

/**
 * enum mage_device_attr - attributes of a far device
 * @MAGE_DEVICE_ATTR_UNSPEC: not used
 * @MAGE_DEVICE_ATTR_PAD: alignment of 64-bit attributes
 * @MAGE_DEVICE_ATTR_INDEX: u32, N of /dev/mageN
 * @MAGE_DEVICE_ATTR_NAME: string, "mageN"
 * @MAGE_DEVICE_ATTR_BACKEND: string, "rdma", "dram", "blk", or "set": several far stores as
 *	one device
 * @MAGE_DEVICE_ATTR_SIZE: u64, bytes; not zero, a multiple of the page size
 * @MAGE_DEVICE_ATTR_ADDRESS: string, numeric IPv4 or IPv6 address (rdma)
 * @MAGE_DEVICE_ATTR_PORT: u16, host byte order (rdma)
 * @MAGE_DEVICE_ATTR_SECRET: binary, 1 to MAGE_SECRET_LEN bytes (rdma);
 *	never reported back
 * @MAGE_DEVICE_ATTR_LATENCY_NS: u64, delay of each operation (dram)
 * @MAGE_DEVICE_ATTR_BANDWIDTH: u64, bytes a second, 0 for no limit (dram)
 * @MAGE_DEVICE_ATTR_STATE: string, "connected", "suspended" (it does not answer;
 *	reads wait for it, and nothing is evicted to it) or "failed"
 * @MAGE_DEVICE_ATTR_SLOTS: u64, pages of the device that swap may use
 * @MAGE_DEVICE_ATTR_SLOTS_USED: u64, of these in use; 0 when not active
 * @MAGE_DEVICE_ATTR_SWAP: flag, active as swap
 * @MAGE_DEVICE_ATTR_READS: u64, pages read
 * @MAGE_DEVICE_ATTR_WRITES: u64, pages written
 * @MAGE_DEVICE_ATTR_READ_ERRORS: u64, pages that could not be read
 * @MAGE_DEVICE_ATTR_WRITE_ERRORS: u64, pages that could not be written
 * @MAGE_DEVICE_ATTR_LOSS_TIMEOUT_MS: u32, milliseconds that it may be suspended
 *	before it fails, 0 to fail at once; MAGE_LOSS_TIMEOUT_MS if absent (rdma)
 * @MAGE_DEVICE_ATTR_STATE_MS: u64, for how long it has been suspended, or has failed
 * @MAGE_DEVICE_ATTR_REASON: string, why; neither of the two while it is connected
 * @MAGE_DEVICE_ATTR_SUSPENSIONS: u64, how often it was suspended
 * @MAGE_DEVICE_ATTR_CHECKSUMS: flag, checksums of its pages are kept here, and what is read
 *	is compared with them
 * @MAGE_DEVICE_ATTR_MISMATCHES: u64, reads of pages that did not fit.  Each is followed by
 *	another read; if that does not fit either it is one of READ_ERRORS
 * @MAGE_DEVICE_ATTR_PATH: string, of a block device that has SIZE bytes or more, and that
 *	nobody else has claimed (blk)
 * @MAGE_DEVICE_ATTR_LEG: nested, enum mage_leg_attr; one for each leg (set)
 * @MAGE_DEVICE_ATTR_DEGRADED: flag, a leg is missing, or has pages that are stale: what is
 *	on the others only would be lost with them (set)
 */
enum mage_device_attr {
	MAGE_DEVICE_ATTR_UNSPEC,
	MAGE_DEVICE_ATTR_PAD,
	MAGE_DEVICE_ATTR_INDEX,
	MAGE_DEVICE_ATTR_NAME,
	MAGE_DEVICE_ATTR_BACKEND,
	MAGE_DEVICE_ATTR_SIZE,
	MAGE_DEVICE_ATTR_ADDRESS,
	MAGE_DEVICE_ATTR_PORT,
	MAGE_DEVICE_ATTR_SECRET,
	MAGE_DEVICE_ATTR_LATENCY_NS,
	MAGE_DEVICE_ATTR_BANDWIDTH,
	MAGE_DEVICE_ATTR_STATE,
	MAGE_DEVICE_ATTR_SLOTS,
	MAGE_DEVICE_ATTR_SLOTS_USED,
	MAGE_DEVICE_ATTR_SWAP,
	MAGE_DEVICE_ATTR_READS,
	MAGE_DEVICE_ATTR_WRITES,
	MAGE_DEVICE_ATTR_READ_ERRORS,
	MAGE_DEVICE_ATTR_WRITE_ERRORS,
	MAGE_DEVICE_ATTR_LOSS_TIMEOUT_MS,
	MAGE_DEVICE_ATTR_STATE_MS,
	MAGE_DEVICE_ATTR_REASON,
	MAGE_DEVICE_ATTR_SUSPENSIONS,
	MAGE_DEVICE_ATTR_CHECKSUMS,
	MAGE_DEVICE_ATTR_MISMATCHES,
	MAGE_DEVICE_ATTR_PATH,
	MAGE_DEVICE_ATTR_LEG,
	MAGE_DEVICE_ATTR_DEGRADED,
	__MAGE_DEVICE_ATTR_MAX,
};

#define MAGE_DEVICE_ATTR_MAX	(__MAGE_DEVICE_ATTR_MAX - 1)

/* Legs of a far device, and columns over which its pages are spread, at most. */
#define MAGE_LEGS_MAX		8

/* Pages side by side that are in one column. */
#define MAGE_STRIPE_PAGES	256

/**
 * enum mage_leg_attr - attributes of a leg, one of the far stores of a "set"
 * @MAGE_LEG_ATTR_UNSPEC: not used
 * @MAGE_LEG_ATTR_PAD: alignment of 64-bit attributes
 * @MAGE_LEG_ATTR_NUMBER: u32, of the leg in its device, from 0; given by the kernel, and
 *	not given again while the device exists
 * @MAGE_LEG_ATTR_COLUMN: u32, 0 if absent.  Legs of one column hold the same pages.  Runs
 *	of MAGE_STRIPE_PAGES pages go to the columns in turn; those that there are have the
 *	numbers from 0 on
 * @MAGE_LEG_ATTR_BACKEND: string, as MAGE_DEVICE_ATTR_BACKEND, but not "set"
 * @MAGE_LEG_ATTR_ADDRESS: as MAGE_DEVICE_ATTR_ADDRESS
 * @MAGE_LEG_ATTR_PORT: as MAGE_DEVICE_ATTR_PORT
 * @MAGE_LEG_ATTR_SECRET: as MAGE_DEVICE_ATTR_SECRET
 * @MAGE_LEG_ATTR_PATH: as MAGE_DEVICE_ATTR_PATH
 * @MAGE_LEG_ATTR_LOSS_TIMEOUT_MS: as MAGE_DEVICE_ATTR_LOSS_TIMEOUT_MS
 * @MAGE_LEG_ATTR_LATENCY_NS: as MAGE_DEVICE_ATTR_LATENCY_NS
 * @MAGE_LEG_ATTR_BANDWIDTH: as MAGE_DEVICE_ATTR_BANDWIDTH
 * @MAGE_LEG_ATTR_STATE: string, "in-sync", "resync" (pages are copied to it), "suspended"
 *	(it does not answer, and may come back) or "failed"
 * @MAGE_LEG_ATTR_STATE_MS: u64, for how long it has been suspended, or has failed
 * @MAGE_LEG_ATTR_REASON: string, why; neither of the two otherwise
 * @MAGE_LEG_ATTR_SUSPENSIONS: u64, how often it was suspended
 * @MAGE_LEG_ATTR_STALE: u64, pages that it has not, or has an old copy of
 * @MAGE_LEG_ATTR_PAGES: u64, pages of its column that were ever written: of these STALE are
 *	stale
 * @MAGE_LEG_ATTR_COPIED: u64, pages that were copied to it from other legs
 * @MAGE_LEG_ATTR_READS: u64, pages read from it
 * @MAGE_LEG_ATTR_WRITES: u64, pages written to it
 * @MAGE_LEG_ATTR_READ_ERRORS: u64, pages that could not be read from it
 * @MAGE_LEG_ATTR_WRITE_ERRORS: u64, pages that could not be written to it
 * @MAGE_LEG_ATTR_MISMATCHES: u64, pages read from it that did not fit their checksum
 */
enum mage_leg_attr {
	MAGE_LEG_ATTR_UNSPEC,
	MAGE_LEG_ATTR_PAD,
	MAGE_LEG_ATTR_NUMBER,
	MAGE_LEG_ATTR_COLUMN,
	MAGE_LEG_ATTR_BACKEND,
	MAGE_LEG_ATTR_ADDRESS,
	MAGE_LEG_ATTR_PORT,
	MAGE_LEG_ATTR_SECRET,
	MAGE_LEG_ATTR_PATH,
	MAGE_LEG_ATTR_LOSS_TIMEOUT_MS,
	MAGE_LEG_ATTR_LATENCY_NS,
	MAGE_LEG_ATTR_BANDWIDTH,
	MAGE_LEG_ATTR_STATE,
	MAGE_LEG_ATTR_STATE_MS,
	MAGE_LEG_ATTR_REASON,
	MAGE_LEG_ATTR_SUSPENSIONS,
	MAGE_LEG_ATTR_STALE,
	MAGE_LEG_ATTR_PAGES,
	MAGE_LEG_ATTR_COPIED,
	MAGE_LEG_ATTR_READS,
	MAGE_LEG_ATTR_WRITES,
	MAGE_LEG_ATTR_READ_ERRORS,
	MAGE_LEG_ATTR_WRITE_ERRORS,
	MAGE_LEG_ATTR_MISMATCHES,
	__MAGE_LEG_ATTR_MAX,
};

#define MAGE_LEG_ATTR_MAX	(__MAGE_LEG_ATTR_MAX - 1)

/*
 * The fault latency histogram has MAGE_LATENCY_BUCKETS buckets, four to a
 * power of two.  Bucket b counts latencies in nanoseconds from
 * mage_latency_floor(b) up to mage_latency_floor(b + 1).
 */
#define MAGE_LATENCY_SUB_BITS	2
#define MAGE_LATENCY_BUCKETS	160

/**
 * mage_latency_floor() - the smallest latency that a bucket counts
 * @bucket: 0 to MAGE_LATENCY_BUCKETS
 *
 * Return: nanoseconds
 */
static inline unsigned long long mage_latency_floor(unsigned int bucket)
{
	unsigned int octave = bucket >> MAGE_LATENCY_SUB_BITS;
	unsigned int sub = bucket & ((1U << MAGE_LATENCY_SUB_BITS) - 1);

	if (!octave)
		return sub;
	return ((1ULL << MAGE_LATENCY_SUB_BITS) + sub) << (octave - 1);
}

/**
 * enum mage_exit_kind - why a policy left its domain
 * @MAGE_EXIT_NONE: it has not left
 * @MAGE_EXIT_UNLOAD: its link was closed or detached
 * @MAGE_EXIT_REPLACED: another policy took its place
 * @MAGE_EXIT_CGROUP: the cgroup was removed
 * @MAGE_EXIT_INIT: its init callback failed
 * @MAGE_EXIT_FOREIGN_FRAME: ejected; picked pages of another domain by number,
 *	again and again
 * @MAGE_EXIT_DOUBLE_PICK: ejected; picked a page twice
 * @MAGE_EXIT_NO_PROGRESS: ejected; picked nothing while room was needed
 * @MAGE_EXIT_BAD_NUMBER: ejected; answered with a number out of range
 * @MAGE_EXIT_SELF: ejected; by its own call of mage_policy_error()
 * @MAGE_EXIT_BAD_FRAME: ejected; picked what is no page at all
 * @MAGE_EXIT_OVER_BUDGET: ejected; used more CPU time in one call than it may, or
 *	much in many for few pages, or went on walking or prefetching when it was told
 *	to stop
 * @MAGE_EXIT_TOO_LONG: refused; its init took too long
 * @MAGE_EXIT_SYSRQ: ejected; by a key of the machine's owner (sysrq)
 */
enum mage_exit_kind {
	MAGE_EXIT_NONE,
	MAGE_EXIT_UNLOAD,
	MAGE_EXIT_REPLACED,
	MAGE_EXIT_CGROUP,
	MAGE_EXIT_INIT,
	MAGE_EXIT_FOREIGN_FRAME = 64,
	MAGE_EXIT_DOUBLE_PICK,
	MAGE_EXIT_NO_PROGRESS,
	MAGE_EXIT_BAD_NUMBER,
	MAGE_EXIT_SELF,
	MAGE_EXIT_BAD_FRAME,
	MAGE_EXIT_OVER_BUDGET,
	MAGE_EXIT_TOO_LONG,
	MAGE_EXIT_SYSRQ,
};

/**
 * enum mage_callback - the callbacks of a policy whose calls are counted
 *
 * All of struct mage_ops but init and exit, and named as its members are.
 */
enum mage_callback {
	MAGE_CALLBACK_PAGE_IN,
	MAGE_CALLBACK_PAGE_OUT,
	MAGE_CALLBACK_HINT,
	MAGE_CALLBACK_PREFETCH,
	MAGE_CALLBACK_NO_ROOM,
	MAGE_CALLBACK_EVICTORS,
	MAGE_CALLBACK_DEPTH,
	MAGE_CALLBACK_HEADROOM,
	MAGE_CALLBACK_BATCH_SIZE,
	MAGE_CALLBACK_SELECT,
	MAGE_CALLBACK_OUTCOME,
	MAGE_CALLBACK_TICK,
	MAGE_CALLBACK_DUMP,
	MAGE_CALLBACK_RESERVE,
	__MAGE_CALLBACKS,
};

#define MAGE_CALLBACKS		__MAGE_CALLBACKS

/**
 * struct mage_callback_stats - what is counted of a callback since its policy took over
 * @calls: calls; a few of the one before may be among them
 * @errors: of these, answers out of range and calls that used more time than they may,
 *	each of which ejects the policy
 * @ns: time that calls took, added up, while the kernel measures programs
 *	(kernel.bpf_stats_enabled, or BPF_ENABLE_STATS); that of interrupts is in it
 */
struct mage_callback_stats {
	unsigned long long calls;
	unsigned long long errors;
	unsigned long long ns;
};

/**
 * enum mage_domain_attr - attributes of a domain
 * @MAGE_DOMAIN_ATTR_UNSPEC: not used
 * @MAGE_DOMAIN_ATTR_PAD: alignment of 64-bit attributes
 * @MAGE_DOMAIN_ATTR_CGROUP_ID: u64, inode number of the cgroup's directory
 * @MAGE_DOMAIN_ATTR_POLICY: string, name of the policy in force
 * @MAGE_DOMAIN_ATTR_BUILTIN: flag, the policy in force is the built-in one
 * @MAGE_DOMAIN_ATTR_LINK_ID: u32, id of the policy's BPF link, 0 for none
 * @MAGE_DOMAIN_ATTR_LOCAL: u64, bytes charged to the cgroup
 * @MAGE_DOMAIN_ATTR_LIMIT: u64, bytes that may be charged; ~0 for no limit
 * @MAGE_DOMAIN_ATTR_FAR: u64, bytes of the cgroup in swap entries, clean far
 *	copies of local pages not counted
 * @MAGE_DOMAIN_ATTR_CLEAN_COPIES: u64, bytes of clean far copies
 * @MAGE_DOMAIN_ATTR_FRAMES: u64, local pages under the policy
 * @MAGE_DOMAIN_ATTR_FAULTS: u64, pages faulted in
 * @MAGE_DOMAIN_ATTR_FIRST_TOUCHES: u64, pages that arrived new
 * @MAGE_DOMAIN_ATTR_EVICTIONS: u64, pages evicted, CLEAN_DROPS included
 * @MAGE_DOMAIN_ATTR_CLEAN_DROPS: u64, pages evicted without a write
 * @MAGE_DOMAIN_ATTR_RESCUES: u64, victims touched in flight, which stayed
 * @MAGE_DOMAIN_ATTR_EXCLUDED: u64, victims handed to the stock LRU
 * @MAGE_DOMAIN_ATTR_STOCK_RECLAIMED: u64, pages evictors freed the stock way
 * @MAGE_DOMAIN_ATTR_WRITE_ERRORS: u64, victims whose write failed
 * @MAGE_DOMAIN_ATTR_READ_ERRORS: u64, faults whose read failed
 * @MAGE_DOMAIN_ATTR_WAITS: u64, times that a thread waited for room
 * @MAGE_DOMAIN_ATTR_WAIT_NS: u64, nanoseconds they waited, added up
 * @MAGE_DOMAIN_ATTR_FALLBACKS: u64, waits in which the evictors were given up
 * @MAGE_DOMAIN_ATTR_BATCHES: u64, batches that left the pipeline
 * @MAGE_DOMAIN_ATTR_SWAPS: u64, policies replaced
 * @MAGE_DOMAIN_ATTR_EJECTIONS: u64, policies ejected
 * @MAGE_DOMAIN_ATTR_UNGOVERNED: u64, calls that found no policy (always 0)
 * @MAGE_DOMAIN_ATTR_LATENCY: binary, u64[MAGE_LATENCY_BUCKETS], latency of the
 *	faults that read from far memory
 * @MAGE_DOMAIN_ATTR_EXIT_KIND: u32, enum mage_exit_kind of the last policy
 *	that left
 * @MAGE_DOMAIN_ATTR_EXIT_POLICY: string, its name
 * @MAGE_DOMAIN_ATTR_EXIT_MESSAGE: string, its message
 * @MAGE_DOMAIN_ATTR_SPARED: u64, victims that the built-in selection let stay,
 *	as they had been used
 * @MAGE_DOMAIN_ATTR_HEADROOM: u64, bytes of room that the evictors aim for
 * @MAGE_DOMAIN_ATTR_WAIT_LATENCY: binary, u64[MAGE_LATENCY_BUCKETS], how long
 *	threads waited for room
 * @MAGE_DOMAIN_ATTR_PREFETCHED: u64, pages that were prefetched
 * @MAGE_DOMAIN_ATTR_PREFETCH_HITS: u64, of these, found to have been used
 * @MAGE_DOMAIN_ATTR_PREFETCH_WASTE: u64, of these, evicted unused
 * @MAGE_DOMAIN_ATTR_REFAULTS: u64, pages that came back and were remembered
 * @MAGE_DOMAIN_ATTR_REFAULT_DISTANCE: u64, sum of the pages evicted between
 *	their evictions and their returns
 * @MAGE_DOMAIN_ATTR_SELF_EVICTIONS: u64, pages that threads which needed room
 *	evicted themselves
 * @MAGE_DOMAIN_ATTR_PICKS: u64, victims that were picked, by a policy or built in
 * @MAGE_DOMAIN_ATTR_NO_PLACE: u64, victims that found no place in far memory, and stayed
 * @MAGE_DOMAIN_ATTR_GONE: u64, victims whose mapping went away, or was being changed
 * @MAGE_DOMAIN_ATTR_REFUSED_FULL: u64, picks refused as the batch was full
 * @MAGE_DOMAIN_ATTR_REFUSED_GONE: u64, picks refused as the page had left
 * @MAGE_DOMAIN_ATTR_REFUSED_TAKEN: u64, picks refused as the page was a victim already
 * @MAGE_DOMAIN_ATTR_REFUSED_FOREIGN: u64, picks by number refused as the page was another
 *	domain's, or none
 * @MAGE_DOMAIN_ATTR_REFUSED_NODE: u64, picks by number refused as the batch was for pages
 *	of another node
 * @MAGE_DOMAIN_ATTR_CALLBACKS: binary, struct mage_callback_stats[MAGE_CALLBACKS], of the
 *	policy in force
 * @MAGE_DOMAIN_ATTR_LISTS: binary, u64 for each list, pages that are on it now
 * @MAGE_DOMAIN_ATTR_CLEANED: u64, victims that were to be cleaned only, and were
 * @MAGE_DOMAIN_ATTR_POOL_GIVEN: u64, pages that evictors have left to faults, charged
 * @MAGE_DOMAIN_ATTR_POOL_HITS: u64, those that faults have taken
 * @MAGE_DOMAIN_ATTR_POOL_DRAINED: u64, those that were freed; what is left of the first is
 *	there now
 */
enum mage_domain_attr {
	MAGE_DOMAIN_ATTR_UNSPEC,
	MAGE_DOMAIN_ATTR_PAD,
	MAGE_DOMAIN_ATTR_CGROUP_ID,
	MAGE_DOMAIN_ATTR_POLICY,
	MAGE_DOMAIN_ATTR_BUILTIN,
	MAGE_DOMAIN_ATTR_LINK_ID,
	MAGE_DOMAIN_ATTR_LOCAL,
	MAGE_DOMAIN_ATTR_LIMIT,
	MAGE_DOMAIN_ATTR_FAR,
	MAGE_DOMAIN_ATTR_CLEAN_COPIES,
	MAGE_DOMAIN_ATTR_FRAMES,
	MAGE_DOMAIN_ATTR_FAULTS,
	MAGE_DOMAIN_ATTR_FIRST_TOUCHES,
	MAGE_DOMAIN_ATTR_EVICTIONS,
	MAGE_DOMAIN_ATTR_CLEAN_DROPS,
	MAGE_DOMAIN_ATTR_RESCUES,
	MAGE_DOMAIN_ATTR_EXCLUDED,
	MAGE_DOMAIN_ATTR_STOCK_RECLAIMED,
	MAGE_DOMAIN_ATTR_WRITE_ERRORS,
	MAGE_DOMAIN_ATTR_READ_ERRORS,
	MAGE_DOMAIN_ATTR_WAITS,
	MAGE_DOMAIN_ATTR_WAIT_NS,
	MAGE_DOMAIN_ATTR_FALLBACKS,
	MAGE_DOMAIN_ATTR_BATCHES,
	MAGE_DOMAIN_ATTR_SWAPS,
	MAGE_DOMAIN_ATTR_EJECTIONS,
	MAGE_DOMAIN_ATTR_UNGOVERNED,
	MAGE_DOMAIN_ATTR_LATENCY,
	MAGE_DOMAIN_ATTR_EXIT_KIND,
	MAGE_DOMAIN_ATTR_EXIT_POLICY,
	MAGE_DOMAIN_ATTR_EXIT_MESSAGE,
	MAGE_DOMAIN_ATTR_SPARED,
	MAGE_DOMAIN_ATTR_HEADROOM,
	MAGE_DOMAIN_ATTR_WAIT_LATENCY,
	MAGE_DOMAIN_ATTR_PREFETCHED,
	MAGE_DOMAIN_ATTR_PREFETCH_HITS,
	MAGE_DOMAIN_ATTR_PREFETCH_WASTE,
	MAGE_DOMAIN_ATTR_REFAULTS,
	MAGE_DOMAIN_ATTR_REFAULT_DISTANCE,
	MAGE_DOMAIN_ATTR_SELF_EVICTIONS,
	MAGE_DOMAIN_ATTR_PICKS,
	MAGE_DOMAIN_ATTR_NO_PLACE,
	MAGE_DOMAIN_ATTR_GONE,
	MAGE_DOMAIN_ATTR_REFUSED_FULL,
	MAGE_DOMAIN_ATTR_REFUSED_GONE,
	MAGE_DOMAIN_ATTR_REFUSED_TAKEN,
	MAGE_DOMAIN_ATTR_REFUSED_FOREIGN,
	MAGE_DOMAIN_ATTR_REFUSED_NODE,
	MAGE_DOMAIN_ATTR_CALLBACKS,
	MAGE_DOMAIN_ATTR_LISTS,
	MAGE_DOMAIN_ATTR_CLEANED,
	MAGE_DOMAIN_ATTR_POOL_GIVEN,
	MAGE_DOMAIN_ATTR_POOL_HITS,
	MAGE_DOMAIN_ATTR_POOL_DRAINED,
	__MAGE_DOMAIN_ATTR_MAX,
};

#define MAGE_DOMAIN_ATTR_MAX	(__MAGE_DOMAIN_ATTR_MAX - 1)

/* Records of policies that left which the kernel keeps. */
#define MAGE_EXIT_RECORDS	64

/**
 * enum mage_exit_attr - attributes of the record of a policy that left
 * @MAGE_EXIT_ATTR_UNSPEC: not used
 * @MAGE_EXIT_ATTR_PAD: alignment of 64-bit attributes
 * @MAGE_EXIT_ATTR_NUMBER: u64, counts from 1 since the machine booted
 * @MAGE_EXIT_ATTR_TIME_NS: u64, when it left, nanoseconds since 1970
 * @MAGE_EXIT_ATTR_CGROUP_ID: u64, its domain, which may be gone
 * @MAGE_EXIT_ATTR_KIND: u32, enum mage_exit_kind
 * @MAGE_EXIT_ATTR_POLICY: string, its name
 * @MAGE_EXIT_ATTR_MESSAGE: string, its message
 * @MAGE_EXIT_ATTR_CALLBACKS: binary, struct mage_callback_stats[MAGE_CALLBACKS]; not there
 *	if it never came to govern
 * @MAGE_EXIT_ATTR_LISTS: binary, u64 for each list, pages on it when it left; likewise
 * @MAGE_EXIT_ATTR_DUMP: string, what its dump said as it was ejected; for CAP_SYS_ADMIN only
 * @MAGE_EXIT_ATTR_DUMP_CUT: flag, that was not all: there was more than fits, or it took
 *	too long
 */
enum mage_exit_attr {
	MAGE_EXIT_ATTR_UNSPEC,
	MAGE_EXIT_ATTR_PAD,
	MAGE_EXIT_ATTR_NUMBER,
	MAGE_EXIT_ATTR_TIME_NS,
	MAGE_EXIT_ATTR_CGROUP_ID,
	MAGE_EXIT_ATTR_KIND,
	MAGE_EXIT_ATTR_POLICY,
	MAGE_EXIT_ATTR_MESSAGE,
	MAGE_EXIT_ATTR_CALLBACKS,
	MAGE_EXIT_ATTR_LISTS,
	MAGE_EXIT_ATTR_DUMP,
	MAGE_EXIT_ATTR_DUMP_CUT,
	__MAGE_EXIT_ATTR_MAX,
};

#define MAGE_EXIT_ATTR_MAX	(__MAGE_EXIT_ATTR_MAX - 1)

/* Bytes of text that a policy's dump may write, with the NUL at its end. */
#define MAGE_DUMP_LEN		4096

/**
 * enum mage_dump_attr - attributes of what a policy said of itself
 * @MAGE_DUMP_ATTR_UNSPEC: not used
 * @MAGE_DUMP_ATTR_PAD: alignment of 64-bit attributes
 * @MAGE_DUMP_ATTR_CGROUP_ID: u64, of its domain
 * @MAGE_DUMP_ATTR_POLICY: string, its name
 * @MAGE_DUMP_ATTR_TEXT: string, lines of text
 * @MAGE_DUMP_ATTR_CUT: flag, that was not all: there was more than MAGE_DUMP_LEN, or it
 *	took too long, for which the policy is ejected
 */
enum mage_dump_attr {
	MAGE_DUMP_ATTR_UNSPEC,
	MAGE_DUMP_ATTR_PAD,
	MAGE_DUMP_ATTR_CGROUP_ID,
	MAGE_DUMP_ATTR_POLICY,
	MAGE_DUMP_ATTR_TEXT,
	MAGE_DUMP_ATTR_CUT,
	__MAGE_DUMP_ATTR_MAX,
};

#define MAGE_DUMP_ATTR_MAX	(__MAGE_DUMP_ATTR_MAX - 1)

#endif /* _UAPI_LINUX_MAGE_H */
