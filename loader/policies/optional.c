// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "policies/layout.h"
#include "policies/optional.h"
#include "policies/type.h"

static const char optional_tag[] = "mage:optional";

static bool has_tag(const struct btf *btf, const char *function)
{
	int wanted = btf__find_by_name_kind(btf, function, BTF_KIND_FUNC);

	for (__u32 id = 1; wanted > 0 && id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);

		if (btf_is_decl_tag(type) && type->type == (__u32)wanted &&
		    btf_decl_tag(type)->component_idx == -1 &&
		    !strcmp(btf__name_by_offset(btf, type->name_off), optional_tag))
			return true;
	}
	return false;
}

/* In an object that is not loaded the members point to libbpf's programs. */
static struct bpf_program *program_of(const struct policy_object *policy,
				      const struct btf_member *member)
{
	const char *value = bpf_map__initial_value(policy->map, NULL);
	struct bpf_program *program;

	memcpy(&program, value + member->offset / 8, sizeof(program));
	return program;
}

bool callback_is_optional(const struct policy_object *policy, const struct btf_member *member)
{
	const struct btf *btf = bpf_object__btf(policy->object);
	const struct bpf_program *program;

	if (!is_callback(btf, member))
		return false;
	program = program_of(policy, member);
	return program && has_tag(btf, bpf_program__name(program));
}

static bool any_is_optional(const struct policy_object *policy, const struct btf_type *type)
{
	const struct btf_member *member = btf_members(type);

	for (int i = 0; i < btf_vlen(type); i++, member++) {
		if (callback_is_optional(policy, member))
			return true;
	}
	return false;
}

static int leave_out(struct policy_object *policy, const struct kernel_layout *layout,
		     const struct btf_member *member, struct left_out *left_out)
{
	const char *name = btf__name_by_offset(bpf_object__btf(policy->object), member->name_off);
	char *value = bpf_map__initial_value(policy->map, NULL);

	if (find_member(layout->btf, layout->ops, name) || !callback_is_optional(policy, member))
		return 0;
	if (left_out->nr == MOST_LEFT_OUT)
		return -E2BIG;
	memset(value + member->offset / 8, 0, sizeof(void *));
	snprintf(left_out->callback[left_out->nr++], sizeof(left_out->callback[0]), "%s", name);
	return 0;
}

int callbacks_leave_out(struct policy_object *policy, struct left_out *left_out)
{
	const struct btf_type *type = mage_ops_type(policy->object, policy->map);
	const struct btf_member *member = btf_members(type);
	struct kernel_layout layout;
	struct btf *kernel;
	int err;

	left_out->nr = 0;
	/* The kernel's types are many, and take their time. */
	if (!any_is_optional(policy, type))
		return 0;
	kernel = kernel_types_load();
	if (!kernel)
		return -errno;
	err = kernel_layout_find(kernel, &layout);
	for (int i = 0; i < btf_vlen(type) && !err; i++, member++)
		err = leave_out(policy, &layout, member, left_out);
	btf__free(kernel);
	return err;
}
