// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "devices/leg.h"
#include "devices/render.h"
#include "domains/top_view.h"

struct row {
	const struct sample_domain *entry;
	struct activity activity;
	double p99;
};

enum {
	BY_FAULTS,
	BY_EVICTIONS,
	BY_LOCAL,
	BY_FAR,
	BY_P99,
	BY_WAITS,
	BY_NAME
};

const struct top_key top_keys[] = {
	[BY_FAULTS] = { 'f', "faults" }, [BY_EVICTIONS] = { 'e', "evictions" },
	[BY_LOCAL] = { 'l', "local" },	 [BY_FAR] = { 'm', "far" },
	[BY_P99] = { 'p', "p99" },	 [BY_WAITS] = { 'w', "waits" },
	[BY_NAME] = { 'n', "name" },
};

const size_t nr_top_keys = sizeof(top_keys) / sizeof(top_keys[0]);

static double sort_value(const struct row *row, size_t sort)
{
	switch (sort) {
	case BY_FAULTS:
		return (double)row->activity.faults;
	case BY_EVICTIONS:
		return (double)row->activity.evictions;
	case BY_LOCAL:
		return (double)row->entry->domain.local;
	case BY_FAR:
		return (double)row->entry->domain.far;
	case BY_P99:
		return row->p99;
	case BY_WAITS:
		return (double)row->activity.waits;
	default:
		return 0;
	}
}

/* The largest first; what is equal by name, so that rows do not dance. */
static int compare(const void *a, const void *b, void *sort)
{
	double left = sort_value(a, *(size_t *)sort), right = sort_value(b, *(size_t *)sort);

	if (left != right)
		return left < right ? 1 : -1;
	return strcmp(sample_path(((const struct row *)a)->entry),
		      sample_path(((const struct row *)b)->entry));
}

__attribute__((format(printf, 3, 4))) static void add(struct top_lines *lines, size_t width,
						      const char *format, ...)
{
	char *line = lines->line[lines->nr++];
	va_list args;

	va_start(args, format);
	vsnprintf(line, width < TOP_LINE_LEN ? width + 1 : TOP_LINE_LEN, format, args);
	va_end(args);
}

static double mib(uint64_t bytes)
{
	return (double)bytes / (1 << 20);
}

static void add_summary(const struct sample *now, double seconds, const char *evictors,
			size_t width, struct top_lines *lines)
{
	struct tm broken_down = { 0 };
	char when[16] = "";

	if (localtime_r(&now->when.tv_sec, &broken_down))
		strftime(when, sizeof(when), "%H:%M:%S", &broken_down);
	add(lines, width,
	    "mage top - %s, %.1f s; evictors on CPU %s; domains: %zu, far devices: %zu", when,
	    seconds, evictors, now->nr_domains, now->nr_devices);
}

static const struct device *device_before(const struct sample *before, uint32_t index)
{
	for (size_t i = 0; i < before->nr_devices; i++) {
		if (before->devices[i].index == index)
			return &before->devices[i];
	}
	return NULL;
}

static double rate(uint64_t now, uint64_t before, double seconds)
{
	/* Smaller than before: another device with the same number. */
	return seconds > 0 && now >= before ? (double)(now - before) / seconds : 0;
}

static void add_legs(const struct device *device, const struct device *was, double seconds,
		     size_t width, struct top_lines *lines)
{
	static const struct leg none;

	for (size_t i = 0; i < device->nr_legs; i++) {
		const struct leg *leg = &device->legs[i];
		const struct leg *before = leg_find(was, leg->number);
		char where[STORE_LEN];

		if (!before)
			before = &none;
		store_text(leg->address, leg->port, leg->path, where, sizeof(where));
		add(lines, width, "  leg %-2u %-4s %-9s %5.1f%% %7.0f in/s %7.0f out/s  %s",
		    leg->number, leg->backend, leg->state, leg_percent(leg),
		    rate(leg->reads, before->reads, seconds),
		    rate(leg->writes, before->writes, seconds), where);
	}
}

