// SPDX-License-Identifier: GPL-2.0-only
/*
 * https://prometheus.io/docs/instrumenting/exposition_formats/ and .../practices/naming/: all lines
 * of a metric are together, after its HELP and TYPE.
 */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "devices/leg.h"
#include "domains/metrics.h"

/* The histogram is shown by powers of two, from about 1 us to 17 s. */
#define FIRST_OCTAVE 10
#define LAST_OCTAVE 34

struct metric {
	const char *name;
	const char *type; /* "counter" or "gauge" */
	const char *help;
	size_t offset; /* of a uint64_t, in the domain or device */
	double scale; /* to the unit; 0 for 1 */
};

#define DOMAIN(member) offsetof(struct domain, member)

static const struct metric domain_metrics[] = {
	{ "local_bytes", "gauge", "Memory charged to the cgroup.", DOMAIN(local), 0 },
	{ "far_bytes", "gauge", "Memory of the cgroup that is in far memory only.", DOMAIN(far),
	  0 },
	{ "clean_copies_bytes", "gauge", "Far copies of local pages that are still valid.",
	  DOMAIN(clean_copies), 0 },
	{ "frames", "gauge", "Local pages under the policy.", DOMAIN(frames), 0 },
	{ "faults_total", "counter", "Pages faulted in from far memory.", DOMAIN(faults), 0 },
	{ "first_touches_total", "counter", "Pages that arrived new.", DOMAIN(first_touches), 0 },
	{ "evictions_total", "counter", "Pages evicted, those without a write included.",
	  DOMAIN(evictions), 0 },
	{ "clean_drops_total", "counter", "Pages evicted without a write.", DOMAIN(clean_drops),
	  0 },
	{ "rescues_total", "counter", "Victims touched in flight, which stayed.", DOMAIN(rescues),
	  0 },
	{ "excluded_total", "counter", "Victims handed to the kernel's own reclaim.",
	  DOMAIN(excluded), 0 },
	{ "stock_reclaimed_total", "counter", "Pages freed by the kernel's own reclaim.",
	  DOMAIN(stock_reclaimed), 0 },
	{ "write_errors_total", "counter", "Victims that could not be written.",
	  DOMAIN(write_errors), 0 },
	{ "read_errors_total", "counter", "Pages that could not be read.", DOMAIN(read_errors), 0 },
	{ "waits_total", "counter", "Times that a thread waited for room.", DOMAIN(waits), 0 },
	{ "wait_seconds_total", "counter", "Time that threads waited for room, added up.",
	  DOMAIN(wait_ns), 1e-9 },
	{ "fallbacks_total", "counter", "Times that the evictors were given up for stock reclaim.",
	  DOMAIN(fallbacks), 0 },
	{ "batches_total", "counter", "Batches that left the pipeline.", DOMAIN(batches), 0 },
	{ "policy_swaps_total", "counter", "Policies replaced.", DOMAIN(swaps), 0 },
	{ "policy_ejections_total", "counter", "Policies ejected.", DOMAIN(ejections), 0 },
	{ "prefetched_total", "counter", "Pages prefetched.", DOMAIN(prefetched), 0 },
	{ "prefetch_hits_total", "counter", "Prefetched pages that were used.",
	  DOMAIN(prefetch_hits), 0 },
	{ "prefetch_waste_total", "counter", "Prefetched pages that were evicted unused.",
	  DOMAIN(prefetch_waste), 0 },
	{ "refaults_total", "counter", "Pages that came back and were remembered.",
	  DOMAIN(refaults), 0 },
	{ "self_evictions_total", "counter", "Pages evicted by threads that needed room.",
	  DOMAIN(self_evictions), 0 },
	{ "pool_given_total", "counter", "Pages that evictors have left to faults, charged.",
	  DOMAIN(pool_given), 0 },
	{ "pool_hits_total", "counter", "Of these, pages that faults have taken.",
	  DOMAIN(pool_hits), 0 },
	{ "pool_drained_total", "counter", "Of these, pages that were freed.", DOMAIN(pool_drained),
	  0 },
};

