// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "domains/status_table.h"

#define HEADER_EVERY 20

void status_table_start(struct status_table *table, FILE *out, bool rates)
{
	memset(table, 0, sizeof(*table));
	table->out = out;
	table->rates = rates;
	table->lines = HEADER_EVERY;
	table->path_width = 12;
	table->policy_width = 8;
}

static void widen(struct status_table *table, const struct sample *sample)
{
	for (size_t i = 0; i < sample->nr_domains; i++) {
		int path = (int)strlen(sample_path(&sample->domains[i]));
		int policy = (int)strlen(sample->domains[i].domain.policy);

		if (path > table->path_width)
			table->path_width = path;
		if (policy > table->policy_width)
			table->policy_width = policy;
	}
}

static void put_header(struct status_table *table)
{
	bool rates = table->rates;

	fprintf(table->out, "%-*s %-*s %9s %9s %9s %9s %9s %9s %8s %8s %8s %6s %6s\n",
		table->path_width, "CGROUP", table->policy_width, "POLICY", "LOCAL_MiB",
		"LIMIT_MiB", "FAR_MiB", rates ? "FAULT/s" : "FAULTS", rates ? "EVICT/s" : "EVICTED",
		rates ? "RESCUE/s" : "RESCUED", "P50_us", "P99_us", rates ? "WAIT/s" : "WAITS",
		"FALLBK", "DIRECT");
	table->lines = 0;
}

static void number_or_dash(char *text, size_t size, bool known, double number, int decimals)
{
	if (known)
		snprintf(text, size, "%.*f", decimals, number);
	else
		snprintf(text, size, "-");
}

static void put_row(struct status_table *table, const struct sample_domain *entry,
		    const struct activity *a)
{
	const struct domain *d = &entry->domain;
	double per = a->seconds > 0 ? a->seconds : 1;
	bool any = histogram_count(&a->latency);
	char limit[32], p50[32], p99[32], direct[32];

	number_or_dash(limit, sizeof(limit), d->limit != NO_LIMIT, (double)d->limit / (1 << 20), 1);
	number_or_dash(p50, sizeof(p50), any, histogram_percentile(&a->latency, 50) / 1000, 1);
	number_or_dash(p99, sizeof(p99), any, histogram_percentile(&a->latency, 99) / 1000, 1);
	number_or_dash(direct, sizeof(direct), a->direct_reclaim >= 0, (double)a->direct_reclaim,
		       0);
	fprintf(table->out,
		"%-*s %-*s %9.1f %9s %9.1f %9.0f %9.0f %9.0f %8s %8s %8.0f %6" PRIu64 " %6s\n",
		table->path_width, sample_path(entry), table->policy_width, d->policy,
		(double)d->local / (1 << 20), limit, (double)d->far / (1 << 20),
		(double)a->faults / per, (double)a->evictions / per, (double)a->rescues / per, p50,
		p99, (double)a->waits / per, a->fallbacks, direct);
	table->lines++;
}

void status_table_rows(struct status_table *table, const struct sample *now,
		       const struct sample *before)
{
	double seconds = sample_seconds(now, before);

	if (table->lines >= HEADER_EVERY && now->nr_domains) {
		widen(table, now);
		put_header(table);
	}
	for (size_t i = 0; i < now->nr_domains; i++) {
		const struct sample_domain *entry = &now->domains[i];
		struct activity activity = activity_since(
			entry, sample_find(before, entry->domain.cgroup_id), seconds);

		put_row(table, entry, &activity);
	}
	fflush(table->out);
}

void exit_text(const struct domain *domain, char *text, size_t size)
{
	if (domain->exit_kind == MAGE_EXIT_NONE)
		snprintf(text, size, "-");
	else
		snprintf(text, size, "'%s' %s%s%s", domain->exit_policy,
			 exit_kind_text(domain->exit_kind), domain->exit_message[0] ? ": " : "",
			 domain->exit_message);
}

void status_exits(FILE *out, const struct sample *sample)
{
	for (size_t i = 0; i < sample->nr_domains; i++) {
		const struct domain *domain = &sample->domains[i].domain;
		char text[512];

		/* That a policy was replaced or unloaded is what somebody wanted. */
		if (domain->exit_kind < MAGE_EXIT_INIT)
			continue;
		exit_text(domain, text, sizeof(text));
		fprintf(out, "%s: %s\n", sample_path(&sample->domains[i]), text);
	}
}

void status_limits(FILE *out, const struct sample *sample)
{
	for (size_t i = 0; i < sample->nr_domains; i++) {
		const struct limit_notes *notes = sample->domains[i].limits;

		for (size_t k = 0; notes && k < notes->nr; k++) {
			const struct limit_note *note = &notes->note[k];

			if (note->effect != LIMIT_KEPT)
				fprintf(out, "%s: %s; %s\n", sample_path(&sample->domains[i]),
					note->text, note->todo);
		}
	}
}

static void governed_table(FILE *out, const struct sample *sample)
{
	static const char *const pins[] = {
		[PIN_NONE] = "no",
		[PIN_STALE] = "stale",
		[PIN_LIVE] = "yes",
		[PIN_UNKNOWN] = "?",
	};
	struct status_table table;

	if (!sample->nr_domains) {
		fputs("No cgroup is governed; 'mage policy load' makes it so.\n", out);
		return;
	}
	status_table_start(&table, out, false);
	widen(&table, sample);
	fprintf(out, "%-*s %-*s %-8s %6s %-6s %s\n", table.path_width, "CGROUP", table.policy_width,
		"POLICY", "KIND", "LINK", "PINNED", "LAST EXIT");
	for (size_t i = 0; i < sample->nr_domains; i++) {
		const struct sample_domain *entry = &sample->domains[i];
		char link[16] = "-", text[512];

		if (entry->domain.link_id)
			snprintf(link, sizeof(link), "%u", entry->domain.link_id);
		exit_text(&entry->domain, text, sizeof(text));
		fprintf(out, "%-*s %-*s %-8s %6s %-6s %s\n", table.path_width, sample_path(entry),
			table.policy_width, entry->domain.policy,
			entry->domain.builtin ? "built-in" : "bpf", link, pins[entry->pin], text);
	}
}

void policies_table(FILE *out, const struct sample *sample, const char *const *names, size_t nr)
{
	governed_table(out, sample);
	fputs("\nAvailable:", out);
	for (size_t i = 0; i < nr; i++)
		fprintf(out, "%s %s", i ? "," : "", names[i]);
	fputc('\n', out);
}
