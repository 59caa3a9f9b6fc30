// SPDX-License-Identifier: GPL-2.0-only
/* The names below are an interface: mage(8) documents them. */
#include "common/json.h"
#include "devices/render.h"
#include "domains/status_json.h"

static void exit_json(struct json *json, const struct domain *domain)
{
	if (domain->exit_kind == MAGE_EXIT_NONE) {
		json_null(json, "last_exit");
		return;
	}
	json_open_object(json, "last_exit");
	json_string(json, "kind", exit_kind_name(domain->exit_kind));
	json_u64(json, "kind_number", domain->exit_kind);
	json_string(json, "text", exit_kind_text(domain->exit_kind));
	json_string(json, "policy", domain->exit_policy);
	json_string(json, "message", domain->exit_message);
	json_close_object(json);
}

static void domain_identity_json(struct json *json, const struct sample_domain *entry)
{
	const struct domain *domain = &entry->domain;

	json_string(json, "cgroup", entry->path);
	json_u64(json, "cgroup_id", domain->cgroup_id);
	json_string(json, "policy", domain->policy);
	json_bool(json, "builtin", domain->builtin);
	if (domain->link_id)
		json_u64(json, "link_id", domain->link_id);
	else
		json_null(json, "link_id");
	if (entry->pin == PIN_UNKNOWN)
		json_null(json, "pinned");
	else
		json_bool(json, "pinned", entry->pin == PIN_LIVE);
	exit_json(json, domain);
}

static void rate_json(struct json *json, const char *name, uint64_t count, double seconds)
{
	if (seconds > 0)
		json_double(json, name, (double)count / seconds);
	else
		json_null(json, name);
}

static void latency_json(struct json *json, const struct histogram *latency)
{
	static const struct {
		const char *name;
		double percent;
	} percentiles[] = { { "p50", 50 }, { "p90", 90 }, { "p99", 99 }, { "p999", 99.9 } };
	uint64_t count = histogram_count(latency);

	json_open_object(json, "latency_ns");
	json_u64(json, "count", count);
	for (size_t i = 0; i < sizeof(percentiles) / sizeof(percentiles[0]); i++) {
		if (count)
			json_double(json, percentiles[i].name,
				    histogram_percentile(latency, percentiles[i].percent));
		else
			json_null(json, percentiles[i].name);
	}
	json_close_object(json);
}

static void limits_json(struct json *json, const struct limit_notes *notes)
{
	if (!notes) {
		json_null(json, "limits");
		return;
	}
	json_open_array(json, "limits");
	for (size_t i = 0; i < notes->nr; i++) {
		const struct limit_note *note = &notes->note[i];

		json_open_object(json, NULL);
		json_string(json, "cgroup", note->cgroup);
		json_string(json, "file", note->file);
		json_u64(json, "bytes", note->bytes);
		json_string(json, "effect", limit_effect_name(note->effect));
		json_string(json, "text", note->text);
		json_string(json, "todo", note->todo[0] ? note->todo : NULL);
		json_close_object(json);
	}
	json_close_array(json);
}

static void domain_json(struct json *json, const struct sample_domain *entry,
			const struct activity *activity)
{
	const struct domain *domain = &entry->domain;

	json_open_object(json, NULL);
	domain_identity_json(json, entry);
	if (domain->limit == NO_LIMIT)
		json_null(json, "limit_bytes");
	else
		json_u64(json, "limit_bytes", domain->limit);
	for (size_t i = 0; i < nr_domain_fields; i++)
		json_u64(json, domain_fields[i].json_name,
			 u64_field_value(domain, &domain_fields[i]));
	if (entry->direct_reclaim >= 0)
		json_u64(json, "direct_reclaim_pages", (uint64_t)entry->direct_reclaim);
	else
		json_null(json, "direct_reclaim_pages");
	rate_json(json, "faults_per_s", activity->faults, activity->seconds);
	rate_json(json, "evictions_per_s", activity->evictions, activity->seconds);
	rate_json(json, "rescues_per_s", activity->rescues, activity->seconds);
	rate_json(json, "waits_per_s", activity->waits, activity->seconds);
	latency_json(json, &activity->latency);
	limits_json(json, entry->limits);
	json_close_object(json);
}

void status_json(FILE *out, const struct sample *now, const struct sample *before)
{
	double seconds = sample_seconds(now, before);
	struct json json;

	json_start(&json, out);
	json_open_object(&json, NULL);
	json_double(&json, "time", (double)now->when.tv_sec + (double)now->when.tv_nsec / 1e9);
	if (before)
		json_double(&json, "interval_s", seconds);
	else
		json_null(&json, "interval_s");
	json_open_array(&json, "domains");
	for (size_t i = 0; i < now->nr_domains; i++) {
		const struct sample_domain *entry = &now->domains[i];
		struct activity activity = activity_since(
			entry, sample_find(before, entry->domain.cgroup_id), seconds);

		domain_json(&json, entry, &activity);
	}
	json_close_array(&json);
	devices_json(&json, now->devices, now->nr_devices);
	json_close_object(&json);
	json_end(&json);
}

void policies_json(FILE *out, const struct sample *sample, const char *const *names, size_t nr)
{
	struct json json;

	json_start(&json, out);
	json_open_object(&json, NULL);
	json_open_array(&json, "domains");
	for (size_t i = 0; i < sample->nr_domains; i++) {
		json_open_object(&json, NULL);
		domain_identity_json(&json, &sample->domains[i]);
		json_close_object(&json);
	}
	json_close_array(&json);
	json_open_array(&json, "available");
	for (size_t k = 0; k < nr; k++)
		json_string(&json, NULL, names[k]);
	json_close_array(&json);
	json_close_object(&json);
	json_end(&json);
}
