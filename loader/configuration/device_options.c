// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/parse.h"
#include "configuration/device_options.h"
#include "configuration/leg_shape.h"
#include "configuration/store_options.h"

static enum rc read_size(const struct device_options *options, struct connect_request *request)
{
	if (!options->size)
		return RC_OK;
	return written_badly(options, "size", options->size,
			     parse_page_size(options->size, (uint64_t)sysconf(_SC_PAGESIZE),
					     &request->size),
			     "give whole pages, as in 512M, 1G or 64KiB");
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
	snprintf(on, sizeof(on), "%schecksum %.40s", written_dashes(options), options->checksum);
	return report(RC_USAGE, written_place(options, "checksum"), on, "write on or off",
		      "is neither");
}

static enum rc read_priority(const struct device_options *options, int *priority)
{
	enum parse_result result;
	uint64_t number;

	*priority = -1;
	if (!options->priority)
		return RC_OK;
	if (!options->swapon)
		return report(RC_USAGE, written_place(options, "priority"),
			      options->section ? "priority" : "--priority",
			      options->section ? "remove the line, or swapon = no" : "add --swapon",
			      "means nothing to a device that is no swap");
	result = parse_number(options->priority, 32767, &number);
	if (result != PARSE_OK)
		return written_badly(options, "priority", options->priority, result,
				     "give 0 to 32767");
	*priority = (int)number;
	return RC_OK;
}

/* As much as the smallest block device has room for, unless a size is given. */
static enum rc fit_size(const struct device_options *options, const struct leg_shape *shape,
			struct connect_request *request, const uint64_t *room)
{
	uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE), least = UINT64_MAX;
	size_t i;

	for (i = 0; i < shape->nr; i++)
		least = room[i] < least ? room[i] : least;
	if (!options->size)
		request->size = leg_shape_size(shape, least, page_size);
	for (i = 0; i < shape->nr; i++) {
		if (!request->size || leg_shape_share(shape, request->legs[i].column, request->size,
						      page_size) > room[i])
			return report(RC_FAILED, written_nth_place(options, "path", (int)i),
				      options->paths.word[i],
				      options->size ? "give a smaller --size, or none" : NULL,
				      "the block device has %llu bytes only",
				      (unsigned long long)room[i]);
	}
	return RC_OK;
}

/* The same twice in a column would be lost twice at once. */
static enum rc check_twice(const struct device_options *options, const struct leg_request *legs,
			   size_t nr)
{
	static const char why[] = "is there twice: what is lost with it would have no copy";
	const struct leg_request *last = &legs[nr];

	for (size_t i = 0; i < nr; i++) {
		if (legs[i].column != last->column)
			continue;
		if (last->address[0] && !strcmp(legs[i].address, last->address) &&
		    legs[i].port == last->port)
			return report(RC_USAGE, written_nth_place(options, "address", (int)nr),
				      options->addresses.word[nr], "name another memory node", "%s",
				      why);
		if (last->path[0] && !strcmp(legs[i].path, last->path))
			return report(RC_USAGE, written_nth_place(options, "path", (int)nr),
				      last->path, "name another block device", "%s", why);
	}
	return RC_OK;
}

static enum rc read_legs(const struct device_options *options, const struct leg_shape *shape,
			 struct connect_request *request)
{
	uint64_t room[MAGE_LEGS_MAX];
	enum rc rc;

	request->set = shape->set;
	request->nr_legs = shape->nr;
	for (size_t i = 0; i < shape->nr; i++) {
		request->legs[i].column = (uint32_t)(i / shape->copies);
		rc = store_options_read(options, (int)i, &request->legs[i], &room[i]);
		if (!rc)
			rc = check_twice(options, request->legs, i);
		if (rc)
			return rc;
	}
	return options->paths.nr ? fit_size(options, shape, request, room) : RC_OK;
}

enum rc device_options_read(const struct device_options *options, struct connect_request *request,
			    int *priority)
{
	struct leg_shape shape = { 0 };
	enum rc rc;

	memset(request, 0, sizeof(*request));
	if ((rc = written_needed(options, "backend", options->backend)) ||
	    (rc = read_size(options, request)) || (rc = read_priority(options, priority)) ||
	    (rc = read_checksum(options, request)) || (rc = stores_count(options, &shape.nr)) ||
	    (strcmp(options->backend, "blk") &&
	     (rc = written_needed(options, "size", options->size))) ||
	    (rc = leg_shape_read(options, &shape)))
		return rc;
	return read_legs(options, &shape, request);
}
