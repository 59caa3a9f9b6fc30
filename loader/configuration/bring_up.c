// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/signals.h"
#include "base/sysfile.h"
#include "cgroups/cgroup.h"
#include "cgroups/make.h"
#include "configuration/bring_up.h"
#include "configuration/legs_up.h"
#include "configuration/match.h"
#include "configuration/undo.h"
#include "devices/make.h"
#include "devices/target.h"
#include "domains/evictable.h"
#include "kernel/cores.h"
#include "kernel/presence.h"
#include "policies/live.h"
#include "policies/tunable_setting.h"

static const char *place_of(const char *what, const struct config_section *section)
{
	return config_place(what, section, section->line);
}

/* -- Evictors */

static enum rc check_evictors(const struct setup *setup)
{
	static struct cores cores;
	static struct cpu_list wanted;
	char online[256], todo[320];
	int cpu;

	if (!setup->cpus)
		return RC_OK;
	if (!cores_read(&cores))
		return no_mage(setup->what);
	cpu_list_parse(setup->cpus, &wanted);
	cpu = cpu_list_not_in(&wanted, &cores.online);
	if (cpu < 0)
		return RC_OK;
	cpu_list_format(&cores.online, online, sizeof(online));
	snprintf(todo, sizeof(todo), "online are %s", online);
	return report(RC_NOT_FOUND, place_of(setup->what, setup->evictors), setup->cpus, todo,
		      "CPU %d is not online", cpu);
}

/* Writes @text to a file that has something else, and takes note of that. */
static enum rc write_setting(const struct config_section *section, const char *file,
			     const char *text, struct undo *undo)
{
	struct undo_step *step;
	char before[1024];
	int err;

	if (sysfile_read(file, before, sizeof(before)) && !strcmp(before, text))
		return RC_OK;
	err = sysfile_write(file, text);
	if (err)
		return report(rc_of_errno(err), place_of(undo->what, section), file, NULL,
			      "cannot write %s to it: %s", text, strerror(err));
	step = undo_add(undo, UNDO_WRITE);
	snprintf(step->path, sizeof(step->path), "%s", file);
	snprintf(step->text, sizeof(step->text), "%s", before);
	printf("%s: %s instead of %s\n", file, text, before);
	return RC_OK;
}

static enum rc set_evictors(const struct setup *setup, struct undo *undo)
{
	static struct cpu_list wanted;
	char text[1024];

	if (!setup->cpus)
		return RC_OK;
	cpu_list_parse(setup->cpus, &wanted);
	cpu_list_format(&wanted, text, sizeof(text));
	return write_setting(setup->evictors, EVICTOR_CPUS_FILE, text, undo);
}

/* -- Far devices */

static enum rc activate(const struct setup_device *wanted, const struct device *device,
			struct undo *undo)
{
	enum rc rc =
		device_activate(place_of(undo->what, wanted->section), device, wanted->priority);

	if (rc)
		return rc;
	undo_add(undo, UNDO_SWAPON)->device = *device;
	printf("/dev/%s: swap\n", device->name);
	return RC_OK;
}

static enum rc bring_device_up(const struct setup_device *wanted, const struct device *there,
			       struct genl *genl, void *context)
{
	struct undo *undo = context;
	const struct device_options *options = &wanted->options;
	char on[WRITTEN_STORES_LEN];
	struct device device;
	enum rc rc;

	written_stores(options, on, sizeof(on));

	if (signals_pending())
		return RC_OK;
	if (there && wanted->request.set && (rc = legs_bring_up(wanted, there, genl, undo)))
		return rc;
	if (there && (there->swap || !options->swapon)) {
		printf("/dev/%s: is there\n", there->name);
		return RC_OK;
	}
	/* Somebody may use it as something else; but a mage that was killed leaves such ones, too. */
	if (there)
		return activate(wanted, there, undo);
	rc = device_connect(place_of(undo->what, wanted->section), on, genl, &wanted->request,
			    &device);
	if (rc)
		return rc;
	undo_add(undo, UNDO_CONNECT)->device = device;
	printf("/dev/%s: connected, %s%s%s\n", device.name, on, options->size ? ", " : "",
	       options->size ? options->size : "");
	return options->swapon ? activate(wanted, &device, undo) : RC_OK;
}

/* -- Policies */

