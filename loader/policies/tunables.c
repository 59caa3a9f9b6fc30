// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include <bpf/libbpf.h>

#include "policies/tunable_setting.h"
#include "policies/tunables.h"
#include "policies/type.h"

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

/*
 * A number that is fixed at load and has the name of a callback says whether there is to be
 * one: at 0 it is left out, so that the kernel does not call what would do nothing.
 */
static void leave_out_callbacks(struct policy_object *policy, const struct tunables *tunables)
{
	const struct btf *btf = bpf_object__btf(policy->object);
	const struct btf_type *type = mage_ops_type(policy->object, policy->map);

	for (size_t i = 0; i < tunables->nr; i++) {
		const struct tunable *tunable = &tunables->tunable[i];
		const struct btf_member *member = find_member(btf, type, tunable->name);
		size_t size;
		const char *data;

		if (!tunable->at_load_only || !member ||
		    !btf_is_ptr(btf__type_by_id(btf, member->type)))
			continue;
		data = bpf_map__initial_value(map_of(policy, tunable->section), &size);
		if (!tunable_load(tunable, data + tunable->offset))
			memset(data_member(policy->object, policy->map, tunable->name, &size), 0,
			       sizeof(void *));
	}
}

static void set(const struct policy_object *policy, const struct tunable *tunable, int64_t value)
{
	size_t size;
	char *data = bpf_map__initial_value(map_of(policy, tunable->section), &size);

	tunable_store(tunable, value, data + tunable->offset);
}

enum rc policy_tunables_set(const char *what, struct policy_object *policy,
			    const struct word_list *words, const struct tunables *kept)
{
	struct setting settings[MOST_WORDS];
	struct tunables tunables;
	enum rc rc;

	policy_tunables(policy, &tunables);
	rc = settings_read(what, policy->name, words, false, &tunables, settings);
	for (size_t i = 0; kept && i < kept->nr && !rc; i++)
		set(policy, &kept->tunable[i], kept->tunable[i].value);
	for (int i = 0; i < words->nr && !rc; i++)
		set(policy, settings[i].tunable, settings[i].value);
	if (!rc && policy->object)
		leave_out_callbacks(policy, &tunables);
	return rc;
}
