// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "configuration/bring_up.h"
#include "doctor/configuration.h"

static const char what[] = "doctor";

static enum rc check(const char *file, bool ask_kernel, struct setup *setup)
{
	enum rc rc = setup_read(what, file, setup);

	return rc || !ask_kernel ? rc : setup_check(setup);
}

void doctor_configuration(struct findings *findings, const char *file, bool ask_kernel)
{
	static const char area[] = "mage.conf", prefix[] = "doctor: ";
	struct error_line line = { 0 };
	struct setup setup;
	enum rc rc;

	if (geteuid() || access(file, F_OK))
		return;
	error_kept = &line;
	rc = check(file, ask_kernel, &setup);
	error_kept = NULL;
	if (rc)
		finding_add(findings, area, "settings", VERDICT_WRONG, line.todo, "%s",
			    line.text + strlen(prefix));
	else
		finding_add(findings, area, "settings", VERDICT_OK, NULL,
			    "%s: %zu far devices, %zu cgroups, nothing wrong", file,
			    setup.nr_devices, setup.nr_cgroups);
	setup_free(&setup);
}