/* Does the policy that governs have the values that are asked for? */
static bool has_settings(const struct governed *governed, const struct setup_cgroup *wanted)
{
	const struct word_list *words = &wanted->choice.settings;
	struct setting settings[MOST_WORDS];
	struct policy_live live;
	bool same;

	if (!words->nr)
		return true;
	same = !policy_live_open(governed->domain.link_id, &live) &&
	       !settings_read(governed->what, governed->domain.policy, words, false, &live.tunables,
			      settings);
	for (int i = 0; i < words->nr && same; i++)
		same = settings[i].tunable->value == settings[i].value;
	policy_live_close(&live);
	return same;
}

static enum rc swap_policy(struct governed *governed, const struct setup_cgroup *wanted,
			   struct undo *undo)
{
	int map_fd = policy_current_map(governed);
	struct policy_outcome outcome;
	struct undo_step *step;
	enum rc rc;

	rc = policy_replace(governed, &wanted->choice, &outcome);
	if (rc) {
		if (map_fd >= 0)
			close(map_fd);
		return rc;
	}
	step = undo_add(undo, UNDO_SWAP_POLICY);
	snprintf(step->path, sizeof(step->path), "%s", wanted->path);
	snprintf(step->text, sizeof(step->text), "%s", governed->domain.policy);
	step->map_fd = map_fd;
	step->new_fd = policy_current_map(governed);
	printf("%s: governed by the policy '%s' instead of '%s'\n", wanted->path, outcome.policy,
	       governed->domain.policy);
	outcome_notes(stdout, wanted->path, &outcome);
	return RC_OK;
}

static enum rc attach_policy(struct governed *governed, const struct setup_cgroup *wanted,
			     struct undo *undo)
{
	struct policy_outcome outcome;
	struct undo_step *step;
	enum rc rc;

	rc = policy_attach(governed, &wanted->choice, &outcome);
	if (rc)
		return rc;
	step = undo_add(undo, UNDO_ATTACH);
	snprintf(step->path, sizeof(step->path), "%s", wanted->path);
	printf("%s: governed by the policy '%s'\n", wanted->path, outcome.policy);
	outcome_notes(stdout, wanted->path, &outcome);
	return RC_OK;
}

static enum rc govern(const struct setup_cgroup *wanted, const char *policy, struct undo *undo)
{
	char what[512];
	struct governed governed;
	enum rc rc;

	snprintf(what, sizeof(what), "%s", place_of(undo->what, wanted->section));
	rc = governed_open(what, wanted->path, &governed);
	if (rc) {
		governed_close(&governed);
		return rc;
	}
	if (governed.pin != PIN_LIVE)
		rc = attach_policy(&governed, wanted, undo);
	else if (strcmp(governed.domain.policy, policy) || !has_settings(&governed, wanted))
		rc = swap_policy(&governed, wanted, undo);
	else
		printf("%s: is governed by the policy '%s'\n", wanted->path, policy);
	governed_close(&governed);
	return rc;
}

static enum rc set_limit(const struct setup_cgroup *wanted, const char *name, const char *text,
			 struct undo *undo)
{
	char file[PATH_MAX + 32];

	if (!text)
		return RC_OK;
	snprintf(file, sizeof(file), "%s/%s", wanted->path, name);
	return write_setting(wanted->section, file, text, undo);
}

/* The limits come last: when they are lower than what is there the evictors see to that. */
static enum rc bring_cgroup_up(const struct setup_cgroup *wanted, const char *policy,
			       struct undo *undo)
{
	struct undo_step *step;
	enum rc rc = RC_OK;
	uint64_t id;
	size_t nr;

	if (wanted->create && !cgroup_look(wanted->path, &id)) {
		rc = cgroup_make(place_of(undo->what, wanted->section), wanted->path, &nr);
		if (rc)
			return rc;
		step = undo_add(undo, UNDO_MAKE_CGROUP);
		snprintf(step->path, sizeof(step->path), "%s", wanted->path);
		step->nr = nr;
		printf("%s: made\n", wanted->path);
	}
	if ((rc = govern(wanted, policy, undo)) ||
	    (rc = set_limit(wanted, "memory.max", wanted->max, undo)))
		return rc;
	rc = set_limit(wanted, "memory.high", wanted->high, undo);
	if (!rc)
		evictable_note(wanted->path, wanted->path);
	return rc;
}

/* How the legs of one that is there differ from what is written. */
static enum rc say_legs(const struct setup_device *wanted, const struct device *there,
			struct genl *genl, void *context)
{
	(void)genl;
	(void)context;
	if (there && wanted->request.set)
		legs_say(wanted, there);
	return RC_OK;
}

/* -- What there is to evict to */

