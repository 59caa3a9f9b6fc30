// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: what a policy's programs may be made of.
 *
 * The verifier sees to it that a program ends, but not when: loops of the kernel's own
 * iterators and callbacks can be nested, and then are as good as endless.  So
 * programs are to have none but those of Mage, which end by themselves (loop.c), and
 * those of which the verifier has looked at each round.  Nor may they leave
 * something behind that runs by itself, or sleep until user space does something; nor
 * have what is looked for, copied or freed in one go, by one call, without a bound.
 *
 * All that is there is listed, and what comes anew is not lent until it is.
 */
#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/filter.h>
#include "program.h"
#include "helper.h"

/* Fields whose owner is freed only after all that hangs from them, or when it has stopped. */
#define MAGE_FIELDS_THAT_HOLD_ON (BPF_LIST_HEAD | BPF_RB_ROOT | BPF_TIMER | BPF_WORKQUEUE)

/*
 * Whether what is freed of a structure is no more than itself and the objects that it points
 * to.  A list or a tree is freed with all that is on it.  How many objects may point to one
 * another in a row, which are freed by recursion, the kernel bounds by itself.
 */
static bool mage_record_is_flat(const struct btf_record *record)
{
	return IS_ERR_OR_NULL(record) || !(record->field_mask & MAGE_FIELDS_THAT_HOLD_ON);
}

/* Lists and trees are to be global variables, which are in no structure of the program's. */
static bool mage_types_are_flat(const struct btf *btf)
{
	struct btf_struct_meta *meta;
	u32 id;

	for (id = 1; btf && id < btf_nr_types(btf); id++) {
		meta = btf_find_struct_meta(btf, id);
		if (meta && !mage_record_is_flat(meta->record))
			return false;
	}
	return true;
}

/**
 * mage_program_check_map() - look at a map that a program hands to helpers
 * @map: the map; of maps of maps what is said of the inner ones counts
 *
 * Return: 0; -EMEDIUMTYPE: it is of a kind that is not listed; -EMSGSIZE: its keys or values
 * are too large; -ENOTUNIQ: the hashes of its keys can be foreseen, so that all may be in
 * one bucket; -ENOTEMPTY: what frees a value may have any number of others to free
 */
int mage_program_check_map(const struct bpf_map *map)
{
	u32 key = MAGE_KEY_BYTES, value = MAGE_HELPER_BYTES;

	switch (map->map_type) {
	case BPF_MAP_TYPE_ARRAY:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_QUEUE:
	case BPF_MAP_TYPE_STACK:
	case BPF_MAP_TYPE_TASK_STORAGE:
	case BPF_MAP_TYPE_CGRP_STORAGE:
		break;
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
		/* A new element is written for all CPUs. */
		value = MAGE_PERCPU_BYTES;
		break;
	case BPF_MAP_TYPE_LPM_TRIE:
		/* Each bit may be a node to go by. */
		key = MAGE_PREFIX_BYTES;
		break;
	case BPF_MAP_TYPE_BLOOM_FILTER:
		/* It is hashed several times. */
		value = MAGE_KEY_BYTES;
		break;
	case BPF_MAP_TYPE_ARRAY_OF_MAPS:
	case BPF_MAP_TYPE_HASH_OF_MAPS:
		if (mage_program_check_map(map->inner_map_meta))
			return mage_program_check_map(map->inner_map_meta);
		break;
	case BPF_MAP_TYPE_RINGBUF:
	case BPF_MAP_TYPE_ARENA:
		return 0;
	default:
		return -EMEDIUMTYPE;
	}
	if (map->key_size > key || map->value_size > value)
		return -EMSGSIZE;
	if (map->map_flags & BPF_F_ZERO_SEED)
		return -ENOTUNIQ;
	return mage_record_is_flat(map->record) ? 0 : -ENOTEMPTY;
}

/* The map that an instruction names; not one whose value it names, which is plain memory. */
static const struct bpf_map *mage_insn_map(const struct bpf_insn *insn)
{
	if (insn->code != (BPF_LD | BPF_IMM | BPF_DW) ||
	    (insn->src_reg != BPF_PSEUDO_MAP_FD && insn->src_reg != BPF_PSEUDO_MAP_IDX))
		return NULL;
	/* The verifier has put it in the place of the number by now. */
	return (const struct bpf_map *)((u64)(u32)insn[0].imm | (u64)(u32)insn[1].imm << 32);
}

/**
 * mage_program_check() - look at a program before it is verified
 * @prog: the program, with the maps that it names resolved
 *
 * Functions that are global are verified each by itself: the rounds of the loops in a chain
 * of them multiply, and nobody adds them up.  What modules offer is not listed.
 *
 * Return: 0; -ELOOP: it has an instruction may_goto; -EMLINK: it has a global function;
 * -EXDEV: it calls a function of a module; -ENOTEMPTY: a structure of its types holds a list,
 * a tree, or a chain of objects; or what mage_program_check_map() returns
 */
int mage_program_check(const struct bpf_prog *prog)
{
	u32 i;

	for (i = 0; i < prog->len; i++) {
		const struct bpf_insn *insn = &prog->insnsi[i];
		const struct bpf_map *map = mage_insn_map(insn);
		int err = map ? mage_program_check_map(map) : 0;

		if (err)
			return err;
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
	return mage_types_are_flat(prog->aux->btf) ? 0 : -ENOTEMPTY;
}

/**
 * mage_program_is_short() - whether all ways through a program are short enough
 * @prog: the program, which was verified
 * @insns: instructions that the verifier may have looked at
 *
 * No way through a program, from its begin or a round of a loop of Mage's to the next, is
 * longer than what the verifier has looked at: each instruction of it once in each state.
 */
bool mage_program_is_short(const struct bpf_prog *prog, u32 insns)
{
	return prog->aux->verified_insns <= insns;
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