#define DEVICE(member) offsetof(struct device, member)

static const struct metric device_metrics[] = {
	{ "size_bytes", "gauge", "Size of the far device.", DEVICE(size), 0 },
	{ "slots", "gauge", "Pages that swap may use.", DEVICE(slots), 0 },
	{ "slots_used", "gauge", "Pages that swap uses.", DEVICE(slots_used), 0 },
	{ "pages_read_total", "counter", "Pages read.", DEVICE(reads), 0 },
	{ "pages_written_total", "counter", "Pages written.", DEVICE(writes), 0 },
	{ "read_errors_total", "counter", "Pages that could not be read.", DEVICE(read_errors), 0 },
	{ "write_errors_total", "counter", "Pages that could not be written.", DEVICE(write_errors),
	  0 },
	{ "mismatches_total", "counter", "Reads of pages that did not fit their checksum.",
	  DEVICE(mismatches), 0 },
};

#define LEG(member) offsetof(struct leg, member)

static const struct metric leg_metrics[] = {
	{ "stale_pages", "gauge", "Pages that the leg has not, or has an old copy of.", LEG(stale),
	  0 },
	{ "pages", "gauge", "Pages that were ever written to the column of the leg.", LEG(pages),
	  0 },
	{ "pages_copied_total", "counter", "Pages copied to the leg from others.", LEG(copied), 0 },
	{ "pages_read_total", "counter", "Pages read from the leg.", LEG(reads), 0 },
	{ "pages_written_total", "counter", "Pages written to the leg.", LEG(writes), 0 },
	{ "read_errors_total", "counter", "Pages that could not be read from the leg.",
	  LEG(read_errors), 0 },
	{ "write_errors_total", "counter", "Pages that could not be written to the leg.",
	  LEG(write_errors), 0 },
	{ "mismatches_total", "counter", "Reads from the leg that did not fit their checksum.",
	  LEG(mismatches), 0 },
	{ "suspensions_total", "counter", "Times that the leg did not answer.", LEG(suspensions),
	  0 },
};

static void begin(FILE *out, const char *prefix, const char *name, const char *type,
		  const char *help)
{
	fprintf(out, "# HELP mage_%s%s %s\n# TYPE mage_%s%s %s\n", prefix, name, help, prefix, name,
		type);
}

/* A label's value may be any UTF-8, but paths are bytes: what is not plain ASCII becomes '?'. */
static void put_value(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else
			fputc(c < 0x20 || c >= 0x7f ? '?' : c, out);
	}
	fputc('"', out);
}

static void put_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, ",%s=", name);
	put_value(out, value);
}

/* The id, as paths of cgroups that are gone are all alike. */
static void domain_line(FILE *out, const char *name, const struct sample_domain *entry)
{
	fprintf(out, "mage_domain_%s{cgroup_id=\"%" PRIu64 "\"", name, entry->domain.cgroup_id);
	put_label(out, "cgroup", sample_path(entry));
}

static void device_line(FILE *out, const char *name, const struct device *device)
{
	fprintf(out, "mage_device_%s{device=", name);
	put_value(out, device->name);
}

static void leg_line(FILE *out, const char *name, const struct device *device,
		     const struct leg *leg)
{
	fprintf(out, "mage_leg_%s{device=", name);
	put_value(out, device->name);
	fprintf(out, ",leg=\"%" PRIu32 "\"", leg->number);
}

static void end_u64(FILE *out, uint64_t value)
{
	fprintf(out, "} %" PRIu64 "\n", value);
}

static void end_metric(FILE *out, const struct metric *metric, const void *base)
{
	uint64_t value;

	memcpy(&value, (const char *)base + metric->offset, sizeof(value));
	if (metric->scale != 0)
		fprintf(out, "} %.9g\n", (double)value * metric->scale);
	else
		end_u64(out, value);
}

