// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/mage_wire.h>

#include "base/address.h"
#include "base/error.h"
#include "base/parse.h"
#include "base/secret.h"
#include "base/suggest.h"
#include "configuration/device_options.h"
#include "devices/disk.h"

/* Where the option is: "COMMAND", or "COMMAND: FILE:LINE". */
static const char *place(const struct device_options *options, const char *option)
{
	const struct config_section *section = options->section;

	return section ? config_key_place(options->what, section, option) : options->what;
}

static const char *dashes(const struct device_options *options)
{
	return options->section ? "" : "--";
}

static enum rc bad_value(const struct device_options *options, const char *option,
			 const char *value, enum parse_result result, const char *todo)
{
	char on[128];

	snprintf(on, sizeof(on), "%s%s %.80s", dashes(options), option, value);
	return report(RC_USAGE, place(options, option), on, todo, "%s", parse_result_text(result));
}

static enum rc needed(const struct device_options *options, const char *option, const char *value)
{
	if (value)
		return RC_OK;
	return report(RC_USAGE, place(options, option), NULL,
		      options->section ? "see mage.conf(5)" : "see 'mage device connect --help'",
		      "%s%s is missing", dashes(options), option);
}

static enum rc not_for(const struct device_options *options, const char *option, const char *value)
{
	char on[64];

	if (!value)
		return RC_OK;
	snprintf(on, sizeof(on), "%s%s", dashes(options), option);
	return report(RC_USAGE, place(options, option), on, NULL, "means nothing to the backend %s",
		      options->backend);
}

static enum rc read_size(const struct device_options *options, struct connect_request *request)
{
	uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	enum parse_result result;

	result = parse_page_size(options->size, page_size, &request->size);
	if (result == PARSE_OK)
		return RC_OK;
	return bad_value(options, "size", options->size, result,
			 "give whole pages, as in 512M, 1G or 64KiB");
}

#define NS_PER_MS 1000000
#define LOSS_TIMEOUT_MAX_MS (24 * 3600 * 1000)

static enum rc read_loss_timeout(const struct device_options *options,
				 struct connect_request *request)
{
	enum parse_result result;
	uint64_t ns;

	request->loss_timeout_ms = MAGE_LOSS_TIMEOUT_MS;
	if (!options->loss_timeout)
		return RC_OK;
	result = parse_duration(options->loss_timeout, &ns);
	if (result == PARSE_OK && ns / NS_PER_MS > LOSS_TIMEOUT_MAX_MS)
		result = PARSE_OVERFLOW;
	if (result != PARSE_OK)
		return bad_value(options, "loss-timeout", options->loss_timeout, result,
				 "give a time of up to a day, as in 60s, 500ms or 0");
	request->loss_timeout_ms = (uint32_t)((ns + NS_PER_MS - 1) / NS_PER_MS);
	return RC_OK;
}

/* NULL stands for the default of the backend. */
static enum rc read_checksum(const struct device_options *options, struct connect_request *request)
{
	char on[64];

	request->checksums = strcmp(options->backend, "dram") != 0;
	if (!options->checksum)
		return RC_OK;
	request->checksums = !strcmp(options->checksum, "on");
	if (request->checksums || !strcmp(options->checksum, "off"))
		return RC_OK;
	snprintf(on, sizeof(on), "%schecksum %.40s", dashes(options), options->checksum);
	return report(RC_USAGE, place(options, "checksum"), on, "write on or off", "is neither");
}

static enum rc read_rdma(const struct device_options *options, struct connect_request *request)
{
	char host[256];
	enum parse_result result;
	enum rc rc;

	if ((rc = needed(options, "address", options->address)) ||
	    (rc = needed(options, "size", options->size)) ||
	    (rc = needed(options, "secret-file", options->secret_file)) ||
	    (rc = not_for(options, "path", options->path)) ||
	    (rc = not_for(options, "latency", options->latency)) ||
	    (rc = not_for(options, "bandwidth", options->bandwidth)) ||
	    (rc = read_loss_timeout(options, request)))
		return rc;
	request->port = MAGE_WIRE_PORT;
	result = parse_address(options->address, host, sizeof(host), &request->port);
	if (result != PARSE_OK)
		return bad_value(options, "address", options->address, result,
				 "give HOST, HOST:PORT or [IPv6]:PORT");
	rc = resolve_host(place(options, "address"), host, request->address,
			  sizeof(request->address));
	if (rc)
		return rc;
	return read_secret(place(options, "secret-file"), options->secret_file, request->secret,
			   &request->secret_len);
}

