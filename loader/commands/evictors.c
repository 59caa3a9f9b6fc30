// SPDX-License-Identifier: GPL-2.0-only
/* "mage evictors": on which CPUs they run. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/options.h"
#include "base/sysfile.h"
#include "commands/evictors.h"
#include "common/json.h"
#include "kernel/cores.h"
#include "kernel/presence.h"

#define WHAT "evictors"

static void list_json(struct json *json, const char *name, const struct cpu_list *list)
{
	json_open_array(json, name);
	for (unsigned int i = 0; i < MOST_CPUS; i++) {
		if (list->has[i])
			json_u64(json, NULL, i);
	}
	json_close_array(json);
}

static void list_line(const char *name, const struct cpu_list *list)
{
	char text[1024];

	cpu_list_format(list, text, sizeof(text));
	printf("%-13s %s\n", name, text[0] ? text : "none");
}

static enum rc show(bool as_json)
{
	static struct cores cores;
	struct json json;

	if (!cores_read(&cores))
		return no_mage(WHAT);
	if (as_json) {
		json_start(&json, stdout);
		json_open_object(&json, NULL);
		list_json(&json, "evictor_cpus", &cores.evictors);
		list_json(&json, "online_cpus", &cores.online);
		list_json(&json, "isolated_cpus", &cores.isolated);
		json_close_object(&json);
		json_end(&json);
	} else {
		list_line("evictor CPUs", &cores.evictors);
		list_line("online CPUs", &cores.online);
		list_line("isolated CPUs", &cores.isolated);
	}
	return RC_OK;
}

/* The kernel takes CPUs that are offline, too: evictors come there when they come up. */
static enum rc check(const char *typed, struct cpu_list *wanted)
{
	static struct cores cores;
	char online[256], todo[320];
	int cpu;

	if (!cores_read(&cores))
		return no_mage(WHAT);
	cpu_list_format(&cores.online, online, sizeof(online));
	snprintf(todo, sizeof(todo), "give CPUs as in 3 or 2-3,6; online are %s", online);
	if (!cpu_list_parse(typed, wanted))
		return report(RC_USAGE, WHAT, typed, todo, "is no list of CPUs");
	if (!cpu_list_count(wanted))
		return report(RC_USAGE, WHAT, NULL, todo, "the list of CPUs is empty");
	cpu = cpu_list_not_in(wanted, &cores.online);
	if (cpu >= 0)
		return report(RC_NOT_FOUND, WHAT, typed, todo, "CPU %d is not online", cpu);
	return RC_OK;
}

static enum rc set(const char *typed)
{
	static struct cpu_list wanted;
	enum rc rc = check(typed, &wanted);
	int err;

	if (rc)
		return rc;
	err = sysfile_write(EVICTOR_CPUS_FILE, typed);
	if (err)
		return report(rc_of_errno(err), WHAT, typed, NULL, "cannot set the CPUs: %s",
			      strerror(err));
	return RC_OK;
}

enum rc cmd_evictors(int argc, char **argv)
{
	const char *cpus = NULL;
	bool json = false;
	const struct option_spec specs[] = {
		{ "cpus", .value = &cpus },
		{ "json", .flag = &json },
		{ 0 },
	};
	enum rc rc;

	rc = options_only(WHAT, argc, argv, specs);
	if (rc)
		return rc;
	if (cpus)
		rc = set(cpus);
	return rc ? rc : show(json);
}