/*
 * The kernel keeps no sum: each latency counts as the middle of its bucket, so it is right to an
 * eighth.
 */
static double latency_sum(const struct histogram *latency)
{
	double sum = 0;

	for (unsigned int i = 0; i < MAGE_LATENCY_BUCKETS; i++)
		sum += (double)latency->bucket[i] *
		       (double)(mage_latency_floor(i) + mage_latency_floor(i + 1)) / 2;
	return sum / 1e9;
}

static void put_latency(FILE *out, const struct sample_domain *entry)
{
	const struct histogram *latency = &entry->domain.latency;
	uint64_t below = 0;
	unsigned int i = 0;

	for (unsigned int octave = FIRST_OCTAVE; octave <= LAST_OCTAVE; octave++) {
		/* "le" includes its bound and a bucket does not: one nanosecond is left to the
		 * next. */
		while (i < MAGE_LATENCY_BUCKETS && mage_latency_floor(i + 1) <= 1ULL << octave)
			below += latency->bucket[i++];
		domain_line(out, "fault_latency_seconds_bucket", entry);
		fprintf(out, ",le=\"%.9g\"", ldexp(1e-9, (int)octave));
		end_u64(out, below);
	}
	domain_line(out, "fault_latency_seconds_bucket", entry);
	fputs(",le=\"+Inf\"", out);
	end_u64(out, histogram_count(latency));
	domain_line(out, "fault_latency_seconds_sum", entry);
	fprintf(out, "} %.9g\n", latency_sum(latency));
	domain_line(out, "fault_latency_seconds_count", entry);
	end_u64(out, histogram_count(latency));
}

static void put_domains(FILE *out, const struct sample *sample)
{
	static const char prefix[] = "domain_";

	begin(out, prefix, "info", "gauge", "1, with the policy that governs.");
	for (size_t k = 0; k < sample->nr_domains; k++) {
		const struct domain *domain = &sample->domains[k].domain;

		domain_line(out, "info", &sample->domains[k]);
		put_label(out, "policy", domain->policy);
		put_label(out, "builtin", domain->builtin ? "true" : "false");
		end_u64(out, 1);
	}
	begin(out, prefix, "limit_bytes", "gauge", "Memory that may be charged to the cgroup.");
	for (size_t k = 0; k < sample->nr_domains; k++) {
		if (sample->domains[k].domain.limit == NO_LIMIT)
			continue;
		domain_line(out, "limit_bytes", &sample->domains[k]);
		end_u64(out, sample->domains[k].domain.limit);
	}
	for (size_t i = 0; i < sizeof(domain_metrics) / sizeof(domain_metrics[0]); i++) {
		const struct metric *metric = &domain_metrics[i];

		begin(out, prefix, metric->name, metric->type, metric->help);
		for (size_t k = 0; k < sample->nr_domains; k++) {
			domain_line(out, metric->name, &sample->domains[k]);
			end_metric(out, metric, &sample->domains[k].domain);
		}
	}
	begin(out, prefix, "direct_reclaim_pages_total", "counter",
	      "Pages that the cgroup's threads scanned themselves.");
	for (size_t k = 0; k < sample->nr_domains; k++) {
		if (sample->domains[k].direct_reclaim < 0)
			continue;
		domain_line(out, "direct_reclaim_pages_total", &sample->domains[k]);
		end_u64(out, (uint64_t)sample->domains[k].direct_reclaim);
	}
	begin(out, prefix, "fault_latency_seconds", "histogram",
	      "Latency of faults that read from far memory; the sum is an estimate.");
	for (size_t k = 0; k < sample->nr_domains; k++)
		put_latency(out, &sample->domains[k]);
}

