// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "common/json.h"
#include "result.h"

static double percent(u64 misses, const struct result *result)
{
	u64 references = result->counts.references;

	return references ? 100.0 * (double)misses / (double)references : 0;
}

void results_as_text(const struct result *result, u32 nr)
{
	printf("%-16s %6s %8s  %-12s %10s %10s %8s %8s %8s\n", "TRACE", "LOCAL", "FRAMES", "POLICY",
	       "REFERENCES", "MISSES", "RATIO", "LRU", "OPT");
	for (; nr--; result++)
		printf("%-16s %5.0f%% %8u  %-12s %10llu %10llu %7.2f%% %7.2f%% %7.2f%%\n",
		       result->trace->name, result->local, result->frames, result->policy,
		       result->counts.references, result->counts.faults,
		       percent(result->counts.faults, result), percent(result->lru_misses, result),
		       percent(result->opt_misses, result));
}

static bool is_of_same_column(const struct result *a, const struct result *b)
{
	return a->trace == b->trace && a->frames == b->frames;
}

/* A row of the cells that @misses picks, one for each trace and size. */
static void markdown_row(const char *name, const struct result *result, u32 nr, u32 policies,
			 u32 policy, u64 (*misses)(const struct result *result))
{
	printf("| %s |", name);
	for (u32 i = policy; i < nr; i += policies)
		printf(" %.2f |", percent(misses(&result[i]), &result[i]));
	putchar('\n');
}

static u64 own_misses(const struct result *result)
{
	return result->counts.faults;
}

static u64 lru_misses(const struct result *result)
{
	return result->lru_misses;
}

static u64 opt_misses(const struct result *result)
{
	return result->opt_misses;
}

void results_as_markdown(const struct result *result, u32 nr)
{
	u32 policies = 0;

	while (policies < nr && is_of_same_column(&result[0], &result[policies]))
		policies++;
	if (!policies)
		return;
	printf("| misses per 100 references |");
	for (u32 i = 0; i < nr; i += policies)
		printf(" %s, %.0f %% |", result[i].trace->name, result[i].local);
	printf("\n|---|");
	for (u32 i = 0; i < nr; i += policies)
		printf("---:|");
	putchar('\n');
	for (u32 policy = 0; policy < policies; policy++)
		markdown_row(result[policy].policy, result, nr, policies, policy, own_misses);
	markdown_row("*LRU*", result, nr, policies, 0, lru_misses);
	markdown_row("*optimum*", result, nr, policies, 0, opt_misses);
}

static void json_result(struct json *json, const struct result *result)
{
	const struct machine_counts *counts = &result->counts;

	json_open_object(json, NULL);
	json_string(json, "trace", result->trace->name);
	json_string(json, "policy", result->policy);
	json_u64(json, "pages", result->trace->pages);
	json_u64(json, "frames", result->frames);
	json_u64(json, "references", counts->references);
	json_u64(json, "first_touches", counts->first_touches);
	json_u64(json, "misses", counts->faults);
	json_double(json, "miss_percent", percent(counts->faults, result));
	json_u64(json, "lru_misses", result->lru_misses);
	json_u64(json, "opt_misses", result->opt_misses);
	json_u64(json, "evictions", counts->evictions);
	json_u64(json, "writes", counts->writes);
	json_u64(json, "cleaned", counts->cleaned);
	json_u64(json, "spared", counts->spared);
	json_u64(json, "prefetched", counts->prefetched);
	json_u64(json, "prefetch_hits", counts->prefetch_hits);
	json_u64(json, "prefetch_waste", counts->prefetch_waste);
	json_close_object(json);
}

void results_as_json(const struct result *result, u32 nr)
{
	struct json json;

	json_start(&json, stdout);
	json_open_object(&json, NULL);
	json_open_array(&json, "results");
	for (u32 i = 0; i < nr; i++)
		json_result(&json, &result[i]);
	json_close_array(&json);
	json_close_object(&json);
	json_end(&json);
}
