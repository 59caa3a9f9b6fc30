// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/path.h"
#include "domains/limit_notes.h"
#include "kernel/state.h"

/* What is judged: one cgroup of those above and below a domain, or the domain itself. */
struct case_of {
	const struct cgroup_tree *tree;
	size_t at;
	bool below; /* the domain, and not it or above it */
	struct limit_notes *notes;
};

static const struct cgroup_node *node_of(const struct case_of *c)
{
	return &c->tree->node[c->at];
}

static const char *shown(const struct case_of *c)
{
	return cgroup_shown(node_of(c)->path);
}

static double mib(uint64_t bytes)
{
	return (double)bytes / (1 << 20);
}

__attribute__((format(printf, 6, 7))) static void add(const struct case_of *c,
						      enum limit_effect effect, const char *file,
						      uint64_t bytes, const char *todo,
						      const char *format, ...)
{
	struct limit_note *note = &c->notes->note[c->notes->nr];
	va_list args;

	if (c->notes->nr == MOST_LIMIT_NOTES)
		return;
	*note = (struct limit_note){
		.effect = effect,
		.cgroup = strdup(node_of(c)->path),
		.file = file,
		.bytes = bytes,
		.wrong = !c->below && effect == LIMIT_STOPS,
	};
	if (!note->cgroup)
		return;
	c->notes->nr++;
	snprintf(note->todo, sizeof(note->todo), "%s", todo);
	va_start(args, format);
	vsnprintf(note->text, sizeof(note->text), format, args);
	va_end(args);
}

static void judge_swap(const struct case_of *c)
{
	const struct cgroup_limits *limits = &node_of(c)->limits;
	char todo[256];

	if (limits->swap_max == NO_LIMIT)
		return;
	snprintf(todo, sizeof(todo), "raise memory.swap.max of %.200s", node_of(c)->path);
	if (cgroup_swap_is_used_up(limits))
		add(c, LIMIT_STOPS, "memory.swap.max", limits->swap_max, todo,
		    "nothing of %.200s is evicted: of %.1f MiB in its memory.swap.max %.1f are used",
		    shown(c), mib(limits->swap_max), mib(limits->swap_current));
	else
		add(c, LIMIT_KEPT, "memory.swap.max", limits->swap_max, "",
		    "memory.swap.max of %.200s is %.1f MiB, of which %.1f are used", shown(c),
		    mib(limits->swap_max), mib(limits->swap_current));
}

/* What its children may keep, against a limit of their parent's. */
static uint64_t protected_below(const struct case_of *c, bool hard)
{
	uint64_t sum = 0;

	for (size_t i = c->at + 1; i < c->tree->nr; i++) {
		const struct cgroup_limits *limits = &c->tree->node[i].limits;
		uint64_t keeps = hard ? limits->min : limits->low;

		if (c->tree->node[i].parent == c->at)
			sum = keeps < NO_LIMIT - sum ? sum + keeps : NO_LIMIT;
	}
	return sum;
}

static void judge_limit(const struct case_of *c)
{
	const char *file;
	uint64_t limit = cgroup_limit(&node_of(c)->limits, &file), hard, soft;
	char todo[256];

	if (limit == NO_LIMIT)
		return;
	hard = protected_below(c, true);
	soft = protected_below(c, false);
	snprintf(todo, sizeof(todo), "raise %s of %.150s, or lower what is protected below it",
		 file, node_of(c)->path);
	if (hard && hard >= limit)
		add(c, LIMIT_PROTECTS, file, limit, todo,
		    "%s of %.200s is %.1f MiB, and memory.min of those below it protects as much: "
		    "of what they have nothing can be evicted for it",
		    file, shown(c), mib(limit));
	else if (soft && soft >= limit)
		add(c, LIMIT_BREACHED, file, limit, todo,
		    "%s of %.200s is %.1f MiB, and memory.low of those below it protects as much: "
		    "that is evicted all the same",
		    file, shown(c), mib(limit));
	else
		add(c, LIMIT_KEPT, file, limit, "",
		    "%s of %.200s is %.1f MiB, which is kept by evicting its pages", file, shown(c),
		    mib(limit));
}

/* Only the machine's pressure could evict, and may not. */
static void judge_unlimited(const struct case_of *c)
{
	const struct cgroup_limits *limits = &node_of(c)->limits;

	if (limits->min && limits->min >= limits->current)
		add(c, LIMIT_PROTECTS, "memory.min", limits->min,
		    "write the size of its local memory to memory.max",
		    "%.200s has no limit, and its memory.min of %.1f MiB protects all of it: nothing "
		    "of it is evicted",
		    shown(c), mib(limits->min));
}

static bool is_below(const struct cgroup_tree *tree, size_t i, size_t at)
{
	do {
		i = tree->node[i].parent;
	} while (i != NO_PARENT && i != at);
	return i == at;
}

void limit_notes_judge(const struct cgroup_tree *tree, size_t at, struct limit_notes *notes)
{
	struct case_of c = { .tree = tree, .notes = notes };
	bool limited = false;
	const char *file;

	notes->nr = 0;
	for (c.at = at; c.at != NO_PARENT; c.at = tree->node[c.at].parent) {
		limited |= cgroup_limit(&tree->node[c.at].limits, &file) != NO_LIMIT;
		judge_swap(&c);
		judge_limit(&c);
	}
	c.at = at;
	if (!limited)
		judge_unlimited(&c);
	c.below = true;
	for (c.at = at + 1; c.at < tree->nr; c.at++) {
		if (!is_below(tree, c.at, at))
			continue;
		judge_swap(&c);
		judge_limit(&c);
	}
}

void limit_notes_free(struct limit_notes *notes)
{
	if (!notes)
		return;
	while (notes->nr)
		free(notes->note[--notes->nr].cgroup);
	free(notes);
}

const char *limit_effect_name(enum limit_effect effect)
{
	static const char *const names[] = {
		[LIMIT_KEPT] = "kept",
		[LIMIT_STOPS] = "stops",
		[LIMIT_PROTECTS] = "protects",
		[LIMIT_BREACHED] = "breached",
	};

	return names[effect];
}
