// SPDX-License-Identifier: GPL-2.0-only
/* redis_check: fills a Redis with values that follow from their keys, and reads every one back. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <hiredis/hiredis.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#define LINE_SECONDS 5
#define MAX_VALUE (1u << 20)

enum {
	EXIT_RIGHT = 0,
	EXIT_WRONG = 1,
	EXIT_SETUP = 2
};

struct check {
	const char *socket;
	uint64_t keys;
	uint32_t value; /* mean length; each has its own, half to one and a half of it */
	unsigned int pipeline;
	const char *at_half;
	bool quiet;
	redisContext *redis;
	pid_t command;
	char want[MAX_VALUE * 3 / 2 + 8];
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

_Noreturn static void setup_failed(const char *what, const char *why)
{
	fprintf(stderr, "redis_check: %s: %s\n", what, why);
	exit(EXIT_SETUP);
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

/*
 * Values lie in memory in the order in which they were filled; reading them back goes far from one
 * to the next, and in the same order in each run.
 */
static uint64_t in_order(const struct check *c, uint64_t n)
{
	(void)c;
	return n;
}

static uint64_t far_apart(const struct check *c, uint64_t n)
{
	const uint64_t prime = 1000003;

	return c->keys % prime ? n * prime % c->keys : n;
}

static size_t make_value(struct check *c, uint64_t key)
{
	uint64_t state = mix(key + 0x9e3779b97f4a7c15ull);
	size_t length = c->value / 2 + state % (c->value + 1);

	for (size_t i = 0; i < length; i += sizeof(state)) {
		state += 0x9e3779b97f4a7c15ull;
		uint64_t word = mix(state);

		memcpy(&c->want[i], &word, sizeof(word));
	}
	return length;
}

static redisReply *next_reply(struct check *c)
{
	void *reply;

	if (redisGetReply(c->redis, &reply) != REDIS_OK)
		setup_failed("redis", c->redis->errstr);
	return reply;
}

static void line(const struct check *c, const char *what, uint64_t done, double *next)
{
	if (c->quiet || now() < *next)
		return;
	fprintf(stderr, "redis_check: %s %llu of %llu keys\n", what, (unsigned long long)done,
		(unsigned long long)c->keys);
	*next = now() + LINE_SECONDS;
}

static void fill_one(struct check *c, uint64_t key)
{
	size_t length = make_value(c, key);

	redisAppendCommand(c->redis, "SET key:%llu %b", (unsigned long long)key, c->want, length);
}

static bool filled_one(struct check *c, uint64_t key)
{
	redisReply *reply = next_reply(c);
	bool ok = reply->type == REDIS_REPLY_STATUS;

	if (!ok)
		fprintf(stderr, "redis_check: SET key:%llu: %s\n", (unsigned long long)key,
			reply->str ? reply->str : "unexpected reply");
	freeReplyObject(reply);
	return ok;
}

static void verify_one(struct check *c, uint64_t key)
{
	redisAppendCommand(c->redis, "GET key:%llu", (unsigned long long)key);
}

static bool verified_one(struct check *c, uint64_t key)
{
	size_t length = make_value(c, key), at = 0;
	redisReply *reply = next_reply(c);
	bool ok = false;

	if (reply->type != REDIS_REPLY_STRING) {
		fprintf(stderr, "redis_check: key:%llu: %s\n", (unsigned long long)key,
			reply->type == REDIS_REPLY_NIL ? "missing" : "unexpected reply");
	} else if ((size_t)reply->len != length) {
		fprintf(stderr, "redis_check: key:%llu: %zu bytes instead of %zu\n",
			(unsigned long long)key, (size_t)reply->len, length);
	} else {
		while (at < length && reply->str[at] == c->want[at])
			at++;
		ok = at == length;
		if (!ok)
			fprintf(stderr, "redis_check: key:%llu: wrong from byte %zu of %zu\n",
				(unsigned long long)key, at, length);
	}
	freeReplyObject(reply);
	return ok;
}

/* Does not wait for it: the keys go on meanwhile. */
static void start_command(struct check *c)
{
	char *argv[] = { "sh", "-c", (char *)c->at_half, NULL };

	errno = posix_spawnp(&c->command, "sh", NULL, NULL, argv, environ);
	if (errno)
		setup_failed(c->at_half, strerror(errno));
}

static bool command_worked(const struct check *c)
{
	int status;

	if (!c->command)
		return true;
	if (waitpid(c->command, &status, 0) < 0)
		setup_failed("waitpid", strerror(errno));
	if (status)
		fprintf(stderr, "redis_check: the command at half way failed (wait status %#x)\n",
			(unsigned int)status);
	return !status;
}

struct pass {
	const char *what;
	const char *all; /* of the keys, in the last line */
	uint64_t (*key)(const struct check *c, uint64_t n);
	void (*send)(struct check *c, uint64_t key);
	bool (*take)(struct check *c, uint64_t key);
};

/* Keeps the pipeline full, takes every reply, and returns how many were right. */
static uint64_t run(struct check *c, const struct pass *pass)
{
	double next = now() + LINE_SECONDS;
	uint64_t sent = 0, right = 0;

	for (uint64_t taken = 0; taken < c->keys; taken++) {
		while (sent < c->keys && sent < taken + c->pipeline)
			pass->send(c, pass->key(c, sent++));
		right += pass->take(c, pass->key(c, taken));
		if (c->at_half && taken == c->keys / 2)
			start_command(c);
		line(c, pass->what, taken + 1, &next);
	}
	return right;
}

static bool count_is_right(struct check *c)
{
	redisReply *reply = redisCommand(c->redis, "DBSIZE");
	bool ok;

	if (!reply)
		setup_failed("redis", c->redis->errstr);
	ok = reply->type == REDIS_REPLY_INTEGER && (uint64_t)reply->integer == c->keys;
	if (!ok)
		fprintf(stderr, "redis_check: %lld keys instead of %llu\n", reply->integer,
			(unsigned long long)c->keys);
	freeReplyObject(reply);
	return ok;
}

static int pass_all(struct check *c, const struct pass *pass)
{
	double start = now();
	uint64_t right = run(c, pass);
	bool ok = right == c->keys && command_worked(c) && count_is_right(c);

	printf("redis_check: %llu of %llu keys %s in %.1f s\n", (unsigned long long)right,
	       (unsigned long long)c->keys, pass->all, now() - start);
	return ok ? EXIT_RIGHT : EXIT_WRONG;
}

static int fill(struct check *c)
{
	static const struct pass pass = { "filled", "filled", in_order, fill_one, filled_one };

	return pass_all(c, &pass);
}

static int verify(struct check *c)
{
	static const struct pass pass = { "verified", "right,", far_apart, verify_one,
					  verified_one };

	return pass_all(c, &pass);
}

static void usage(FILE *out)
{
	fprintf(out,
		"usage: redis_check [OPTION...] fill|verify\n"
		"\n"
		"  --socket PATH      Redis's Unix socket\n"
		"  --keys N           how many keys (default 1000)\n"
		"  --value BYTES      mean length of a value (default 4096)\n"
		"  --pipeline N       requests under way (default 16)\n"
		"  --at-half COMMAND  started, beside the load, when half of the keys are done\n"
		"  --quiet            no progress on standard error\n"
		"\n"
		"Exit status: 0 every key was right; 1 one was not, or COMMAND failed; 2 no Redis or\n"
		"bad usage.\n");
}

static uint64_t parse_number(const char *text, const char *name, uint64_t max)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || !n || n > max)
		setup_failed(name, "not a number that makes sense");
	return n;
}

