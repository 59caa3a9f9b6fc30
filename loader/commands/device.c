// SPDX-License-Identifier: GPL-2.0-only
/* "mage device disconnect" and "mage device list". */
#include <stdio.h>
#include <stdlib.h>

#include "base/options.h"
#include "commands/device.h"
#include "devices/make.h"
#include "devices/named.h"
#include "devices/render.h"
#include "kernel/genl.h"

enum rc cmd_device_disconnect(int argc, char **argv)
{
	static const char what[] = "device disconnect";
	bool swapoff = false;
	const struct option_spec specs[] = {
		{ "swapoff", .flag = &swapoff },
		{ 0 },
	};
	struct operands operands;
	struct device device;
	struct genl *genl;
	uint32_t index;
	enum rc rc;

	if ((rc = options_parse(what, argc, argv, specs, &operands)) ||
	    (rc = operands_check(what, &operands, 1, 1, "the device's name")))
		return rc;
	if ((rc = device_number(what, operands.arg[0], &index)) || (rc = genl_open(what, &genl)))
		return rc;
	rc = device_find(what, operands.arg[0], genl, index, &device);
	if (!rc)
		rc = device_remove(what, genl, &device, swapoff);
	genl_close(genl);
	return rc;
}

enum rc cmd_device_list(int argc, char **argv)
{
	static const char what[] = "device list";
	bool json = false;
	const struct option_spec specs[] = {
		{ "json", .flag = &json },
		{ 0 },
	};
	struct device *devices;
	struct genl *genl;
	enum rc rc;
	size_t nr;
	int err;

	if ((rc = options_only(what, argc, argv, specs)) || (rc = genl_open(what, &genl)))
		return rc;
	err = genl_devices(genl, &devices, &nr);
	if (err)
		rc = genl_fail(genl, err, what, NULL, NULL);
	else if (json)
		devices_json_document(stdout, devices, nr);
	else
		devices_table(stdout, devices, nr);
	free(devices);
	genl_close(genl);
	return rc;
}
