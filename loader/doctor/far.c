// SPDX-License-Identifier: GPL-2.0-only
/* Far devices, domains, and a memory node on trial. */
#include <errno.h>
#include <string.h>

#include <linux/mage.h>
#include <linux/mage_wire.h>

#include "base/address.h"
#include "base/parse.h"
#include "base/secret.h"
#include "devices/leg.h"
#include "devices/target.h"
#include "doctor/disk.h"
#include "doctor/far.h"
#include "doctor/legs.h"
#include "domains/sample_take.h"
#include "kernel/genl.h"
#include "kernel/presence.h"

/* What a far device that does not work as it should needs. */
static const char *what_to_see(const struct device *device)
{
	if (device_has_legs(device))
		return "see what its legs need; then disconnect the device, and connect it again";
	if (device->path[0])
		return "see the kernel's messages about its disk; then disconnect the device, and "
		       "connect it again when the disk works";
	return "see that the memory node runs and can be reached; then disconnect the device and "
	       "connect it again";
}

static void look_at_device(struct findings *findings, const struct device *device)
{
	uint64_t errors = device->read_errors + device->write_errors;
	static const char area[] = "device";

	if (!strcmp(device->state, "failed"))
		finding_add(findings, area, device->name, VERDICT_WRONG, what_to_see(device),
			    "%s has failed (%s): what it held is lost%s%s", device->name,
			    device->backend, device->reason[0] ? ": " : "", device->reason);
	else if (!strcmp(device->state, "suspended") && device_has_legs(device))
		finding_add(findings, area, device->name, VERDICT_WRONG,
			    "see that the memory nodes of its legs run and can be reached, in time",
			    "%s has been suspended for %llu s, and what needs it waits: %s",
			    device->name, (unsigned long long)device->state_ms / 1000,
			    device->reason);
	else if (!strcmp(device->state, "suspended"))
		finding_add(
			findings, area, device->name, VERDICT_WRONG,
			"see that the memory node runs and can be reached, in time",
			"%s has been suspended for %llu s of at most %u s, and what needs it waits: %s",
			device->name, (unsigned long long)device->state_ms / 1000,
			device->loss_timeout_ms / 1000, device->reason);
	else if (!device->swap)
		finding_add(findings, area, device->name, VERDICT_NOTE,
			    "mkswap and swapon, or connect it with --swapon",
			    "%s is connected but is no swap: nothing is evicted to it",
			    device->name);
	else if (device->mismatches)
		finding_add(findings, area, device->name, VERDICT_WRONG,
			    device->path[0] ?
				    "see the kernel's messages; test the disk, and what caches it" :
				    "see the kernel's messages; test the memory of the memory node",
			    "%s has had %llu reads of pages that were not what was written",
			    device->name, (unsigned long long)device->mismatches);
	else if (errors)
		finding_add(findings, area, device->name, VERDICT_NOTE, "see the kernel's messages",
			    "%s has had %llu errors of reads and writes", device->name,
			    (unsigned long long)errors);
	else if (device->slots && device->slots_used >= device->slots / 10 * 9)
		finding_add(findings, area, device->name, VERDICT_NOTE, "connect another one",
			    "%s is nearly full: %llu of %llu pages", device->name,
			    (unsigned long long)device->slots_used,
			    (unsigned long long)device->slots);
	else
		finding_add(findings, area, device->name, VERDICT_OK, NULL,
			    "%s (%s) is active: %llu of %llu pages used", device->name,
			    device->backend, (unsigned long long)device->slots_used,
			    (unsigned long long)device->slots);
}

static void look_at_domain(struct findings *findings, const struct sample_domain *entry)
{
	const struct domain *domain = &entry->domain;
	const char *path = sample_path(entry);
	static const char area[] = "domain";

	if (domain->builtin && domain->exit_kind >= MAGE_EXIT_FOREIGN_FRAME)
		finding_add(findings, area, "policy", VERDICT_WRONG,
			    "load another policy: mage policy load NAME --cgroup PATH",
			    "the policy '%s' of %s was ejected: %s", domain->exit_policy, path,
			    domain->exit_message);
	else if (domain->limit == NO_LIMIT)
		finding_add(findings, area, "limit", VERDICT_NOTE,
			    "write the size of its local memory to memory.max",
			    "%s has no limit: only the pressure of the whole machine evicts", path);
	else
		finding_add(findings, area, "policy", VERDICT_OK, NULL, "%s is governed by '%s'",
			    path, domain->policy);
	if (domain->fallbacks)
		finding_add(findings, area, "fallbacks", VERDICT_NOTE,
			    "see whether far memory is full or slow, or the limit very small",
			    "%s fell back to the kernel's own reclaim %llu times", path,
			    (unsigned long long)domain->fallbacks);
}

