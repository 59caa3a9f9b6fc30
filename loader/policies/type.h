/* SPDX-License-Identifier: GPL-2.0-only */
/* "struct mage_ops" as BTF describes it in a policy's object. */
#ifndef MAGE_POLICIES_TYPE_H
#define MAGE_POLICIES_TYPE_H

#include <stdbool.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

/* Is this a struct_ops map of type mage_ops (or of a flavour, mage_ops___x)? */
bool is_mage_ops(struct bpf_object *object, struct bpf_map *map);

/* The type of such a map's value. */
const struct btf_type *mage_ops_type(struct bpf_object *object, struct bpf_map *map);

/* The member of a struct by its name, or NULL. */
const struct btf_member *find_member(const struct btf *btf, const struct btf_type *type,
				     const char *name);

/* A data member within the value of a map that is not loaded yet; its size in *size. */
void *data_member(struct bpf_object *object, struct bpf_map *map, const char *name, size_t *size);

#endif
