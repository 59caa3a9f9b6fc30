// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"

/* Longer names are compared by their beginnings: nobody mistypes a whole path. */
#define LONGEST 64

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int m = a < b ? a : b;

	return m < c ? m : c;
}

/* Optimal string alignment: Levenshtein's distance, and swapped neighbours count as one. */
unsigned int typing_distance(const char *a, const char *b)
{
	unsigned int rows[3][LONGEST + 1];
	unsigned int *before = rows[0], *last = rows[1], *row = rows[2];
	size_t la = strnlen(a, LONGEST), lb = strnlen(b, LONGEST);

	for (size_t j = 0; j <= lb; j++)
		last[j] = (unsigned int)j;
	for (size_t i = 1; i <= la; i++) {
		unsigned int *spare = before;

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned int wrong = a[i - 1] != b[j - 1];

			row[j] = min3(last[j] + 1, row[j - 1] + 1, last[j - 1] + wrong);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		before = last;
		last = row;
		row = spare;
	}
	return last[lb];
}

const char *suggest(const char *typed, const char *const *candidates, size_t nr)
{
	const char *best = NULL;
	unsigned int best_distance = 0;
	size_t len = strlen(typed);

	for (size_t i = 0; i < nr; i++) {
		unsigned int distance = typing_distance(typed, candidates[i]);

		/* The beginning of a longer name counts as nearly typed. */
		if (len >= 3 && !strncmp(candidates[i], typed, len))
			distance = 1;
		if (!best || distance < best_distance) {
			best = candidates[i];
			best_distance = distance;
		}
	}
	/* One mistake in three letters is a slip; more is another word. */
	return best && best_distance <= (len + 2) / 3 && best_distance < len ? best : NULL;
}

bool did_you_mean(char *todo, size_t size, const char *typed, const char *const *candidates,
		  size_t nr)
{
	const char *near = suggest(typed, candidates, nr);

	if (near)
		snprintf(todo, size, "did you mean %s?", near);
	return near;
}

void did_you_mean_or_list(char *todo, size_t size, const char *intro, const char *typed,
			  const char *const *candidates, size_t nr)
{
	size_t used;

	if (did_you_mean(todo, size, typed, candidates, nr))
		return;
	used = (size_t)snprintf(todo, size, "%s", intro);
	for (size_t i = 0; i < nr && used < size; i++)
		used += (size_t)snprintf(todo + used, size - used, "%s %s", i ? "," : "",
					 candidates[i]);
}