static void look_at_limits(struct findings *findings, const struct limit_notes *notes)
{
	for (size_t i = 0; notes && i < notes->nr; i++) {
		const struct limit_note *note = &notes->note[i];
		enum verdict verdict = note->wrong ? VERDICT_WRONG : VERDICT_NOTE;

		finding_add(findings, "domain", note->file + strlen("memory."),
			    note->effect == LIMIT_KEPT ? VERDICT_OK : verdict, note->todo, "%s",
			    note->text);
	}
}

/* Governed, and nothing to evict to. */
static void look_for_target(struct findings *findings, const struct sample *sample)
{
	for (size_t i = 0; i < sample->nr_devices; i++) {
		if (device_target(&sample->devices[i]) == TARGET_FINE)
			return;
	}
	if (sample->nr_domains)
		finding_add(findings, "device", "target", VERDICT_WRONG,
			    "connect one, with mage device connect --swapon",
			    "%zu cgroups are governed, and there is no far device to evict to",
			    sample->nr_domains);
}

bool doctor_running(struct findings *findings)
{
	int version = genl_version();
	struct swap_areas swaps;
	struct sample sample;
	struct genl *genl;

	if (version >= 0 && version != MAGE_GENL_VERSION) {
		finding_add(findings, "kernel", "version", VERDICT_WRONG,
			    version_todo((unsigned int)version),
			    "the kernel has version %d of Mage's interface, and this program is "
			    "for %d",
			    version, MAGE_GENL_VERSION);
		return false;
	}
	if (version >= 0)
		finding_add(findings, "kernel", "version", VERDICT_OK, NULL,
			    "the kernel and this program have version %d of Mage's interface",
			    version);
	/* What it says is on standard error; the kernel was found to have Mage. */
	if (genl_open("doctor", &genl)) {
		finding_add(findings, "kernel", "netlink", VERDICT_WRONG,
			    "use the host's network namespace",
			    "the kernel's interface to Mage cannot be reached from here");
		return false;
	}
	if (!sample_take(genl, 0, &sample) && !sample_take_limits(&sample)) {
		if (!sample.nr_devices)
			finding_add(findings, "device", "none", VERDICT_NOTE,
				    "mage device connect --swapon", "there is no far device yet");
		for (size_t i = 0; i < sample.nr_devices; i++)
			look_at_device(findings, &sample.devices[i]);
		swap_areas_read(&swaps);
		for (size_t i = 0; i < sample.nr_devices; i++)
			doctor_disk(findings, "/sys", &swaps, &sample.devices[i]);
		for (size_t i = 0; i < sample.nr_devices; i++)
			doctor_legs(findings, "/sys", &sample.devices[i]);
		look_for_target(findings, &sample);
		for (size_t i = 0; i < sample.nr_domains; i++) {
			look_at_domain(findings, &sample.domains[i]);
			look_at_limits(findings, sample.domains[i].limits);
		}
		sample_free(&sample);
	}
	genl_close(genl);
	return true;
}

/* Makes a far device there, for a moment: the kernel does all that a real one needs. */
static void try_node(struct findings *findings, const char *address,
		     const struct connect_request *request)
{
	static const char area[] = "memory node";
	struct device device;
	struct genl *genl;
	int err;

	if (genl_open("doctor", &genl))
		return;
	err = genl_device_connect(genl, request, &device);
	if (err) {
		finding_add(findings, area, "connection", VERDICT_WRONG,
			    err == -EPERM ? "run it as root" :
					    "see that mage-memnoded runs there, with this secret "
					    "and enough --size",
			    "%s: %s", address, genl_why(genl));
	} else {
		finding_add(findings, area, "connection", VERDICT_OK, NULL,
			    "%s can be reached, knows the secret, and has room for %llu bytes",
			    address, (unsigned long long)request->size);
		err = genl_device_disconnect(genl, device.index);
		if (err)
			finding_add(findings, area, "connection", VERDICT_NOTE,
				    "remove it with 'mage device disconnect'",
				    "/dev/%s, made for the test, cannot be removed: %s",
				    device.name, genl_why(genl));
	}
	genl_close(genl);
}

void doctor_node(struct findings *findings, const struct node_to_try *node)
{
	struct connect_request request = { .size = node->size, .nr_legs = 1 };
	struct leg_request *store = &request.legs[0];
	char host[256];

	store->backend = "rdma";
	store->port = MAGE_WIRE_PORT;
	if (parse_address(node->address, host, sizeof(host), &store->port) != PARSE_OK ||
	    resolve_host("doctor", host, store->address, sizeof(store->address)) ||
	    read_secret("doctor", node->secret_file, store->secret, &store->secret_len)) {
		finding_add(findings, "memory node", "address", VERDICT_WRONG,
			    "check --address and --secret-file",
			    "%s: the address or the secret cannot be used", node->address);
		return;
	}
	try_node(findings, node->address, &request);
	explicit_bzero(store->secret, sizeof(store->secret));
}
