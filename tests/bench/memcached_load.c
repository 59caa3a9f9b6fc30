// SPDX-License-Identifier: GPL-2.0-only
/*
 * memcached_load - asks a memcached server for keys, and verifies what it answers
 *
 *	memcached_load --socket PATH [--keys N] [--value BYTES] [--connections N] [--seconds N]
 *
 * Sets every key, then gets keys for the given time, each connection one after the other, and then
 * gets every key once more. Keys are as popular as Zipf's law has it (skew 0.99); one request in 31
 * sets its key anew, as in Facebook's ETC pool (Atikoglu et al., 2012). A value says which key it
 * belongs to all over, so a wrong one is seen.
 *
 * Prints one JSON object: requests a second, and quantiles of the time of one, seen from here.
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "options.h"
#include "random.h"
#include "region.h"
#include "threads.h"
#include "work.h"
#include "zipf.h"

enum {
	CONNECTIONS_MAX = THREADS_MAX,
	VALUE_MAX = 8192,
	LINES_MAX = 64, /* what is around a value: less than this */
	MANY = 32, /* keys in one request while nothing is measured */
	KEYS_PER_SET = 31,
};

struct connection {
	int fd;
	uint64_t random;
	struct histogram steps;
	char value[VALUE_MAX];
	char answer[MANY * (VALUE_MAX + LINES_MAX)];
};

static const char *path;
static unsigned long keys = 50000, value_size = 1000;
static struct zipf zipf;
static atomic_bool ended;

static void fail(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static void connect_to(struct connection *connection)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path)) {
		fprintf(stderr, "memcached_load: the path '%s' is too long for a socket\n", path);
		exit(EXIT_FAILURE);
	}
	strcpy(address.sun_path, path);
	connection->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connection->fd < 0 ||
	    connect(connection->fd, (struct sockaddr *)&address, sizeof(address)))
		fail(path);
}

static void send_all(const struct connection *connection, const char *data, size_t size)
{
	while (size) {
		ssize_t sent = send(connection->fd, data, size, MSG_NOSIGNAL);

		if (sent < 0)
			fail("send");
		data += sent;
		size -= (size_t)sent;
	}
}

/* Receives until the answer ends as every one does, and makes a string of it. */
static size_t receive(struct connection *connection, const char *end)
{
	size_t got = 0, end_size = strlen(end);

	while (got < end_size || memcmp(connection->answer + got - end_size, end, end_size)) {
		ssize_t more = recv(connection->fd, connection->answer + got,
				    sizeof(connection->answer) - 1 - got, 0);

		if (more < 0)
			fail("recv");
		if (!more) {
			fprintf(stderr, "memcached_load: the server hung up, or said more than "
					"was asked for\n");
			exit(EXIT_FAILURE);
		}
		got += (size_t)more;
	}
	connection->answer[got] = '\0';
	return got;
}

/* The value of a key: its number in hexadecimal, over and over. */
static void fill_value(struct connection *connection, uint64_t key)
{
	char text[17];

	snprintf(text, sizeof(text), "%016" PRIx64, random_mix(key + 1));
	for (size_t i = 0; i < value_size; i++)
		connection->value[i] = text[i % 16];
}

/* Without an answer to wait for, if not @answered. */
static void set_key(struct connection *connection, uint64_t key, bool answered)
{
	char line[LINES_MAX];
	int size = snprintf(line, sizeof(line), "set key:%" PRIu64 " 0 0 %lu%s\r\n", key,
			    value_size, answered ? "" : " noreply");

	fill_value(connection, key);
	send_all(connection, line, (size_t)size);
	send_all(connection, connection->value, value_size);
	send_all(connection, "\r\n", 2);
	if (!answered)
		return;
	receive(connection, "\r\n");
	if (strcmp(connection->answer, "STORED\r\n")) {
		fprintf(stderr, "memcached_load: key %" PRIu64 " was not stored: %s", key,
			connection->answer);
		exit(EXIT_FAILURE);
	}
}

/* Gets @nr keys from @key on, in one request, and verifies their values. */
static void get_keys(struct connection *connection, uint64_t key, unsigned int nr)
{
	char line[MANY * LINES_MAX];
	int size = snprintf(line, sizeof(line), "get");
	const char *at = connection->answer;

	for (unsigned int i = 0; i < nr; i++)
		size += snprintf(line + size, sizeof(line) - (size_t)size, " key:%" PRIu64,
				 key + i);
	size += snprintf(line + size, sizeof(line) - (size_t)size, "\r\n");
	send_all(connection, line, (size_t)size);
	receive(connection, "END\r\n");
	for (; nr; nr--, key++) {
		size = snprintf(line, sizeof(line), "VALUE key:%" PRIu64 " 0 %lu\r\n", key,
				value_size);
		fill_value(connection, key);
		if (strncmp(at, line, (size_t)size) ||
		    strncmp(at + size, connection->value, value_size)) {
			fprintf(stderr, "memcached_load: key %" PRIu64 " is wrong or missing\n",
				key);
			exit(EXIT_FAILURE);
		}
		at += (size_t)size + value_size + strlen("\r\n");
	}
}

static void *ask(void *arg)
{
	struct connection *me = arg;

	while (!atomic_load_explicit(&ended, memory_order_relaxed)) {
		uint64_t key = zipf_next(&zipf, &me->random), begin;
		bool set = random_next(&me->random) % KEYS_PER_SET == 0;

		begin = region_now();
		if (set)
			set_key(me, key, true);
		else
			get_keys(me, key, 1);
		histogram_add(&me->steps, region_now() - begin);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	static struct connection connections[CONNECTIONS_MAX];
	static struct histogram steps;
	static struct threads running;
	unsigned long nr = 4, seconds = 3;
	uint64_t begin;
	const struct bench_option options[] = {
		{ .name = "socket", .text = &path },
		{ .name = "keys", .number = &keys, .most = 1UL << 30 },
		{ .name = "value", .number = &value_size, .most = VALUE_MAX },
		{ .name = "connections", .number = &nr, .most = CONNECTIONS_MAX },
		{ .name = "seconds", .number = &seconds, .most = 3600 },
	};

	options_read(argc, argv, options, sizeof(options) / sizeof(*options));
	if (!path) {
		fprintf(stderr, "memcached_load: --socket says where the server listens\n");
		return EXIT_FAILURE;
	}
	zipf_make(&zipf, keys, 0.99);
	for (unsigned long i = 0; i < nr; i++) {
		connections[i].random = random_mix(i + 1);
		connect_to(&connections[i]);
	}
	for (uint64_t key = 0; key < keys; key++)
		set_key(&connections[0], key, key + 1 == keys);

	begin = region_now();
	threads_start(&running, ask, connections, sizeof(*connections), nr);
	threads_wait(seconds);
	atomic_store(&ended, true);
	threads_join(&running);
	begin = region_now() - begin;

	for (unsigned long i = 0; i < nr; i++)
		histogram_merge(&steps, &connections[i].steps);
	for (uint64_t key = 0; key < keys; key += MANY)
		get_keys(&connections[0], key,
			 keys - key < MANY ? (unsigned int)(keys - key) : MANY);
	work_report("requests/s", histogram_count(&steps), begin, &steps, 0);
	return EXIT_SUCCESS;
}
