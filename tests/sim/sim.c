// SPDX-License-Identifier: GPL-2.0-only
/* mage-sim: replays page traces with policies, and prints how often pages were missing. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "models/memory.h"
#include "models/model.h"
#include "base/parse.h"
#include "policy_object.h"
#include "result.h"

enum status {
	STATUS_OK = 0,
	STATUS_BROKEN = 1,
	STATUS_USAGE = 2,
	STATUS_NOT_FOUND = 3,
};

static const char usage[] =
	"mage-sim: what policies would miss on recorded page traces\n"
	"\n"
	"  build/sim/mage-sim [OPTION...] --trace FILE...\n"
	"\n"
	"  --trace FILE       a trace, as 'mage trace record' writes it; again for more\n"
	"  --policy NAME,...  policies, or 'all' (default: all)\n"
	"  --local N,...      local pages, in percent of the trace's (default: 25)\n"
	"  --frames N,...     local pages, as a number\n"
	"  --batch N          victims in a batch, 1 to 512 (default: 1, the exact order);\n"
	"                     0 for what the policy asks for\n"
	"  --last N           only the last N references of each trace\n"
	"  --set NAME=VALUE   a tunable, of those policies that have it; again for more\n"
	"  --tick N           references from one tick to the next (default: 10000)\n"
	"  --seed N           of what is random; the same seed, the same result (default: 1)\n"
	"  --json, --markdown other forms of the table\n"
	"\n"
	"A miss is a reference to a page that is in far memory; the first touch of a page is none.\n"
	"LRU and OPT are what the least recently used order and Belady's optimum miss with as\n"
	"many local pages.\n"
	"\n"
	"Exit status: 0; 1 a policy broke a rule; 2 wrong use; 3 a file or policy is not there.\n";

#define LIST_MAX 64

struct numbers {
	u64 value[LIST_MAX];
	u32 nr;
};

struct options {
	const char *trace[LIST_MAX];
	u32 traces;
	const char *policy[POLICIES_MAX];
	u32 policies;
	const char *set[LIST_MAX];
	u32 sets;
	struct numbers local, frames;
	u64 batch, tick, seed, last;
	void (*print)(const struct result *result, u32 nr);
};

static bool read_number(const char *option, const char *text, u64 least, u64 most, u64 *number)
{
	uint64_t value;

	if (parse_number(text, most, &value) != PARSE_OK || value < least)
		return complain("--%s %s: it must be a number, %llu to %llu", option, text, least,
				most);
	*number = value;
	return true;
}

static bool read_numbers(const char *option, char *text, u64 most, struct numbers *numbers)
{
	char *at = text, *part;

	while ((part = strsep(&at, ",")))
		if (numbers->nr == LIST_MAX ||
		    !read_number(option, part, 1, most, &numbers->value[numbers->nr++]))
			return false;
	return true;
}

static bool read_policies(struct options *options, char *text)
{
	char *at = text, *part;

	while ((part = strsep(&at, ",")) && options->policies < POLICIES_MAX)
		if (strcmp(part, "all"))
			options->policy[options->policies++] = part;
		else
			options->policies = policy_names(options->policy);
	return true;
}

static bool keep(const char *option, const char *text, const char **list, u32 *nr)
{
	if (*nr == LIST_MAX)
		return complain("--%s: not more than %d", option, LIST_MAX);
	list[(*nr)++] = text;
	return true;
}

static bool read_option(struct options *options, int option)
{
	switch (option) {
	case 't':
		return keep("trace", optarg, options->trace, &options->traces);
	case 's':
		return keep("set", optarg, options->set, &options->sets);
	case 'p':
		return read_policies(options, optarg);
	case 'l':
		return read_numbers("local", optarg, 100, &options->local);
	case 'f':
		return read_numbers("frames", optarg, 1 << 30, &options->frames);
	case 'b':
		return read_number("batch", optarg, 0, 512, &options->batch);
	case 'k':
		return read_number("tick", optarg, 1, UINT32_MAX, &options->tick);
	case 'r':
		return read_number("seed", optarg, 0, UINT32_MAX, &options->seed);
	case 'n':
		return read_number("last", optarg, 1, UINT32_MAX, &options->last);
	case 'j':
		options->print = results_as_json;
		return true;
	case 'm':
		options->print = results_as_markdown;
		return true;
	default:
		return complain("see mage-sim --help");
	}
}

static bool read_options(struct options *options, int argc, char **argv)
{
	static const struct option names[] = {
		{ "trace", required_argument, NULL, 't' },
		{ "policy", required_argument, NULL, 'p' },
		{ "local", required_argument, NULL, 'l' },
		{ "frames", required_argument, NULL, 'f' },
		{ "batch", required_argument, NULL, 'b' },
		{ "last", required_argument, NULL, 'n' },
		{ "set", required_argument, NULL, 's' },
		{ "tick", required_argument, NULL, 'k' },
		{ "seed", required_argument, NULL, 'r' },
		{ "json", no_argument, NULL, 'j' },
		{ "markdown", no_argument, NULL, 'm' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			exit(STATUS_OK);
		}
		if (!read_option(options, option))
			return false;
	}
	if (optind < argc)
		return complain("'%s' is too much; is it --trace %s?", argv[optind], argv[optind]);
	if (!options->traces)
		return complain("no trace; say --trace FILE, and see mage-sim --help");
	if (!options->policies)
		options->policies = policy_names(options->policy);
	if (!options->local.nr && !options->frames.nr)
		options->local = (struct numbers){ .value = { 25 }, .nr = 1 };
	return true;
}

static bool set_tunables(const struct options *options, const struct policy_object *object,
			 const char *policy)
{
	for (u32 i = 0; i < options->sets; i++)
		if ((options->policies == 1 || policy_has(object, options->set[i])) &&
		    !policy_set(object, policy, options->set[i]))
			return false;
	return true;
}

static enum status replay(const struct options *options, const struct policy_object *object,
			  struct result *result)
{
	const struct trace *trace = result->trace;
	const struct machine_setup setup = {
		.pages = trace->pages,
		.frames = result->frames,
		.batch = (u32)options->batch,
		.tick = (u32)options->tick,
		.seed = options->seed,
	};
	struct mage_domain *domain = machine_new(object->ops, &setup);
	enum status status = STATUS_OK;
	size_t i = 0;

	if (!domain) {
		complain("policy %s refused to start", result->policy);
		return STATUS_BROKEN;
	}
	while (i < trace->nr &&
	       machine_reference(domain, trace->reference[i].page, trace->reference[i].write))
		i++;
	if (machine_broken(domain)) {
		complain("policy %s broke a rule at reference %zu of %s: %s", result->policy, i,
			 trace->name, machine_broken(domain));
		status = STATUS_BROKEN;
	}
	result->counts = *machine_counts(domain);
	machine_free(domain);
	return status;
}

static enum status run_one(const struct options *options, struct result *result)
{
	struct policy_object object;
	enum status status = STATUS_USAGE;

	if (!policy_open(&object, result->policy))
		return STATUS_NOT_FOUND;
	if (set_tunables(options, &object, result->policy))
		status = replay(options, &object, result);
	policy_close(&object);
	return status;
}

static u32 pages_touched(const struct trace *trace)
{
	bool *touched = model_memory(trace->pages, sizeof(*touched));
	u32 nr = 0;

	for (size_t i = 0; i < trace->nr; i++) {
		nr += !touched[trace->reference[i].page];
		touched[trace->reference[i].page] = true;
	}
	free(touched);
	return nr;
}

static void progress(u32 done, u32 of)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, done < of ? "\r%u of %u replays" : "\r\033[K", done, of);
}

/* All policies, with one size of one trace; how many results are there then. */
static enum status run_size(const struct options *options, const struct trace *trace, u32 frames,
			    struct result *result)
{
	struct model_run run = { .trace = trace, .frames = frames };
	u32 touched = pages_touched(trace);
	u64 lru = model_lru.misses(&run) - touched, opt = model_opt.misses(&run) - touched;
	enum status status = STATUS_OK;

