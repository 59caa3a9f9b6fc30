// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "policies/layout.h"
#include "policies/type.h"

/* They are the first that the kernel gives a number, unless it does so in another order some day. */
#define KERNEL_TYPES_ID 1

static bool are_of_kernel(uint32_t id)
{
	char name[16] = "";
	struct bpf_btf_info info = { .name = (uintptr_t)name, .name_len = sizeof(name) };
	__u32 len = sizeof(info);
	int fd = bpf_btf_get_fd_by_id(id);
	bool are;

	if (fd < 0)
		return false;
	are = !bpf_btf_get_info_by_fd(fd, &info, &len) && info.kernel_btf &&
	      !strcmp(name, "vmlinux");
	close(fd);
	return are;
}

/* By number they come in one piece, to root; their file in sysfs gives a page for each read(). */
struct btf *kernel_types_load(void)
{
	struct btf *btf = NULL;

	if (are_of_kernel(KERNEL_TYPES_ID))
		btf = btf__load_from_kernel_by_id(KERNEL_TYPES_ID);
	return btf ? btf : btf__load_vmlinux_btf();
}

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
