// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: what a policy's programs may be made of.
 *
 * The verifier sees to it that a program ends, but not when: loops of the kernel's own
 * iterators and callbacks can be nested, and then are as good as endless.  So
 * programs are to have none but those of Mage, which end by themselves (loop.c), and
 * those of which the verifier has looked at each round.  Nor may they leave
 * something behind that runs by itself, or sleep until user space does something.
 *
 * All that is there is listed, and what comes anew is not lent until it is.
 */
#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/errno.h>
#include <linux/filter.h>
#include "program.h"

/**
 * mage_program_check() - look at a program before it is verified
 * @prog: the program
 *
 * Functions that are global are verified each by itself: the rounds of the loops in a chain
 * of them multiply, and nobody adds them up.  What modules offer is not listed.
 *
 * Return: 0; -ELOOP: it has an instruction may_goto; -EMLINK: it has a global function;
 * -EXDEV: it calls a function of a module
 */
int mage_program_check(const struct bpf_prog *prog)
{
	u32 i;

	for (i = 0; i < prog->len; i++) {
		const struct bpf_insn *insn = &prog->insnsi[i];

		if (insn->code == (BPF_JMP | BPF_JCOND))
			return -ELOOP;
		if (insn->code == (BPF_JMP | BPF_CALL) &&
		    insn->src_reg == BPF_PSEUDO_KFUNC_CALL && insn->off)
			return -EXDEV;
	}
	/* The first is the callback itself. */
	for (i = 1; prog->aux->func_info_aux && i < prog->aux->func_info_cnt; i++)
		if (prog->aux->func_info_aux[i].linkage != BTF_FUNC_STATIC)
			return -EMLINK;
	return 0;
}

/**
 * mage_program_helper() - a helper of the kernel's, if it is for policies
 * @func_id: which one
 * @prog: the program
 *
 * Return: its prototype, or NULL
 */
const struct bpf_func_proto *mage_program_helper(enum bpf_func_id func_id,
						 const struct bpf_prog *prog)
{
	switch (func_id) {
	case BPF_FUNC_task_storage_get:
		return &bpf_task_storage_get_proto;
	case BPF_FUNC_task_storage_delete:
		return &bpf_task_storage_delete_proto;
	case BPF_FUNC_map_lookup_elem:
	case BPF_FUNC_map_update_elem:
	case BPF_FUNC_map_delete_elem:
	case BPF_FUNC_map_push_elem:
	case BPF_FUNC_map_pop_elem:
	case BPF_FUNC_map_peek_elem:
	case BPF_FUNC_map_lookup_percpu_elem:
	case BPF_FUNC_cgrp_storage_get:
	case BPF_FUNC_cgrp_storage_delete:
	case BPF_FUNC_kptr_xchg:
	case BPF_FUNC_per_cpu_ptr:
	case BPF_FUNC_this_cpu_ptr:
	case BPF_FUNC_spin_lock:
	case BPF_FUNC_spin_unlock:
	case BPF_FUNC_ringbuf_output:
	case BPF_FUNC_ringbuf_reserve:
	case BPF_FUNC_ringbuf_submit:
	case BPF_FUNC_ringbuf_discard:
	case BPF_FUNC_ringbuf_query:
	case BPF_FUNC_ringbuf_reserve_dynptr:
	case BPF_FUNC_ringbuf_submit_dynptr:
	case BPF_FUNC_ringbuf_discard_dynptr:
	case BPF_FUNC_dynptr_from_mem:
	case BPF_FUNC_dynptr_read:
	case BPF_FUNC_dynptr_write:
	case BPF_FUNC_dynptr_data:
	case BPF_FUNC_ktime_get_ns:
	case BPF_FUNC_ktime_get_boot_ns:
	case BPF_FUNC_ktime_get_tai_ns:
	case BPF_FUNC_jiffies64:
	case BPF_FUNC_get_prandom_u32:
	case BPF_FUNC_get_smp_processor_id:
	case BPF_FUNC_get_numa_node_id:
	case BPF_FUNC_get_current_pid_tgid:
	case BPF_FUNC_get_ns_current_pid_tgid:
	case BPF_FUNC_get_current_cgroup_id:
	case BPF_FUNC_get_current_ancestor_cgroup_id:
	case BPF_FUNC_get_current_task:
	case BPF_FUNC_get_current_task_btf:
	case BPF_FUNC_task_pt_regs:
	case BPF_FUNC_probe_read_user:
	case BPF_FUNC_probe_read_user_str:
	case BPF_FUNC_probe_read_kernel:
	case BPF_FUNC_probe_read_kernel_str:
	case BPF_FUNC_strncmp:
	case BPF_FUNC_strtol:
	case BPF_FUNC_strtoul:
	case BPF_FUNC_snprintf:
	case BPF_FUNC_snprintf_btf:
	case BPF_FUNC_trace_printk:
	case BPF_FUNC_trace_vprintk:
		return bpf_base_func_proto(func_id, prog);
	default:
		return NULL;
	}
}

