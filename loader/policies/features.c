// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <gelf.h>

#include "policies/features.h"
#include "policies/layout.h"
#include "policies/optional.h"
#include "policies/type.h"

/* The functions that bpf/mage.bpf.h declares, one a line, each in quotes with a comma. */
static const char *const known_functions[] = {
#include "policy_functions.inc"
};

/* The enums whose values a policy may name. */
static const struct {
	const char *type;
	const char *kind;
} enums[] = {
	{ "mage_ops_flags", "flag" },
	{ "mage_walk_flags", "walk flag" },
	{ "mage_page_in_reason", "page-in reason" },
	{ "mage_page_out_reason", "page-out reason" },
	{ "mage_outcome", "outcome" },
	{ "mage_hint", "hint" },
	{ "mage_counter", "counter" },
};

static struct feature *add(struct features *features, const char *kind, const char *name,
			   bool in_kernel)
{
	struct feature *feature = &features->feature[features->nr];

	/* The last is overwritten: there are not nearly so many. */
	if (features->nr < MOST_FEATURES - 1)
		features->nr++;
	feature->kind = kind;
	snprintf(feature->name, sizeof(feature->name), "%s", name);
	feature->in_kernel = in_kernel;
	feature->optional = false;
	return feature;
}

static const struct btf_type *ops_of(const struct btf *btf)
{
	int id = btf__find_by_name_kind(btf, "mage_ops", BTF_KIND_STRUCT);

	return id < 0 ? NULL : btf__type_by_id(btf, (__u32)id);
}

static bool has_function(const struct btf *kernel, const char *name)
{
	return btf__find_by_name_kind(kernel, name, BTF_KIND_FUNC) > 0;
}

void features_of_kernel(const struct btf *kernel, struct features *features)
{
	const struct btf_type *ops = ops_of(kernel);
	const struct btf_member *member = ops ? btf_members(ops) : NULL;

	features->nr = 0;
	for (int i = 0; ops && i < btf_vlen(ops); i++, member++)
		add(features, is_callback(kernel, member) ? "callback" : "member",
		    btf__name_by_offset(kernel, member->name_off), true);
	for (size_t i = 0; i < sizeof(enums) / sizeof(enums[0]); i++) {
		int id = btf__find_by_name_kind(kernel, enums[i].type, BTF_KIND_ENUM);
		const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(kernel, (__u32)id);

		for (int j = 0; type && j < btf_vlen(type); j++)
			add(features, enums[i].kind,
			    btf__name_by_offset(kernel, btf_enum(type)[j].name_off), true);
	}
	for (size_t i = 0; i < sizeof(known_functions) / sizeof(known_functions[0]); i++)
		add(features, "function", known_functions[i],
		    has_function(kernel, known_functions[i]));
}

static bool is_set(const char *value, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (value[i])
			return true;
	}
	return false;
}

/* Members that are zero need not be known to the kernel. */
static void members_of_policy(const struct btf *kernel, const struct policy_object *policy,
			      struct features *features)
{
	const struct btf *btf = bpf_object__btf(policy->object);
	const struct btf_type *type = mage_ops_type(policy->object, policy->map);
	const struct btf_type *ops = ops_of(kernel);
	const struct btf_member *member = btf_members(type);
	const char *value = bpf_map__initial_value(policy->map, NULL);

	for (int i = 0; i < btf_vlen(type); i++, member++) {
		const char *name = btf__name_by_offset(btf, member->name_off);
		__s64 size = btf__resolve_size(btf, member->type);

		if (size > 0 && is_set(value + member->offset / 8, (size_t)size))
			add(features, is_callback(btf, member) ? "callback" : "member", name,
			    ops && find_member(kernel, ops, name))
				->optional = callback_is_optional(policy, member);
	}
}

static void flags_of_policy(const struct btf *kernel, const struct policy_object *policy,
			    struct features *features)
{
	int id = btf__find_by_name_kind(kernel, "mage_ops_flags", BTF_KIND_ENUM);
	const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(kernel, (__u32)id);
	size_t size = 0;
	const void *member = data_member(policy->object, policy->map, "flags", &size);
	__u64 flags = 0;
	char name[32];

	if (member && size == sizeof(flags))
		memcpy(&flags, member, size);
	for (int i = 0; type && i < btf_vlen(type); i++) {
		__u64 flag = (__u32)btf_enum(type)[i].val;

		if (flag & flags)
			add(features, "flag",
			    btf__name_by_offset(kernel, btf_enum(type)[i].name_off), true);
		flags &= ~flag;
	}
	if (!flags)
		return;
	snprintf(name, sizeof(name), "0x%llx", (unsigned long long)flags);
	add(features, "flag", name, false);
}

/*
 * Functions of the kernel that the object names, by the BTF of its file: in that of an open
 * object libbpf has put variables in their place.
 */
static int functions_of_policy(const struct btf *kernel, const char *path,
			       struct features *features)
{
	struct btf *btf = btf__parse(path, NULL);
	const struct btf_type *section;
	int id;

	if (!btf)
		return -errno;
	id = btf__find_by_name_kind(btf, ".ksyms", BTF_KIND_DATASEC);
	section = id < 0 ? NULL : btf__type_by_id(btf, (__u32)id);

	for (int i = 0; section && i < btf_vlen(section); i++) {
		const struct btf_type *type =
			btf__type_by_id(btf, btf_var_secinfos(section)[i].type);
		const char *name = btf__name_by_offset(btf, type->name_off);

		if (btf_is_func(type))
			add(features, "function", name, has_function(kernel, name));
	}
	btf__free(btf);
	return 0;
}

static void mark_weak(struct features *features, const char *name)
{
	for (size_t i = 0; i < features->nr; i++) {
		if (!strcmp(features->feature[i].name, name))
			features->feature[i].optional = true;
	}
}

/* Only the symbol table says which functions are declared __weak. */
static void weak_symbols(Elf *elf, struct features *features)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	GElf_Sym symbol;

	while ((section = elf_nextscn(elf, section))) {
		Elf_Data *data = elf_getdata(section, NULL);

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB)
			continue;
		for (int i = 0; data && gelf_getsym(data, i, &symbol); i++) {
			const char *name = elf_strptr(elf, header.sh_link, symbol.st_name);

			if (name && GELF_ST_BIND(symbol.st_info) == STB_WEAK)
				mark_weak(features, name);
		}
	}
}

int features_of_policy(const struct btf *kernel, const char *path,
		       const struct policy_object *policy, struct features *features)
{
	int fd, err;
	Elf *elf;

	features->nr = 0;
	members_of_policy(kernel, policy, features);
	flags_of_policy(kernel, policy, features);
	err = functions_of_policy(kernel, path, features);
	if (err)
		return err;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf)
		weak_symbols(elf, features);
	elf_end(elf);
	close(fd);
	return elf ? 0 : -EINVAL;
}

size_t features_missing(const struct features *features)
{
	size_t nr = 0;

	for (size_t i = 0; i < features->nr; i++)
		nr += !features->feature[i].in_kernel && !features->feature[i].optional;
	return nr;
}