static enum rc read_dram(const struct device_options *options, struct connect_request *request)
{
	enum parse_result result;
	enum rc rc;

	if ((rc = needed(options, "size", options->size)) ||
	    (rc = not_for(options, "path", options->path)) ||
	    (rc = not_for(options, "address", options->address)) ||
	    (rc = not_for(options, "secret-file", options->secret_file)) ||
	    (rc = not_for(options, "loss-timeout", options->loss_timeout)))
		return rc;
	if (options->latency) {
		result = parse_duration(options->latency, &request->latency_ns);
		if (result != PARSE_OK)
			return bad_value(options, "latency", options->latency, result,
					 "give a time with its unit, as in 700ns, 20us or 1ms");
	}
	if (options->bandwidth) {
		result = parse_size(options->bandwidth, &request->bandwidth);
		if (result != PARSE_OK)
			return bad_value(options, "bandwidth", options->bandwidth, result,
					 "give bytes a second, as in 1G, or leave it out");
	}
	return RC_OK;
}

/* The whole device, but for what is no whole page, unless a size is given. */
static enum rc read_blk(const struct device_options *options, struct connect_request *request)
{
	uint64_t bytes, page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	enum rc rc;

	if ((rc = needed(options, "path", options->path)) ||
	    (rc = not_for(options, "address", options->address)) ||
	    (rc = not_for(options, "secret-file", options->secret_file)) ||
	    (rc = not_for(options, "loss-timeout", options->loss_timeout)) ||
	    (rc = not_for(options, "latency", options->latency)) ||
	    (rc = not_for(options, "bandwidth", options->bandwidth)))
		return rc;
	if (options->path[0] != '/' || strlen(options->path) >= sizeof(request->path))
		return report(RC_USAGE, place(options, "path"), options->path,
			      "give it as in /dev/nvme0n1p2",
			      "is no absolute path of up to %zu bytes", sizeof(request->path) - 1);
	rc = disk_size(place(options, "path"), options->path, &bytes);
	if (rc)
		return rc;
	snprintf(request->path, sizeof(request->path), "%s", options->path);
	if (!options->size)
		request->size = bytes - bytes % page_size;
	if (request->size && request->size <= bytes)
		return RC_OK;
	return report(RC_FAILED, place(options, "path"), options->path,
		      options->size ? "give a smaller --size, or none" : NULL,
		      "the block device has %llu bytes only", (unsigned long long)bytes);
}

static enum rc read_backend(const struct device_options *options, struct connect_request *request)
{
	static const char *const backends[] = { "rdma", "dram", "blk" };
	char todo[64];

	request->backend = options->backend;
	if (!strcmp(options->backend, "rdma"))
		return read_rdma(options, request);
	if (!strcmp(options->backend, "dram"))
		return read_dram(options, request);
	if (!strcmp(options->backend, "blk"))
		return read_blk(options, request);
	if (!did_you_mean(todo, sizeof(todo), options->backend, backends, 3))
		snprintf(todo, sizeof(todo), "there are rdma, dram and blk");
	return report(RC_USAGE, place(options, "backend"), options->backend, todo,
		      "no such backend");
}

static enum rc read_priority(const struct device_options *options, int *priority)
{
	enum parse_result result;
	uint64_t number;

	*priority = -1;
	if (!options->priority)
		return RC_OK;
	if (!options->swapon)
		return report(RC_USAGE, place(options, "priority"),
			      options->section ? "priority" : "--priority",
			      options->section ? "remove the line, or swapon = no" : "add --swapon",
			      "means nothing to a device that is no swap");
	result = parse_number(options->priority, 32767, &number);
	if (result != PARSE_OK)
		return bad_value(options, "priority", options->priority, result, "give 0 to 32767");
	*priority = (int)number;
	return RC_OK;
}

enum rc device_options_read(const struct device_options *options, struct connect_request *request,
			    int *priority)
{
	enum rc rc;

	memset(request, 0, sizeof(*request));
	if ((rc = needed(options, "backend", options->backend)) ||
	    (options->size && (rc = read_size(options, request))) ||
	    (rc = read_priority(options, priority)) || (rc = read_checksum(options, request)))
		return rc;
	return read_backend(options, request);
}
