/* SPDX-License-Identifier: GPL-2.0-only */
/* Global variables of a BPF object, and what its type information says of them. */
#ifndef MAGE_POLICIES_VARIABLE_BTF_H
#define MAGE_POLICIES_VARIABLE_BTF_H

#include <stdio.h>

#include <bpf/btf.h>

#include "policies/tunable.h"

/* A section of data: ".data", ".bss", ".rodata". */
struct data_section {
	size_t number; /* the caller's, for tunable.section */
	uint32_t type; /* the id of its BTF_KIND_DATASEC */
	const void *data;
	size_t size; /* of the data, in bytes */
	bool at_load_only;
};

typedef void variable_fn(const struct btf *btf, const struct data_section *section,
			 const struct btf_var_secinfo *place, const struct btf_type *variable,
			 void *to);

/* Calls @read for each variable of a section. */
void variables_of_section(const struct btf *btf, const struct data_section *section,
			  variable_fn *read, void *to);

/* The text after @tag in a declaration tag of the variable, or NULL. */
const char *variable_tag(const struct btf *btf, uint32_t variable, const char *tag);

/* What kind of number a type is, and its limits; false if it is none of 1 to 8 bytes. */
bool variable_number(const struct btf *btf, uint32_t id, struct tunable *number);

/* Its name, place and value, once the kind is known; false if it lies outside the section. */
bool variable_load(const struct btf *btf, const struct data_section *section,
		   const struct btf_var_secinfo *place, const struct btf_type *variable,
		   struct tunable *number);

#endif