/* Will the device that is wanted be one that pages can be evicted to? */
static enum rc look_at_target(const struct setup_device *wanted, const struct device *there,
			      struct genl *genl, void *context)
{
	bool *found = context;

	(void)genl;
	/* One that is no swap yet becomes that. */
	if (wanted->options.swapon && (!there || device_target(there) == TARGET_FINE ||
				       device_target(there) == TARGET_NO_SWAP))
		*found = true;
	return RC_OK;
}

static enum rc check_targets(const struct setup *setup, struct genl *genl, const char *place)
{
	struct device *devices;
	bool found = false;
	enum rc rc;
	size_t nr;
	int err;

	rc = setup_each_device(setup, genl, look_at_target, &found);
	if (rc || found)
		return rc;
	err = genl_devices(genl, &devices, &nr);
	if (err)
		return genl_fail(genl, err, setup->what, NULL, NULL);
	rc = targets_check(place, NULL, devices, nr);
	free(devices);
	return rc;
}

/* What is governed already goes on as it can. */
static enum rc check_evictable(const struct setup *setup, struct genl *genl,
			       const struct setup_cgroup *wanted, const char *place)
{
	uint64_t id;
	enum rc rc;

	if (setup->force || (cgroup_look(wanted->path, &id) && pin_look(id) == PIN_LIVE))
		return RC_OK;
	rc = check_targets(setup, genl, place);
	return rc ? rc : evictable_cgroup(place, NULL, wanted->path);
}

/* -- All of it */

/* Whatever can be known before anything is changed. */
static enum rc check(const struct setup *setup, struct genl *genl, char (*policies)[MAGE_NAME_LEN])
{
	enum rc rc = check_evictors(setup);

	for (size_t i = 0; i < setup->nr_cgroups && !rc; i++) {
		const struct setup_cgroup *wanted = &setup->cgroups[i];
		const char *place = place_of(setup->what, wanted->section);
		struct policy_outcome outcome;
		uint64_t id;

		if (!wanted->create || cgroup_look(wanted->path, &id)) {
			if ((rc = cgroup_find(place, wanted->path, &id)) ||
			    (rc = cgroup_check(place, wanted->path, id)))
				break;
		}
		rc = check_evictable(setup, genl, wanted, place);
		if (!rc)
			rc = policy_check(place, wanted->path, &wanted->choice, &outcome);
		if (!rc)
			snprintf(policies[i], sizeof(policies[i]), "%s", outcome.policy);
	}
	return rc;
}

static enum rc bring_up(const struct setup *setup, const char (*policies)[MAGE_NAME_LEN],
			struct genl *genl)
{
	struct undo undo;
	enum rc rc;

	if (!undo_start(&undo, setup->what,
			1 + (2 + MAGE_LEGS_MAX) * setup->nr_devices + 4 * setup->nr_cgroups))
		return report(RC_FAILED, setup->what, NULL, NULL, "out of memory");
	rc = set_evictors(setup, &undo);
	if (!rc)
		rc = setup_each_device(setup, genl, bring_device_up, &undo);
	for (size_t i = 0; i < setup->nr_cgroups && !rc && !signals_pending(); i++)
		rc = bring_cgroup_up(&setup->cgroups[i], policies[i], &undo);
	if (!rc && signals_pending())
		rc = report(RC_FAILED, setup->what, NULL, NULL, "interrupted by signal %d",
			    signals_pending());
	if (rc)
		undo_all(&undo, genl);
	undo_end(&undo);
	return rc;
}

static enum rc check_and_bring_up(const struct setup *setup, bool only_check)
{
	char(*policies)[MAGE_NAME_LEN] = calloc(setup->nr_cgroups + 1, sizeof(*policies));
	struct genl *genl = NULL;
	enum rc rc;

	if (!policies)
		return report(RC_FAILED, setup->what, NULL, NULL, "out of memory");
	rc = genl_open(setup->what, &genl);
	if (!rc)
		rc = check(setup, genl, policies);
	if (!rc && only_check)
		rc = setup_each_device(setup, genl, say_legs, NULL);
	if (!rc && !only_check) {
		signals_block(NULL);
		rc = bring_up(setup, (const char(*)[MAGE_NAME_LEN])policies, genl);
	}
	genl_close(genl);
	free(policies);
	return rc;
}

enum rc setup_check(const struct setup *setup)
{
	return check_and_bring_up(setup, true);
}

enum rc setup_bring_up(const struct setup *setup)
{
	return check_and_bring_up(setup, false);
}
