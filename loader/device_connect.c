// SPDX-License-Identifier: GPL-2.0-only
/* "mage device connect": either all of it happens or nothing. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "command.h"
#include "error.h"
#include "genl.h"
#include "options.h"
#include "parse.h"
#include "secret.h"
#include "suggest.h"
#include "swap.h"

#define WHAT "device connect"
#define DEFAULT_PORT 7471

struct arguments {
	const char *backend;
	const char *address;
	const char *size;
	const char *secret_file;
	const char *latency;
	const char *bandwidth;
	const char *priority;
	bool swapon;
};

static enum rc bad_value(const char *option, const char *value, enum parse_result result,
			 const char *todo)
{
	char on[128];

	snprintf(on, sizeof(on), "%s %.80s", option, value);
	return report(RC_USAGE, WHAT, on, todo, "%s", parse_result_text(result));
}

static enum rc needed(const char *option, const char *value)
{
	if (value)
		return RC_OK;
	return report(RC_USAGE, WHAT, NULL, "see 'mage device connect --help'", "%s is missing",
		      option);
}

static enum rc not_for(const char *option, const char *value, const char *backend)
{
	if (!value)
		return RC_OK;
	return report(RC_USAGE, WHAT, option, NULL, "means nothing to the backend %s", backend);
}

static enum rc read_size(const char *text, struct connect_request *request)
{
	uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	enum parse_result result;

	result = parse_page_size(text, page_size, &request->size);
	if (result == PARSE_OK)
		return RC_OK;
	return bad_value("--size", text, result, "give whole pages, as in 512M, 1G or 64KiB");
}

static enum rc read_rdma(const struct arguments *args, struct connect_request *request)
{
	char host[256];
	enum parse_result result;
	enum rc rc;

	if ((rc = needed("--address", args->address)) ||
	    (rc = needed("--secret-file", args->secret_file)) ||
	    (rc = not_for("--latency", args->latency, "rdma")) ||
	    (rc = not_for("--bandwidth", args->bandwidth, "rdma")))
		return rc;
	request->port = DEFAULT_PORT;
	result = parse_address(args->address, host, sizeof(host), &request->port);
	if (result != PARSE_OK)
		return bad_value("--address", args->address, result,
				 "give HOST, HOST:PORT or [IPv6]:PORT");
	rc = resolve_host(WHAT, host, request->address, sizeof(request->address));
	if (rc)
		return rc;
	return read_secret(WHAT, args->secret_file, request->secret, &request->secret_len);
}

static enum rc read_dram(const struct arguments *args, struct connect_request *request)
{
	enum parse_result result;
	enum rc rc;

	if ((rc = not_for("--address", args->address, "dram")) ||
	    (rc = not_for("--secret-file", args->secret_file, "dram")))
		return rc;
	if (args->latency) {
		result = parse_duration(args->latency, &request->latency_ns);
		if (result != PARSE_OK)
			return bad_value("--latency", args->latency, result,
					 "give a time with its unit, as in 700ns, 20us or 1ms");
	}
	if (args->bandwidth) {
		result = parse_size(args->bandwidth, &request->bandwidth);
		if (result != PARSE_OK)
			return bad_value("--bandwidth", args->bandwidth, result,
					 "give bytes a second, as in 1G, or leave it out");
	}
	return RC_OK;
}

static enum rc read_backend(const struct arguments *args, struct connect_request *request)
{
	static const char *const backends[] = { "rdma", "dram" };
	const char *near;
	char todo[64];

	request->backend = args->backend;
	if (!strcmp(args->backend, "rdma"))
		return read_rdma(args, request);
	if (!strcmp(args->backend, "dram"))
		return read_dram(args, request);
	near = suggest(args->backend, backends, 2);
	if (near)
		snprintf(todo, sizeof(todo), "did you mean %s?", near);
	else
		snprintf(todo, sizeof(todo), "there are rdma and dram");
	return report(RC_USAGE, WHAT, args->backend, todo, "no such backend");
}

static enum rc read_priority(const struct arguments *args, int *priority)
{
	enum parse_result result;
	uint64_t number;

	*priority = -1;
	if (!args->priority)
		return RC_OK;
	if (!args->swapon)
		return report(RC_USAGE, WHAT, "--priority", "add --swapon",
			      "means nothing without --swapon");
	result = parse_number(args->priority, 32767, &number);
	if (result != PARSE_OK)
		return bad_value("--priority", args->priority, result, "give 0 to 32767");
	*priority = (int)number;
	return RC_OK;
}

/* Makes it swap; takes the device away again if that fails. */
static enum rc activate(struct genl *genl, const struct device *device, int priority)
{
	char path[MAGE_NAME_LEN + 8];
	enum rc rc;
	int err;

	snprintf(path, sizeof(path), "/dev/%s", device->name);
	rc = swap_format(WHAT, path);
	if (!rc)
		rc = swap_activate(WHAT, path, priority);
	if (!rc)
		return RC_OK;
	err = genl_device_disconnect(genl, device->index);
	if (err)
		genl_fail(genl, err, WHAT, path, "remove it with 'mage device disconnect'");
	return rc;
}

static enum rc connect_device(const struct connect_request *request, const struct arguments *args,
			      int priority)
{
	const char *on = args->address ? args->address : args->backend;
	struct device device;
	sigset_t signals, before;
	struct genl *genl;
	enum rc rc;
	int err;

	rc = genl_open(WHAT, &genl);
	if (rc)
		return rc;
	err = genl_device_connect(genl, request, &device);
	if (err) {
		rc = genl_fail(genl, err, WHAT, on, NULL);
		genl_close(genl);
		/* "Not found" is for what the user named and this machine lacks. */
		return rc == RC_NOT_FOUND ? RC_FAILED : rc;
	}
	if (args->swapon) {
		/* An interrupt now would leave a device that is no swap; it can wait. */
		sigemptyset(&signals);
		sigaddset(&signals, SIGINT);
		sigaddset(&signals, SIGTERM);
		sigaddset(&signals, SIGHUP);
		sigprocmask(SIG_BLOCK, &signals, &before);
		rc = activate(genl, &device, priority);
		if (!rc)
			printf("/dev/%s\n", device.name);
		fflush(stdout);
		sigprocmask(SIG_SETMASK, &before, NULL);
	} else {
		printf("/dev/%s\n", device.name);
	}
	genl_close(genl);
	return rc;
}

enum rc cmd_device_connect(int argc, char **argv)
{
	struct arguments args = { 0 };
	const struct option_spec specs[] = {
		{ "backend", .value = &args.backend },
		{ "address", .value = &args.address },
		{ "size", .value = &args.size },
		{ "secret-file", .value = &args.secret_file },
		{ "latency", .value = &args.latency },
		{ "bandwidth", .value = &args.bandwidth },
		{ "priority", .value = &args.priority },
		{ "swapon", .flag = &args.swapon },
		{ 0 },
	};
	struct connect_request request = { 0 };
	struct operands operands;
	int priority;
	enum rc rc;

	if ((rc = options_parse(WHAT, argc, argv, specs, &operands)) ||
	    (rc = operands_check(WHAT, &operands, 0, 0, "")) ||
	    (rc = needed("--backend", args.backend)) || (rc = needed("--size", args.size)) ||
	    (rc = read_size(args.size, &request)) || (rc = read_priority(&args, &priority)) ||
	    (rc = read_backend(&args, &request)))
		return rc;
	rc = connect_device(&request, &args, priority);
	explicit_bzero(request.secret, sizeof(request.secret));
	return rc;
}
