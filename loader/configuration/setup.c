// SPDX-License-Identifier: GPL-2.0-only
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cpu_list.h"
#include "base/error.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "cgroups/cgroup.h"
#include "cgroups/path.h"
#include "configuration/device_options.h"
#include "configuration/setup.h"
#include "policies/find.h"

#define MOST_KEYS 16

/* A key of a section, and where its value goes; a table ends with a NULL name. */
struct key {
	const char *name;
	const char **value;
	struct word_list *list; /* the key may be there several times */
};

static enum rc unknown(const char *place, const char *typed, const char *const *names, size_t nr,
		       const char *what_it_is)
{
	char todo[256];

	did_you_mean_or_list(todo, sizeof(todo), "there are", typed, names, nr);
	return report(RC_USAGE, place, typed, todo, "no such %s", what_it_is);
}

static enum rc read_entry(const char *place, const struct config_entry *entry,
			  const struct key *keys)
{
	const char *names[MOST_KEYS];
	size_t nr = 0;

	for (; keys->name; keys++) {
		names[nr++] = keys->name;
		if (strcmp(keys->name, entry->key))
			continue;
		if (keys->value && *keys->value)
			return report(RC_USAGE, place, entry->key, "remove one of the lines",
				      "is there twice in this section");
		if (keys->value)
			*keys->value = entry->value;
		else if (keys->list->nr == MOST_WORDS)
			return report(RC_USAGE, place, entry->key, NULL,
				      "is there more than %d times", MOST_WORDS);
		else
			keys->list->word[keys->list->nr++] = entry->value;
		return RC_OK;
	}
	return unknown(place, entry->key, names, nr, "setting in this section");
}

static enum rc read_keys(const char *what, const struct config_section *section,
			 const struct key *keys)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < section->nr && !rc; i++)
		rc = read_entry(config_place(what, section, section->entries[i].line),
				&section->entries[i], keys);
	return rc;
}

/* NULL stands for the default, which *answer has. */
static enum rc read_truth(const char *what, const struct config_section *section, const char *key,
			  const char *text, bool *answer)
{
	if (!text)
		return RC_OK;
	if (strcmp(text, "yes") && strcmp(text, "no"))
		return report(RC_USAGE, config_key_place(what, section, key), key,
			      "write yes or no", "'%.80s' is neither", text);
	*answer = !strcmp(text, "yes");
	return RC_OK;
}

static enum rc must_have_no_name(const char *what, const struct config_section *section)
{
	if (!*section->name)
		return RC_OK;
	return report(RC_USAGE, config_place(what, section, section->line), section->name,
		      "write only the word in the brackets", "a section [%s] has no name",
		      section->kind);
}

static enum rc read_evictors(struct setup *setup, const struct config_section *section)
{
	const struct key keys[] = { { "cpus", .value = &setup->cpus }, { 0 } };
	static struct cpu_list list;
	enum rc rc;

	if (setup->evictors)
		return report(RC_USAGE, config_place(setup->what, section, section->line), NULL,
			      "keep one of them", "there are two sections [evictors]");
	setup->evictors = section;
	if ((rc = must_have_no_name(setup->what, section)) ||
	    (rc = read_keys(setup->what, section, keys)) || !setup->cpus)
		return rc;
	if (!cpu_list_parse(setup->cpus, &list) || !cpu_list_count(&list))
		return report(RC_USAGE, config_key_place(setup->what, section, "cpus"), setup->cpus,
			      "give CPUs as in 3 or 2-3,6", "is no list of CPUs");
	return RC_OK;
}

/* "yes" and "no", too, besides a number of copies, which is looked at with the legs. */
static void read_mirror(struct device_options *options)
{
	options->mirror = options->copies && strcmp(options->copies, "no");
	if (!options->mirror || !strcmp(options->copies, "yes"))
		options->copies = NULL;
}

static enum rc read_device(struct setup *setup, const struct config_section *section)
{
	struct setup_device *device = &setup->devices[setup->nr_devices++];
	struct device_options *options = &device->options;
	const char *swapon = NULL, *stripe = NULL;
	const struct key keys[] = {
		{ "backend", .value = &options->backend },
		{ "address", .list = &options->addresses },
		{ "path", .list = &options->paths },
		{ "legs", .value = &options->legs },
		{ "size", .value = &options->size },
		{ "secret-file", .list = &options->secret_files },
		{ "mirror", .value = &options->copies },
		{ "stripe", .value = &stripe },
		{ "loss-timeout", .value = &options->loss_timeout },
		{ "latency", .value = &options->latency },
		{ "bandwidth", .value = &options->bandwidth },
		{ "checksum", .value = &options->checksum },
		{ "priority", .value = &options->priority },
		{ "swapon", .value = &swapon },
		{ 0 },
	};
	enum rc rc;

	device->section = section;
	options->what = setup->what;
	options->section = section;
	options->swapon = true;
	if ((rc = must_have_no_name(setup->what, section)) ||
	    (rc = read_keys(setup->what, section, keys)) ||
	    (rc = read_truth(setup->what, section, "swapon", swapon, &options->swapon)) ||
	    (rc = read_truth(setup->what, section, "stripe", stripe, &options->stripe)))
		return rc;
	read_mirror(options);
	return device_options_read(options, &device->request, &device->priority);
}

