/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The names of libbpf's bpf_helpers.h that policies use, natively: helpers become functions of the
 * simulator, sections and attributes that only mean something to a BPF loader become nothing.
 */
#ifndef SIM_BPF_HELPERS_H
#define SIM_BPF_HELPERS_H

#include <stddef.h>

#include "vmlinux.h"

#define SEC(name) __attribute__((used))
#define __ksym
#define __kconfig
#define __weak __attribute__((weak))
#define __hidden __attribute__((visibility("hidden")))
#define __noinline __attribute__((noinline))
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define barrier() __asm__ volatile("" ::: "memory")
#define barrier_var(var) __asm__ volatile("" : "+r"(var))

#ifndef container_of
#define container_of(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))
#endif

/* Maps are structures of pointers, whose types hold the numbers. */
#define __uint(name, number) int(*name)[number]
#define __type(name, of) typeof(of) *name
#define __array(name, of) typeof(of) *name[]

enum libbpf_pin_type {
	LIBBPF_PIN_NONE,
	LIBBPF_PIN_BY_NAME
};

struct sim_map_kind {
	u32 type;
	u32 max_entries;
	u32 key_size;
	u32 value_size;
};

#define SIM_MAP(map)                                                                             \
	(map), (&(const struct sim_map_kind){ .type = sizeof(*(map)->type) / sizeof(int),        \
					      .max_entries =                                     \
						      sizeof(*(map)->max_entries) / sizeof(int), \
					      .key_size = sizeof(*(map)->key),                   \
					      .value_size = sizeof(*(map)->value) })

void *sim_map_lookup(const void *map, const struct sim_map_kind *kind, const void *key);
int sim_map_update(const void *map, const struct sim_map_kind *kind, const void *key,
		   const void *value, u64 flags);
int sim_map_delete(const void *map, const struct sim_map_kind *kind, const void *key);

#define bpf_map_lookup_elem(map, key) sim_map_lookup(SIM_MAP(map), key)
#define bpf_map_lookup_percpu_elem(map, key, cpu) ((void)(cpu), sim_map_lookup(SIM_MAP(map), key))
#define bpf_map_update_elem(map, key, value, flags) sim_map_update(SIM_MAP(map), key, value, flags)
#define bpf_map_delete_elem(map, key) sim_map_delete(SIM_MAP(map), key)

/* There is one CPU, and one thread: callbacks never meet. */
#define bpf_get_smp_processor_id() 0U
#define bpf_spin_lock(lock) ((void)(lock))
#define bpf_spin_unlock(lock) ((void)(lock))
#define bpf_get_current_pid_tgid() (1ULL << 32 | 1) /* MACHINE_PROCESS */
#define bpf_get_current_task_btf() (&(const struct task_struct){ .normal_prio = 120 })
#define bpf_ksym_exists(symbol) 1

u64 bpf_ktime_get_ns(void);
u32 bpf_get_prandom_u32(void);

#define bpf_ktime_get_boot_ns() bpf_ktime_get_ns()
#define bpf_ktime_get_coarse_ns() bpf_ktime_get_ns()

/* What a policy prints helps nobody here. */
#define bpf_printk(format, ...) ((void)0)

/* Ended on every way out of the loop, as an iterator of BPF is. */
#define bpf_for_each(kind, at, args...)                                                  \
	for (struct bpf_iter_##kind sim_iterator                                         \
	     __attribute__((cleanup(bpf_iter_##kind##_destroy))),                        \
	     *sim_begun = (bpf_iter_##kind##_new(&sim_iterator, ##args), &sim_iterator); \
	     sim_begun && ((at) = bpf_iter_##kind##_next(&sim_iterator));)

#endif