int main(int argc, char **argv)
{
	static struct check c = { .keys = 1000, .value = 4096, .pipeline = 16 };
	static const struct option options[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "keys", required_argument, NULL, 'k' },
		{ "value", required_argument, NULL, 'v' },
		{ "pipeline", required_argument, NULL, 'p' },
		{ "at-half", required_argument, NULL, 'a' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 's':
			c.socket = optarg;
			break;
		case 'k':
			c.keys = parse_number(optarg, "--keys", UINT32_MAX);
			break;
		case 'v':
			c.value = (uint32_t)parse_number(optarg, "--value", MAX_VALUE);
			break;
		case 'p':
			c.pipeline = (unsigned int)parse_number(optarg, "--pipeline", 4096);
			break;
		case 'a':
			c.at_half = optarg;
			break;
		case 'q':
			c.quiet = true;
			break;
		case 'h':
			usage(stdout);
			return EXIT_RIGHT;
		default:
			usage(stderr);
			return EXIT_SETUP;
		}
	}
	if (optind != argc - 1 || !c.socket ||
	    (strcmp(argv[optind], "fill") && strcmp(argv[optind], "verify"))) {
		usage(stderr);
		return EXIT_SETUP;
	}
	c.redis = redisConnectUnix(c.socket);
	if (!c.redis || c.redis->err)
		setup_failed(c.socket, c.redis ? c.redis->errstr : "out of memory");
	return strcmp(argv[optind], "fill") ? verify(&c) : fill(&c);
}
