// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "base/error.h"
#include "base/parse.h"
#include "configuration/written.h"

const char *written_nth_place(const struct device_options *options, const char *option, int nth)
{
	const struct config_section *section = options->section;

	return section ? config_nth_place(options->what, section, option, nth) : options->what;
}

const char *written_place(const struct device_options *options, const char *option)
{
	return written_nth_place(options, option, 0);
}

const char *written_dashes(const struct device_options *options)
{
	return options->section ? "" : "--";
}

enum rc written_badly(const struct device_options *options, const char *option, const char *value,
		      enum parse_result result, const char *todo)
{
	char on[128];

	if (result == PARSE_OK)
		return RC_OK;
	snprintf(on, sizeof(on), "%s%s %.80s", written_dashes(options), option, value);
	return report(RC_USAGE, written_place(options, option), on, todo, "%s",
		      parse_result_text(result));
}

enum rc written_needed(const struct device_options *options, const char *option, bool there)
{
	char todo[64];

	if (there)
		return RC_OK;
	snprintf(todo, sizeof(todo), "see 'mage %s --help'", options->what);
	return report(RC_USAGE, written_place(options, option), NULL,
		      options->section ? "see mage.conf(5)" : todo, "%s%s is missing",
		      written_dashes(options), option);
}

enum rc written_for_nothing(const struct device_options *options, const char *option, bool there)
{
	char on[64];

	if (!there)
		return RC_OK;
	snprintf(on, sizeof(on), "%s%s", written_dashes(options), option);
	return report(RC_USAGE, written_place(options, option), on, NULL,
		      "means nothing to the backend %s", options->backend);
}

void written_stores(const struct device_options *options, char *text, size_t size)
{
	const struct word_list *words = options->addresses.nr ? &options->addresses :
								&options->paths;
	size_t used = 0;

	if (!words->nr)
		snprintf(text, size, "%s", options->backend);
	for (int i = 0; i < words->nr && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "",
					 words->word[i]);
}
