/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of a policy, in an object that was opened by libbpf. */
#ifndef POLICY_TABLE_H
#define POLICY_TABLE_H

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

/* A table says which cgroup it is for. */
static inline void policy_set_cgroup(const struct bpf_object *object, struct bpf_map *map,
				     uint64_t id)
{
	const struct btf *btf = bpf_object__btf(object);
	const struct btf_type *ops = btf__type_by_id(
		btf, (uint32_t)btf__find_by_name_kind(btf, "mage_ops", BTF_KIND_STRUCT));
	const struct btf_member *member = btf_members(ops);
	char *table = bpf_map__initial_value(map, NULL);

	for (int i = 0; i < btf_vlen(ops); i++, member++)
		if (!strcmp(btf__name_by_offset(btf, member->name_off), "cgroup_id"))
			memcpy(table + member->offset / 8, &id, sizeof(id));
}

/*
 * Has the policy of an object that is not loaded yet be for a cgroup.  Returns its table; NULL
 * with errno set if there is none.
 */
static inline struct bpf_map *policy_table(struct bpf_object *object, uint64_t cgroup)
{
	struct bpf_map *map;

	bpf_object__for_each_map (map, object) {
		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
			continue;
		policy_set_cgroup(object, map, cgroup);
		return map;
	}
	errno = ENOENT;
	return NULL;
}

#endif
