// SPDX-License-Identifier: GPL-2.0-only
/*
 * The value of a struct_ops map as the kernel wants it: struct
 * bpf_struct_ops_mage_ops, laid out as this kernel has it, with file
 * descriptors of programs in place of function pointers.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "policy_type.h"
#include "policy_value.h"

struct kernel_layout {
	const struct btf *btf;
	const struct btf_type *ops; /* struct mage_ops */
	size_t size; /* of struct bpf_struct_ops_mage_ops */
	size_t data; /* where struct mage_ops is in it */
};

static int find_layout(const struct btf *btf, struct kernel_layout *layout)
{
	const struct btf_member *data;
	const struct btf_type *value;
	int value_id, ops_id;

	value_id = btf__find_by_name_kind(btf, "bpf_struct_ops_mage_ops", BTF_KIND_STRUCT);
	ops_id = btf__find_by_name_kind(btf, "mage_ops", BTF_KIND_STRUCT);
	if (value_id < 0 || ops_id < 0)
		return -ENOENT;
	value = btf__type_by_id(btf, (__u32)value_id);
	data = find_member(btf, value, "data");
	if (!data)
		return -ENOENT;
	layout->btf = btf;
	layout->ops = btf__type_by_id(btf, (__u32)ops_id);
	layout->size = value->size;
	layout->data = data->offset / 8;
	return 0;
}

static const struct btf_type *strip(const struct btf *btf, __u32 id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (btf_is_mod(type) || btf_is_typedef(type))
		type = btf__type_by_id(btf, type->type);
	return type;
}

/* Loading has already checked that kinds and sizes agree, and what may be missing. */
static void copy_members(const struct policy_object *policy, const struct kernel_layout *layout,
			 char *value)
{
	const struct btf_type *type = mage_ops_type(policy->object, policy->map);
	const struct btf *btf = bpf_object__btf(policy->object);
	const struct btf_member *member;
	const char *ours;

	ours = bpf_map__initial_value(policy->map, NULL);
	member = btf_members(type);
	for (int i = 0; i < btf_vlen(type); i++, member++) {
		const char *name = btf__name_by_offset(btf, member->name_off);
		const struct btf_member *theirs = find_member(layout->btf, layout->ops, name);
		const char *from = ours + member->offset / 8;
		char *to;

		if (!theirs)
			continue;
		to = value + layout->data + theirs->offset / 8;
		if (btf_is_ptr(strip(btf, member->type))) {
			struct bpf_program *program;
			uint64_t fd;

			memcpy(&program, from, sizeof(program));
			if (!program)
				continue;
			fd = (uint64_t)bpf_program__fd(program);
			memcpy(to, &fd, sizeof(fd));
		} else {
			memcpy(to, from, (size_t)btf__resolve_size(btf, member->type));
		}
	}
}

int policy_value_commit(const struct policy_object *policy)
{
	struct btf *btf = btf__load_vmlinux_btf();
	struct kernel_layout layout;
	__u32 key = 0;
	char *value;
	int err;

	if (!btf)
		return -errno;
	err = find_layout(btf, &layout);
	if (!err) {
		value = calloc(1, layout.size);
		err = -ENOMEM;
		if (value) {
			copy_members(policy, &layout, value);
			err = bpf_map_update_elem(bpf_map__fd(policy->map), &key, value, 0);
		}
		free(value);
	}
	btf__free(btf);
	return err;
}