/* What memory.max and memory.high get: a size, or "max". */
static enum rc read_limit(const char *what, const struct config_section *section, const char *key,
			  const char *typed, char *text, size_t size, const char **limit)
{
	enum parse_result result;
	uint64_t bytes;

	if (!typed)
		return RC_OK;
	*limit = text;
	if (!strcmp(typed, "max")) {
		snprintf(text, size, "max");
		return RC_OK;
	}
	result = parse_page_size(typed, (uint64_t)sysconf(_SC_PAGESIZE), &bytes);
	if (result != PARSE_OK)
		return report(RC_USAGE, config_key_place(what, section, key), key,
			      "give whole pages, as in 512M or 1G, or max", "%.80s %s", typed,
			      parse_result_text(result));
	snprintf(text, size, "%llu", (unsigned long long)bytes);
	return RC_OK;
}

/* One way to write each cgroup, so that two sections about the same are found. */
static enum rc read_path(struct setup *setup, struct setup_cgroup *cgroup)
{
	const struct config_section *section = cgroup->section;
	const char *place = config_place(setup->what, section, section->line);

	if (!*section->name)
		return report(RC_USAGE, place, NULL, "write it as in [cgroup app]",
			      "the cgroup's path is missing");
	cgroup->path = cgroup_below(section->name);
	if (!cgroup->path)
		return report(RC_FAILED, place, NULL, NULL, "out of memory");
	if (!strcmp(cgroup->path, cgroup_mount_point()))
		return report(RC_USAGE, place, section->name, "name one below it",
			      "the root cgroup cannot be governed");
	if (strstr(section->name, "/../") || strstr(section->name, "//"))
		return report(RC_USAGE, place, section->name, "write it as in [cgroup web/app]",
			      "is no plain path of a cgroup");
	for (struct setup_cgroup *other = setup->cgroups; other != cgroup; other++) {
		if (!strcmp(other->path, cgroup->path))
			return report(RC_USAGE, place, section->name, "keep one of them",
				      "line %u is about the same cgroup", other->section->line);
	}
	return RC_OK;
}

static enum rc read_cgroup(struct setup *setup, const struct config_section *section)
{
	struct setup_cgroup *cgroup = &setup->cgroups[setup->nr_cgroups++];
	const char *create = NULL, *max = NULL, *high = NULL;
	const struct key keys[] = {
		{ "policy", .value = &cgroup->choice.file },
		{ "name", .value = &cgroup->choice.name },
		{ "set", .list = &cgroup->choice.settings },
		{ "create", .value = &create },
		{ "memory.max", .value = &max },
		{ "memory.high", .value = &high },
		{ 0 },
	};
	char object[PATH_MAX];
	enum rc rc;

	cgroup->section = section;
	if ((rc = read_path(setup, cgroup)) || (rc = read_keys(setup->what, section, keys)) ||
	    (rc = read_truth(setup->what, section, "create", create, &cgroup->create)) ||
	    (rc = read_limit(setup->what, section, "memory.max", max, cgroup->max_text,
			     sizeof(cgroup->max_text), &cgroup->max)) ||
	    (rc = read_limit(setup->what, section, "memory.high", high, cgroup->high_text,
			     sizeof(cgroup->high_text), &cgroup->high)))
		return rc;
	if (!cgroup->choice.file)
		return report(RC_USAGE, config_place(setup->what, section, section->line),
			      section->name, "add a line as in policy = clock",
			      "the policy is missing");
	if (!strcmp(cgroup->choice.file, BUILTIN_POLICY))
		return RC_OK;
	return policy_find(config_key_place(setup->what, section, "policy"), cgroup->choice.file,
			   object, sizeof(object));
}

static enum rc read_section(struct setup *setup, const struct config_section *section)
{
	static const char *const kinds[] = { "evictors", "device", "cgroup" };

	if (!strcmp(section->kind, "evictors"))
		return read_evictors(setup, section);
	if (!strcmp(section->kind, "device"))
		return read_device(setup, section);
	if (!strcmp(section->kind, "cgroup"))
		return read_cgroup(setup, section);
	return unknown(config_place(setup->what, section, section->line), section->kind, kinds, 3,
		       "kind of section");
}

enum rc setup_read(const char *what, const char *file, struct setup *setup)
{
	size_t nr;
	enum rc rc;

	memset(setup, 0, sizeof(*setup));
	setup->what = what;
	setup->file = file;
	rc = config_read(what, file, &setup->config);
	if (rc)
		return rc;
	nr = setup->config.nr;
	setup->devices = calloc(nr + 1, sizeof(*setup->devices));
	setup->cgroups = calloc(nr + 1, sizeof(*setup->cgroups));
	if (!setup->devices || !setup->cgroups)
		return report(RC_FAILED, what, file, NULL, "out of memory");
	for (size_t i = 0; i < nr && !rc; i++)
		rc = read_section(setup, &setup->config.sections[i]);
	return rc;
}

void setup_free(struct setup *setup)
{
	/* The secrets of memory nodes are in it. */
	if (setup->devices)
		explicit_bzero(setup->devices, setup->nr_devices * sizeof(*setup->devices));
	free(setup->devices);
	for (size_t i = 0; i < setup->nr_cgroups; i++)
		free(setup->cgroups[i].path);
	free(setup->cgroups);
	config_free(&setup->config);
}