static void add_devices(const struct sample *now, const struct sample *before, double seconds,
			size_t width, struct top_lines *lines)
{
	static const struct device none;

	for (size_t i = 0; i < now->nr_devices; i++) {
		const struct device *d = &now->devices[i];
		const struct device *was = device_before(before, d->index);

		const char *how = device_degraded(d) ? "degraded" : d->state;
		char state[DEVICE_STATE_LEN];

		if (!was)
			was = &none;
		if (device_state_text(d, state, sizeof(state)))
			add(lines, width, "%s", state);
		else
			add(lines, width,
			    "%-7s %-5s %-9s %8.1f MiB %3.0f%% used %7.0f in/s %7.0f out/s", d->name,
			    d->backend, d->swap ? how : "no swap", mib(d->size),
			    d->slots ? 100.0 * (double)d->slots_used / (double)d->slots : 0,
			    rate(d->reads, was->reads, seconds),
			    rate(d->writes, was->writes, seconds));
		add_legs(d, was, seconds, width, lines);
	}
}

static void add_domains(struct row *rows, size_t nr, double seconds, size_t width,
			struct top_lines *lines)
{
	double per = seconds > 0 ? seconds : 1;

	lines->header = lines->nr;
	add(lines, width, "%-17.17s %-9.9s %8s %8s %7s %7s %6s %6s %4s", "CGROUP", "POLICY",
	    "LOCAL_M", "FAR_M", "FAULT/s", "EVICT/s", "P99_us", "WAIT/s", "RESC");
	for (size_t i = 0; i < nr; i++) {
		const struct domain *d = &rows[i].entry->domain;
		const struct activity *a = &rows[i].activity;

		add(lines, width, "%-17.17s %-9.9s %8.1f %8.1f %7.0f %7.0f %6.0f %6.0f %4.0f",
		    sample_path(rows[i].entry), d->policy, mib(d->local), mib(d->far),
		    (double)a->faults / per, (double)a->evictions / per, rows[i].p99 / 1000,
		    (double)a->waits / per, (double)a->rescues / per);
	}
	if (!nr)
		add(lines, width, "No cgroup is governed; 'mage policy load' makes it so.");
}

/* What the policies do; CPU% is of one CPU, and 0 while the kernel does not measure it. */
static void add_policies(struct row *rows, size_t nr, double seconds, size_t width,
			 struct top_lines *lines)
{
	double per = seconds > 0 ? seconds : 1;

	if (!nr)
		return;
	add(lines, width, "%s", "");
	add(lines, width, "%-17.17s %-9.9s %10s %9s %9s %6s", "CGROUP", "POLICY", "CALL/s",
	    "PICK/s", "REFUSE/s", "CPU%");
	for (size_t i = 0; i < nr; i++) {
		const struct activity *a = &rows[i].activity;

		add(lines, width, "%-17.17s %-9.9s %10.0f %9.0f %9.0f %6.2f",
		    sample_path(rows[i].entry), rows[i].entry->domain.policy,
		    (double)a->calls / per, (double)a->picks / per, (double)a->refused / per,
		    (double)a->call_ns / 1e7 / per);
	}
}

int top_view(const struct sample *now, const struct sample *before, const char *evictors,
	     size_t sort, size_t width, struct top_lines *lines)
{
	double seconds = sample_seconds(now, before);
	size_t nr_legs = 0;
	struct row *rows;

	memset(lines, 0, sizeof(*lines));
	rows = calloc(now->nr_domains + 1, sizeof(*rows));
	/* Beside domains, twice, devices and legs: summary, two headers, empty lines, "no cgroup". */
	for (size_t i = 0; i < now->nr_devices; i++)
		nr_legs += now->devices[i].nr_legs;
	lines->line = calloc(2 * now->nr_domains + now->nr_devices + nr_legs + 6, TOP_LINE_LEN);
	if (!rows || !lines->line) {
		free(rows);
		top_lines_free(lines);
		return -ENOMEM;
	}
	for (size_t i = 0; i < now->nr_domains; i++) {
		rows[i].entry = &now->domains[i];
		rows[i].activity = activity_since(
			rows[i].entry, sample_find(before, now->domains[i].domain.cgroup_id),
			seconds);
		rows[i].p99 = histogram_percentile(&rows[i].activity.latency, 99);
	}
	qsort_r(rows, now->nr_domains, sizeof(*rows), compare, &sort);
	add_summary(now, seconds, evictors, width, lines);
	add_devices(now, before, seconds, width, lines);
	add(lines, width, "%s", "");
	add_domains(rows, now->nr_domains, seconds, width, lines);
	add_policies(rows, now->nr_domains, seconds, width, lines);
	free(rows);
	return 0;
}

void top_lines_free(struct top_lines *lines)
{
	free(lines->line);
	memset(lines, 0, sizeof(*lines));
}
