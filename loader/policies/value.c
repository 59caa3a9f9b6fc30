// SPDX-License-Identifier: GPL-2.0-only
/*
 * The value of a struct_ops map as the kernel wants it: struct
 * bpf_struct_ops_mage_ops, laid out as this kernel has it, with file
 * descriptors of programs in place of function pointers.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "policies/find.h"
#include "policies/layout.h"
#include "policies/type.h"
#include "policies/value.h"

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
		if (is_callback(btf, member)) {
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
	struct kernel_layout layout;
	__u32 key = 0;
	struct btf *btf;
	char *value;
	int err;

	/* The built-in one was made with its value. */
	if (!policy->object)
		return 0;
	btf = kernel_types_load();
	if (!btf)
		return -errno;
	err = kernel_layout_find(btf, &layout);
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

static int put_member(const struct kernel_layout *layout, char *value, const char *name,
		      const void *from, size_t size)
{
	const struct btf_member *member = find_member(layout->btf, layout->ops, name);
	size_t offset;

	if (!member || btf__resolve_size(layout->btf, member->type) < (__s64)size)
		return -ENOENT;
	offset = layout->data + member->offset / 8;
	memcpy(value + offset, from, size);
	return 0;
}

/* Whoever names a type of the kernel's has to have types of his own, if only one. */
static struct btf *some_types(void)
{
	struct btf *btf = btf__new_empty();

	if (!btf)
		return NULL;
	if (btf__add_int(btf, "int", sizeof(int), BTF_INT_SIGNED) < 0 ||
	    btf__load_into_kernel(btf)) {
		btf__free(btf);
		return NULL;
	}
	return btf;
}

static int create_map(const struct kernel_layout *layout, const char *name)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_LINK,
		    .btf_vmlinux_value_type_id = layout->value_id);
	struct btf *types = some_types();
	int fd;

	if (!types)
		return -errno;
	opts.btf_fd = (__u32)btf__fd(types);
	fd = bpf_map_create(BPF_MAP_TYPE_STRUCT_OPS, name, sizeof(__u32), (__u32)layout->size, 1,
			    &opts);
	btf__free(types);
	return fd;
}

static int make_empty_map(const struct kernel_layout *layout, uint64_t cgroup_id, const char *name)
{
	char *value = calloc(1, layout->size);
	__u32 key = 0;
	int err, fd;

	if (!value)
		return -ENOMEM;
	if ((err = put_member(layout, value, "cgroup_id", &cgroup_id, sizeof(cgroup_id))) ||
	    (err = put_member(layout, value, "name", name, strlen(name)))) {
		free(value);
		return err;
	}
	fd = create_map(layout, name);
	if (fd >= 0)
		err = bpf_map_update_elem(fd, &key, value, 0);
	free(value);
	if (!err)
		return fd;
	close(fd);
	return err;
}

int policy_builtin_make(uint64_t cgroup_id, struct policy_object *policy)
{
	struct btf *btf = kernel_types_load();
	struct kernel_layout layout;
	int err;

	if (!btf)
		return -errno;
	memset(policy, 0, sizeof(*policy));
	snprintf(policy->name, sizeof(policy->name), BUILTIN_POLICY);
	err = kernel_layout_find(btf, &layout);
	policy->builtin_fd = err ? -1 : make_empty_map(&layout, cgroup_id, policy->name);
	btf__free(btf);
	if (err)
		return err;
	return policy->builtin_fd < 0 ? policy->builtin_fd : 0;
}
