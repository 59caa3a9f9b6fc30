// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the helpers of the kernel's that a policy may call, and how much each may do.
 *
 * Nothing ends a helper before it is done.  The verifier lets one have half a GiB of
 * a map's value to read, so those that take a size are called by way of a look at it.
 * What others do is bounded by the maps that they are given, which program.c looks at.
 *
 * All that is there is listed, and what comes anew is not lent until it is.
 */
#include <linux/bpf.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include "format.h"
#include "helper.h"

/* Those that take a size. */
enum mage_sized {
	MAGE_SIZED_PROBE_READ_USER,
	MAGE_SIZED_PROBE_READ_USER_STR,
	MAGE_SIZED_PROBE_READ_KERNEL,
	MAGE_SIZED_PROBE_READ_KERNEL_STR,
	MAGE_SIZED_RINGBUF_OUTPUT,
	MAGE_SIZED_DYNPTR_READ,
	MAGE_SIZED_DYNPTR_WRITE,
	MAGE_SIZED_STRNCMP,
	MAGE_SIZED_STRTOL,
	MAGE_SIZED_STRTOUL,
	MAGE_SIZED_GET_NS_CURRENT_PID_TGID,
	MAGE_SIZED_SNPRINTF,
	MAGE_SIZED_TRACE_PRINTK,
	MAGE_SIZED_TRACE_VPRINTK,
	MAGE_SIZED_NR,
};

/**
 * struct mage_sized_helper - one of them
 * @kernel: that of the kernel; set before the first program that calls it is there
 * @proto: what the verifier is told: the same, but for the function
 */
struct mage_sized_helper {
	const struct bpf_func_proto *kernel;
	struct bpf_func_proto proto;
};

static struct mage_sized_helper mage_sized_helpers[MAGE_SIZED_NR];

/* Protects the filling of mage_sized_helpers; they do not change after that. */
static DEFINE_MUTEX(mage_sized_mutex);

/*
 * The helpers.  The registers are those of the program: a size that is none for the
 * verifier, as it is above 32 bits, never gets here.
 */
static u64 mage_helper_call(enum mage_sized index, bool bounded, u64 r1, u64 r2, u64 r3, u64 r4,
			    u64 r5)
{
	return likely(bounded) ? mage_sized_helpers[index].kernel->func(r1, r2, r3, r4, r5) :
				 (u64)-E2BIG;
}

static bool mage_size_is_good(u64 size)
{
	return size <= MAGE_HELPER_BYTES;
}

/* A constant string ends within its map, and may be as long as that. */
static bool mage_string_is_good(u64 string)
{
	return mage_size_is_good(strnlen((const char *)string, MAGE_HELPER_BYTES + 1));
}

static u64 mage_probe_read_user(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return mage_helper_call(MAGE_SIZED_PROBE_READ_USER, mage_size_is_good(r2), r1, r2, r3,
				r4, r5);
}

static u64 mage_probe_read_user_str(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return mage_helper_call(MAGE_SIZED_PROBE_READ_USER_STR, mage_size_is_good(r2), r1, r2, r3,
				r4, r5);
}

static u64 mage_probe_read_kernel(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return mage_helper_call(MAGE_SIZED_PROBE_READ_KERNEL, mage_size_is_good(r2), r1, r2, r3,
				r4, r5);
}

static u64 mage_probe_read_kernel_str(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return mage_helper_call(MAGE_SIZED_PROBE_READ_KERNEL_STR, mage_size_is_good(r2), r1, r2, r3,
				r4, r5);
}

static u64 mage_ringbuf_output(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return mage_helper_call(MAGE_SIZED_RINGBUF_OUTPUT, mage_size_is_good(r3), r1, r2, r3,
				r4, r5);
}

static u64 mage_dynptr_read(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return mage_helper_call(MAGE_SIZED_DYNPTR_READ, mage_size_is_good(r2), r1, r2, r3, r4, r5);
}

static u64 mage_dynptr_write(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return mage_helper_call(MAGE_SIZED_DYNPTR_WRITE, mage_size_is_good(r4), r1, r2, r3, r4, r5);
}

static u64 mage_strncmp(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return mage_helper_call(MAGE_SIZED_STRNCMP, mage_size_is_good(r2), r1, r2, r3, r4, r5);
}

static u64 mage_strtol(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return mage_helper_call(MAGE_SIZED_STRTOL, mage_size_is_good(r2), r1, r2, r3, r4, r5);
}

static u64 mage_strtoul(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return mage_helper_call(MAGE_SIZED_STRTOUL, mage_size_is_good(r2), r1, r2, r3, r4, r5);
}

/* It clears what it is given if that is of the wrong size. */
static u64 mage_get_ns_current_pid_tgid(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return mage_helper_call(MAGE_SIZED_GET_NS_CURRENT_PID_TGID, mage_size_is_good(r4), r1, r2,
				r3, r4, r5);
}

static u64 mage_snprintf(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	bool bounded = mage_size_is_good(r2) && mage_string_is_good(r3) &&
		       !mage_format_is_wide((const char *)r3, MAGE_HELPER_BYTES);

	return mage_helper_call(MAGE_SIZED_SNPRINTF, bounded, r1, r2, r3, r4, r5);
}

static u64 mage_trace_printk(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	bool bounded = mage_size_is_good(r2) && !mage_format_is_wide((const char *)r1, r2);

	return mage_helper_call(MAGE_SIZED_TRACE_PRINTK, bounded, r1, r2, r3, r4, r5);
}

static u64 mage_trace_vprintk(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	bool bounded = mage_size_is_good(r2) && !mage_format_is_wide((const char *)r1, r2);

	return mage_helper_call(MAGE_SIZED_TRACE_VPRINTK, bounded, r1, r2, r3, r4, r5);
}

