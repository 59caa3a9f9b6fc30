// SPDX-License-Identifier: GPL-2.0-only
/* "mage doctor" */
#include <stdio.h>
#include <unistd.h>

#include "base/arguments.h"
#include "base/error.h"
#include "base/options.h"
#include "commands/doctor.h"
#include "configuration/setup.h"
#include "doctor/configuration.h"
#include "doctor/cores.h"
#include "doctor/far.h"
#include "doctor/kernel.h"
#include "doctor/machine.h"
#include "doctor/nic.h"
#include "kernel/cores.h"

#define WHAT "doctor"

static enum rc read_node(struct node_to_try *node, const char *size)
{
	if (!node->address) {
		if (node->secret_file || size)
			return report(RC_USAGE, WHAT, NULL, "add --address HOST[:PORT]",
				      "which memory node is not said");
		return RC_OK;
	}
	if (!node->secret_file)
		return report(RC_USAGE, WHAT, node->address, "add --secret-file FILE",
			      "the memory node's secret is missing");
	node->size = (uint64_t)sysconf(_SC_PAGESIZE);
	if (!size)
		return RC_OK;
	return argument_pages(WHAT, "size", size, "give whole pages, as in 512M or 1G",
			      &node->size);
}

static void look(struct findings *findings, const struct node_to_try *node)
{
	static struct cores cores;
	const struct cpu_list *evictors;

	if (!doctor_kernel(findings)) {
		doctor_configuration(findings, CONFIG_FILE, false);
		return;
	}
	evictors = cores_read(&cores) ? &cores.evictors : NULL;
	doctor_cores(findings);
	doctor_machine(findings, "/sys", evictors);
	doctor_nics(findings, "/sys", evictors);
	doctor_configuration(findings, CONFIG_FILE, doctor_running(findings));
	if (node->address)
		doctor_node(findings, node);
}

enum rc cmd_doctor(int argc, char **argv)
{
	struct node_to_try node = { 0 };
	const char *size = NULL;
	bool json = false;
	const struct option_spec specs[] = {
		{ "address", .value = &node.address },
		{ "secret-file", .value = &node.secret_file },
		{ "size", .value = &size },
		{ "json", .flag = &json },
		{ 0 },
	};
	static struct findings findings;
	enum rc rc;

	if ((rc = options_only(WHAT, argc, argv, specs)) || (rc = read_node(&node, size)))
		return rc;
	look(&findings, &node);
	if (json)
		findings_json(stdout, &findings);
	else
		findings_text(stdout, &findings);
	return findings_wrong(&findings) ? RC_FAILED : RC_OK;
}
