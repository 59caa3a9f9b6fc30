// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "common/one_line.h"
#include "policies/calls.h"

static uint64_t total_ns(const struct policy_calls *calls)
{
	uint64_t ns = 0;

	for (size_t i = 0; i < MAGE_CALLBACKS; i++)
		ns += calls->callback[i].ns;
	return ns;
}

void calls_text(FILE *out, const char *indent, const struct policy_calls *calls)
{
	uint64_t all = total_ns(calls);
	bool header = false;

	for (size_t i = 0; i < MAGE_CALLBACKS; i++) {
		const struct mage_callback_stats *c = &calls->callback[i];

		if (!c->calls)
			continue;
		if (!header)
			fprintf(out, "%s%-10s %12s %7s %10s\n", indent, "CALLBACK", "CALLS",
				"ERRORS", "TIME_ms");
		header = true;
		fprintf(out, "%s%-10s %12llu %7llu", indent, callback_name(i), c->calls, c->errors);
		/* Nothing takes no time at all: it was not measured. */
		if (all)
			fprintf(out, " %10.1f\n", (double)c->ns / 1e6);
		else
			fprintf(out, " %10s\n", "-");
	}
}

void lists_text(FILE *out, const char *indent, const struct policy_calls *calls)
{
	bool any = false;

	for (size_t i = 0; i < calls->nr_lists; i++) {
		if (!calls->list[i])
			continue;
		fprintf(out, "%s%zu: %" PRIu64, any ? ", " : indent, i, calls->list[i]);
		any = true;
	}
	if (any)
		fputs(" pages\n", out);
}

void calls_json(struct json *json, const struct policy_calls *calls)
{
	json_open_array(json, "calls");
	for (size_t i = 0; i < MAGE_CALLBACKS; i++) {
		const struct mage_callback_stats *c = &calls->callback[i];

		if (!c->calls)
			continue;
		json_open_object(json, NULL);
		json_string(json, "callback", callback_name(i));
		json_u64(json, "calls", c->calls);
		json_u64(json, "errors", c->errors);
		json_u64(json, "ns", c->ns);
		json_close_object(json);
	}
	json_close_array(json);
	json_open_array(json, "lists");
	for (size_t i = 0; i < calls->nr_lists; i++)
		json_u64(json, NULL, calls->list[i]);
	json_close_array(json);
}

/* What can become of a pick, and why one is refused; named as the domain's fields are. */
static const struct {
	const char *name;
	const char *meaning;
	size_t offset;
} results[] = {
#define RESULT(member, meaning) { #member, meaning, offsetof(struct domain, member) }
	RESULT(picks, "picked since the cgroup is governed"),
	RESULT(evictions, "evicted"),
	RESULT(clean_drops, "of these, without a write"),
	RESULT(cleaned, "stayed: only to be cleaned, and were"),
	RESULT(spared, "stayed: used since they came or were spared last"),
	RESULT(rescues, "stayed: used while they were in flight"),
	RESULT(no_place, "stayed: no place in far memory"),
	RESULT(write_errors, "stayed: the far store did not take them"),
	RESULT(gone, "their mapping went away, or was being changed"),
	RESULT(excluded, "left to stock reclaim: shared, pinned, locked"),
	RESULT(refused_full, "refused: the batch was full"),
	RESULT(refused_gone, "refused: the page had left"),
	RESULT(refused_taken, "refused: the page was a victim already"),
	RESULT(refused_foreign, "refused: the page was another domain's, or none"),
	RESULT(refused_node, "refused: the page was on another node than was wanted"),
#undef RESULT
};

#define NR_RESULTS (sizeof(results) / sizeof(results[0]))

static uint64_t result(const struct domain *domain, size_t i)
{
	return *(const uint64_t *)((const char *)domain + results[i].offset);
}

void victims_text(FILE *out, const struct domain *domain)
{
	fprintf(out, "\n%-15s %12s  %s\n", "VICTIMS", "PAGES", "MEANING");
	for (size_t i = 0; i < NR_RESULTS; i++) {
		if (result(domain, i) || !i)
			fprintf(out, "%-15s %12" PRIu64 "  %s\n", results[i].name,
				result(domain, i), results[i].meaning);
	}
}

void victims_json(struct json *json, const struct domain *domain)
{
	json_open_object(json, "victims");
	for (size_t i = 0; i < NR_RESULTS; i++)
		json_u64(json, results[i].name, result(domain, i));
	json_close_object(json);
}

void said_text(FILE *out, const char *indent, const char *text, bool cut)
{
	char line[MAGE_DUMP_LEN];

	while (*text) {
		size_t len = strcspn(text, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)len, text);
		fputs(indent, out);
		put_one_line(out, line);
		putc('\n', out);
		text += len + (text[len] != 0);
	}
	if (cut)
		fprintf(out, "%s... (cut short: there was more, or it took too long)\n", indent);
}
