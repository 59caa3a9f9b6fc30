// SPDX-License-Identifier: GPL-2.0-only
/* "mage device connect": either all of it happens or nothing. */
#include <stdio.h>
#include <string.h>

#include "base/options.h"
#include "base/signals.h"
#include "commands/device_connect.h"
#include "configuration/device_options.h"
#include "devices/make.h"

#define WHAT "device connect"

/* Makes it swap; takes the device away again if that fails. */
static enum rc activate(struct genl *genl, const struct device *device, int priority)
{
	enum rc rc = device_activate(WHAT, device, priority);
	int err;

	if (!rc)
		return RC_OK;
	err = genl_device_disconnect(genl, device->index);
	if (err)
		genl_fail(genl, err, WHAT, device->name, "remove it with 'mage device disconnect'");
	return rc;
}

static enum rc connect_device(const struct connect_request *request,
			      const struct device_options *options, int priority)
{
	char on[WRITTEN_STORES_LEN];
	struct device device;
	sigset_t before;
	struct genl *genl;
	enum rc rc;

	written_stores(options, on, sizeof(on));
	rc = genl_open(WHAT, &genl);
	if (rc)
		return rc;
	rc = device_connect(WHAT, on, genl, request, &device);
	if (rc) {
		genl_close(genl);
		return rc;
	}
	if (options->swapon) {
		/* An interrupt now would leave a device that is no swap; it can wait. */
		signals_block(&before);
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
	struct device_options options = { .what = WHAT };
	const struct option_spec specs[] = {
		{ "backend", .value = &options.backend },
		{ "address", .list = &options.addresses },
		{ "path", .list = &options.paths },
		{ "legs", .value = &options.legs },
		{ "mirror", .value = &options.copies, .flag = &options.mirror },
		{ "stripe", .flag = &options.stripe },
		{ "size", .value = &options.size },
		{ "secret-file", .list = &options.secret_files },
		{ "loss-timeout", .value = &options.loss_timeout },
		{ "latency", .value = &options.latency },
		{ "bandwidth", .value = &options.bandwidth },
		{ "checksum", .value = &options.checksum },
		{ "priority", .value = &options.priority },
		{ "swapon", .flag = &options.swapon },
		{ 0 },
	};
	struct connect_request request;
	int priority;
	enum rc rc;

	rc = options_only(WHAT, argc, argv, specs);
	if (rc)
		return rc;
	rc = device_options_read(&options, &request, &priority);
	if (!rc)
		rc = connect_device(&request, &options, priority);
	explicit_bzero(&request, sizeof(request));
	return rc;
}
