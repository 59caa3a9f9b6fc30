// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "policies/type.h"

#define OPS "mage_ops"

const struct btf_type *mage_ops_type(struct bpf_object *object, struct bpf_map *map)
{
	return btf__type_by_id(bpf_object__btf(object), bpf_map__btf_value_type_id(map));
}

bool is_mage_ops(struct bpf_object *object, struct bpf_map *map)
{
	const struct btf_type *type;
	const char *name;

	if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
		return false;
	type = mage_ops_type(object, map);
	name = type ? btf__name_by_offset(bpf_object__btf(object), type->name_off) : "";
	if (strncmp(name, OPS, strlen(OPS)))
		return false;
	name += strlen(OPS);
	return !*name || !strncmp(name, "___", 3);
}

const struct btf_member *find_member(const struct btf *btf, const struct btf_type *type,
				     const char *name)
{
	const struct btf_member *member = btf_members(type);

	for (int i = 0; i < btf_vlen(type); i++, member++) {
		if (!strcmp(btf__name_by_offset(btf, member->name_off), name))
			return member;
	}
	return NULL;
}

void *data_member(struct bpf_object *object, struct bpf_map *map, const char *name, size_t *size)
{
	const struct btf *btf = bpf_object__btf(object);
	const struct btf_member *member;
	size_t value_size;
	__s64 resolved;
	char *value;

	member = find_member(btf, mage_ops_type(object, map), name);
	value = bpf_map__initial_value(map, &value_size);
	if (!member || !value)
		return NULL;
	resolved = btf__resolve_size(btf, member->type);
	if (resolved < 0 || member->offset / 8 + (size_t)resolved > value_size)
		return NULL;
	*size = (size_t)resolved;
	return value + member->offset / 8;
}
