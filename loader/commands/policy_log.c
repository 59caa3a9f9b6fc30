// SPDX-License-Identifier: GPL-2.0-only
/* "mage policy log" */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/options.h"
#include "cgroups/cgroup.h"
#include "cgroups/path.h"
#include "commands/policy_log.h"
#include "common/json.h"
#include "kernel/genl.h"
#include "policies/calls.h"

#define WHAT "policy log"

static void record_line(const struct exit_record *record, const char *path)
{
	time_t seconds = (time_t)(record->time_ns / 1000000000);
	char when[32] = "?", cgroup[64];
	struct tm broken_down;

	if (localtime_r(&seconds, &broken_down))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &broken_down);
	/* The cgroup is often gone; then its id is all there is. */
	snprintf(cgroup, sizeof(cgroup), "(%" PRIu64 ")", record->cgroup_id);
	printf("%-19s  %-20s %-12s %s%s%s\n", when,
	       path ? path + strlen(cgroup_mount_point()) : cgroup, record->policy,
	       exit_kind_text(record->kind), record->message[0] ? ": " : "", record->message);
	/* Of one that went in peace nobody asks that; JSON has it. */
	if (record->kind < MAGE_EXIT_FOREIGN_FRAME)
		return;
	said_text(stdout, "    ", record->dump, record->dump_cut);
	lists_text(stdout, "    lists     ", &record->calls);
	calls_text(stdout, "    ", &record->calls);
}

static void record_json(struct json *json, const struct exit_record *record, const char *path)
{
	json_open_object(json, NULL);
	json_u64(json, "number", record->number);
	json_double(json, "time", (double)record->time_ns / 1e9);
	json_string(json, "cgroup", path);
	json_u64(json, "cgroup_id", record->cgroup_id);
	json_string(json, "policy", record->policy);
	json_string(json, "kind", exit_kind_name(record->kind));
	json_u64(json, "kind_number", record->kind);
	json_string(json, "text", exit_kind_text(record->kind));
	json_string(json, "message", record->message);
	json_string(json, "dump", record->dump[0] ? record->dump : NULL);
	json_bool(json, "dump_cut", record->dump_cut);
	calls_json(json, &record->calls);
	json_close_object(json);
}

/* @cgroup_id 0 is every one. */
static void show(const struct exit_record *records, size_t nr, uint64_t cgroup_id, bool as_json)
{
	struct json json;

	if (as_json) {
		json_start(&json, stdout);
		json_open_object(&json, NULL);
		json_open_array(&json, "exits");
	} else {
		printf("%-19s  %-20s %-12s %s\n", "TIME", "CGROUP", "POLICY", "WHY");
	}
	for (size_t i = 0; i < nr; i++) {
		char *path;

		if (cgroup_id && records[i].cgroup_id != cgroup_id)
			continue;
		path = cgroup_path(records[i].cgroup_id);
		if (as_json)
			record_json(&json, &records[i], path);
		else
			record_line(&records[i], path);
		free(path);
	}
	if (as_json) {
		json_close_array(&json);
		json_close_object(&json);
		json_end(&json);
	}
}

enum rc cmd_policy_log(int argc, char **argv)
{
	const char *cgroup = NULL;
	bool json = false;
	const struct option_spec specs[] = {
		{ "cgroup", .value = &cgroup },
		{ "json", .flag = &json },
		{ 0 },
	};
	struct exit_record *records;
	uint64_t cgroup_id = 0;
	struct genl *genl;
	enum rc rc;
	size_t nr;
	int err;

	if ((rc = options_only(WHAT, argc, argv, specs)) || (rc = genl_open(WHAT, &genl)))
		return rc;
	if (cgroup)
		rc = cgroup_find(WHAT, cgroup, &cgroup_id);
	if (!rc) {
		err = genl_exits(genl, &records, &nr);
		if (err)
			rc = genl_fail(genl, err, WHAT, NULL, NULL);
		else
			show(records, nr, cgroup_id, json);
		free(records);
	}
	genl_close(genl);
	return rc;
}