BTF_SET_START(mage_lent_kfuncs)
BTF_ID(func, bpf_obj_new_impl)
BTF_ID(func, bpf_obj_drop_impl)
BTF_ID(func, bpf_percpu_obj_new_impl)
BTF_ID(func, bpf_percpu_obj_drop_impl)
BTF_ID(func, bpf_refcount_acquire_impl)
BTF_ID(func, bpf_list_push_front_impl)
BTF_ID(func, bpf_list_push_back_impl)
BTF_ID(func, bpf_list_pop_front)
BTF_ID(func, bpf_list_pop_back)
BTF_ID(func, bpf_rbtree_add_impl)
BTF_ID(func, bpf_rbtree_first)
BTF_ID(func, bpf_rbtree_remove)
BTF_ID(func, bpf_task_acquire)
BTF_ID(func, bpf_task_release)
BTF_ID(func, bpf_task_from_pid)
BTF_ID(func, bpf_task_under_cgroup)
BTF_ID(func, bpf_cgroup_acquire)
BTF_ID(func, bpf_cgroup_release)
BTF_ID(func, bpf_cgroup_ancestor)
BTF_ID(func, bpf_rcu_read_lock)
BTF_ID(func, bpf_rcu_read_unlock)
BTF_ID(func, bpf_cast_to_kern_ctx)
BTF_ID(func, bpf_rdonly_cast)
BTF_ID(func, bpf_dynptr_slice)
BTF_ID(func, bpf_dynptr_slice_rdwr)
BTF_ID(func, bpf_dynptr_adjust)
BTF_ID(func, bpf_dynptr_is_null)
BTF_ID(func, bpf_dynptr_is_rdonly)
BTF_ID(func, bpf_dynptr_size)
BTF_ID(func, bpf_dynptr_clone)
BTF_ID(func, bpf_map_sum_elem_count)
BTF_ID(func, bpf_arena_alloc_pages)
BTF_ID(func, bpf_arena_free_pages)
BTF_ID(func, bpf_cpumask_create)
BTF_ID(func, bpf_cpumask_acquire)
BTF_ID(func, bpf_cpumask_release)
BTF_ID(func, bpf_cpumask_first)
BTF_ID(func, bpf_cpumask_first_zero)
BTF_ID(func, bpf_cpumask_first_and)
BTF_ID(func, bpf_cpumask_set_cpu)
BTF_ID(func, bpf_cpumask_clear_cpu)
BTF_ID(func, bpf_cpumask_test_cpu)
BTF_ID(func, bpf_cpumask_test_and_set_cpu)
BTF_ID(func, bpf_cpumask_test_and_clear_cpu)
BTF_ID(func, bpf_cpumask_setall)
BTF_ID(func, bpf_cpumask_clear)
BTF_ID(func, bpf_cpumask_and)
BTF_ID(func, bpf_cpumask_or)
BTF_ID(func, bpf_cpumask_xor)
BTF_ID(func, bpf_cpumask_equal)
BTF_ID(func, bpf_cpumask_intersects)
BTF_ID(func, bpf_cpumask_subset)
BTF_ID(func, bpf_cpumask_empty)
BTF_ID(func, bpf_cpumask_full)
BTF_ID(func, bpf_cpumask_copy)
BTF_ID(func, bpf_cpumask_any_distribute)
BTF_ID(func, bpf_cpumask_any_and_distribute)
BTF_ID(func, bpf_cpumask_weight)
BTF_SET_END(mage_lent_kfuncs)

/**
 * mage_program_may_call() - whether a function of the kernel's is for policies
 * @kfunc_id: its id; not of one of Mage's
 */
bool mage_program_may_call(u32 kfunc_id)
{
	return btf_id_set_contains(&mage_lent_kfuncs, kfunc_id);
}
