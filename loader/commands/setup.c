// SPDX-License-Identifier: GPL-2.0-only
/* "mage up" and "mage down": what the configuration file asks for. */
#include <stdio.h>

#include "base/options.h"
#include "commands/setup.h"
#include "configuration/bring_up.h"
#include "configuration/take_down.h"
#include "domains/pin.h"

static enum rc with_setup(const char *what, const char *file, bool force,
			  enum rc (*act)(const struct setup *))
{
	struct setup setup;
	enum rc rc = setup_read(what, file, &setup);

	setup.force = force;
	if (!rc)
		rc = act(&setup);
	setup_free(&setup);
	return rc;
}

static enum rc check(const struct setup *setup)
{
	enum rc rc = setup_check(setup);

	if (!rc)
		printf("%s: %zu far devices, %zu cgroups, nothing wrong\n", setup->file,
		       setup->nr_devices, setup->nr_cgroups);
	return rc;
}

enum rc cmd_up(int argc, char **argv)
{
	static const char what[] = "up";
	const char *file = CONFIG_FILE;
	bool only_check = false, force = false;
	const struct option_spec specs[] = {
		{ "config", .value = &file },
		{ "check", .flag = &only_check },
		{ "force", .flag = &force },
		{ 0 },
	};
	enum rc rc = options_only(what, argc, argv, specs);

	if (rc)
		return rc;
	return with_setup(what, file, force, only_check ? check : setup_bring_up);
}

enum rc cmd_down(int argc, char **argv)
{
	static const char what[] = "down";
	const char *file = CONFIG_FILE;
	const struct option_spec specs[] = {
		{ "config", .value = &file },
		{ 0 },
	};
	enum rc rc = options_only(what, argc, argv, specs);

	if (rc)
		return rc;
	pin_sweep();
	return with_setup(what, file, false, setup_take_down);
}
