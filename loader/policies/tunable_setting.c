// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/suggest.h"
#include "policies/tunable_setting.h"

static enum rc unknown(const char *what, const char *on, const char *name,
		       const struct tunables *tunables)
{
	const char *names[MOST_TUNABLES];
	char todo[512];

	for (size_t i = 0; i < tunables->nr; i++)
		names[i] = tunables->tunable[i].name;
	if (tunables->nr)
		did_you_mean_or_list(todo, sizeof(todo), "it has", name, names, tunables->nr);
	else
		snprintf(todo, sizeof(todo), "it has none at all");
	return report(RC_NOT_FOUND, what, on, todo, "no tunable '%s'", name);
}

static enum rc bad_value(const char *what, const struct tunable *tunable, const char *text,
			 enum tunable_result result)
{
	static const char *const why[] = {
		[TUNABLE_NO_NUMBER] = "is no number",
		[TUNABLE_NO_BOOL] = "is neither true nor false",
		[TUNABLE_OUT_OF_RANGE] = "is out of range",
	};
	char range[64], todo[80];

	tunable_format_range(tunable, range, sizeof(range));
	snprintf(todo, sizeof(todo), "give %s", range);
	return report(RC_USAGE, what, tunable->name, todo, "'%s' %s", text, why[result]);
}

static enum rc read_one(const char *what, const char *on, const char *word, bool running,
			struct tunables *tunables, struct setting *setting)
{
	char name[TUNABLE_NAME_LEN];
	enum tunable_result result;
	const char *text;

	if (!tunable_split(word, name, sizeof(name), &text))
		return report(RC_USAGE, what, word, "write NAME=VALUE", "sets nothing");
	setting->tunable = tunable_find(tunables, name);
	if (!setting->tunable)
		return unknown(what, on, name, tunables);
	if (running && setting->tunable->at_load_only)
		return report(RC_FAILED, what, name, "use 'mage policy swap' with --set",
			      "can be set only when the policy is loaded");
	result = tunable_parse(setting->tunable, text, &setting->value);
	if (result != TUNABLE_OK)
		return bad_value(what, setting->tunable, text, result);
	return RC_OK;
}

enum rc settings_read(const char *what, const char *on, const struct word_list *words, bool running,
		      struct tunables *tunables, struct setting *settings)
{
	enum rc rc = RC_OK;

	for (int i = 0; i < words->nr && !rc; i++)
		rc = read_one(what, on, words->word[i], running, tunables, &settings[i]);
	return rc;
}
