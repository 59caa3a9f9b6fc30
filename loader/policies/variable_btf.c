// SPDX-License-Identifier: GPL-2.0-only
/*
 * Declaration tags, "mage:range:1..512", are in the object's BTF, and the kernel keeps them with
 * the maps that hold the variables, so a policy that runs can be asked, too.
 */
#include <string.h>

#include "policies/variable_btf.h"

const char *variable_tag(const struct btf *btf, uint32_t variable, const char *tag)
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

bool variable_number(const struct btf *btf, uint32_t id, struct tunable *tunable)
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

void variables_of_section(const struct btf *btf, const struct data_section *section,
			  variable_fn *read, void *to)
{
	const struct btf_type *type = btf__type_by_id(btf, section->type);
	const struct btf_var_secinfo *place;

	if (!type || !btf_is_datasec(type))
		return;
	place = btf_var_secinfos(type);
	for (int i = 0; i < btf_vlen(type); i++, place++) {
		const struct btf_type *variable = btf__type_by_id(btf, place->type);

		if (variable && btf_is_var(variable))
			read(btf, section, place, variable, to);
	}
}

bool variable_load(const struct btf *btf, const struct data_section *section,
		   const struct btf_var_secinfo *place, const struct btf_type *variable,
		   struct tunable *number)
{
	if (place->offset + number->size > section->size)
		return false;
	snprintf(number->name, sizeof(number->name), "%s",
		 btf__name_by_offset(btf, variable->name_off));
	number->section = section->number;
	number->offset = place->offset;
	number->value = tunable_load(number, (const char *)section->data + place->offset);
	return true;
}
