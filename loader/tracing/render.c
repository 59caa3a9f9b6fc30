// SPDX-License-Identifier: GPL-2.0-only
/* Histograms and tables of what the trace programs have counted. */
#include <inttypes.h>
#include <string.h>

#include "base/histogram.h"
#include "tracing/render.h"

#define BAR 40
#define SUB_BUCKETS (1U << MAGE_LATENCY_SUB_BITS)
#define OCTAVES (TRACE_BUCKETS / SUB_BUCKETS)

static const double percents[] = { 50, 90, 99, 99.9 };
static const char *const percent_names[] = { "p50_ns", "p90_ns", "p99_ns", "p999_ns" };

static struct histogram histogram_of(const struct trace_counts *counts)
{
	struct histogram histogram;

	memcpy(histogram.bucket, counts->bucket, sizeof(histogram.bucket));
	return histogram;
}

static double percentile_us(const struct trace_counts *counts, double percent)
{
	struct histogram histogram = histogram_of(counts);

	return histogram_percentile(&histogram, percent) / 1000;
}

static const struct trace_row *row_of_class(const struct trace_row *row, size_t nr, uint32_t class)
{
	for (size_t i = 0; i < nr; i++) {
		if (row[i].key.class == class)
			return &row[i];
	}
	return NULL;
}

static uint64_t events_of_class(const struct trace_row *row, size_t nr, uint32_t class)
{
	const struct trace_row *of_class = row_of_class(row, nr, class);

	return of_class ? of_class->counts.events : 0;
}

/* All classes that have times, in one. */
static struct trace_counts add_up(const struct trace_kind *kind, const struct trace_row *row,
				  size_t nr)
{
	struct trace_counts sum = { 0 };

	for (size_t i = 0; i < nr; i++) {
		const struct trace_counts *counts = &row[i].counts;

		if (kind->untimed >> row[i].key.class & 1)
			continue;
		sum.events += counts->events;
		sum.ns += counts->ns;
		for (unsigned int b = 0; b < TRACE_BUCKETS; b++)
			sum.bucket[b] += counts->bucket[b];
	}
	return sum;
}

/* A line for each power of two from the first to the last that counted anything. */
static void put_histogram(FILE *out, const char *times, const struct trace_counts *counts)
{
	uint64_t octave[OCTAVES] = { 0 }, most = 0;
	unsigned int first = OCTAVES, last = 0;
	static const char bar[] = "****************************************";

	for (unsigned int i = 0; i < OCTAVES; i++) {
		for (unsigned int b = 0; b < SUB_BUCKETS; b++)
			octave[i] += counts->bucket[i * SUB_BUCKETS + b];
		if (!octave[i])
			continue;
		if (first == OCTAVES)
			first = i;
		last = i;
		if (octave[i] > most)
			most = octave[i];
	}
	if (!most)
		return;
	fprintf(out, "%25s %10s\n", times, "number");
	for (unsigned int i = first; i <= last; i++) {
		double from = (double)mage_latency_floor(i * SUB_BUCKETS) / 1000;
		double to = (double)mage_latency_floor((i + 1) * SUB_BUCKETS) / 1000;

		/* What is there at all is seen. */
		fprintf(out, "%11.1f - %11.1f %10" PRIu64 " |%-*.*s|\n", from, to, octave[i], BAR,
			(int)((octave[i] * BAR + most - 1) / most), bar);
	}
}

static void render_times(FILE *out, const struct trace_kind *kind, const char *path,
			 const struct trace_row *row, size_t nr, double seconds)
{
	struct trace_counts sum = add_up(kind, row, nr);
	uint64_t events = 0;

	for (size_t i = 0; i < nr; i++)
		events += row[i].counts.events;
	fprintf(out, "%s: %" PRIu64 " %s in %.1f s:", path, events, kind->name, seconds);
	for (const struct trace_class *class = kind->classes; class->name; class ++)
		fprintf(out, "%s %" PRIu64 " %s", class == kind->classes ? "" : ",",
			events_of_class(row, nr, class->class), class->text);
	if (sum.events)
		fprintf(out, "; p50 %.1f us, p99 %.1f us", percentile_us(&sum, 50),
			percentile_us(&sum, 99));
	fputc('\n', out);
	put_histogram(out, kind->times, &sum);
}

static void render_stages(FILE *out, const struct trace_kind *kind, const char *path,
			  const struct trace_row *row, size_t nr, double seconds)
{
	const struct trace_row *freed = row_of_class(row, nr, TRACE_STAGE_FREE);
	struct trace_counts sum = add_up(kind, row, nr);

	fprintf(out, "%s: %llu batches in %.1f s, %llu victims\n", path,
		freed ? freed->counts.events : 0ULL, seconds, freed ? freed->counts.pages : 0ULL);
	fprintf(out, "  %-12s %8s %9s %10s %10s %10s %6s\n", "STAGE", "BATCHES", "VICTIMS",
		"MEAN_us", "P50_us", "P99_us", "TIME");
	for (const struct trace_class *class = kind->classes; class->name; class ++) {
		const struct trace_row *stage = row_of_class(row, nr, class->class);
		const struct trace_counts *counts = stage ? &stage->counts : NULL;

		if (!counts)
			continue;
		fprintf(out, "  %-12s %8llu %9llu %10.1f %10.1f %10.1f %5.1f%%\n", class->text,
			counts->events, counts->pages,
			(double)counts->ns / (double)counts->events / 1000,
			percentile_us(counts, 50), percentile_us(counts, 99),
			sum.ns ? 100 * (double)counts->ns / (double)sum.ns : 0);
	}
}

void trace_render(FILE *out, const struct trace_kind *kind, const char *path,
		  const struct trace_row *row, size_t nr, double seconds)
{
	if (kind->stages)
		render_stages(out, kind, path, row, nr, seconds);
	else
		render_times(out, kind, path, row, nr, seconds);
}

static void times_json(struct json *json, const struct trace_counts *counts)
{
	struct histogram histogram = histogram_of(counts);

	json_u64(json, "total_ns", counts->ns);
	for (size_t i = 0; i < sizeof(percents) / sizeof(percents[0]); i++)
		json_double(json, percent_names[i], histogram_percentile(&histogram, percents[i]));
	json_open_array(json, "histogram");
	for (unsigned int b = 0; b < TRACE_BUCKETS; b++) {
		if (!counts->bucket[b])
			continue;
		json_open_object(json, NULL);
		json_u64(json, "from_ns", mage_latency_floor(b));
		json_u64(json, "to_ns", mage_latency_floor(b + 1));
		json_u64(json, "number", counts->bucket[b]);
		json_close_object(json);
	}
	json_close_array(json);
}

void trace_render_json(struct json *json, const struct trace_kind *kind,
		       const struct trace_row *row, size_t nr)
{
	json_open_object(json, kind->name);
	for (const struct trace_class *class = kind->classes; class->name; class ++) {
		static const struct trace_counts none;
		const struct trace_row *of_class = row_of_class(row, nr, class->class);
		const struct trace_counts *counts = of_class ? &of_class->counts : &none;

		json_open_object(json, class->name);
		json_u64(json, "events", counts->events);
		if (kind->stages)
			json_u64(json, "victims", counts->pages);
		if (!(kind->untimed >> class->class & 1))
			times_json(json, counts);
		json_close_object(json);
	}
	json_close_object(json);
}
