// SPDX-License-Identifier: GPL-2.0-only
/*
 * generated: policies made at random govern a cgroup, one after the other, under a load whose every
 * byte is verified.  See usage().
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <linux/mage.h>

#include "../torture/rng.h"
#include "load.h"
#include "make.h"
#include "policy.h"

/* The first kind of those that are ejections; names of these. */
#define FIRST_EJECTION MAGE_EXIT_FOREIGN_FRAME

static const char *const kinds[] = {
	"foreign-frame", "double-pick", "no-progress", "bad-number",
	"self",		 "bad-frame",	"over-budget", "too-long",
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* Refusals of the verifier that are shown. */
#define SHOWN 3u

/* The load goes on for so long until a policy's exit is called, in parts of 16 visits. */
#define EXIT_PATIENCE 10000

/* The load's size in pages. */
#define LOAD_PAGES 4096u

struct options {
	const char *object;
	const char *cgroup; /* that is governed */
	const char *load; /* at or below it, for the load */
	char *const *compiled; /* objects, up to a NULL */
	uint64_t seed;
	uint64_t first;
	uint64_t policies;
	uint32_t visits; /* of the load under each */
	uint32_t loops;
};

struct policy_now {
	struct policy *policy;
	struct made made;
	uint64_t number;
	const char *compiled; /* its object, if it has one of its own */
};

static struct {
	uint64_t tried;
	uint64_t refused; /* by the verifier */
	uint64_t not_started; /* by their init */
	uint64_t innocent;
	uint64_t swaps;
	uint64_t ejected[KINDS];
	bool failed;
} counts;

static void usage(FILE *out)
{
	fprintf(out,
		"usage: generated [OPTION...] OBJECT CGROUP CGROUP-OF-LOAD [COMPILED...]\n"
		"\n"
		"Makes policies at random, has each govern CGROUP while a load of its own visits pages\n"
		"and verifies them, and replaces or unloads it.  Those that are innocent by construction\n"
		"have to stay until then.  OBJECT is that which goes by tables; every now and then one of\n"
		"those that have a source of their own takes its turn.\n"
		"\n"
		"  --seed X       what policies are made from (default 1)\n"
		"  --first N      the number of the first one (default 0)\n"
		"  --policies N   how many (default 200)\n"
		"  --visits N     of pages, under each (default 256)\n"
		"  --loops N      most rounds of a loop of a careful policy (a multiple of 8, default\n"
		"                 64)\n"
		"  --show         only says what the policies are\n"
		"\n"
		"A policy follows from the seed and its number alone.\n"
		"Exit status: 0 all right; 1 something was wrong; 2 it could not start.\n");
}

static void say_made(const struct made *m, uint64_t number)
{
	printf("generated_%" PRIu64 ": callbacks %04x, flags %" PRIu64 ", %s", number, m->callbacks,
	       m->flags, m->sins ? "sins:" : "innocent");
	for (int i = 0; i < SINS; i++)
		if (m->sins >> i & 1)
			printf(" %s", sin_name((enum sin)i));
	printf("\n");
}

/* Says what is wrong with a policy, and how it is tried again. */
static void blame(const struct options *o, const struct policy_now *p, const char *what,
		  const char *how)
{
	counts.failed = true;
	printf("wrong: %s: %s\n", what, how);
	say_made(&p->made, p->number);
	printf("that one alone: generated --seed %" PRIu64 " --first %" PRIu64
	       " --policies %d --visits %u --loops %u %s %s %s %s\n",
	       o->seed, p->number, !p->compiled, o->visits, o->loops, o->object, o->cgroup, o->load,
	       p->compiled ?: "");
	fflush(stdout);
}

static bool load_goes_on(uint32_t visits)
{
	if (load_visit(visits))
		return true;
	printf("wrong: the load has ended\n");
	counts.failed = true;
	return false;
}

/*
 * What has left the cgroup is judged by what its exit was told, which has to be called once.  An
 * ejection that is under way ends without us.
 */
static void judge(const struct options *o, const struct policy_now *p)
{
	struct ending ending = policy_ending(p->policy);
	char how[64];

	for (int i = 0; !ending.exits && i < EXIT_PATIENCE && load_goes_on(16); i++)
		ending = policy_ending(p->policy);
	if (ending.exits != 1) {
		snprintf(how, sizeof(how), "%u times", ending.exits);
		blame(o, p, "exit was called", how);
	}
	if (ending.kind < FIRST_EJECTION)
		return;
	if (ending.kind < FIRST_EJECTION + KINDS)
		counts.ejected[ending.kind - FIRST_EJECTION]++;
	if (!p->made.sins)
		blame(o, p, "an innocent one was ejected", ending.message);
}

static void done_with(const struct options *o, struct policy_now *p)
{
	if (p->policy)
		judge(o, p);
	policy_free(p->policy);
	p->policy = NULL;
}

/* What governed before is in @before, and is done with afterwards unless init was the obstacle. */
static bool take_over(const struct options *o, struct policy_now *next, struct policy_now *before,
		      bool swap)
{
	int err;

	if (before->policy && (!swap || policy_hung_up())) {
		policy_unload();
		done_with(o, before);
	}
	err = policy_govern(next->policy);
	/* It was ejected just before, and the link has no use any more. */
	if (err == -ENOLINK) {
		policy_unload();
		done_with(o, before);
		err = policy_govern(next->policy);
	}
	/*
	 * The domain of the one before is about to end: it goes on without a policy until then.
	 * Of one whose init fails it may be init that says so, and for ever.
	 */
	while (err == -EBUSY && !before->policy && !(next->made.sins >> SIN_INIT & 1) &&
	       load_goes_on(16))
		err = policy_govern(next->policy);
	if (!err) {
		counts.swaps += before->policy != NULL;
		done_with(o, before);
		*before = *next;
		return true;
	}
	counts.not_started++;
	if (policy_ending(next->policy).exits)
		blame(o, next, "exit was called", "it did not start");
	if (!(next->made.sins >> SIN_INIT & 1))
		blame(o, next, "it does not start", strerror(-err));
	policy_free(next->policy);
	return false;
}

/* Has a policy govern for a while; false if there is no load any more. */
static bool try_policy(const struct options *o, struct policy_now *next, struct policy_now *before)
{
	struct rng rng;

	rng_seed(&rng, ~o->seed, next->number);
	if (!take_over(o, next, before, rng_below(&rng, 3)))
		return true;
	if (!load_goes_on(o->visits / 2))
		return false;
	policy_tune(before->policy, rng_next(&rng));
	return load_goes_on(o->visits / 2);
}

static void load_made(const struct options *o, struct policy_now *next, unsigned int nr,
		      uint64_t first, uint64_t cgroup)
{
	static struct made made[TOGETHER];
	struct policy *policies[TOGETHER];

	for (unsigned int i = 0; i < nr; i++)
		make_policy(&made[i], o->seed, first + i, o->loops);
	policies_load(policies, o->object, made, nr, first, cgroup);
	for (unsigned int i = 0; i < nr; i++)
		next[i] = (struct policy_now){ policies[i], made[i], first + i, NULL };
}

static void load_compiled(struct policy_now *next, const char *object, uint64_t number,
			  uint64_t cgroup)
{
	*next = (struct policy_now){ .number = number, .compiled = object };
	make_compiled(&next->made);
	policies_load(&next->policy, object, &next->made, 1, number, cgroup);
}

/* Each in turn, but for those that were refused; false if there is no point in going on. */
static bool try_each(const struct options *o, struct policy_now *next, unsigned int nr,
		     struct policy_now *before)
{
	for (unsigned int i = 0; i < nr; i++) {
		counts.tried++;
		counts.innocent += !next[i].made.sins;
		if (next[i].policy) {
			if (!try_policy(o, &next[i], before) || counts.failed)
				return false;
		} else if (counts.refused++ < SHOWN) {
			say_made(&next[i].made, next[i].number);
			printf("refused: %s\n", refusal());
		}
	}
	return true;
}

static void try_policies(const struct options *o)
{
	static struct policy_now next[TOGETHER], before;
	uint64_t left = o->policies, number = o->first;
	char *const *compiled = o->compiled;
	struct stat st;

	if (stat(o->cgroup, &st)) {
		fprintf(stderr, "generated: %s: %s\n", o->cgroup, strerror(errno));
		exit(2);
	}
	while (left || *compiled) {
		unsigned int nr = left < TOGETHER ? (unsigned int)left : TOGETHER;

		if (nr)
			load_made(o, next, nr, number, st.st_ino);
		if (!try_each(o, next, nr, &before))
			break;
		number += nr;
		left -= nr;
		if (!*compiled)
			continue;
		load_compiled(next, *compiled++, number, st.st_ino);
		if (!try_each(o, next, 1, &before))
			break;
	}
	policy_unload();
	done_with(o, &before);
}

static void say_counts(const struct options *o)
{
	printf("%" PRIu64 " policies, %" PRIu64 " innocent, seed %" PRIu64 ": %" PRIu64
	       " refused by the verifier, %" PRIu64 " by their init, %" PRIu64
	       " in the place of another; ejected:",
	       counts.tried, counts.innocent, o->seed, counts.refused, counts.not_started,
	       counts.swaps);
	for (size_t i = 0; i < KINDS; i++)
		printf(" %" PRIu64 " %s", counts.ejected[i], kinds[i]);
	printf("\n");
}

static uint64_t parse(const char *text)
{
	char *end;
	uint64_t n = strtoull(text, &end, 0);

	if (!*text || *end) {
		fprintf(stderr, "generated: '%s' is no number\n", text);
		exit(2);
	}
	return n;
}

int main(int argc, char **argv)
{
	enum {
		SEED = 1,
		FIRST,
		POLICIES,
		VISITS,
		LOOPS,
		SHOW,
		HELP
	};
	static const struct option long_options[] = {
		{ "seed", required_argument, NULL, SEED },
		{ "first", required_argument, NULL, FIRST },
		{ "policies", required_argument, NULL, POLICIES },
		{ "visits", required_argument, NULL, VISITS },
		{ "loops", required_argument, NULL, LOOPS },
		{ "show", no_argument, NULL, SHOW },
		{ "help", no_argument, NULL, HELP },
		{ 0 },
	};
	struct options o = { .seed = 1, .policies = 200, .visits = 256, .loops = 64 };
	bool show = false;
	struct made m;
	int c;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (c) {
		case SEED:
			o.seed = parse(optarg);
			break;
		case FIRST:
			o.first = parse(optarg);
			break;
		case POLICIES:
			o.policies = parse(optarg);
			break;
		case VISITS:
			o.visits = (uint32_t)parse(optarg);
			break;
		case LOOPS:
			o.loops = (uint32_t)parse(optarg);
			break;
		case SHOW:
			show = true;
			break;
		case HELP:
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (show) {
		for (uint64_t i = o.first; i < o.first + o.policies; i++) {
			make_policy(&m, o.seed, i, o.loops);
			say_made(&m, i);
		}
		return 0;
	}
	if (argc - optind < 3 || o.visits < 2 || o.loops < ROUNDS || o.loops > ROUNDS * UINT8_MAX) {
		usage(stderr);
		return 2;
	}
	o.object = argv[optind];
	o.cgroup = argv[optind + 1];
	o.load = argv[optind + 2];
	o.compiled = argv + optind + 3;
	load_start(o.load, LOAD_PAGES, o.seed);
	try_policies(&o);
	if (!load_end()) {
		printf("wrong: a byte of the load, or it has ended\n");
		counts.failed = true;
	}
	say_counts(&o);
	return counts.failed;
}