/* The kernel's own is what it is by now: which one that is may depend on what was asked for. */
static const struct bpf_func_proto *mage_sized(enum mage_sized index,
					       const struct bpf_func_proto *kernel,
					       u64 (*func)(u64, u64, u64, u64, u64))
{
	struct mage_sized_helper *helper = &mage_sized_helpers[index];

	/* It may be one that this kernel, or who loads the program, does not have. */
	if (!kernel)
		return NULL;
	guard(mutex)(&mage_sized_mutex);
	if (!helper->kernel) {
		helper->kernel = kernel;
		helper->proto = *kernel;
		helper->proto.func = func;
	}
	return &helper->proto;
}

/**
 * mage_helper() - a helper of the kernel's, if it is for policies
 * @func_id: which one
 * @prog: the program
 *
 * Return: its prototype, or NULL
 */
const struct bpf_func_proto *mage_helper(enum bpf_func_id func_id, const struct bpf_prog *prog)
{
	const struct bpf_func_proto *kernel = bpf_base_func_proto(func_id, prog);

	switch (func_id) {
	case BPF_FUNC_probe_read_user:
		return mage_sized(MAGE_SIZED_PROBE_READ_USER, kernel, mage_probe_read_user);
	case BPF_FUNC_probe_read_user_str:
		return mage_sized(MAGE_SIZED_PROBE_READ_USER_STR, kernel,
				  mage_probe_read_user_str);
	case BPF_FUNC_probe_read_kernel:
		return mage_sized(MAGE_SIZED_PROBE_READ_KERNEL, kernel, mage_probe_read_kernel);
	case BPF_FUNC_probe_read_kernel_str:
		return mage_sized(MAGE_SIZED_PROBE_READ_KERNEL_STR, kernel,
				  mage_probe_read_kernel_str);
	case BPF_FUNC_ringbuf_output:
		return mage_sized(MAGE_SIZED_RINGBUF_OUTPUT, kernel, mage_ringbuf_output);
	case BPF_FUNC_dynptr_read:
		return mage_sized(MAGE_SIZED_DYNPTR_READ, kernel, mage_dynptr_read);
	case BPF_FUNC_dynptr_write:
		return mage_sized(MAGE_SIZED_DYNPTR_WRITE, kernel, mage_dynptr_write);
	case BPF_FUNC_strncmp:
		return mage_sized(MAGE_SIZED_STRNCMP, kernel, mage_strncmp);
	case BPF_FUNC_strtol:
		return mage_sized(MAGE_SIZED_STRTOL, kernel, mage_strtol);
	case BPF_FUNC_strtoul:
		return mage_sized(MAGE_SIZED_STRTOUL, kernel, mage_strtoul);
	case BPF_FUNC_get_ns_current_pid_tgid:
		return mage_sized(MAGE_SIZED_GET_NS_CURRENT_PID_TGID, kernel,
				  mage_get_ns_current_pid_tgid);
	case BPF_FUNC_snprintf:
		return mage_sized(MAGE_SIZED_SNPRINTF, kernel, mage_snprintf);
	case BPF_FUNC_trace_printk:
		return mage_sized(MAGE_SIZED_TRACE_PRINTK, kernel, mage_trace_printk);
	case BPF_FUNC_trace_vprintk:
		return mage_sized(MAGE_SIZED_TRACE_VPRINTK, kernel, mage_trace_vprintk);
	case BPF_FUNC_task_storage_get:
		return &bpf_task_storage_get_proto;
	case BPF_FUNC_task_storage_delete:
		return &bpf_task_storage_delete_proto;
	/* What these look for, hash and copy is as large as their maps say. */
	case BPF_FUNC_map_lookup_elem:
	case BPF_FUNC_map_update_elem:
	case BPF_FUNC_map_delete_elem:
	case BPF_FUNC_map_push_elem:
	case BPF_FUNC_map_pop_elem:
	case BPF_FUNC_map_peek_elem:
	case BPF_FUNC_map_lookup_percpu_elem:
	case BPF_FUNC_cgrp_storage_get:
	case BPF_FUNC_cgrp_storage_delete:
	/* These take the same time whatever they are given. */
	case BPF_FUNC_kptr_xchg:
	case BPF_FUNC_per_cpu_ptr:
	case BPF_FUNC_this_cpu_ptr:
	case BPF_FUNC_spin_lock:
	case BPF_FUNC_spin_unlock:
	case BPF_FUNC_ringbuf_reserve:
	case BPF_FUNC_ringbuf_submit:
	case BPF_FUNC_ringbuf_discard:
	case BPF_FUNC_ringbuf_query:
	case BPF_FUNC_ringbuf_reserve_dynptr:
	case BPF_FUNC_ringbuf_submit_dynptr:
	case BPF_FUNC_ringbuf_discard_dynptr:
	case BPF_FUNC_dynptr_from_mem:
	case BPF_FUNC_dynptr_data:
	case BPF_FUNC_ktime_get_ns:
	case BPF_FUNC_ktime_get_boot_ns:
	case BPF_FUNC_ktime_get_tai_ns:
	case BPF_FUNC_jiffies64:
	case BPF_FUNC_get_prandom_u32:
	case BPF_FUNC_get_smp_processor_id:
	case BPF_FUNC_get_numa_node_id:
	case BPF_FUNC_get_current_pid_tgid:
	case BPF_FUNC_get_current_cgroup_id:
	case BPF_FUNC_get_current_ancestor_cgroup_id:
	case BPF_FUNC_get_current_task:
	case BPF_FUNC_get_current_task_btf:
	case BPF_FUNC_task_pt_regs:
		return kernel;
	default:
		return NULL;
	}
}
