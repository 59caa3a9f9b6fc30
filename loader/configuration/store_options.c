// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include <linux/mage_wire.h>

#include "base/address.h"
#include "base/error.h"
#include "base/parse.h"
#include "base/secret.h"
#include "base/suggest.h"
#include "configuration/store_options.h"
#include "devices/disk.h"

#define NS_PER_MS 1000000
#define LOSS_TIMEOUT_MAX_MS (24 * 3600 * 1000)

static enum rc read_loss_timeout(const struct device_options *options, struct leg_request *store)
{
	enum parse_result result;
	uint64_t ns;

	store->loss_timeout_ms = MAGE_LOSS_TIMEOUT_MS;
	if (!options->loss_timeout)
		return RC_OK;
	result = parse_duration(options->loss_timeout, &ns);
	if (result == PARSE_OK && ns / NS_PER_MS > LOSS_TIMEOUT_MAX_MS)
		result = PARSE_OVERFLOW;
	if (result != PARSE_OK)
		return written_badly(options, "loss-timeout", options->loss_timeout, result,
				     "give a time of up to a day, as in 60s, 500ms or 0");
	store->loss_timeout_ms = (uint32_t)((ns + NS_PER_MS - 1) / NS_PER_MS);
	return RC_OK;
}

/* One secret is for all of them. */
static enum rc read_nth_secret(const struct device_options *options, int nth,
			       struct leg_request *store)
{
	const struct word_list *files = &options->secret_files;
	int which = files->nr == 1 ? 0 : nth;
	char todo[64];

	if (files->nr != 1 && files->nr != options->addresses.nr) {
		snprintf(todo, sizeof(todo), "give one for all of them, or %d",
			 options->addresses.nr);
		return report(RC_USAGE, written_place(options, "secret-file"), NULL, todo,
			      "there are %d secret files for %d addresses", files->nr,
			      options->addresses.nr);
	}
	return read_secret(written_nth_place(options, "secret-file", which), files->word[which],
			   store->secret, &store->secret_len);
}

static enum rc read_rdma(const struct device_options *options, int nth, struct leg_request *store)
{
	const char *address = options->addresses.word[nth];
	enum parse_result result;
	char host[256];
	enum rc rc;

	if ((rc = written_needed(options, "secret-file", options->secret_files.nr)) ||
	    (rc = written_for_nothing(options, "path", options->paths.nr)) ||
	    (rc = written_for_nothing(options, "latency", options->latency)) ||
	    (rc = written_for_nothing(options, "bandwidth", options->bandwidth)) ||
	    (rc = read_loss_timeout(options, store)))
		return rc;
	store->port = MAGE_WIRE_PORT;
	result = parse_address(address, host, sizeof(host), &store->port);
	if (result != PARSE_OK)
		return written_badly(options, "address", address, result,
				     "give HOST, HOST:PORT or [IPv6]:PORT");
	rc = resolve_host(written_nth_place(options, "address", nth), host, store->address,
			  sizeof(store->address));
	return rc ? rc : read_nth_secret(options, nth, store);
}

static enum rc read_dram(const struct device_options *options, struct leg_request *store)
{
	enum rc rc;

	if ((rc = written_for_nothing(options, "path", options->paths.nr)) ||
	    (rc = written_for_nothing(options, "address", options->addresses.nr)) ||
	    (rc = written_for_nothing(options, "secret-file", options->secret_files.nr)) ||
	    (rc = written_for_nothing(options, "loss-timeout", options->loss_timeout)))
		return rc;
	if (options->latency &&
	    (rc = written_badly(options, "latency", options->latency,
				parse_duration(options->latency, &store->latency_ns),
				"give a time with its unit, as in 700ns, 20us or 1ms")))
		return rc;
	if (options->bandwidth &&
	    (rc = written_badly(options, "bandwidth", options->bandwidth,
				parse_size(options->bandwidth, &store->bandwidth),
				"give bytes a second, as in 1G, or leave it out")))
		return rc;
	return RC_OK;
}

static enum rc read_blk(const struct device_options *options, int nth, struct leg_request *store,
			uint64_t *room)
{
	const char *path = options->paths.word[nth];
	enum rc rc;

	if ((rc = written_for_nothing(options, "address", options->addresses.nr)) ||
	    (rc = written_for_nothing(options, "secret-file", options->secret_files.nr)) ||
	    (rc = written_for_nothing(options, "loss-timeout", options->loss_timeout)) ||
	    (rc = written_for_nothing(options, "latency", options->latency)) ||
	    (rc = written_for_nothing(options, "bandwidth", options->bandwidth)))
		return rc;
	if (path[0] != '/' || strlen(path) >= sizeof(store->path))
		return report(RC_USAGE, written_nth_place(options, "path", nth), path,
			      "give it as in /dev/nvme0n1p2",
			      "is no absolute path of up to %zu bytes", sizeof(store->path) - 1);
	rc = disk_size(written_nth_place(options, "path", nth), path, room);
	if (!rc)
		snprintf(store->path, sizeof(store->path), "%s", path);
	return rc;
}

enum rc store_options_read(const struct device_options *options, int nth, struct leg_request *store,
			   uint64_t *room)
{
	store->backend = options->backend;
	*room = UINT64_MAX;
	if (!strcmp(options->backend, "rdma"))
		return read_rdma(options, nth, store);
	if (!strcmp(options->backend, "dram"))
		return read_dram(options, store);
	return read_blk(options, nth, store, room);
}

const char *stores_word(const struct device_options *options)
{
	if (!strcmp(options->backend, "rdma"))
		return "address";
	return strcmp(options->backend, "blk") ? "legs" : "path";
}

static enum rc count_dram(const struct device_options *options, uint64_t *nr)
{
	enum parse_result result;

	*nr = 1;
	if (!options->legs)
		return RC_OK;
	result = parse_number(options->legs, MAGE_LEGS_MAX, nr);
	if (result == PARSE_OK && !*nr)
		result = PARSE_ZERO;
	return written_badly(options, "legs", options->legs, result, "give 2 to 8");
}

enum rc stores_count(const struct device_options *options, size_t *nr)
{
	static const char *const backends[] = { "rdma", "dram", "blk" };
	uint64_t number = 0;
	char todo[64];
	enum rc rc;

	if (!strcmp(options->backend, "dram")) {
		rc = count_dram(options, &number);
	} else if (!strcmp(options->backend, "rdma")) {
		rc = written_needed(options, "address", options->addresses.nr);
		number = (uint64_t)options->addresses.nr;
	} else if (!strcmp(options->backend, "blk")) {
		rc = written_needed(options, "path", options->paths.nr);
		number = (uint64_t)options->paths.nr;
	} else {
		if (!did_you_mean(todo, sizeof(todo), options->backend, backends, 3))
			snprintf(todo, sizeof(todo), "there are rdma, dram and blk");
		return report(RC_USAGE, written_place(options, "backend"), options->backend, todo,
			      "no such backend");
	}
	if (!rc && strcmp(options->backend, "dram"))
		rc = written_for_nothing(options, "legs", options->legs);
	if (rc)
		return rc;
	if (number > MAGE_LEGS_MAX)
		return report(RC_USAGE, written_place(options, stores_word(options)), NULL,
			      "use fewer, or several far devices",
			      "a far device has at most %d legs, and these are %llu", MAGE_LEGS_MAX,
			      (unsigned long long)number);
	*nr = (size_t)number;
	return RC_OK;
}
