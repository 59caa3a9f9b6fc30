// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include <bpf/libbpf.h>

#include "policy_tunables.h"
#include "tunable_setting.h"

/* Maps are told apart by their place in the object. */
static struct bpf_map *map_of(const struct policy_object *policy, size_t number)
{
	struct bpf_map *map;

	bpf_object__for_each_map (map, policy->object) {
		if (!number--)
			return map;
	}
	return NULL;
}

void policy_tunables(const struct policy_object *policy, struct tunables *tunables)
{
	struct data_section section = { 0 };
	struct bpf_map *map;

	tunables->nr = 0;
	if (!policy->object)
		return;
	bpf_object__for_each_map (map, policy->object) {
		if (bpf_map__is_internal(map)) {
			section.type = bpf_map__btf_value_type_id(map);
			section.data = bpf_map__initial_value(map, &section.size);
			section.at_load_only = bpf_map__map_flags(map) & BPF_F_RDONLY_PROG;
			if (section.data)
				tunables_of_section(bpf_object__btf(policy->object), &section,
						    tunables);
		}
		section.number++;
	}
}

enum rc policy_tunables_set(const char *what, struct policy_object *policy,
			    const struct word_list *words)
{
	struct setting settings[MOST_WORDS];
	struct tunables tunables;
	enum rc rc;

	policy_tunables(policy, &tunables);
	rc = settings_read(what, policy->name, words, false, &tunables, settings);
	for (int i = 0; i < words->nr && !rc; i++) {
		const struct tunable *tunable = settings[i].tunable;
		size_t size;
		char *data = bpf_map__initial_value(map_of(policy, tunable->section), &size);

		tunable_store(tunable, settings[i].value, data + tunable->offset);
	}
	return rc;
}
