// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "tracing/counts.h"

const struct trace_kind trace_faults = {
	.name = "faults",
	.times = "us to come in",
	.classes = {
		{ TRACE_FAULT_READ, "read", "to read" },
		{ TRACE_FAULT_WRITE, "write", "to write" },
	},
};

const struct trace_kind trace_batches = {
	.name = "batches",
	.classes = {
		{ TRACE_STAGE_ARM, "arm", "arm" },
		{ TRACE_STAGE_SHOOT, "shoot", "shoot" },
		{ TRACE_STAGE_WRITE, "write", "write" },
		{ TRACE_STAGE_WRITING, "writing", "writing" },
		{ TRACE_STAGE_COMMIT, "commit", "commit" },
		{ TRACE_STAGE_SHOOT_AGAIN, "shoot-again", "shoot again" },
		{ TRACE_STAGE_FREE, "free", "free" },
	},
	.stages = true,
};

const struct trace_kind trace_rescues = {
	.name = "rescues",
	.times = "us since its last",
	.classes = {
		{ TRACE_RESCUE_FIRST, "first", "of a page for the first time" },
		{ TRACE_RESCUE_AGAIN, "again", "of one that was rescued before" },
	},
	.untimed = 1 << TRACE_RESCUE_FIRST,
};

const struct trace_kind trace_waits = {
	.name = "waits",
	.times = "us of waiting",
	.classes = {
		{ TRACE_WAIT_ROOM, "room", "ended with room" },
		{ TRACE_WAIT_GIVEN_UP, "given-up", "given up" },
	},
};

static int compare_rows(const void *a, const void *b)
{
	const struct trace_key *x = &((const struct trace_row *)a)->key;
	const struct trace_key *y = &((const struct trace_row *)b)->key;

	if (x->cgroup_id != y->cgroup_id)
		return x->cgroup_id < y->cgroup_id ? -1 : 1;
	return (x->class > y->class) - (x->class < y->class);
}

void trace_rows_sort(struct trace_rows *rows)
{
	if (rows->nr)
		qsort(rows->row, rows->nr, sizeof(*rows->row), compare_rows);
}

void trace_rows_free(struct trace_rows *rows)
{
	free(rows->row);
	memset(rows, 0, sizeof(*rows));
}

static void take_away(struct trace_counts *now, const struct trace_counts *before)
{
	now->events -= before->events;
	now->pages -= before->pages;
	now->ns -= before->ns;
	for (unsigned int b = 0; b < TRACE_BUCKETS; b++)
		now->bucket[b] -= before->bucket[b];
}

void trace_rows_since(struct trace_rows *now, const struct trace_rows *before)
{
	size_t kept = 0, b = 0;

	for (size_t i = 0; i < now->nr; i++) {
		struct trace_row *row = &now->row[i];

		while (b < before->nr && compare_rows(&before->row[b], row) < 0)
			b++;
		if (b < before->nr && !compare_rows(&before->row[b], row))
			take_away(&row->counts, &before->row[b].counts);
		if (row->counts.events)
			now->row[kept++] = *row;
	}
	now->nr = kept;
}

size_t trace_rows_of_domain(const struct trace_row *row, size_t nr)
{
	size_t same = 0;

	while (same < nr && row[same].key.cgroup_id == row->key.cgroup_id)
		same++;
	return same;
}
