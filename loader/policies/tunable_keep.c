// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "policies/tunable_keep.h"

/* An object that does not say what it begins with may have been told anything. */
static bool was_set(const struct tunable *tunable)
{
	return !tunable->has_initial || tunable->value != tunable->initial;
}

static bool is_among(const char *name, const struct word_list *words)
{
	char typed[TUNABLE_NAME_LEN];
	const char *value;

	for (int i = 0; i < words->nr; i++) {
		if (tunable_split(words->word[i], typed, sizeof(typed), &value) &&
		    !strcmp(typed, name))
			return true;
	}
	return false;
}

/* The width of a number is nobody's business as long as the value is in the range. */
static bool same_type(const struct tunable *a, const struct tunable *b)
{
	return a->is_bool == b->is_bool && a->is_signed == b->is_signed;
}

static enum rc out_of_range(const char *what, const char *old, const struct tunable *is,
			    const struct tunable *in)
{
	char value[24], range[64], todo[128];

	tunable_format(is, is->value, value, sizeof(value));
	tunable_format_range(in, range, sizeof(range));
	snprintf(todo, sizeof(todo), "give %s with --set %.40s", range, in->name);
	return report(RC_USAGE, what, in->name, todo,
		      "%s, as '%s' has it, is out of range for the new policy", value, old);
}

enum rc tunables_keep(const char *what, const char *old, const struct tunables *from,
		      const struct word_list *words, struct tunables *to,
		      struct tunables_kept *result)
{
	result->kept.nr = 0;
	result->lost.nr = 0;
	for (size_t i = 0; i < from->nr; i++) {
		const struct tunable *is = &from->tunable[i];
		const struct tunable *in = tunable_find(to, is->name);

		if (!was_set(is) || is_among(is->name, words))
			continue;
		if (!in || !same_type(is, in)) {
			result->lost.tunable[result->lost.nr++] = *is;
			continue;
		}
		if (!tunable_takes(in, is->value))
			return out_of_range(what, old, is, in);
		result->kept.tunable[result->kept.nr] = *in;
		result->kept.tunable[result->kept.nr++].value = is->value;
	}
	return RC_OK;
}
