// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/path.h"
#include "devices/fit.h"
#include "devices/fit_scene.h"

static uint64_t beyond(uint64_t amount, uint64_t limit)
{
	return amount > limit ? amount - limit : 0;
}

/* -- Swap */

/* The far device behind a swap area, or NULL. */
static const struct device *device_of(const struct fit_scene *scene, const struct swap_area *area)
{
	static const char folder[] = "/dev/";

	if (strncmp(area->path, folder, strlen(folder)))
		return NULL;
	for (size_t i = 0; i < scene->nr_devices; i++) {
		if (!strcmp(scene->devices[i].name, area->path + strlen(folder)))
			return &scene->devices[i];
	}
	return NULL;
}

static bool is_to_go(const struct device *device, const uint32_t *indexes, size_t nr)
{
	for (size_t i = 0; i < nr && device; i++) {
		if (indexes[i] == device->index)
			return true;
	}
	return false;
}

/* What is in the swap that is to go only, and what is free in the rest. */
static void look_at_swap(const struct fit_scene *scene, const uint32_t *indexes, size_t nr,
			 struct fit_question *question)
{
	uint64_t twice = scene->memory.swap_cached, used_elsewhere = 0;

	for (size_t i = 0; i < scene->nr_domains; i++)
		twice += scene->domains[i].clean_copies;
	for (size_t i = 0; i < scene->areas.nr; i++) {
		const struct swap_area *area = &scene->areas.area[i];
		const struct device *device = device_of(scene, area);

		bool failed = device && !strcmp(device->state, "failed");

		/* Nothing comes from one that has failed, and nothing goes there. */
		if (!is_to_go(device, indexes, nr)) {
			used_elsewhere += area->used;
			question->elsewhere += failed ? 0 : beyond(area->size, area->used);
		} else if (!failed) {
			question->coming += area->used;
		}
	}
	/* What is in memory as well may be in any swap; as much of it as has no room there is here.
	 */
	question->coming = beyond(question->coming, beyond(twice, used_elsewhere));
}

/* -- Cgroups */

static const struct domain *domain_of(const struct fit_scene *scene, const struct cgroup_node *node)
{
	for (size_t i = 0; i < scene->nr_domains; i++) {
		if (scene->domains[i].cgroup_id == node->id)
			return &scene->domains[i];
	}
	return NULL;
}

/*
 * The clean far copies of each cgroup's pages.  Domains tell theirs.  Of those below one it is
 * known that what has no room in the swap of the rest is theirs.
 */
static void count_copies(const struct fit_scene *scene, uint64_t *copies)
{
	const struct cgroup_tree *tree = &scene->tree;

	for (size_t i = tree->nr; i--;) {
		const struct domain *domain = domain_of(scene, &tree->node[i]);

		if (domain && copies[i] < domain->clean_copies)
			copies[i] = domain->clean_copies;
		if (tree->node[i].parent != NO_PARENT)
			copies[tree->node[i].parent] += copies[i];
	}
	for (size_t i = 0; i < tree->nr; i++) {
		const struct cgroup_node *node = &tree->node[i];
		uint64_t swapped = node->limits.swap_current, above, least;

		if (node->parent == NO_PARENT)
			continue;
		/* The root does not count. */
		above = tree->node[node->parent].limits.swap_current;
		least = above ? beyond(copies[node->parent], beyond(above, swapped)) : 0;
		if (copies[i] < least)
			copies[i] = least;
	}
}

static int look_at_groups(const struct fit_scene *scene, struct fit_question *question)
{
	const struct cgroup_tree *tree = &scene->tree;
	struct fit_group *groups = calloc(tree->nr + 1, sizeof(*groups));
	uint64_t *copies = calloc(tree->nr + 1, sizeof(*copies));
	const char *file;

	if (!groups || !copies) {
		free(groups);
		free(copies);
		return -ENOMEM;
	}
	count_copies(scene, copies);
	for (size_t i = 0; i < tree->nr; i++) {
		const struct cgroup_node *node = &tree->node[i];

		groups[i].parent = node->parent;
		groups[i].limit = cgroup_limit(&node->limits, &file);
		groups[i].held = beyond(node->limits.current, node->droppable);
		groups[i].swap_current = node->limits.swap_current;
		groups[i].swap_max = node->limits.swap_max;
		groups[i].swapped =
			beyond(node->limits.swap_current, copies[i] + node->swap_cached);
	}
	free(copies);
	question->group = groups;
	question->nr = tree->nr;
	return 0;
}

/* -- What is said */

static uint64_t mib(uint64_t bytes)
{
	return (bytes + (1 << 20) - 1) >> 20;
}

static void say_group(const struct fit_scene *scene, const struct fit_question *question,
		      const struct fit_answer *answer, struct fit_report *report)
{
	const struct fit_group *group = &question->group[answer->group];
	const struct cgroup_node *node = &scene->tree.node[answer->group];
	const char *file;
	uint64_t limit = cgroup_limit(&node->limits, &file);

	snprintf(report->why, sizeof(report->why),
		 "pages do not fit into local memory, by %" PRIu64 " MiB: %.150s has %" PRIu64
		 " MiB in memory and in swap, its %s is %" PRIu64
		 " MiB, and other swap has room for %" PRIu64 " MiB",
		 mib(answer->lacks), cgroup_shown(node->path), mib(group->held + group->swapped),
		 file, limit >> 20, question->elsewhere >> 20);
	if (group->swap_current > group->swap_max)
		file = "memory.max, or memory.swap.max,";
	snprintf(report->todo, sizeof(report->todo),
		 "raise %s of %.300s, end what runs in it, or add other swap", file, node->path);
}

static void say_memory(const struct fit_question *question, const struct fit_answer *answer,
		       struct fit_report *report)
{
	snprintf(report->why, sizeof(report->why),
		 "pages do not fit into local memory, by %" PRIu64 " MiB: %" PRIu64
		 " MiB would come back, %" PRIu64
		 " MiB of memory are available, and other swap has room for %" PRIu64 " MiB",
		 mib(answer->lacks), mib(question->coming), question->available >> 20,
		 question->elsewhere >> 20);
	snprintf(report->todo, sizeof(report->todo), "end what uses memory, or add other swap");
}

int fit_scene_judge(const struct fit_scene *scene, const uint32_t *indexes, size_t nr,
		    struct fit_report *report)
{
	struct fit_question question = {
		.available = scene->memory.available,
		.total = scene->memory.total,
	};
	struct fit_answer answer;
	int err;

	memset(report, 0, sizeof(*report));
	look_at_swap(scene, indexes, nr, &question);
	err = look_at_groups(scene, &question);
	if (!err)
		err = fit_judge(&question, &answer);
	if (!err) {
		report->fits = answer.verdict == FIT_YES;
		if (answer.verdict == FIT_NOT_IN_GROUP)
			say_group(scene, &question, &answer, report);
		if (answer.verdict == FIT_NOT_IN_MEMORY)
			say_memory(&question, &answer, report);
	}
	free((void *)question.group);
	return err;
}
