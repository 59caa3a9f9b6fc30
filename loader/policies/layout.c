// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "policies/layout.h"
#include "policies/type.h"

int kernel_layout_find(const struct btf *btf, struct kernel_layout *layout)
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
	layout->value_id = (__u32)value_id;
	layout->size = value->size;
	layout->data = data->offset / 8;
	return 0;
}

bool is_callback(const struct btf *btf, const struct btf_member *member)
{
	const struct btf_type *type = btf__type_by_id(btf, member->type);

	while (btf_is_mod(type) || btf_is_typedef(type))
		type = btf__type_by_id(btf, type->type);
	return btf_is_ptr(type);
}