static void put_devices(FILE *out, const struct sample *sample)
{
	static const char prefix[] = "device_";

	begin(out, prefix, "info", "gauge", "1, with what the far device stands on.");
	for (size_t k = 0; k < sample->nr_devices; k++) {
		device_line(out, "info", &sample->devices[k]);
		put_label(out, "backend", sample->devices[k].backend);
		put_label(out, "address", sample->devices[k].address);
		end_u64(out, 1);
	}
	begin(out, prefix, "up", "gauge", "1 if it works, 0 if it has failed.");
	for (size_t k = 0; k < sample->nr_devices; k++) {
		device_line(out, "up", &sample->devices[k]);
		end_u64(out, strcmp(sample->devices[k].state, "failed") != 0);
	}
	begin(out, prefix, "swap_active", "gauge", "1 if it is active as swap.");
	for (size_t k = 0; k < sample->nr_devices; k++) {
		device_line(out, "swap_active", &sample->devices[k]);
		end_u64(out, sample->devices[k].swap);
	}
	begin(out, prefix, "degraded", "gauge", "1 if a leg is missing, or has stale pages.");
	for (size_t k = 0; k < sample->nr_devices; k++) {
		device_line(out, "degraded", &sample->devices[k]);
		end_u64(out, device_degraded(&sample->devices[k]));
	}
	for (size_t i = 0; i < sizeof(device_metrics) / sizeof(device_metrics[0]); i++) {
		const struct metric *metric = &device_metrics[i];

		begin(out, prefix, metric->name, metric->type, metric->help);
		for (size_t k = 0; k < sample->nr_devices; k++) {
			device_line(out, metric->name, &sample->devices[k]);
			end_metric(out, metric, &sample->devices[k]);
		}
	}
}

static void put_leg_info(FILE *out, const struct device *device, const struct leg *leg)
{
	char where[STORE_LEN], column[16];

	store_text(leg->address, leg->port, leg->path, where, sizeof(where));
	snprintf(column, sizeof(column), "%" PRIu32, leg->column);
	leg_line(out, "info", device, leg);
	put_label(out, "column", column);
	put_label(out, "backend", leg->backend);
	put_label(out, "address", where);
	end_u64(out, 1);
}

static void put_leg_states(FILE *out, const struct device *device, const struct leg *leg)
{
	static const char *const states[] = { "in-sync", "resync", "suspended", "failed" };

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		leg_line(out, "state", device, leg);
		put_label(out, "state", states[i]);
		end_u64(out, !strcmp(leg->state, states[i]));
	}
}

static void each_leg(FILE *out, const struct sample *sample,
		     void (*put)(FILE *out, const struct device *device, const struct leg *leg))
{
	for (size_t k = 0; k < sample->nr_devices; k++) {
		const struct device *device = &sample->devices[k];

		for (size_t i = 0; i < device->nr_legs; i++)
			put(out, device, &device->legs[i]);
	}
}

static void put_legs(FILE *out, const struct sample *sample)
{
	static const char prefix[] = "leg_";

	begin(out, prefix, "info", "gauge", "1, with what the leg stands on.");
	each_leg(out, sample, put_leg_info);
	begin(out, prefix, "state", "gauge", "1 for the state that the leg is in.");
	each_leg(out, sample, put_leg_states);
	for (size_t i = 0; i < sizeof(leg_metrics) / sizeof(leg_metrics[0]); i++) {
		const struct metric *metric = &leg_metrics[i];

		begin(out, prefix, metric->name, metric->type, metric->help);
		for (size_t k = 0; k < sample->nr_devices; k++) {
			const struct device *device = &sample->devices[k];

			for (size_t n = 0; n < device->nr_legs; n++) {
				leg_line(out, metric->name, device, &device->legs[n]);
				end_metric(out, metric, &device->legs[n]);
			}
		}
	}
}

void metrics_write(FILE *out, const struct sample *sample, const char *version)
{
	begin(out, "", "build_info", "gauge", "1, with the version of the program.");
	fputs("mage_build_info{version=", out);
	put_value(out, version);
	end_u64(out, 1);
	put_domains(out, sample);
	put_devices(out, sample);
	put_legs(out, sample);
}
