// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bpf_messages.h"
#include "base/error.h"
#include "base/install.h"
#include "base/verifier_log.h"
#include "tracing/object.h"

static bool find(const char *name, const char *installed, char *path, size_t size)
{
	char built[PATH_MAX];
	const char *const folders[] = { beside_program("../bpf", built) ? built : NULL, installed };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (!folders[i])
			continue;
		snprintf(path, size, "%s/%s.bpf.o", folders[i], name);
		if (!access(path, F_OK))
			return true;
	}
	return false;
}

enum rc trace_object_open(const char *what, const char *name, struct trace_object *trace)
{
	char path[PATH_MAX + 64], installed[PATH_MAX];
	struct span reason;

	memset(trace, 0, sizeof(*trace));
	installed_folder("bpf", installed);
	if (!find(name, installed, path, sizeof(path)))
		return report(RC_NOT_FOUND, what, NULL, "build it with 'make policies'",
			      "no BPF object %s.bpf.o next to this program or in %s", name,
			      installed);
	bpf_messages_start();
	trace->object = bpf_object__open_file(path, NULL);
	if (!trace->object) {
		reason = bpf_reason(errno);
		return report(RC_FAILED, what, path, "build it again with 'make policies'",
			      "is no BPF object that libbpf can read: %.*s", (int)reason.len,
			      reason.text);
	}
	return RC_OK;
}

static enum rc failed(const char *what, const struct trace_object *trace, int err)
{
	struct span reason = verifier_log(bpf_messages());

	if (reason.len)
		reason = verifier_verdict(reason);
	else if (err == EPERM || err == EACCES)
		return report(RC_NOT_PERMITTED, what, NULL, NULL, "loading BPF: %s",
			      strerror(EPERM));
	else
		reason = bpf_reason(err);
	return report(RC_FAILED, what, bpf_object__name(trace->object),
		      "build 'mage' and its BPF objects from the source of this kernel's Mage",
		      "cannot be loaded: %.*s", (int)reason.len, reason.text);
}

enum rc trace_object_load(const char *what, struct trace_object *trace)
{
	int err = bpf_object__load(trace->object);

	return err ? failed(what, trace, -err) : RC_OK;
}

enum rc trace_object_attach(const char *what, struct trace_object *trace)
{
	struct bpf_program *program;

	bpf_object__for_each_program (program, trace->object) {
		struct bpf_link *link = NULL;

		errno = E2BIG;
		if (trace->nr_links < MOST_TRACE_PROGRAMS)
			link = bpf_program__attach(program);
		if (!link)
			return failed(what, trace, errno);
		trace->link[trace->nr_links++] = link;
	}
	return RC_OK;
}

void trace_object_stop(struct trace_object *trace)
{
	while (trace->nr_links)
		bpf_link__destroy(trace->link[--trace->nr_links]);
}

void trace_object_close(struct trace_object *trace)
{
	trace_object_stop(trace);
	bpf_object__close(trace->object);
	trace->object = NULL;
}

struct bpf_map *trace_object_map(const struct trace_object *trace, const char *name)
{
	return bpf_object__find_map_by_name(trace->object, name);
}

int trace_object_lost(const struct trace_object *trace, uint64_t *lost)
{
	struct bpf_map *map = trace_object_map(trace, "lost");
	uint32_t zero = 0;

	if (!map)
		return -ENOENT;
	return bpf_map__lookup_elem(map, &zero, sizeof(zero), lost, sizeof(*lost), 0);
}

static void add(struct trace_counts *sum, const struct trace_counts *counts)
{
	sum->events += counts->events;
	sum->pages += counts->pages;
	sum->ns += counts->ns;
	for (unsigned int b = 0; b < TRACE_BUCKETS; b++)
		sum->bucket[b] += counts->bucket[b];
}

static int add_row(struct trace_rows *rows, const struct trace_key *key,
		   const struct trace_counts *each_cpu, int cpus)
{
	struct trace_row *grown = reallocarray(rows->row, rows->nr + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	rows->row = grown;
	grown += rows->nr++;
	*grown = (struct trace_row){ .key = *key };
	for (int cpu = 0; cpu < cpus; cpu++)
		add(&grown->counts, &each_cpu[cpu]);
	return 0;
}

/* A key is never removed, so none is met twice. */
static int read_rows(struct bpf_map *map, uint64_t cgroup_id, struct trace_counts *each_cpu,
		     int cpus, struct trace_rows *rows)
{
	size_t size = (size_t)cpus * sizeof(*each_cpu);
	struct trace_key key, *last = NULL;
	int err;

	while (!(err = bpf_map__get_next_key(map, last, &key, sizeof(key)))) {
		last = &key;
		if (cgroup_id && key.cgroup_id != cgroup_id)
			continue;
		err = bpf_map__lookup_elem(map, &key, sizeof(key), each_cpu, size, 0);
		if (!err)
			err = add_row(rows, &key, each_cpu, cpus);
		if (err)
			return err;
	}
	return err == -ENOENT ? 0 : err;
}

int trace_object_counts(const struct trace_object *trace, uint64_t cgroup_id,
			struct trace_rows *rows)
{
	struct bpf_map *map = trace_object_map(trace, "counts");
	int cpus = libbpf_num_possible_cpus(), err = 0;
	struct trace_counts *each_cpu;

	memset(rows, 0, sizeof(*rows));
	if (!map || cpus < 0)
		return map ? cpus : -ENOENT;
	each_cpu = calloc((size_t)cpus, sizeof(*each_cpu));
	if (!each_cpu)
		return -ENOMEM;
	err = read_rows(map, cgroup_id, each_cpu, cpus, rows);
	free(each_cpu);
	if (err)
		trace_rows_free(rows);
	else
		trace_rows_sort(rows);
	return err;
}
