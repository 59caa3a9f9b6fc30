// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares policies with models of the same algorithms, eviction by eviction, on traces made by
 * rule and on those named on the command line; and every policy with the optimum.  Prints TAP.
 *
 * One victim a batch and one shard: that is when policies promise to be exact.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generate.h"
#include "machine.h"
#include "models/memory.h"
#include "models/model.h"
#include "policy_object.h"

#define MADE_PAGES 1000
#define MADE_REFERENCES 30000
#define SEEDS 3
#define TRACES_MAX 64

/* Local pages, in percent of all. */
static const u32 shares[] = { 2, 10, 25, 50, 90 };

struct evictions {
	u32 *page;
	size_t nr, room;
};

static struct trace traces[TRACES_MAX];
static u32 traces_nr;
static u32 results, failures;

static void result(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void result(bool good, const char *format, ...)
{
	va_list args;

	printf("%s %u - ", good ? "ok" : "not ok", ++results);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	failures += !good;
}

static void note(void *context, uint32_t page)
{
	struct evictions *evictions = context;

	if (evictions->nr == evictions->room) {
		evictions->room = evictions->room ? 2 * evictions->room : 1024;
		evictions->page = realloc(evictions->page, evictions->room * sizeof(u32));
		if (!evictions->page)
			abort();
	}
	evictions->page[evictions->nr++] = page;
}

static u32 frames_of(const struct trace *trace, u32 share)
{
	u32 frames = (u32)((u64)trace->pages * share / 100);

	return frames ? frames : 1;
}

/* Misses, first touches included; UINT64_MAX if the policy could not do it, which is said. */
static u64 run_policy(const char *name, const char *const *settings, const struct trace *trace,
		      const struct machine_setup *setup, struct evictions *evictions)
{
	struct policy_object object;
	struct mage_domain *domain;
	u64 misses = UINT64_MAX;
	bool good = true;

	if (!policy_open(&object, name))
		return misses;
	for (; good && settings && *settings; settings++)
		good = policy_set(&object, name, *settings);
	domain = good ? machine_new(object.ops, setup) : NULL;
	if (domain) {
		size_t i = 0;

		machine_watch(domain, evictions ? note : NULL, evictions);
		while (i < trace->nr && machine_reference(domain, trace->reference[i].page,
							  trace->reference[i].write))
			i++;
		if (machine_broken(domain))
			printf("# %s broke a rule at reference %zu: %s\n", name, i,
			       machine_broken(domain));
		else
			misses = machine_counts(domain)->faults +
				 machine_counts(domain)->first_touches;
		machine_free(domain);
	}
	policy_close(&object);
	return misses;
}

static void show_page(const char *who, const struct evictions *evictions, size_t at)
{
	if (at < evictions->nr)
		printf("# %s evicted page %u\n", who, evictions->page[at]);
	else
		printf("# %s evicted no more\n", who);
}

static bool same_evictions(const struct evictions *policy, const struct evictions *model,
			   const struct trace *trace, u32 frames)
{
	size_t at = 0;

	while (at < policy->nr && at < model->nr && policy->page[at] == model->page[at])
		at++;
	if (at == policy->nr && at == model->nr)
		return true;
	printf("# %s with %u of %u pages local: eviction %zu is the first that differs\n",
	       trace->name, frames, trace->pages, at);
	show_page("the policy", policy, at);
	show_page("the model", model, at);
	return false;
}

/*
 * Up to so many local pages.  Some policies look at no more than 1024 pages that have arrived in
 * one selection, and the first selection finds all that were local by then: with more of them some
 * uses that the model sees are seen late.  Then misses may differ, but not by more than a
 * hundredth, or of what adapts to what it has seen, a tenth.
 */
#define EXACT_UP_TO 1000
#define ELSE_WITHIN 100
#define ADAPTS_WITHIN 10

struct exact {
	const char *policy;
	const struct model *model;
	u32 up_to;
	u32 else_within;
	const char *settings[2]; /* of the policy, so that it is exact */
};

static const struct exact exacts[] = {
	{ "fifo", &model_fifo, UINT32_MAX, 0, { NULL } },
	{ "clock", &model_clock, UINT32_MAX, 0, { NULL } },
	{ "sieve", &model_sieve, EXACT_UP_TO, ELSE_WITHIN, { NULL } },
	{ "s3fifo", &model_s3fifo, EXACT_UP_TO, ELSE_WITHIN, { NULL } },
	{ "arc", &model_arc, EXACT_UP_TO, ELSE_WITHIN, { NULL } },
	{ "twoq", &model_twoq, EXACT_UP_TO, ELSE_WITHIN, { NULL } },
	{ "lirs", &model_lirs, EXACT_UP_TO, ELSE_WITHIN, { NULL } },
	{ "clockpro", &model_clockpro, EXACT_UP_TO, ADAPTS_WITHIN, { NULL } },
	{ "cflru", &model_cflru, EXACT_UP_TO, ELSE_WITHIN, { NULL } },
	{ "wtinylfu", &model_wtinylfu, EXACT_UP_TO, ADAPTS_WITHIN, { NULL } },
	{ "lfu", &model_lfu, EXACT_UP_TO, ELSE_WITHIN, { "samples=0", NULL } },
};

/* To within a part of so many, 0 for none. */
static bool same_misses(u64 misses, u64 expected, u64 within)
{
	u64 difference = misses > expected ? misses - expected : expected - misses;

	return within ? difference * within <= expected : !difference;
}

static bool compare(const struct exact *exact, const struct trace *trace, u32 share, size_t *nr)
{
	u32 frames = frames_of(trace, share);
	struct machine_setup setup = {
		.pages = trace->pages, .frames = frames, .batch = 1, .tick = 1000, .seed = 1
	};
	struct evictions policy = { 0 }, model = { 0 };
	struct model_run run = {
		.trace = trace, .frames = frames, .evicted = note, .context = &model
	};
	u64 misses = run_policy(exact->policy, exact->settings, trace, &setup, &policy);
	u64 expected = exact->model->misses(&run);
	bool same = misses != UINT64_MAX;

	if (same && frames <= exact->up_to)
		same = same_evictions(&policy, &model, trace, frames);
	if (same &&
	    !same_misses(misses, expected, frames > exact->up_to ? exact->else_within : 0)) {
		printf("# %s with %u of %u pages local: %llu misses instead of %llu\n", trace->name,
		       frames, trace->pages, misses, expected);
		same = false;
	}
	*nr += model.nr;
	free(policy.page);
	free(model.page);
	return same;
}

/* One line for each policy and pattern; the seeds and sizes of it are in one. */
static void compare_all(const struct exact *exact)
{
	for (u32 i = 0; i < traces_nr;) {
		const char *name = traces[i].name;
		u32 runs = 0;
		size_t nr = 0;
		bool same = true;

		for (; i < traces_nr && !strcmp(traces[i].name, name); i++) {
			for (size_t j = 0; same && j < sizeof(shares) / sizeof(*shares); j++) {
				same = compare(exact, &traces[i], shares[j], &nr);
				runs++;
			}
		}
		result(same, "%s evicts as its model on %s (%u runs, %zu evictions)", exact->policy,
		       name, runs, nr);
	}
}

/*
 * Policies whose victims are of a few pages at random have no order that could be compared.  Their
 * models know all, each use when it is made and each page that there is; on the traces that are
 * made the policy may miss so many percent more or less than that.
 */
struct near {
	const char *policy;
	const struct model *model;
	u32 percent;
};

static const struct near nears[] = {
	{ "lruk", &model_lruk, 3 },
	{ "lecar", &model_lecar, 7 },
	{ "cacheus", &model_cacheus, 25 },
};

static bool misses_nearly(const struct near *near, const struct trace *trace, u64 *nr)
{
	struct model_run run = { .trace = trace, .frames = frames_of(trace, 25) };
	struct machine_setup setup = {
		.pages = trace->pages, .frames = run.frames, .batch = 1, .tick = 1000, .seed = 1
	};
	u64 misses = run_policy(near->policy, NULL, trace, &setup, NULL);
	u64 expected = near->model->misses(&run);

	*nr += expected;
	if (misses != UINT64_MAX && misses * 100 <= expected * (100 + near->percent) &&
	    misses * 100 >= expected * (100 - near->percent))
		return true;
	printf("# %s with %u of %u pages local: %llu misses, the model %llu\n", trace->name,
	       run.frames, trace->pages, misses, expected);
	return false;
}

static void compare_misses(const struct near *near)
{
	for (u32 pattern = 0; pattern < PATTERNS; pattern++) {
		bool good = true;
		u64 nr = 0;

		for (u32 i = 0; i < SEEDS; i++)
			good &= misses_nearly(near, &traces[pattern * SEEDS + i], &nr);
		result(good, "%s misses what its model does on %s to within %u %% (%llu misses)",
		       near->policy, pattern_names[pattern], near->percent, nr);
	}
}

/* No policy misses less than the optimum, whatever the batch. */
static void compare_with_optimum(const char *policy)
{
	static const u32 batches[] = { 1, 32, 0 };
	u32 runs = 0;
	bool good = true;

	for (u32 i = 0; good && i < traces_nr; i++) {
		struct model_run run = { .trace = &traces[i], .frames = frames_of(&traces[i], 25) };
		u64 least = model_opt.misses(&run);

		for (size_t j = 0; good && j < sizeof(batches) / sizeof(*batches); j++) {
			struct machine_setup setup = { .pages = traces[i].pages,
						       .frames = run.frames,
						       .batch = batches[j],
						       .tick = 1000,
						       .seed = 1 };
			u64 misses = run_policy(policy, NULL, &traces[i], &setup, NULL);

			good = misses != UINT64_MAX && misses >= least;
			runs++;
			if (!good && misses != UINT64_MAX)
				printf("# %s, batch %u: %llu misses, the optimum is %llu\n",
				       traces[i].name, batches[j], misses, least);
		}
	}
	result(good, "%s misses no less than the optimum (%u runs)", policy, runs);
}

/* The same seed, the same evictions. */
static void compare_with_itself(const char *policy)
{
	const struct trace *trace = &traces[PATTERN_SCAN_ZIPF * SEEDS];
	struct machine_setup setup = { .pages = trace->pages,
				       .frames = frames_of(trace, 25),
				       .batch = 32,
				       .tick = 1000,
				       .seed = 7 };
	struct evictions first = { 0 }, second = { 0 };
	u64 misses = run_policy(policy, NULL, trace, &setup, &first);

	result(misses != UINT64_MAX && misses == run_policy(policy, NULL, trace, &setup, &second) &&
		       same_evictions(&first, &second, trace, setup.frames),
	       "%s evicts the same when it runs again (%zu evictions)", policy, first.nr);
	free(first.page);
	free(second.page);
}

/*
 * The optimum, by trying all: each state is a set of local pages, and from a miss any page may
 * leave.  For a handful of pages only.
 */
static u64 least_misses(const struct trace *trace, u32 frames)
{
	u64 best[64], next[64];

	for (u32 set = 0; set < 64; set++)
		best[set] = set ? UINT64_MAX : 0;
	for (size_t i = 0; i < trace->nr; i++) {
		u32 page = 1U << trace->reference[i].page;

		memset(next, 0xff, sizeof(next));
		for (u32 set = 0; set < 64; set++) {
			u64 misses = best[set] + !(set & page);
			u32 there = set | page;

			if (best[set] == UINT64_MAX)
				continue;
			if ((u32)__builtin_popcount(there) <= frames && misses < next[there])
				next[there] = misses;
			for (u32 out = 1; out < 64; out <<= 1)
				if (there & out && misses < next[there & ~out])
					next[there & ~out] = misses;
		}
		memcpy(best, next, sizeof(best));
	}
	for (u32 set = 1; set < 64; set++)
		if (best[set] < best[0])
			best[0] = best[set];
	return best[0];
}

static void check_optimum(void)
{
	bool good = true;

	for (u64 seed = 0; good && seed < 50; seed++) {
		for (u32 frames = 1; good && frames < 6; frames++) {
			struct model_run run = { .frames = frames };
			struct trace trace;

			generate(&trace, PATTERN_RANDOM, 6, 60, seed);
			run.trace = &trace;
			good = model_opt.misses(&run) == least_misses(&trace, frames);
			trace_free(&trace);
		}
	}
	result(good, "the optimum is what trying all ways finds (250 runs)");
}

/*
 * LRU by its stack: a reference hits if fewer than so many other pages were referenced since the
 * one to the same page before.  So more frames never miss more.
 */
static u64 misses_by_stack(const struct trace *trace, u32 frames)
{
	u32 *stack = model_memory(trace->pages, sizeof(*stack)), nr = 0;
	u64 misses = 0;

	for (size_t i = 0; i < trace->nr; i++) {
		u32 page = trace->reference[i].page, at = 0;

		while (at < nr && stack[at] != page)
			at++;
		misses += at == nr || at >= frames;
		nr += at == nr;
		memmove(stack + 1, stack, at * sizeof(*stack));
		stack[0] = page;
	}
	free(stack);
	return misses;
}

static void check_lru(const struct trace *trace)
{
	u64 before = UINT64_MAX;
	bool good = true;

	for (size_t j = 0; good && j < sizeof(shares) / sizeof(*shares); j++) {
		struct model_run run = { .trace = trace, .frames = frames_of(trace, shares[j]) };
		u64 misses = model_lru.misses(&run);

		good = misses == misses_by_stack(trace, run.frames) && misses <= before &&
		       misses >= model_opt.misses(&run);
		before = misses;
	}
	result(good, "LRU is what its stack says on %s, at five sizes", trace->name);
}

static void make_traces(void)
{
	for (int pattern = 0; pattern < PATTERNS; pattern++)
		for (u64 seed = 0; seed < SEEDS; seed++)
			generate(&traces[traces_nr++], pattern, MADE_PAGES, MADE_REFERENCES, seed);
}

static void load_traces(int nr, char **paths)
{
	for (int i = 0; i < nr && traces_nr < TRACES_MAX; i++) {
		int err = trace_load(&traces[traces_nr], paths[i]);

		if (err)
			result(false, "%s: %s", paths[i], strerror(-err));
		else
			traces_nr++;
	}
}

int main(int argc, char **argv)
{
	const char *policies[POLICIES_MAX];
	u32 policies_nr = policy_names(policies);

	setvbuf(stdout, NULL, _IOLBF, 0);
	make_traces();
	load_traces(argc - 1, argv + 1);
	check_optimum();
	for (u32 i = 0; i < PATTERNS; i++)
		check_lru(&traces[i * SEEDS]);
	for (size_t i = 0; i < sizeof(exacts) / sizeof(*exacts); i++)
		compare_all(&exacts[i]);
	for (size_t i = 0; i < sizeof(nears) / sizeof(*nears); i++)
		compare_misses(&nears[i]);
	for (u32 i = 0; i < policies_nr; i++) {
		compare_with_optimum(policies[i]);
		compare_with_itself(policies[i]);
	}
	for (u32 i = 0; i < traces_nr; i++)
		trace_free(&traces[i]);
	printf("1..%u\n", results);
	return failures > 0;
}