	for (u32 i = 0; i < options->policies && status == STATUS_OK; i++, result++) {
		*result = (struct result){
			.trace = trace,
			.policy = options->policy[i],
			.frames = frames,
			.local = 100.0 * frames / trace->pages,
			.lru_misses = lru,
			.opt_misses = opt,
		};
		status = run_one(options, result);
	}
	return status;
}

static u32 nth_frames(const struct options *options, const struct trace *trace, u32 n)
{
	u64 frames;

	if (n >= options->local.nr)
		return (u32)options->frames.value[n - options->local.nr];
	frames = trace->pages * options->local.value[n] / 100;
	return frames ? (u32)frames : 1;
}

static enum status run_all(const struct options *options, const struct trace *traces)
{
	u32 sizes = options->local.nr + options->frames.nr;
	u32 of = options->traces * sizes * options->policies, done = 0;
	struct result *results = model_memory(of, sizeof(*results));
	enum status status = STATUS_OK;

	for (u32 i = 0; i < options->traces; i++) {
		for (u32 j = 0; j < sizes && status == STATUS_OK; j++) {
			progress(done, of);
			status = run_size(options, &traces[i], nth_frames(options, &traces[i], j),
					  &results[done]);
			done += options->policies;
		}
	}
	progress(of, of);
	if (status == STATUS_OK)
		options->print(results, of);
	free(results);
	return status;
}

/* What comes before the last references is forgotten. */
static void keep_last(struct trace *trace, u64 nr)
{
	if (!nr || nr >= trace->nr)
		return;
	memmove(trace->reference, trace->reference + trace->nr - nr,
		nr * sizeof(*trace->reference));
	trace->nr = nr;
}

static bool load(struct trace *trace, const char *path)
{
	int err = trace_load(trace, path);

	if (err && err != -EINVAL)
		return complain("%s: %s", path, strerror(-err));
	if (err || !trace->nr)
		return complain("%s: is no trace, or an empty one", path);
	return true;
}

int main(int argc, char **argv)
{
	struct options options = { .batch = 1, .tick = 10000, .seed = 1, .print = results_as_text };
	static struct trace traces[LIST_MAX];
	enum status status = STATUS_OK;

	if (!read_options(&options, argc, argv))
		return STATUS_USAGE;
	for (u32 i = 0; i < options.traces && status == STATUS_OK; i++) {
		if (load(&traces[i], options.trace[i]))
			keep_last(&traces[i], options.last);
		else
			status = STATUS_NOT_FOUND;
	}
	if (status == STATUS_OK)
		status = run_all(&options, traces);
	for (u32 i = 0; i < options.traces; i++)
		trace_free(&traces[i]);
	return status;
}
