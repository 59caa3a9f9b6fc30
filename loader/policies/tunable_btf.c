// SPDX-License-Identifier: GPL-2.0-only
/*
 * MAGE_TUNABLE() puts three declaration tags on a variable, "mage:range:1..512",
 * "mage:initial:8" and "mage:help:text".  They are in the object's BTF, and the kernel keeps
 * them with the maps that hold the variables, so a policy that runs can be asked, too.
 */
#include <stdio.h>
#include <string.h>

#include "policies/tunable_btf.h"

static const char range_tag[] = "mage:range:", help_tag[] = "mage:help:",
		  initial_tag[] = "mage:initial:";

/* The text after @tag in a declaration tag of the variable, or NULL. */
static const char *find_tag(const struct btf *btf, uint32_t variable, const char *tag)
{
	for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);
		const char *text;

		if (!btf_is_decl_tag(type) || type->type != variable ||
		    btf_decl_tag(type)->component_idx != -1)
			continue;
		text = btf__name_by_offset(btf, type->name_off);
		if (!strncmp(text, tag, strlen(tag)))
			return text + strlen(tag);
	}
	return NULL;
}

static const struct btf_type *plain_type(const struct btf *btf, uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (type && (btf_is_mod(type) || btf_is_typedef(type) || btf_is_type_tag(type)))
		type = btf__type_by_id(btf, type->type);
	return type;
}

static bool read_type(const struct btf *btf, uint32_t id, struct tunable *tunable)
{
	const struct btf_type *type = plain_type(btf, id);

	if (!type || !btf_is_int(type) || type->size > 8 || (type->size & (type->size - 1)))
		return false;
	tunable->size = type->size;
	tunable->is_signed = btf_int_encoding(type) & BTF_INT_SIGNED;
	tunable->is_bool = btf_int_encoding(type) & BTF_INT_BOOL;
	tunable_type_limits(tunable);
	return true;
}

static bool read_variable(const struct btf *btf, const struct btf_var_secinfo *place,
			  struct tunable *tunable)
{
	const struct btf_type *variable = btf__type_by_id(btf, place->type);
	const char *range, *help, *initial;

	if (!variable || !btf_is_var(variable))
		return false;
	range = find_tag(btf, place->type, range_tag);
	help = find_tag(btf, place->type, help_tag);
	initial = find_tag(btf, place->type, initial_tag);
	if ((!range && !help) || !read_type(btf, variable->type, tunable))
		return false;
	if (range)
		tunable_read_range(tunable, range);
	if (initial)
		tunable_read_initial(tunable, initial);
	snprintf(tunable->name, sizeof(tunable->name), "%s",
		 btf__name_by_offset(btf, variable->name_off));
	snprintf(tunable->help, sizeof(tunable->help), "%s", help ? help : "");
	tunable->offset = place->offset;
	return true;
}

void tunables_of_section(const struct btf *btf, const struct data_section *section,
			 struct tunables *tunables)
{
	const struct btf_type *type = btf__type_by_id(btf, section->type);
	const struct btf_var_secinfo *place;

	if (!type || !btf_is_datasec(type))
		return;
	place = btf_var_secinfos(type);
	for (int i = 0; i < btf_vlen(type); i++, place++) {
		struct tunable tunable = {
			.section = section->number,
			.at_load_only = section->at_load_only,
		};

		if (tunables->nr == MOST_TUNABLES || !read_variable(btf, place, &tunable) ||
		    tunable.offset + tunable.size > section->size)
			continue;
		tunable.value =
			tunable_load(&tunable, (const char *)section->data + tunable.offset);
		tunables->tunable[tunables->nr++] = tunable;
	}
}

struct tunable *tunable_find(struct tunables *tunables, const char *name)
{
	for (size_t i = 0; i < tunables->nr; i++) {
		if (!strcmp(tunables->tunable[i].name, name))
			return &tunables->tunable[i];
	}
	return NULL;
}
