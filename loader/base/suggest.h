/* SPDX-License-Identifier: GPL-2.0-only */
/* "Did you mean ...?"  Pure functions. */
#ifndef MAGE_BASE_SUGGEST_H
#define MAGE_BASE_SUGGEST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * How many typing mistakes (a letter too many, missing, wrong, or two
 * neighbours exchanged) lie between two names.
 */
unsigned int typing_distance(const char *a, const char *b);

/* The candidate nearest to what was typed, or NULL if none is near enough to be meant. */
const char *suggest(const char *typed, const char *const *candidates, size_t nr);

/* "did you mean NAME?" into @todo (@size bytes); false, and nothing there, without such a NAME. */
bool did_you_mean(char *todo, size_t size, const char *typed, const char *const *candidates,
		  size_t nr);

/* The same, or else @intro and all of them: "there are a, b, c". */
void did_you_mean_or_list(char *todo, size_t size, const char *intro, const char *typed,
			  const char *const *candidates, size_t nr);

#endif
